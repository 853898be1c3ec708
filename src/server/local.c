/* local: uid and groups. */
#include "server/local.h"

#include "base/buf.h"
#include "core/identity/identity.h"

#include <string.h>
#include <unistd.h>

enum { OVERFLOW_UID = 65534 };

FAULT(LOCAL_DENIED, FAULT_DENIED, "local.denied",
      "This user may not administer Coffer: be root, the server's own user, or in admin_group.");

static bool in_group(const struct socket_owner *owner, gid_t gid)
{
    if (gid == SOCKET_NO_GROUP)
        return false;
    for (size_t i = 0; i < owner->group_count; i++)
        if (owner->groups[i] == gid)
            return true;
    return owner->gid == gid;
}

bool local_may(const struct socket_owner *owner, gid_t group)
{
    if (owner->uid == OVERFLOW_UID)
        return false;
    return owner->uid == 0 || owner->uid == geteuid() || in_group(owner, group);
}

/* The process is part of the id, for the journal: a uid alone may be many programs. */
const struct principal *local_principal(struct arena *arena, const struct socket_owner *owner,
                                        struct bytes account)
{
    struct principal *who = arena_new(arena, struct principal);
    struct buf arn = buf_open(arena, 64), id = buf_open(arena, 64);

    buf_add_text(&arn, "arn:coffer:local::uid/");
    buf_add_int(&arn, (int64_t)owner->uid);
    buf_add_text(&id, "uid/");
    buf_add_int(&id, (int64_t)owner->uid);
    buf_add_text(&id, "/pid/");
    buf_add_int(&id, (int64_t)owner->pid);
    if (who == NULL || buf_done(&arn, &who->arn) != OK || buf_done(&id, &who->id) != OK)
        return NULL;
    who->type = PRINCIPAL_LOCAL;
    who->account = account;
    who->name = bytes_after(who->arn, sizeof "arn:coffer:local::" - 1);
    return who;
}
