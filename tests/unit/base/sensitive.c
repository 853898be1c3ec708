/* sensitive: both regions, in the form that the environment asks for: room, shares, wiping,
 * canaries, guards, children. */
#include "support/each_fault.h"
#include "support/test.h"

#include "base/inside.h"
#include "base/poison.h"
#include "base/sensitive.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef POISON_ASAN
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(sensitive_start(NULL)); /* again: nothing */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_forget_kept();
    return 0;
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open(64 << 20);
    return 0;
}

/* After every test here all is given back: the regions are as empty as at first. */
static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return sensitive_usage().values == 0 && sensitive_usage().keys == 0 ? 0 : -1;
}

static void the_form_is_said(void **state)
{
    const char *asked = getenv("COFFER_SENSITIVE");

    (void)state;
    if (POISON_VALGRIND || (asked != NULL && strcmp(asked, "fallback") == 0))
        assert_string_equal(sensitive_form(), "locked memory");
    else
        assert_true(strcmp(sensitive_form(), "memfd_secret") == 0 ||
                    strcmp(sensitive_form(), "locked memory") == 0);
    assert_true(sensitive_usage().keys_whole >= 1 << 20);
    assert_true(sensitive_usage().values_whole >= 1 << 20);
}

static void pieces_of_all_sizes_are_zeroed_and_apart(void **state)
{
    static const size_t sizes[] = {0,   1,   7,    8,    31,   32,   40,   41,   72,
                                   100, 400, 1000, 2024, 2025, 4072, 4073, 65536};
    enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
    struct sensitive *pieces[SIZES][3];

    (void)state;
    for (size_t i = 0; i < SIZES * 3; i++) {
        struct sensitive **piece = &pieces[i % SIZES][i / SIZES];

        assert_ok(i % 2 == 0 ? sensitive_new(arena, sizes[i % SIZES], piece)
                             : sensitive_new_key(arena, sizes[i % SIZES], piece));
        assert_int_equal(sensitive_view(*piece).n, sizes[i % SIZES]);
        assert_int_equal((uintptr_t)sensitive_fill(*piece) % 16, 0);
        for (size_t j = 0; j < sizes[i % SIZES]; j++)
            assert_int_equal(sensitive_fill(*piece)[j], 0);
        memset(sensitive_fill(*piece), (int)(i + 1), sizes[i % SIZES]);
    }
    for (size_t i = 0; i < SIZES * 3; i++)
        for (size_t j = 0; j < sizes[i % SIZES]; j++)
            assert_int_equal(sensitive_view(pieces[i % SIZES][i / SIZES]).at[j], (uint8_t)(i + 1));
}

static void what_goes_back_is_zeroed(void **state)
{
    struct arena_mark mark = arena_mark(arena);
    struct sensitive *piece, *stays;
    const uint8_t *at;

    (void)state;
    assert_ok(sensitive_new(arena, 300, &stays)); /* keeps the page */
    mark = arena_mark(arena);
    assert_ok(sensitive_new(arena, 300, &piece));
    memset(sensitive_fill(piece), 0x5a, 300);
    at = sensitive_view(piece).at;
    arena_rewind(arena, mark);
    PERMIT(at, 300);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(at[i], 0);
    FORBID(at, 300);
}

static void trimming_and_wiping_leave_nothing_behind(void **state)
{
    size_t before = sensitive_usage().values;
    struct sensitive *piece;
    uint8_t *at;

    (void)state;
    assert_ok(sensitive_new(arena, 100, &piece));
    at = sensitive_fill(piece);
    memset(at, 0x5a, 100);
    sensitive_trim(piece, 200);
    assert_int_equal(sensitive_view(piece).n, 100);
    sensitive_trim(piece, 10);
    assert_int_equal(sensitive_view(piece).n, 10);
    for (size_t i = 10; i < 100; i++)
        assert_int_equal(at[i], 0);
    assert_int_equal(at[9], 0x5a);
    sensitive_wipe(piece);
    assert_int_equal(sensitive_view(piece).n, 0);
    assert_int_equal(sensitive_usage().values, before);
    sensitive_wipe(piece); /* twice is once */
}

static size_t fill_up(struct arena *from, size_t n)
{
    struct sensitive *piece;
    size_t got = 0;

    while (sensitive_new(from, n, &piece) == OK)
        got++;
    return got;
}

/* Small pieces fill the region, go, and the whole of it serves large ones again. */
static void a_full_region_says_so_and_heals(void **state)
{
    size_t whole = sensitive_usage().values_whole, small, large;
    struct arena *other = arena_open(64 << 20);
    struct sensitive *piece;

    (void)state;
    small = fill_up(other, 40);
    assert_int_equal(small, whole / 64);
    assert_fault(sensitive_new(arena, 1, &piece), SENSITIVE_FULL);
    assert_int_equal(SENSITIVE_FULL->class, FAULT_AGAIN);
    assert_ok(sensitive_new_key(arena, 32, &piece)); /* values never starve keys */
    arena_close(other);

    other = arena_open(1 << 20);
    large = fill_up(other, 65536);
    assert_int_equal(large, whole / (17 * 4096));
    arena_close(other);
    assert_ok(sensitive_new(arena, whole - 4096, &piece));
}

