/* config: what the operator set: a file of `name = value` lines, `#` begins a comment. A name that
 * we do not know, a value that makes no sense or a name said twice (where once is meant) is refused
 * with its line, never guessed. */
#pragma once

#include "core/limits.h"
#include "core/operation.h"
#include "net/socket.h"

extern const struct fault CONFIG_LINE[1]; /* config_problem: line number, and what is wrong */

/* Everything has a default but `data`. Texts lie in the arena and end with a NUL. */
struct config {
    struct bytes data; /* data = /var/lib/coffer */
    struct bytes
        certificate; /* certificate = FILE: PEM chain; required unless the folder is dev's */
    struct bytes private_key; /* private_key = FILE: PEM, mode 0600 */
    struct bytes
        key_file;       /* key_file = FILE: opens the root key; absent: a passphrase is asked for */
    struct bytes audit; /* audit = written | strict */
    struct bytes admin_group; /* admin_group = NAME: may use the admin socket; absent: our uid and
                                 root alone */
    struct bytes
        audit_group;      /* audit_group = NAME: may read the journal; absent: our uid and root */
    struct bytes confine; /* confine = auto | require | off: the fences of server/confine.h */
    struct bytes lists;   /* lists = all | described: of what a caller may describe alone */
    struct texts regions; /* region = NAME, repeated; absent: the one of `coffer init` */

    struct {
        const struct address *at;
        size_t n;
    } listen; /* listen = ADDR:PORT, repeated; 127.0.0.1:8443 */
    struct {
        const struct address *at;
        size_t n;
    } listen_proxied;            /* listen_proxied = ADDR:PORT, repeated: behind a balancer */
    struct address_ranges proxy; /* proxy = ADDR or ADDR/BITS, repeated: the balancers */
    struct address watch; /* watch = ADDR:PORT, for /healthz, /readyz, /metrics; 127.0.0.1:8444;
                             loopback only */
    int64_t workers;      /* workers = N; 0: one per core */
    int64_t map_gib;      /* map_gib = N: the most that the store may hold; 1024 */
    int64_t connections;  /* connections = N: of the server; 10000 */
    int64_t connections_per_address;
    int64_t handshakes_per_second; /* of one address; 200 */
    int64_t idle_seconds;          /* a connection without a request; 60 */

    /* journal_days = N: the journal's closed segments are deleted when they are so old; 400; 0:
     * never */
    int64_t journal_days;

    /* versions_kept = N, of a secret, when a new one comes: the oldest without a label go first,
     * however young; 0: as AWS, 100, of which only those older than a day may go. */
    int64_t versions_kept;

    /* secret_tags = N and the like, by the names of core/limits.c: only upward from AWS's
     * figures. */
    struct limits limits;

    /* rate_per_principal = N, rate_per_account = N: requests a second, of which each loop gives out
     * an equal part; beyond it ThrottlingException. 30000, 100000; 0: no bound. */
    int64_t rate_per_principal, rate_per_account;

    /* account_secrets = N (of a region), account_records = N, account_mib = N: what an account may
     * have in the store, beyond it LimitExceededException. 500000, 0, 0; 0: no bound. */
    int64_t account_secrets, account_records, account_mib;

    /* Set by `coffer dev` alone; no file can say them. */
    bool dev, plain;
    struct texts hosts; /* Host names answered to, beside loopback's own */

    gid_t admin_gid, audit_gid; /* looked up from the groups by confine(); SOCKET_NO_GROUP */
};

/* What was wrong, for the operator: the line number (0: the file as a whole) and a sentence. */
struct config_problem {
    int line;
    struct bytes name;
    const char *what;
};

void config_defaults(struct config *);
fallible config_read(struct arena *, struct bytes text, struct config *, struct config_problem *);
