/* client: connect, write, read the head, read as many bytes as it says. */
#include "cli/client.h"

#include "base/buf.h"
#include "net/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPLY_MOST = 8 * 1024 * 1024, PATIENCE_S = 30 };

/* clang-format off */
FAULT(CLIENT_AWAY, FAULT_AGAIN, "client.away", "No server answers at the admin socket.");
FAULT(CLIENT_DENIED, FAULT_DENIED, "client.denied", "The admin socket is not open to this user: be root, the server's user, or in its admin_group.");
FAULT(CLIENT_PATH, FAULT_CALLER, "client.path", "The data folder's path is too long for a socket: at most 90 bytes.");
FAULT(CLIENT_BROKEN, FAULT_AGAIN, "client.broken", "The connection to the server broke, or its answer made no sense.");
/* clang-format on */

struct question {
    const char *method, *target;
    struct bytes body;
};

static fallible dial(const char *path, int *fd)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    size_t n = strlen(path);

    ENSURE(n < sizeof to.sun_path, CLIENT_PATH);
    memcpy(to.sun_path, path, n);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ENSURE(*fd >= 0, CLIENT_BROKEN);
    (void)setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(*fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return OK;
    ENSURE(errno != EACCES && errno != EPERM, CLIENT_DENIED);
    return CLIENT_AWAY;
}

static fallible send_request(struct arena *arena, int fd, const struct question *question)
{
    struct buf request = buf_open(arena, 512);
    struct bytes head;

    buf_add_text(&request, question->method);
    buf_add_byte(&request, ' ');
    buf_add_text(&request, question->target);
    buf_add_text(
        &request,
        " HTTP/1.1\r\nHost: local\r\nUser-Agent: coffer\r\nContent-Type: application/json\r\n"
        "Connection: close\r\nContent-Length: ");
    buf_add_int(&request, (int64_t)question->body.n);
    buf_add_text(&request, "\r\n\r\n");
    TRY(buf_done(&request, &head));
    ENSURE(socket_send_all(fd, head), CLIENT_BROKEN);
    ENSURE(socket_send_all(fd, question->body), CLIENT_BROKEN);
    return OK;
}

static fallible read_all(int fd, struct buf *into)
{
    for (;;) {
        uint8_t *to = buf_want(into, 4096);
        ssize_t n;

        ENSURE(to != NULL && into->n <= REPLY_MOST, CLIENT_BROKEN);
        n = recv(fd, to, 4096, 0);
        if (n < 0 && errno == EINTR)
            continue;
        ENSURE(n >= 0, CLIENT_BROKEN);
        if (n == 0)
            return OK;
        buf_took(into, (size_t)n);
    }
}

static bool begins_folded(struct bytes line, const char *name)
{
    size_t n = strlen(name);

    return line.n >= n && strncasecmp((const char *)line.at, name, n) == 0;
}

static struct bytes value_of(struct bytes line)
{
    struct bytes name;

    (void)bytes_cut(&line, ':', &name);
    while (line.n > 0 && line.at[0] == ' ')
        line = bytes_after(line, 1);
    while (line.n > 0 && line.at[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* "HTTP/1.1 200 OK", headers to the empty line, and the rest is the body: the connection was asked
 * to close. */
static fallible read_reply(struct bytes whole, struct client_reply *reply)
{
    struct bytes line;

    ENSURE(bytes_cut(&whole, '\n', &line) && line.n >= 12 && bytes_begins(line, LIT("HTTP/1.1 ")),
           CLIENT_BROKEN);
    reply->status = (int)strtol((const char *)line.at + 9, NULL, 10);
    while (bytes_cut(&whole, '\n', &line)) {
        if (line.n <= 1) {
            reply->body = whole;
            return OK;
        }
        if (begins_folded(line, "x-request-id:"))
            reply->request = value_of(line);
    }
    return CLIENT_BROKEN;
}

static fallible converse(struct arena *arena, int fd, const struct question *question,
                         struct bytes *whole)
{
    struct buf answer = buf_open(arena, 8192);

    TRY(send_request(arena, fd, question));
    TRY(read_all(fd, &answer));
    return buf_done(&answer, whole);
}

static fallible put(struct arena *arena, const char *socket_path, const struct question *question,
                    struct client_reply *reply)
{
    struct bytes whole = {0};
    const struct fault *fault;
    int fd = -1;

    *reply = (struct client_reply){0};
    fault = dial(socket_path, &fd);
    if (fault == OK)
        fault = converse(arena, fd, question, &whole);
    if (fd >= 0)
        close(fd);
    TRY(fault);
    return read_reply(whole, reply);
}

fallible client_ask(struct arena *arena, const char *socket_path, const char *method,
                    const char *target, struct bytes body, struct client_reply *reply)
{
    const struct question question = {method, target, body};

    return put(arena, socket_path, &question, reply);
}

fallible client_give(struct arena *arena, const char *socket_path, const char *target,
                     struct sensitive_view body, struct client_reply *reply)
{
    const struct question question = {"POST", target, {body.at, body.n}};

    return put(arena, socket_path, &question, reply);
}