static void one_payer_takes_at_most_an_eighth(void **state)
{
    size_t eighth = sensitive_usage().values_whole / 8;
    struct arena *greedy = arena_open(64 << 20), *also = arena_open(1 << 20),
                 *quiet = arena_open(1 << 20);
    struct sensitive *piece;

    (void)state;
    arena_bill(greedy, 7);
    arena_bill(also, 7);
    arena_bill(quiet, 8);
    assert_int_equal(fill_up(greedy, 4000), eighth / 4096);
    assert_int_equal(fill_up(greedy, 40), eighth % 4096 / 64);
    assert_fault(sensitive_new(also, 1, &piece), SENSITIVE_FULL);
    assert_ok(sensitive_new(quiet, 4000, &piece));
    assert_ok(sensitive_new(arena, 4000, &piece));      /* nobody's */
    assert_ok(sensitive_new_key(greedy, 4000, &piece)); /* keys are not billed */
    arena_close(greedy);
    assert_ok(sensitive_new(also, 4000, &piece));
    arena_close(also);
    arena_close(quiet);
}

/* In a child: it is expected to end by a signal (or, under a sanitizer, with a report). */
static void assert_dies(void (*deed)(void), int signal_expected)
{
    int pipes[2], status;
    char said[512] = "";
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        deed();
        _exit(0);
    }
    close(pipes[1]);
    assert_true(read(pipes[0], said, sizeof(said) - 1) >= 0);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (!POISON_VALGRIND && !SANITIZED) {
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signal_expected);
        if (signal_expected == SIGABRT)
            assert_non_null(strstr(said, "sensitive.overrun"));
    }
}

/* The regions are not inherited (or only empty), so a child that tries maps its own: exec of
 * ourselves. */
static const char *self;

static void exec_with(const char *deed)
{
    execl(self, self, deed, (char *)NULL);
    _exit(0);
}

static void overrun_by_one(void)
{
    exec_with("overrun-1");
}
static void overrun_by_eight(void)
{
    exec_with("overrun-8");
}
static void underrun(void)
{
    exec_with("underrun");
}
static void past_the_end(void)
{
    exec_with("past-the-end");
}

static void a_write_beyond_ends_the_process(void **state)
{
    (void)state;
    assert_dies(overrun_by_one, SIGABRT);
    assert_dies(overrun_by_eight, SIGABRT);
    assert_dies(underrun, SIGABRT);
    assert_dies(past_the_end, SIGSEGV);
}

/* As an ordinary user, who may lock only so much. */
static int start_limited(size_t limit)
{
    const struct rlimit most = {limit, limit};
    const struct fault *why;

    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 3;
    if (setrlimit(RLIMIT_MEMLOCK, &most) != 0)
        return 3;
    why = sensitive_start(NULL);
    if (why == SENSITIVE_DENIED)
        return 2;
    return why == OK && sensitive_usage().values_whole >= 1 << 20 &&
                   sensitive_usage().values_whole < limit
               ? 1
               : 0;
}

static int status_of(const char *deed)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        exec_with(deed);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_limit_is_kept_or_the_start_ends(void **state)
{
    (void)state;
    if (POISON_VALGRIND || SANITIZED)
        return; /* they do not lock */
    assert_int_equal(status_of("limited"), 1);
    assert_int_equal(status_of("too-little"), 2);
}

static int do_deed(const char *deed)
{
    struct sensitive *piece;
    volatile uint8_t *at;

    if (strcmp(deed, "limited") == 0)
        return start_limited(2300 << 10);
    if (strcmp(deed, "too-little") == 0)
        return start_limited(1500 << 10);
    if (sensitive_start(NULL) != OK)
        return 0;
    arena = arena_open(1 << 20);
    if (sensitive_new(arena, 100, &piece) != OK)
        return 0;
    at = sensitive_fill(piece);
    if (strcmp(deed, "overrun-1") == 0)
        at[100] ^= 1;
    if (strcmp(deed, "overrun-8") == 0)
        memset(sensitive_fill(piece) + 100, 'A', 8);
    if (strcmp(deed, "underrun") == 0)
        at[-3] ^= 1;
    if (strcmp(deed, "past-the-end") == 0)
        at[sensitive_usage().values_whole] = 1;
    arena_close(arena);
    return 0;
}

static struct sensitive *planted;

static void a_child_does_not_have_it(void **state)
{
    pid_t child;
    int status;

    (void)state;
    assert_ok(sensitive_new(arena, 64, &planted));
    memset(sensitive_fill(planted), 0x77, 64);
    child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        for (size_t i = 0; i < 64; i++)
            if (sensitive_view(planted).at[i] == 0x77)
                _exit(1);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 1); /* gone (a fault) or empty */
}

