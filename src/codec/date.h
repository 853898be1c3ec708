/* date: times as texts, all UTC, by arithmetic of our own (no locale, no time zone files). Milliseconds since 1970;
 * years 1970 to 9999. */
#pragma once

#include "base/bytes.h"

enum { DATE_BASIC = 16, DATE_DAY = 8, DATE_EXTENDED = 24, DATE_SECONDS = 20, DATE_HTTP = 29 };

void date_basic(int64_t ms, uint8_t to[static DATE_BASIC]);       /* 20150830T123600Z */
void date_day(int64_t ms, uint8_t to[static DATE_DAY]);           /* 20150830 */
void date_extended(int64_t ms, uint8_t to[static DATE_EXTENDED]); /* 2015-08-30T12:36:00.000Z */
void date_seconds(int64_t ms, uint8_t to[static DATE_SECONDS]);   /* 2015-08-30T12:36:00Z */
void date_http(int64_t ms, uint8_t to[static DATE_HTTP]);         /* Sun, 30 Aug 2015 12:36:00 GMT */

bool date_read_basic(struct bytes, int64_t *ms);    /* exactly YYYYMMDDTHHMMSSZ, a day that exists */
bool date_read_extended(struct bytes, int64_t *ms); /* YYYY-MM-DDTHH:MM:SS[.fff]Z */
bool date_read_http(struct bytes, int64_t *ms);     /* IMF-fixdate (RFC 9110, 5.6.7) */
