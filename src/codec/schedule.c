/* schedule: reads an expression into sets of bits; then days are walked, months that have none are
 * leapt over. */
#include "codec/schedule.h"

#include "codec/date.h"
#include "codec/text.h"

FAULT(
    SCHEDULE_FORM, FAULT_CALLER, "schedule.form",
    "A schedule is rate(N hours), rate(N days) or cron(0 Hours Day-of-month Month Day-of-week *), "
    "with ? for either day.");
FAULT(SCHEDULE_OFTEN, FAULT_CALLER, "schedule.often",
      "A schedule may recur every four hours at the most.");
FAULT(SCHEDULE_RARE, FAULT_CALLER, "schedule.rare",
      "A schedule has to recur within 999 days at the latest.");
FAULT(SCHEDULE_NEVER, FAULT_CALLER, "schedule.never", "The schedule names a day that never comes.");
FAULT(SCHEDULE_WINDOW, FAULT_CALLER, "schedule.window",
      "The window must not extend into the next UTC day or into the next window.");

#define HOUR_MS INT64_C(3600000)

enum {
    EACH = 1 << 0, /* of a weekday */
    LAST = 1 << 6,
    NTH_MOST = 5,
    SATURDAY = 6,
    LEAP_DAYS = 40 * 366 /* a 29 February that is a given weekday may be 40 years away */
};

/* --- reading one field --- */

struct field_kind {
    int least, most;
    const char *names; /* three letters each, from `least` upwards; NULL: numbers only */
};

