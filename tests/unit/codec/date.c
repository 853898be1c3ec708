/* The calendar, forwards and back; identifiers that carry a time. */
#include "support/test.h"

#include "codec/date.h"
#include "codec/uuid.h"

static const struct {
    int64_t ms;
    const char *basic, *iso, *http;
} rows[] = {
    {INT64_C(1440938160000), "20150830T123600Z", "2015-08-30T12:36:00.000Z",
     "Sun, 30 Aug 2015 12:36:00 GMT"},
    {0, "19700101T000000Z", "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
    {INT64_C(951782399000), "20000228T235959Z", "2000-02-28T23:59:59.000Z",
     "Mon, 28 Feb 2000 23:59:59 GMT"},
    {INT64_C(951868800000), "20000301T000000Z", "2000-03-01T00:00:00.000Z",
     "Wed, 01 Mar 2000 00:00:00 GMT"},
    {INT64_C(-1000), "19691231T235959Z", "1969-12-31T23:59:59.000Z",
     "Wed, 31 Dec 1969 23:59:59 GMT"},
    {INT64_C(253402300799000), "99991231T235959Z", "9999-12-31T23:59:59.000Z",
     "Fri, 31 Dec 9999 23:59:59 GMT"},
};

static void test_there_and_back(void **state)
{
    uint8_t basic[DATE_BASIC], iso[DATE_ISO], http[DATE_HTTP];
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        date_basic(rows[i].ms, basic);
        date_iso(rows[i].ms, iso);
        date_http(rows[i].ms, http);
        assert_memory_equal(basic, rows[i].basic, DATE_BASIC);
        assert_memory_equal(iso, rows[i].iso, DATE_ISO);
        assert_memory_equal(http, rows[i].http, DATE_HTTP);
        assert_true(date_read_basic(bytes_of(rows[i].basic), &ms) && ms == rows[i].ms);
        assert_true(date_read_iso(bytes_of(rows[i].iso), &ms) && ms == rows[i].ms);
        assert_true(date_read_http(bytes_of(rows[i].http), &ms) && ms == rows[i].ms);
    }
}

static void test_every_day_of_some_centuries(void **state)
{
    int64_t days = date_days(date_ms(1599, 12, 31));
    struct date last = date_of(days * DATE_DAY_MS);

    (void)state;
    for (int i = 0; i < 800 * 366; i++) {
        struct date date = date_of(++days * DATE_DAY_MS);

        assert_int_equal(date_days(date_ms(date.year, date.month, date.day)), days);
        assert_int_equal(date.weekday, (last.weekday + 1) % 7);
        if (date.day != last.day + 1)
            assert_true(date.day == 1 && last.day >= 28);
        last = date;
    }
}

static void test_refused(void **state)
{
    static const char *const basic[] = {"20150230T123600Z", "20151301T000000Z",
                                        "20150800T000000Z", "20150830T243600Z",
                                        "20150830T126000Z", "20150830T123660Z",
                                        "20150830T123600",  "20150830 123600Z",
                                        "2015083xT123600Z", "",
                                        "20150229T000000Z", "20150830T123600ZZ"};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
        assert_false(date_read_basic(bytes_of(basic[i]), &ms));
    assert_false(date_read_iso(LIT("2015-08-30T12:36:00"), &ms));
    assert_false(date_read_iso(LIT("2015-08-30T12:36:00.Z"), &ms));
    assert_false(date_read_iso(LIT("2015-08-30T12:36:00+01Z"), &ms));
    assert_true(date_read_iso(LIT("2015-08-30T12:36:00.1234Z"), &ms));
    assert_int_equal(ms % 1000, 123);
    assert_false(date_read_http(LIT("Mon, 30 Aug 2015 12:36:00 GMT"), &ms));
    assert_false(date_read_http(LIT("Sun, 30 Aux 2015 12:36:00 GMT"), &ms));
}

static void test_far_times_stay_within(void **state)
{
    (void)state;
    assert_int_equal(date_of(INT64_MAX).year, 9999);
    assert_int_equal(date_of(INT64_MIN).year, 0);
}

static void test_uuids(void **state)
{
    const uint8_t random[16] = {0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0,
                                0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0};
    uint8_t one[UUID_TEXT], two[UUID_TEXT];

    (void)state;
    uuid_v4(random, one);
    assert_memory_equal(one, "ff00ff00-ff00-4f00-bf00-ff00ff00ff00", UUID_TEXT);
    uuid_v7(INT64_C(0x017F22E279B0), random, one);
    assert_memory_equal(one, "017f22e2-79b0-7f00-bf00-ff00ff00ff00", UUID_TEXT);
    uuid_v7(INT64_C(0x017F22E279B1), random, two);
    assert_true(memcmp(one, two, UUID_TEXT) < 0);
    assert_true(uuid_is((struct bytes){one, UUID_TEXT}));
    assert_true(uuid_is(LIT("017F22E2-79B0-7F00-BF00-FF00FF00FF00")));
    assert_false(uuid_is(LIT("017f22e2-79b0-7f00-bf00-ff00ff00ff0")));
    assert_false(uuid_is(LIT("017f22e2-79b0-7f00-bf00-ff00ff00ff000")));
    assert_false(uuid_is(LIT("017f22e2079b0-7f00-bf00-ff00ff00ff00")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_every_day_of_some_centuries),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_far_times_stay_within),
        cmocka_unit_test(test_uuids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
