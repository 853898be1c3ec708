/* http: the head is gathered whole, then read by llhttp in one go; the body is put where it
 * stays. */
#include "net/http.h"

#include "net/http_head.h"

#include <llhttp.h>
#include <string.h>

enum { FIRST_ROOM = 4096, WIRE_ROOM = 8192, FIRST_BODY = 64 * 1024, FIRST_HEADERS = 24 };

struct http_reader {
    struct arena *arena;
    struct http_request *request;
    llhttp_t parser;
    enum http_stage stage;
    const struct fault *fault; /* a callback's */

    uint8_t *at;            /* the head, and behind it whatever came with it */
    size_t n, room, unread; /* unread: put there at the opening */
    size_t line,
        head; /* where the present line began; where the head ends, 0 as long as it has not */

    struct http_header *headers;
    size_t header_room;
    bool chunked, continues,
        keeps_alive; /* llhttp forgets its flags when the message is complete */

    uint8_t *body;
    size_t body_n, body_room, length; /* length: as announced, or what it may become */
    bool own_body;                    /* in a piece of its own, not behind the head */
};

/* clang-format off */
FAULT(HTTP_MALFORMED, FAULT_CALLER, "http.malformed", "The request is not well-formed HTTP/1.1.");
FAULT(HTTP_VERSION, FAULT_CALLER, "http.version", "Only HTTP/1.1 is spoken here.");
FAULT(HTTP_TRAILER, FAULT_CALLER, "http.trailer", "Headers after the body are not accepted.");
FAULT(HTTP_EXTENSION, FAULT_CALLER, "http.extension", "Chunk extensions are not accepted.");
FAULT(HTTP_LONG_TARGET, FAULT_LIMIT, "http.long-target", "The request line is longer than 8 KiB.");
FAULT(HTTP_LONG_LINE, FAULT_LIMIT, "http.long-line", "A header line is longer than 8 KiB.");
FAULT(HTTP_LONG_HEAD, FAULT_LIMIT, "http.long-head", "The request's head is longer than 16 KiB.");
FAULT(HTTP_MANY_HEADERS, FAULT_LIMIT, "http.many-headers", "The request has more than 100 headers.");
FAULT(HTTP_LONG_BODY, FAULT_LIMIT, "http.long-body", "The request's body is longer than 1 MiB.");
/* clang-format on */

const struct bytes HTTP_CONTINUE = {(const uint8_t *)"HTTP/1.1 100 Continue\r\n\r\n", 25};

static struct http_reader *reader_of(llhttp_t *parser)
{
    return parser->data;
}

static int fails(llhttp_t *parser, const struct fault *fault)
{
    reader_of(parser)->fault = fault;
    return HPE_USER;
}

static int on_url(llhttp_t *parser, const char *at, size_t n)
{
    struct bytes target = {(const uint8_t *)at, n}, path;
    struct http_request *request = reader_of(parser)->request;

    if (bytes_cut(&target, '?', &path))
        request->query = (struct raw){target.at, target.n};
    else
        path = target;
    request->path = (struct raw){path.at, path.n};
    return 0;
}

static bool header_room(struct http_reader *reader)
{
    struct http_header *more;

    if (reader->request->header_count < reader->header_room)
        return true;
    more = arena_get(reader->arena, HTTP_MOST_HEADERS * sizeof *more);
    if (more == NULL)
        return false;
    memcpy(more, reader->headers, reader->header_room * sizeof *more);
    reader->headers = more;
    reader->header_room = HTTP_MOST_HEADERS;
    return true;
}

static int on_name(llhttp_t *parser, const char *at, size_t n)
{
    struct http_reader *reader = reader_of(parser);
    size_t count = reader->request->header_count;

    if (parser->flags & F_TRAILING)
        return fails(parser, HTTP_TRAILER);
    if (count == HTTP_MOST_HEADERS)
        return fails(parser, HTTP_MANY_HEADERS);
    if (!header_room(reader))
        return fails(parser, ARENA_SPENT);
    reader->headers[count] = (struct http_header){.name = {(const uint8_t *)at, n},
                                                  .value = {(const uint8_t *)at + n, 0}};
    reader->request->header_count++;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t n)
{
    struct http_reader *reader = reader_of(parser);

    reader->headers[reader->request->header_count - 1].value = (struct raw){(const uint8_t *)at, n};
    return 0;
}

