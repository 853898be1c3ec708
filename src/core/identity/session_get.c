/* Give somebody credentials that end: his own rights, for a while. */
#include "core/identity/session.h"

FAULT(SESSION_NESTED, FAULT_DENIED, "session.nested", "Cannot call {} with session credentials");
FAULT(SESSION_SECOND_FACTOR, FAULT_DENIED, "session.second-factor",
      "MultiFactorAuthentication failed with invalid MFA one time pass code.");

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct session_get_in *in = in_;
    const struct session session = session_of(c, in->seconds);

    if (c->who->expires != 0)
        return why(c, SESSION_NESTED, LIT("GetSessionToken"));
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
