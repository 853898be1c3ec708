/* End the sessions that somebody has: a user's, or everybody's in the account. */
#include "core/identity/operations.h"
#include "core/latest.h"
#include "core/resource.h"

FAULT(SESSION_WHOSE, FAULT_CALLER, "session.whose",
      "Sessions are revoked of one user, or of all: say which.");

static bool of_all(const struct session_revoke_in *in)
{
    return in->all.said && in->all.value;
}

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct session_revoke_in *in = in_;

    return identity_locate_user(c, of_all(in) ? (struct bytes){0} : in->user, resource);
}

static fallible revoke_all(struct call *c)
{
    struct account *account;

    TRY(account_load(c, identity_account(c), &account));
    account->not_before = latest_now(c);
    return account_save(c, account);
}

static fallible revoke(struct call *c, struct bytes name)
{
    struct user *user;

    TRY(user_load(c, identity_account(c), name, &user));
    user->not_before = latest_now(c);
    return user_save(c, identity_account(c), user);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct session_revoke_in *in = in_;

    (void)out;
    ENSURE(of_all(in) == (in->user.n == 0), SESSION_WHOSE);
    TRY(of_all(in) ? revoke_all(c) : revoke(c, in->user));
    return generation_bump(c, identity_account(c));
}

const struct operation session_revoke = {
    .name = "session.revoke",
    .action = "coffer:RevokeSessions",
    .mode = OPERATION_WRITES,
    .local = true,
    .in_size = sizeof(struct session_revoke_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(session_revoke_in, user, "userName"),
                                      AUDITED(session_revoke_in, all, "all"),
                                      {0}},
    .locate = locate,
    .run = run,
};
