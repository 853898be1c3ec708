/* tour: sorted lists of rows; a filter's lists side by side, filters against one another: from the
 * first that one has to the first at or behind it that the next one has, and so on. */
#include "core/secrets/tour.h"

#include "base/buf.h"
#include "core/record.h"

#include <string.h>

enum { AHEAD_FIRST = 4, AHEAD_MOST = 32, SOURCES_MOST = 10 };

struct rows { /* of one list, some of them read ahead */
    struct bytes head, prefix;
    struct spot ahead[AHEAD_MOST];
    size_t n, next, wanted;
    bool ended;
};

struct source { /* lists of which any will do */
    struct rows *rows;
    size_t n;
};

struct tour {
    struct call *call;
    struct way way;
    struct source sources[SOURCES_MOST];
    size_t n, looks;
    struct spot at;
    bool began, spent;
};

int way_order(const struct way *way, const struct spot *a, const struct spot *b)
{
    int by = way->order == ORDER_NAME ? 0 : (a->value > b->value) - (a->value < b->value);

    if (by == 0)
        by = bytes_order(a->tail, b->tail);
    return way->down ? -by : by;
}

/* --- which filters narrow --- */

static bool negates(struct bytes value)
{
    return bytes_begins(value, LIT("!"));
}

/* Has it a text that what it wants begins with, and none that all begin with? */
static bool demands(const struct secret_filter *filter)
{
    bool any = false;

    for (size_t i = 0; i < filter->values.n; i++) {
        if (filter->values.at[i].n == 0)
            return false;
        any = any || !negates(filter->values.at[i]);
    }
    return any;
}

static enum tag_part part_of(const struct secret_filter *filter)
{
    if (bytes_same(filter->key, LIT("tag-key")))
        return TAG_KEY;
    return bytes_same(filter->key, LIT("tag-value")) ? TAG_VALUE : 0;
}

static bool narrows(enum order order, const struct secret_filter *filter)
{
    if (!demands(filter))
        return false;
    if (order == ORDER_NAME)
        return bytes_same(filter->key, LIT("name"));
    return order == ORDER_CREATED && part_of(filter) != 0;
}

bool tour_narrows(enum order order, struct secret_filters filters)
{
    for (size_t i = 0; i < filters.n; i++)
        if (narrows(order, &filters.at[i]))
            return true;
    return false;
}

/* --- one list --- */

static fallible rows_open(struct call *c, struct bytes head, struct bytes more, struct rows *rows)
{
    struct buf b = buf_open(c->arena, head.n + more.n + 1);

    buf_add(&b, head);
    buf_add(&b, more);
    *rows = (struct rows){.head = head, .wanted = AHEAD_FIRST};
    return buf_done(&b, &rows->prefix);
}

struct filling {
    struct tour *tour;
    struct rows *rows;
};

static fallible take_row(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct filling *filling = ctx;
    struct rows *rows = filling->rows;
    struct spot *spot = &rows->ahead[rows->n];

    if (!index_spot(filling->tour->way.order, bytes_after(key, rows->head.n), value, spot))
        return OK;
    spot->tail = arena_copy(filling->tour->call->arena, spot->tail);
    ENSURE(spot->tail.at != NULL, ARENA_SPENT);
    *stop = ++rows->n == rows->wanted;
    return OK;
}

/* `with`: the spot itself counts, too. A tail ends in a NUL: nothing lies between it and the same
 * without that, nor between it and the same with another. */
static fallible bound_of(struct tour *w, const struct rows *rows, const struct spot *from,
                         bool with, struct bytes *bound)
{
    struct bytes row;
    uint8_t *longer;

    TRY(index_row(w->call, w->way.order, rows->head, from, &row));
    *bound = row;
    if (!with)
        return OK;
    longer = arena_get(w->call->arena, row.n + 1);
    ENSURE(longer != NULL, ARENA_SPENT);
    memcpy(longer, row.at, row.n);
    longer[row.n] = 0;
    *bound = (struct bytes){longer, w->way.down ? row.n + 1 : row.n - 1};
    return OK;
}

