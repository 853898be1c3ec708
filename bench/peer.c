/* peer: one client connection, over TLS or plain. */
#include "peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int keep_session(SSL *tls, SSL_SESSION *session)
{
    struct peer *p = SSL_get_app_data(tls);

    SSL_SESSION_free(p->session);
    p->session = session;
    return 1;
}

SSL_CTX *peer_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519") != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    return context;
}

static bool tls_open(struct peer *p, SSL_CTX *context, bool resume)
{
    p->tls = SSL_new(context);
    if (p->tls == NULL || SSL_set_fd(p->tls, p->fd) != 1)
        return false;
    SSL_set_app_data(p->tls, p);
    SSL_set_connect_state(p->tls);
    return !resume || p->session == NULL || SSL_set_session(p->tls, p->session) == 1;
}

bool peer_open(struct peer *p, const struct sockaddr_in *address, SSL_CTX *context, bool resume)
{
    SSL_SESSION *session = p->session;
    int on = 1;

    *p = (struct peer){.session = session, .state = PEER_WRITES};
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0)
        return false;
    if (setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        (connect(p->fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
         errno != EINPROGRESS) ||
        (context != NULL && !tls_open(p, context, resume))) {
        peer_close(p);
        return false;
    }
    return true;
}

void peer_close(struct peer *p)
{
    if (p->tls != NULL) {
        if (p->shaken && p->state != PEER_LOST)
            (void)SSL_shutdown(p->tls);
        SSL_free(p->tls);
        ERR_clear_error();
    }
    if (p->fd >= 0)
        (void)close(p->fd);
    p->tls = NULL;
    p->fd = -1;
}

void peer_forget(struct peer *p)
{
    SSL_SESSION_free(p->session);
    p->session = NULL;
}

void peer_send(struct peer *p, struct request request, int64_t now_ns)
{
    p->request = request;
    p->sent = p->got = p->whole = 0;
    p->status = 0;
    p->began_ns = now_ns;
    p->state = PEER_WRITES;
}

static enum peer_state tls_waits(const struct peer *p, int result)
{
    switch (SSL_get_error(p->tls, result)) {
    case SSL_ERROR_WANT_READ:
        return PEER_READS;
    case SSL_ERROR_WANT_WRITE:
        return PEER_WRITES;
    default:
        ERR_clear_error();
        return PEER_LOST;
    }
}

/* Bytes moved, or 0 with p->state saying what to wait for. */
static size_t moved(struct peer *p, ssize_t n, enum peer_state wanted)
{
    if (n > 0)
        return (size_t)n;
    if (p->tls != NULL)
        p->state = tls_waits(p, (int)n);
    else
        p->state = n < 0 && (errno == EAGAIN || errno == EINTR) ? wanted : PEER_LOST;
    return 0;
}

static size_t put(struct peer *p, const uint8_t *at, size_t n)
{
    return moved(p,
                 p->tls != NULL ? SSL_write(p->tls, at, (int)n) : send(p->fd, at, n, MSG_NOSIGNAL),
                 PEER_WRITES);
}

static size_t take(struct peer *p, void *at, size_t n)
{
    return moved(p, p->tls != NULL ? SSL_read(p->tls, at, (int)n) : recv(p->fd, at, n, 0),
                 PEER_READS);
}

/* "HTTP/1.1 200 ..." and Content-Length are all that is looked at. False: this is no such head. */
static bool read_head(struct peer *p)
{
    const char *end, *length;

    p->head[p->got] = 0;
    end = strstr(p->head, "\r\n\r\n");
    if (end == NULL)
        return p->got < sizeof p->head - 1;
    length = strcasestr(p->head, "\r\ncontent-length:");
    if (strncmp(p->head, "HTTP/1.1 ", 9) != 0 || length == NULL || length > end)
        return false;
    p->status = atoi(p->head + 9);
    p->whole = (size_t)(end + 4 - p->head) + strtoul(length + 17, NULL, 10);
    return true;
}

static enum peer_state read_reply(struct peer *p)
{
    char rest[16384];

    for (;;) {
        const size_t n = p->whole == 0 ? take(p, p->head + p->got, sizeof p->head - 1 - p->got)
                                       : take(p, rest, sizeof rest);

        if (n == 0)
            return p->state;
        p->got += n;
        if (p->whole == 0 && !read_head(p))
            return PEER_LOST;
        if (p->whole != 0 && p->got >= p->whole)
            break;
    }
    p->reply_bytes = p->whole;
    p->request.n = 0;
    return p->got == p->whole ? PEER_ANSWERED : PEER_LOST;
}

static enum peer_state shake(struct peer *p)
{
    if (!p->connected) {
        int problem = 0;
        socklen_t n = sizeof problem;

        if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &problem, &n) != 0 || problem != 0)
            return PEER_LOST;
        p->connected = true;
    }
    if (p->tls != NULL) {
        const int done = SSL_do_handshake(p->tls);

        if (done != 1)
            return tls_waits(p, done);
        p->resumed = SSL_session_reused(p->tls) == 1;
    }
    p->shaken = true;
    return PEER_IDLE;
}

/* Between requests only tickets may come, which are not bytes to us, or the end. */
static enum peer_state rest(struct peer *p)
{
    uint8_t unasked;

    return take(p, &unasked, 1) == 0 && p->state == PEER_READS ? PEER_IDLE : PEER_LOST;
}

enum peer_state peer_turn(struct peer *p)
{
    if (!p->shaken)
        return p->state = shake(p);
    if (p->request.n == 0)
        return p->state = rest(p);
    while (p->sent < p->request.n) {
        const size_t n = put(p, p->request.at + p->sent, p->request.n - p->sent);

        if (n == 0)
            return p->state;
        p->sent += n;
    }
    return p->state = read_reply(p);
}
