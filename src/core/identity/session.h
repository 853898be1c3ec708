/* session: temporary credentials. What a session is stands in its token, sealed by the keeper and
 * stored nowhere: any server of the house can tell it. It names by their ids those whose rights it
 * has, which are read anew with each request; so it ends with them, and with the access key that
 * asked for it. For this folder alone. */
#pragma once

#include "core/identity/records.h"

enum { SESSION_TOKEN_MOST = 4096 }; /* characters of a token, as it is sent */

/* What a token claims. Borrowed from the call's arena. */
struct session {
    struct bytes account, user, user_id; /* both of the user empty: the account's root */
    struct bytes source;                 /* the access key that asked for it */
    int64_t issued, expires;             /* ms */

    /* Of a role or a federated user: what the session is called, and what of their rights it has (a
     * document; empty: of a role's all, of a user's nothing). Not called: the session is its user.
     */
    struct bytes called, policy;
    struct bytes role, role_id; /* empty: no role's */
    struct pairs tags;          /* of the session, over its user's or role's */
};

/* For how long somebody's session may last, who asked for so many seconds: ms. Root's are short. */
int64_t session_lasts(const struct principal *, struct maybe_int seconds);

/* How full of these a token is, in percent. */
int64_t session_packed(struct bytes policy, struct pairs tags);

/* What every session of this caller's own claims. */
struct session session_of(const struct call *, struct maybe_int seconds);

/* A token for these claims, with an access key id of its own and the secret that belongs to it.
 * SESSION_PACKED: it would be longer than SESSION_TOKEN_MOST. */
fallible session_make(struct call *, const struct session *, struct session_credentials *);

/* Of call->token, which came with this access key id. IDENTITY_UNKNOWN: none of ours, or altered.
 * *token is what the keeper knows it by. Whether it has ended is for identity_live to say. */
fallible session_open(struct call *, struct bytes access_key_id, struct session *,
                      struct bytes *token);

/* The account that a session's access key id is of: it stands in the id. False: it is no such
 * id. */
bool session_account(struct call *, struct bytes access_key_id, struct bytes *account);