static const struct field_kind of_hours = {0, 23, NULL}, of_days = {1, 31, NULL},
                               of_months = {1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
                               of_weekdays = {1, 7, "SUNMONTUEWEDTHUFRISAT"};

static bool read_number(struct bytes text, int least, int most, int *value)
{
    int64_t number;

    if (text.n == 0 || text.n > 4 || text.at[0] == '-' || !text_int(text, &number))
        return false;
    *value = (int)number;
    return number >= least && number <= most;
}

static bool read_name(struct bytes text, const struct field_kind *kind, int *value)
{
    const struct bytes names = bytes_of(kind->names);

    for (size_t i = 0; i + 3 <= names.n; i += 3)
        if (text_same_caseless(text, (struct bytes){names.at + i, 3})) {
            *value = kind->least + (int)(i / 3);
            return true;
        }
    return false;
}

static bool read_value(struct bytes text, const struct field_kind *kind, int *value)
{
    return read_number(text, kind->least, kind->most, value) || read_name(text, kind, value);
}

/* "*", "4", "4-7", and each with "/3" behind it; "4/3" goes on to the end. */
static bool read_range(struct bytes item, const struct field_kind *kind, uint32_t *bits)
{
    struct bytes span = item, first;
    int from = kind->least, to = kind->most, step = 1;
    const bool stepped = bytes_cut(&item, '/', &span);

    if (stepped && !read_number(item, 1, kind->most, &step))
        return false;
    if (!bytes_same(span, LIT("*"))) {
        const bool ends = bytes_cut(&span, '-', &first);

        if (!read_value(ends ? first : span, kind, &from))
            return false;
        if (ends && !read_value(span, kind, &to))
            return false;
        if (!ends && !stepped)
            to = from;
    }
    for (int i = from; i <= to; i += step)
        *bits |= UINT32_C(1) << i;
    return from <= to;
}

/* Items divided by commas, none of them empty. */
static bool read_items(struct bytes field, struct schedule *s,
                       bool (*item)(struct bytes, struct schedule *))
{
    struct bytes one;

    while (bytes_cut(&field, ',', &one))
        if (!item(one, s))
            return false;
    return item(field, s);
}

static bool read_hour(struct bytes item, struct schedule *s)
{
    return read_range(item, &of_hours, &s->hours);
}

static bool read_month(struct bytes item, struct schedule *s)
{
    return read_range(item, &of_months, &s->months);
}

static bool read_day(struct bytes item, struct schedule *s)
{
    int day;

    if (bytes_same(item, LIT("L"))) {
        s->days |= 1;
        return true;
    }
    if (!bytes_ends(item, LIT("W")))
        return read_range(item, &of_days, &s->days);
    item.n--;
    if (!read_number(item, of_days.least, of_days.most, &day))
        return false;
    s->nearest |= UINT32_C(1) << day;
    return true;
}

/* "6L", "FRI#2", or a range. L alone is the week's last day. */
static bool read_weekday(struct bytes item, struct schedule *s)
{
    struct bytes nth = item, day;
    uint32_t bits = 0;
    int n, which;

    if (bytes_same(item, LIT("L"))) {
        s->weekdays[SATURDAY] |= EACH;
        return true;
    }
    if (bytes_ends(item, LIT("L"))) {
        item.n--;
        if (!read_value(item, &of_weekdays, &n))
            return false;
        s->weekdays[n - 1] |= LAST;
        return true;
    }
    if (bytes_cut(&nth, '#', &day)) {
        if (!read_value(day, &of_weekdays, &n) || !read_number(nth, 1, NTH_MOST, &which))
            return false;
        s->weekdays[n - 1] |= (uint8_t)(1 << which);
        return true;
    }
    if (!read_range(item, &of_weekdays, &bits))
        return false;
    for (int i = 0; i < 7; i++)
        if (bits & UINT32_C(1) << (i + 1))
            s->weekdays[i] |= EACH;
    return true;
}

/* --- the calendar --- */

static int days_of_month(const struct date *date)
{
    const int64_t first = date_ms(date->year, date->month, 1);
    const int64_t next =
        date->month == 12 ? date_ms(date->year + 1, 1, 1) : date_ms(date->year, date->month + 1, 1);

    return (int)((next - first) / DATE_DAY_MS);
}

/* Is this day the weekday nearest to the day `wanted` of its month? */
static bool is_nearest(const struct date *date, int wanted, int length)
{
    const int weekday = ((date->weekday + wanted - date->day) % 7 + 7) % 7;

    if (wanted > length)
        return false;
    if (weekday == SATURDAY)
        wanted += wanted > 1 ? -1 : 2;
    else if (weekday == 0)
        wanted += wanted < length ? 1 : -2;
    return date->day == wanted;
}

static bool month_day_fits(const struct schedule *s, const struct date *date, int length)
{
    if (s->days & UINT32_C(1) << date->day || (s->days & 1 && date->day == length))
        return true;
    for (int i = 1; s->nearest != 0 && i <= 31; i++)
        if (s->nearest & UINT32_C(1) << i && is_nearest(date, i, length))
            return true;
    return false;
}

static bool day_fits(const struct schedule *s, const struct date *date)
{
    const int length = days_of_month(date), nth = (date->day - 1) / 7 + 1;
    const uint8_t weekday = s->weekdays[date->weekday];

    return (weekday & EACH) != 0 || (weekday & 1 << nth) != 0 ||
           ((weekday & LAST) != 0 && date->day + 7 > length) || month_day_fits(s, date, length);
}

/* The first hour of the set that is not before; 24: none. */
static int hour_from(const struct schedule *s, int hour)
{
    while (hour < 24 && !(s->hours & UINT32_C(1) << hour))
        hour++;
    return hour;
}

static int64_t month_after(const struct date *date)
{
    return date_days(date->month == 12 ? date_ms(date->year + 1, 1, 1)
                                       : date_ms(date->year, date->month + 1, 1));
}

/* INT64_MAX: there is none within a lifetime. */
static int64_t cron_next(const struct schedule *s, int64_t after)
{
    int64_t day = date_days(after);
    const int64_t end = day + LEAP_DAYS;
    int hour = (int)((after - day * DATE_DAY_MS) / HOUR_MS) + 1;

    while (day < end) {
        const struct date date = date_of(day * DATE_DAY_MS);
        const int found = hour_from(s, hour);

        if (found < 24 && s->months & UINT32_C(1) << date.month && day_fits(s, &date))
            return day * DATE_DAY_MS + found * HOUR_MS;
        day = s->months & UINT32_C(1) << date.month ? day + 1 : month_after(&date);
        hour = 0;
    }
    return INT64_MAX;
}

/* --- what a whole expression has to keep to --- */

/* Days that follow each other, anywhere in the 28 years after which weekdays and leap years
 * repeat. */
static bool on_following_days(const struct schedule *s)
{
    int64_t day = date_days(date_ms(2000, 1, 1));
    bool before = false;

    for (const int64_t end = day + INT64_C(28) * 366; day < end; day++) {
        const struct date date = date_of(day * DATE_DAY_MS);
        const bool now = s->months & UINT32_C(1) << date.month && day_fits(s, &date);

        if (before && now)
            return true;
        before = now;
    }
    return false;
}

static fallible cron_fits(const struct schedule *s)
{
    const int first = hour_from(s, 0);
    int last = first;

    for (int hour = hour_from(s, first + 1); hour < 24; hour = hour_from(s, hour + 1)) {
        ENSURE(hour - last >= SCHEDULE_LEAST_HOURS, SCHEDULE_OFTEN);
        last = hour;
    }
    ENSURE(24 - last + first >= SCHEDULE_LEAST_HOURS || !on_following_days(s), SCHEDULE_OFTEN);
    ENSURE(cron_next(s, 0) != INT64_MAX, SCHEDULE_NEVER);
    return OK;
}

/* --- reading --- */

/* The next word, up to a blank; empty at the end. */
static struct bytes word(struct bytes *rest)
{
    struct bytes head;

    *rest = text_trim(*rest);
    head = *rest;
    if (!bytes_cut(rest, ' ', &head))
        *rest = (struct bytes){0};
    return head;
}

static fallible read_rate(struct bytes inner, struct schedule *s)
{
    const struct bytes number = word(&inner), unit = word(&inner);
    int per_day;

    ENSURE(inner.n == 0 && number.n > 0 && number.at[0] != '-' && text_int(number, &s->every) &&
               s->every >= 1,
           SCHEDULE_FORM);
    if (bytes_same(unit, LIT("hour")) || bytes_same(unit, LIT("hours")))
        s->kind = SCHEDULE_HOURS;
    else if (bytes_same(unit, LIT("day")) || bytes_same(unit, LIT("days")))
        s->kind = SCHEDULE_DAYS;
    else
        return SCHEDULE_FORM;
    per_day = s->kind == SCHEDULE_HOURS ? 24 : 1;
    ENSURE(per_day == 1 || s->every >= SCHEDULE_LEAST_HOURS, SCHEDULE_OFTEN);
    ENSURE(s->every <= (int64_t)per_day * SCHEDULE_MOST_DAYS, SCHEDULE_RARE);
    return OK;
}

static fallible read_cron(struct bytes inner, struct schedule *s)
{
    const struct bytes minutes = word(&inner), hours = word(&inner), days = word(&inner),
                       months = word(&inner), weekdays = word(&inner), years = word(&inner);
    const bool by_week = bytes_same(days, LIT("?"));
    int zero;

    s->kind = SCHEDULE_CRON;
    ENSURE(inner.n == 0 && read_number(minutes, 0, 0, &zero), SCHEDULE_FORM);
    ENSURE(bytes_same(years, LIT("*")) && by_week != bytes_same(weekdays, LIT("?")), SCHEDULE_FORM);
    ENSURE(read_items(hours, s, read_hour) && read_items(months, s, read_month), SCHEDULE_FORM);
    ENSURE(by_week ? read_items(weekdays, s, read_weekday) : read_items(days, s, read_day),
           SCHEDULE_FORM);
    return cron_fits(s);
}

fallible schedule_read(struct bytes text, struct schedule *s)
{
    const struct bytes rate = LIT("rate("), cron = LIT("cron(");

    *s = (struct schedule){0};
    text = text_trim(text);
    ENSURE(bytes_ends(text, LIT(")")), SCHEDULE_FORM);
    text.n--;
    if (bytes_begins(text, rate))
        return read_rate(bytes_after(text, rate.n), s);
    ENSURE(bytes_begins(text, cron), SCHEDULE_FORM);
    return read_cron(bytes_after(text, cron.n), s);
}

/* --- openings and windows --- */

static int64_t unit_of(const struct schedule *s)
{
    return s->kind == SCHEDULE_HOURS ? HOUR_MS : DATE_DAY_MS;
}

/* The beginning of the hour or day of a time. */
static int64_t floor_of(int64_t ms, int64_t unit)
{
    return ms - ((ms % unit) + unit) % unit;
}

int64_t schedule_next(const struct schedule *s, int64_t after)
{
    if (s->kind == SCHEDULE_CRON)
        return cron_next(s, after);
    return floor_of(after, unit_of(s)) + s->every * unit_of(s);
}

fallible schedule_window_fits(const struct schedule *s, int hours)
{
    ENSURE(hours >= 0 && hours <= 24, SCHEDULE_WINDOW);
    ENSURE(s->kind != SCHEDULE_HOURS || hours <= s->every, SCHEDULE_WINDOW);
    if (s->kind != SCHEDULE_CRON)
        return OK;
    for (int hour = hour_from(s, 0); hour < 24; hour = hour_from(s, hour + 1))
        ENSURE(hour + hours <= hour_from(s, hour + 1), SCHEDULE_WINDOW);
    return OK;
}

static bool within_days(const struct schedule *s)
{
    return s->kind == SCHEDULE_HOURS ||
           (s->kind == SCHEDULE_CRON && (s->hours & (s->hours - 1)) != 0);
}

/* A rate in hours may open late in the day: its window ends there, too. */
int64_t schedule_close(const struct schedule *s, int hours, int64_t open)
{
    const int64_t day_ends = floor_of(open, DATE_DAY_MS) + DATE_DAY_MS;
    const int64_t closes = open + (hours != 0 ? hours : 1) * HOUR_MS;

    return (hours == 0 && !within_days(s)) || closes > day_ends ? day_ends : closes;
}

static int64_t cron_due(const struct schedule *s, int hours, int64_t last, int64_t since)
{
    const int64_t today = floor_of(since, DATE_DAY_MS) - 1;
    int64_t open = cron_next(s, last > today ? last : today);

    while (open != INT64_MAX && schedule_close(s, hours, open) <= since)
        open = cron_next(s, open);
    return open;
}

int64_t schedule_due(const struct schedule *s, int hours, int64_t last, int64_t since)
{
    int64_t open;

    if (s->kind == SCHEDULE_CRON)
        return cron_due(s, hours, last, since);
    open = schedule_next(s, last);
    if (schedule_close(s, hours, open) > since)
        return open;
    open = floor_of(since, unit_of(s));
    return schedule_close(s, hours, open) > since ? open : open + unit_of(s);
}

int64_t schedule_days(const struct schedule *s, int64_t open)
{
    const int64_t following = schedule_next(s, open);

    if (following == INT64_MAX)
        return 1;
    return (following - open + DATE_DAY_MS - 1) / DATE_DAY_MS;
}
