/* fetch: looks the host up, connects, speaks TLS, writes, reads. */
#include "net/fetch.h"

#include "base/inside.h"
#include "net/fetch_reply.h"
#include "net/socket.h"
#include "net/tls_client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNECT_S = 10, READ_S = 60, PIECE = 16 * 1024 };

/* clang-format off */
FAULT(FETCH_NAME, FAULT_AGAIN, "fetch.name", "The host's name is not known.");
FAULT(FETCH_AWAY, FAULT_AGAIN, "fetch.away", "Nobody answers there.");
FAULT(FETCH_UNTRUSTED, FAULT_AGAIN, "fetch.untrusted", "The server's certificate is not accepted.");
FAULT(FETCH_BROKEN, FAULT_AGAIN, "fetch.broken", "The connection to the server ended or took too long before there was an answer.");
FAULT(FETCH_ODD, FAULT_AGAIN, "fetch.odd", "What answers there is no server of this kind.");
/* clang-format on */

struct line {
    const struct fetch *fetch;
    int fd;
    struct tls_session *tls; /* NULL: none */
    struct tls_pipe pipe;
    uint8_t *cipher;         /* PIECE bytes off the wire */
    struct sensitive *clear; /* PIECE bytes out of TLS */
};

static void set_patience(int fd, int seconds)
{
    const struct timeval patience = {.tv_sec = seconds};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static int dial_one(const struct addrinfo *to)
{
    const int on = 1;
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol);

    if (fd < 0)
        return -1;
    set_patience(fd, CONNECT_S);
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) {
        close(fd);
        return -1;
    }
    set_patience(fd, READ_S);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static fallible dial(struct line *line)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;

    ENSURE(getaddrinfo(line->fetch->host, line->fetch->port, &hints, &found) == 0, FETCH_NAME);
    for (const struct addrinfo *to = found; to != NULL && line->fd < 0; to = to->ai_next)
        line->fd = dial_one(to);
    freeaddrinfo(found);
    return line->fd < 0 ? FETCH_AWAY : OK;
}

static fallible send_all(struct line *line, struct bytes what)
{
    return socket_send_all(line->fd, what) ? OK : FETCH_BROKEN;
}

static fallible flush(struct line *line)
{
    const size_t n = line->pipe.out_n;

    line->pipe.out_n = 0;
    return send_all(line, (struct bytes){line->pipe.out, n});
}

/* *n is 0 at the end. */
static fallible receive(int fd, uint8_t *to, size_t *n)
{
    ssize_t got;

    do
        got = recv(fd, to, PIECE, 0);
    while (got < 0 && errno == EINTR);
    ENSURE(got >= 0, FETCH_BROKEN);
    *n = (size_t)got;
    return OK;
}

static fallible receive_cipher(struct line *line)
{
    size_t n;

    TRY(flush(line));
    TRY(receive(line->fd, line->cipher, &n));
    ENSURE(n > 0, FETCH_BROKEN);
    line->pipe.in = (struct bytes){line->cipher, n};
    return OK;
}

/* Whatever OpenSSL makes meanwhile, keys before all, lies in the keys region. */
static fallible step(struct line *line, bool *done)
{
    const struct fault *fault;

    inside_begin();
    fault = tls_handshake(line->tls, &line->pipe, done);
    inside_end();
    return fault;
}

static fallible shake_hands(struct line *line, struct fetch_reply *reply)
{
    bool done = false;

    for (;;) {
        const struct fault *fault = step(line, &done);

        if (fault != OK) {
            reply->why = tls_client_distrusts(line->tls);
            (void)!(flush(line) == OK); /* the alert, if it still arrives */
            return reply->why != NULL ? FETCH_UNTRUSTED : FETCH_BROKEN;
        }
        if (done)
            return flush(line);
        TRY(receive_cipher(line));
    }
}

static fallible open_line(struct arena *arena, struct line *line, struct fetch_reply *reply)
{
    TRY(sensitive_new_key(arena, PIECE, &line->clear));
    if (!line->fetch->tls)
        return dial(line);
    line->cipher = arena_get(arena, PIECE);
    ENSURE(line->cipher != NULL, ARENA_SPENT);
    TRY(tls_client_open(line->fetch->host, line->fetch->authority, &line->tls));
    TRY(tls_pipe_open(&line->pipe));
    TRY(dial(line));
    return shake_hands(line, reply);
}

static fallible put(struct line *line, struct bytes what)
{
    const struct fault *fault;

    if (line->tls == NULL)
        return send_all(line, what);
    inside_begin();
    fault = tls_write(line->tls, &line->pipe, what);
    inside_end();
    return fault;
}

static fallible send_request(struct line *line)
{
    const struct fetch *fetch = line->fetch;

    TRY(put(line, fetch->head));
    TRY(put(line, (struct bytes){fetch->body.at, fetch->body.n}));
    return line->tls == NULL ? OK : flush(line);
}

static fallible get_clear(struct line *line, size_t *n, bool *ended)
{
    const struct fault *fault;

    inside_begin();
    fault = tls_read(line->tls, &line->pipe, (struct tls_room){sensitive_fill(line->clear), PIECE},
                     n, ended);
    inside_end();
    return fault;
}

/* The next piece of the reply, in line->clear. */
static fallible get(struct line *line, size_t *n, bool *ended)
{
    if (line->tls == NULL) {
        TRY(receive(line->fd, sensitive_fill(line->clear), n));
        *ended = *n == 0;
        return OK;
    }
    for (;;) {
        TRY(get_clear(line, n, ended));
        if (*n > 0 || *ended)
            return OK;
        if (line->pipe.in.n == 0)
            TRY(receive_cipher(line));
    }
}

static fallible read_reply(struct line *line, struct reply_reader *reader)
{
    bool whole = false, ended = false;
    size_t n = 0;

    while (!whole) {
        TRY(get(line, &n, &ended));
        if (ended)
            return reply_reader_end(reader);
        TRY(reply_reader_take(reader, (struct sensitive_view){sensitive_view(line->clear).at, n},
                              &whole));
    }
    return OK;
}

static fallible converse(struct arena *arena, struct line *line, struct fetch_reply *reply)
{
    struct reply_reader *reader;

    TRY(reply_reader_open(arena, line->fetch, reply, &reader));
    TRY(open_line(arena, line, reply));
    TRY(send_request(line));
    return read_reply(line, reader);
}

fallible fetch(struct arena *arena, const struct fetch *what, struct fetch_reply *reply)
{
    struct line line = {.fetch = what, .fd = -1};
    const struct fault *fault;

    *reply = (struct fetch_reply){0};
    fault = converse(arena, &line, reply);
    if (line.fd >= 0)
        close(line.fd);
    tls_session_close(line.tls);
    tls_pipe_close(&line.pipe);
    return fault;
}
