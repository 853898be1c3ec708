/* fields: the members of a record's body, asked for in ascending order of their keys, in one walk.
 * An absent member reads as empty or 0; one of another kind, or asked for out of order, shows in
 * fields_end. Texts are slices of the body, which was sealed by us: they were looked at when they
 * were written, and are not again. */
#pragma once

#include "codec/cbor.h"

struct fields {          /* its members are its own */
    struct bytes rest;   /* at the value of `key` while that is live, else behind the map */
    size_t left, unread; /* unread: elements of the list that `rest` stands in */
    uint64_t key, asked;
    bool live, damaged;
};

struct fields fields_of(struct bytes body);

struct bytes fields_text(struct fields *, uint64_t key);
struct bytes fields_bytes(struct fields *, uint64_t key);
int64_t fields_int(struct fields *, uint64_t key);

/* A list: how many, and its values one behind the other, to be taken with the calls below. n: 0
 * when it is absent. Who has taken them all may say so with what is left: then the walk goes on
 * there, and need not pass them once more. */
struct bytes fields_list(struct fields *, uint64_t key, size_t *n);
void fields_listed(struct fields *, struct bytes left);
struct bytes fields_next_text(struct fields *, struct bytes *list);

/* A map that is a list's next value: fields_of it, and its end, behind which the list goes on. */
fallible fields_leave(struct fields *map, struct bytes *list);

/* RECORD_DAMAGED (core/record.h) when anything was not of its kind. Looks at what nobody asked for,
 * too: so each byte of a body is looked at once, however it is nested. */
fallible fields_end(struct fields *);
