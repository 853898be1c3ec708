/* journal: the appender: a lock, a staging buffer, one write. */
#include "core/audit/journal.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/audit/journal_own.h"
#include "crypto/digest.h"
#include "keeper/keeper.h"

#include <string.h>
#include <unistd.h>

FAULT(JOURNAL_TEXT, FAULT_INTERNAL, "journal.text", "A record is too long or has several lines.");

static void stage(struct journal *j, struct bytes text, uint64_t commit,
                  const uint8_t digest[CHAIN_SIZE])
{
    struct line line = {.text = text, .sequence = j->head.sequence + 1, .commit = commit};
    size_t n;

    line_chain(&line, j->head.chain, digest);
    n = line_write(&line, j->staging + j->staged);
    j->staged += n;
    j->head.size += (int64_t)n;
    j->head.sequence = line.sequence;
    memcpy(j->head.chain, line.chain, CHAIN_SIZE);
    if (commit != 0) {
        j->head.commit_records = commit == j->head.commit ? j->head.commit_records + 1 : 1;
        j->head.commit = commit;
    }
}

static void stage_own(struct journal *j, struct bytes text)
{
    uint8_t digest[CHAIN_SIZE];

    digest_sha256(text, digest);
    stage(j, text, 0, digest);
}

/* Writes what was staged since `from`; on a fault all is as if it had not been staged. */
static fallible write_staged(struct journal *j, const struct head *from)
{
    const struct bytes whole = {j->staging, j->staged};
    const struct fault *fault = segment_write(j->fd, from->size, whole);

    j->staged = 0;
    if (fault == OK)
        return OK;
    j->head = *from;
    if (fault == JOURNAL_DOWN)
        atomic_store(&j->down, JOURNAL_DOWN);
    return fault;
}

/* Says where the chain stands, signed; SEGMENT_RESERVE has room for it. */
static fallible sign_head(struct journal *j, enum own kind)
{
    const struct head from = j->head;
    struct checkpoint c = {.at = {.sequence = from.sequence, .commit = from.commit}};
    uint8_t room[CHECKPOINT_MOST];
    struct bytes text;

    c.at.time = clock_now_ms();
    memcpy(c.at.chain, from.chain, CHAIN_SIZE);
    TRY(checkpoint_make(j->keeper, kind, &c, room, &text));
    stage_own(j, text);
    TRY(write_staged(j, &from));
    atomic_store(&j->anchored, c.at.sequence);
    j->anchor = c.at;
    j->anchor_taken = false;
    return OK;
}

/* The segment before waits to be synced by the next tick; one that waits already is synced here. */
static fallible put_aside(struct journal *j)
{
    if (j->before >= 0) {
        const struct fault *fault = segment_sync(j->before);

        if (fault != OK)
            atomic_store(&j->down, fault);
        (void)close(j->before);
        j->before = -1;
        TRY(fault);
    }
    /* Only gives room back. */
    if (j->fd >= 0 && segment_cut(j->fd, j->head.size) != OK)
        LOG(LOG_NOTICE, "journal.uncut", F("sequence", (int64_t)j->head.sequence));
    j->before = j->fd;
    j->fd = -1;
    return OK;
}

/* The next segment; its first record is written with what follows. */
static fallible next_segment(struct journal *j)
{
    int fd;

    if (faccessat(j->folder, "next.journal", F_OK, 0) != 0)
        TRY(segment_reserve(j->folder, j->segment_size, j->group));
    if (j->fd >= 0 && !j->ended)
        TRY(sign_head(j, OWN_END));
    j->ended = true;
    TRY(segment_begin(j->folder, j->head.sequence + 1, &fd));
    TRY(put_aside(j));
    j->fd = fd;
    j->ended = false;
    j->folder_new = true;
    j->head.size = 0;
    return OK;
}

static void stage_segment_head(struct journal *j)
{
    struct segment_head head = {.commit = j->head.commit, .commit_records = j->head.commit_records};
    uint8_t room[CHECKPOINT_MOST];

    memcpy(head.before, j->head.chain, CHAIN_SIZE);
    stage_own(j, segment_head_text(&head, room));
}

static bool fits(const struct journal *j, size_t n)
{
    const size_t room = n + LINE_EXTRA;

    return j->staged + room <= STAGING &&
           j->head.size + (int64_t)room + SEGMENT_RESERVE <= j->segment_size;
}

