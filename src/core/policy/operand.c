/* operand: strict: what is not plainly one of these is none. */
#include "core/policy/operand.h"

#include "codec/base64.h"
#include "codec/date.h"
#include "codec/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { DIGITS_MOST = 15, ADDRESS_MOST = 45, V4_AT = 96, BITS_ALL = 128, BINARY_MOST = 1024 };

/* --- numbers --- */

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Digits before and behind the point, together as one integer. */
struct digits {
    int64_t all;
    int count, behind;
};

static bool take_digits(struct bytes *rest, struct digits *d)
{
    const int before = d->count;

    for (; rest->n != 0 && digit(rest->at[0]) && d->count <= DIGITS_MOST;
         *rest = bytes_after(*rest, 1)) {
        d->all = 10 * d->all + (rest->at[0] - '0');
        d->count++;
    }
    return d->count > before && d->count <= DIGITS_MOST;
}

static double shifted(const struct digits *d)
{
    double by = 1;

    for (int i = 0; i < d->behind; i++)
        by *= 10;
    return (double)d->all / by;
}

bool operand_number(struct bytes text, double *out)
{
    const bool minus = bytes_begins(text, LIT("-"));
    struct digits d = {0};

    text = bytes_after(text, minus);
    if (!take_digits(&text, &d))
        return false;
    if (bytes_begins(text, LIT("."))) {
        const int before = d.count;

        text = bytes_after(text, 1);
        if (!take_digits(&text, &d))
            return false;
        d.behind = d.count - before;
    }
    *out = minus ? -shifted(&d) : shifted(&d);
    return text.n == 0;
}

/* --- times --- */

enum { DAY = 10, MINUTE = 16, SECOND = 19, ZONE = 6, MS_A_MINUTE = 60000 };

static bool two_digits(struct bytes text, int most, int *out)
{
    if (!digit(text.at[0]) || !digit(text.at[1]))
        return false;
    *out = 10 * (text.at[0] - '0') + (text.at[1] - '0');
    return *out <= most;
}

/* "+01:00": how far the clock there is ahead. */
static bool zone(struct bytes text, int64_t *ms)
{
    int hours, minutes;

    if (text.n != ZONE || (text.at[0] != '+' && text.at[0] != '-') || text.at[3] != ':' ||
        !two_digits(bytes_after(text, 1), 23, &hours) ||
        !two_digits(bytes_after(text, 4), 59, &minutes))
        return false;
    *ms = (hours * 60 + minutes) * (int64_t)MS_A_MINUTE * (text.at[0] == '-' ? -1 : 1);
    return true;
}

/* Spelt out for the one reader of times: seconds and 'Z' may be left away. */
static bool iso(struct bytes local, int64_t ahead, int64_t *ms)
{
    uint8_t whole[DATE_ISO + 8];
    const struct bytes ends = local.n == DAY      ? LIT("T00:00:00Z")
                              : local.n == MINUTE ? LIT(":00Z")
                                                  : LIT("Z");

    if (local.n < DAY || local.n + ends.n > sizeof whole)
        return false;
    memcpy(whole, local.at, local.n);
    memcpy(whole + local.n, ends.at, ends.n);
    if (!date_read_iso((struct bytes){whole, local.n + ends.n}, ms))
        return false;
    *ms -= ahead;
    return true;
}

bool operand_time(struct bytes text, int64_t *ms)
{
    int64_t ahead = 0, seconds;
    struct bytes local = text;

    if (text_int(text, &seconds) && seconds > INT64_MIN / 1000 && seconds < INT64_MAX / 1000) {
        *ms = seconds * 1000;
        return true;
    }
    if (bytes_ends(text, LIT("Z")))
        local.n--;
    else if (text.n > MINUTE && zone(bytes_after(text, text.n - ZONE), &ahead))
        local.n -= ZONE;
    return iso(local, ahead, ms);
}

bool operand_truth(struct bytes text, bool *yes)
{
    *yes = text_same_caseless(text, LIT("true"));
    return *yes || text_same_caseless(text, LIT("false"));
}

/* --- networks --- */

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool address(struct bytes text, struct network *out, bool *dotted)
{
    char name[ADDRESS_MOST + 1];

    if (text.n == 0 || text.n > ADDRESS_MOST || memchr(text.at, '\0', text.n) != NULL)
        return false;
    memcpy(name, text.at, text.n);
    name[text.n] = '\0';
    memcpy(out->ip, mapped, sizeof mapped);
    *dotted = inet_pton(AF_INET, name, out->ip + V4_AT / 8) == 1;
    return *dotted || inet_pton(AF_INET6, name, out->ip) == 1;
}

bool operand_network(struct bytes text, struct network *out)
{
    struct bytes rest = text, name = text;
    const bool cut = bytes_cut(&rest, '/', &name);
    int64_t bits = BITS_ALL;
    bool dotted;

    if (!address(name, out, &dotted))
        return false;
    if (cut &&
        (rest.n > 3 || !text_int(rest, &bits) || bits < 0 || bits > (dotted ? 32 : BITS_ALL)))
        return false;
    out->bits = (unsigned)bits + (cut && dotted ? V4_AT : 0);
    out->four = out->bits >= V4_AT && memcmp(out->ip, mapped, sizeof mapped) == 0;
    return true;
}

bool network_holds(const struct network *network, const struct network *one)
{
    const unsigned whole = network->bits / 8, left = network->bits % 8;

    return one->bits == BITS_ALL && network->four == one->four &&
           memcmp(network->ip, one->ip, whole) == 0 &&
           (left == 0 || (network->ip[whole] ^ one->ip[whole]) >> (8 - left) == 0);
}

bool operand_binary(struct bytes text)
{
    uint8_t to[BINARY_MOST];
    size_t n;

    return base64_room(text.n) <= sizeof to && base64_decode(text, to, &n) == OK;
}
