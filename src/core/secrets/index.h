/* index: the rows by which secrets are listed without opening them all. They are written in the
 * transaction that changes the secret, so a snapshot has both or neither. A row's key holds names
 * and times in clear, of a tag only a code under the account's index key (SECURITY 24); the tag's
 * text lies sealed in the row.
 *
 *   x<account><region>n<name>                    the time of creation
 *                     c<created><name>
 *                     m<changed><name>
 *                     a<day of the last access, or 0><name>
 *                     k<code of a tag's key><created><name>     sealed: the key
 *                     v<code of a tag's value><created><name>   sealed: the value
 *
 * For this folder and the inventory alone. */
#pragma once

#include "core/secrets/secret.h"

enum order { ORDER_NAME = 1, ORDER_CREATED, ORDER_CHANGED, ORDER_ACCESSED };
enum tag_part { TAG_KEY = 'k', TAG_VALUE = 'v' };

/* A secret's place in an order. The tail is the end of its record's key, behind account and region:
 * the name, followed by a NUL (or, of a very long one, its beginning and a code). */
struct spot {
    int64_t value; /* the time; by name: that of its creation, which does not count */
    struct bytes tail;
};

/* What of a secret stands in the index, as it was before a change; zero: it is new. */
struct indexed {
    int64_t created, changed;
    struct pairs tags;
};

fallible index_save(struct call *, const struct secret *, const struct indexed *was);
fallible index_drop(struct call *, const struct secret *, const struct indexed *was);

/* The keys of all its rows but that of its last access, which two workers may leave twice: for who
 * checks. Account and region are the call's. */
typedef void index_key_fn(void *ctx, struct bytes key);
fallible index_keys(struct call *, const struct secret *, index_key_fn *, void *ctx);

bool index_is_last_access(struct bytes key); /* of a row's whole key: it is such a one */

/* The mark of a secret's last use moved (core/marks.h); `thing` is the key of its record. */
fallible index_used(struct call *, struct bytes thing, struct moment before, struct moment now);

/* A list's rows begin so: of an order in the call's account and region; of a tag's code there. */
enum { TAG_CODE = 16 };
fallible index_list(struct call *, enum order, struct bytes *head);
fallible index_tags(struct call *, enum tag_part, struct bytes *head); /* codes follow */

/* What a row says: of its key what follows the head, and its value. False: it is too short. */
bool index_spot(enum order, struct bytes rest, struct bytes value, struct spot *);
/* `head` and the spot, as a row has them. */
fallible index_row(struct call *, enum order, struct bytes head, const struct spot *,
                   struct bytes *);

/* The text of a tag's row. */
fallible index_tag_text(struct call *, struct bytes row, struct bytes sealed, struct bytes *text);

/* The key of a row that comes from under another root: a tag's has the code that this house's
 * keeper gives to the text in `body` (of account call->account), any other stays. */
fallible index_carry(struct call *, struct bytes row, struct bytes body, struct bytes *fresh);

/* The key of a spot's record. */
fallible index_record(struct call *, struct bytes tail, struct bytes *key);
