/* literal: the policy language as its specification tells it, by trying everything; slow, and of
 * nothing that the real judge is made of. The oracle of property/policy.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { L_TEXT = 96, L_LIST = 3, L_CONDITIONS = 3, L_STATEMENTS = 4, L_FACTS = 10, L_POLICIES = 3 };

struct l_list { /* of texts */
    size_t n;
    char at[L_LIST][L_TEXT];
};

struct l_condition {
    char operator[48]; /* as it is written: "ForAnyValue:StringLikeIfExists" */
    char key[48];
    struct l_list values;
};

struct l_statement {
    bool deny, not_action, not_resource, not_principal, everyone;
    struct l_list actions, resources, principals; /* principals: ids; for a thing alone */
    size_t conditions;
    struct l_condition condition[L_CONDITIONS];
};

struct l_policy {
    bool variables; /* of the version 2012-10-17 */
    size_t n;
    struct l_statement at[L_STATEMENTS];
};

/* What a request has: a key, and its values. */
struct l_fact {
    char key[48];
    struct l_list values;
};

struct l_request {
    char id[24], base[24], account[24]; /* base: empty for none */
    char action[24], resource[L_TEXT];
    size_t facts;
    struct l_fact fact[L_FACTS];
};

enum l_verdict { L_SILENT, L_ALLOW, L_DENY };

enum l_verdict literal_judge(const struct l_policy *const set[], size_t n,
                             const struct l_request *);

/* All kinds of policies together. */
struct l_case {
    const struct l_policy *const *identity;
    size_t identities;
    const struct l_policy *boundary, *thing; /* NULL: none */
    const struct l_policy *const *session;
    size_t sessions;
    bool thing_must, abroad, sovereign;
};

bool literal_decide(const struct l_case *, const struct l_request *);
