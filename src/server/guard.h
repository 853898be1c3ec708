/* guard: what `coffer dev` refuses before anything is looked at, because its credentials are known
 * or shown: a request that a web page may have sent (SECURITY 18). */
#pragma once

#include "net/http.h"
#include "server/config.h"

/* NULL: nothing speaks against it; else the reason, for a person. Host must be localhost, a
 * loopback address or one of config->hosts; no Origin; no Sec-Fetch-Site but same-origin and
 * none. */
const char *guard_refuses(const struct config *, const struct http_request *);
