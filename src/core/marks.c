/* marks: a set of what was seen today, a list of what is to be written. */
#include "core/marks_own.h"

#include "base/log.h"
#include "codec/date.h"
#include "core/audit/anchor.h"
#include "core/perform.h"
#include "store/commit.h"
#include "store/mailbox.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEEN = 1 << 16,
    WAITING_MOST = 1024,
    FLUSH_MOST = 40, /* marks a transaction: three keys each, and one less than the store allows */
    KEYS_ARENA = WAITING_MOST * 1536,
    FLUSH_ARENA = 4 << 20,
    MARK_SIZE = 8,
    ANCHOR_EVERY_MS = 10000,
};

struct marks {
    uint64_t seen[SEEN]; /* hash of key and day; where two meet, the later one stays */
    struct arena *keys;
    struct arena_mark keys_start;
    struct bytes waiting[WAITING_MOST];
    int64_t days[WAITING_MOST];
    const struct mark_list *lists[WAITING_MOST]; /* NULL: it is listed nowhere */
    struct bytes things[WAITING_MOST];
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

static uint64_t hash_of(struct bytes key, int64_t day)
{
    return bytes_hash(key, (uint64_t)day) | 1; /* 0 is an empty place */
}

void mark_used(struct call *c, struct bytes key)
{
    mark_used_listed(c, key, NULL, (struct bytes){0});
}

void mark_used_listed(struct call *c, struct bytes key, const struct mark_list *list,
                      struct bytes thing)
{
    struct marks *marks = c->worker->marks;
    const int64_t day = date_days(c->now);
    const uint64_t hash = hash_of(key, day);
    uint64_t *place = &marks->seen[(hash ^ hash >> 40) % SEEN];
    struct bytes copy;

    if (*place == hash || marks->count == WAITING_MOST)
        return;
    copy = arena_copy(marks->keys, key);
    thing = arena_copy(marks->keys, thing);
    if (copy.at == NULL || (list != NULL && thing.at == NULL))
        return;
    *place = hash;
    marks->lists[marks->count] = list;
    marks->things[marks->count] = thing;
    marks->days[marks->count] = day;
    marks->waiting[marks->count++] = copy;
}

static void put_ms(uint8_t out[MARK_SIZE], int64_t ms)
{
    for (int i = 0; i < MARK_SIZE; i++)
        out[i] = (uint8_t)((uint64_t)ms >> (56 - 8 * i));
}

fallible mark_read(struct call *c, struct bytes key, struct moment *last)
{
    struct bytes value;
    uint64_t ms = 0;
    const struct fault *fault = txn_look(c->txn, key, &value);

    last->ms = 0;
    if (fault == STORE_ABSENT)
        return OK;
    TRY(fault);
    ENSURE(value.n == MARK_SIZE, RECORD_DAMAGED);
    for (size_t i = 0; i < MARK_SIZE; i++)
        ms = ms << 8 | value.at[i];
    last->ms = (int64_t)ms;
    return OK;
}

/* Another worker may have been here today. */
static fallible write_one(struct call *c, const struct marks *marks, size_t i)
{
    const struct moment now = {marks->days[i] * DATE_DAY_MS};
    uint8_t value[MARK_SIZE];
    struct moment last;

    TRY(mark_read(c, marks->waiting[i], &last));
    if (last.ms >= now.ms)
        return OK;
    if (marks->lists[i] != NULL)
        TRY(marks->lists[i]->moved(c, marks->things[i], last, now));
    put_ms(value, now.ms);
    return txn_put(c->txn, marks->waiting[i], (struct bytes){value, MARK_SIZE});
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
