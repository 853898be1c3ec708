/* socket: bind, accept, and the questions to the kernel about them. */
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* clang-format off */
FAULT(SOCKET_IN_USE, FAULT_STATE, "socket.in-use", "Another process listens on this address.");
FAULT(SOCKET_DENIED, FAULT_DENIED, "socket.denied", "The system does not permit to listen on this address; a port under 1024 needs CAP_NET_BIND_SERVICE.");
FAULT(SOCKET_SYSTEM, FAULT_AGAIN, "socket.system", "The system cannot give this socket.");
FAULT(SOCKET_FOLDER, FAULT_DENIED, "socket.folder", "The folder of a local socket has to belong to this user, and be open to nobody else.");
/* clang-format on */

static const struct fault *reason(void)
{
    if (errno == EADDRINUSE)
        return SOCKET_IN_USE;
    if (errno == EACCES || errno == EPERM)
        return SOCKET_DENIED;
    return SOCKET_SYSTEM;
}

static socklen_t to_system(const struct address *address, struct sockaddr_storage *out)
{
    struct sockaddr_in six_to_four = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};

    memset(out, 0, sizeof *out);
    if (memcmp(address->ip, mapped, sizeof mapped) == 0) {
        memcpy(&six_to_four.sin_addr, address->ip + sizeof mapped, 4);
        memcpy(out, &six_to_four, sizeof six_to_four);
        return sizeof six_to_four;
    }
    memcpy(&six.sin6_addr, address->ip, 16);
    memcpy(out, &six, sizeof six);
    return sizeof six;
}

static struct address from_system(const struct sockaddr_storage *in)
{
    struct address address = {.ip = {[10] = 0xFF, [11] = 0xFF}};
    struct sockaddr_in four;
    struct sockaddr_in6 six;

    if (in->ss_family == AF_INET) {
        memcpy(&four, in, sizeof four);
        memcpy(address.ip + 12, &four.sin_addr, 4);
        address.port = ntohs(four.sin_port);
    } else if (in->ss_family == AF_INET6) {
        memcpy(&six, in, sizeof six);
        memcpy(address.ip, &six.sin6_addr, 16);
        address.port = ntohs(six.sin6_port);
    } else {
        address = (struct address){.local = true};
    }
    return address;
}

static fallible bind_one(const struct address *address, bool shared, int *fd)
{
    struct sockaddr_storage system;
    socklen_t n = to_system(address, &system);
    int on = 1;

    *fd = socket(system.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ENSURE(*fd >= 0, reason());
    if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!shared || setsockopt(*fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        (system.ss_family != AF_INET6 ||
         setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
        bind(*fd, (struct sockaddr *)&system, n) == 0)
        return OK;
    on = errno;
    close(*fd);
    *fd = -1;
    errno = on;
    return reason();
}

/* Without SO_REUSEPORT: fails when anybody at all listens there. Nobody can come in between, for
 * want of listen(). */
static fallible try_plain(const struct address *address)
{
    int fd;

    TRY(bind_one(address, false, &fd));
    if (listen(fd, 1) != 0) {
        const struct fault *why = reason();

        close(fd);
        return why;
    }
    close(fd);
    return OK;
}

static fallible listen_one(const struct address *address, int *fd, struct address *bound)
{
    struct sockaddr_storage system = {0};
    socklen_t n = sizeof system;

    TRY(bind_one(address, true, fd));
    if (listen(*fd, BACKLOG) == 0 && getsockname(*fd, (struct sockaddr *)&system, &n) == 0) {
        *bound = from_system(&system);
        return OK;
    }
    close(*fd);
    *fd = -1;
    return reason();
}

fallible socket_listen(const struct address *address, size_t count, int *fds, struct address *bound)
{
    *bound = *address;
    if (address->port != 0)
        TRY(try_plain(address));
    for (size_t i = 0; i < count; i++) {
        const struct fault *why = listen_one(bound, &fds[i], bound);

        if (why == OK)
            continue;
        while (i-- != 0)
            close(fds[i]);
        return why;
    }
    return OK;
}

static fallible check_folder(const char *path, bool group)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path];
    const char *slash = strrchr(path, '/');
    struct stat stat_;

    ENSURE(slash != NULL && slash != path, SOCKET_FOLDER);
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    ENSURE(lstat(folder, &stat_) == 0 && S_ISDIR(stat_.st_mode), SOCKET_FOLDER);
    ENSURE(stat_.st_uid == geteuid(), SOCKET_FOLDER);
    ENSURE((stat_.st_mode & (group ? 0027 : 0077)) == 0, SOCKET_FOLDER);
    return OK;
}

