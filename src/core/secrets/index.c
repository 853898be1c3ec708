/* index: a row is a head (account, region, which list), a time and a tail; all of it is made from
 * the key of the secret's record. */
#include "core/secrets/index.h"

#include "core/fields.h"
#include "core/marks.h"
#include "core/record.h"
#include "core/worker.h"
#include "crypto/digest.h"
#include "keeper/keeper.h"

#include <string.h>

enum { TIME = 8, TEXT = 1, TEXT_BESIDE = 16 };

static const uint8_t letter_of[] = {
    [ORDER_NAME] = 'n', [ORDER_CREATED] = 'c', [ORDER_CHANGED] = 'm', [ORDER_ACCESSED] = 'a'};

static void put_time(struct buf *b, int64_t ms)
{
    uint8_t room[TIME];

    buf_add(b, bound_number(room, (uint64_t)ms));
}

static int64_t take_time(const uint8_t *at)
{
    uint64_t ms = 0;

    for (int i = 0; i < TIME; i++)
        ms = ms << 8 | at[i];
    return (int64_t)ms;
}

/* --- heads and rows --- */

/* A record's key: letter, account and region (with their ends), tail. */
static struct bytes place_of(struct bytes key, struct bytes *tail)
{
    struct bytes part;

    *tail = bytes_after(key, 1);
    for (int i = 0; i < 2; i++)
        if (!bytes_cut(tail, 0, &part))
            return (struct bytes){0};
    return (struct bytes){key.at + 1, key.n - 1 - tail->n};
}

static fallible head_at(struct call *c, struct bytes place, uint8_t letter, struct bytes *head)
{
    struct buf b = buf_open(c->arena, place.n + 2);

    ENSURE(place.n != 0, RECORD_KEY);
    buf_add_byte(&b, (uint8_t)TABLE_LISTED);
    buf_add(&b, place);
    buf_add_byte(&b, letter);
    return buf_done(&b, head);
}

static fallible head_here(struct call *c, uint8_t letter, struct bytes *head)
{
    const struct bytes parts[] = {c->account, c->region};
    struct bytes key, tail;

    TRY(record_key(c->arena, TABLE_LISTED, parts, 2, &key));
    return head_at(c, place_of(key, &tail), letter, head);
}

fallible index_list(struct call *c, enum order order, struct bytes *head)
{
    return head_here(c, letter_of[order], head);
}

fallible index_tags(struct call *c, enum tag_part part, struct bytes *head)
{
    return head_here(c, (uint8_t)part, head);
}

fallible index_row(struct call *c, enum order order, struct bytes head, const struct spot *spot,
                   struct bytes *row)
{
    struct buf b = buf_open(c->arena, head.n + TIME + spot->tail.n + 1);

    buf_add(&b, head);
    if (order != ORDER_NAME)
        put_time(&b, spot->value);
    buf_add(&b, spot->tail);
    return buf_done(&b, row);
}

bool index_spot(enum order order, struct bytes rest, struct bytes value, struct spot *spot)
{
    const bool by_name = order == ORDER_NAME;
    const struct bytes time = by_name ? value : rest;

    if (time.n < TIME || rest.n <= (by_name ? 0 : TIME))
        return false;
    spot->value = take_time(time.at);
    spot->tail = by_name ? rest : bytes_after(rest, TIME);
    return true;
}

fallible index_record(struct call *c, struct bytes tail, struct bytes *key)
{
    const struct bytes parts[] = {c->account, c->region};
    struct bytes head;
    struct buf b;

    TRY(record_key(c->arena, TABLE_SECRET, parts, 2, &head));
    b = buf_open(c->arena, head.n + tail.n);
    buf_add(&b, head);
    buf_add(&b, tail);
    return buf_done(&b, key);
}

/* --- orders --- */

static fallible order_row(struct call *c, struct bytes key, enum order order, int64_t value,
                          struct bytes *row)
{
    struct spot spot = {.value = value};
    const struct bytes place = place_of(key, &spot.tail);
    struct bytes head;

    TRY(head_at(c, place, letter_of[order], &head));
    return index_row(c, order, head, &spot, row);
}

