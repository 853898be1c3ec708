/* List secrets, a page at a time. A page is a piece of the tour in its own order; where few of that
 * hold, all that another, narrower tour passes are gathered and put in order instead. Either way a
 * page looks at LOOKS rows at most: it may be short or empty, and says where to go on. */
#include "core/secrets/list.h"

#include "codec/cbor.h"
#include "core/marks.h"
#include "core/perform.h"
#include "core/record.h"
#include "core/secrets/filter.h"
#include "core/secrets/page.h"
#include "core/secrets/policy.h"
#include "core/secrets/tour.h"
#include "core/worker.h"
#include "crypto/bound.h"

#include <string.h>

enum { PAGE_MOST = 100, LOOKS = 2000, LOOKS_BEFORE_GATHERING = 300, SPOT_TIME = 8 };

struct found {
    const struct secret *secret;
    struct spot spot;
};

struct listing {
    struct call *call;
    const struct secret_list_in *in;
    struct way way;
    struct bytes asked;      /* see page.h */
    const struct spot *from; /* the page begins behind it; NULL: at the first */
    size_t most, n;
    struct found *found; /* in order */
    bool more;
    struct spot last; /* where the next page begins, when there is more */
};

/* --- one secret --- */

static bool shown(const struct listing *l, const struct secret *secret)
{
    const struct maybe_bool planned = l->in->include_planned_deletion;

    return !secret_gone(l->call, secret) &&
           (secret->deleted == 0 || (planned.said && planned.value)) &&
           filters_hold(l->in->filters, secret);
}

/* What the operator set, beyond AWS: a list tells no more than DescribeSecret would, by whatever
 * policy. */
static fallible may_see(struct listing *l, const struct secret *secret, bool *may)
{
    struct resource resource;
    const struct fault *fault;

    *may = true;
    if (!l->call->worker->house->lists_described)
        return OK;
    TRY(secret_as_resource(l->call, secret, &resource));
    fault = also_allowed(l->call, "secretsmanager:DescribeSecret", &resource);
    *may = fault == OK;
    l->call->detail = (struct bytes){0};
    return fault == DENIED ? OK : fault;
}

/* NULL: it is not there any more, or does not open (which is logged and counted); the others are
 * listed all the same. */
static fallible open_one(struct listing *l, struct bytes tail, struct secret **secret)
{
    struct bytes key, sealed, body;
    const struct fault *fault;

    *secret = NULL;
    TRY(index_record(l->call, tail, &key));
    fault = txn_look(l->call->txn, key, &sealed);
    if (fault == STORE_ABSENT)
        return OK;
    TRY(fault);
    fault = record_open(l->call, l->call->account, key, sealed, &body);
    if (fault == OK)
        fault = secret_parse(l->call, key, body, secret);
    if (fault == RECORD_DAMAGED)
        *secret = NULL;
    return fault == RECORD_DAMAGED ? OK : fault;
}

/* Where it stands now: the row that led here may be an old one. */
static fallible spot_of(struct listing *l, const struct secret *secret, struct bytes tail,
                        struct spot *spot)
{
    struct moment used;
    struct bytes key;

    *spot = (struct spot){.value = secret->created, .tail = tail};
    if (l->way.order == ORDER_CHANGED)
        spot->value = secret->changed;
    if (l->way.order != ORDER_ACCESSED)
        return OK;
    TRY(secret_use_key(l->call, secret, &key));
    TRY(mark_read(l->call, key, &used));
    spot->value = used.ms;
    return OK;
}

/* Opens and judges it; what is not shown leaves no trace in memory. */
static fallible judge(struct listing *l, struct bytes tail, struct found *found, bool *holds)
{
    const struct arena_mark mark = arena_mark(l->call->arena);
    struct secret *secret;

    *holds = false;
    if (!filters_may_hold(l->in->filters, tail))
        return OK;
    TRY(open_one(l, tail, &secret));
    *holds = secret != NULL && shown(l, secret);
    if (*holds)
        TRY(may_see(l, secret, holds));
    if (!*holds) {
        arena_rewind(l->call->arena, mark);
        return OK;
    }
    found->secret = secret;
    return spot_of(l, secret, tail, &found->spot);
}

/* --- in order --- */

/* Goes on until the page is full or so many rows have been looked at. */
static fallible go(struct listing *l, struct tour *tour, size_t looks)
{
    struct found found;
    bool any, holds;

    for (;;) {
        struct spot spot;

        TRY(tour_next(tour, looks, &spot, &any));
        l->more = any || tour_spent(tour);
        if (!any || l->n == l->most)
            return OK;
        l->last = spot;
        TRY(judge(l, spot.tail, &found, &holds));
        if (holds && way_order(&l->way, &found.spot, &spot) == 0)
            l->found[l->n++] = found;
    }
}

/* --- gathered --- */

/* It takes its place among those found; the last one may fall off the page. */
static void insert(struct listing *l, const struct found *found)
{
    size_t i = l->n;

    l->more = l->more || l->n == l->most;
    while (i > 0 && way_order(&l->way, &l->found[i - 1].spot, &found->spot) > 0)
        i--;
    if (i == l->most)
        return;
    if (l->n < l->most)
        l->n++;
    memmove(&l->found[i + 1], &l->found[i], (l->n - 1 - i) * sizeof *found);
    l->found[i] = *found;
}

static bool has_place(const struct listing *l, const struct spot *spot)
{
    return (l->from == NULL || way_order(&l->way, spot, l->from) > 0) &&
           (l->n < l->most || way_order(&l->way, spot, &l->found[l->n - 1].spot) < 0);
}

