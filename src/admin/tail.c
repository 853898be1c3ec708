/* tail: reads segments from the newest backwards until enough lines are found, then forwards. */
#include "admin/tail.h"

#include "core/audit/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, POLL_MS = 250 };

/* clang-format off */
FAULT(TAIL_FOLDER, FAULT_ABSENT, "tail.folder", "There is no journal there, or it may not be read.");
/* clang-format on */

struct place {
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
static fallible seek_back(struct arena *arena, int fd, off_t end, size_t *wanted, off_t *at)
{
    uint8_t *piece = arena_get(arena, PIECE);

    ENSURE(piece != NULL, ARENA_SPENT);
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
static fallible find_start(struct arena *arena, struct place *place, size_t wanted)
{
    for (place->segment = place->segments; place->segment-- > 0;) {
        int fd = open_segment(place);
        const struct fault *fault;

        ENSURE(fd >= 0, TAIL_FOLDER);
        fault = seek_back(arena, fd, lseek(fd, 0, SEEK_END), &wanted, &place->at);
        close(fd);
        TRY(fault);
        if (place->at > 0 || place->segment == 0)
            return OK;
    }
    place->segment = 0;
    return OK;
}

/* Writes what stands behind `at`; false when standard output is closed. */
static bool copy_out(int fd, off_t *at, uint8_t *piece)
{
    ssize_t n;

    while ((n = pread(fd, piece, PIECE, *at)) > 0) {
        if (fwrite(piece, 1, (size_t)n, stdout) != (size_t)n)
            return false;
        *at += n;
    }
    return fflush(stdout) == 0;
}

static fallible copy_rest(struct arena *arena, struct place *place)
{
    uint8_t *piece = arena_get(arena, PIECE);

    ENSURE(piece != NULL, ARENA_SPENT);
    for (; place->segment < place->segments; place->segment++, place->at = 0) {
        int fd = open_segment(place);
        bool more;

        ENSURE(fd >= 0, TAIL_FOLDER);
        more = copy_out(fd, &place->at, piece);
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
            fault = copy_rest(arena, place);
        arena_rewind(arena, mark);
        TRY(fault);
    }
    return OK;
}

static fallible run(struct arena *arena, struct place *place, size_t last, bool follow)
{
    TRY(segment_list(arena, place->folder, &place->firsts, &place->segments));
    if (place->segments > 0) {
        TRY(find_start(arena, place, last));
        TRY(copy_rest(arena, place));
    }
    return follow ? follow_on(arena, place) : OK;
}

fallible journal_tail(struct arena *arena, const char *folder, size_t last, bool follow)
{
    struct place place = {.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const struct fault *fault;

    ENSURE(place.folder >= 0, TAIL_FOLDER);
    fault = run(arena, &place, last, follow);
    close(place.folder);
    return fault;
}
