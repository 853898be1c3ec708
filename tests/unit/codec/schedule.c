/* Rotation schedules: what is read and what is refused, the next opening across month ends and leap
 * years, both sides of windows. Expected times were worked out on a calendar. */
#include "support/test.h"

#include "codec/date.h"
#include "codec/schedule.h"

#include <stdio.h>

static int64_t at(const char *iso)
{
    int64_t ms;
    char text[32];

    snprintf(text, sizeof text, "%s:00Z", iso);
    assert_true(date_read_iso(bytes_of(text), &ms));
    return ms;
}

static struct schedule of(const char *expression)
{
    struct schedule s;
    const struct fault *fault = schedule_read(bytes_of(expression), &s);

    if (fault != OK)
        fail_msg("%s: %s", expression, fault->name);
    return s;
}

static void assert_time(const char *what, int64_t ms, const char *wanted)
{
    uint8_t iso[DATE_ISO];

    date_iso(ms, iso);
    if (memcmp(iso, wanted, 16) != 0)
        fail_msg("%s: %.16s instead of %s", what, (const char *)iso, wanted);
}

static const struct {
    const char *expression, *after, *next;
} nexts[] = {
    {"rate(4 hours)", "2026-11-20T12:34", "2026-11-20T16:00"},
    {"rate(30 hours)", "2026-11-20T12:34", "2026-11-21T18:00"},
    {"rate(1 day)", "2026-02-28T23:59", "2026-03-01T00:00"},
    {"rate(1 days)", "2028-02-28T00:00", "2028-02-29T00:00"},
    {"rate(10 days)", "2026-12-25T08:00", "2027-01-04T00:00"},
    {"rate(999 days)", "2026-11-20T12:00", "2029-08-15T00:00"},
    {" rate( 8  days) ", "2026-11-20T12:00", "2026-11-28T00:00"},

    {"cron(0 8 * * ? *)", "2026-11-20T07:59", "2026-11-20T08:00"},
    {"cron(0 8 * * ? *)", "2026-11-20T08:00", "2026-11-21T08:00"},
    {"cron(0 23 * * ? *)", "2026-12-31T23:00", "2027-01-01T23:00"},
    {"cron(0 4/12 * * ? *)", "2026-11-20T16:00", "2026-11-21T04:00"},
    {"cron(0 4/12 * * ? *)", "2026-11-20T04:00", "2026-11-20T16:00"},
    {"cron(0 */4 * * ? *)", "2026-11-20T20:30", "2026-11-21T00:00"},
    {"cron(0 8-20/6 * * ? *)", "2026-11-20T08:00", "2026-11-20T14:00"},
    {"cron(0 0 1 * ? *)", "2026-11-20T00:00", "2026-12-01T00:00"},
    {"cron(00 10 1,15 * ? *)", "2026-11-15T10:00", "2026-12-01T10:00"},
    {"cron(0 0 1/10 * ? *)", "2026-11-22T00:00", "2026-12-01T00:00"},
    {"cron(0 0 31 * ? *)", "2026-11-01T00:00", "2026-12-31T00:00"},
    {"cron(0 0 30 2,4 ? *)", "2026-01-01T00:00", "2026-04-30T00:00"},
    {"cron(0 12 1 1,4,7,10 ? *)", "2026-10-01T12:00", "2027-01-01T12:00"},
    {"cron(0 12 1 JAN,apr,Jul,OCT ? *)", "2026-04-01T12:00", "2026-07-01T12:00"},
    {"cron(0 0 1 3-6/2 ? *)", "2026-03-01T00:00", "2026-05-01T00:00"},

    /* the last day of the month, and leap years */
    {"cron(0 17 L * ? *)", "2026-02-01T00:00", "2026-02-28T17:00"},
    {"cron(0 17 L * ? *)", "2028-02-01T00:00", "2028-02-29T17:00"},
    {"cron(0 17 L * ? *)", "2100-02-01T00:00", "2100-02-28T17:00"},
    {"cron(0 0 29 2 ? *)", "2026-11-20T00:00", "2028-02-29T00:00"},
    {"cron(0 0 29 2 ? *)", "2096-02-29T00:00", "2104-02-29T00:00"},
    {"cron(0 0 ? 2 SUN#5 *)", "2026-01-01T00:00", "2032-02-29T00:00"},
    {"cron(0 0 ? 2 2#5 *)", "2072-02-29T00:00", "2112-02-29T00:00"},

    /* the nearest weekday: 2026-11-01 is a Sunday, 2026-08-01 and 2026-10-31 are Saturdays */
    {"cron(0 0 1W * ? *)", "2026-10-20T00:00", "2026-11-02T00:00"},
    {"cron(0 0 1W 8 ? *)", "2026-07-20T00:00", "2026-08-03T00:00"},
    {"cron(0 0 31W 10 ? *)", "2026-07-20T00:00", "2026-10-30T00:00"},
    {"cron(0 0 15W 11 ? *)", "2026-11-01T00:00", "2026-11-16T00:00"},
    {"cron(0 0 31W 5 ? *)", "2026-05-01T00:00", "2026-05-29T00:00"},
    {"cron(0 0 31W * ? *)", "2026-06-01T00:00", "2026-07-31T00:00"},

    /* days of the week, SUN is 1 */
    {"cron(0 1 ? * SUN *)", "2026-11-20T00:00", "2026-11-22T01:00"},
    {"cron(0 1 ? * 1 *)", "2026-11-20T00:00", "2026-11-22T01:00"},
    {"cron(0 8 ? * MON-FRI *)", "2026-11-20T08:00", "2026-11-23T08:00"},
    {"cron(0 8 ? * 2-6 *)", "2026-11-23T08:00", "2026-11-24T08:00"},
    {"cron(0 8 ? * 1/3 *)", "2026-11-22T09:00", "2026-11-25T08:00"},
    {"cron(0 8 ? * * *)", "2026-11-22T09:00", "2026-11-23T08:00"},
    {"cron(0 8 ? * L *)", "2026-11-20T09:00", "2026-11-21T08:00"},
    {"cron(0 8 ? * 6L *)", "2026-11-20T09:00", "2026-11-27T08:00"},
    {"cron(0 8 ? * FRIL *)", "2026-11-27T09:00", "2026-12-25T08:00"},
    {"cron(0 16 ? * SAT#3 *)", "2026-11-20T00:00", "2026-11-21T16:00"},
    {"cron(0 10 ? 2,5,8,11 3#2 *)", "2026-11-10T10:00", "2027-02-09T10:00"},
    {"cron(0 10 ? * MON#5 *)", "2026-11-20T00:00", "2026-11-30T10:00"},
    {"cron(0 10 ? * MON#1,FRIL *)", "2026-11-20T00:00", "2026-11-27T10:00"},
};

