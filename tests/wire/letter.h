/* letter: a request as a wire case writes it down: directives, then HTTP, then the body; made into
 * the bytes that a client would send, signed as the directives say. The format stands in
 * tests/wire/README.md. */
#pragma once

#include "base/arena.h"
#include "net/http.h"

enum { LETTER_HEADERS = 40, LETTER_AFTER = 8 };

struct letter {
    struct arena *arena;
    struct bytes method, target, body;
    struct pair headers[LETTER_HEADERS];
    size_t header_count;

    /* directives */
    struct bytes key_id, secret; /* who signs; key_id NULL: nobody */
    struct bytes sign;           /* "host;x-amz-date"; NULL: all headers */
    struct bytes day, region, service, terminator, algorithm, date;
    struct pair after[LETTER_AFTER]; /* headers added behind the signature's back */
    size_t after_count;
    struct bytes body_after; /* NULL: the one that was signed */
    bool presigned, local, head, dev, raw, rate_one, described, again, again_soon;
    int64_t expires, records; /* records 0: one */
};

/* Signed by the world's root key unless a directive says otherwise. Ends the program when the text
 * makes no sense: a case is a test's source. */
void letter_read(struct letter *, struct arena *, struct bytes text, int64_t now_ms);

/* The bytes as sent; for `head` without the body. */
struct bytes letter_send(struct letter *);
