/* speak: a blocking client of the AWS JSON protocol. */
#include "speak.h"

#include "base/buf.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MEMORY = 1024 * 1024, REQUEST_USUAL = 8192, PATIENCE_SECONDS = 20 };

bool endpoint_open(struct endpoint *e, uint16_t port, const char *ca,
                   const struct sigv4_signer *signer)
{
    *e = (struct endpoint){.port = port, .signer = *signer};
    (void)snprintf(e->host, sizeof e->host, "localhost:%u", port);
    e->tls = SSL_CTX_new(TLS_client_method());
    if (e->tls == NULL || SSL_CTX_load_verify_file(e->tls, ca) != 1) {
        (void)fprintf(stderr, "load: cannot read the authority's certificate: %s\n", ca);
        return false;
    }
    SSL_CTX_set_verify(e->tls, SSL_VERIFY_PEER, NULL);
    return true;
}

void endpoint_close(struct endpoint *e)
{
    SSL_CTX_free(e->tls);
}

static bool reach(struct speaker *s, const struct endpoint *e)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(e->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const int on = 1;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&at, &size) != 0)
        return false;
    s->port = ntohs(at.sin_port);
    return true;
}

bool speaker_open(struct speaker *s, const struct endpoint *e)
{
    if (!reach(s, e))
        return false;
    s->tls = SSL_new(e->tls);
    return s->tls != NULL && SSL_set_tlsext_host_name(s->tls, "localhost") == 1 &&
           SSL_set1_host(s->tls, "localhost") == 1 && SSL_set_fd(s->tls, s->fd) == 1 &&
           SSL_connect(s->tls) == 1;
}

void speaker_close(struct speaker *s)
{
    SSL_free(s->tls);
    if (s->fd >= 0)
        (void)close(s->fd);
    *s = (struct speaker){.fd = -1};
}

static void add_header(struct buf *b, struct pair header)
{
    buf_add(b, header.name);
    buf_add_text(b, ": ");
    buf_add(b, header.value);
    buf_add_text(b, "\r\n");
}

static fallible write_request(struct arena *arena, const struct endpoint *e, const char *operation,
                              struct bytes body, struct bytes *out)
{
    struct buf target = buf_open(arena, ID_MOST), b = buf_open(arena, REQUEST_USUAL);
    struct pair headers[] = {{LIT("Host"), bytes_of(e->host)},
                             {LIT("Content-Type"), LIT("application/x-amz-json-1.1")},
                             {LIT("X-Amz-Target"), {0}},
                             {LIT("User-Agent"), LIT("coffer-crash")}};
    const struct sigv4_request request = {
        LIT("POST"), LIT("/"), {0}, headers, sizeof headers / sizeof *headers};
    struct sigv4_signed made;

    buf_add_text(&target, "secretsmanager.");
    buf_add_text(&target, operation);
    TRY(buf_done(&target, &headers[2].value));
    TRY(sigv4_sign_request(arena, &request, body, &e->signer, clock_now_ms(), &made));
    buf_add_text(&b, "POST / HTTP/1.1\r\n");
    for (size_t i = 0; i < request.header_count; i++)
        add_header(&b, headers[i]);
    for (size_t i = 0; i < made.header_count; i++)
        add_header(&b, made.headers[i]);
    buf_add_text(&b, "Content-Length: ");
    buf_add_int(&b, (int64_t)body.n);
    buf_add_text(&b, "\r\n\r\n");
    buf_add(&b, body);
    return buf_done(&b, out);
}

/* The value of a header of the reply's head; NULL: it has none. */
static const char *header_of(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);

    return at == NULL ? NULL : at + strlen(name);
}

/* How many bytes the whole reply has; 0: its head is not complete yet. */
static size_t whole(struct speaker *s)
{
    char *end = strstr(s->reply, "\r\n\r\n");
    const char *length, *id;

    if (end == NULL)
        return 0;
    *end = '\0';
    length = header_of(s->reply, "\r\ncontent-length: ");
    id = header_of(s->reply, "\r\nx-amzn-requestid: ");
    s->status = atoi(s->reply + strlen("HTTP/1.1 "));
    (void)snprintf(s->request_id, sizeof s->request_id, "%.*s",
                   id == NULL ? 0 : (int)strcspn(id, "\r"), id == NULL ? "" : id);
    s->body = (struct bytes){(uint8_t *)end + 4, length == NULL ? 0 : strtoul(length, NULL, 10)};
    *end = '\r';
    return (size_t)(end + 4 - s->reply) + s->body.n;
}

static bool hear(struct speaker *s)
{
    size_t got = 0, most = 0;

    for (;;) {
        size_t n;

        if (got >= sizeof s->reply - 1 ||
            SSL_read_ex(s->tls, s->reply + got, sizeof s->reply - 1 - got, &n) != 1)
            return false;
        got += n;
        s->reply[got] = '\0';
        if (most == 0)
            most = whole(s);
        if (most != 0 && got >= most)
            return got == most;
    }
}

bool speak(struct speaker *s, const struct endpoint *e, const char *operation, struct bytes body)
{
    struct arena *arena = arena_open(REQUEST_MEMORY);
    struct bytes request;
    size_t n;
    const bool sent = arena != NULL && write_request(arena, e, operation, body, &request) == OK &&
                      SSL_write_ex(s->tls, request.at, request.n, &n) == 1;

    arena_close(arena);
    return sent && hear(s);
}