static void test_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nexts / sizeof *nexts; i++) {
        const struct schedule s = of(nexts[i].expression);

        assert_time(nexts[i].expression, schedule_next(&s, at(nexts[i].after)), nexts[i].next);
    }
}

static const struct {
    const char *expression;
    const struct fault *fault;
} refused[] = {
    {"", SCHEDULE_FORM},
    {"daily", SCHEDULE_FORM},
    {"rate()", SCHEDULE_FORM},
    {"rate(10)", SCHEDULE_FORM},
    {"rate(days)", SCHEDULE_FORM},
    {"rate(10 days", SCHEDULE_FORM},
    {"rate(10 days) x", SCHEDULE_FORM},
    {"rate(10 weeks)", SCHEDULE_FORM},
    {"rate(10 minutes)", SCHEDULE_FORM},
    {"rate(10 days 2)", SCHEDULE_FORM},
    {"rate(-1 days)", SCHEDULE_FORM},
    {"rate(0 days)", SCHEDULE_FORM},
    {"rate(1.5 days)", SCHEDULE_FORM},
    {"rate(99999999999999999999 days)", SCHEDULE_FORM},
    {"Rate(10 days)", SCHEDULE_FORM},
    {"rate(3 hours)", SCHEDULE_OFTEN},
    {"rate(1 hour)", SCHEDULE_OFTEN},
    {"rate(1000 days)", SCHEDULE_RARE},
    {"rate(23977 hours)", SCHEDULE_RARE},

    {"cron()", SCHEDULE_FORM},
    {"cron(0 8 * * ?)", SCHEDULE_FORM},
    {"cron(0 8 * * ? * *)", SCHEDULE_FORM},
    {"cron(15 8 * * ? *)", SCHEDULE_FORM},
    {"cron(* 8 * * ? *)", SCHEDULE_FORM},
    {"cron(0 8 * * ? 2027)", SCHEDULE_FORM},
    {"cron(0 8 * * * *)", SCHEDULE_FORM},
    {"cron(0 8 ? * ? *)", SCHEDULE_FORM},
    {"cron(0 24 * * ? *)", SCHEDULE_FORM},
    {"cron(0 ? * * ? *)", SCHEDULE_FORM},
    {"cron(0 -1 * * ? *)", SCHEDULE_FORM},
    {"cron(0 8, * * ? *)", SCHEDULE_FORM},
    {"cron(0 8/0 * * ? *)", SCHEDULE_FORM},
    {"cron(0 20-8 * * ? *)", SCHEDULE_FORM},
    {"cron(0 8 0 * ? *)", SCHEDULE_FORM},
    {"cron(0 8 32 * ? *)", SCHEDULE_FORM},
    {"cron(0 8 LW * ? *)", SCHEDULE_FORM},
    {"cron(0 8 W * ? *)", SCHEDULE_FORM},
    {"cron(0 8 1 0 ? *)", SCHEDULE_FORM},
    {"cron(0 8 1 13 ? *)", SCHEDULE_FORM},
    {"cron(0 8 1 JANUARY ? *)", SCHEDULE_FORM},
    {"cron(0 8 ? * 0 *)", SCHEDULE_FORM},
    {"cron(0 8 ? * 8 *)", SCHEDULE_FORM},
    {"cron(0 8 ? * 2#0 *)", SCHEDULE_FORM},
    {"cron(0 8 ? * 2#6 *)", SCHEDULE_FORM},
    {"cron(0 8 ? * #2 *)", SCHEDULE_FORM},
    {"cron(0 8 ? * XL *)", SCHEDULE_FORM},

    {"cron(0 * * * ? *)", SCHEDULE_OFTEN},
    {"cron(0 8,11 * * ? *)", SCHEDULE_OFTEN},
    {"cron(0 */3 * * ? *)", SCHEDULE_OFTEN},
    {"cron(0 1,22 * * ? *)", SCHEDULE_OFTEN}, /* three hours over midnight */
    {"cron(0 1,22 ? * SAT,SUN *)", SCHEDULE_OFTEN},
    {"cron(0 1,22 1,L * ? *)", SCHEDULE_OFTEN},
    {"cron(0 0 30 2 ? *)", SCHEDULE_NEVER},
    {"cron(0 0 31 2,4,6,9,11 ? *)", SCHEDULE_NEVER},
    {"cron(0 0 30W 2 ? *)", SCHEDULE_NEVER},
};

