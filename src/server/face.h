/* face: what clients are shown first: how the certificate stands, and the URL that it lets them
 * use. Asked for anew each time, for SIGHUP may bring another certificate. */
#pragma once

#include "net/address.h"
#include "net/tls.h"

struct face {
    struct tls *tls;      /* NULL: plain HTTP */
    struct address first; /* the first address that clients come to */
};

enum { FACE_URL = CERTIFICATE_NAME_MOST + 32, FACE_SOON_DAYS = 21 };

/* "valid", "ends soon" (in FACE_SOON_DAYS), "expired", "not valid yet"; NULL: plain HTTP, or it
 * cannot be read. */
const char *face_certificate(const struct face *, int64_t now_ms, int64_t *until_ms);

/* For clients on this machine: localhost or the address, if the certificate names it; else the name
 * that it has. */
void face_url(const struct face *, char url[static FACE_URL]);

/* Into the log, when it is neither valid nor what was told before. */
void face_tell(const struct face *, int64_t now_ms, const char **told);
