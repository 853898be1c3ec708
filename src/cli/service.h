/* service: one question to Secrets Manager, signed as any AWS client signs it. */
#pragma once

#include "cli/settings.h"
#include "net/fetch.h"

struct service_call {
    const char *operation;      /* "GetSecretValue" */
    struct sensitive_view body; /* JSON */
    bool hidden;                /* the reply holds a value: it stays in sensitive memory */
};

/* The reply, whatever its status; reply->kept is the request id. Asked again, at most three times
 * in all and after a pause, when the server says that it cannot answer now: whoever changes
 * something sends a ClientRequestToken. What fetch() says. */
fallible service_ask(struct arena *, const struct settings *, const struct service_call *,
                     struct fetch_reply *);

/* Of a refusal: the code, without what may stand before a '#', and the sentence; empty when the
 * reply is no such JSON. */
void service_refusal(struct arena *, const struct fetch_reply *, struct bytes *code,
                     struct bytes *message);
