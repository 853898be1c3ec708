/* outbox: from the store's rows into the journal, after each group and at start. */
#include "core/audit/outbox.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/date.h"
#include "core/audit/anchor.h"
#include "core/audit/journal.h"
#include "core/perform.h"
#include "core/record.h"
#include "store/drive.h"

#include <stdio.h>
#include <string.h>

enum { SCRATCH_MOST = 64 << 20, AT_ONCE = 256 };

FAULT(STORE_ROLLED_BACK, FAULT_STATE, "store.rolled-back",
      "The store is older than the journal beside it: somebody put an old copy back. Look into "
      "that first; "
      "--accept-rollback starts with it and records that you did.");
FAULT(JOURNAL_CUT, FAULT_STATE, "journal.cut",
      "The journal lacks records that the store remembers: somebody cut it off. Look into that "
      "first; "
      "--accept-rollback starts with it and records that you did.");

FAULT(OUTBOX_DAMAGED, FAULT_STATE, "outbox.damaged",
      "A record that waits in the store for the journal does not open: the store was altered. "
      "Look into that first; then put a copy of the data folder back.");

/* A row's number is the commit's, and not known yet: it is tied to the table alone. */
#define OUTBOX_PLACE LIT("o/")

fallible outbox_seal(struct call *c, struct bytes text, struct bytes *row)
{
    *row = (struct bytes){0};
    return text.at == NULL ? OK : record_seal(c, LIT(""), OUTBOX_PLACE, text, row);
}

/* Lines of one row, from `skip` on. */
static fallible add_lines(struct journal_record *records, size_t *n, struct bytes rest,
                          uint64_t commit, uint64_t skip)
{
    while (rest.n > 0) {
        struct bytes line;

        if (!bytes_cut(&rest, '\n', &line)) {
            line = rest;
            rest.n = 0;
        }
        if (skip > 0)
            skip--;
        else
            records[(*n)++] = (struct journal_record){.text = line, .commit = commit};
    }
    return OK;
}

static size_t count_lines(struct bytes text)
{
    size_t n = text.n > 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] == '\n';
    return n;
}

/* --- what a crash, or a full disk, left behind --- */

struct drain {
    struct journal *journal;
    struct call call;
    struct arena *arena;
    struct arena_mark mark;
    struct bytes rows[AT_ONCE];
    uint64_t numbers[AT_ONCE];
    size_t row_count, line_count;
    uint64_t last, last_records, appended;
};

static fallible append_rows(struct drain *d)
{
    struct journal_record *records = arena_get(d->arena, (d->line_count + 1) * sizeof *records);
    size_t n = 0;

    ENSURE(records != NULL, ARENA_SPENT);
    for (size_t i = 0; i < d->row_count; i++)
        TRY(add_lines(records, &n, d->rows[i], d->numbers[i],
                      d->numbers[i] == d->last ? d->last_records : 0));
    if (n > 0)
        TRY(journal_append(d->journal, records, n));
    d->appended += n;
    d->row_count = d->line_count = 0;
    arena_rewind(d->arena, d->mark);
    return OK;
}

static fallible take_row(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct drain *d = ctx;
    const struct fault *fault;
    uint64_t number;

    *stop = false;
    if (!outbox_number(key, &number) || number < d->last)
        return OK;
    fault = record_open(&d->call, LIT(""), OUTBOX_PLACE, value, &d->rows[d->row_count]);
    ENSURE(fault != RECORD_DAMAGED, OUTBOX_DAMAGED);
    TRY(fault);
    d->numbers[d->row_count++] = number;
    d->line_count += count_lines(d->rows[d->row_count - 1]);
    return d->row_count == AT_ONCE ? append_rows(d) : OK;
}

static fallible drain_in(struct worker *worker, struct arena *arena, uint64_t *appended)
{
    struct drain d = {.journal = worker->house->journal,
                      .call = {.arena = arena, .worker = worker},
                      .arena = arena};
    uint8_t room[OUTBOX_KEY];
    struct bytes after = {0};
    struct txn *txn;

    TRY(store_begin(worker->reader, arena, &txn));
    d.mark = arena_mark(arena);
    journal_last_commit(d.journal, &d.last, &d.last_records);
    if (d.last > 0)
        after = outbox_key(d.last - 1, room);
    TRY(txn_scan(txn, LIT("o/"), after, take_row, &d));
    TRY(append_rows(&d));
    *appended = d.appended;
    txn_end(txn);
    return OK;
}

static fallible drain(struct worker *worker, uint64_t *appended)
{
    struct arena *arena = arena_open(SCRATCH_MOST);
    const struct fault *fault;

    ENSURE(arena != NULL, ARENA_SPENT);
    fault = drain_in(worker, arena, appended);
    arena_close(arena);
    return fault;
}

/* --- after a group --- */

static bool has_note(const struct batch *batch)
{
    return batch->outcome == OK && batch->number != 0 && batch->told.at != NULL;
}

static fallible append_group(struct worker *worker, struct batch *const group[], size_t n,
                             struct arena *arena)
{
    struct journal_record *records;
    size_t lines = 0, made = 0;

