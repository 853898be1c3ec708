/* operation: one thing that Coffer can do, declared. The row says everything that the machinery
 * around the function has to know; the function does only the thing itself. */
#pragma once

#include "base/sensitive.h"
#include "store/store.h"

struct principal;
struct resource;
struct worker;
struct note;
struct call;

/* What a member or a sentence is filled from: a short list of texts. */
#define LIST_OF(el)          \
    {                        \
        const struct el *at; \
        size_t n;            \
    }
struct texts LIST_OF(bytes);
struct pairs LIST_OF(pair);

/* Where a request came from; facts of the listener and the socket, never of a header. */
struct origin {
    struct bytes address;                 /* "127.0.0.1"; empty for what Coffer does by itself */
    struct bytes tls_version, tls_cipher; /* "TLSv1.3", "TLS_AES_..."; empty without TLS */
    struct bytes host;                    /* the Host that the client asked for */
    struct bytes user_agent;
};

/* How the wire speaks of a request, for the journal, as CloudTrail does, and of a fault that is
 * told within a reply. Set by wire/ before perform; source and name empty, error_code and said
 * NULL: then the operation's own name and the fault's. */
struct audit_words {
    struct bytes source, name; /* "secretsmanager.amazonaws.com", "GetSecretValue" */
    /* Of a fault, "ResourceNotFoundException"; `ctx` is the pointer beside it. */
    struct bytes (*error_code)(const void *ctx, const struct fault *);
    /* Its sentence, with the call's own words. */
    struct bytes (*said)(const struct call *, const void *ctx, const struct fault *);
    const void *ctx;
};

/* call: one request in flight. It lies in its arena, as does all that it points to, except `who`
 * (borrowed from the thread's cache while the call runs on that thread; NULL from a hand-over on)
 * and `worker`. */
struct call {
    struct arena *arena;
    struct worker *worker; /* the thread that runs it now: store, keeper, caches (core/worker.h) */
    struct txn *txn;       /* the one snapshot; set by call_begin */

    const struct principal *who;
    struct bytes credential;         /* the access key id that finds `who` again on a re-run */
    struct bytes token;              /* and the session token that came with it; empty: none */
    const struct principal *peer;    /* or: made for this call (admin socket, Coffer itself) */
    struct bytes partition, account; /* "aws", "123456789012": of the resources asked for */
    struct bytes region, service;    /* of the signature's scope */
    struct bytes via;                /* the service on whose behalf it asks; empty: none */
    struct origin origin;

    /* The signature of a change that nothing else tells from its repetition; at NULL: none. */
    struct bytes once;

    int64_t now;     /* ms; one clock reading for the whole request */
    struct bytes id; /* the request id that reply, log and audit share: a time-ordered UUID */

    /* Words for the reply, beside the fault: the subjects that fill the {} of the fault's sentence,
     * or a whole sentence. */
    struct texts subjects;
    struct bytes detail;

    struct audit_words words;
    const struct operation *operation; /* that is judged or run, and what it is given */
    const void *in;
    const void *out;    /* what an operation gave, once it ran well: for its record alone */
    struct note *notes; /* the records of this request, newest first (core/audit) */
    bool within;        /* an operation runs inside another one: perform's */

    /* What `locate` loaded, so that `run` need not open it again. Perform empties it before each
     * locate. */
    void *located;
};

/* return why(c, SECRET_EXISTS, name); the subjects fill the {} in the fault's text, in order. */
#define why(c, fault, ...)                                       \
    why_about((c), (fault), (const struct bytes[]){__VA_ARGS__}, \
              sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes))
fallible why_about(struct call *, const struct fault *, const struct bytes subjects[], size_t n);

/* return why_said(c, WIRE_BOUNDS, sentence): a finished sentence, from the arena. */
fallible why_said(struct call *, const struct fault *, struct bytes sentence);

/* What `in` and `out` structs are made of. Everywhere zero means "not said": what is not there is
 * at == NULL, an empty one has n == 0; a choice starts at 1; what may be 0 and may be absent is a
 * `maybe`. */
