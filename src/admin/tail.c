/* tail: reads segments from the newest backwards until enough lines are found, then forwards. */
#include "admin/tail.h"

#include "core/audit/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1024 * 1024, POLL_MS = 250 }; /* a record is far shorter than a piece */

/* clang-format off */
FAULT(TAIL_FOLDER, FAULT_ABSENT, "tail.folder", "There is no journal there, or it may not be read.");
/* clang-format on */

struct place {
    const struct tail_plan *plan;
    uint8_t *piece;
    size_t wanted; /* of these so many have been seen */
    size_t passed; /* and so many are passed over; all of them while they are counted */
    int folder;
    uint64_t *firsts;
    size_t segments, segment; /* the one that is read */
    off_t at;
};

static int open_segment(const struct place *place)
{
    char name[SEGMENT_NAME];

    segment_name(place->firsts[place->segment], name);
    return openat(place->folder, name, O_RDONLY | O_CLOEXEC);
}

/* Counts line ends backwards from `end`; *at is behind the one that makes `*wanted` lines, or 0. */
static fallible seek_back(uint8_t *piece, int fd, off_t end, size_t *wanted, off_t *at)
{
    while (end > 0) {
        size_t n = end < PIECE ? (size_t)end : PIECE;

        ENSURE(pread(fd, piece, n, end - (off_t)n) == (ssize_t)n, TAIL_FOLDER);
        for (size_t i = n; i > 0; i--) {
            if (piece[i - 1] != '\n' || (*wanted)-- > 0)
                continue;
            *at = end - (off_t)(n - i);
            *wanted = 0;
            return OK;
        }
        end -= (off_t)n;
    }
    *at = 0;
    return OK;
}

/* From the newest segment back to the one that holds the first of the last `wanted` lines. */
static fallible find_start(struct place *place, size_t wanted)
{
    for (place->segment = place->segments; place->segment-- > 0;) {
        int fd = open_segment(place);
        const struct fault *fault;

        ENSURE(fd >= 0, TAIL_FOLDER);
        fault = seek_back(place->piece, fd, lseek(fd, 0, SEEK_END), &wanted, &place->at);
        close(fd);
        TRY(fault);
        if (place->at > 0 || place->segment == 0)
            return OK;
    }
    place->segment = 0;
    return OK;
}

static void take_line(struct place *place, struct bytes line)
{
    const struct tail_plan *plan = place->plan;

    if (plan->wanted != NULL && !plan->wanted(plan->ctx, line))
        return;
    if (place->wanted++ < place->passed)
        return;
    if (plan->show != NULL) {
        plan->show(plan->ctx, line);
    } else {
        (void)fwrite(line.at, 1, line.n, stdout);
        (void)putchar('\n');
    }
}

/* The whole lines behind `at`; false when standard output is closed. */
static bool take_lines(struct place *place, int fd)
{
    ssize_t n;

    while ((n = pread(fd, place->piece, PIECE, place->at)) > 0) {
        struct bytes rest = {place->piece, (size_t)n}, line;

        while (bytes_cut(&rest, '\n', &line))
            take_line(place, line);
        if (rest.n == (size_t)n)
            break; /* what is there of a line that is still written */
        place->at += n - (ssize_t)rest.n;
    }
    return fflush(stdout) == 0;
}

static fallible take_rest(struct place *place)
{
    for (; place->segment < place->segments; place->segment++, place->at = 0) {
        int fd = open_segment(place);
        bool more;

        ENSURE(fd >= 0, TAIL_FOLDER);
        more = take_lines(place, fd);
        close(fd);
        if (!more || place->segment + 1 == place->segments)
            return OK;
    }
    return OK;
}

/* Polls: the journal is written by another process, which owes nobody a notice. */
static fallible follow_on(struct arena *arena, struct place *place)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

    while (ferror(stdout) == 0) {
        const struct arena_mark mark = arena_mark(arena);
        const struct fault *fault;

        (void)nanosleep(&pause, NULL);
        fault = segment_list(arena, place->folder, &place->firsts, &place->segments);
        if (fault == OK)
            fault = take_rest(place);
        arena_rewind(arena, mark);
        TRY(fault);
    }
    return OK;
}

/* Those that count are counted first, so that the last of them are known when they pass again. */
static fallible take_wanted(struct place *place)
{
    place->passed = SIZE_MAX;
    TRY(take_rest(place));
    place->passed = place->wanted > place->plan->last ? place->wanted - place->plan->last : 0;
    place->wanted = 0;
    place->segment = 0;
    place->at = 0;
    return take_rest(place);
}

static fallible run(struct arena *arena, struct place *place)
{
    place->piece = arena_get(arena, PIECE);
    ENSURE(place->piece != NULL, ARENA_SPENT);
    TRY(segment_list(arena, place->folder, &place->firsts, &place->segments));
    if (place->segments > 0 && place->plan->wanted != NULL) {
        TRY(take_wanted(place));
    } else if (place->segments > 0) {
        TRY(find_start(place, place->plan->last));
        TRY(take_rest(place));
    }
    return place->plan->follow ? follow_on(arena, place) : OK;
}

fallible journal_tail(struct arena *arena, const char *folder, const struct tail_plan *plan)
{
    struct place place = {.plan = plan, .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const struct fault *fault;

    ENSURE(place.folder >= 0, TAIL_FOLDER);
    fault = run(arena, &place);
    close(place.folder);
    return fault;
}
