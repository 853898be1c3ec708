/* http_head: what llhttp lets pass and we do not (SECURITY 6). For http.c alone. */
#pragma once

#include "net/http.h"

/* Lower-cases the names in place, trims the values, and refuses what has to be refused. `minor` is
 * the version's. */
fallible http_judge_head(struct http_request *, struct http_header *, int minor);

bool http_same(struct raw value, struct bytes text); /* but for case; `text` is lower case */
bool http_plain(struct raw value);                   /* no control in it */