static void the_memory_is_locked_and_not_dumped(void **state)
{
    char line[512];
    FILE *maps = fopen("/proc/self/smaps", "r");
    unsigned long from, to, at;
    struct sensitive *piece;
    bool in = false, locked = false, undumped = false;

    (void)state;
    assert_ok(sensitive_new(arena, 64, &piece));
    at = (unsigned long)(uintptr_t)sensitive_view(piece).at;
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            in = from <= at && at < to;
        if (in && strncmp(line, "VmFlags:", 8) == 0) {
            locked = strstr(line, " lo") != NULL;
            undumped = strstr(line, " dd") != NULL;
        }
    }
    fclose(maps);
    if (!POISON_VALGRIND) {
        assert_true(locked || SANITIZED); /* the sanitizer turns mlock off */
        assert_true(undumped);
    }
}

static void libraries_may_take_from_the_keys(void **state)
{
    size_t before = sensitive_usage().keys;
    char *outside = inside_malloc(50, NULL, 0), *inside;

    (void)state;
    assert_int_equal(sensitive_usage().keys, before);
    inside_begin();
    inside_begin();
    inside_end();
    inside = inside_malloc(50, NULL, 0);
    outside = inside_realloc(outside, 5000, NULL, 0); /* stays where it is from */
    inside_end();
    assert_int_equal(sensitive_usage().keys, before + 96);
    memcpy(inside, "forty-nine", 11);
    inside = inside_realloc(inside, 6000, NULL, 0); /* so does this */
    assert_int_equal(sensitive_usage().keys, before + 8192);
    assert_string_equal(inside, "forty-nine");
    assert_null(inside_realloc(inside, 1 << 30, NULL, 0));
    assert_string_equal(inside, "forty-nine");
    inside_free(inside, NULL, 0);
    inside_free(outside, NULL, 0);
    inside_free(NULL, NULL, 0);
    assert_int_equal(sensitive_usage().keys, before);
    inside_begin();
    assert_null(inside_malloc(1 << 30, NULL, 0));
    inside_end();
}

static void *take_and_give(void *ctx)
{
    struct arena *own = arena_open(8 << 20);
    struct arena_mark mark = arena_mark(own);
    unsigned seed = *(unsigned *)ctx;

    arena_bill(own, seed);
    for (int round = 0; round < 300; round++) {
        struct sensitive *pieces[20];
        int got = 0;

        for (int i = 0; i < 20; i++) {
            seed = seed * 1103515245 + 12345;
            if (sensitive_new(own, (seed >> 8) % 6000, &pieces[got]) == OK) {
                memset(sensitive_fill(pieces[got]), (int)seed, sensitive_view(pieces[got]).n);
                got++;
            }
        }
        arena_rewind(own, mark);
    }
    arena_close(own);
    arena_forget_kept();
    return NULL;
}

static void threads_share_the_regions(void **state)
{
    unsigned seeds[4] = {1, 2, 3, 4};
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &seeds[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(sensitive_usage().values, 0);
}

static bool take(void *ctx)
{
    struct arena *own = arena_open(1 << 20);
    struct sensitive *value, *key;
    bool done = own != NULL && sensitive_new(own, 100, &value) == OK &&
                sensitive_new_key(own, 32, &key) == OK;

    (void)ctx;
    arena_close(own);
    return done;
}

static void nothing_stays(void *ctx, bool succeeded)
{
    (void)ctx;
    (void)succeeded;
    assert_int_equal(sensitive_usage().values, 0);
    assert_int_equal(sensitive_usage().keys, 0);
}

static void each_failure_leaves_nothing(void **state)
{
    (void)state;
    assert_true(each_fault("sensitive", take, nothing_stays, NULL) > 4);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

/* Before the start there is no room, and that is said, not crashed upon. */
static bool early_is_full(void)
{
    struct arena *early = arena_open(4096);
    struct sensitive *piece;
    bool full = sensitive_new(early, 1, &piece) == SENSITIVE_FULL &&
                sensitive_new_key(early, 1, &piece) == SENSITIVE_FULL &&
                strcmp(sensitive_form(), "none") == 0 && sensitive_usage().keys_whole == 0;

    arena_close(early);
    return full;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(the_form_is_said),
        CASE(pieces_of_all_sizes_are_zeroed_and_apart),
        CASE(what_goes_back_is_zeroed),
        CASE(trimming_and_wiping_leave_nothing_behind),
        CASE(a_full_region_says_so_and_heals),
        CASE(one_payer_takes_at_most_an_eighth),
        CASE(a_write_beyond_ends_the_process),
        CASE(the_limit_is_kept_or_the_start_ends),
        CASE(a_child_does_not_have_it),
        CASE(the_memory_is_locked_and_not_dumped),
        CASE(libraries_may_take_from_the_keys),
        CASE(threads_share_the_regions),
        CASE(each_failure_leaves_nothing),
    };

    self = argv[0];
    if (argc == 2)
        return do_deed(argv[1]);
    if (!early_is_full())
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