struct moment {
    int64_t ms; /* since 1970; 0: never said */
};
struct maybe_int {
    int64_t value;
    bool said;
};
struct maybe_bool {
    bool value, said;
};

/* clang-format off */
enum kind {
    KIND_TEXT = 1, KIND_SENSITIVE, KIND_INT, KIND_BOOL, KIND_MAYBE_INT, KIND_MAYBE_BOOL, KIND_TIME,
    KIND_CHOICE, /* an enum; the row brings the words */
    KIND_LIST,   /* LIST_OF; the row brings the rows of one element */
    KIND_GROUP,  /* no member: rows about the same struct, nested only on the wire */
};
struct member {
    enum kind kind;
    uint32_t offset;
};

/* What an operation gives back that has nothing to say. */
struct nothing {
    bool none;
};

/* What a list looks like to those who do not know its element. */
struct list {
    void *at;
    size_t n;
};

#define THE(T, m) (((struct T *)0)->m)
#define KIND_OF(T, m) _Generic(THE(T, m), \
    struct bytes: KIND_TEXT, struct sensitive *: KIND_SENSITIVE, int64_t: KIND_INT, bool: KIND_BOOL, \
    struct maybe_int: KIND_MAYBE_INT, struct maybe_bool: KIND_MAYBE_BOOL, struct moment: KIND_TIME)
#define AT(T, m)              .offset = offsetof(struct T, m)
#define MEMBER(T, m)          {.kind = KIND_OF(T, m), AT(T, m)}
/* Here the kind cannot be found from the type alone, so the row says the element and _Generic holds it to that. */
#define LIST_MEMBER(T, m, el) {.kind = _Generic(THE(T, m).at, const struct el *: KIND_LIST), AT(T, m)}
#define ENUM_MEMBER(T, m, e)  {.kind = _Generic(THE(T, m), enum e: KIND_CHOICE), AT(T, m)}

/* For the audit record: no line for a sensitive value, so one does not compile. */
#define AUDIT_KIND(T, m) _Generic(THE(T, m), struct bytes: KIND_TEXT, int64_t: KIND_INT, bool: KIND_BOOL, \
    struct maybe_int: KIND_MAYBE_INT, struct maybe_bool: KIND_MAYBE_BOOL, struct moment: KIND_TIME, \
    struct texts: KIND_LIST, struct pairs: KIND_LIST)
#define AUDIT_EACH(T, m) _Generic(THE(T, m), struct texts: AUDIT_TEXTS, struct pairs: AUDIT_PAIRS, default: AUDIT_ONE)
enum audit_each { AUDIT_ONE, AUDIT_TEXTS, AUDIT_PAIRS };
struct audited {
    const char *name;
    struct member member;
    enum audit_each each; /* of a KIND_LIST */
};
#define AUDITED(T, m, as) {.name = (as), .member = {.kind = AUDIT_KIND(T, m), AT(T, m)}, .each = AUDIT_EACH(T, m)}
/* clang-format on */

enum operation_mode { OPERATION_READS, OPERATION_WRITES };

extern const struct fault DENIED[1]; /* core/authorise.c: the one refusal of policy */

struct operation {
    const char *name;   /* "secret.restore": logs, metrics, the native protocol */
    const char *action; /* what a policy calls it */
    enum operation_mode mode;
    size_t in_size, out_size;
    const struct audited *audit; /* the members of `in` that the record keeps; ended by {0} */
    const struct audited *told;  /* of a change: those of `out`, ids only; NULL: none */
    bool local;                  /* only over the admin socket or by Coffer itself */
    bool open;     /* no principal needed; a test holds the list of these rows (none so far) */
    bool unjudged; /* whoever is recognised may, whatever policies say; a test holds the list */

    /* The resource that `in` speaks of: its ARN, tags and own policy. Runs before authorisation;
     * what it finds absent is revealed only to a caller who may know. */
    fallible (*locate)(struct call *, const void *in, struct resource *);
    fallible (*run)(struct call *, const void *in, void *out);
};
