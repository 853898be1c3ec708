/* date: the calendar by whole days (H. Hinnant's civil-from-days), texts digit by digit. */
#include "codec/date.h"

#include <string.h>

static const uint8_t months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const uint8_t weekdays[] = "SunMonTueWedThuFriSat";

static int64_t days_of(int64_t year, int month, int day)
{
    int64_t era, year_of_era, day_of_year;

    year -= month <= 2; /* years begin in March here, so that a leap day ends one */
    era = (year >= 0 ? year : year - 399) / 400;
    year_of_era = year - era * 400;
    day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

int64_t date_ms(int year, int month, int day)
{
    return days_of(year, month, day) * DATE_DAY_MS;
}

int64_t date_days(int64_t ms)
{
    return ms / DATE_DAY_MS - (ms % DATE_DAY_MS < 0);
}

static void set_day(struct date *date, int64_t days)
{
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100),
            month = (5 * of_year + 2) / 153;

    date->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    date->month = (int)(month < 10 ? month + 3 : month - 9);
    date->year = (int)(year + era * 400 + (date->month <= 2));
    date->weekday = (int)(((days % 7) + 11) % 7);
}

struct date date_of(int64_t ms)
{
    const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
    struct date date;
    int of_day;

    ms = ms < first ? first : ms > last ? last : ms;
    set_day(&date, date_days(ms));
    of_day = (int)(ms - date_days(ms) * DATE_DAY_MS);
    date.hour = of_day / 3600000;
    date.minute = of_day / 60000 % 60;
    date.second = of_day / 1000 % 60;
    date.ms = of_day % 1000;
    return date;
}

/* --- writing --- */

static void put(uint8_t **to, int value, int digits)
{
    for (int i = digits; i-- > 0; value /= 10)
        (*to)[i] = (uint8_t)('0' + value % 10);
    *to += digits;
}

static void put_text(uint8_t **to, const void *text, size_t n)
{
    memcpy(*to, text, n);
    *to += n;
}

void date_day(int64_t ms, uint8_t to[DATE_DAY])
{
    struct date date = date_of(ms);

    put(&to, date.year, 4);
    put(&to, date.month, 2);
    put(&to, date.day, 2);
}

void date_basic(int64_t ms, uint8_t to[DATE_BASIC])
{
    struct date date = date_of(ms);

    date_day(ms, to);
    to += DATE_DAY;
    *to++ = 'T';
    put(&to, date.hour, 2);
    put(&to, date.minute, 2);
    put(&to, date.second, 2);
    *to = 'Z';
}

static void put_clock(uint8_t **to, const struct date *date)
{
    put(to, date->hour, 2);
    put_text(to, ":", 1);
    put(to, date->minute, 2);
    put_text(to, ":", 1);
    put(to, date->second, 2);
}

void date_iso(int64_t ms, uint8_t to[DATE_ISO])
{
    struct date date = date_of(ms);

    put(&to, date.year, 4);
    put_text(&to, "-", 1);
    put(&to, date.month, 2);
    put_text(&to, "-", 1);
    put(&to, date.day, 2);
    put_text(&to, "T", 1);
    put_clock(&to, &date);
    put_text(&to, ".", 1);
    put(&to, date.ms, 3);
    *to = 'Z';
}

void date_http(int64_t ms, uint8_t to[DATE_HTTP])
{
    struct date date = date_of(ms);

    put_text(&to, weekdays + 3 * (size_t)date.weekday, 3);
    put_text(&to, ", ", 2);
    put(&to, date.day, 2);
    put_text(&to, " ", 1);
    put_text(&to, months + 3 * (size_t)(date.month - 1), 3);
    put_text(&to, " ", 1);
    put(&to, date.year, 4);
    put_text(&to, " ", 1);
    put_clock(&to, &date);
    put_text(&to, " GMT", 4);
}

/* --- reading: by a picture whose letters name the members --- */

static int *member(struct date *date, char letter)
{
    switch (letter) {
    case 'Y':
        return &date->year;
    case 'M':
        return &date->month;
    case 'D':
        return &date->day;
    case 'h':
        return &date->hour;
    case 'm':
        return &date->minute;
    case 's':
        return &date->second;
    default:
        return NULL;
    }
}

static bool read_picture(struct bytes text, const char *picture, struct date *date)
{
    if (text.n != strlen(picture))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int *number = member(date, picture[i]);

        if (number == NULL && picture[i] != '?' && text.at[i] != (uint8_t)picture[i])
            return false;
        if (number != NULL && (text.at[i] < '0' || text.at[i] > '9'))
            return false;
        if (number != NULL)
            *number = *number * 10 + (text.at[i] - '0');
    }
    return true;
}

static int days_in(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* Is it in the calendar, and on the clock? */
static bool settle(const struct date *date, int64_t *ms)
{
    if (date->month < 1 || date->month > 12 || date->hour > 23 || date->minute > 59 ||
        date->second > 59)
        return false;
    if (date->day < 1 || date->day > days_in(date->year, date->month))
        return false;
    *ms = date_ms(date->year, date->month, date->day) +
          ((date->hour * INT64_C(60) + date->minute) * 60 + date->second) * 1000 + date->ms;
    return true;
}

bool date_read_basic(struct bytes text, int64_t *ms)
{
    struct date date = {0};

    return read_picture(text, "YYYYMMDDThhmmssZ", &date) && settle(&date, ms);
}

static bool read_fraction(struct bytes text, int *ms)
{
    int unit = 100;

    if (text.n < 2 || text.n > 10 || text.at[0] != '.')
        return false;
    for (size_t i = 1; i < text.n; i++, unit /= 10) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *ms += (text.at[i] - '0') * unit;
    }
    return true;
}

bool date_read_iso(struct bytes text, int64_t *ms)
{
    struct date date = {0};
    struct bytes head, fraction;

    if (!bytes_ends(text, LIT("Z")) || text.n < 20)
        return false;
    fraction = (struct bytes){text.at + 19, text.n - 20};
    head = (struct bytes){text.at, 19};
    if (!read_picture(head, "YYYY-MM-DDThh:mm:ss", &date))
        return false;
    if (fraction.n > 0 && !read_fraction(fraction, &date.ms))
        return false;
    return settle(&date, ms);
}

static int month_of(const uint8_t *name)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(months + 3 * (size_t)i, name, 3) == 0)
            return i + 1;
    return 0;
}

bool date_read_http(struct bytes text, int64_t *ms)
{
    struct date date = {0};

    /* "GMT" holds an M: the picture ends before it */
    if (text.n != DATE_HTTP || !bytes_ends(text, LIT(" GMT")))
        return false;
    text.n -= 4;
    if (!read_picture(text, "???, DD ??? YYYY hh:mm:ss", &date))
        return false;
    date.month = month_of(text.at + 8);
    if (date.month == 0 || !settle(&date, ms))
        return false;
    return memcmp(weekdays + 3 * (size_t)date_of(*ms).weekday, text.at, 3) == 0;
}
