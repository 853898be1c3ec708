/* guard: what `coffer dev` refuses before anything is looked at, because its credentials are known
 * or shown: a request that a web page may have sent (SECURITY 18). */
#pragma once

#include "net/http.h"
#include "server/config.h"

extern const struct fault GUARD_HOST[1];   /* this machine is not what it asks for */
extern const struct fault GUARD_ORIGIN[1]; /* a browser says which page sent it */
extern const struct fault GUARD_SITE[1];   /* a browser says that a page of another site did */

/* OK: nothing speaks against it. Host must be localhost, a
 * loopback address or one of config->hosts; no Origin; no Sec-Fetch-Site but same-origin and
 * none. */
fallible guard_judge(const struct config *, const struct http_request *);
