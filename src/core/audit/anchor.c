/* anchor: one small record. */
#include "core/audit/anchor.h"

#include "codec/cbor.h"

#include <string.h>

enum { SEQUENCE = 1, CHAIN, COMMIT, TIME, ANCHOR_ROOM = 96 };

static fallible read_body(struct bytes body, struct journal_anchor *anchor)
{
    struct cbor_walk walk;
    struct bytes chain = {0};
    uint64_t time = 0;

    TRY(cbor_walk_open(&body, &walk));
    while (cbor_walk_next(&walk)) {
        if (walk.key == SEQUENCE)
            TRY(cbor_take_uint(&walk.value, &anchor->sequence));
        else if (walk.key == CHAIN)
            TRY(cbor_take_bytes(&walk.value, &chain));
        else if (walk.key == COMMIT)
            TRY(cbor_take_uint(&walk.value, &anchor->commit));
        else if (walk.key == TIME)
            TRY(cbor_take_uint(&walk.value, &time));
    }
    ENSURE(chain.n == sizeof anchor->chain, RECORD_DAMAGED);
    memcpy(anchor->chain, chain.at, chain.n);
    anchor->time = (int64_t)time;
    return OK;
}

fallible anchor_load(struct call *c, struct journal_anchor *anchor)
{
    struct bytes key, body;
    const struct fault *fault;

    *anchor = (struct journal_anchor){0};
    TRY(record_key(c->arena, TABLE_ANCHOR, NULL, 0, &key));
    fault = record_load(c, LIT(""), key, &body);
    if (fault == STORE_ABSENT)
        return OK;
    TRY(fault);
    return read_body(body, anchor);
}

fallible anchor_save(struct call *c, const struct journal_anchor *anchor)
{
    struct buf b = buf_open(c->arena, ANCHOR_ROOM);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes key, body;

    cbor_put_uint(cbor_map_key(&map, SEQUENCE), anchor->sequence);
    cbor_put_bytes(cbor_map_key(&map, CHAIN), (struct bytes){anchor->chain, sizeof anchor->chain});
    cbor_put_uint(cbor_map_key(&map, COMMIT), anchor->commit);
    cbor_put_uint(cbor_map_key(&map, TIME), (uint64_t)anchor->time);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(record_key(c->arena, TABLE_ANCHOR, NULL, 0, &key));
    return record_save(c, LIT(""), key, body);
}
