/* date: times as text. Milliseconds since 1970, UTC, the Gregorian calendar without leap seconds;
 * years 0000 to 9999; own arithmetic, no locale, no time zone, no memory. A time outside these
 * years is written as the nearest within. */
#pragma once

#include "base/bytes.h"

enum { DATE_BASIC = 16, DATE_DAY = 8, DATE_ISO = 24, DATE_HTTP = 29 }; /* characters; no NUL */

#define DATE_DAY_MS INT64_C(86400000)

struct date { /* month and day count from 1; weekday 0 is Sunday */
    int year, month, day, hour, minute, second, ms, weekday;
};

int64_t date_ms(int year, int month, int day); /* of its first moment */
struct date date_of(int64_t ms);
int64_t date_days(int64_t ms); /* whole days since 1970 */

/* "20150830T123600Z". Reading is strict: the calendar has that day and the clock that second. */
void date_basic(int64_t ms, uint8_t to[DATE_BASIC]);
bool date_read_basic(struct bytes, int64_t *ms);
void date_day(int64_t ms, uint8_t to[DATE_DAY]); /* "20150830" */

/* "2015-08-30T12:36:00.000Z". Read with no fraction or one of 1 to 9 digits (cut to ms); 'Z'
 * only. */
void date_iso(int64_t ms, uint8_t to[DATE_ISO]);
bool date_read_iso(struct bytes, int64_t *ms);

/* "Sun, 30 Aug 2015 12:36:00 GMT" (RFC 9110 IMF-fixdate). */
void date_http(int64_t ms, uint8_t to[DATE_HTTP]);
bool date_read_http(struct bytes, int64_t *ms);
