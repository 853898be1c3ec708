/* value: what a version holds, sealed under a data key of its own, and the digest that tells a
 * repeated request from a new one. A value's key names the secret's random characters too: one made
 * anew under the same name never meets it. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

enum value_kind { VALUE_TEXT = 1, VALUE_BINARY };

struct value {
    enum value_kind kind;
    struct sensitive *plain;
};

/* The one of the two that is given; SECRET_TWO_VALUES. plain NULL: none. */
fallible value_given(struct sensitive *text, struct sensitive *binary, struct value *);

/* Sealed, to be stored with the secret. */
fallible value_seal(struct call *, const struct secret *, struct version *, const struct value *);
fallible value_open(struct call *, const struct secret *, struct bytes version, struct value *);
fallible value_drop(struct call *, const struct secret *, struct bytes version);

/* For secret_save: where each value lies from now on. The current version's is carried in the
 * secret's own record if it is short, so that one look at the store finds both; every other one has
 * a row. They are the same bytes in either place: a value moves without being opened. */
fallible values_settle(struct call *, struct secret *);

/* OK: the version holds this very value. Else SECRET_TOKEN_USED, with its words. Nothing is opened:
 * digests are compared, in constant time. Each no is one guess less at what the value is: after
 * TALLY_SINGLY a minute (of a secret, on a worker) nothing is compared, and the answer is
 * SECRET_GUESSES (SECURITY 20). */
fallible value_repeated(struct call *, const struct secret *, struct bytes version,
                        const struct value *);

/* A new version, with its value and labels, into secret->versions: makes room as AWS does. The
 * secret is then to be saved. SECRET_VERSIONS_FULL, SECRET_STAGES_FULL. */
fallible version_add(struct call *, struct secret *, struct bytes id, const struct value *,
                     struct texts stages);