static fallible order_put(struct call *c, struct bytes key, enum order order, int64_t value)
{
    uint8_t room[TIME];
    struct bytes row;

    TRY(order_row(c, key, order, value, &row));
    return txn_put(c->txn, row,
                   order == ORDER_NAME ? bound_number(room, (uint64_t)value) : LIT(""));
}

static fallible order_drop(struct call *c, struct bytes key, enum order order, int64_t value)
{
    struct bytes row;

    TRY(order_row(c, key, order, value, &row));
    return txn_drop(c->txn, row);
}

fallible index_used(struct call *c, struct bytes thing, struct moment before, struct moment now)
{
    TRY(order_drop(c, thing, ORDER_ACCESSED, before.ms));
    return order_put(c, thing, ORDER_ACCESSED, now.ms);
}

/* --- tags --- */

static struct bytes part_of(const struct pair *tag, enum tag_part part)
{
    return part == TAG_KEY ? tag->name : tag->value;
}

static bool among(struct pairs tags, size_t n, enum tag_part part, struct bytes text)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_same(part_of(&tags.at[i], part), text))
            return true;
    return false;
}

struct tagging { /* a secret whose tags' rows are written, dropped or told */
    struct call *call;
    struct bytes place;
    struct spot spot;
    struct sensitive *key; /* of the account's index; lent when the first is wanted */
    bool drop;
    index_key_fn *tell; /* else NULL */
    void *ctx;
};

static fallible code_of(struct tagging *t, enum tag_part part, struct bytes text,
                        uint8_t code[DIGEST_SIZE])
{
    const struct house *house = t->call->worker->house;
    const uint8_t letter = (uint8_t)part;
    struct mac mac;

    if (t->key == NULL)
        TRY(keeper_lend(house->keeper, t->call->arena, LENT_INDEX, 0, t->call->account, &t->key));
    mac_begin(&mac, sensitive_view(t->key));
    mac_more(&mac, t->place);
    mac_more(&mac, (struct bytes){&letter, 1});
    mac_more(&mac, text);
    mac_end(&mac, code);
    return OK;
}

static fallible tag_save(struct call *c, struct bytes row, struct bytes text)
{
    struct buf b = buf_open(c->arena, text.n + TEXT_BESIDE);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes body;

    cbor_put_text(cbor_map_key(&map, TEXT), text);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    return record_save(c, c->account, row, body);
}

static fallible tag_one(struct tagging *t, enum tag_part part, struct bytes text)
{
    struct call *c = t->call;
    uint8_t code[DIGEST_SIZE];
    struct bytes head, row;
    struct buf b;

    TRY(code_of(t, part, text, code));
    TRY(head_at(c, t->place, (uint8_t)part, &head));
    b = buf_open(c->arena, head.n + TAG_CODE);
    buf_add(&b, head);
    buf_add(&b, (struct bytes){code, TAG_CODE});
    TRY(buf_done(&b, &head));
    TRY(index_row(c, ORDER_CREATED, head, &t->spot, &row));
    if (t->tell != NULL) {
        t->tell(t->ctx, row);
        return OK;
    }
    return t->drop ? txn_drop(c->txn, row) : tag_save(c, row, text);
}

/* Each text of `tags` once, unless it is one of the others', too. */
static fallible tag_all(struct tagging *t, struct pairs tags, struct pairs others)
{
    static const enum tag_part parts[] = {TAG_KEY, TAG_VALUE};

    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < tags.n; i++) {
            const struct bytes text = part_of(&tags.at[i], parts[p]);

            if (!among(others, others.n, parts[p], text) && !among(tags, i, parts[p], text))
                TRY(tag_one(t, parts[p], text));
        }
    }
    return OK;
}

static fallible tags_move(struct call *c, const struct secret *secret, struct pairs from,
                          struct pairs to)
{
    struct tagging t = {.call = c, .spot = {.value = secret->created}, .drop = true};

    t.place = place_of(secret->key, &t.spot.tail);
    TRY(tag_all(&t, from, to));
    t.drop = false;
    return tag_all(&t, to, from);
}

