/* told: a principal as the journal tells of it, with CloudTrail's names. */
#pragma once

#include "core/identity/identity.h"

/* {"type":"IAMUser","principalId":...}: the value of userIdentity, which is the same for all that
 * somebody asks for. In the arena. */
fallible identity_told(struct arena *, const struct principal *, struct bytes *json);