static void test_refused(void **state)
{
    struct schedule s;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (schedule_read(bytes_of(refused[i].expression), &s) != refused[i].fault)
            fail_msg("%s: not %s", refused[i].expression, refused[i].fault->name);
}

static void test_both_sides_of_four_hours(void **state)
{
    (void)state;
    of("rate(4 hours)");
    of("rate(23976 hours)");
    of("cron(0 8,12 * * ? *)");
    of("cron(0 0,20 * * ? *)"); /* four hours over midnight */
    of("cron(0 1,22 ? * MON *)");
    of("cron(0 1,22 1,15 * ? *)");
}

static const struct {
    const char *expression;
    int hours;
    bool fits;
    const char *open, *close;
} windows[] = {
    {"rate(4 hours)", 0, true, "2026-11-20T12:00", "2026-11-20T13:00"},
    {"rate(4 hours)", 4, true, "2026-11-20T12:00", "2026-11-20T16:00"},
    {"rate(4 hours)", 5, false, NULL, NULL},
    {"rate(30 hours)", 24, true, "2026-11-20T18:00", "2026-11-21T00:00"},
    {"rate(30 hours)", 25, false, NULL, NULL},
    {"rate(10 days)", 0, true, "2026-11-20T00:00", "2026-11-21T00:00"},
    {"rate(10 days)", 1, true, "2026-11-20T00:00", "2026-11-20T01:00"},
    {"rate(10 days)", 24, true, "2026-11-20T00:00", "2026-11-21T00:00"},
    {"rate(10 days)", 25, false, NULL, NULL},
    {"cron(0 16 1,15 * ? *)", 0, true, "2026-11-15T16:00", "2026-11-16T00:00"},
    {"cron(0 16 1,15 * ? *)", 2, true, "2026-11-15T16:00", "2026-11-15T18:00"},
    {"cron(0 16 1,15 * ? *)", 8, true, "2026-11-15T16:00", "2026-11-16T00:00"},
    {"cron(0 16 1,15 * ? *)", 9, false, NULL, NULL},
    {"cron(0 8,14 * * ? *)", 0, true, "2026-11-15T08:00", "2026-11-15T09:00"},
    {"cron(0 8,14 * * ? *)", 6, true, "2026-11-15T08:00", "2026-11-15T14:00"},
    {"cron(0 8,14 * * ? *)", 7, false, NULL, NULL},
    {"cron(0 8,20 * * ? *)", 4, true, "2026-11-15T20:00", "2026-11-16T00:00"},
    {"cron(0 8,20 * * ? *)", 5, false, NULL, NULL},
};