static int on_extension(llhttp_t *parser, const char *at, size_t n)
{
    (void)at;
    (void)n;
    return fails(parser, HTTP_EXTENSION);
}

static int on_pause(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

/* The body grows by pieces, so that what is announced and never comes takes no memory. */
static bool body_room(struct http_reader *reader)
{
    size_t room = reader->body_room == 0 ? FIRST_BODY : reader->body_room * 4;
    uint8_t *at;

    room = room < reader->length ? room : reader->length;
    at = arena_get(reader->arena, room);
    if (at == NULL)
        return false;
    if (reader->body_n != 0)
        memcpy(at, reader->body, reader->body_n);
    if (reader->own_body)
        explicit_bzero(reader->body, reader->body_n);
    reader->own_body = true;
    reader->body = at;
    reader->body_room = room;
    return true;
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
    struct http_reader *reader = reader_of(parser);

    if (n > HTTP_LONGEST_BODY - reader->body_n)
        return fails(parser, HTTP_LONG_BODY);
    while (n > reader->body_room - reader->body_n)
        if (!body_room(reader))
            return fails(parser, ARENA_SPENT);
    memcpy(reader->body + reader->body_n, at, n);
    reader->body_n += n;
    return 0;
}

static const llhttp_settings_t callbacks = {
    .on_url = on_url,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_pause,
    .on_body = on_body,
    .on_chunk_extension_name = on_extension,
    .on_chunk_extension_value = on_extension,
    .on_message_complete = on_pause,
};

#ifdef LLHTTP_WIDE
int wide_llhttp__internal_execute(llhttp_t *, const char *at, const char *end);
#endif

/* The same grammar either way (tests/unit/net/http.c holds them together). */
static llhttp_errno_t run(llhttp_t *parser, const char *at, size_t n)
{
#ifdef LLHTTP_WIDE
    if (__builtin_cpu_supports("sse4.2"))
        return (llhttp_errno_t)wide_llhttp__internal_execute(parser, at, at + n);
#endif
    return llhttp_execute(parser, at, n);
}

fallible http_reader_open(struct arena *arena, struct http_request *request, struct bytes first,
                          struct http_reader **out)
{
    struct http_reader *reader = arena_new(arena, struct http_reader);

    ENSURE(reader != NULL, ARENA_SPENT);
    *reader = (struct http_reader){
        .arena = arena,
        .request = request,
        .room = first.n < FIRST_ROOM ? FIRST_ROOM : first.n + FIRST_ROOM,
        .header_room = FIRST_HEADERS,
    };
    reader->headers = arena_get(arena, reader->header_room * sizeof *reader->headers);
    reader->at = arena_get(arena, reader->room); /* last, so that what stays unused can go back */
    ENSURE(reader->at != NULL && reader->headers != NULL, ARENA_SPENT);
    if (first.n != 0)
        memcpy(reader->at, first.at, first.n);
    reader->n = reader->unread = first.n;
    llhttp_init(&reader->parser, HTTP_REQUEST, &callbacks);
    reader->parser.data = reader;
    *out = reader;
    return OK;
}

/* A larger buffer with the first `keep` bytes of this one. Until the head is read nothing points
 * into it; after that the old one stays where it is. */
static fallible wire_room(struct http_reader *reader, size_t keep, size_t room)
{
    uint8_t *at = arena_get(reader->arena, room);

    ENSURE(at != NULL, ARENA_SPENT);
    memcpy(at, reader->at, keep);
    if (keep != 0)
        explicit_bzero(reader->at, keep);
    reader->at = at;
    reader->n = keep;
    reader->head = 0;
    reader->room = room;
    return OK;
}

fallible http_want(struct http_reader *reader, uint8_t **at, size_t *room)
{
    if (reader->stage == HTTP_READING_BODY && !reader->chunked && reader->own_body) {
        ENSURE(reader->body_n < reader->body_room || body_room(reader), ARENA_SPENT);
        *at = reader->body + reader->body_n;
        *room = reader->body_room - reader->body_n;
        return OK;
    }
    if (reader->n == reader->room && reader->stage == HTTP_READING_HEAD)
        TRY(wire_room(reader, reader->n, reader->n + HTTP_LONGEST_HEAD + FIRST_ROOM));
    else if (reader->n == reader->room)
        TRY(wire_room(reader, 0, WIRE_ROOM));
    *at = reader->at + reader->n;
    *room = reader->room - reader->n;
    return OK;
}

/* Looks for the end of the head in what is new, line by line; sets reader->head when it is
 * there. */
static fallible find_head(struct http_reader *reader, size_t from)
{
    const uint8_t *lf;

    ENSURE(reader->at[0] >= 'A' && reader->at[0] <= 'Z', HTTP_MALFORMED);
    while (from < reader->n && (lf = memchr(reader->at + from, '\n', reader->n - from)) != NULL) {
        size_t end = (size_t)(lf - reader->at);

        ENSURE(end - reader->line <= HTTP_LONGEST_LINE,
               reader->line == 0 ? HTTP_LONG_TARGET : HTTP_LONG_LINE);
        ENSURE(end < HTTP_LONGEST_HEAD, HTTP_LONG_HEAD);
        from = end + 1;
        ENSURE(end != reader->line && lf[-1] == '\r', HTTP_MALFORMED);
        if (end == reader->line + 1) {
            reader->head = from;
            return OK;
        }
        ENSURE(reader->at[reader->line] != ' ' && reader->at[reader->line] != '\t', HTTP_FOLDED);
        reader->line = from;
    }
    ENSURE(reader->n - reader->line <= HTTP_LONGEST_LINE,
           reader->line == 0 ? HTTP_LONG_TARGET : HTTP_LONG_LINE);
    ENSURE(reader->n <= HTTP_LONGEST_HEAD, HTTP_LONG_HEAD);
    return OK;
}

/* Why llhttp stopped, in our words. */
static const struct fault *grammar(const struct http_reader *reader, llhttp_errno_t error)
{
    if (reader->fault != OK)
        return reader->fault;
    if (error == HPE_INVALID_VERSION || error == HPE_PAUSED_H2_UPGRADE)
        return HTTP_VERSION;
    if (error == HPE_INVALID_HEADER_TOKEN || error == HPE_INVALID_URL)
        return HTTP_BYTES;
    if (error == HPE_INVALID_TRANSFER_ENCODING)
        return HTTP_CODING;
    if (error == HPE_UNEXPECTED_CONTENT_LENGTH)
        return reader->parser.flags & F_TRANSFER_ENCODING ? HTTP_CODING : HTTP_TWICE;
    return HTTP_MALFORMED;
}

static fallible read_head(struct http_reader *reader)
{
    const char *at = (const char *)reader->at;
    struct http_request *request = reader->request;
    llhttp_errno_t error = run(&reader->parser, at, reader->head);

    request->headers = reader->headers;
    if (error != HPE_PAUSED) {
        request->header_count = 0; /* of a head that cannot be read, no part counts */
        return grammar(reader, error);
    }
    /* Two readers of one head have to agree where it ends. */
    ENSURE(llhttp_get_error_pos(&reader->parser) == at + reader->head - 1 ||
               llhttp_get_error_pos(&reader->parser) == at + reader->head,
           HTTP_MALFORMED);
    request->method = (struct raw){
        reader->at, strlen(llhttp_method_name((llhttp_method_t)reader->parser.method))};
    ENSURE(reader->parser.http_major == 1, HTTP_VERSION);
    return http_judge_head(request, reader->headers, reader->parser.http_minor);
}

/* The head is read and judged: where does the body go? */
static fallible begin_body(struct http_reader *reader)
{
    uint64_t length = reader->parser.content_length;
    size_t came = reader->n - reader->head;

    reader->keeps_alive = llhttp_should_keep_alive(&reader->parser) != 0;
    reader->chunked = (reader->parser.flags & F_CHUNKED) != 0;
    if (reader->chunked) {
        reader->length = HTTP_LONGEST_BODY;
        return OK;
    }
    if ((reader->parser.flags & F_CONTENT_LENGTH) == 0)
        length = 0;
    ENSURE(length <= HTTP_LONGEST_BODY, HTTP_LONG_BODY);
    reader->length = (size_t)length;
    reader->body = reader->at + reader->head;
    reader->body_n = came < reader->length ? came : reader->length;
    if (reader->length > reader->room - reader->head)
        ENSURE(body_room(reader), ARENA_SPENT);
    return OK;
}

static fallible take_head(struct http_reader *reader, size_t n)
{
    TRY(find_head(reader, reader->n - n));
    if (reader->head == 0)
        return OK;
    TRY(read_head(reader));
    TRY(begin_body(reader));
    reader->continues =
        reader->n == reader->head && http_header(reader->request, LIT("expect")).at != NULL;
    reader->stage = HTTP_HEAD_READ;
    return OK;
}

static void finish(struct http_reader *reader, size_t used)
{
    reader->request->body = (struct raw){reader->body, reader->body_n};
    reader->head = used;
    arena_trim(reader->arena, reader->at, reader->room, reader->n);
    reader->room = reader->n;
    reader->stage = HTTP_READ;
}

/* Chunks: llhttp puts what is body aside; the room behind the head is used again and again. */
static fallible take_chunks(struct http_reader *reader, size_t from)
{
    const char *at = (const char *)reader->at;
    llhttp_errno_t error;

    if (llhttp_get_errno(&reader->parser) == HPE_PAUSED)
        llhttp_resume(&reader->parser);
    error = run(&reader->parser, at + from, reader->n - from);
    if (error == HPE_PAUSED) {
        finish(reader, (size_t)(llhttp_get_error_pos(&reader->parser) - at));
        return OK;
    }
    ENSURE(error == HPE_OK, grammar(reader, error));
    reader->n = from;
    return OK;
}

static void take_length(struct http_reader *reader, size_t n)
{
    if (reader->own_body)
        reader->body_n += n;
    else if (reader->n - reader->head < reader->length)
        reader->body_n = reader->n - reader->head;
    else
        reader->body_n = reader->length;
    if (reader->body_n == reader->length)
        finish(reader, reader->own_body ? reader->n : reader->head + reader->length);
}

fallible http_took(struct http_reader *reader, size_t n, enum http_stage *stage)
{
    bool to_body = reader->own_body && !reader->chunked;
    size_t from = reader->n;

    if (!to_body)
        reader->n += n;
    if (reader->stage == HTTP_READING_HEAD && n + reader->unread != 0) {
        n += reader->unread;
        reader->unread = 0;
        TRY(take_head(reader, n));
    } else if (reader->stage != HTTP_READING_HEAD) {
        if (reader->stage == HTTP_HEAD_READ)
            from = reader->head;
        reader->stage = HTTP_READING_BODY;
        if (reader->chunked)
            TRY(take_chunks(reader, from));
        else
            take_length(reader, n);
    }
    *stage = reader->stage;
    return OK;
}

struct bytes http_rest(const struct http_reader *reader)
{
    return (struct bytes){reader->at + reader->head, reader->n - reader->head};
}

bool http_begun(const struct http_reader *reader)
{
    return reader->n != 0 || reader->stage != HTTP_READING_HEAD;
}

bool http_expects_continue(const struct http_reader *reader)
{
    return reader->continues && reader->length != 0 && reader->body_n == 0;
}

bool http_keeps_alive(const struct http_reader *reader)
{
    return reader->keeps_alive;
}

size_t http_body_came(const struct http_reader *reader)
{
    return reader->body_n;
}

size_t http_body_holds(const struct http_reader *reader)
{
    return reader->body_room;
}