static fallible rows_fill(struct tour *w, struct rows *rows, const struct spot *from, bool with)
{
    struct filling filling = {w, rows};
    struct bytes bound = {0};

    if (from != NULL)
        TRY(bound_of(w, rows, from, with, &bound));
    rows->n = rows->next = 0;
    TRY((w->way.down ? txn_scan_down : txn_scan)(w->call->txn, rows->prefix, bound, take_row,
                                                 &filling));
    rows->ended = rows->n < rows->wanted;
    rows->wanted = rows->wanted * 2 < AHEAD_MOST ? rows->wanted * 2 : AHEAD_MOST;
    return OK;
}

static bool behind(const struct tour *w, const struct spot *spot, const struct spot *from,
                   bool with)
{
    const int order = from == NULL ? 1 : way_order(&w->way, spot, from);

    return order > 0 || (order == 0 && with);
}

/* The first row behind `from`; NULL: there is none. What was read ahead is passed by first: where
 * it ends before `from` comes, what follows may be far away. */
static fallible rows_peek(struct tour *w, struct rows *rows, const struct spot *from, bool with,
                          const struct spot **found)
{
    const bool in_step = rows->next == rows->n;

    for (; rows->next < rows->n; rows->next++)
        if (behind(w, &rows->ahead[rows->next], from, with))
            break;
    if (rows->next == rows->n && !rows->ended) {
        if (!in_step && with)
            rows->wanted = AHEAD_FIRST;
        TRY(rows_fill(w, rows, from, with));
    }
    *found = rows->next < rows->n ? &rows->ahead[rows->next] : NULL;
    return OK;
}

/* --- lists side by side --- */

static fallible source_peek(struct tour *w, struct source *source, const struct spot *from,
                            bool with, const struct spot **first)
{
    *first = NULL;
    for (size_t i = 0; i < source->n; i++) {
        const struct spot *spot;

        TRY(rows_peek(w, &source->rows[i], from, with, &spot));
        if (spot != NULL && (*first == NULL || way_order(&w->way, spot, *first) < 0))
            *first = spot;
    }
    return OK;
}

/* One step: *spot is what the first source has behind `from`. *agreed: all others have it, too;
 * else it has been passed, and *spot is where the next step begins, with itself. *any false: one
 * source has no more. */
static fallible step(struct tour *w, const struct spot *from, bool with, struct spot *spot,
                     bool *agreed, bool *any)
{
    const struct spot *found;

    TRY(source_peek(w, &w->sources[0], from, with, &found));
    *any = found != NULL;
    if (!*any)
        return OK;
    w->at = *spot = *found;
    w->began = *agreed = true;
    for (size_t i = 1; i < w->n && *agreed; i++) {
        TRY(source_peek(w, &w->sources[i], spot, true, &found));
        *any = found != NULL;
        if (!*any)
            return OK;
        *agreed = way_order(&w->way, found, spot) == 0;
        *spot = *found;
    }
    return OK;
}

fallible tour_next(struct tour *w, size_t looks, struct spot *spot, bool *any)
{
    struct spot from = w->at, next = {0};
    bool began = w->began, with = false, agreed = false;

    *any = false;
    w->spent = false;
    while (!agreed) {
        w->spent = w->looks >= looks;
        if (w->spent)
            return OK;
        w->looks++;
        TRY(step(w, began ? &from : NULL, with, &next, &agreed, any));
        if (!*any)
            return OK;
        from = next;
        began = with = true;
    }
    *spot = next;
    return OK;
}

bool tour_spent(const struct tour *w)
{
    return w->spent;
}

struct spot tour_at(const struct tour *w)
{
    return w->at;
}

/* --- the tags' lists --- */

struct texts_seen {
    struct call *call;
    const struct secret_filter *filter;
    struct bytes head, row; /* row: head and code of the one just seen; at NULL: no more */
    bool wanted;
};

static bool begins_wanted(const struct secret_filter *filter, struct bytes text)
{
    for (size_t i = 0; i < filter->values.n; i++)
        if (!negates(filter->values.at[i]) && bytes_begins(text, filter->values.at[i]))
            return true;
    return false;
}

static fallible see_text(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct texts_seen *seen = ctx;
    struct bytes text;

    ENSURE(key.n > seen->head.n + TAG_CODE, RECORD_DAMAGED);
    TRY(index_tag_text(seen->call, key, value, &text));
    seen->wanted = begins_wanted(seen->filter, text);
    seen->row = arena_copy(seen->call->arena, (struct bytes){key.at, seen->head.n + TAG_CODE});
    ENSURE(seen->row.at != NULL, ARENA_SPENT);
    *stop = true;
    return OK;
}

