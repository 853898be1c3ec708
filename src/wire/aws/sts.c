/* STS in AWS's words: its operations as rows, its errors as rows. Held against the service model by
 * tests/model. */
#include "wire/aws/sts.h"
#include "core/identity/identity.h"

/* clang-format off */
const struct route aws_sts_routes[] = {
    ROUTE("GetCallerIdentity", identity_caller,
        IN ({{0}, {0}}),
        OUT(GIVE(identity_caller_out, id,      "UserId"),
            GIVE(identity_caller_out, account, "Account"),
            GIVE(identity_caller_out, arn,     "Arn"))),
    {0},
};

const struct fault_row aws_sts_faults[] = {
    {0},
};
/* clang-format on */
