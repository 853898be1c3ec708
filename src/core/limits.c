/* The one table of limits. */
#include "core/limits.h"

/* Versions and tags: all of a secret's rows go in one transaction (STORE_CHANGES_MOST), and its
 * record tells of each. A value has to fit into a request of 1 MiB in any spelling, and several of
 * them into a transaction. */
/* clang-format off */
const struct limit_row limit_rows[LIMIT_KINDS] = {
    [LIMIT_VERSIONS] = {"secret_versions",      100,    500},
    [LIMIT_STAGES]   = {"secret_labels",         20,    100},
    [LIMIT_VALUE]    = {"secret_value_bytes", 65536, 262144},
    [LIMIT_TAGS]     = {"secret_tags",           50,    200},
    [LIMIT_POLICY]   = {"resource_policy",    20480,  65536},
};
/* clang-format on */

uint32_t limit_of(const struct limits *limits, enum limit limit)
{
    return limits->set[limit] != 0 ? limits->set[limit] : limit_rows[limit].usual;
}

enum limit limit_named(struct bytes name)
{
    for (enum limit limit = LIMIT_NONE + 1; limit < LIMIT_KINDS; limit++)
        if (bytes_same(name, bytes_of(limit_rows[limit].name)))
            return limit;
    return LIMIT_NONE;
}
