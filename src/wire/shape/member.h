/* member: a row's member inside its struct, by kind. The only place of wire/ that sees sensitive
 * bytes as bytes. */
#pragma once

#include "wire/protocol.h"

/* The row's `most` in this house: 0: no bound. */
uint32_t row_most(const struct call *, const struct field *);

/* The member's own bytes: `of` is the struct that the row speaks of. */
static inline void *member_at(struct member m, void *of)
{
    return (uint8_t *)of + m.offset;
}

static inline const void *member_in(struct member m, const void *of)
{
    return (const uint8_t *)of + m.offset;
}

/* "Not said" is zero for every kind. */
bool member_said(struct member, const void *of);

/* Has a reply something to say of it? Of a list nothing when it is empty, of a group when nothing
 * in it is; what is marked MUST is always said. */
bool row_worth_saying(const struct field *, const void *of);

/* A sensitive value's bytes, which stay where they are. Whoever looks does not keep them. */
struct bytes member_hidden(const struct sensitive *);

/* What a bound is held against: the bytes of a text or a sensitive value. */
struct bytes member_bytes(struct member, const void *of);

/* Of the kinds that are numbers: value of an int, a maybe_int, or milliseconds of a time. */
int64_t member_number(struct member, const void *of);

/* Of the two kinds of bool; not said is false. */
bool member_true(struct member, const void *of);