/* As many as fit into one write and this segment. */
static fallible append_some(struct journal *j, struct journal_record records[], size_t n,
                            size_t *done)
{
    struct head from;
    size_t i = 0;

    if (j->fd < 0 || j->ended || !fits(j, records[0].text.n))
        TRY(next_segment(j));
    from = j->head;
    if (j->head.size == 0)
        stage_segment_head(j);
    for (; i < n && fits(j, records[i].text.n); i++)
        stage(j, records[i].text, records[i].commit, records[i].digest);
    ENSURE(i > 0, JOURNAL_TEXT);
    TRY(write_staged(j, &from));
    *done += i;
    return OK;
}

static fallible append_all(struct journal *j, struct journal_record records[], size_t n)
{
    size_t done = 0;

    TRY(atomic_load(&j->down));
    while (done < n)
        TRY(append_some(j, records + done, n - done, &done));
    return OK;
}

fallible journal_append_own(struct journal *j, struct bytes text)
{
    struct journal_record record = {.text = text};

    digest_sha256(text, record.digest);
    return append_all(j, &record, 1);
}

static fallible prepare(const struct journal *j, struct journal_record records[], size_t n)
{
    const int64_t most =
        j->segment_size - SEGMENT_RESERVE - CHECKPOINT_MOST - INT64_C(2) * LINE_EXTRA;

    for (size_t i = 0; i < n; i++) {
        const struct bytes text = records[i].text;

        ENSURE(text.n <= JOURNAL_TEXT_MOST && (int64_t)text.n <= most, JOURNAL_TEXT);
        ENSURE(text.n > 0 && memchr(text.at, '\n', text.n) == NULL, JOURNAL_TEXT);
        digest_sha256(text, records[i].digest);
    }
    return OK;
}

/* --- syncing --- */

/* What a sync is about: duplicates, so that a segment may be put aside meanwhile. */
struct to_sync {
    int now, before, was_before;
    bool folder;
    uint64_t sequence, commit;
};

static void look_what(struct journal *j, struct to_sync *s)
{
    pthread_mutex_lock(&j->lock);
    s->now = j->fd >= 0 ? dup(j->fd) : -1;
    s->was_before = j->before;
    s->before = j->before >= 0 ? dup(j->before) : -1;
    s->folder = j->folder_new;
    s->sequence = j->head.sequence;
    s->commit = j->head.commit;
    j->folder_new = false;
    pthread_mutex_unlock(&j->lock);
}

static fallible sync_one(int fd, bool wanted)
{
    const struct fault *fault;

    if (!wanted)
        return OK;
    ENSURE(fd >= 0, JOURNAL_DOWN);
    fault = segment_sync(fd);
    (void)close(fd);
    return fault;
}

static void put_away(struct journal *j, int before)
{
    pthread_mutex_lock(&j->lock);
    if (before >= 0 && j->before == before) {
        (void)close(before);
        j->before = -1;
    }
    pthread_mutex_unlock(&j->lock);
}

/* Under `syncing`. After a failed sync nobody knows what the disk holds: down for good. */
static fallible sync_now(struct journal *j)
{
    struct to_sync s;
    const struct fault *fault, *other;

    look_what(j, &s);
    fault = sync_one(s.before, s.was_before >= 0);
    other = sync_one(s.now, s.sequence > 0);
    fault = fault != OK ? fault : other;
    if (fault == OK && s.folder && fsync(j->folder) != 0)
        fault = JOURNAL_DOWN;
    if (fault != OK) {
        atomic_store(&j->down, JOURNAL_DOWN);
        return JOURNAL_DOWN;
    }
    put_away(j, s.was_before);
    atomic_store(&j->synced_sequence, s.sequence);
    atomic_store(&j->synced_commit, s.commit);
    return OK;
}

/* Whoever comes while another syncs waits, and finds his own records synced by the next in line: a
 * group. */
fallible journal_sync(struct journal *j, uint64_t sequence)
{
    const struct fault *fault = OK;

    pthread_mutex_lock(&j->syncing);
    if (atomic_load(&j->synced_sequence) < sequence)
        fault = sync_now(j);
    pthread_mutex_unlock(&j->syncing);
    return fault;
}

fallible journal_write(struct journal *j, struct journal_record records[], size_t n, uint64_t *last)
{
    const struct fault *fault;

    TRY(prepare(j, records, n));
    pthread_mutex_lock(&j->lock);
    fault = append_all(j, records, n);
    *last = j->head.sequence;
    pthread_mutex_unlock(&j->lock);
    return fault;
}

