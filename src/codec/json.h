/* json: a strict pull reader (RFC 8259) over bytes, and a writer on a buf: for the request path, where secret members go
 * straight into sensitive memory and nothing is left in a heap. No allocation, no recursion, linear time.
 *
 * Refused: anything that is not UTF-8, NUL (also escaped), lone surrogates, depth over JSON_DEPTH, leading zeros, control
 * characters in strings, trailing bytes. Duplicate names are the caller's to refuse. */
#pragma once

#include "base/buf.h"

enum { JSON_DEPTH = 64 };

extern const struct fault JSON_MALFORMED[1]; /* not JSON, or not ours to read */
extern const struct fault JSON_DEEP[1];      /* nested deeper than JSON_DEPTH */

enum json_kind { JSON_NULL = 1, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_OBJECT, JSON_ARRAY };

/* A value's beginning. Of a number its characters; of a string what stands between the quotes, a slice of the input,
 * which is the text itself unless `escaped`. */
struct json_token {
    enum json_kind kind;
    struct bytes text;
    bool escaped;
};

struct json_reader {
    struct bytes rest;
    uint8_t depth;
    bool fresh; /* a container has just been entered */
};

struct json_reader json_reader(struct bytes text);

/* The next value. An object or array is entered: its members follow. */
fallible json_value(struct json_reader *, struct json_token *);

/* In an object: the next member's name, behind its colon; *any false: the object has ended and is left. */
fallible json_name(struct json_reader *, struct json_token *name, bool *any);

/* In an array: is there another element? Then json_value reads it; else the array has ended and is left. */
fallible json_element(struct json_reader *, bool *any);

/* Passes over what is left of a value whose token has just been read. */
fallible json_skip(struct json_reader *, const struct json_token *);

/* Nothing but blanks may be left. */
fallible json_end(struct json_reader *);

/* Of a JSON_TEXT token: the bytes its text has (never more than text.n), and the text itself, into that much room. */
size_t json_text_size(const struct json_token *);
void json_text_write(const struct json_token *, uint8_t *to);

/* The text in the arena if it was escaped, else the slice: for what is no secret. */
fallible json_text(struct arena *, const struct json_token *, struct bytes *out);

/* Does the token's text equal this? Without unescaping into memory. */
bool json_text_is(const struct json_token *, struct bytes);

/* A whole number that fits; false: a fraction, an exponent that makes one, or too large. */
bool json_int(const struct json_token *, int64_t *out);

/* --- writing: commas and colons are the writer's --- */

struct json_writer {
    struct buf *to;
    bool comma;
};

struct json_writer json_writer(struct buf *);
void json_open(struct json_writer *);  /* { */
void json_close(struct json_writer *); /* } */
void json_open_array(struct json_writer *);
void json_close_array(struct json_writer *);
void json_add_name(struct json_writer *, struct bytes name); /* a name of ours: plain ASCII, not escaped */
void json_add_text(struct json_writer *, struct bytes utf8);
void json_add_int(struct json_writer *, int64_t);
void json_add_bool(struct json_writer *, bool);
void json_add_null(struct json_writer *);
void json_add_seconds(struct json_writer *, int64_t ms); /* 1523477145.713 */
void json_add_base64(struct json_writer *, struct bytes); /* as a string */
