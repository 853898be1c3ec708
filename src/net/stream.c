/* stream: a descriptor, a TLS session or none, and what could not be read or sent yet. */
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_ROOM = 32 * 1024, DISCARDS = 64 };

FAULT(STREAM_ENDED, FAULT_CALLER, "stream.ended", "The connection has ended.");

struct stream_thread {
    struct tls_pipe pipe;
    uint8_t in[IN_ROOM];
    struct stream *owner; /* whose unread bytes lie in `in` */
};

struct stream {
    struct stream_thread *thread;
    struct tls_session *tls; /* NULL: plain */
    int fd;
    bool shaken, readable, hung_up, ended;
    struct bytes left; /* received, not yet read: in thread->in (then we own it) or in `kept` */
    uint8_t *kept;
    uint8_t *queue; /* to be sent */
    size_t queue_at, queue_n;
};

fallible stream_thread_open(struct stream_thread **out)
{
    struct stream_thread *thread = calloc(1, sizeof *thread);

    ENSURE(thread != NULL, TLS_FULL);
    if (tls_pipe_open(&thread->pipe) != OK) {
        free(thread);
        return TLS_FULL;
    }
    *out = thread;
    return OK;
}

void stream_thread_close(struct stream_thread *thread)
{
    if (thread == NULL)
        return;
    tls_pipe_close(&thread->pipe);
    explicit_bzero(thread->in, sizeof thread->in);
    free(thread);
}

fallible stream_open(struct stream_thread *thread, int fd, struct tls *tls, struct stream **out)
{
    struct stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL) {
        close(fd);
        return TLS_FULL;
    }
    *stream = (struct stream){.thread = thread, .fd = fd, .shaken = tls == NULL, .readable = true};
    if (tls != NULL && tls_session_open(tls, &stream->tls) != OK) {
        stream_close(stream);
        return TLS_FULL;
    }
    *out = stream;
    return OK;
}

static void forget_left(struct stream *stream)
{
    if (stream->left.n != 0)
        explicit_bzero((void *)(uintptr_t)stream->left.at, stream->left.n);
    free(stream->kept);
    stream->kept = NULL;
    stream->left = (struct bytes){0};
    if (stream->thread->owner == stream)
        stream->thread->owner = NULL;
}

static void forget_queue(struct stream *stream)
{
    if (stream->queue != NULL)
        explicit_bzero(stream->queue, stream->queue_n);
    free(stream->queue);
    stream->queue = NULL;
    stream->queue_at = stream->queue_n = 0;
}

void stream_close(struct stream *stream)
{
    if (stream == NULL)
        return;
    forget_left(stream);
    forget_queue(stream);
    tls_session_close(stream->tls);
    close(stream->fd);
    free(stream);
}

void stream_readable(struct stream *stream, bool hung_up)
{
    stream->readable = true;
    stream->hung_up |= hung_up;
}

bool stream_shaken(const struct stream *stream)
{
    return stream->shaken;
}

/* Another stream needs the thread's buffer: what this one left there is put into memory of its
 * own. */
static fallible make_way(struct stream_thread *thread)
{
    struct stream *owner = thread->owner;
    uint8_t *kept;

    if (owner == NULL)
        return OK;
    thread->owner = NULL;
    kept = calloc(1, owner->left.n);
    if (kept == NULL) {
        owner->ended = true; /* bytes are missing: it cannot go on */
        owner->left = (struct bytes){0};
        return TLS_FULL;
    }
    memcpy(kept, owner->left.at, owner->left.n);
    owner->left.at = owner->kept = kept;
    return OK;
}

/* More from the kernel, when there may be some and nothing is left. A short read means that it has
 * no more, and that the next arrival will be an event; unless the peer hung up, whose event was the
 * last. */
