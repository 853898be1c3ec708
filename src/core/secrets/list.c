/* List secrets, a page at a time. A page looks at LOOKS records at most: it may be short or empty,
 * and says where to go on. By name upwards a page is a piece of the scan; another order is exact
 * within LOOKS records, and from there on holds for one stretch of so many after the other. */
#include "core/secrets/list.h"

#include "core/fields.h"
#include "core/marks.h"
#include "core/record.h"
#include "core/secrets/filter.h"
#include "core/secrets/page.h"

#include <string.h>

enum { PAGE_MOST = 100, LOOKS = 2000 };
enum sort { SORT_NAME = 1, SORT_CREATED, SORT_CHANGED, SORT_ACCESSED };

struct found {
    const struct secret *secret;
    int64_t value; /* what it is sorted by; 0: the name */
};

struct listing {
    struct call *call;
    const struct secret_list_in *in;
    enum sort sort;
    bool down;
    size_t most, n;
    struct found *found; /* in order */
    struct bytes asked;  /* see page.h */
    struct {             /* where this page began */
        struct bytes from, last;
        int64_t value;
    } at;
    size_t looks;
    bool more, beyond; /* records not looked at; found, but there was no room */
    uint8_t last[STORE_KEY_MOST];
    size_t last_n;
};

/* --- order --- */

static int order(const struct listing *l, const struct found *a, struct bytes name, int64_t value)
{
    int by = (a->value > value) - (a->value < value);

    if (by == 0)
        by = bytes_order(a->secret->name, name);
    return l->down ? -by : by;
}

static bool in_scan_order(const struct listing *l)
{
    return l->sort == SORT_NAME && !l->down;
}

/* It takes its place among those found; the last one may fall off the page. */
static void insert(struct listing *l, struct found found)
{
    size_t i = l->n;

    l->beyond = l->beyond || l->n == l->most;
    while (i > 0 && order(l, &l->found[i - 1], found.secret->name, found.value) > 0)
        i--;
    if (i == l->most)
        return;
    if (l->n < l->most)
        l->n++;
    memmove(&l->found[i + 1], &l->found[i], (l->n - 1 - i) * sizeof found);
    l->found[i] = found;
}

/* --- the scan --- */

static fallible value_of(struct listing *l, struct found *found)
{
    struct moment accessed;
    struct bytes key;

    if (l->sort == SORT_CREATED)
        found->value = found->secret->created;
    if (l->sort == SORT_CHANGED)
        found->value = found->secret->changed;
    if (l->sort != SORT_ACCESSED)
        return OK;
    TRY(secret_use_key(l->call, found->secret, &key));
    TRY(mark_read(l->call, key, &accessed));
    found->value = accessed.ms;
    return OK;
}

static bool shown(const struct listing *l, const struct secret *secret)
{
    const struct maybe_bool planned = l->in->include_planned_deletion;

    return !secret_gone(l->call, secret) &&
           (secret->deleted == 0 || (planned.said && planned.value)) &&
           filters_hold(l->in->filters, secret);
}

/* NULL: it does not open, which is logged and counted; the others are listed all the same. */
static fallible open_one(struct listing *l, struct bytes key, struct bytes sealed,
                         struct secret **secret)
{
    struct bytes body;
    const struct fault *fault = record_open(l->call, l->call->account, key, sealed, &body);

    if (fault == OK)
        fault = secret_parse(l->call, (struct bytes){0}, body, secret);
    if (fault == RECORD_DAMAGED)
        *secret = NULL;
    return fault == RECORD_DAMAGED ? OK : fault;
}

static fallible consider(struct listing *l, struct bytes key, struct bytes sealed, bool *kept)
{
    struct found found = {0};
    struct secret *secret;

    TRY(open_one(l, key, sealed, &secret));
    if (secret == NULL || !shown(l, secret))
        return OK;
    found.secret = secret;
    TRY(value_of(l, &found));
    *kept = l->at.last.at == NULL || order(l, &found, l->at.last, l->at.value) > 0;
    if (*kept)
        insert(l, found);
    return OK;
}

/* Nothing may be written while it scans, but memory is its own: what is not shown is given back. */
static fallible each(void *ctx, struct bytes key, struct bytes sealed, bool *stop)
{
    struct listing *l = ctx;
    const struct arena_mark mark = arena_mark(l->call->arena);
    bool kept = false;

    if (l->looks == LOOKS || (in_scan_order(l) && l->n == l->most)) {
        l->more = *stop = true;
        return OK;
    }
    l->looks++;
    memcpy(l->last, key.at, key.n);
    l->last_n = key.n;
    TRY(consider(l, key, sealed, &kept));
    if (!kept)
        arena_rewind(l->call->arena, mark);
    return OK;
}

