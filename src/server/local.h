/* local: who stands at the other end of the admin socket: the kernel says the uid, and nobody else
 * is asked (SECURITY 17). For the server as it serves and as it waits for its passphrase. */
#pragma once

#include "net/socket.h"

#include "base/arena.h"

struct principal;

/* Who may administer: root, whoever the server runs as, and members of `group` (SOCKET_NO_GROUP:
 * nobody else). The overflow uid, which stands for those of other user namespaces, never. */
bool local_may(const struct socket_owner *, gid_t group);

extern const struct fault LOCAL_DENIED[1]; /* for those who may not */

/* arn:coffer:local::uid/N of that account, in the arena; its id names the process, too. NULL when
 * memory is spent. */
const struct principal *local_principal(struct arena *, const struct socket_owner *,
                                        struct bytes account);
