/* journal_retire: segments whose age is up. First the record that says so is on the disk and under
 * a signature, then the file goes: a crash between the two leaves a file too many and no gap. */
#include "base/log.h"
#include "core/audit/journal.h"
#include "core/audit/journal_own.h"

#include <string.h>
#include <unistd.h>

enum { RETIRE_MOST = 64, ARENA_MOST = 16 << 20, TAIL = CHECKPOINT_MOST + LINE_EXTRA };

struct retiring {
    struct journal *j;
    int64_t before_ms;
    uint64_t firsts[RETIRE_MOST];
    size_t n;
};

static bool last_line(struct bytes tail, struct line *line)
{
    const uint8_t *before;

    if (tail.n == 0 || tail.at[tail.n - 1] != '\n')
        return false;
    tail.n--;
    before = memrchr(tail.at, '\n', tail.n);
    return before != NULL && line_read(bytes_after(tail, (size_t)(before + 1 - tail.at)), line);
}

/* Only what a footer of ours vouches for, with the chain value that it leads to: else the file is
 * left for `coffer audit verify` to tell. */
static bool vouched(const struct journal *j, struct bytes tail, struct journal_anchor *last)
{
    uint8_t key[PUBLIC_SIZE];
    struct segment_head unused;
    struct checkpoint c;
    struct line line;
    enum own kind;

    if (!last_line(tail, &line) || !own_read(line.text, &kind, &unused, &c) || kind != OWN_END ||
        c.at.sequence + 1 != line.sequence || !line_holds(&line, c.at.chain) ||
        !journal_public(j, c.generation, key) ||
        !checkpoint_holds(&c, (struct bytes){key, PUBLIC_SIZE}))
        return false;
    *last = (struct journal_anchor){.sequence = line.sequence, .time = c.at.time};
    memcpy(last->chain, line.chain, CHAIN_SIZE);
    return true;
}

static fallible record(struct retiring *r, uint64_t first, const struct journal_anchor *last)
{
    uint8_t room[CHECKPOINT_MOST];
    const struct fault *fault;

    pthread_mutex_lock(&r->j->lock);
    fault = journal_append_own(r->j, retired_text(first, last, room));
    pthread_mutex_unlock(&r->j->lock);
    if (fault == OK)
        r->firsts[r->n++] = first;
    return fault;
}

/* Oldest first, to the first that has to stay; `next` is where the segment behind it begins. */
static fallible consider(struct retiring *r, uint64_t first, uint64_t next, bool *go_on)
{
    struct journal_anchor last;
    struct bytes tail;
    uint8_t room[TAIL];

    *go_on = false;
    TRY(segment_tail(r->j->folder, first, room, sizeof room, &tail));
    if (!vouched(r->j, tail, &last) || last.sequence + 1 != next) {
        LOG(LOG_ERROR, "journal.not-retired", F("first", (int64_t)first));
        return OK;
    }
    if (last.time >= r->before_ms || last.sequence > atomic_load(&r->j->anchored))
        return OK;
    TRY(record(r, first, &last));
    *go_on = r->n < RETIRE_MOST;
    return OK;
}

static fallible find(struct retiring *r, struct arena *arena)
{
    uint64_t *firsts;
    bool go_on = true;
    size_t n;

    TRY(segment_list(arena, r->j->folder, &firsts, &n));
    for (size_t i = 0; i + 1 < n && go_on; i++)
        TRY(consider(r, firsts[i], firsts[i + 1], &go_on));
    return OK;
}

static fallible take_away(struct retiring *r)
{
    uint64_t last;

    TRY(journal_checkpoint(r->j, &last));
    TRY(journal_sync(r->j, last));
    for (size_t i = 0; i < r->n; i++) {
        TRY(segment_remove(r->j->folder, r->firsts[i]));
        LOG(LOG_NOTICE, "journal.retired", F("first", (int64_t)r->firsts[i]));
    }
    return fsync(r->j->folder) == 0 ? OK : JOURNAL_DOWN;
}

fallible journal_retire(struct journal *j, int64_t before_ms)
{
    struct retiring r = {.j = j, .before_ms = before_ms};
    struct arena *arena;
    const struct fault *fault;

    TRY(atomic_load(&j->down));
    arena = arena_open(ARENA_MOST);
    ENSURE(arena != NULL, ARENA_SPENT);
    fault = find(&r, arena);
    arena_close(arena);
    TRY(fault);
    return r.n == 0 ? OK : take_away(&r);
}
