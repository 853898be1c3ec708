/* The ceilings hold, count by network, and give back what was taken. */
#include "support/test.h"

#include "net/door.h"

static struct address at(const char *text)
{
    struct address address;

    assert_ok(address_read(bytes_of(text), &address));
    return address;
}

static void counts_connections(void **state)
{
    const struct door_limits limits = {.connections = 3, .connections_per_address = 2};
    struct address one = at("192.0.2.1:1"), two = at("192.0.2.2:1");
    struct door_guest guests[4];
    struct door *door;

    (void)state;
    assert_ok(door_open(&limits, &door));
    assert_ok(door_enter(door, &one, &guests[0]));
    assert_ok(door_enter(door, &one, &guests[1]));
    assert_fault(door_enter(door, &one, &guests[2]), DOOR_ADDRESS);
    assert_ok(door_enter(door, &two, &guests[2]));
    assert_fault(door_enter(door, &two, &guests[3]), DOOR_FULL);
    door_leave(&guests[3]); /* never came in: nothing */
    door_leave(&guests[0]);
    assert_int_equal(door_connections(door), 2);
    assert_ok(door_enter(door, &one, &guests[0]));
    for (size_t i = 0; i < 3; i++)
        door_leave(&guests[i]);
    assert_int_equal(door_connections(door), 0);
    door_close(door);
}

static void counts_a_64_of_ipv6_as_one(void **state)
{
    const struct door_limits limits = {.connections = 9, .connections_per_address = 1};
    struct address one = at("[2001:db8::1]:1"), same = at("[2001:db8::ffff:1]:1"),
                   other = at("[2001:db8:0:1::1]:1");
    struct door_guest guests[3];
    struct door *door;

    (void)state;
    assert_ok(door_open(&limits, &door));
    assert_ok(door_enter(door, &one, &guests[0]));
    assert_fault(door_enter(door, &same, &guests[1]), DOOR_ADDRESS);
    assert_ok(door_enter(door, &other, &guests[1]));
    door_leave(&guests[0]);
    door_leave(&guests[1]);
    door_close(door);
}

static void bounds_bodies_of_all_and_of_each(void **state)
{
    const struct door_limits limits = {.connections = 40, .body_bytes = 1600};
    struct door_guest guests[18];
    struct door *door;

    (void)state;
    assert_ok(door_open(&limits, &door));
    for (size_t i = 0; i < 18; i++) {
        struct address address = at("10.0.0.1:1");

        address.ip[15] = (uint8_t)(i / 2); /* two of each address */
        assert_ok(door_enter(door, &address, &guests[i]));
    }
    assert_ok(door_body(&guests[0], 60));
    assert_fault(door_body(&guests[1], 41), DOOR_SHARE);
    assert_ok(door_body(&guests[1], 40));
    assert_ok(door_body(&guests[0], 10)); /* less is always fine */
    assert_ok(door_body(&guests[1], 90));
    door_leave(&guests[1]);
    assert_ok(door_body(&guests[0], 100));
    for (size_t i = 2; i < 18; i += 2)
        assert_ok(door_body(&guests[i], 100));
    for (size_t i = 0; i < 18; i++)
        door_leave(&guests[i]);
    door_close(door);
}

static void stops_at_the_sum_of_all(void **state)
{
    const struct door_limits limits = {.connections = 40, .body_bytes = 1600};
    struct door_guest guests[17];
    struct door *door;

    (void)state;
    assert_ok(door_open(&limits, &door));
    for (size_t i = 0; i < 17; i++) {
        struct address address = at("10.0.0.1:1");

        address.ip[15] = (uint8_t)i;
        assert_ok(door_enter(door, &address, &guests[i]));
        if (i < 16)
            assert_ok(door_body(&guests[i], 100));
    }
    assert_fault(door_body(&guests[16], 1), DOOR_BODIES);
    assert_ok(door_body(&guests[3], 0));
    assert_ok(door_body(&guests[16], 100));
    for (size_t i = 0; i < 17; i++)
        door_leave(&guests[i]);
    door_close(door);
}

static void empties_a_bucket_of_handshakes(void **state)
{
    const struct door_limits limits = {.connections = 9, .handshakes_per_second = 5};
    struct address one = at("192.0.2.1:1"), two = at("192.0.2.2:1");
    struct door_guest first, second;
    struct door *door;
    int taken = 0;

    (void)state;
    assert_ok(door_open(&limits, &door));
    assert_ok(door_enter(door, &one, &first));
    assert_ok(door_enter(door, &two, &second));
    while (taken < 1000 && door_handshake(&first) == OK)
        taken++;
    assert_in_range(taken, 5, 999); /* more than five only as far as the clock went on meanwhile */
    assert_ok(door_handshake(&second));
    door_leave(&first);
    door_leave(&second);
    door_close(door);
}

/* Many more addresses than there are places: those that have left are forgotten. */
static void forgets_who_has_left(void **state)
{
    const struct door_limits limits = {.connections = 4};
    struct address one = at("10.0.0.1:1");
    struct door_guest guest, stays;
    struct door *door;

    (void)state;
    assert_ok(door_open(&limits, &door));
    assert_ok(door_enter(door, &one, &stays));
    assert_ok(door_body(&stays, 0));
    for (unsigned i = 0; i < 5000; i++) {
        struct address address = one;

        address.ip[13] = (uint8_t)(i >> 8 & 0xFF);
        address.ip[14] = (uint8_t)i;
        assert_ok(door_enter(door, &address, &guest));
        door_leave(&guest);
    }
    assert_int_equal(door_connections(door), 1);
    door_leave(&stays);
    door_close(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_connections),
        cmocka_unit_test(counts_a_64_of_ipv6_as_one),
        cmocka_unit_test(bounds_bodies_of_all_and_of_each),
        cmocka_unit_test(stops_at_the_sum_of_all),
        cmocka_unit_test(empties_a_bucket_of_handshakes),
        cmocka_unit_test(forgets_who_has_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