static fallible receive(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;
    ssize_t n;

    if (stream->left.n != 0 || !stream->readable || stream->ended)
        return OK;
    forget_left(stream);
    TRY(make_way(thread));
    n = recv(stream->fd, thread->in, IN_ROOM, 0);
    if (n > 0) {
        stream->readable = n == IN_ROOM || stream->hung_up;
        stream->left = (struct bytes){thread->in, (size_t)n};
        thread->owner = stream;
        return OK;
    }
    stream->readable = false;
    stream->ended = n == 0 || (errno != EAGAIN && errno != EINTR);
    return OK;
}

/* The session takes from what is left. */
static void lend(struct stream *stream)
{
    stream->thread->pipe.in = stream->left;
}

static void take_back(struct stream *stream)
{
    struct bytes rest = stream->thread->pipe.in;

    stream->thread->pipe.in = (struct bytes){0};
    stream->left = rest;
    if (rest.n == 0)
        forget_left(stream);
}

static fallible send_answers(struct stream *stream)
{
    return stream->thread->pipe.out_n == 0 ? OK : stream_send(stream);
}

fallible stream_handshake(struct stream *stream)
{
    const struct fault *fault = OK;

    do {
        TRY(receive(stream));
        if (stream->left.n == 0)
            break;
        lend(stream);
        fault = tls_handshake(stream->tls, &stream->thread->pipe, &stream->shaken);
        take_back(stream);
        if (fault != OK) {
            fault =
                send_answers(stream) == OK ? fault : STREAM_ENDED; /* the alert, if it gets there */
            return fault;
        }
        TRY(send_answers(stream));
    } while (!stream->shaken);
    return stream->ended && !stream->shaken ? STREAM_ENDED : OK;
}

static fallible read_plain(struct stream *stream, struct tls_room to, size_t *n)
{
    *n = to.n < stream->left.n ? to.n : stream->left.n;
    if (*n == 0)
        return OK;
    memcpy(to.at, stream->left.at, *n);
    explicit_bzero((void *)(uintptr_t)stream->left.at, *n);
    stream->thread->pipe.in = bytes_after(stream->left, *n);
    take_back(stream);
    return OK;
}

static fallible read_tls(struct stream *stream, struct tls_room to, size_t *n)
{
    const struct fault *fault;
    bool ended;

    *n = 0;
    if (stream->left.n == 0 && !tls_pending(stream->tls))
        return OK;
    lend(stream);
    fault = tls_read(stream->tls, &stream->thread->pipe, to, n, &ended);
    take_back(stream);
    stream->ended |= ended;
    if (fault == OK)
        return send_answers(stream);
    return send_answers(stream) == OK ? fault : STREAM_ENDED;
}

fallible stream_read_bare(struct stream *stream, uint8_t *to, size_t room, size_t *n)
{
    do {
        TRY(receive(stream));
        TRY(read_plain(stream, (struct tls_room){to, room}, n));
    } while (*n == 0 && stream->readable && !stream->ended);
    return *n == 0 && stream->ended ? STREAM_ENDED : OK;
}

fallible stream_read(struct stream *stream, uint8_t *to, size_t room, size_t *n)
{
    struct tls_room where = {to, room};

    do {
        TRY(receive(stream));
        if (stream->tls == NULL)
            TRY(read_plain(stream, where, n));
        else
            TRY(read_tls(stream, where, n));
    } while (*n == 0 && stream->readable && !stream->ended);
    return *n == 0 && stream->ended ? STREAM_ENDED : OK;
}

bool stream_pending(const struct stream *stream)
{
    return stream->left.n != 0 || stream->readable || stream->ended ||
           (stream->tls != NULL && tls_pending(stream->tls));
}

fallible stream_write(struct stream *stream, struct bytes what)
{
    if (stream->tls == NULL)
        return tls_pipe_add(&stream->thread->pipe, what);
    return tls_write(stream->tls, &stream->thread->pipe, what);
}

