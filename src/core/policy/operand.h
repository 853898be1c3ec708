/* operand: what the values of conditions are read as: numbers, times, networks, truths. For this
 * folder alone. */
#pragma once

#include "core/policy/condition.h"

/* "12", "-0.5": at most 15 digits in all, which a double holds to the last. */
bool operand_number(struct bytes, double *);
/* "2026-11-21", "2026-11-21T18:46:25Z", also with a fraction or "+01:00"; or seconds since 1970. */
bool operand_time(struct bytes, int64_t *ms);
bool operand_truth(struct bytes, bool *); /* "true", "false" in any case */
/* "10.0.0.0/8", "2001:db8::/32"; without a length one address. */
bool operand_network(struct bytes, struct network *);
bool operand_binary(struct bytes); /* base64, in its one spelling */

/* `one` is a single address, within the network. */
bool network_holds(const struct network *, const struct network *one);
