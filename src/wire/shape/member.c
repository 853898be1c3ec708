/* A row's member inside its struct, by kind. */
#include "wire/shape/member.h"

#include "core/worker.h"

uint32_t row_most(const struct call *c, const struct field *row)
{
    return row->limit == LIMIT_NONE ? row->most : limit_of(&c->worker->house->limits, row->limit);
}

bool member_said(struct member m, const void *of)
{
    const void *at = member_in(m, of);

    switch (m.kind) {
    case KIND_TEXT:
        return ((const struct bytes *)at)->at != NULL;
    case KIND_SENSITIVE:
        return *(struct sensitive *const *)at != NULL;
    case KIND_INT:
    case KIND_BOOL:
    case KIND_GROUP:
        return true;
    case KIND_MAYBE_INT:
        return ((const struct maybe_int *)at)->said;
    case KIND_MAYBE_BOOL:
        return ((const struct maybe_bool *)at)->said;
    case KIND_TIME:
        return ((const struct moment *)at)->ms != 0;
    case KIND_CHOICE:
        return *(const int *)at != 0;
    case KIND_LIST:
        return ((const struct list *)at)->at != NULL;
    }
    return false;
}

static bool any_worth_saying(const struct field *rows, const void *of)
{
    for (; rows->wire.at != NULL; rows++)
        if (row_worth_saying(rows, of))
            return true;
    return false;
}

bool row_worth_saying(const struct field *row, const void *of)
{
    const struct list *list = member_in(row->member, of);

    if (row->need == REQUIRED)
        return true;
    if (row->member.kind == KIND_GROUP)
        return any_worth_saying(row->each->rows, of);
    return member_said(row->member, of) && (row->member.kind != KIND_LIST || list->n != 0);
}

struct bytes member_hidden(const struct sensitive *value)
{
    return sensitive_reveal(value);
}

struct bytes member_bytes(struct member m, const void *of)
{
    const void *at = member_in(m, of);

    if (m.kind == KIND_SENSITIVE)
        return member_hidden(*(struct sensitive *const *)at);
    return *(const struct bytes *)at;
}

int64_t member_number(struct member m, const void *of)
{
    const void *at = member_in(m, of);

    if (m.kind == KIND_MAYBE_INT)
        return ((const struct maybe_int *)at)->value;
    if (m.kind == KIND_CHOICE)
        return *(const int *)at;
    return *(const int64_t *)at;
}

bool member_true(struct member m, const void *of)
{
    const void *at = member_in(m, of);

    return m.kind == KIND_MAYBE_BOOL ? ((const struct maybe_bool *)at)->value : *(const bool *)at;
}