static void test_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        const struct schedule s = of(windows[i].expression);
        const struct fault *fault = schedule_window_fits(&s, windows[i].hours);

        assert_ptr_equal(fault, windows[i].fits ? OK : SCHEDULE_WINDOW);
        if (windows[i].fits)
            assert_time(windows[i].expression,
                        schedule_close(&s, windows[i].hours, at(windows[i].open)),
                        windows[i].close);
    }
}

static const struct {
    const char *expression;
    int hours;
    const char *last, *since, *open;
} dues[] = {
    /* nothing was missed: the one that follows the last */
    {"rate(30 days)", 0, "2026-02-03T17:34", "2026-02-03T18:00", "2026-03-05T00:00"},
    {"rate(6 hours)", 0, "2026-11-20T10:30", "2026-11-20T11:00", "2026-11-20T16:00"},
    {"cron(0 8 1 * ? *)", 0, "2026-11-01T08:30", "2026-11-20T12:00", "2026-12-01T08:00"},
    /* overdue: the window that is open, or the first that opens */
    {"rate(30 days)", 0, "2026-02-03T17:34", "2026-11-20T12:00", "2026-11-20T00:00"},
    {"rate(30 days)", 3, "2026-02-03T17:34", "2026-11-20T02:59", "2026-11-20T00:00"},
    {"rate(30 days)", 3, "2026-02-03T17:34", "2026-11-20T03:00", "2026-11-21T00:00"},
    {"rate(6 hours)", 0, "2026-02-03T17:34", "2026-11-20T12:59", "2026-11-20T12:00"},
    {"cron(0 8 * * ? *)", 0, "2026-02-03T17:34", "2026-11-20T12:00", "2026-11-20T08:00"},
    {"cron(0 8 * * ? *)", 4, "2026-02-03T17:34", "2026-11-20T11:59", "2026-11-20T08:00"},
    {"cron(0 8 * * ? *)", 4, "2026-02-03T17:34", "2026-11-20T12:00", "2026-11-21T08:00"},
    {"cron(0 8,16 * * ? *)", 0, "2026-02-03T17:34", "2026-11-20T12:00", "2026-11-20T16:00"},
    /* done within the window that is open: the next one */
    {"cron(0 8 * * ? *)", 0, "2026-11-20T08:30", "2026-11-20T12:00", "2026-11-21T08:00"},
    {"rate(1 day)", 0, "2026-11-20T00:00", "2026-11-20T12:00", "2026-11-21T00:00"},
};

static void test_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        const struct schedule s = of(dues[i].expression);

        assert_time(dues[i].expression,
                    schedule_due(&s, dues[i].hours, at(dues[i].last), at(dues[i].since)),
                    dues[i].open);
    }
}

static void test_days(void **state)
{
    const struct {
        const char *expression, *open;
        int64_t days;
    } rows[] = {
        {"rate(4 hours)", "2026-11-20T12:00", 1},
        {"rate(10 hours)", "2026-11-20T12:00", 1},
        {"rate(24 hours)", "2026-11-20T12:00", 1},
        {"rate(25 hours)", "2026-11-20T12:00", 2},
        {"rate(10 days)", "2026-11-20T00:00", 10},
        {"cron(0 8 1 * ? *)", "2026-12-01T08:00", 31},
        {"cron(0 8 L * ? *)", "2027-01-31T08:00", 28},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct schedule s = of(rows[i].expression);

        assert_int_equal(schedule_days(&s, at(rows[i].open)), rows[i].days);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_both_sides_of_four_hours),
        cmocka_unit_test(test_due),     cmocka_unit_test(test_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
