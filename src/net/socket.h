/* socket: listeners, accepted connections, and who is at the other end.
 *
 * All descriptors are close-on-exec and do not block. */
#pragma once

#include "net/address.h"

#include <sys/types.h>

/* clang-format off */
extern const struct fault SOCKET_IN_USE[1]; /* another process listens there */
extern const struct fault SOCKET_DENIED[1]; /* not permitted: a port under 1024, a folder that is not ours */
extern const struct fault SOCKET_SYSTEM[1]; /* the system has no more descriptors or memory */
extern const struct fault SOCKET_FOLDER[1]; /* the local socket's folder is open to others than its owner */
/* clang-format on */

/* `count` listeners on one address, one per thread (SO_REUSEPORT). A plain bind is tried first: a
 * second server on the port is told SOCKET_IN_USE instead of quietly sharing it. Port 0 is chosen
 * by the kernel and told in `bound`. */
fallible socket_listen(const struct address *, size_t count, int *fds, struct address *bound);

/* A unix socket of mode 0600 (0660 with a group) in a folder of mode 0700 (0750) that is ours. A
 * socket left by a dead server is replaced; one that answers is SOCKET_IN_USE. */
fallible socket_listen_local(const char *path, gid_t group, int *fd);

/* The first half of it alone: a dead server's socket is put out of the way. For who may not connect
 * any more when he comes to listen. */
fallible socket_clear_local(const char *path);
static const gid_t SOCKET_NO_GROUP = (gid_t)-1;

/* Who is at the other end of a local socket, as the kernel noted when it connected (SO_PEERCRED,
 * SO_PEERGROUPS). Who is in more groups than have room here counts as being in `gid` alone. */
enum { SOCKET_GROUPS = 64 };
struct socket_owner {
    uid_t uid;
    gid_t gid;
    pid_t pid;
    size_t group_count;
    gid_t groups[SOCKET_GROUPS];
};
fallible socket_owner(int fd, struct socket_owner *out);

/* The next waiting connection; *fd is -1 when there is none. TCP_NODELAY is set. */
fallible socket_accept(int listener, int *fd, struct address *peer);

/* All of it, by a blocking socket; false: the other side is gone, or its patience over. */
bool socket_send_all(int fd, struct bytes);
