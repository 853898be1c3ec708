/* journal_load: where the chain stands, found in the last segment; and what to do with a torn
 * end. */
#include "base/log.h"
#include "core/audit/journal.h"
#include "core/audit/journal_own.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

FAULT(JOURNAL_DAMAGED, FAULT_INTERNAL, "journal.damaged",
      "The journal was changed: a record before its last signed checkpoint does not hold. 'coffer "
      "audit verify' says which.");

struct scan {
    struct journal *j;
    uint64_t first;   /* the segment's name */
    struct bytes all; /* the segment, mapped */
    size_t good;      /* it holds up to here */
    bool ended;
};

static bool next_line(struct bytes all, size_t at, struct bytes *line)
{
    const uint8_t *end = at < all.n ? memchr(all.at + at, '\n', all.n - at) : NULL;

    if (end == NULL)
        return false;
    *line = (struct bytes){all.at + at, (size_t)(end - (all.at + at))};
    return true;
}

static void count_commit(struct head *head, uint64_t commit)
{
    if (commit == 0)
        return;
    head->commit_records = commit == head->commit ? head->commit_records + 1 : 1;
    head->commit = commit;
}

static void anchor_at(struct journal *j, const struct checkpoint *c)
{
    atomic_store(&j->anchored, c->at.sequence);
    j->anchor = c->at;
}

/* The segment's first record says what the one before ended with. */
static bool begin_at(struct scan *s, const struct line *line)
{
    struct segment_head head;
    struct checkpoint unused;
    enum own kind;

    if (line->sequence != s->first || !own_read(line->text, &kind, &head, &unused) ||
        kind != OWN_SEGMENT || !line_holds(line, head.before))
        return false;
    s->j->head.commit = head.commit;
    s->j->head.commit_records = head.commit_records;
    atomic_store(&s->j->anchored, s->first > 1 ? s->first - 2 : 0);
    return true;
}

static bool follow(struct scan *s, const struct line *line)
{
    struct segment_head unused;
    struct checkpoint c;
    enum own kind;

    if (s->ended || line->sequence != s->j->head.sequence + 1 ||
        !line_holds(line, s->j->head.chain) || !own_read(line->text, &kind, &unused, &c))
        return false;
    if (kind == OWN_CHECKPOINT || kind == OWN_END)
        anchor_at(s->j, &c);
    s->ended = kind == OWN_END;
    return kind != OWN_SEGMENT;
}

/* Goes on as long as the chain holds. */
static void scan_good(struct scan *s)
{
    struct bytes whole;
    struct line line;

    while (next_line(s->all, s->good, &whole)) {
        if (!line_read(whole, &line) || !(s->good == 0 ? begin_at(s, &line) : follow(s, &line)))
            return;
        s->j->head.sequence = line.sequence;
        memcpy(s->j->head.chain, line.chain, CHAIN_SIZE);
        count_commit(&s->j->head, line.commit);
        s->good += whole.n + 1;
    }
}

/* A signed checkpoint behind a break: no power cut did that. */
static bool anchored_behind(const struct scan *s)
{
    uint8_t key[PUBLIC_SIZE];
    struct segment_head unused;
    struct checkpoint c;
    struct bytes whole;
    struct line line;
    enum own kind;

    for (size_t at = s->good; next_line(s->all, at, &whole); at += whole.n + 1)
        if (line_read(whole, &line) && own_read(line.text, &kind, &unused, &c) &&
            (kind == OWN_CHECKPOINT || kind == OWN_END) &&
            journal_public(s->j, c.generation, key) &&
            checkpoint_holds(&c, (struct bytes){key, PUBLIC_SIZE}))
            return true;
    return false;
}

/* What was torn off is no record, and not lost either. */
static fallible keep_torn(const struct journal *j, uint64_t after, struct bytes torn)
{
    char name[64];
    bool kept;
    int fd;

    (void)snprintf(name, sizeof name, "torn-%020llu-%zu", (unsigned long long)after, torn.n);
    fd = openat(j->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    ENSURE(fd >= 0, JOURNAL_FULL);
    kept = write(fd, torn.at, torn.n) == (ssize_t)torn.n && fsync(fd) == 0;
    (void)close(fd);
    return kept ? OK : JOURNAL_FULL;
}

/* The record that stands in its place. Written over it first, cut afterwards: at no time is there
 * neither. */
static fallible record_torn(struct journal *j, struct bytes torn)
{
    uint8_t room[CHECKPOINT_MOST];
    const struct bytes text = torn_text(torn, room);

    LOG(LOG_ERROR, "journal.torn", F("after", (int64_t)j->head.sequence),
        F("bytes", (int64_t)torn.n));
    TRY(keep_torn(j, j->head.sequence, torn));
    TRY(journal_append_own(j, text));
    return segment_cut(j->fd, j->head.size);
}

static fallible settle(struct scan *s)
{
    const struct bytes torn = bytes_after(s->all, s->good);

    s->j->head.size = (int64_t)s->good;
    s->j->ended = s->ended;
    if (torn.n == 0)
        return OK;
    ENSURE(!anchored_behind(s), JOURNAL_DAMAGED);
    return record_torn(s->j, torn);
}

/* The file stays open as the one that is written. */
static fallible load_segment(struct journal *j, uint64_t first, uint8_t room[CHECKPOINT_MOST],
                             struct bytes *lost)
{
    struct scan s = {.j = j, .first = first};
    const struct fault *fault;
    int64_t size;
    void *at;

    TRY(segment_open(j->folder, first, &j->fd, &size));
    if (size == 0)
        return OK;
    at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, j->fd, 0);
    ENSURE(at != MAP_FAILED, JOURNAL_DOWN);
    s.all = (struct bytes){at, (size_t)size};
    scan_good(&s);
    /* A segment whose very first record is torn: nothing in it was ever synced. The one before
     * stands. */
    if (s.good == 0) {
        fault = anchored_behind(&s) ? JOURNAL_DAMAGED : keep_torn(j, first, s.all);
        *lost = torn_text(s.all, room);
    } else
        fault = settle(&s);
    (void)munmap(at, (size_t)size);
    return fault;
}

static fallible drop_empty(struct journal *j, uint64_t first)
{
    char name[SEGMENT_NAME];

    segment_name(first, name);
    (void)close(j->fd);
    j->fd = -1;
    ENSURE(unlinkat(j->folder, name, 0) == 0, JOURNAL_DOWN);
    return OK;
}

fallible journal_load(struct journal *j, struct arena *arena)
{
    uint8_t room[CHECKPOINT_MOST];
    struct bytes lost = {0};
    uint64_t *firsts;
    size_t n;

    TRY(segment_list(arena, j->folder, &firsts, &n));
    for (; n > 0; n--) {
        TRY(load_segment(j, firsts[n - 1], room, &lost));
        if (j->head.sequence > 0)
            break;
        TRY(drop_empty(j, firsts[n - 1]));
    }
    return lost.n > 0 ? journal_append_own(j, lost) : OK;
}
