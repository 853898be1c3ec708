/* keeper: the only holder of key bytes in the clear. It owns no store and no socket to the world:
 * it is handed wrapped keys and hands back results. It is a struct in the same process (keeper_local) or
 * another process behind a socket pair (keeper_connect). */
#pragma once

#include "base/sensitive.h"

enum key_kind {
    KEY_AES_256,
    KEY_HMAC_256,
    KEY_RSA_2048,
    KEY_RSA_3072,
    KEY_RSA_4096,
    KEY_P256,
    KEY_P384
};
enum sign_scheme { SIGN_PSS_SHA256, SIGN_PKCS1_SHA256, SIGN_ECDSA_SHA256, SIGN_ECDSA_SHA384 };

struct keeper {
    const struct keeper_class *class; /* first member of every keeper */
};

extern const struct fault KEEPER_SEALED[1];  /* no root key yet */
extern const struct fault KEEPER_REFUSED[1]; /* wrong key, wrong context, or altered ciphertext */

struct wrapped { /* a key under the root key; safe to store */
    enum key_kind kind;
    struct bytes blob;
};

/* `bound` ties a result to its place (key id, version, encryption context): it is authenticated,
 * not stored, and has to be given again. Results are taken from the arena. */
struct keeper_class {
    const char *name;
    fallible (*make)(struct keeper *, struct arena *, enum key_kind, struct bytes bound,
                     struct wrapped *, struct bytes *public);
    fallible (*admit)(struct keeper *, struct arena *, enum key_kind, struct bytes bound,
                      struct sensitive_view key, struct wrapped *);
    fallible (*seal)(struct keeper *, struct arena *, const struct wrapped *, struct bytes bound,
                     struct sensitive_view plain, struct bytes *sealed);
    fallible (*open)(struct keeper *, struct arena *, const struct wrapped *, struct bytes bound,
                     struct bytes sealed, struct sensitive **plain);
    fallible (*sign)(struct keeper *, struct arena *, const struct wrapped *, enum sign_scheme,
                     struct bytes digest, struct bytes *signature);
    fallible (*mac)(struct keeper *, struct arena *, const struct wrapped *, struct bytes message,
                    struct bytes *tag);
    /* The signing key of one scope (AWS: a day, a region, a service) from an access key. */
    fallible (*derive)(struct keeper *, struct arena *, const struct wrapped *, struct bytes scope,
                       struct sensitive **key);
};

fallible keeper_local(struct arena *, struct sensitive_view root, struct keeper **);
fallible keeper_connect(struct arena *, int fd, struct keeper **);
