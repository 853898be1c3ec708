/* json: the reader. Every byte is looked at once (a skipped value too), so that time is linear. */
#include "codec/json.h"

#include "codec/text.h"

#include <string.h>

FAULT(JSON_MALFORMED, FAULT_CALLER, "json.malformed", "The body is not well-formed JSON.");
FAULT(JSON_DEEP, FAULT_CALLER, "json.deep", "The JSON is nested too deeply.");
FAULT(JSON_NUMBER, FAULT_CALLER, "json.number", "A number is no integer, or too large.");

struct json json_open(struct bytes input)
{
    return (struct json){.at = input.at, .end = input.at == NULL ? NULL : input.at + input.n};
}

static size_t left(const struct json *json)
{
    return (size_t)(json->end - json->at);
}

static uint8_t peek(struct json *json) /* 0 is nothing that may stand outside a text */
{
    while (json->at != json->end &&
           (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t'))
        json->at++;
    return json->at == json->end ? 0 : *json->at;
}

static bool take(struct json *json, uint8_t c)
{
    if (peek(json) != c)
        return false;
    json->at++;
    return true;
}

/* --- texts --- */

/* The four digits of a \u; -1: none. */
static int32_t four_digits(const uint8_t *at)
{
    int32_t value = 0;

    for (int i = 0; i < 4; i++) {
        uint8_t c = at[i], low = c | 0x20;

        if (c >= '0' && c <= '9')
            value = value * 16 + c - '0';
        else if (low >= 'a' && low <= 'f')
            value = value * 16 + low - 'a' + 10;
        else
            return -1;
    }
    return value;
}

/* The character of an escape; *n is how many bytes of input it takes. -1: none. */
static int32_t unescaped(struct bytes in, size_t *n)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    int32_t high, low;

    *n = 2;
    if (in.n < 2)
        return -1;
    if (in.at[1] != 'u') {
        for (size_t i = 0; letters[i] != '\0'; i += 2)
            if (in.at[1] == (uint8_t)letters[i])
                return letters[i + 1];
        return -1;
    }
    *n = 6;
    high = in.n < 6 ? -1 : four_digits(in.at + 2);
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    *n = 12;
    if (high > 0xDBFF || in.n < 12 || in.at[6] != '\\' || in.at[7] != 'u')
        return -1;
    low = four_digits(in.at + 8);
    return low < 0xDC00 || low > 0xDFFF ? -1 : 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static size_t utf8_put(int32_t c, uint8_t *to)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xC0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (uint8_t)(0xE0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        to[2] = (uint8_t)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (uint8_t)(0xF0 | c >> 18);
    to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
    to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    to[3] = (uint8_t)(0x80 | (c & 0x3F));
    return 4;
}

/* Behind the opening quote: up to and past the closing one. */
static fallible read_text(struct json *json, struct json_text *text)
{
    const uint8_t *begin = json->at;

    text->escaped = false;
    for (;;) {
        size_t step;

        json->at += text_plain((struct bytes){json->at, left(json)});
        ENSURE(json->at != json->end, JSON_MALFORMED);
        if (*json->at == '"')
            break;
        if (*json->at == '\\') {
            text->escaped = true;
            ENSURE(unescaped((struct bytes){json->at, left(json)}, &step) >= 0, JSON_MALFORMED);
        } else {
            ENSURE(*json->at >= 0x20, JSON_MALFORMED);
            step = text_utf8_step((struct bytes){json->at, left(json)});
            ENSURE(step != 0, JSON_MALFORMED);
        }
        json->at += step;
    }
    text->raw = (struct bytes){begin, (size_t)(json->at - begin)};
    json->at++;
    return OK;
}

size_t json_unescaped_size(struct json_text text)
{
    size_t n = 0, step;
    uint8_t scratch[4];

    if (!text.escaped)
        return text.raw.n;
    while (text.raw.n > 0) {
        if (text.raw.at[0] != '\\') {
            step = 1;
            n++;
        } else {
            n += utf8_put(unescaped(text.raw, &step), scratch);
        }
        text.raw = bytes_after(text.raw, step);
    }
    return n;
}

void json_unescape(struct json_text text, uint8_t *to)
{
    if (!text.escaped && text.raw.n > 0)
        memmove(to, text.raw.at, text.raw.n);
    while (text.escaped && text.raw.n > 0) {
        size_t step = 1;

        if (text.raw.at[0] != '\\')
            *to++ = text.raw.at[0];
        else
            to += utf8_put(unescaped(text.raw, &step), to);
        text.raw = bytes_after(text.raw, step);
    }
}

bool json_text_is(struct json_text text, struct bytes plain)
{
    uint8_t character[4];
    size_t step, n;

    if (!text.escaped)
        return bytes_same(text.raw, plain);
    while (text.raw.n > 0) {
        step = n = 1;
        character[0] = text.raw.at[0];
        if (character[0] == '\\')
            n = utf8_put(unescaped(text.raw, &step), character);
        if (!bytes_begins(plain, (struct bytes){character, n}))
            return false;
        plain = bytes_after(plain, n);
        text.raw = bytes_after(text.raw, step);
    }
    return plain.n == 0;
}

/* --- numbers --- */

static size_t digits(struct bytes text)
{
    size_t n = 0;

    while (n < text.n && text.at[n] >= '0' && text.at[n] <= '9')
        n++;
    return n;
}

/* A number in its parts; all but `whole` may be empty. */
struct number {
    struct bytes whole, fraction, exponent; /* whole and exponent with their '-' */
    struct bytes all;
};

static bool split_fraction(struct bytes *rest, struct number *number)
{
    if (rest->n == 0 || rest->at[0] != '.')
        return true;
    *rest = bytes_after(*rest, 1);
    return bytes_take(rest, digits(*rest), &number->fraction) && number->fraction.n > 0;
}

static bool split_exponent(struct bytes *rest, struct number *number)
{
    bool sign, plus;

    if (rest->n == 0 || (rest->at[0] | 0x20) != 'e')
        return true;
    *rest = bytes_after(*rest, 1);
    plus = rest->n > 0 && rest->at[0] == '+';
    *rest = bytes_after(*rest, plus ? 1 : 0);
    sign = !plus && rest->n > 0 && rest->at[0] == '-';
    if (digits(bytes_after(*rest, sign ? 1 : 0)) == 0)
        return false;
    return bytes_take(rest, digits(bytes_after(*rest, sign ? 1 : 0)) + (sign ? 1 : 0),
                      &number->exponent);
}

static bool split_number(struct bytes text, struct number *number)
{
    size_t minus = text.n > 0 && text.at[0] == '-' ? 1 : 0, n = digits(bytes_after(text, minus));
    struct bytes rest = text;

    *number = (struct number){0};
    if (n == 0 || (n > 1 && text.at[minus] == '0'))
        return false;
    if (!bytes_take(&rest, minus + n, &number->whole) || !split_fraction(&rest, number) ||
        !split_exponent(&rest, number))
        return false;
    number->all = (struct bytes){text.at, text.n - rest.n};
    return true;
}

fallible json_int(struct bytes text, int64_t *value)
{
    ENSURE(text_int(text, value), JSON_NUMBER);
    return OK;
}

/* The digits of whole and fraction in one row, of which the first `point` stand before the
 * point. */
static fallible shifted(const struct number *number, int64_t point, int64_t *value)
{
    bool minus = number->whole.at[0] == '-';
    struct bytes whole = bytes_after(number->whole, minus ? 1 : 0);
    int64_t sum = 0;

    point += (int64_t)whole.n;
    for (int64_t i = 0; i < point; i++) {
        size_t at = (size_t)i;
        int digit = 0;

        if (at < whole.n)
            digit = whole.at[at] - '0';
        else if (at - whole.n < number->fraction.n)
            digit = number->fraction.at[at - whole.n] - '0';
        else if (sum == 0)
            break;
        ENSURE(!__builtin_mul_overflow(sum, 10, &sum), JSON_NUMBER);
        ENSURE(!__builtin_add_overflow(sum, digit, &sum), JSON_NUMBER);
    }
    *value = minus ? -sum : sum;
    return OK;
}

fallible json_ms(struct bytes text, int64_t *ms)
{
    struct number number;
    int64_t exponent = 0;

    ENSURE(split_number(text, &number) && number.all.n == text.n, JSON_NUMBER);
    ENSURE(number.exponent.n == 0 || text_int(number.exponent, &exponent), JSON_NUMBER);
    ENSURE(exponent > -INT32_MAX && exponent < INT32_MAX, JSON_NUMBER);
    return shifted(&number, exponent + 3, ms);
}

static fallible read_number(struct json *json, struct json_value *value)
{
    struct number number;

    ENSURE(split_number((struct bytes){json->at, left(json)}, &number), JSON_MALFORMED);
    value->kind = JSON_IS_NUMBER;
    value->number = number.all;
    json->at += number.all.n;
    return OK;
}

/* --- values --- */

static fallible read_word(struct json *json, struct bytes word, enum json_kind kind,
                          struct json_value *value)
{
    ENSURE(bytes_begins((struct bytes){json->at, left(json)}, word), JSON_MALFORMED);
    json->at += word.n;
    value->kind = kind;
    value->yes = word.at[0] == 't';
    return OK;
}

static fallible enter(struct json *json, struct json_value *value)
{
    uint64_t object = *json->at == '{';

    ENSURE(json->depth < JSON_DEEPEST, JSON_DEEP);
    value->kind = object ? JSON_IS_OBJECT : JSON_IS_ARRAY;
    json->objects = json->objects << 1 | object;
    json->depth++;
    json->fresh = true;
    json->at++;
    return OK;
}

fallible json_value(struct json *json, struct json_value *value)
{
    uint8_t c = peek(json);

    json->fresh = false;
    switch (c) {
    case '"':
        value->kind = JSON_IS_TEXT;
        json->at++;
        return read_text(json, &value->text);
    case '{':
    case '[':
        return enter(json, value);
    case 't':
        return read_word(json, LIT("true"), JSON_IS_BOOL, value);
    case 'f':
        return read_word(json, LIT("false"), JSON_IS_BOOL, value);
    case 'n':
        return read_word(json, LIT("null"), JSON_IS_NULL, value);
    default:
        return read_number(json, value);
    }
}

/* Inside of an object or array, before a member or element: is there one more? */
static fallible another(struct json *json, bool object, bool *there)
{
    ENSURE(json->depth > 0 && (json->objects & 1) == object, JSON_MALFORMED);
    *there = !take(json, object ? '}' : ']');
    if (!*there) {
        json->depth--;
        json->objects >>= 1;
    } else {
        ENSURE(json->fresh || take(json, ','), JSON_MALFORMED);
    }
    json->fresh = false;
    return OK;
}

fallible json_member(struct json *json, struct json_text *name, bool *there)
{
    TRY(another(json, true, there));
    if (!*there)
        return OK;
    ENSURE(take(json, '"'), JSON_MALFORMED);
    TRY(read_text(json, name));
    ENSURE(take(json, ':'), JSON_MALFORMED);
    return OK;
}

fallible json_element(struct json *json, bool *there)
{
    return another(json, false, there);
}

/* Goes on until no more than `depth` levels are open. */
static fallible leave_to(struct json *json, unsigned depth)
{
    struct json_text name;
    struct json_value value;
    bool there;

    while (json->depth > depth) {
        if ((json->objects & 1) != 0)
            TRY(json_member(json, &name, &there));
        else
            TRY(json_element(json, &there));
        if (there)
            TRY(json_value(json, &value));
    }
    return OK;
}

fallible json_pass(struct json *json, const struct json_value *value)
{
    bool open = value->kind == JSON_IS_OBJECT || value->kind == JSON_IS_ARRAY;

    return open ? leave_to(json, json->depth - 1) : OK;
}

fallible json_skip(struct json *json, struct bytes *whole)
{
    struct json_value value;
    const uint8_t *begin;

    peek(json);
    begin = json->at;
    TRY(json_value(json, &value));
    TRY(json_pass(json, &value));
    if (whole != NULL)
        *whole = (struct bytes){begin, (size_t)(json->at - begin)};
    return OK;
}

fallible json_end(struct json *json)
{
    ENSURE(json->depth == 0 && peek(json) == 0 && json->at == json->end, JSON_MALFORMED);
    return OK;
}
