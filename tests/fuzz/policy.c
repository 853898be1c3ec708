/* policy: any bytes as a document. What is refused when written denies everything when found; what
 * is accepted is judged the same when it is loaded, and never beyond its budget. */
#include "core/policy/policy.h"

#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    static const struct question q = {
        .action = {(const uint8_t *)"secretsmanager:GetSecretValue", 29},
        .resource = {
            (const uint8_t *)"arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", 61}};
    struct arena *arena = arena_open(8 << 20);
    const struct policy *written = NULL, *found = NULL;
    struct bytes reason;
    const struct fault *fault;

    if (arena == NULL)
        return 0;
    fault = policy_compile(arena, (struct bytes){at, n}, &written, &reason);
    if (policy_load(arena, (struct bytes){at, n}, &found) == OK && fault != ARENA_SPENT) {
        const enum verdict verdict = policy_judge(&found, 1, &q, NULL);

        MUST(verdict == (fault == OK ? policy_judge(&written, 1, &q, NULL) : VERDICT_DENY));
    }
    arena_close(arena);
    return 0;
}
