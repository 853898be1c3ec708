/* kdf: keys from a key, by NIST SP 800-108 in counter mode with HMAC-SHA-256. */
#pragma once

#include "base/sensitive.h"

enum { KDF_KEY = 32 };

/* The 32-byte key that `label` names, for `context` (an account, a generation; may be empty), in
 * the keys region. Different labels or contexts give unrelated keys; the label holds no NUL. `key`
 * is a key, not a passphrase: those go through password_stretch. */
fallible kdf_derive(struct arena *, struct sensitive_view key, struct bytes label,
                    struct bytes context, struct sensitive **out);
