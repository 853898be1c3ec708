/* Streams of one thread, several at a time: what lies in the buffers that they share is each one's
 * own, whoever comes first and whoever goes. */
#include "support/test.h"

#include "net/stream.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAMS = 80, LARGE = 20 * 1024 };

static struct stream_thread *thread;
static struct stream *streams[STREAMS];
static int peers[STREAMS];

static int set_up(void **state)
{
    (void)state;
    assert_ok(stream_thread_open(&thread));
    for (size_t i = 0; i < STREAMS; i++) {
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        assert_ok(stream_open(thread, pair[0], NULL, &streams[i]));
        peers[i] = pair[1];
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < STREAMS; i++) {
        stream_close(streams[i]);
        close(peers[i]);
    }
    stream_thread_close(thread);
    return 0;
}

/* What the ith says: so long that some of it does not fit where it first was put. */
static struct bytes speech(size_t i, size_t n)
{
    static uint8_t said[LARGE];

    memset(said, (int)('a' + i), n);
    return (struct bytes){said, n};
}

static void assert_hears(size_t i, size_t n)
{
    static uint8_t heard[LARGE + 1];
    size_t sum = 0;
    ssize_t got;

    while (sum < sizeof heard && (got = recv(peers[i], heard + sum, sizeof heard - sum, 0)) > 0)
        sum += (size_t)got;
    assert_int_equal(sum, n);
    assert_memory_equal(heard, speech(i, n).at, n);
}

static void sends_to_each_what_is_his(void **state)
{
    (void)state;
    for (size_t n = 10; n <= LARGE; n *= 2048) {
        for (size_t i = 0; i < STREAMS; i++)
            assert_ok(stream_write(streams[i], speech(i, n)));
        assert_int_equal(stream_crowded(streams[0]), n != 10);
        for (size_t i = 0; i < STREAMS; i += 2)
            assert_ok(stream_send(streams[i]));
        for (size_t i = STREAMS; i-- > 0;)
            assert_ok(stream_send(streams[i]));
        for (size_t i = 0; i < STREAMS; i++)
            assert_hears(i, n);
        assert_false(stream_crowded(streams[0]));
    }
}

static void sends_in_order_when_others_wrote_between(void **state)
{
    (void)state;
    assert_ok(stream_write(streams[0], speech(0, 100)));
    assert_ok(stream_write(streams[1], speech(1, 100)));
    assert_ok(stream_write(streams[0], speech(0, 50)));
    assert_ok(stream_keep(streams[1]));
    assert_ok(stream_send(streams[0]));
    assert_ok(stream_send(streams[1]));
    assert_hears(0, 150);
    assert_hears(1, 100);
}

static void forgets_what_one_who_goes_had_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_ok(stream_write(streams[i], speech(i, 100)));
    stream_close(streams[1]);
    streams[1] = NULL;
    for (size_t i = 0; i < 3; i += 2) {
        assert_ok(stream_send(streams[i]));
        assert_hears(i, 100);
    }
    assert_hears(1, 0);
}

static void say(size_t i, size_t n)
{
    assert_int_equal(send(peers[i], speech(i, n).at, n, 0), n);
    stream_readable(streams[i], false);
    stream_fetch(streams[i]);
}

static void assert_reads(size_t i, size_t room, size_t expected)
{
    static uint8_t read[LARGE];
    size_t n, sum = 0;

    do {
        assert_ok(stream_read(streams[i], read + sum, room - sum, &n));
        sum += n;
    } while (n != 0 && sum < room);
    assert_int_equal(sum, expected);
    assert_memory_equal(read, speech(i, expected).at, expected);
}

/* More than there is room for: whoever was not fetched is read when his turn comes. */
static void reads_of_each_what_is_his(void **state)
{
    (void)state;
    for (size_t n = 10; n <= LARGE; n *= 2048) {
        for (size_t i = 0; i < STREAMS; i++)
            say(i, n);
        for (size_t i = 0; i < STREAMS; i++)
            assert_reads(i, 7, 7);
        for (size_t i = STREAMS; i-- > 0;)
            assert_reads(i, LARGE, n - 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_to_each_what_is_his, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sends_in_order_when_others_wrote_between, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_one_who_goes_had_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_of_each_what_is_his, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
