/* http: HTTP/1.1 requests read from bytes, and replies written as bytes. It knows no socket and no
 * time.
 *
 * A reader belongs to one request and lives in that request's arena, buffer and all: the slices
 * that it hands out live as long as the arena. llhttp (strict) does the grammar; what it lets pass
 * and SECURITY 6 does not is refused here, each with a reason of its own. The head is frozen when
 * its last line has come: nothing that follows (a trailer) can add to it. After a fault the
 * connection has to be closed.
 *
 * Limits: a line 8 KiB, a head 16 KiB, 100 headers, a body 1 MiB. */
#pragma once

#include "base/arena.h"
#include "base/raw.h"
#include "net/address.h"

enum {
    HTTP_LONGEST_LINE = 8 * 1024,
    HTTP_LONGEST_HEAD = 16 * 1024,
    HTTP_MOST_HEADERS = 100,
    HTTP_LONGEST_BODY = 1024 * 1024,
    HTTP_REPLY_HEADERS = 16,
};

/* clang-format off */
extern const struct fault HTTP_MALFORMED[1]; /* the grammar is broken; also bare CR or LF, space before a colon */
extern const struct fault HTTP_VERSION[1]; /* not 1.1; 1.0 is for /health, /healthz, /readyz and /metrics only */
extern const struct fault HTTP_HOST[1]; /* not exactly one Host */
extern const struct fault HTTP_TWICE[1]; /* a second Authorization, Content-*, X-Amz-* or Transfer-Encoding */
extern const struct fault HTTP_FOLDED[1]; /* a header that goes on in the next line */
extern const struct fault HTTP_CODING[1]; /* a Transfer-Encoding other than chunked, or beside a length */
extern const struct fault HTTP_TRAILER[1];   /* headers after the body */
extern const struct fault HTTP_EXTENSION[1]; /* a chunk with an extension */
extern const struct fault HTTP_TARGET[1]; /* not a path: absolute, authority or asterisk form, CONNECT, fragment */
extern const struct fault HTTP_UPGRADE[1]; /* another protocol is asked for */
extern const struct fault HTTP_ENCODED[1]; /* Content-Encoding: a compressed body */
extern const struct fault HTTP_BYTES[1]; /* a control in a value, or anything but 0x21-0x7E in a name or target */
extern const struct fault HTTP_EXPECT[1]; /* an Expect other than 100-continue: 417 */
extern const struct fault HTTP_LONG_TARGET[1]; /* 414: the request line is too long */
extern const struct fault HTTP_LONG_LINE[1]; /* 431: a header line is */
extern const struct fault HTTP_LONG_HEAD[1];    /* 431 */
extern const struct fault HTTP_MANY_HEADERS[1]; /* 431 */
extern const struct fault HTTP_LONG_BODY[1];    /* 413, already when a length announces it */
/* clang-format on */

/* The status of a refusal above: 400 unless said otherwise there; 503 for ARENA_SPENT. */
uint16_t http_status(const struct fault *);

struct http_header {
    struct raw name;  /* in lower case */
    struct raw value; /* without white space around it */
};

struct http_request {
    struct raw method; /* "POST" */
    struct raw path;   /* as sent: neither decoded nor tidied; begins with '/' */
    struct raw query;  /* after the '?', as sent; at is NULL when there was none */
    const struct http_header *headers;
    size_t header_count;
    struct raw body; /* n is 0 when there was none */

    /* Facts about the connection, filled in by who owns it. */
    struct address peer;
    struct bytes tls_version; /* "TLSv1.3"; at is NULL when the listener is plain */
    struct bytes tls_cipher;
};

/* The value of the first header of that name (say it in lower case); at is NULL when it is not
 * there. */
struct raw http_header(const struct http_request *, struct bytes name);

struct http_reader;

enum http_stage {
    HTTP_READING_HEAD,
    HTTP_HEAD_READ, /* told once: all but the body is there; http_took(reader, 0) goes on */
    HTTP_READING_BODY,
    HTTP_READ,
};

/* `request` is filled as the stages are reached, and must live as long as the reader. `first` is
 * what is there already, as http_rest of the request before: copied, and read by http_took(reader,
 * 0). */
fallible http_reader_open(struct arena *, struct http_request *, struct bytes first,
                          struct http_reader **out);

/* Where the next bytes go; ARENA_SPENT when there is no memory. *room is at least 1 before
 * HTTP_READ. */
fallible http_want(struct http_reader *, uint8_t **at, size_t *room);

/* n bytes were put there: read them. */
fallible http_took(struct http_reader *, size_t n, enum http_stage *);

/* Bytes that came after the request: the beginning of the next one. Valid at HTTP_READ, until the
 * arena ends. */
struct bytes http_rest(const struct http_reader *);

bool http_begun(const struct http_reader *); /* a byte has come */

/* After HTTP_HEAD_READ. */
bool http_expects_continue(const struct http_reader *); /* and no byte of the body has come yet */
bool http_keeps_alive(const struct http_reader *);
size_t http_body_came(const struct http_reader *);  /* bytes of the body so far */
size_t http_body_holds(const struct http_reader *); /* bytes of memory taken for it */

struct http_reply {
    uint16_t status;
    size_t header_count;
    struct pair headers[HTTP_REPLY_HEADERS]; /* those that are not added below */
    struct raw body; /* in the arena, or in sensitive memory that lives as long */
    bool close;      /* "Connection: close", and the connection ends behind it */
    bool head_only;  /* the request was a HEAD: the length is told, the body is not sent */
};

/* One more header. More than HTTP_REPLY_HEADERS fail with ARENA_SPENT; a control in a value fails
 * with HTTP_BYTES, so that nothing can be injected into a reply. */
fallible http_reply_header(struct http_reply *, struct bytes name, struct bytes value);

/* The reply as it goes out, in the arena, with Date (made of now_ms), Content-Length and, if so,
 * Connection added. The body stands behind the head when both fit into one TLS record, and *rest
 * is empty; else *rest is the body. */
fallible http_reply_write(const struct http_reply *, struct arena *, int64_t now_ms,
                          struct bytes *out, struct bytes *rest);

/* "HTTP/1.1 100 Continue\r\n\r\n" */
extern const struct bytes HTTP_CONTINUE;
