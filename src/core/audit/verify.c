/* verify: reads every segment once, in order. */
#include "core/audit/verify.h"

#include "base/file.h"
#include "codec/hex.h"
#include "core/audit/checkpoint.h"
#include "core/audit/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KEYS_MOST = 64, KEY_TEXT = 2 * PUBLIC_SIZE };

FAULT(VERIFY_FOLDER, FAULT_ABSENT, "verify.folder",
      "There is no journal in this folder, or it cannot be read.");
FAULT(VERIFY_KEY, FAULT_ABSENT, "verify.key",
      "No public key was given, and there is none beside the journal.");

struct verify {
    int folder;
    uint8_t keys[KEYS_MOST + 1][PUBLIC_SIZE];
    size_t key_count;
    const struct verify_since *since;
    bool found_since;
    struct verify_report *report;
    uint64_t sequence; /* of the last record that held; 0: none */
    uint8_t chain[CHAIN_SIZE];
    uint8_t before_first[CHAIN_SIZE]; /* what the first segment that is there follows */
    bool ended;                       /* the segment before has its footer */
    bool last;                        /* this is the last segment */
    struct {
        uint64_t sequence; /* 0: none */
        struct bytes file;
        uint64_t line;
    } unsure; /* the first checkpoint that no known key signed */
};

static bool next_line(struct bytes *rest, struct bytes *line)
{
    return bytes_cut(rest, '\n', line);
}

static bool wrong(struct verify *v, enum verify_verdict verdict, uint64_t sequence)
{
    v->report->verdict = verdict;
    v->report->sequence = sequence;
    return false;
}

static bool signed_by_one(const struct verify *v, const struct checkpoint *c)
{
    for (size_t i = 0; i < v->key_count; i++)
        if (checkpoint_holds(c, (struct bytes){v->keys[i], PUBLIC_SIZE}))
            return true;
    return false;
}

/* A checkpoint speaks of the record right before it. One by a key that is not known (of a root that
 * was) is vouched for, with all before it, by the next one whose key is. */
static bool follow_checkpoint(struct verify *v, const struct line *line, const struct checkpoint *c)
{
    if (c->at.sequence != v->sequence || memcmp(c->at.chain, v->chain, CHAIN_SIZE) != 0)
        return wrong(v, VERIFY_CHANGED, line->sequence);
    if (!signed_by_one(v, c)) {
        if (v->unsure.sequence == 0) {
            v->unsure.sequence = line->sequence;
            v->unsure.file = v->report->file;
            v->unsure.line = v->report->line;
        }
        return true;
    }
    v->unsure.sequence = 0;
    v->report->anchored = c->at.sequence;
    v->report->anchored_ms = c->at.time;
    memcpy(v->report->anchored_chain, c->at.chain, CHAIN_SIZE);
    return true;
}

static bool begin_segment(struct verify *v, const struct line *line, uint64_t first,
                          const struct segment_head *head)
{
    if (line->sequence != first || !line_holds(line, head->before))
        return wrong(v, VERIFY_CHANGED, first);
    if (v->report->first == 0) {
        v->report->first = first;
        v->ended = true;
        memcpy(v->chain, head->before, CHAIN_SIZE);
        memcpy(v->before_first, head->before, CHAIN_SIZE);
        v->sequence = first - 1;
        if (v->since != NULL && v->since->sequence != 0 && v->since->sequence == v->sequence)
            v->found_since = memcmp(v->since->chain, v->chain, CHAIN_SIZE) == 0;
    }
    if (!v->ended || first != v->sequence + 1 || memcmp(head->before, v->chain, CHAIN_SIZE) != 0)
        return wrong(v, VERIFY_CHANGED, v->sequence + 1);
    v->ended = false;
    return true;
}

/* The first one that fits: were its file not taken away at once, there are more. */
static void note_retired(struct verify *v, const struct line *line, const struct checkpoint *c)
{
    if (v->report->retired_by != 0 || c->at.sequence + 1 != v->report->first ||
        memcmp(c->at.chain, v->before_first, CHAIN_SIZE) != 0)
        return;
    v->report->retired_by = line->sequence;
    v->report->retired_ms = c->at.time;
}

/* A key that is known says which comes after it. */
static void take_key(struct verify *v, const struct checkpoint *c)
{
    bool holds = false;

    for (size_t i = 0; i < v->key_count && !holds; i++)
        holds = endorsement_holds(c, (struct bytes){v->keys[i], PUBLIC_SIZE});
    if (holds && v->key_count < KEYS_MOST)
        memcpy(v->keys[v->key_count++], c->at.chain, PUBLIC_SIZE);
}

static void step(struct verify *v, const struct line *line)
{
    v->sequence = line->sequence;
    memcpy(v->chain, line->chain, CHAIN_SIZE);
    v->report->records++;
    v->report->sequence = line->sequence;
    if (line->commit != 0)
        v->report->commit = line->commit;
    if (v->since != NULL && v->since->sequence == line->sequence)
        v->found_since = memcmp(v->since->chain, line->chain, CHAIN_SIZE) == 0;
}

static bool follow(struct verify *v, const struct line *line, bool begins, uint64_t first)
{
    struct segment_head head;
    struct checkpoint c;
    enum own kind;

    if (!own_read(line->text, &kind, &head, &c) || begins != (kind == OWN_SEGMENT))
        return wrong(v, VERIFY_CHANGED, begins ? first : v->sequence + 1);
    if (begins && !begin_segment(v, line, first, &head))
        return false;
    if (!begins && (v->ended || line->sequence != v->sequence + 1 || !line_holds(line, v->chain)))
        return wrong(v, VERIFY_CHANGED, v->sequence + 1);
    if ((kind == OWN_CHECKPOINT || kind == OWN_END) && !follow_checkpoint(v, line, &c))
        return false;
    if (kind == OWN_RETIRED)
        note_retired(v, line, &c);
    if (kind == OWN_KEY)
        take_key(v, &c);
    step(v, line);
    v->ended = kind == OWN_END;
    return true;
}