/* A dead server's socket refuses connections; then, and only then, it is put out of the way. */
static fallible clear_path(const struct sockaddr_un *at)
{
    struct stat stat_;
    int fd, failed;

    if (lstat(at->sun_path, &stat_) != 0)
        return OK;
    ENSURE(S_ISSOCK(stat_.st_mode), SOCKET_IN_USE);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ENSURE(fd >= 0, reason());
    failed = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 ? 0 : errno;
    close(fd);
    ENSURE(failed == ECONNREFUSED, SOCKET_IN_USE);
    ENSURE(unlink(at->sun_path) == 0, reason());
    return OK;
}

fallible socket_clear_local(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    ENSURE(strlen(path) < sizeof at.sun_path, SOCKET_FOLDER);
    memcpy(at.sun_path, path, strlen(path));
    return clear_path(&at);
}

static bool bind_local(int fd, const struct sockaddr_un *at, gid_t group)
{
    bool grouped = group != SOCKET_NO_GROUP;

    if (fchmod(fd, grouped ? 0660 : 0600) != 0 ||
        bind(fd, (const struct sockaddr *)at, sizeof *at) != 0)
        return false;
    if (grouped && chown(at->sun_path, (uid_t)-1, group) != 0)
        return false;
    return chmod(at->sun_path, grouped ? 0660 : 0600) == 0 && listen(fd, BACKLOG) == 0;
}

fallible socket_listen_local(const char *path, gid_t group, int *fd)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    ENSURE(strlen(path) < sizeof at.sun_path, SOCKET_FOLDER);
    memcpy(at.sun_path, path, strlen(path));
    TRY(check_folder(path, group != SOCKET_NO_GROUP));
    TRY(clear_path(&at));
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ENSURE(*fd >= 0, reason());
    if (!bind_local(*fd, &at, group)) {
        const struct fault *why = reason();

        close(*fd);
        *fd = -1;
        return why;
    }
    return OK;
}

fallible socket_owner(int fd, struct socket_owner *out)
{
    struct ucred peer;
    socklen_t n = sizeof peer, groups = sizeof out->groups;

    ENSURE(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0, SOCKET_SYSTEM);
    *out = (struct socket_owner){.uid = peer.uid, .gid = peer.gid, .pid = peer.pid};
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out->groups, &groups) == 0)
        out->group_count = groups / sizeof(gid_t);
    return OK;
}

/* Errors of the one connection that went away before it was accepted; the next may be well. */
static bool passing(int error)
{
    return error == ECONNABORTED || error == EINTR || error == EPROTO || error == ENETDOWN ||
           error == EHOSTUNREACH || error == ENETUNREACH || error == ETIMEDOUT;
}

fallible socket_accept(int listener, int *fd, struct address *peer)
{
    struct sockaddr_storage system = {0};
    socklen_t n = sizeof system;
    int on = 1;

    do
        *fd = accept4(listener, (struct sockaddr *)&system, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (*fd < 0 && passing(errno));
    ENSURE(*fd >= 0 || errno == EAGAIN, SOCKET_SYSTEM);
    if (*fd < 0)
        return OK;
    *peer = from_system(&system);
    if (!peer->local)
        setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return OK;
}

bool socket_send_all(int fd, struct bytes left)
{
    while (left.n > 0) {
        ssize_t n = send(fd, left.at, left.n, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        left = bytes_after(left, (size_t)n);
    }
    return true;
}