static fallible scan(struct listing *l)
{
    const struct bytes parts[] = {l->call->account, l->call->region};
    struct bytes prefix;

    l->found = arena_get(l->call->arena, (l->most + 1) * sizeof *l->found);
    ENSURE(l->found != NULL, ARENA_SPENT);
    TRY(record_key(l->call->arena, TABLE_SECRET, parts, 2, &prefix));
    return txn_scan(l->call->txn, prefix, l->at.from, each, l);
}

/* --- the page --- */

enum { FROM = 1, LAST, VALUE };

static fallible next_of(struct listing *l, struct bytes *next)
{
    struct buf b = buf_open(l->call->arena, PAGE_AT_MOST);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes at;

    if (!l->more && !l->beyond)
        return OK;
    cbor_put_bytes(cbor_map_key(&map, FROM),
                   l->beyond ? l->at.from : (struct bytes){l->last, l->last_n});
    if (l->beyond) {
        cbor_put_text(cbor_map_key(&map, LAST), l->found[l->n - 1].secret->name);
        cbor_put_int(cbor_map_key(&map, VALUE), l->found[l->n - 1].value);
    }
    cbor_map_close(&map);
    TRY(buf_done(&b, &at));
    return page_seal(l->call, l->asked, at, next);
}

static fallible begin_at(struct listing *l)
{
    struct bytes at;
    struct fields f;

    TRY(page_open(l->call, l->asked, l->in->next, &at));
    if (at.n == 0)
        return OK;
    f = fields_of(at);
    l->at.from = fields_bytes(&f, FROM);
    l->at.last = fields_text(&f, LAST);
    l->at.value = fields_int(&f, VALUE);
    return fields_end(&f);
}

static fallible tell(struct listing *l, struct listed *out)
{
    out->at = arena_get(l->call->arena, (l->n + 1) * sizeof *out->at);
    ENSURE(out->at != NULL, ARENA_SPENT);
    for (out->n = 0; out->n < l->n; out->n++)
        out->at[out->n] = l->found[out->n].secret;
    return next_of(l, &out->next);
}

static fallible spell(struct listing *l, struct bytes operation)
{
    struct buf b = buf_open(l->call->arena, PAGE_AT_MOST);
    struct bytes filters;

    TRY(filters_spell(l->call, l->in->filters, &filters));
    cbor_put_text(&b, operation);
    cbor_put_int(&b, l->sort);
    cbor_put_bool(&b, l->down);
    cbor_put_bool(&b,
                  l->in->include_planned_deletion.said && l->in->include_planned_deletion.value);
    buf_add(&b, filters);
    return buf_done(&b, &l->asked);
}

/* Who names only a direction sorts by creation, as AWS does; who names nothing gets names
 * upwards. */
static enum sort sort_of(const struct secret_list_in *in)
{
    if (bytes_same(in->sort_by, LIT("last-changed-date")))
        return SORT_CHANGED;
    if (bytes_same(in->sort_by, LIT("last-accessed-date")))
        return SORT_ACCESSED;
    if (bytes_same(in->sort_by, LIT("created-date")) ||
        (in->sort_by.n == 0 && in->sort_order.n != 0))
        return SORT_CREATED;
    return SORT_NAME;
}

fallible secrets_list(struct call *c, const struct secret_list_in *in, struct bytes operation,
                      size_t most, struct listed *out)
{
    struct listing *l = arena_new(c->arena, struct listing);

    ENSURE(l != NULL, ARENA_SPENT);
    TRY(filters_fit(c, in->filters));
    l->call = c;
    l->in = in;
    l->sort = sort_of(in);
    l->down = bytes_same(in->sort_order, LIT("desc"));
    l->most = most;
    TRY(spell(l, operation));
    TRY(begin_at(l));
    TRY(scan(l));
    return tell(l, out);
}

/* --- the operation --- */

static size_t page_size(struct maybe_int max)
{
    return max.said && max.value >= 1 && max.value < PAGE_MOST ? (size_t)max.value : PAGE_MOST;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_list_in *in = in_;
    struct secret_list_out *out = out_;
    struct listed listed = {0};
    struct secret_item *items;

    TRY(secrets_list(c, in, LIT("secret.list"), page_size(in->max), &listed));
    items = arena_get(c->arena, (listed.n + 1) * sizeof(struct secret_item));
    ENSURE(items != NULL, ARENA_SPENT);
    for (size_t i = 0; i < listed.n; i++)
        TRY(secret_tell(c, listed.at[i], &items[i]));
    out->secrets.at = items;
    out->secrets.n = listed.n;
    out->next = listed.next;
    return OK;
}

const struct operation secret_list = {
    .name = "secret.list",
    .action = "secretsmanager:ListSecrets",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_list_in),
    .out_size = sizeof(struct secret_list_out),
    .audit = (const struct audited[]){AUDITED(secret_list_in, max, "maxResults"),
                                      AUDITED(secret_list_in, sort_order, "sortOrder"),
                                      AUDITED(secret_list_in, include_planned_deletion,
                                              "includePlannedDeletion"),
                                      {0}},
    .run = run,
};
