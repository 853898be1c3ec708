/* marks: a set of what was seen today, a list of what is to be written. */
#include "core/marks_own.h"

#include "base/log.h"
#include "codec/date.h"
#include "core/audit/anchor.h"
#include "core/perform.h"
#include "crypto/digest.h"
#include "store/commit.h"
#include "store/mailbox.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEEN = 1 << 16,
    WAITING_MOST = 1024,
    FLUSH_MOST = 40, /* marks a transaction: three keys each, and one less than the store allows */
    KEYS_ARENA = WAITING_MOST * 1792,
    FLUSH_ARENA = 4 << 20,
    MARK_SIZE = 8,
    PART_ID = 8, /* of a part: the beginning of its name's hash, and a day */
    PART_SIZE = PART_ID + 4,
    VALUE_MOST = MARK_SIZE + MARK_PARTS * PART_SIZE,
    ANCHOR_EVERY_MS = 10000,
};

struct marks {
    uint64_t seen[SEEN]; /* hash of key and day; where two meet, the later one stays */
    struct arena *keys;
    struct arena_mark keys_start;
    struct bytes waiting[WAITING_MOST];
    int64_t days[WAITING_MOST];
    struct mark_of of[WAITING_MOST]; /* copied */
    size_t count, done;

    struct arena *flight; /* not NULL: the batch is with the committer */
    struct batch batch;
    int64_t anchored_ms;
};

fallible marks_open(struct marks **out)
{
    struct marks *marks = calloc(1, sizeof *marks);

    ENSURE(marks != NULL, ARENA_SPENT);
    marks->keys = arena_open(KEYS_ARENA);
    if (marks->keys == NULL) {
        free(marks);
        return ARENA_SPENT;
    }
    marks->keys_start = arena_mark(marks->keys);
    *out = marks;
    return OK;
}

/* What is with the committer points in here: it has to be home first. */
static void wait_home(const struct batch *mine)
{
    const struct batch *batch = NULL;

    while (mine->home != NULL && batch != mine) {
        batch = mailbox_wait(mine->home);
        while (batch != NULL && batch != mine)
            batch = batch->next;
    }
}

void marks_close(struct marks *marks)
{
    if (marks == NULL)
        return;
    if (marks->flight != NULL)
        wait_home(&marks->batch);
    arena_close(marks->flight);
    arena_close(marks->keys);
    free(marks);
}

static bool keep(struct arena *arena, struct bytes *text)
{
    if (text->n == 0)
        return true;
    *text = arena_copy(arena, *text);
    return text->at != NULL;
}

static uint64_t *seen_place(struct marks *marks, uint64_t hash)
{
    return &marks->seen[(hash ^ hash >> 40) % SEEN];
}

static uint64_t hash_of(struct bytes key, struct bytes part, int64_t day)
{
    return bytes_hash(part, bytes_hash(key, (uint64_t)day)) | 1; /* 0 is an empty place */
}

uint64_t mark_expected(struct call *c, struct bytes name, struct bytes part)
{
    const uint64_t use = hash_of(name, part, date_days(c->now));

    __builtin_prefetch(seen_place(c->worker->marks, use));
    return use;
}

bool mark_known(const struct call *c, uint64_t use)
{
    struct marks *marks = c->worker->marks;

    return *seen_place(marks, use) == use || marks->count == WAITING_MOST;
}

void mark_used_of(struct call *c, uint64_t use, struct bytes key, const struct mark_of *of)
{
    struct marks *marks = c->worker->marks;
    struct mark_of kept = *of;

    if (mark_known(c, use))
        return;
    if (!keep(marks->keys, &key) || !keep(marks->keys, &kept.thing) ||
        !keep(marks->keys, &kept.part))
        return;
    *seen_place(marks, use) = use;
    marks->of[marks->count] = kept;
    marks->days[marks->count] = date_days(c->now);
    marks->waiting[marks->count++] = key;
}

void mark_used(struct call *c, struct bytes key)
{
    const struct mark_of nothing = {0};

    mark_used_of(c, hash_of(key, nothing.part, date_days(c->now)), key, &nothing);
}

/* --- a row: the day of the whole, in ms, then each part that was used with its day --- */

static void put_number(uint8_t *at, size_t n, int64_t number)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)((uint64_t)number >> (8 * (n - 1 - i)));
}

