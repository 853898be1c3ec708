/* json_write: JSON onto a buf. Commas are the writer's business; that names and values alternate
 * and brackets match is the caller's. Nothing here fails: a spent buf says so in buf_done.
 *
 *     struct json_writer json = json_writer(&buf);
 *     json_put_object(&json);
 *     json_put_name(&json, LIT("Name"));
 *     json_put_text(&json, name);
 *     json_put_object_end(&json); */
#pragma once

#include "base/buf.h"
#include "base/sensitive.h"

struct json_writer {
    struct buf *buf;
    bool comma; /* something stands before, at this level */
};

struct json_writer json_writer(struct buf *); /* the buf stays the caller's */

void json_put_object(struct json_writer *);
void json_put_object_end(struct json_writer *);
void json_put_array(struct json_writer *);
void json_put_array_end(struct json_writer *);

void json_put_name(struct json_writer *, struct bytes name); /* needs no escapes: ours, a literal */
void json_put_key(struct json_writer *, struct bytes name);  /* a name from outside: escaped */

/* Escapes what has to be; invalid UTF-8 becomes U+FFFD, so that the output is always JSON. */
void json_put_text(struct json_writer *, struct bytes);
/* A name and its text at once. */
void json_put_member(struct json_writer *, struct bytes name, struct bytes text);
/* The same for a value: the one place where hidden bytes are declassified for the reply, since
 * escaping branches by nature. */
void json_put_hidden(struct json_writer *, struct sensitive_view);
void json_put_base64(struct json_writer *, struct bytes);
void json_put_base64_hidden(struct json_writer *, struct sensitive_view);

void json_put_int(struct json_writer *, int64_t);
void json_put_ms(struct json_writer *, int64_t ms); /* as seconds: 1523477145.713, or 1523477145 */
void json_put_bool(struct json_writer *, bool);
void json_put_null(struct json_writer *);
void json_put_raw(struct json_writer *, struct bytes); /* a value that is JSON already */
