/* shape: the one interpreter over the tables. It reads a request into an operation's `in` by the
 * route's rows, judges it, and writes `out` by them; no protocol moves a customer's value in any
 * other way. Order: presets, body, judge.
 *
 * Paths, queries and forms (the PATH and QUERY rows) get their reader with the first cloud that has
 * them. */
#pragma once

#include "base/raw.h"
#include "wire/protocol.h"

extern const struct fault WIRE_TYPE[1];   /* not the shape that the rows say, or not JSON at all */
extern const struct fault WIRE_BOUNDS[1]; /* out of its row's bounds; call->detail says how */

/* Puts the presets' values into a zeroed `in`. WIRE_TYPE: a preset that its member cannot take (a
 * mistake in a table). */
fallible shape_preset(struct call *, const struct preset *, void *in);

/* Reads a JSON object into `in`; an empty body is an empty object. Texts without escapes stay
 * slices of the body; sensitive ones are unescaped or decoded straight into sensitive memory.
 * Unknown members are passed over, null is absent. WIRE_TYPE: not JSON, deeper than 64, a wrong
 * type, invalid UTF-8, a known member or map key twice. SENSITIVE_FULL, ARENA_SPENT. A list takes
 * at most one element more than its row's `most`, a sensitive value one byte more: what follows is
 * read and dropped, and judge refuses it. */
fallible shape_read_json(struct call *, const struct shape *, struct raw body, void *in);

/* Bounds, over the finished struct: WIRE_BOUNDS with AWS's sentences as the call's detail. Lengths
 * of texts count characters, of sensitive values bytes. */
fallible shape_judge(struct call *, const struct shape *, const void *in);

/* The three above, in their order. */
fallible shape_decode_json(struct call *, const struct route *, struct raw body, void *in);

/* `out` as a JSON object in the arena; what was not said is left out, and empty lists but for those
 * marked MUST. The body may hold a secret: it is to be wiped when it has been sent, at the latest
 * with its arena. */
fallible shape_write_json(struct call *, const struct shape *, const void *out, struct raw *body);
