/* marks: which actions a statement can concern, as a set that may say yes too often and never no
 * too often. */
#include "core/policy/inside.h"

enum { SEED = 7 };

static uint64_t mark(struct bytes text)
{
    return UINT64_C(1) << (bytes_hash(text, SEED) >> 58);
}

/* "secretsmanager:", if that stands before any wildcard. */
static struct bytes service(const struct pattern *pattern)
{
    struct bytes rest = {pattern->text.at, pattern->head}, name;

    return bytes_cut(&rest, ':', &name) ? name : (struct bytes){0};
}

static uint64_t marks_of_pattern(const struct pattern *pattern)
{
    const struct bytes of = service(pattern);

    if (pattern->form == PATTERN_EXACT)
        return mark(pattern->text);
    return of.n != 0 ? mark(of) : UINT64_MAX;
}

static uint64_t marks_of_statement(const struct statement *statement)
{
    uint64_t marks = statement->actions.except ? UINT64_MAX : 0;

    for (size_t i = 0; i < statement->actions.n; i++)
        marks |= marks_of_pattern(&statement->actions.at[i]);
    return marks;
}

uint64_t marks_of_action(struct bytes lower_case)
{
    struct bytes rest = lower_case, of = {0};

    (void)!bytes_cut(&rest, ':', &of);
    return mark(lower_case) | mark(of);
}

fallible marks_set(struct arena *arena, struct policy *policy)
{
    uint64_t *marks = arena_get(arena, (policy->n + 1) * sizeof *marks);

    ENSURE(marks != NULL, ARENA_SPENT);
    for (size_t i = 0; i < policy->n; i++) {
        marks[i] = marks_of_statement(&policy->at[i]);
        policy->all_marks |= marks[i];
    }
    policy->marks = marks;
    return OK;
}