/* By name and creation a row tells where it stands: what has no place need not be opened. */
static fallible gather_one(struct listing *l, const struct spot *spot)
{
    const bool told = l->way.order == ORDER_NAME || l->way.order == ORDER_CREATED;
    struct found found;
    bool holds;

    if (told && !has_place(l, spot)) {
        l->more = l->more || l->from == NULL || way_order(&l->way, spot, l->from) > 0;
        return OK;
    }
    TRY(judge(l, spot->tail, &found, &holds));
    if (holds && found.secret->created == spot->value &&
        (l->from == NULL || way_order(&l->way, &found.spot, l->from) > 0))
        insert(l, &found);
    return OK;
}

/* *done false: there are too many. */
static fallible gather(struct listing *l, enum order order, bool *done)
{
    const struct way way = {.order = order, .filters = l->in->filters};
    struct spot spot;
    struct tour *tour;
    bool any = true;

    *done = false;
    if (order == l->way.order || !tour_narrows(order, l->in->filters))
        return OK;
    l->n = 0;
    l->more = false;
    TRY(tour_open(l->call, &way, NULL, &tour));
    while (any) {
        TRY(tour_next(tour, LOOKS, &spot, &any));
        if (any)
            TRY(gather_one(l, &spot));
    }
    *done = !tour_spent(tour);
    if (l->n > 0)
        l->last = l->found[l->n - 1].spot;
    return OK;
}

static fallible try_gathering(struct listing *l, bool *done)
{
    struct listing other = *l;

    *done = false;
    other.found = arena_get(l->call->arena, (l->most + 1) * sizeof *l->found);
    ENSURE(other.found != NULL, ARENA_SPENT);
    TRY(gather(&other, ORDER_NAME, done));
    if (!*done)
        TRY(gather(&other, ORDER_CREATED, done));
    if (*done)
        *l = other;
    return OK;
}

/* --- the page --- */

static fallible fill(struct listing *l)
{
    struct tour *tour;
    bool done = false;

    l->found = arena_get(l->call->arena, (l->most + 1) * sizeof *l->found);
    ENSURE(l->found != NULL, ARENA_SPENT);
    TRY(tour_open(l->call, &l->way, l->from, &tour));
    TRY(go(l, tour, LOOKS_BEFORE_GATHERING));
    if (tour_spent(tour) && l->n < l->most)
        TRY(try_gathering(l, &done));
    if (done || !tour_spent(tour))
        return OK;
    TRY(go(l, tour, LOOKS));
    if (tour_spent(tour))
        l->last = tour_at(tour);
    return OK;
}

/* The time (8 bytes), then the tail. */
static fallible next_of(struct listing *l, struct bytes *next)
{
    struct buf b = buf_open(l->call->arena, SPOT_TIME + l->last.tail.n);
    uint8_t room[SPOT_TIME];
    struct bytes at;

    *next = (struct bytes){0};
    if (!l->more)
        return OK;
    buf_add(&b, bound_number(room, (uint64_t)l->last.value));
    buf_add(&b, l->last.tail);
    TRY(buf_done(&b, &at));
    return page_seal(l->call, l->asked, at, next);
}

static fallible begin(struct listing *l, struct spot *from)
{
    struct bytes at;

    TRY(page_open(l->call, l->asked, l->in->next, &at));
    if (at.n == 0)
        return OK;
    ENSURE(index_spot(ORDER_CREATED, at, LIT(""), from), SECRET_PAGE);
    l->from = from;
    l->last = *from;
    return OK;
}

static fallible spell(struct listing *l, struct bytes operation)
{
    const struct maybe_bool planned = l->in->include_planned_deletion;
    struct buf b = buf_open(l->call->arena, PAGE_AT_MOST);
    struct bytes filters;

    TRY(filters_spell(l->call, l->in->filters, &filters));
    cbor_put_text(&b, operation);
    cbor_put_int(&b, l->way.order);
    cbor_put_bool(&b, l->way.down);
    cbor_put_bool(&b, planned.said && planned.value);
    buf_add(&b, filters);
    return buf_done(&b, &l->asked);
}

/* As AWS: by creation, upwards, unless another order is asked for. */
static enum order order_of(const struct secret_list_in *in)
{
    if (bytes_same(in->sort_by, LIT("last-changed-date")))
        return ORDER_CHANGED;
    if (bytes_same(in->sort_by, LIT("last-accessed-date")))
        return ORDER_ACCESSED;
    return bytes_same(in->sort_by, LIT("name")) ? ORDER_NAME : ORDER_CREATED;
}

fallible secrets_list(struct call *c, const struct secret_list_in *in, struct bytes operation,
                      size_t most, struct listed *out)
{
    struct listing *l = arena_new(c->arena, struct listing);
    struct spot from;

    ENSURE(l != NULL, ARENA_SPENT);
    TRY(filters_fit(c, in->filters));
    *l = (struct listing){.call = c, .in = in, .most = most};
    l->way = (struct way){.order = order_of(in),
                          .down = bytes_same(in->sort_order, LIT("desc")),
                          .filters = in->filters};
    TRY(spell(l, operation));
    TRY(begin(l, &from));
    TRY(fill(l));
    out->at = arena_get(c->arena, (l->n + 1) * sizeof(struct secret *));
    ENSURE(out->at != NULL, ARENA_SPENT);
    for (out->n = 0; out->n < l->n; out->n++)
        out->at[out->n] = l->found[out->n].secret;
    return next_of(l, &out->next);
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
