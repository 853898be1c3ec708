/* root: the root key at rest: made once by `coffer init`, sealed by a passphrase or by a key file.
 * The sealed form is a text of a few lines that names its method, so that others (shares, PKCS#11,
 * TPM) can stand beside these two. */
#pragma once

#include "crypto/password.h"
#include "keeper/local.h"

enum root_method {
    ROOT_BY_PASSPHRASE = 1, /* Argon2id over what a person types */
    ROOT_BY_KEY_FILE,       /* exactly 32 random bytes */
};

enum { ROOT_STORE_ID = 16, ROOT_PASSPHRASE_MOST = 1024, ROOT_FILE_MOST = 4096 };

extern const struct fault ROOT_WRONG[1];      /* wrong passphrase or key file, or an altered seal */
extern const struct fault ROOT_MALFORMED[1];  /* no seal that this build opens; it may be newer */
extern const struct fault ROOT_KEY_FILE[1];   /* a key file is exactly 32 bytes */
extern const struct fault ROOT_PASSPHRASE[1]; /* empty or over ROOT_PASSPHRASE_MOST bytes */

/* What opens it. The cost is used when sealing; opening goes by the one that the seal names. */
struct root_opener {
    enum root_method method;
    struct sensitive_view secret;
    struct password_cost cost; /* all zero: PASSWORD_USUAL */
};

/* Which data folder it is. Authenticated by the seal: altered, the root does not open. */
struct root_house {
    struct bytes store;   /* ROOT_STORE_ID random bytes */
    struct bytes account; /* the account of `coffer init` */
    struct bytes region;  /* and its region */
    bool dev;             /* a folder of `coffer dev`: throw-away, with its key beside it */
};

/* A seal as read: slices of its text, numbers decoded into the arena. */
struct root_sealed {
    struct root_house house;
    uint32_t generation;
    enum root_method method;
    struct bytes salt;
    struct password_cost cost;
    struct bytes sealed;
};

/* 32 bytes from getrandom(2), in the keys region. */
fallible root_make(struct arena *, struct sensitive **root);

/* Its sealed text, for a file of mode 0600. */
fallible root_seal(struct arena *, const struct root_house *, uint32_t generation,
                   struct sensitive_view root, const struct root_opener *, struct bytes *text);

/* Reads the text; opens nothing. */
fallible root_read(struct arena *, struct bytes text, struct root_sealed *);

/* Blocks for about a second by passphrase. */
fallible root_unseal(struct arena *, const struct root_sealed *, const struct root_opener *,
                     struct sensitive **root);
