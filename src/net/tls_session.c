/* tls_session: one connection's TLS, between two pieces of memory. */
#include "net/tls_inside.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PIPE_ROOM = 64 * 1024 };

struct tls_session {
    SSL *ssl;
    BIO *bio;
};

fallible tls_pipe_open(struct tls_pipe *pipe)
{
    *pipe = (struct tls_pipe){.out = calloc(1, PIPE_ROOM), .out_room = PIPE_ROOM};
    ENSURE(pipe->out != NULL, TLS_FULL);
    return OK;
}

void tls_pipe_close(struct tls_pipe *pipe)
{
    free(pipe->out);
    *pipe = (struct tls_pipe){0};
}

fallible tls_pipe_add(struct tls_pipe *pipe, struct bytes what)
{
    size_t room = pipe->out_room;
    uint8_t *more;

    if (what.n == 0)
        return OK;
    ENSURE(what.n <= TLS_WAITING - pipe->out_n, TLS_FULL);
    while (room - pipe->out_n < what.n)
        room *= 2;
    if (room != pipe->out_room) {
        more = calloc(1, room);
        ENSURE(more != NULL, TLS_FULL);
        memcpy(more, pipe->out, pipe->out_n);
        explicit_bzero(pipe->out, pipe->out_n);
        free(pipe->out);
        pipe->out = more;
        pipe->out_room = room;
    }
    memcpy(pipe->out + pipe->out_n, what.at, what.n);
    pipe->out_n += what.n;
    return OK;
}

static int bio_write(BIO *bio, const char *at, size_t n, size_t *written)
{
    struct tls_pipe *pipe = BIO_get_data(bio);

    *written = 0;
    if (pipe == NULL || tls_pipe_add(pipe, (struct bytes){(const uint8_t *)at, n}) != OK)
        return 0;
    *written = n;
    return 1;
}

static int bio_read(BIO *bio, char *to, size_t room, size_t *n)
{
    struct tls_pipe *pipe = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    *n = 0;
    if (pipe == NULL || pipe->in.n == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *n = room < pipe->in.n ? room : pipe->in.n;
    memcpy(to, pipe->in.at, *n);
    pipe->in = bytes_after(pipe->in, *n);
    return 1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *what)
{
    (void)bio, (void)number, (void)what;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
    if (method == NULL)
        return;
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
}

static fallible join(struct tls_session *session)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    ENSURE(session->ssl != NULL, TLS_FULL);
    pthread_once(&once, make_method);
    ENSURE(method != NULL, TLS_FULL);
    session->bio = BIO_new(method);
    ENSURE(session->bio != NULL, TLS_FULL);
    BIO_set_init(session->bio, 1);
    SSL_set_bio(session->ssl, session->bio, session->bio);
    return OK;
}

fallible tls_session_of(SSL *ssl, struct tls_session **out)
{
    struct tls_session *session = calloc(1, sizeof *session);
    const struct fault *fault;

    if (session == NULL) {
        SSL_free(ssl);
        return TLS_FULL;
    }
    session->ssl = ssl;
    fault = join(session);
    if (fault != OK) {
        ERR_clear_error();
        tls_session_close(session);
        return fault;
    }
    *out = session;
    return OK;
}

fallible tls_session_open(struct tls *tls, struct tls_session **out)
{
    SSL *ssl = tls_new(tls);

    if (ssl != NULL)
        SSL_set_accept_state(ssl);
    return tls_session_of(ssl, out);
}

SSL *tls_session_ssl(const struct tls_session *session)
{
    return session->ssl;
}

void tls_session_close(struct tls_session *session)
{
    if (session == NULL)
        return;
    SSL_free(session->ssl);
    free(session);
}

/* Errors that somebody else left in the thread's queue would be taken for this session's. */
static SSL *begin(struct tls_session *session, struct tls_pipe *pipe)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
    BIO_set_data(session->bio, pipe);
    return session->ssl;
}

static int why(struct tls_session *session, int result)
{
    int error = SSL_get_error(session->ssl, result);

    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
        ERR_clear_error();
    return error;
}

fallible tls_handshake(struct tls_session *session, struct tls_pipe *pipe, bool *done)
{
    int result = SSL_do_handshake(begin(session, pipe));

    *done = result == 1;
    ENSURE(*done || why(session, result) == SSL_ERROR_WANT_READ, TLS_BROKEN);
    return OK;
}

fallible tls_read(struct tls_session *session, struct tls_pipe *pipe, struct tls_room to, size_t *n,
                  bool *ended)
{
    int result = SSL_read_ex(begin(session, pipe), to.at, to.n, n);
    int error;

    *ended = false;
    if (result == 1)
        return OK;
    *n = 0;
    error = why(session, result);
    *ended = error == SSL_ERROR_ZERO_RETURN;
    ENSURE(*ended || error == SSL_ERROR_WANT_READ, TLS_BROKEN);
    return OK;
}

fallible tls_write(struct tls_session *session, struct tls_pipe *pipe, struct bytes what)
{
    size_t written;

    if (what.n == 0)
        return OK;
    if (SSL_write_ex(begin(session, pipe), what.at, what.n, &written) == 1)
        return OK;
    ERR_clear_error();
    return TLS_FULL;
}

void tls_end(struct tls_session *session, struct tls_pipe *pipe)
{
    if (SSL_shutdown(begin(session, pipe)) < 0)
        ERR_clear_error();
}

bool tls_pending(const struct tls_session *session)
{
    return SSL_has_pending(session->ssl) == 1;
}

void tls_rest(struct tls_session *session)
{
    SSL_free_buffers(session->ssl);
}

bool tls_resumed(const struct tls_session *session)
{
    return SSL_session_reused(session->ssl) == 1;
}

struct bytes tls_version(const struct tls_session *session)
{
    return bytes_of(SSL_get_version(session->ssl));
}

struct bytes tls_cipher(const struct tls_session *session)
{
    return bytes_of(SSL_get_cipher_name(session->ssl));
}
