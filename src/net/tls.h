/* tls: TLS 1.3 and 1.2 between memory and memory. It has no socket: ciphertext goes in and out of a
 * tls_pipe.
 *
 * TLS 1.3, with 1.2 as the floor (ECDHE and AEAD only); X25519 and P-256; no renegotiation, no
 * compression, no early data, no session cache. Sessions are resumed by tickets under keys of our
 * own in the key region: a new one each hour, the one before it still opens. Private key bytes are
 * allocated in the key region. `struct tls` is shared by all threads; a session belongs to one
 * thread. */
#pragma once

#include "base/sensitive.h"
#include "crypto/certificate_look.h"

struct tls;
struct tls_session;

/* clang-format off */
extern const struct fault TLS_CERTIFICATE[1]; /* certificate or key cannot be read, or do not belong together */
extern const struct fault TLS_BROKEN[1]; /* the peer's bytes are no TLS that we speak; an alert may be in the pipe */
extern const struct fault TLS_FULL[1]; /* no memory, or more ciphertext waits than TLS_WAITING */
/* clang-format on */

enum { TLS_WAITING = 4 * 1024 * 1024, TLS_RECORD = 16 * 1024 };

/* Certificate chain and private key as PEM, already read from their files (a caller wipes the
 * key's). */
fallible tls_open(struct bytes chain, struct sensitive_view key, struct tls **out);

/* New connections get the new pair; open ones and tickets stay. On a fault everything stays as it
 * was. */
fallible tls_reload(struct tls *, struct bytes chain, struct sensitive_view key);

/* What stands in the certificate that new connections get (crypto/certificate_look.h). */
fallible tls_look(struct tls *, const char *host, struct certificate_facts *);

/* A new ticket key is made when the newest is an hour old: to be called now and then from one
 * thread. */
fallible tls_rotate(struct tls *);

void tls_close(struct tls *); /* once no session is left */

/* Ciphertext on its way. `in` is taken from its front by the session; to `out` it adds, as far as
 * TLS_WAITING. One pipe a thread is enough: what is left in it belongs to the session it was used
 * with. */
struct tls_pipe {
    struct bytes in;
    uint8_t *out;
    size_t out_n, out_room;
};
fallible tls_pipe_open(struct tls_pipe *);
void tls_pipe_close(struct tls_pipe *);
fallible tls_pipe_add(struct tls_pipe *, struct bytes); /* to `out` */

fallible tls_session_open(struct tls *, struct tls_session **out);
void tls_session_close(struct tls_session *); /* NULL is fine; sends nothing */

/* Goes on with the handshake; *done once it is over. */
fallible tls_handshake(struct tls_session *, struct tls_pipe *, bool *done);

/* Plaintext into `to`; *n is 0 when more ciphertext is needed first, or, with *ended, when the peer
 * has said goodbye. */
struct tls_room {
    uint8_t *at;
    size_t n;
};
fallible tls_read(struct tls_session *, struct tls_pipe *, struct tls_room to, size_t *n,
                  bool *ended);

/* Everything, encrypted at once into pipe->out. */
fallible tls_write(struct tls_session *, struct tls_pipe *, struct bytes);

/* Says goodbye (close_notify) into the pipe. */
void tls_end(struct tls_session *, struct tls_pipe *);

/* Plaintext, or part of a record, lies ready inside: tls_read is worth a call without more
 * ciphertext. */
bool tls_pending(const struct tls_session *);

/* Gives back the 34 KiB that a session holds for records; it takes them again when it needs them.
 * For who is idle: each time would cost a microsecond of wiping. */
void tls_rest(struct tls_session *);

bool tls_resumed(const struct tls_session *);
struct bytes tls_version(const struct tls_session *); /* "TLSv1.3" */
struct bytes tls_cipher(const struct tls_session *);
