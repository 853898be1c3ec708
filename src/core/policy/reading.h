/* reading: what the readers of a document's parts share. For this folder alone. */
#pragma once

#include "codec/json.h"
#include "core/policy/inside.h"

struct compiling {
    struct arena *arena;
    struct json json;
    const struct policy_whom *whom; /* NULL: a principal's own policy, which names nobody */
    struct bytes reason;
    bool current; /* Version 2012-10-17: texts may hold variables */
};

/* Says why, and gives the fault back. */
fallible no(struct compiling *, const struct fault *, const char *reason);

/* What a JSON text says, in the arena; read_ascii refuses all but printable ASCII. */
fallible read_text(struct compiling *, struct json_text, struct bytes *);
fallible read_ascii(struct compiling *, struct json_text, struct bytes *);
fallible take_ascii(struct compiling *, struct bytes *); /* the next value has to be a text */

/* A single value may stand for an array of one. *array: its opening has been taken; then
 * take_step leads to each element, and once more past the last. */
fallible one_or_many(struct compiling *, bool *array, size_t *n);
fallible take_step(struct compiling *, bool array);
/* The same for an object's members, read ahead. */
fallible count_members(struct json ahead, size_t *n);

/* Action, Resource and their Not- forms. */
fallible take_patterns(struct compiling *, bool resource, bool except, struct patterns *);
/* The patterns that a `*` makes. */
extern const struct pattern pattern_of_all[1];

fallible take_principals(struct compiling *, bool except, struct principals *);
fallible take_conditions(struct compiling *, struct statement *);
