/* form: a bounded look for one parameter. */
#include "codec/form.h"

#include "codec/uri.h"

/* What may be looked at: beyond the bound, up to the last parameter that is seen to end. */
static struct bytes bounded(struct bytes body)
{
    if (body.n <= FORM_LOOK)
        return body;
    body.n = FORM_LOOK;
    while (body.n > 0 && body.at[body.n - 1] != '&')
        body.n--;
    return body;
}

bool form_find(struct bytes body, struct bytes name, struct bytes *value)
{
    struct bytes rest = bounded(body);
    struct pair pair;

    while (uri_query_next(&rest, &pair))
        if (bytes_same(pair.name, name)) {
            *value = pair.value;
            return true;
        }
    return false;
}