fallible index_tag_text(struct call *c, struct bytes row, struct bytes sealed, struct bytes *text)
{
    struct bytes body;
    struct fields f;

    TRY(record_open(c, c->account, row, sealed, &body));
    f = fields_of(body);
    *text = fields_text(&f, TEXT);
    return fields_end(&f);
}

/* A row's place is what stands between its letter and the list's; the code follows. */
static bool is_tag_row(struct bytes row, struct tagging *t, enum tag_part *part)
{
    struct bytes rest;

    if (row.n == 0 || row.at[0] != TABLE_LISTED)
        return false;
    t->place = place_of(row, &rest);
    if (t->place.n == 0 || rest.n <= 1 + TAG_CODE ||
        (rest.at[0] != TAG_KEY && rest.at[0] != TAG_VALUE))
        return false;
    *part = (enum tag_part)rest.at[0];
    return true;
}

fallible index_carry(struct call *c, struct bytes row, struct bytes body, struct bytes *fresh)
{
    struct tagging t = {.call = c};
    struct fields f = fields_of(body);
    uint8_t code[DIGEST_SIZE], *at;
    enum tag_part part;
    struct bytes text;

    *fresh = row;
    if (!is_tag_row(row, &t, &part))
        return OK;
    text = fields_text(&f, TEXT);
    TRY(fields_end(&f));
    TRY(code_of(&t, part, text, code));
    *fresh = arena_copy(c->arena, row);
    ENSURE(fresh->at != NULL, ARENA_SPENT);
    at = (uint8_t *)fresh->at + 1 + t.place.n + 1;
    memcpy(at, code, TAG_CODE);
    return OK;
}

/* --- a secret --- */

fallible index_save(struct call *c, const struct secret *secret, const struct indexed *was)
{
    if (was->created == 0) {
        TRY(order_put(c, secret->key, ORDER_NAME, secret->created));
        TRY(order_put(c, secret->key, ORDER_CREATED, secret->created));
        TRY(order_put(c, secret->key, ORDER_ACCESSED, 0));
    }
    if (was->changed != secret->changed) {
        if (was->created != 0)
            TRY(order_drop(c, secret->key, ORDER_CHANGED, was->changed));
        TRY(order_put(c, secret->key, ORDER_CHANGED, secret->changed));
    }
    return tags_move(c, secret, was->tags, (struct pairs){secret->tags, secret->tag_count});
}

fallible index_drop(struct call *c, const struct secret *secret, const struct indexed *was)
{
    struct moment used;
    struct bytes key;

    TRY(secret_use_key(c, secret, &key));
    TRY(mark_read(c, key, &used));
    TRY(txn_drop(c->txn, key));
    TRY(order_drop(c, secret->key, ORDER_NAME, 0));
    TRY(order_drop(c, secret->key, ORDER_CREATED, was->created));
    TRY(order_drop(c, secret->key, ORDER_CHANGED, was->changed));
    TRY(order_drop(c, secret->key, ORDER_ACCESSED, used.ms));
    return tags_move(c, secret, was->tags, (struct pairs){0});
}

fallible index_keys(struct call *c, const struct secret *secret, index_key_fn *fn, void *ctx)
{
    const struct {
        enum order order;
        int64_t value;
    } rows[] = {
        {ORDER_NAME, 0}, {ORDER_CREATED, secret->created}, {ORDER_CHANGED, secret->changed}};
    struct tagging t = {.call = c, .spot = {.value = secret->created}, .tell = fn, .ctx = ctx};
    struct bytes row;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TRY(order_row(c, secret->key, rows[i].order, rows[i].value, &row));
        fn(ctx, row);
    }
    t.place = place_of(secret->key, &t.spot.tail);
    return tag_all(&t, (struct pairs){secret->tags, secret->tag_count}, (struct pairs){0});
}

bool index_is_last_access(struct bytes key)
{
    struct bytes rest = bytes_after(key, 1), account, region;

    return bytes_cut(&rest, 0, &account) && bytes_cut(&rest, 0, &region) && rest.n != 0 &&
           rest.at[0] == 'a';
}
