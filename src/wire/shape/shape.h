/* shape: the one interpreter over the tables. It reads a request into an operation's `in` by the
 * route's rows, judges it, and writes `out` by them; no protocol moves a customer's value in any
 * other way. Order: presets, body, judge.
 *
 * Paths and queries (the PATH and QUERY rows) get their reader with the first cloud that has
 * them. */
#pragma once

#include "base/buf.h"
#include "base/raw.h"
#include "wire/protocol.h"

extern const struct fault WIRE_TYPE[1];   /* not the shape that the rows say, or not JSON at all */
extern const struct fault WIRE_BOUNDS[1]; /* out of its row's bounds; call->detail says how */

/* Puts the presets' values into a zeroed `in`. WIRE_TYPE: a preset that its member cannot take (a
 * mistake in a table). */
fallible shape_preset(struct call *, const struct preset *, void *in);

/* Reads a JSON object into `in`; an empty body is an empty object. Texts without escapes stay
 * slices of the body; sensitive ones are unescaped or decoded straight into sensitive memory.
 * Unknown members are passed over, null is absent. WIRE_TYPE: not JSON, deeper than 64,
 * invalid UTF-8, a known member or map key twice; a wrong type, of which call->detail tells in
 * AWS's words. SENSITIVE_FULL, ARENA_SPENT. A list takes at most one element more than its row's
 * `most`, a sensitive value one byte more: what follows is read and dropped, and judge refuses it.
 */
fallible shape_read_json(struct call *, const struct shape *, struct raw body, void *in);

/* Reads a form into `in`: groups as "Group.Member", lists as "List.member.1" (and ".Member");
 * "List=" is an empty list. Maps are refused: no operation takes one in a form. Elements may come
 * in any order; what lies between two numbers is an element that says nothing. Unknown parameters
 * are passed over. WIRE_TYPE: does not decode, invalid UTF-8, a name twice, more than 1,024
 * parameters, a value that is none of its kind (a number, true or false, a time in ISO 8601).
 * SENSITIVE_FULL, ARENA_SPENT. Of lists and sensitive values it takes as much as shape_read_json.
 */
fallible shape_read_form(struct call *, const struct shape *, struct raw body, void *in);

/* Bounds, over the finished struct: WIRE_BOUNDS with AWS's sentences as the call's detail. Lengths
 * of texts count characters, of sensitive values bytes. */
fallible shape_judge(struct call *, const struct shape *, const void *in);

/* Presets, reading and judging, in this order. */
fallible shape_decode_json(struct call *, const struct route *, struct raw body, void *in);
fallible shape_decode_form(struct call *, const struct route *, struct raw body, void *in);

/* `out` as a JSON object in the arena; what was not said is left out, and empty lists but for those
 * marked MUST. The body may hold a secret: it is to be wiped when it has been sent, at the latest
 * with its arena. */
fallible shape_write_json(struct call *, const struct shape *, const void *out, struct raw *body);

/* The same as XML elements onto the caller's buf, which tells when memory was spent: a time in
 * seconds, a list's elements each in a <member>. No row may be BASE64: no such service has blobs.
 */
void shape_write_xml(struct buf *, const struct shape *, const void *out);