fallible journal_append(struct journal *j, struct journal_record records[], size_t n)
{
    uint64_t last;

    TRY(journal_write(j, records, n, &last));
    return j->strict && n > 0 ? journal_sync(j, last) : OK;
}

fallible journal_synced(const struct journal *j, uint64_t *sequence)
{
    TRY(atomic_load(&j->down));
    *sequence = atomic_load(&j->synced_sequence);
    return OK;
}

/* --- once a second --- */

/* Is there a record since the last checkpoint, other than that checkpoint itself? */
static bool has_unanchored(const struct journal *j)
{
    return j->fd >= 0 && !j->ended && j->head.sequence > atomic_load(&j->anchored) + 1;
}

fallible journal_checkpoint(struct journal *j, uint64_t *last)
{
    const struct fault *fault;

    pthread_mutex_lock(&j->lock);
    fault = atomic_load(&j->down);
    if (fault == OK && has_unanchored(j))
        fault = sign_head(j, OWN_CHECKPOINT);
    *last = j->head.sequence;
    pthread_mutex_unlock(&j->lock);
    return fault;
}

/* Under the lock: who is known says who comes. */
static fallible endorse(struct journal *j, struct keeper *next)
{
    struct checkpoint c = {.generation = next->generation};
    uint8_t room[CHECKPOINT_MOST];
    struct bytes text;

    TRY(keeper_journal_public(next, next->generation, c.at.chain));
    TRY(endorsement_make(j->keeper, &c, room, &text));
    TRY(journal_append_own(j, text));
    j->keeper = next;
    return journal_write_public(j);
}

fallible journal_endorse(struct journal *j, struct keeper *next)
{
    const struct fault *fault;

    pthread_mutex_lock(&j->lock);
    fault = endorse(j, next);
    if (fault == OK)
        fault = sign_head(j, OWN_CHECKPOINT);
    pthread_mutex_unlock(&j->lock);
    TRY(fault);
    return journal_tick(j);
}

void journal_reserve(struct journal *j)
{
    uint64_t sequence;
    bool there;

    pthread_mutex_lock(&j->lock); /* appending begins "next": not both at once */
    there = faccessat(j->folder, "next.journal", F_OK, 0) == 0 ||
            segment_reserve(j->folder, j->segment_size, j->group) == OK;
    sequence = j->head.sequence;
    pthread_mutex_unlock(&j->lock);
    if (atomic_exchange(&j->degraded, !there) == there)
        LOG(there ? LOG_NOTICE : LOG_ERROR, there ? "journal.healed" : "journal.degraded",
            F("sequence", (int64_t)sequence));
}

fallible journal_tick(struct journal *j)
{
    uint64_t last;
    const struct fault *fault = journal_checkpoint(j, &last);

    TRY(journal_sync(j, last));
    journal_reserve(j);
    return fault;
}

/* --- how it stands --- */

fallible journal_writable(const struct journal *j)
{
    TRY(atomic_load(&j->down));
    return atomic_load(&j->degraded) ? JOURNAL_FULL : OK;
}

uint64_t journal_synced_commit(const struct journal *j)
{
    return atomic_load(&j->synced_commit);
}

void journal_last_commit(struct journal *j, uint64_t *number, uint64_t *records)
{
    pthread_mutex_lock(&j->lock);
    *number = j->head.commit;
    *records = j->head.commit_records;
    pthread_mutex_unlock(&j->lock);
}

bool journal_take_anchor(struct journal *j, struct journal_anchor *anchor)
{
    bool fresh;

    pthread_mutex_lock(&j->lock);
    fresh = !j->anchor_taken;
    j->anchor_taken = true;
    *anchor = j->anchor;
    pthread_mutex_unlock(&j->lock);
    return fresh;
}

void journal_state(struct journal *j, struct journal_state *state)
{
    *state = (struct journal_state){.anchored = atomic_load(&j->anchored),
                                    .synced_commit = atomic_load(&j->synced_commit),
                                    .degraded = atomic_load(&j->degraded),
                                    .down = atomic_load(&j->down)};
    pthread_mutex_lock(&j->lock);
    state->sequence = j->head.sequence;
    pthread_mutex_unlock(&j->lock);
}
