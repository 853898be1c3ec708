/* json: a strict reader over bytes (RFC 8259), for the request path. It is pulled: each call takes
 * the next thing. It takes no memory, keeps no copy, and reads any input once, in linear time.
 *
 *     struct json json = json_open(body);
 *     TRY(json_value(&json, &value));                    an object? then its members:
 *     for (;;) {
 *         TRY(json_member(&json, &name, &there));
 *         if (!there)
 *             break;
 *         TRY(json_value(&json, &value));                or json_skip(&json, NULL)
 *     }
 *     TRY(json_end(&json));
 *
 * Refused as JSON_MALFORMED: whatever RFC 8259 does not say (leading zeros, comments, a comma too
 * many), a byte order mark, invalid UTF-8, a lone surrogate, a control byte in a text, bytes behind
 * the value. "\u0000" is allowed and is a zero byte in the unescaped text: texts here have a
 * length. Duplicate names are the caller's to find: it knows which members it wants.
 * After a fault the reader is used no further. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

enum { JSON_DEEPEST = 64 };

extern const struct fault JSON_MALFORMED[1];
extern const struct fault JSON_DEEP[1];   /* more than JSON_DEEPEST objects and arrays in another */
extern const struct fault JSON_NUMBER[1]; /* a right number, but no integer, or too large */

struct json { /* the reader; its members are its own */
    const uint8_t *at, *end;
    uint64_t objects; /* one bit a level: is it an object? */
    unsigned depth;
    bool fresh; /* just opened: no comma before what comes */
};

enum json_kind {
    JSON_IS_NULL,
    JSON_IS_BOOL,
    JSON_IS_NUMBER,
    JSON_IS_TEXT,
    JSON_IS_OBJECT,
    JSON_IS_ARRAY,
};

/* A text as it stands between its quotes: a slice of the input, checked. Unless `escaped` it is the
 * text itself; else json_unescape makes it. */
struct json_text {
    struct bytes raw;
    bool escaped;
};

struct json_value {
    enum json_kind kind;
    bool yes;              /* of JSON_IS_BOOL */
    struct bytes number;   /* of JSON_IS_NUMBER: as written; see json_int and json_ms */
    struct json_text text; /* of JSON_IS_TEXT */
};

struct json json_open(struct bytes);

/* The next value: a scalar in whole; of an object or array the opening only, whose members or
 * elements must then be taken up to there == false (or json_pass). */
fallible json_value(struct json *, struct json_value *);

/* The next member's name, in an object; its value is then to be taken. There are no more: there is
 * false, and the object has been left. */
fallible json_member(struct json *, struct json_text *name, bool *there);
fallible json_element(struct json *, bool *there); /* the same in an array */

/* Passes over one whole value that has not been taken; *whole (may be NULL) is how it stands. */
fallible json_skip(struct json *, struct bytes *whole);
/* Passes over what is left of a value that json_value gave: nothing when it is a scalar. */
fallible json_pass(struct json *, const struct json_value *);

fallible json_end(struct json *); /* nothing but blanks follows the whole value */

/* Bytes of the text once unescaped: what json_unescape writes. */
size_t json_unescaped_size(struct json_text);
/* Into the caller's memory, e.g. sensitive memory; copies when nothing is escaped. May be in place
 * (to == raw.at). */
void json_unescape(struct json_text, uint8_t *to);
bool json_text_is(struct json_text, struct bytes plain); /* without unescaping */

fallible json_int(struct bytes text, int64_t *); /* no fraction, no exponent */
/* Seconds with a fraction or exponent (1.523477145713E9), in milliseconds, cut toward zero. */
fallible json_ms(struct bytes text, int64_t *ms);
