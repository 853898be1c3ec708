/* The order of a turn, and what waits for the next one. */
#include "support/test.h"

#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct tape {
    char said[64];
    size_t n;
};
static struct tape tape;
static struct loop *loop;

struct speaker {
    struct loop_task task;
    char letter;
    struct loop_task *flushes, *readies;
    struct loop_task *cancels;
};

static void say(char letter)
{
    tape.said[tape.n++] = letter;
}

static void speak(struct loop_task *task)
{
    struct speaker *speaker = (struct speaker *)task;

    say(speaker->letter);
    if (speaker->flushes != NULL)
        loop_flush(loop, speaker->flushes);
    if (speaker->readies != NULL)
        loop_ready(loop, speaker->readies);
    if (speaker->cancels != NULL)
        loop_cancel(speaker->cancels);
}

static const struct fault FAILED[1] = {{FAULT_INTERNAL, "test.failed", "Failed."}};
static const struct fault *outcome;

static const struct fault *turn_end(void *ctx)
{
    (void)ctx;
    say('|');
    return outcome;
}

static void assert_turn(const char *expected)
{
    tape = (struct tape){0};
    assert_ok(loop_turn(loop));
    assert_string_equal(tape.said, expected);
}

static int set_up(void **state)
{
    (void)state;
    outcome = OK;
    assert_ok(loop_open(&loop));
    loop_at_turn_end(loop, turn_end, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_close(loop);
    return 0;
}

static void turns_in_order(void **state)
{
    struct speaker a = {{.fn = speak}, 'a'}, b = {{.fn = speak}, 'b'}, f = {{.fn = speak}, 'f'},
                   l = {{.fn = speak}, 'l'};

    (void)state;
    a.flushes = &f.task;
    a.readies = &a.task; /* again: in the next turn */
    loop_later(loop, &l.task);
    loop_ready(loop, &a.task);
    loop_ready(loop, &b.task);
    loop_ready(loop, &b.task); /* once is enough */
    assert_turn("abl|f");
    a.readies = NULL;
    assert_turn("a|f");
    outcome = FAILED;
    loop_flush(loop, &f.task);
    assert_turn("|f");
    assert_fault(loop_turn_fault(loop), FAILED);
}

static struct speaker first_step = {{.fn = speak}, '1'}, second_step = {{.fn = speak}, '2'},
                      last = {{.fn = speak}, 'z'};

/* All steps of a turn's tasks are in that turn. */
static void step_later(struct loop_task *task)
{
    speak(task);
    loop_step(loop, 1, &second_step.task);
    loop_step(loop, 0, &first_step.task);
    loop_last(loop, &last.task);
}

static void takes_steps_one_after_the_other(void **state)
{
    struct speaker a = {{.fn = step_later}, 'a'}, b = {{.fn = speak}, 'b'},
                   l = {{.fn = speak}, 'l'}, f = {{.fn = speak}, 'f'};

    (void)state;
    first_step.flushes = &f.task;
    loop_later(loop, &l.task);
    loop_ready(loop, &a.task);
    loop_ready(loop, &b.task);
    assert_turn("abl12|fz");
}

static void does_few_handshakes_a_turn(void **state)
{
    struct speaker later[LOOP_LATER + 3], ready = {{.fn = speak}, 'r'};

    (void)state;
    for (size_t i = 0; i < LOOP_LATER + 3; i++) {
        later[i] = (struct speaker){{.fn = speak}, (char)('0' + i)};
        loop_later(loop, &later[i].task);
    }
    assert_turn("01234567|");
    loop_ready(loop, &ready.task);
    assert_turn("r89:|");
}

static void cancels_from_any_list(void **state)
{
    struct speaker a = {{.fn = speak}, 'a'}, b = {{.fn = speak}, 'b'}, f = {{.fn = speak}, 'f'};

    (void)state;
    a.cancels = &b.task;
    loop_ready(loop, &a.task);
    loop_ready(loop, &b.task);
    loop_flush(loop, &f.task);
    loop_cancel(&f.task);
    loop_cancel(&f.task);
    assert_turn("a|");
}

struct fuse {
    struct loop_timer timer;
    char letter;
};

static void fire(struct loop_timer *timer)
{
    say(((struct fuse *)timer)->letter);
}

static void fires_each_timer_once_and_not_early(void **state)
{
    struct fuse a = {{.fn = fire}, 'a'}, b = {{.fn = fire}, 'b'}, c = {{.fn = fire}, 'c'},
                d = {{.fn = fire}, 'd'};
    int64_t began = loop_now_ms(loop), fired = 0;

    (void)state;
    loop_timer_set(loop, &a.timer, 1);
    loop_timer_set(loop, &b.timer, 1);
    loop_timer_set(loop, &b.timer, LOOP_TICK_MS * 2); /* later: one store */
    loop_timer_set(loop, &c.timer, 100000);
    loop_timer_set(loop, &c.timer, 1); /* sooner */
    loop_timer_set(loop, &d.timer, 1);
    loop_timer_clear(&d.timer);
    tape = (struct tape){0};
    while (strchr(tape.said, 'b') == NULL) {
        assert_ok(loop_turn(loop));
        if (fired == 0 && strchr(tape.said, 'a') != NULL)
            fired = loop_now_ms(loop);
    }
    assert_true(fired > began);
    assert_true(loop_now_ms(loop) - began >= LOOP_TICK_MS * 2);
    assert_null(strchr(tape.said, 'd'));
    assert_non_null(strchr(tape.said, 'c'));
    assert_ptr_equal(strchr(tape.said, 'a'), strrchr(tape.said, 'a'));
}

static void count_wake(void *ctx)
{
    ++*(int *)ctx;
}

static void is_woken(void **state)
{
    int woken = 0;

    (void)state;
    loop_on_wake(loop, count_wake, &woken);
    loop_wake(loop);
    loop_wake(loop);
    assert_turn("|");
    assert_int_equal(woken, 1);
}

struct ear {
    struct loop_watch watch;
    struct ear *other;
    int heard;
};

static void hear(struct loop_watch *watch, uint32_t events)
{
    struct ear *ear = (struct ear *)watch;

    assert_true(events & EPOLLIN);
    ear->heard++;
    loop_unwatch(loop, &ear->other->watch);
}

/* Both have an event in the same turn; the first unwatches the second, which must not be told any
 * more. */
static void tells_nobody_who_was_unwatched(void **state)
{
    int one[2], two[2];
    struct ear a, b;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, one), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, two), 0);
    a = (struct ear){{one[0], hear}, &b, 0};
    b = (struct ear){{two[0], hear}, &a, 0};
    assert_int_equal(write(one[1], "x", 1), 1);
    assert_int_equal(write(two[1], "x", 1), 1);
    assert_ok(loop_watch(loop, &a.watch, EPOLLIN));
    assert_ok(loop_watch(loop, &b.watch, EPOLLIN));
    assert_turn("|");
    assert_int_equal(a.heard + b.heard, 1);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(two[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(turns_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_steps_one_after_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_few_handshakes_a_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancels_from_any_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fires_each_timer_once_and_not_early, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_woken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_nobody_who_was_unwatched, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
