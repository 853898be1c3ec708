/* kdf: one block of SP 800-108: number of the block, label, NUL, context, length in bits. */
#include "crypto/kdf.h"

#include "crypto/digest.h"

fallible kdf_derive(struct arena *arena, struct sensitive_view key, struct bytes label,
                    struct bytes context, struct sensitive **out)
{
    static const uint8_t first[4] = {0, 0, 0, 1}, bits[4] = {0, 0, 1, 0}; /* 256 */
    struct mac mac;

    TRY(sensitive_new_key(arena, KDF_KEY, out));
    mac_begin(&mac, key);
    mac_more(&mac, (struct bytes){first, sizeof(first)});
    mac_more(&mac, label);
    mac_more(&mac, (struct bytes){first, 1}); /* NUL */
    mac_more(&mac, context);
    mac_more(&mac, (struct bytes){bits, sizeof(bits)});
    mac_end(&mac, sensitive_fill(*out));
    return OK;
}
