/* native: Coffer's own way of asking: POST /v1/<operation.name>, JSON in and out with the
 * operation's own member names. Over the local admin socket only, by the principal that the server
 * made of the peer's uid. */
#pragma once

#include "wire/protocol.h"

extern const struct fault NATIVE_REMOTE[1]; /* it did not come over the local socket */

extern const struct route native_routes[]; /* ended by {0}; a row's name is its operation's */
