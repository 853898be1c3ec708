/* timers: what the house is told to delete by itself, it deletes, once the clock has been quiet. */
#include "house_kit.h"
#include "support/test.h"

#include "base/clock.h"
#include "core/audit/segment.h"
#include "core/latest.h"
#include "server/timers.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { SMALL = 16 << 10, DAYS = 400, PATIENCE_S = 60 };

#define THEN INT64_C(1700000000000)
#define DAY  INT64_C(86400000)

/* The linker lets the timers' thread ask here how long it has run: a quarter of an hour ago it
 * started, once the test says so. */
int64_t __real_clock_monotonic_ns(void);
int64_t __wrap_clock_monotonic_ns(void);
static atomic_bool later;

int64_t __wrap_clock_monotonic_ns(void)
{
    return __real_clock_monotonic_ns() + (atomic_load(&later) ? INT64_C(900) * 1000000000 : 0);
}

static struct house_kit kit;
static struct latest latest;

static int up(void **state)
{
    (void)state;
    kit = (struct house_kit){.segment_size = SMALL, .with_committer = true};
    clock_set_ms(THEN);
    house_make(&kit);
    kit.house.latest = &latest;
    return 0;
}

static int down(void **state)
{
    (void)state;
    house_unmake(&kit);
    clock_set_ms(0);
    return 0;
}

static void fill(void)
{
    char text[] = "{\"eventName\":\"e\",\"coffer\":{\"format\":1";

    for (size_t i = 0; i < 500; i++) {
        struct journal_record record = {.text = {(const uint8_t *)text, sizeof text - 1}};

        assert_ok(journal_append(kit.house.journal, &record, 1));
    }
    assert_ok(journal_tick(kit.house.journal));
}

static size_t segments(void)
{
    struct arena *arena = arena_open(1 << 20);
    const int fd = open(kit.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t *firsts;
    size_t n;

    assert_ok(segment_list(arena, fd, &firsts, &n));
    (void)close(fd);
    arena_close(arena);
    return n;
}

static bool become(size_t wanted)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    const int64_t until = __real_clock_monotonic_ns() + PATIENCE_S * INT64_C(1000000000);

    while (segments() != wanted && __real_clock_monotonic_ns() < until)
        (void)nanosleep(&moment, NULL);
    return segments() == wanted;
}

static void test_old_segments_go(void **state)
{
    struct watch watch = {.house = &kit.house};
    struct timers *timers;

    (void)state;
    fill();
    assert_true(segments() > 2);
    clock_set_ms(THEN + DAYS * DAY + 1);
    kit.house.journal_days = DAYS;
    assert_ok(timers_start(&watch, NULL, &timers));
    atomic_store(&later, true);
    assert_true(become(1));
    timers_stop(timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_old_segments_go, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