/* Is anything signed in what follows a break? Then it was no power cut. */
static bool anchored_in(const struct verify *v, struct bytes rest)
{
    struct segment_head head;
    struct checkpoint c;
    struct bytes whole;
    struct line line;
    enum own kind;

    while (next_line(&rest, &whole))
        if (line_read(whole, &line) && own_read(line.text, &kind, &head, &c) &&
            (kind == OWN_CHECKPOINT || kind == OWN_END) && signed_by_one(v, &c))
            return true;
    return false;
}

/* An incomplete last record: torn, if it is the journal's end and nothing signed follows. */
static bool unreadable(struct verify *v, struct bytes rest)
{
    const bool torn =
        v->last && !v->ended && memchr(rest.at, '\n', rest.n) == NULL && !anchored_in(v, rest);

    return wrong(v, torn ? VERIFY_TORN : VERIFY_CHANGED, torn ? v->sequence : v->sequence + 1);
}

static bool walk(struct verify *v, struct bytes rest, uint64_t first)
{
    bool begins = true;

    v->report->line = 1;
    for (; rest.n > 0; v->report->line++, begins = false) {
        struct bytes whole, from = rest;
        struct line line;

        if (!next_line(&rest, &whole) || !line_read(whole, &line))
            return unreadable(v, from);
        if (!follow(v, &line, begins, first))
            return false;
    }
    return true;
}

/* OK and *right false: the report says what is wrong. */
static fallible verify_segment(struct verify *v, uint64_t first, bool *right)
{
    int64_t size;
    void *at;
    int fd;

    TRY(segment_open(v->folder, first, &fd, &size));
    *right = true;
    if (size == 0) {
        (void)close(fd);
        *right = v->last || wrong(v, VERIFY_CHANGED, first);
        return OK;
    }
    at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    ENSURE(at != MAP_FAILED, VERIFY_FOLDER);
    *right = walk(v, (struct bytes){at, (size_t)size}, first);
    (void)munmap(at, (size_t)size);
    return OK;
}

/* What lies before the first record was retired, by a record that a signature vouches for, or was
 * cut off. A checkpoint of that time is behind it all, and cannot be held against anything. */
static void look_for_gaps(struct verify *v)
{
    const struct verify_since *since = v->since;
    const uint64_t first = v->report->first;

    if (first > 1 && (v->report->retired_by == 0 || v->report->retired_by > v->report->anchored))
        (void)wrong(v, VERIFY_CUT, first - 1);
    else if (since != NULL && since->sequence != 0 && since->sequence + 1 >= first &&
             !v->found_since)
        (void)wrong(v, VERIFY_CUT, since->sequence);
}

static fallible verify_all(struct verify *v, struct arena *arena)
{
    char *name = arena_get(arena, SEGMENT_NAME);
    uint64_t *firsts;
    bool right = true;
    size_t n;

    ENSURE(name != NULL, ARENA_SPENT);
    TRY(segment_list(arena, v->folder, &firsts, &n));
    v->report->verdict = n == 0 ? VERIFY_EMPTY : VERIFY_WHOLE;
    for (size_t i = 0; i < n && right; i++) {
        segment_name(firsts[i], name);
        v->report->file = bytes_of(name);
        v->last = i + 1 == n;
        TRY(verify_segment(v, firsts[i], &right));
    }
    right =
        right || v->report->verdict == VERIFY_TORN; /* a torn end excuses no missing checkpoint */
    if (right && v->unsure.sequence != 0) {
        v->report->file = v->unsure.file;
        v->report->line = v->unsure.line;
        right = wrong(v, VERIFY_UNSIGNED, v->unsure.sequence);
    }
    if (right)
        look_for_gaps(v);
    return OK;
}

/* The keys beside the journal: one for each root generation. */
static fallible read_keys(struct arena *arena, struct bytes folder, struct verify *v)
{
    const char *const in = file_text(arena, folder);

    ENSURE(in != NULL, ARENA_SPENT);
    for (unsigned generation = 1; v->key_count < KEYS_MOST && generation <= 64; generation++) {
        struct bytes text;
        char name[32];
        const char *path;

        (void)snprintf(name, sizeof name, "public-%u.key", generation);
        path = file_path(arena, in, name);
        ENSURE(path != NULL, ARENA_SPENT);
        if (file_read(arena, path, KEY_TEXT + 1, &text) == OK && text.n >= KEY_TEXT &&
            hex_decode((struct bytes){text.at, KEY_TEXT}, v->keys[v->key_count]))
            v->key_count++;
    }
    return v->key_count > 0 ? OK : VERIFY_KEY;
}

fallible journal_verify(struct arena *arena, struct bytes folder, struct bytes public_key,
                        const struct verify_since *since, struct verify_report *report)
{
    struct verify v = {.since = since, .report = report};
    const char *const path = file_text(arena, folder);
    const struct fault *fault;

    ENSURE(path != NULL, ARENA_SPENT);
    *report = (struct verify_report){0};
    if (public_key.n == PUBLIC_SIZE) {
        memcpy(v.keys[0], public_key.at, PUBLIC_SIZE);
        v.key_count = 1;
    } else
        TRY(read_keys(arena, folder, &v));
    v.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(v.folder >= 0, VERIFY_FOLDER);
    fault = verify_all(&v, arena);
    (void)close(v.folder);
    return fault;
}
