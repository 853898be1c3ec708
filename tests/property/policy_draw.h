/* policy_draw: random policies and requests, small enough that they often meet; and a policy as
 * JSON. */
#pragma once

#include "literal.h"

void draw_policy(struct l_policy *, bool of_thing);
void draw_request(struct l_request *);
void write_policy(char *to, const struct l_policy *, bool of_thing);