    for (size_t i = 0; i < n; i++)
        lines += has_note(group[i]) ? count_lines(group[i]->told) : 0;
    if (lines == 0)
        return OK;
    records = arena_get(arena, lines * sizeof *records);
    ENSURE(records != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++)
        if (has_note(group[i]))
            TRY(add_lines(records, &made, group[i]->told, group[i]->number, 0));
    return journal_append(worker->house->journal, records, made);
}

static fallible append_fresh(struct worker *worker, struct batch *const group[], size_t n)
{
    struct arena *arena = arena_open(SCRATCH_MOST);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : append_group(worker, group, n, arena);

    arena_close(arena);
    return fault;
}

/* Once an append has failed, the next goes by the rows, which have all that is missing, in
 * order. */
fallible outbox_committed(struct worker *worker, struct batch *const group[], size_t n)
{
    uint64_t appended;
    const struct fault *fault =
        worker->outbox_behind ? drain(worker, &appended) : append_fresh(worker, group, n);

    worker->outbox_behind = fault != OK;
    return fault;
}

static void committed(void *ctx, struct batch *const group[], size_t n)
{
    const struct fault *fault = outbox_committed(ctx, group, n);

    /* The change is durable and so is its record, in the outbox: it will be in the journal,
     * once. */
    if (fault != OK)
        LOG(LOG_ERROR, "journal.behind", F("fault", fault));
}

static void failed(void *ctx, const struct fault *fault)
{
    LOG(LOG_ERROR, "commit.failed", F("fault", fault));
    worker_forget(ctx);
}

static uint64_t synced(void *ctx)
{
    const struct worker *worker = ctx;

    return journal_synced_commit(worker->house->journal);
}

struct commit_hooks outbox_hooks(struct worker *committing)
{
    return (struct commit_hooks){
        .ctx = committing, .committed = committed, .failed = failed, .outbox_synced = synced};
}

/* --- at start --- */

static fallible say(struct journal *journal, const char *what, uint64_t was, uint64_t is,
                    uint64_t commit)
{
    struct journal_record record = {.commit = commit};
    char text[256];
    uint8_t time[DATE_ISO];
    int n;

    date_iso(clock_now_ms(), time);
    n = snprintf(
        text, sizeof text,
        "{\"eventTime\":\"%.*s\",\"eventName\":\"%s\",\"coffer\":{\"format\":1,\"was\":%llu,"
        "\"is\":%llu",
        DATE_ISO, (const char *)time, what, (unsigned long long)was, (unsigned long long)is);

    record.text = (struct bytes){(const uint8_t *)text, (size_t)n};
    return journal_append(journal, &record, 1);
}

static fallible hold_store(struct journal *journal, uint64_t number, bool accept)
{
    uint64_t last, records;

    journal_last_commit(journal, &last, &records);
    if (number >= last)
        return OK;
    ENSURE(accept, STORE_ROLLED_BACK);
    LOG(LOG_ERROR, "store.rolled-back", F("was", (int64_t)last), F("is", (int64_t)number));
    return say(journal, "store.rolled-back.accepted", last, number, number);
}

static fallible hold_journal(struct journal *journal, const struct journal_anchor *anchor,
                             bool accept)
{
    struct journal_state state;

    journal_state(journal, &state);
    if (state.sequence >= anchor->sequence)
        return OK;
    ENSURE(accept, JOURNAL_CUT);
    LOG(LOG_ERROR, "journal.cut", F("was", (int64_t)anchor->sequence),
        F("is", (int64_t)state.sequence));
    return say(journal, "journal.cut.accepted", anchor->sequence, state.sequence, 0);
}

static fallible hold_both(struct worker *worker, struct arena *arena, bool accept)
{
    struct call c = {.arena = arena, .worker = worker};
    struct journal_anchor anchor;
    uint64_t number;

    TRY(call_begin(&c));
    TRY(txn_number(c.txn, &number));
    TRY(anchor_load(&c, &anchor));
    call_end(&c);
    TRY(hold_journal(worker->house->journal, &anchor, accept));
    TRY(hold_store(worker->house->journal, number, accept));
    return accept ? say(worker->house->journal, "store.weighed-anew", number, number, 0) : OK;
}

fallible outbox_recover(struct worker *worker, bool accept)
{
    struct arena *arena = arena_open(SCRATCH_MOST);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : hold_both(worker, arena, accept);
    uint64_t appended = 0;

    arena_close(arena);
    TRY(fault);
    TRY(drain(worker, &appended));
    if (appended > 0)
        LOG(LOG_NOTICE, "outbox.recovered", F("records", (int64_t)appended));
    return OK;
}

static fallible read_anchor(struct worker *worker, struct arena *arena,
                            struct journal_anchor *anchor)
{
    struct call c = {.arena = arena, .worker = worker};
    const struct fault *fault;

    TRY(call_begin(&c));
    fault = anchor_load(&c, anchor);
    call_end(&c);
    return fault;
}

fallible outbox_anchor(struct worker *worker, struct journal_anchor *anchor)
{
    struct arena *arena = arena_open(SCRATCH_MOST);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : read_anchor(worker, arena, anchor);

    arena_close(arena);
    return fault;
}
