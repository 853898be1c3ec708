/* Give somebody credentials that end: his own rights, for a while. */
#include "core/identity/session.h"

#include "core/latest.h"

FAULT(SESSION_NESTED, FAULT_DENIED, "session.nested",
      "Cannot call GetSessionToken with session credentials");
FAULT(SESSION_SECOND_FACTOR, FAULT_DENIED, "session.second-factor",
      "MultiFactorAuthentication failed with invalid MFA one time pass code.");

enum { SECOND_MS = 1000, USUAL = 43200, ROOT_MOST = 3600 }; /* seconds */

/* Root's sessions are short, whatever is asked for. */
static int64_t lasts(const struct principal *who, struct maybe_int seconds)
{
    const int64_t wanted = seconds.said ? seconds.value : USUAL;

    return (who->type == PRINCIPAL_ROOT && wanted > ROOT_MOST ? ROOT_MOST : wanted) * SECOND_MS;
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct session_get_in *in = in_;
    const struct principal *who = c->who;
    const bool user = who->type == PRINCIPAL_USER;
    const struct session session = {.account = who->account,
                                    .user = user ? who->name : LIT(""),
                                    .user_id = user ? who->id : LIT(""),
                                    .source = who->access_key_id,
                                    .issued = latest_now(c),
                                    .expires = latest_now(c) + lasts(who, in->seconds)};

    ENSURE(who->expires == 0, SESSION_NESTED);
    ENSURE(in->device.at == NULL && in->code == NULL, SESSION_SECOND_FACTOR); /* nobody has one */
    return session_make(c, &session, out);
}

const struct operation session_get = {
    .name = "session.get",
    .action = "sts:GetSessionToken",
    .mode = OPERATION_READS,
    .unjudged = true,
    .in_size = sizeof(struct session_get_in),
    .out_size = sizeof(struct session_credentials),
    .audit = (const struct audited[]){AUDITED(session_get_in, seconds, "durationSeconds"),
                                      AUDITED(session_get_in, device, "serialNumber"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(session_credentials, id, "accessKeyId"),
                                     AUDITED(session_credentials, expires, "expiration"),
                                     {0}},
    .run = run,
};
