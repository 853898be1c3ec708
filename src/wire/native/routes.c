/* Coffer's own words for its operations: each operation's member names. */
#include "core/backup/desk.h"
#include "core/identity/identity.h"
#include "core/latest.h"
#include "wire/native/native.h"

/* clang-format off */
static SHAPE(bytes, text, ITEM(0, 0));

static SHAPE(user_item, user,
    GIVE(user_item, name,    "name"),
    GIVE(user_item, path,    "path"),
    GIVE(user_item, id,      "id"),
    GIVE(user_item, arn,     "arn"),
    GIVE(user_item, created, "created"));

static SHAPE(access_key_item, key,
    GIVE(access_key_item, user,      "user"),
    GIVE(access_key_item, id,        "id"),
    GIVE(access_key_item, status,    "status"),
    GIVE(access_key_item, created,   "created"),
    GIVE(access_key_item, last_used, "last_used"));

static SHAPE(bytes, recipient, ITEM(64, 64));

#define A_BACKUP                          \
    OUT(GIVE(backup_out, number, "number"), \
        GIVE(backup_out, state,  "state"),  \
        GIVE(backup_out, items,  "items"),  \
        GIVE(backup_out, commit, "commit"), \
        GIVE(backup_out, file,   "file"),   \
        GIVE(backup_out, error,  "error"))

#define A_USER  IN(NEED(user_in, name, "name", 1, 64), MAY(user_in, path, "path", 1, 512))

const struct route native_routes[] = {
    ROUTE("backup.make", backup_ask,
        IN (LIST(backup_in, to,        "recipients", bytes, recipient, 0, 8),
            MAY (backup_in, with_seal, "with_seal", 0, 0)), A_BACKUP),
    ROUTE("backup.stand", backup_stand, IN({{0}, {0}}), A_BACKUP),
    ROUTE("clock.accept", clock_accept, IN({{0}, {0}}), NOTHING),
    ROUTE("user.create", user_create, A_USER, .out = &user_item_as_user),
    ROUTE("user.get",    user_get,    A_USER, .out = &user_item_as_user),
    ROUTE("user.delete", user_delete, A_USER, NOTHING),
    ROUTE("user.list",   user_list,
        IN (MAY (user_list_in,  page.after, "after", 1, 64),
            MAY (user_list_in,  page.max,   "max",   1, 1000)),
        OUT(LIST(user_list_out, users,      "users", user_item, user, 0, 0, MUST),
            GIVE(user_list_out, more.next,  "next"))),

    ROUTE("session.revoke", session_revoke,
        IN (MAY (session_revoke_in, user, "user", 1, 64),
            MAY (session_revoke_in, all,  "all",  0,  0)),
        NOTHING),
    ROUTE("access_key.create", access_key_create,
        IN (MAY (access_key_in, user, "user", 1, 64)),
        OUT(GIVE(access_key_create_out, user,    "user"),
            GIVE(access_key_create_out, id,      "id"),
            GIVE(access_key_create_out, status,  "status"),
            GIVE(access_key_create_out, secret,  "secret"),
            GIVE(access_key_create_out, created, "created"))),
    ROUTE("access_key.update", access_key_update,
        IN (MAY (access_key_in, user,   "user",   1, 64),
            NEED(access_key_in, id,     "id",     1, 128),
            NEED(access_key_in, status, "status", 1, 16)),
        NOTHING),
    ROUTE("access_key.delete", access_key_delete,
        IN (MAY (access_key_in, user, "user", 1, 64),
            NEED(access_key_in, id,   "id",   1, 128)),
        NOTHING),
    ROUTE("access_key.list", access_key_list,
        IN (MAY (access_key_in, user, "user", 1, 64)),
        OUT(LIST(access_key_list_out, keys, "keys", access_key_item, key, 0, 0, MUST))),

    ROUTE("user_policy.put", user_policy_put,
        IN (NEED(user_policy_in, user,     "user",     1, 64),
            NEED(user_policy_in, name,     "name",     1, 128),
            NEED(user_policy_in, document, "document", 1, 131072)),
        NOTHING),
    ROUTE("user_policy.get", user_policy_get,
        IN (NEED(user_policy_in, user,     "user",     1, 64),
            NEED(user_policy_in, name,     "name",     1, 128)),
        OUT(GIVE(user_policy_out, user,     "user"),
            GIVE(user_policy_out, name,     "name"),
            GIVE(user_policy_out, document, "document"))),
    ROUTE("user_policy.delete", user_policy_delete,
        IN (NEED(user_policy_in, user,     "user",     1, 64),
            NEED(user_policy_in, name,     "name",     1, 128)),
        NOTHING),
    ROUTE("user_policy.list", user_policy_list,
        IN (NEED(user_policy_in, user,     "user",     1, 64)),
        OUT(LIST(user_policy_list_out, names, "names", bytes, text, 0, 0, MUST))),
    {0},
};
/* clang-format on */
