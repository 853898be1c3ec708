/* schedule: random rotation schedules against what they were spelt from. The next opening lies
 * behind the time asked about, is one of the schedule, and a walk minute by minute over the C
 * library's calendar finds none between. The seed is printed; give one as the argument to repeat.
 */
#include "codec/schedule.h"
#include "support/draw.h"
#include "support/test.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 1500, STEPS = 3, DAY_MINUTES = 24 * 60, WALK_DAYS = 500 };

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const day_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/* --- what a schedule means, as plain sets --- */

static struct {
    bool hours[24], months[13], by_week;
    bool days[32], last_day, nearest[32];
    bool weekdays[7], nth[7][6], last[7];
    char text[256];
} plain;

static int length_of(const struct tm *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = day->tm_year + 1900;

    return lengths[day->tm_mon] +
           (day->tm_mon == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool working(const struct tm *day, int of_month)
{
    const int weekday = (day->tm_wday + of_month - day->tm_mday + 70) % 7;

    return weekday != 0 && weekday != 6;
}

/* The working day of the month that is nearest to `wanted`: this one? */
static bool nearest_is(const struct tm *day, int wanted)
{
    static const int away[] = {0, -1, 1, -2, 2};

    if (wanted > length_of(day))
        return false;
    for (int i = 0; i < 5; i++) {
        const int found = wanted + away[i];

        if (found >= 1 && found <= length_of(day) && working(day, found))
            return found == day->tm_mday;
    }
    return false;
}

static bool month_day_is(const struct tm *day)
{
    if (plain.days[day->tm_mday] || (plain.last_day && day->tm_mday == length_of(day)))
        return true;
    for (int i = 1; i <= 31; i++)
        if (plain.nearest[i] && nearest_is(day, i))
            return true;
    return false;
}

static bool weekday_is(const struct tm *day)
{
    const int w = day->tm_wday;

    return plain.weekdays[w] || plain.nth[w][(day->tm_mday + 6) / 7] ||
           (plain.last[w] && day->tm_mday > length_of(day) - 7);
}

static bool day_is(const struct tm *day)
{
    return plain.months[day->tm_mon + 1] && (plain.by_week ? weekday_is(day) : month_day_is(day));
}

/* --- making one, in every spelling --- */

static void say(const char *word)
{
    strncat(plain.text, word, sizeof plain.text - strlen(plain.text) - 1);
}

static void say_number(int number)
{
    char digits[16];

    snprintf(digits, sizeof digits, "%d", number);
    say(digits);
}

static void say_of(int value, const char *const *names, int least)
{
    if (names != NULL && draw(2) == 0)
        say(names[value - least]);
    else
        say_number(value);
}

/* An element of a list: a value, a range, steps. */
static void make_item(bool *set, int least, int most, const char *const *names)
{
    int from = least + (int)draw((unsigned)(most - least + 1)), to = from, step = 1;
    const unsigned form = draw(6);

    if (form == 4) {
        from = least;
        to = most;
        say("*");
    } else {
        say_of(from, names, least);
    }
    if (form == 2 || form == 3) {
        to = from + (int)draw((unsigned)(most - from + 1));
        say("-");
        say_of(to, names, least);
    }
    if (form == 1 || form == 3 || (form == 4 && draw(2) == 0)) {
        if (form == 1)
            to = most;
        step = 1 + (int)draw((unsigned)most);
        say("/");
        say_number(step);
    }
    for (int i = from; i <= to; i += step)
        set[i] = true;
}

static void make_list(bool *set, int least, int most, const char *const *names)
{
    for (unsigned n = 1 + draw(3); n > 0; n--) {
        make_item(set, least, most, names);
        if (n > 1)
            say(",");
    }
}

static void make_month_day(void)
{
    const int day = 1 + (int)draw(31);

    switch (draw(4)) {
    case 0:
        plain.last_day = true;
        say("L");
        return;
    case 1:
        plain.nearest[day] = true;
        say_number(day);
        say("W");
        return;
    default:
        make_item(plain.days, 1, 31, NULL);
    }
}

static void make_weekday(void)
{
    const int day = (int)draw(7), nth = 1 + (int)draw(5);
    bool set[8] = {false};

    switch (draw(4)) {
    case 0:
        plain.last[day] = true;
        say_of(day + 1, day_names, 1);
        say("L");
        return;
    case 1:
        plain.nth[day][nth] = true;
        say_of(day + 1, day_names, 1);
        say("#");
        say_number(nth);
        return;
    default:
        make_item(set, 1, 7, day_names);
        for (int i = 0; i < 7; i++)
            plain.weekdays[i] = plain.weekdays[i] || set[i + 1];
    }
}

static void make_days(bool by_week)
{
    if (plain.by_week != by_week) {
        say("?");
        return;
    }
    for (unsigned n = 1 + draw(3); n > 0; n--) {
        (by_week ? make_weekday : make_month_day)();
        if (n > 1)
            say(",");
    }
}

static void make(void)
{
    memset(&plain, 0, sizeof plain);
    plain.by_week = draw(2) == 0;
    say("cron(0 ");
    if (draw(2) == 0)
        make_list(plain.hours, 0, 23, NULL);
    else {
        const int hour = (int)draw(24);

        plain.hours[hour] = true;
        say_number(hour);
    }
    say(" ");
    make_days(false);
    say(" ");
    make_list(plain.months, 1, 12, month_names);
    say(" ");
    make_days(true);
    say(" *)");
}

/* --- held against it --- */

static struct tm broken(int64_t ms)
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    return tm;
}

static bool opens_at(int64_t ms)
{
    const struct tm tm = broken(ms);

    return ms % 1000 == 0 && tm.tm_sec == 0 && tm.tm_min == 0 && plain.hours[tm.tm_hour] &&
           day_is(&tm);
}

/* Minute by minute for some days, then hour by hour. */
static void none_between(int64_t after, int64_t next)
{
    int64_t at = (after / 60000 + 1) * 60000;
    const int64_t minutes_end = at + (int64_t)WALK_DAYS * DAY_MINUTES * 60000;

    for (; at < next && at < minutes_end; at += 60000)
        if (at % 3600000 == 0 && opens_at(at))
            fail_msg("seed %llu: %s opens between", draw_seed(), plain.text);
    for (at = (at / 3600000 + 1) * 3600000; at < next; at += 3600000)
        if (opens_at(at))
            fail_msg("seed %llu: %s opens between", draw_seed(), plain.text);
}

static void hold(const struct schedule *s)
{
    int64_t at = (int64_t)draw(4000000) * 1000000 + draw(1000000);

    for (int i = 0; i < STEPS; i++) {
        const int64_t next = schedule_next(s, at);

        if (next <= at || !opens_at(next))
            fail_msg("seed %llu: %s does not open then", draw_seed(), plain.text);
        none_between(at, next);
        if (i > 0 && next - at < INT64_C(4) * 3600000)
            fail_msg("seed %llu: %s opens too often", draw_seed(), plain.text);
        at = next;
    }
}

/* Two openings within four hours, or none at all, in so many years? Then it was rightly refused. */
static bool rightly_refused(const struct fault *fault)
{
    const int64_t start = INT64_C(946684800000); /* 2000: 28 years hold every week and leap year */
    int64_t last = -1;

    for (int64_t at = start; at < start + INT64_C(28) * 366 * 24 * 3600000; at += 3600000) {
        if (!opens_at(at))
            continue;
        if (fault == SCHEDULE_OFTEN && last >= 0 && at - last < INT64_C(4) * 3600000)
            return true;
        last = at;
    }
    return fault == SCHEDULE_NEVER && last < 0;
}

static void test_same_as_walked(void **unused)
{
    int read = 0, refused = 0;

    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        struct schedule s;
        const struct fault *fault;

        make();
        fault = schedule_read(bytes_of(plain.text), &s);
        if (fault == OK) {
            hold(&s);
            read++;
        } else if (refused++ < 40 && !rightly_refused(fault)) {
            fail_msg("seed %llu: %s: %s", draw_seed(), plain.text, fault->name);
        }
    }
    printf("schedule: %d walked, %d refused\n", read, refused);
    assert_true(read > ROUNDS / 4);
}

/* Whatever the bytes are: an answer, and what is taken has a next opening. */
static void test_any_bytes(void **unused)
{
    static const char set[] = "crondateh()0123456789 *?/,-#LW";
    char text[64];
    struct schedule s;

    (void)unused;
    for (int i = 0; i < 200000; i++) {
        const size_t n = draw(sizeof text);
        size_t head = 0;

        if (draw(2) == 0)
            head = (size_t)snprintf(text, sizeof text, draw(2) == 0 ? "cron(0 " : "rate(");
        for (size_t j = head; j < n; j++)
            text[j] = set[draw(sizeof set - 1)];
        if (n > 0 && draw(2) == 0)
            text[n - 1] = ')';
        if (schedule_read((struct bytes){(const uint8_t *)text, n}, &s) == OK)
            assert_true(schedule_next(&s, 0) > 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_walked),
        cmocka_unit_test(test_any_bytes),
    };

    draw_begin(argc, argv, "schedule");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