/* How much of it went out; less when the kernel has no room, and then it tells when it has. */
static fallible push(struct stream *stream, struct bytes *what)
{
    while (what->n != 0) {
        ssize_t n = send(stream->fd, what->at, what->n, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return OK;
        ENSURE(n >= 0, STREAM_ENDED);
        *what = bytes_after(*what, (size_t)n);
    }
    return OK;
}

static fallible enqueue(struct stream *stream, struct bytes what)
{
    size_t before = stream->queue_n - stream->queue_at;
    uint8_t *queue;

    if (what.n == 0)
        return OK;
    ENSURE(before + what.n <= TLS_WAITING, TLS_FULL);
    queue = calloc(1, before + what.n);
    ENSURE(queue != NULL, TLS_FULL);
    if (before != 0)
        memcpy(queue, stream->queue + stream->queue_at, before);
    memcpy(queue + before, what.at, what.n);
    forget_queue(stream);
    stream->queue = queue;
    stream->queue_n = before + what.n;
    return OK;
}

static fallible send_queue(struct stream *stream)
{
    struct bytes what = {stream->queue + stream->queue_at, stream->queue_n - stream->queue_at};

    if (stream->queue == NULL)
        return OK;
    TRY(push(stream, &what));
    stream->queue_at = stream->queue_n - what.n;
    if (what.n == 0)
        forget_queue(stream);
    return OK;
}

/* The pipe is the whole thread's: it is emptied whatever happens. */
static const struct fault *empty_pipe(struct stream *stream, const struct fault *fault)
{
    struct tls_pipe *pipe = &stream->thread->pipe;

    if (stream->tls == NULL)
        explicit_bzero(pipe->out, pipe->out_n);
    pipe->out_n = 0;
    if (fault != OK)
        stream->ended = true;
    return fault;
}

fallible stream_send(struct stream *stream)
{
    struct tls_pipe *pipe = &stream->thread->pipe;
    struct bytes what = {pipe->out, pipe->out_n};
    const struct fault *fault = send_queue(stream);

    if (fault == OK && stream->queue == NULL)
        fault = push(stream, &what);
    if (fault == OK)
        fault = enqueue(stream, what);
    return empty_pipe(stream, fault);
}

fallible stream_keep(struct stream *stream)
{
    struct tls_pipe *pipe = &stream->thread->pipe;
    const struct fault *fault = enqueue(stream, (struct bytes){pipe->out, pipe->out_n});

    return empty_pipe(stream, fault);
}

size_t stream_queued(const struct stream *stream)
{
    return stream->queue_n - stream->queue_at;
}

bool stream_waits(const struct stream *stream)
{
    return stream->queue != NULL;
}

void stream_end(struct stream *stream)
{
    if (stream->tls != NULL && stream->shaken && !stream->ended) {
        tls_end(stream->tls, &stream->thread->pipe);
        stream->ended = stream_send(stream) != OK;
    }
    if (stream->queue == NULL)
        shutdown(stream->fd, SHUT_WR);
}

void stream_rest(struct stream *stream)
{
    if (stream->tls != NULL)
        tls_rest(stream->tls);
}

fallible stream_discard(struct stream *stream)
{
    ssize_t n = IN_ROOM;

    forget_left(stream);
    TRY(make_way(stream->thread));
    for (int i = 0; i < DISCARDS && n == IN_ROOM; i++)
        n = recv(stream->fd, stream->thread->in, IN_ROOM, 0);
    ENSURE(n != IN_ROOM, STREAM_ENDED);
    ENSURE(n > 0 || (n < 0 && errno == EAGAIN), STREAM_ENDED);
    return OK;
}

struct bytes stream_tls_version(const struct stream *stream)
{
    return stream->tls == NULL ? (struct bytes){0} : tls_version(stream->tls);
}

struct bytes stream_tls_cipher(const struct stream *stream)
{
    return stream->tls == NULL ? (struct bytes){0} : tls_cipher(stream->tls);
}
