/* form: a bounded look for one parameter. */
#include "codec/form.h"

#include "codec/uri.h"

bool form_find(struct bytes body, struct bytes name, struct bytes *value)
{
    bool cut = body.n > FORM_LOOK;
    struct bytes rest = {body.at, cut ? FORM_LOOK : body.n};
    struct pair pair;

    while (uri_query_next(&rest, &pair)) {
        if (rest.n == 0 && cut)
            return false; /* it may go on behind the bound */
        if (bytes_same(pair.name, name)) {
            *value = pair.value;
            return true;
        }
    }
    return false;
}
