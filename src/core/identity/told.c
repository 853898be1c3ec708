/* told: who it is, member by member; what is not known is left out. */
#include "core/identity/told.h"

#include "codec/date.h"
#include "codec/json_write.h"

enum { TOLD_USUAL = 320 };

static struct bytes type_word(const struct principal *who)
{
    switch (who->type) {
    case PRINCIPAL_ROOT:
        return LIT("Root");
    case PRINCIPAL_USER:
        return who->base.n != 0 ? LIT("FederatedUser") : LIT("IAMUser");
    case PRINCIPAL_ROLE:
        return LIT("AssumedRole");
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

/* Whose rights it has: a role's, or a federated user's user's. */
static void put_issuer(struct json_writer *w, const struct principal *who)
{
    json_put_name(w, LIT("sessionIssuer"));
    json_put_object(w);
    member(w, LIT("principalId"), who->base);
    member(w, LIT("arn"), who->base_arn);
    json_put_object_end(w);
}

/* As CloudTrail tells of temporary credentials. */
static void put_session(struct json_writer *w, const struct principal *who)
{
    uint8_t since[DATE_ISO];

    if (who->expires == 0)
        return;
    date_iso(who->issued, since);
    json_put_name(w, LIT("sessionContext"));
    json_put_object(w);
    json_put_name(w, LIT("attributes"));
    json_put_object(w);
    json_put_member(w, LIT("creationDate"), (struct bytes){since, sizeof since});
    json_put_member(w, LIT("mfaAuthenticated"), LIT("false"));
    json_put_object_end(w);
    if (who->base.n != 0)
        put_issuer(w, who);
    json_put_object_end(w);
}

fallible identity_told(struct arena *arena, const struct principal *who, struct bytes *json)
{
    struct buf b = buf_open(arena, TOLD_USUAL);
    struct json_writer w = json_writer(&b);

    json_put_object(&w);
    member(&w, LIT("type"), type_word(who));
    member(&w, LIT("principalId"), who->id);
    member(&w, LIT("arn"), who->arn);
    member(&w, LIT("accountId"), who->account);
    member(&w, LIT("accessKeyId"), who->access_key_id);
    member(&w, LIT("userName"), who->name);
    put_session(&w, who);
    json_put_object_end(&w);
    return buf_done(&b, json);
}
