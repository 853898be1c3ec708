/* stream: a descriptor, a TLS session or none, and what could not be read or sent yet. */
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_ROOM = 128 * 1024,
    IN_LEAST = 16 * 1024, /* room for a record */
    OWNERS = 64,
    CROWDED = 48 * 1024,
    DISCARDS = 64,
};

FAULT(STREAM_ENDED, FAULT_CALLER, "stream.ended", "The connection has ended.");

struct stream_thread {
    struct tls_pipe pipe;
    uint8_t in[IN_ROOM];
    size_t in_n;
    struct stream *owners[OWNERS]; /* whose unread bytes lie in `in` */
    size_t owner_count;
    size_t unsent; /* streams whose bytes lie in the pipe's `out` */
};

struct stream {
    struct stream_thread *thread;
    struct tls_session *tls; /* NULL: plain */
    int fd;
    bool shaken, readable, hung_up, ended;
    struct bytes
        left; /* received, not yet read: in thread->in (then we are an owner) or in `kept` */
    uint8_t *kept;
    size_t place;         /* among the owners, plus one; 0: we are none */
    size_t out_at, out_n; /* of the pipe's `out`, what is ours */
    uint8_t *queue;       /* to be sent, and before that */
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

static void own(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;

    thread->owners[thread->owner_count++] = stream;
    stream->place = thread->owner_count;
}

static void disown(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;
    struct stream *last;

    if (stream->place == 0)
        return;
    last = thread->owners[--thread->owner_count];
    thread->owners[stream->place - 1] = last;
    last->place = stream->place;
    stream->place = 0;
    if (thread->owner_count == 0)
        thread->in_n = 0;
}

static void forget_left(struct stream *stream)
{
    if (stream->left.n != 0)
        explicit_bzero((void *)(uintptr_t)stream->left.at, stream->left.n);
    free(stream->kept);
    stream->kept = NULL;
    stream->left = (struct bytes){0};
    disown(stream);
}

/* What lies in the pipe is sent, or kept, or not wanted any more. Where ours is the last it makes
 * room. */
static void leave_pipe(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;
    struct tls_pipe *pipe = &thread->pipe;

    if (stream->out_n == 0)
        return;
    if (stream->tls == NULL)
        explicit_bzero(pipe->out + stream->out_at, stream->out_n);
    if (stream->out_at + stream->out_n == pipe->out_n)
        pipe->out_n = stream->out_at;
    if (--thread->unsent == 0)
        pipe->out_n = 0;
    stream->out_n = 0;
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
    leave_pipe(stream);
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

/* What an owner left in the thread's buffer is put into memory of its own. */
static fallible move_out(struct stream *owner)
{
    uint8_t *kept = calloc(1, owner->left.n);

    disown(owner);
    if (kept == NULL) {
        owner->ended = true; /* bytes are missing: it cannot go on */
        owner->left = (struct bytes){0};
        return TLS_FULL;
    }
    memcpy(kept, owner->left.at, owner->left.n);
    explicit_bzero((void *)(uintptr_t)owner->left.at, owner->left.n);
    owner->left.at = owner->kept = kept;
    return OK;
}

/* For a record, at least. */
static bool has_room(const struct stream_thread *thread)
{
    return thread->owner_count < OWNERS && IN_ROOM - thread->in_n >= IN_LEAST;
}

static fallible make_way(struct stream_thread *thread)
{
    const struct fault *fault = OK;

    if (has_room(thread))
        return OK;
    while (thread->owner_count > 0)
        if (move_out(thread->owners[thread->owner_count - 1]) != OK)
            fault = TLS_FULL;
    return fault;
}

/* More from the kernel, when there may be some and nothing is left. A short read means that it has
 * no more, and that the next arrival will be an event; unless the peer hung up, whose event was the
 * last. */
static fallible receive(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;
    size_t room;
    ssize_t n;

    if (stream->left.n != 0 || !stream->readable || stream->ended)
        return OK;
    forget_left(stream);
    TRY(make_way(thread));
    room = IN_ROOM - thread->in_n;
    n = recv(stream->fd, thread->in + thread->in_n, room, 0);
    if (n > 0) {
        stream->readable = (size_t)n == room || stream->hung_up;
        stream->left = (struct bytes){thread->in + thread->in_n, (size_t)n};
        own(stream);
        thread->in_n += (size_t)n;
        return OK;
    }
    stream->readable = false;
    stream->ended = n == 0 || (errno != EAGAIN && errno != EINTR);
    return OK;
}

/* Nobody has to make way for it. */
void stream_fetch(struct stream *stream)
{
    if (has_room(stream->thread) && receive(stream) != OK)
        stream->ended = true;
}

/* What is added to the pipe from now on is ours. It has to be one piece: when others have added to
 * it meanwhile, what we had there goes first. */
static fallible enter_pipe(struct stream *stream)
{
    const struct tls_pipe *pipe = &stream->thread->pipe;

    if (stream->out_n != 0 && stream->out_at + stream->out_n != pipe->out_n)
        TRY(stream_send(stream));
    if (stream->out_n == 0)
        stream->out_at = pipe->out_n;
    return OK;
}

static void took_pipe(struct stream *stream)
{
    struct stream_thread *thread = stream->thread;
    const size_t before = stream->out_n;

    stream->out_n = thread->pipe.out_n - stream->out_at;
    thread->unsent += before == 0 && stream->out_n != 0;
}

/* The session takes from what is left. */
static fallible lend(struct stream *stream)
{
    TRY(enter_pipe(stream));
    stream->thread->pipe.in = stream->left;
    return OK;
}

static void take_back(struct stream *stream)
{
    struct bytes rest = stream->thread->pipe.in;

    took_pipe(stream);
    stream->thread->pipe.in = (struct bytes){0};
    stream->left = rest;
    if (rest.n == 0)
        forget_left(stream);
}

static fallible send_answers(struct stream *stream)
{
    return stream->out_n == 0 ? OK : stream_send(stream);
}

fallible stream_handshake(struct stream *stream)
{
    const struct fault *fault = OK;

    do {
        TRY(receive(stream));
        if (stream->left.n == 0)
            break;
        TRY(lend(stream));
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
    stream->left = bytes_after(stream->left, *n);
    if (stream->left.n == 0)
        forget_left(stream);
    return OK;
}

static fallible read_tls(struct stream *stream, struct tls_room to, size_t *n)
{
    const struct fault *fault;
    bool ended;

    *n = 0;
    if (stream->left.n == 0 && !tls_pending(stream->tls))
        return OK;
    TRY(lend(stream));
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
    struct tls_pipe *pipe = &stream->thread->pipe;
    const struct fault *fault;

    TRY(enter_pipe(stream));
    fault = stream->tls == NULL ? tls_pipe_add(pipe, what) : tls_write(stream->tls, pipe, what);
    took_pipe(stream);
    return fault;
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
    if (stream->queue != NULL)
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

static struct bytes piped(const struct stream *stream)
{
    return (struct bytes){stream->thread->pipe.out + stream->out_at, stream->out_n};
}

fallible stream_send(struct stream *stream)
{
    const struct fault *fault = send_queue(stream);
    struct bytes what = piped(stream);

    if (fault == OK && stream->queue == NULL)
        fault = push(stream, &what);
    if (fault == OK)
        fault = enqueue(stream, what);
    leave_pipe(stream); /* whatever happened */
    stream->ended |= fault != OK;
    return fault;
}

fallible stream_keep(struct stream *stream)
{
    const struct fault *fault = enqueue(stream, piped(stream));

    leave_pipe(stream);
    stream->ended |= fault != OK;
    return fault;
}

bool stream_crowded(const struct stream *stream)
{
    return stream->thread->pipe.out_n > CROWDED;
}

size_t stream_queued(const struct stream *stream)
{
    return stream->queue_n - stream->queue_at;
}

bool stream_waits(const struct stream *stream)
{
    return stream->queue != NULL;
}

static fallible say_end(struct stream *stream)
{
    TRY(enter_pipe(stream));
    tls_end(stream->tls, &stream->thread->pipe);
    took_pipe(stream);
    return stream_send(stream);
}

void stream_end(struct stream *stream)
{
    if (stream->tls != NULL && stream->shaken && !stream->ended)
        stream->ended = say_end(stream) != OK;
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
    struct stream_thread *thread = stream->thread;
    ssize_t n = IN_LEAST;

    forget_left(stream);
    TRY(make_way(thread));
    for (int i = 0; i < DISCARDS && n == IN_LEAST; i++)
        n = recv(stream->fd, thread->in + thread->in_n, IN_LEAST, 0);
    ENSURE(n != IN_LEAST, STREAM_ENDED);
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
