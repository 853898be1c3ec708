/* json_write: the writer. Each call asks the buf for room once, for as much as it may need. */
#include "codec/json_write.h"

#include "codec/base64.h"
#include "codec/text.h"

#include <string.h>

struct json_writer json_writer(struct buf *buf)
{
    return (struct json_writer){.buf = buf};
}

/* Room for n bytes and the comma before them, which is written. */
static uint8_t *begin(struct json_writer *json, size_t n)
{
    uint8_t *at = buf_want(json->buf, n + 1);

    if (at == NULL)
        return NULL;
    if (json->comma) {
        *at++ = ',';
        buf_took(json->buf, 1);
    }
    json->comma = true;
    return at;
}

static void open(struct json_writer *json, uint8_t bracket)
{
    uint8_t *at = begin(json, 1);

    if (at == NULL)
        return;
    *at = bracket;
    buf_took(json->buf, 1);
    json->comma = false;
}

static void close(struct json_writer *json, uint8_t bracket)
{
    buf_add_byte(json->buf, bracket);
    json->comma = true;
}

void json_put_object(struct json_writer *json)
{
    open(json, '{');
}

void json_put_object_end(struct json_writer *json)
{
    close(json, '}');
}

void json_put_array(struct json_writer *json)
{
    open(json, '[');
}

void json_put_array_end(struct json_writer *json)
{
    close(json, ']');
}

void json_put_name(struct json_writer *json, struct bytes name)
{
    uint8_t *at = begin(json, name.n + 3);

    if (at == NULL)
        return;
    at[0] = '"';
    memcpy(at + 1, name.at, name.n);
    at[name.n + 1] = '"';
    at[name.n + 2] = ':';
    buf_took(json->buf, name.n + 3);
    json->comma = false;
}

void json_put_key(struct json_writer *json, struct bytes name)
{
    json_put_text(json, name);
    buf_add_byte(json->buf, ':');
    json->comma = false;
}

static size_t escape_byte(uint8_t c, uint8_t *to)
{
    static const uint8_t hex[] = "0123456789abcdef";
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (size_t i = 0; letters[i] != '\0'; i += 2)
        if (c == (uint8_t)letters[i]) {
            to[0] = '\\';
            to[1] = (uint8_t)letters[i + 1];
            return 2;
        }
    memcpy(to, "\\u00", 4);
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

/* One character that text_plain stopped at; *n is how many bytes of the text it is. At most six
 * bytes are written. */
static size_t escape(struct bytes text, size_t *n, uint8_t *to)
{
    size_t step;

    *n = 1;
    if (text.at[0] < 0x80)
        return escape_byte(text.at[0], to);
    step = text_utf8_step(text);
    if (step == 0) {
        memcpy(to, "\xEF\xBF\xBD", 3);
        return 3;
    }
    memcpy(to, text.at, step);
    *n = step;
    return step;
}

static void put_escaped(struct buf *buf, struct bytes text)
{
    while (text.n > 0) {
        size_t plain = text_plain(text), n;
        uint8_t *at = buf_want(buf, plain + 6);

        if (at == NULL)
            return;
        memcpy(at, text.at, plain);
        buf_took(buf, plain);
        text = bytes_after(text, plain);
        if (text.n == 0)
            return;
        buf_took(buf, escape(text, &n, at + plain));
        text = bytes_after(text, n);
    }
}

void json_put_text(struct json_writer *json, struct bytes text)
{
    size_t plain = text_plain(text);
    uint8_t *at = begin(json, plain + 2);

    if (at == NULL)
        return;
    at[0] = '"';
    if (plain > 0)
        memcpy(at + 1, text.at, plain);
    at[plain + 1] = '"';
    if (plain == text.n) {
        buf_took(json->buf, plain + 2);
        return;
    }
    buf_took(json->buf, plain + 1);
    put_escaped(json->buf, bytes_after(text, plain));
    buf_add_byte(json->buf, '"');
}

static uint8_t *put_quoted(uint8_t *at, struct bytes text)
{
    *at++ = '"';
    if (text.n > 0)
        memcpy(at, text.at, text.n);
    at += text.n;
    *at++ = '"';
    return at;
}

void json_put_member(struct json_writer *json, struct bytes name, struct bytes text)
{
    uint8_t *at;

    if (text_plain(text) != text.n) {
        json_put_name(json, name);
        json_put_text(json, text);
        return;
    }
    at = begin(json, name.n + text.n + 5);
    if (at == NULL)
        return;
    at = put_quoted(at, name);
    *at++ = ':';
    (void)put_quoted(at, text);
    buf_took(json->buf, name.n + text.n + 5);
}

static struct bytes declassified(struct sensitive_view hidden)
{
    sensitive_declassify(hidden.at, hidden.n);
    return (struct bytes){hidden.at, hidden.n};
}

void json_put_hidden(struct json_writer *json, struct sensitive_view hidden)
{
    json_put_text(json, declassified(hidden));
}

void json_put_base64(struct json_writer *json, struct bytes in)
{
    size_t n = base64_size(in.n);
    uint8_t *at = begin(json, n + 2);

    if (at == NULL)
        return;
    at[0] = '"';
    base64_encode(in, at + 1);
    at[n + 1] = '"';
    buf_took(json->buf, n + 2);
}

void json_put_base64_hidden(struct json_writer *json, struct sensitive_view hidden)
{
    json_put_base64(json, declassified(hidden));
}

void json_put_raw(struct json_writer *json, struct bytes value)
{
    if (begin(json, 0) != NULL)
        buf_add(json->buf, value);
}

void json_put_int(struct json_writer *json, int64_t value)
{
    json_put_raw(json, (struct bytes){0});
    buf_add_int(json->buf, value);
}

void json_put_ms(struct json_writer *json, int64_t ms)
{
    int64_t seconds = ms / 1000, rest = ms % 1000;
    uint8_t fraction[4] = {'.'};

    if (rest == 0) {
        json_put_int(json, seconds);
        return;
    }
    json_put_raw(json, ms < 0 ? LIT("-") : (struct bytes){0});
    buf_add_int(json->buf, seconds < 0 ? -seconds : seconds);
    rest = rest < 0 ? -rest : rest;
    fraction[1] = (uint8_t)('0' + rest / 100);
    fraction[2] = (uint8_t)('0' + rest / 10 % 10);
    fraction[3] = (uint8_t)('0' + rest % 10);
    buf_add(json->buf, (struct bytes){fraction, sizeof(fraction)});
}

void json_put_bool(struct json_writer *json, bool yes)
{
    json_put_raw(json, yes ? LIT("true") : LIT("false"));
}

void json_put_null(struct json_writer *json)
{
    json_put_raw(json, LIT("null"));
}
