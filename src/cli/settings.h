/* settings: where the server is and who asks, found where every AWS client looks: options,
 * environment, ~/.aws/config and ~/.aws/credentials, in this order. */
#pragma once

#include "base/sensitive.h"

/* clang-format off */
extern const struct fault SETTINGS_NOWHERE[1]; /* no endpoint is said anywhere */
extern const struct fault SETTINGS_URL[1];     /* an endpoint that is no https:// (or local http://) URL */
extern const struct fault SETTINGS_PLAIN[1];   /* http:// to a host that is not this machine */
extern const struct fault SETTINGS_NOBODY[1];  /* no access key is said anywhere */
extern const struct fault SETTINGS_PROFILE[1]; /* the profile that was named is in neither file */
extern const struct fault SETTINGS_ODD[1];     /* a value that cannot stand in a header */
/* clang-format on */

struct settings_said { /* by options; NULL: not said */
    const char *endpoint, *region, *profile, *ca;
};

struct settings {
    const char *endpoint; /* as it was said, for sentences */
    const char *host, *port;
    struct bytes at;   /* "host" or "host:port", for the Host header */
    struct bytes path; /* begins with a slash */
    bool tls;
    const char *authority; /* NULL: the system's */
    struct bytes region;   /* us-east-1 when nothing says another, as coffer init does */
    struct bytes access_key_id, token;
    struct sensitive_view secret;
};

/* A profile named by option goes before the environment's access key; one of AWS_PROFILE behind it,
 * as with the AWS CLI. The secret key is taken out of the environment: its text there is
 * overwritten. What a fault is about (a URL, a profile, a file) is blamed (base/blame.h). All of it
 * lies in the arena, the secret key in the keys region. Also what reading a file says. */
fallible settings_find(struct arena *, const struct settings_said *, struct settings *);

/* Of an endpoint alone: tls, host, port, at, path. SETTINGS_URL, SETTINGS_PLAIN. */
fallible settings_take_url(struct arena *, const char *url, struct settings *);
