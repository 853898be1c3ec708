/* What the reader takes, written again, reads as the same; skipping agrees with pulling. */
#include "fuzz/must.h"

#include "codec/json.h"
#include "codec/json_write.h"
#include "codec/text.h"

enum { MEMORY = 1 << 24 };

static fallible copy_value(struct arena *, struct json *, struct json_writer *);

static fallible plain(struct arena *arena, struct json_text text, struct bytes *out)
{
    size_t n = json_unescaped_size(text);
    uint8_t *to = arena_get(arena, n + 1);

    ENSURE(to != NULL, ARENA_SPENT);
    json_unescape(text, to);
    *out = (struct bytes){to, n};
    MUST(json_text_is(text, *out));
    MUST(text_utf8(*out));
    return OK;
}

static fallible copy_object(struct arena *arena, struct json *json, struct json_writer *to)
{
    struct json_text name;
    struct bytes text;
    bool there;

    json_put_object(to);
    for (;;) {
        TRY(json_member(json, &name, &there));
        if (!there)
            break;
        TRY(plain(arena, name, &text));
        json_put_key(to, text);
        TRY(copy_value(arena, json, to));
    }
    json_put_object_end(to);
    return OK;
}

static fallible copy_array(struct arena *arena, struct json *json, struct json_writer *to)
{
    bool there;

    json_put_array(to);
    for (;;) {
        TRY(json_element(json, &there));
        if (!there)
            break;
        TRY(copy_value(arena, json, to));
    }
    json_put_array_end(to);
    return OK;
}

static fallible copy_value(struct arena *arena, struct json *json, struct json_writer *to)
{
    struct json_value value;
    struct bytes text;
    int64_t number;

    TRY(json_value(json, &value));
    switch (value.kind) {
    case JSON_IS_OBJECT:
        return copy_object(arena, json, to);
    case JSON_IS_ARRAY:
        return copy_array(arena, json, to);
    case JSON_IS_TEXT:
        TRY(plain(arena, value.text, &text));
        json_put_text(to, text);
        return OK;
    case JSON_IS_NUMBER:
        if (json_ms(value.number, &number) == OK && json_int(value.number, &number) == OK)
            json_put_int(to, number);
        else
            json_put_raw(to, value.number);
        return OK;
    case JSON_IS_BOOL:
        json_put_bool(to, value.yes);
        return OK;
    default:
        json_put_null(to);
        return OK;
    }
}

/* The text written once more, and whether it was JSON. ARENA_SPENT: nothing can be said. */
static const struct fault *copy(struct arena *arena, struct bytes text, struct bytes *out)
{
    struct buf buf = buf_open(arena, text.n + 16);
    struct json_writer writer = json_writer(&buf);
    struct json json = json_open(text);

    TRY(copy_value(arena, &json, &writer));
    TRY(json_end(&json));
    return buf_done(&buf, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct arena *arena = arena_open(MEMORY);
    struct bytes text = {at, n}, once, twice;
    struct json json = json_open(text);
    const struct fault *skipped = json_skip(&json, NULL), *copied;

    if (skipped == OK)
        skipped = json_end(&json);
    copied = copy(arena, text, &once);
    if (copied != ARENA_SPENT)
        MUST(copied == skipped);
    if (copied == OK && copy(arena, once, &twice) != ARENA_SPENT)
        MUST(bytes_same(once, twice));
    arena_close(arena);
    return 0;
}