static int64_t number_at(const uint8_t *at, size_t n)
{
    uint64_t number = 0;

    for (size_t i = 0; i < n; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

/* Nothing, or a whole row. */
static fallible read_row(struct call *c, struct bytes key, struct bytes *row)
{
    const struct fault *fault = txn_look(c->txn, key, row);

    if (fault == STORE_ABSENT) {
        row->n = 0;
        return OK;
    }
    TRY(fault);
    ENSURE(row->n >= MARK_SIZE && row->n <= VALUE_MOST && (row->n - MARK_SIZE) % PART_SIZE == 0,
           RECORD_DAMAGED);
    return OK;
}

static int64_t row_ms(struct bytes row)
{
    return row.n == 0 ? 0 : number_at(row.at, MARK_SIZE);
}

static int64_t part_day(const uint8_t *entry)
{
    return number_at(entry + PART_ID, PART_SIZE - PART_ID);
}

/* Where the part stands in the row; where it does not, the row's end. */
static size_t part_at(struct bytes row, const uint8_t id[DIGEST_SIZE])
{
    size_t at = MARK_SIZE;

    while (at < row.n && memcmp(row.at + at, id, PART_ID) != 0)
        at += PART_SIZE;
    return at;
}

fallible mark_read(struct call *c, struct bytes key, struct moment *last)
{
    struct bytes row;

    TRY(read_row(c, key, &row));
    last->ms = row_ms(row);
    return OK;
}

fallible mark_read_part(struct call *c, struct bytes key, struct bytes part, struct moment *last)
{
    uint8_t id[DIGEST_SIZE];
    struct bytes row;
    size_t at;

    TRY(read_row(c, key, &row));
    digest_sha256(part, id);
    at = part_at(row, id);
    last->ms = at < row.n ? part_day(row.at + at) * DATE_DAY_MS : 0;
    return OK;
}

/* The place of the part in the row; a full one gives up that of the part longest unused. */
static uint8_t *place_of(uint8_t row[VALUE_MOST], size_t *n, const uint8_t id[DIGEST_SIZE])
{
    size_t at = part_at((struct bytes){row, *n}, id);

    if (at < VALUE_MOST) {
        *n = at == *n ? at + PART_SIZE : *n;
        return row + at;
    }
    at = MARK_SIZE;
    for (size_t i = MARK_SIZE; i < VALUE_MOST; i += PART_SIZE)
        if (part_day(row + i) < part_day(row + at))
            at = i;
    return row + at;
}

/* False: the row says so already. */
static bool mark_part(uint8_t row[VALUE_MOST], size_t *n, struct bytes part, int64_t day)
{
    uint8_t id[DIGEST_SIZE], *place;

    if (part.n == 0)
        return false;
    digest_sha256(part, id);
    place = place_of(row, n, id);
    if (memcmp(place, id, PART_ID) == 0 && part_day(place) >= day)
        return false;
    memcpy(place, id, PART_ID);
    put_number(place + PART_ID, PART_SIZE - PART_ID, day);
    return true;
}

/* Another worker may have been here today. */
static fallible write_one(struct call *c, const struct marks *marks, size_t i)
{
    const struct mark_of *of = &marks->of[i];
    const struct moment now = {marks->days[i] * DATE_DAY_MS};
    uint8_t value[VALUE_MOST] = {0};
    size_t n = MARK_SIZE;
    struct bytes row;
    bool news;

    TRY(read_row(c, marks->waiting[i], &row));
    if (row.n != 0) {
        memcpy(value, row.at, row.n);
        n = row.n;
    }
    news = mark_part(value, &n, of->part, marks->days[i]);
    if (row_ms(row) < now.ms) {
        if (of->list != NULL)
            TRY(of->list->moved(c, of->thing, (struct moment){row_ms(row)}, now));
        put_number(value, MARK_SIZE, now.ms);
        news = true;
    }
    return news ? txn_put(c->txn, marks->waiting[i], (struct bytes){value, n}) : OK;
}

static fallible write_marks(struct call *c, struct marks *marks)
{
    const size_t end =
        marks->count - marks->done < FLUSH_MOST ? marks->count : marks->done + FLUSH_MOST;

    for (; marks->done < end; marks->done++)
        TRY(write_one(c, marks, marks->done));
    if (marks->done == marks->count) {
        marks->done = marks->count = 0;
        arena_rewind(marks->keys, marks->keys_start);
    }
    return OK;
}

static fallible write_anchor(struct call *c, struct marks *marks)
{
    struct journal *journal = c->worker->house->journal;
    struct journal_anchor anchor;

    if (journal == NULL || !journal_take_anchor(journal, &anchor))
        return OK;
    marks->anchored_ms = c->now;
    return anchor_save(c, &anchor);
}

static fallible hand_over(struct call *c, struct marks *marks)
{
    const struct house *house = c->worker->house;
    struct batch *const group[] = {&marks->batch};

    marks->batch = (struct batch){.home = c->worker->home};
    TRY(txn_pack(c->txn, &marks->batch));
    marks->batch.guard_count = 0;
    if (house->committer == NULL)
        return store_commit(house->store, group, 1, 0);
    TRY(committer_submit(house->committer, &marks->batch));
    marks->flight = c->arena;
    return OK;
}

static fallible flush(struct call *c, struct marks *marks)
{
    TRY(call_begin(c));
    TRY(write_marks(c, marks));
    TRY(write_anchor(c, marks));
    return txn_has_writes(c->txn) ? hand_over(c, marks) : OK;
}

void marks_flush(struct worker *worker, int64_t now)
{
    struct marks *marks = worker->marks;
    struct call c = {.worker = worker, .now = now};
    const bool due = now - marks->anchored_ms >= ANCHOR_EVERY_MS || now < marks->anchored_ms;
    const struct fault *fault;

    if (marks->flight != NULL || (marks->count == 0 && !due))
        return;
    c.arena = arena_open(FLUSH_ARENA);
    if (c.arena == NULL)
        return;
    fault = flush(&c, marks);
    if (fault != OK)
        LOG(LOG_NOTICE, "marks.lost", F("fault", fault));
    if (marks->flight == NULL) {
        call_end(&c);
        arena_close(c.arena);
    }
}

bool marks_came_home(struct worker *worker, const struct batch *batch)
{
    struct marks *marks = worker->marks;

    if (batch != &marks->batch)
        return false;
    if (batch->outcome != OK)
        LOG(LOG_NOTICE, "marks.lost", F("fault", batch->outcome));
    arena_close(marks->flight);
    marks->flight = NULL;
    return true;
}
