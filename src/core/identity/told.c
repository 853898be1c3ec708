/* told: who it is, member by member; what is not known is left out. */
#include "core/identity/told.h"

#include "codec/json_write.h"

enum { TOLD_USUAL = 320 };

static struct bytes type_word(enum principal_type type)
{
    switch (type) {
    case PRINCIPAL_ROOT:
        return LIT("Root");
    case PRINCIPAL_USER:
        return LIT("IAMUser");
    case PRINCIPAL_LOCAL:
        return LIT("CofferLocal");
    case PRINCIPAL_COFFER:
        return LIT("CofferService");
    }
    return LIT("Unknown");
}

static void member(struct json_writer *w, struct bytes name, struct bytes value)
{
    if (value.n != 0)
        json_put_member(w, name, value);
}

fallible identity_told(struct arena *arena, const struct principal *who, struct bytes *json)
{
    struct buf b = buf_open(arena, TOLD_USUAL);
    struct json_writer w = json_writer(&b);

    json_put_object(&w);
    member(&w, LIT("type"), type_word(who->type));
    member(&w, LIT("principalId"), who->id);
    member(&w, LIT("arn"), who->arn);
    member(&w, LIT("accountId"), who->account);
    member(&w, LIT("accessKeyId"), who->access_key_id);
    member(&w, LIT("userName"), who->name);
    json_put_object_end(&w);
    return buf_done(&b, json);
}