/* Behind all rows of this code: times begin with a zero byte. */
static fallible behind_code(struct call *c, struct bytes row, struct bytes *after)
{
    struct buf b = buf_open(c->arena, row.n + 1);

    buf_add(&b, row);
    buf_add_byte(&b, UINT8_MAX);
    return buf_done(&b, after);
}

/* *fits false: too many. One row of each text is opened, no more. */
static fallible lists_of(struct tour *w, const struct secret_filter *filter, struct source *source,
                         bool *fits)
{
    struct texts_seen seen = {.call = w->call, .filter = filter};
    struct bytes after = {0};

    TRY(index_tags(w->call, part_of(filter), &seen.head));
    source->rows = arena_get(w->call->arena, TOUR_LISTS_MOST * sizeof(struct rows));
    ENSURE(source->rows != NULL, ARENA_SPENT);
    *fits = true;
    for (size_t texts = 0; *fits; texts++) {
        seen.row = (struct bytes){0};
        TRY(txn_scan(w->call->txn, seen.head, after, see_text, &seen));
        if (seen.row.at == NULL)
            return OK;
        *fits = texts < TOUR_TEXTS_MOST && !(seen.wanted && source->n == TOUR_LISTS_MOST);
        if (*fits && seen.wanted)
            TRY(rows_open(w->call, seen.row, LIT(""), &source->rows[source->n++]));
        TRY(behind_code(w->call, seen.row, &after));
    }
    return OK;
}

/* A row that does not open may be of any text. */
static fallible add_tags(struct tour *w, const struct secret_filter *filter)
{
    struct source *source = &w->sources[w->n];
    bool fits = false;
    const struct fault *fault;

    *source = (struct source){0};
    fault = lists_of(w, filter, source, &fits);
    if (fault == RECORD_DAMAGED)
        return OK;
    TRY(fault);
    w->n += fits;
    return OK;
}

/* --- the beginning of names --- */

static struct bytes common(struct bytes a, struct bytes b)
{
    size_t n = 0;

    while (n < a.n && n < b.n && a.at[n] == b.at[n])
        n++;
    return (struct bytes){a.at, n};
}

/* What all names begin with that a filter wants; the longest of all filters'. Of a very long name
 * only the beginning stands in its key. */
static struct bytes names_begin(struct secret_filters filters)
{
    struct bytes longest = {0};

    for (size_t i = 0; i < filters.n; i++) {
        const struct texts values = filters.at[i].values;
        struct bytes begin = {0};

        if (!narrows(ORDER_NAME, &filters.at[i]))
            continue;
        for (size_t j = 0; j < values.n; j++)
            if (!negates(values.at[j]))
                begin = begin.at == NULL ? values.at[j] : common(begin, values.at[j]);
        if (begin.n > longest.n)
            longest = begin;
    }
    if (longest.n > RECORD_PART_KEPT)
        longest.n = RECORD_PART_KEPT;
    return longest;
}

/* --- opening --- */

static fallible add_order(struct tour *w)
{
    const bool by_name = w->way.order == ORDER_NAME;
    struct source *source = &w->sources[w->n++];
    struct bytes head;

    source->n = 1;
    source->rows = arena_new(w->call->arena, struct rows);
    ENSURE(source->rows != NULL, ARENA_SPENT);
    TRY(index_list(w->call, w->way.order, &head));
    return rows_open(w->call, head, by_name ? names_begin(w->way.filters) : LIT(""), source->rows);
}

fallible tour_open(struct call *c, const struct way *way, const struct spot *from,
                   struct tour **out)
{
    struct tour *w = arena_new(c->arena, struct tour);

    ENSURE(w != NULL, ARENA_SPENT);
    w->call = c;
    w->way = *way;
    w->began = from != NULL;
    if (from != NULL)
        w->at = *from;
    for (size_t i = 0; i < way->filters.n && w->n < SOURCES_MOST; i++)
        if (way->order == ORDER_CREATED && narrows(ORDER_CREATED, &way->filters.at[i]))
            TRY(add_tags(w, &way->filters.at[i]));
    if (w->n == 0)
        TRY(add_order(w));
    *out = w;
    return OK;
}
