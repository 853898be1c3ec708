/* cbor: deterministic CBOR (RFC 8949, 4.2), as records use it: integers, bytes, text, arrays, maps, booleans, null; shortest
 * forms, definite lengths, map keys whole numbers in rising order. The reader refuses everything else. */
#pragma once

#include "base/buf.h"

extern const struct fault CBOR_MALFORMED[1]; /* not CBOR, or not its deterministic form, or not what was expected */

enum { CBOR_DEPTH = 16 };

/* --- writing; who opens a map or array says how much is in it --- */

void cbor_add_int(struct buf *, int64_t);
void cbor_add_bytes(struct buf *, struct bytes);
void cbor_add_text(struct buf *, struct bytes utf8);
void cbor_add_bool(struct buf *, bool);
void cbor_add_null(struct buf *);
void cbor_open_array(struct buf *, size_t items);
void cbor_open_map(struct buf *, size_t members);
void cbor_add_key(struct buf *, int64_t key);
void cbor_add_raw(struct buf *, struct bytes item); /* one item, verbatim: an unknown member on its way through */

/* --- reading: *rest moves past what was taken; on a fault it is where it was --- */

fallible cbor_int(struct bytes *rest, int64_t *out);
fallible cbor_bytes(struct bytes *rest, struct bytes *out); /* a slice */
fallible cbor_text(struct bytes *rest, struct bytes *out);  /* a slice, valid UTF-8 */
fallible cbor_bool(struct bytes *rest, bool *out);
fallible cbor_array(struct bytes *rest, size_t *items);
fallible cbor_map(struct bytes *rest, size_t *members);

/* Any one item, whole and well-formed, verbatim. */
fallible cbor_item(struct bytes *rest, struct bytes *out);

/* A map of which the caller knows some keys: called once for each member in order, after cbor_map gave `members`. `value` is
 * the member's item, verbatim; keys that do not rise are refused. */
fallible cbor_member(struct bytes *rest, int64_t *last_key, int64_t *key, struct bytes *value);
