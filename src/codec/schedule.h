/* schedule: when something recurs, spelt as AWS spells it for rotations: rate(N hours), rate(N
 * days), or cron(Minutes Hours Day-of-month Month Day-of-week Year). All in UTC, times in ms since
 * 1970. Each recurrence is a window that opens on the hour and closes within the same day. Pure: no
 * memory, no clock. (AWS Secrets Manager's guide, "Rotation schedules"; SEMANTICS 5.6.) */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

enum { SCHEDULE_LEAST_HOURS = 4, SCHEDULE_MOST_DAYS = 999 };

extern const struct fault SCHEDULE_FORM[1];   /* neither rate(...) nor cron(...), or a bad field */
extern const struct fault SCHEDULE_OFTEN[1];  /* twice within SCHEDULE_LEAST_HOURS */
extern const struct fault SCHEDULE_RARE[1];   /* a rate of more than SCHEDULE_MOST_DAYS */
extern const struct fault SCHEDULE_NEVER[1];  /* a day that no calendar has: 30 February */
extern const struct fault SCHEDULE_WINDOW[1]; /* it would reach into the next day or window */

enum schedule_kind { SCHEDULE_HOURS = 1, SCHEDULE_DAYS, SCHEDULE_CRON };

struct schedule {
    enum schedule_kind kind;
    int64_t every; /* of a rate: so many hours or days */

    /* Of a cron expression, as bits. Days of the month or days of the week: the other was `?`. */
    uint32_t hours;   /* bits 0 to 23 */
    uint32_t days;    /* bits 1 to 31; bit 0: the month's last day (L) */
    uint32_t nearest; /* bits 1 to 31: the weekday nearest to that day, in its month (W) */
    uint32_t months;  /* bits 1 to 12 */
    uint8_t
        weekdays[7]; /* from Sunday. Bit 0: each; 1 to 5: the nth of the month (#); 6: its last */
};

/* One that schedule_read takes recurs for ever: it has a next opening after any time. */
fallible schedule_read(struct bytes text, struct schedule *);

/* The first opening after a time. Of a rate, which has no beginning of its own: of the window that
 * follows when the last time was then; an hour's or (days) midnight's. */
int64_t schedule_next(const struct schedule *, int64_t after);

/* A window's length in whole hours, 0: as usual (an hour when it recurs within a day, else to the
 * end of the day). SCHEDULE_WINDOW. */
fallible schedule_window_fits(const struct schedule *, int hours);
int64_t schedule_close(const struct schedule *, int hours, int64_t open);

/* Opening of the first window that follows the time `last` and was not yet closed at `since`. What
 * was missed before `since` is made up for in the first window that there is. */
int64_t schedule_due(const struct schedule *, int hours, int64_t last, int64_t since);

/* How many days lie between the window that opens then and the following: rounded up, at least
 * 1. */
int64_t schedule_days(const struct schedule *, int64_t open);
