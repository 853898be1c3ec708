/* base64, hex, dates, numbers, UTF-8: what is read, written again, is what stood there. */
#include "fuzz/must.h"

#include "codec/base64.h"
#include "codec/date.h"
#include "codec/hex.h"
#include "codec/schedule.h"
#include "codec/text.h"
#include "codec/uuid.h"

#include <string.h>

static void try_base64(struct bytes in, uint8_t *to, uint8_t *again)
{
    size_t n;

    if (base64_decode(in, to, &n) == OK) {
        MUST(n <= base64_room(in.n) && base64_size(n) == in.n);
        base64_encode((struct bytes){to, n}, again);
        MUST(bytes_same(in, (struct bytes){again, in.n}));
    }
    base64_encode(in, to);
    MUST(base64_decode((struct bytes){to, base64_size(in.n)}, to, &n) == OK);
    MUST(bytes_same(in, (struct bytes){to, n}));
}

static void try_hex(struct bytes in, uint8_t *to, uint8_t *again)
{
    if (hex_decode(in, to)) {
        hex_encode((struct bytes){to, in.n / 2}, again);
        MUST(text_same_caseless(in, (struct bytes){again, in.n}));
    }
    hex_encode(in, to);
    MUST(hex_decode((struct bytes){to, 2 * in.n}, to));
    MUST(bytes_same(in, (struct bytes){to, in.n}));
}

static void try_dates(struct bytes in)
{
    uint8_t to[DATE_HTTP];
    int64_t ms, again;

    if (date_read_basic(in, &ms)) {
        date_basic(ms, to);
        MUST(bytes_same(in, (struct bytes){to, DATE_BASIC}));
    }
    if (date_read_http(in, &ms)) {
        date_http(ms, to);
        MUST(bytes_same(in, (struct bytes){to, DATE_HTTP}));
    }
    if (date_read_iso(in, &ms)) {
        date_iso(ms, to);
        MUST(date_read_iso((struct bytes){to, DATE_ISO}, &again) && again == ms);
    }
    if (in.n >= sizeof(ms)) {
        memcpy(&ms, in.at, sizeof(ms));
        date_iso(ms, to);
        MUST(date_read_iso((struct bytes){to, DATE_ISO}, &again));
        MUST(again == ms || date_of(ms).year == 0 || date_of(ms).year == 9999);
    }
}

static void try_texts(struct bytes in)
{
    struct bytes rest = in;
    size_t step, characters = 0;
    int64_t value;

    while ((step = text_utf8_step(rest)) > 0) {
        rest = bytes_after(rest, step);
        characters++;
    }
    MUST(text_utf8(in) == (rest.n == 0));
    MUST(rest.n > 0 || text_characters(in) == characters);
    MUST(text_plain(in) <= in.n);
    MUST(text_trim(in).n <= in.n);
    (void)text_int(in, &value);
    (void)uuid_is(in);
}

/* What is read recurs for ever, and each window closes within its day. */
static void try_schedules(struct bytes in)
{
    struct schedule s;
    int64_t at = 0, next;

    if (schedule_read(in, &s) != OK)
        return;
    for (int i = 0; i < 3; i++, at = next) {
        next = schedule_next(&s, at);
        MUST(next > at && next != INT64_MAX && next % 3600000 == 0);
        MUST(schedule_close(&s, 0, next) > next);
        MUST(date_days(schedule_close(&s, 0, next) - 1) == date_days(next));
        MUST(schedule_days(&s, next) >= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    uint8_t *to = malloc(2 * n + 8), *again = malloc(2 * n + 8);

    MUST(to != NULL && again != NULL);
    try_base64((struct bytes){at, n}, to, again);
    try_hex((struct bytes){at, n}, to, again);
    try_dates((struct bytes){at, n});
    try_texts((struct bytes){at, n});
    try_schedules((struct bytes){at, n});
    free(to);
    free(again);
    return 0;
}
