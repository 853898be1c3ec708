/* find: who an access key belongs to, as the call's own snapshot has it. */
#include "core/fields.h"
#include "core/identity/cache.h"
#include "core/identity/role.h"
#include "core/identity/session.h"
#include "core/identity/told.h"
#include "core/identity/usertags.h"
#include "core/record.h"

FAULT(IDENTITY_UNKNOWN, FAULT_UNKNOWN, "identity.unknown", "The access key is not known.");

/* What the store has of one access key, before it becomes an entry. Of a session: of the key that
 * asked for it. */
struct facts {
    struct bytes id, token; /* what it asks with; the token as the keeper knows it */
    struct session session; /* zero without a token */
    struct access_key *key;
    struct account *account;
    struct user *user; /* NULL: the account's root */
    struct role *role; /* NULL: no session of one */
    struct bytes generation_key, sealed;
    struct sight sight;
    uint64_t generation;
};

static fallible generation_read(struct call *c, struct facts *facts)
{
    const struct bytes account = facts->key->account;
    struct bytes body;
    struct fields f;

    TRY(generation_key(c->arena, account, &facts->generation_key));
    TRY(txn_see_when(c->txn, facts->generation_key, &facts->sealed, &facts->sight));
    TRY(record_open(c, account, facts->generation_key, facts->sealed, &body));
    f = fields_of(body);
    facts->generation = (uint64_t)fields_int(&f, 1);
    return fields_end(&f);
}

/* The key that asked for the session is still the same person's. */
static fallible gather_source(struct call *c, struct facts *facts)
{
    const struct session *s = &facts->session;

    TRY(session_open(c, facts->id, &facts->session, &facts->token));
    TRY(access_key_load(c, s->source, &facts->key));
    ENSURE(bytes_same(facts->key->account, s->account) && bytes_same(facts->key->user, s->user) &&
               bytes_same(facts->key->user_id, s->user_id),
           IDENTITY_UNKNOWN);
    return OK;
}

/* Was it issued after all were revoked? */
static bool after(const struct facts *facts, int64_t not_before)
{
    return facts->token.n == 0 || facts->session.issued > not_before;
}

/* The role is the one that was assumed, and not another of its name. */
static fallible gather_role(struct call *c, struct facts *facts)
{
    if (facts->session.role.n == 0)
        return OK;
    TRY(role_load(c, facts->key->account, facts->session.role, &facts->role));
    ENSURE(bytes_same(facts->role->id, facts->session.role_id), IDENTITY_UNKNOWN);
    return OK;
}

/* Disabled, deleted, of a user that is gone or was made anew: all alike. */
static fallible gather(struct call *c, struct facts *facts)
{
    if (c->token.n != 0)
        TRY(gather_source(c, facts));
    else
        TRY(access_key_load(c, facts->id, &facts->key));
    ENSURE(facts->key->active, IDENTITY_UNKNOWN);
    TRY(generation_read(c, facts));
    TRY(account_load(c, facts->key->account, &facts->account));
    ENSURE(after(facts, facts->account->not_before), IDENTITY_UNKNOWN);
    TRY(gather_role(c, facts));
    if (facts->key->user.n == 0)
        return OK;
    TRY(user_load(c, facts->key->account, facts->key->user, &facts->user));
    ENSURE(bytes_same(facts->user->id, facts->key->user_id) &&
               after(facts, facts->user->not_before),
           IDENTITY_UNKNOWN);
    return OK;
}

/* --- into an entry's own arena --- */

static bool keep(struct entry *entry, struct bytes from, struct bytes *to)
{
    *to = arena_copy(entry->arena, from);
    return to->at != NULL || from.n == 0;
}

static fallible keep_policies(struct entry *entry, const struct user_policy *from, size_t n)
{
    const struct policy **policies =
        arena_get(entry->arena, USER_POLICIES_MOST * sizeof(const struct policy *));
    struct bytes *names = arena_get(entry->arena, USER_POLICIES_MOST * sizeof *names);

    ENSURE(policies != NULL && names != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        ENSURE(keep(entry, from[i].name, &names[i]), ARENA_SPENT);
        TRY(policy_load(entry->arena, from[i].document, &policies[i]));
    }
    entry->principal.policies = policies;
    entry->principal.policy_names = names;
    entry->principal.policy_count = n;
    return OK;
}

static struct pairs tags_beneath(const struct facts *facts)
{
    if (facts->role != NULL)
        return facts->role->tags;
    return facts->user != NULL ? facts->user->tags : (struct pairs){0};
}

/* The session's own stand over its user's or role's of the same key. */
static fallible keep_tags(struct entry *entry, const struct facts *facts)
{
    const struct pairs own = facts->session.tags, users = tags_beneath(facts);
    struct pair *tags = arena_get(entry->arena, (own.n + users.n) * sizeof *tags + 1);
    size_t n = 0;

    ENSURE(tags != NULL, ARENA_SPENT);
    for (size_t i = 0; i < own.n + users.n; i++) {
        const struct pair *tag = i < own.n ? &own.at[i] : &users.at[i - own.n];

        if (i >= own.n && user_tags_have(own, tag->name))
            continue;
        ENSURE(keep(entry, tag->name, &tags[n].name) && keep(entry, tag->value, &tags[n].value),
               ARENA_SPENT);
        n++;
    }
    entry->principal.tags = (struct pairs){tags, n};
    return OK;
}

/* What a session has whose user passes on nothing: no action is called so. And what root, who needs
 * no policy, passes on. */
#define ALLOW(action) \
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"" action "\",\"Resource\":\"*\"}}"
#define NOTHING_ALLOWED LIT(ALLOW("none:None"))
#define ALL_ALLOWED     LIT(ALLOW("*"))

static fallible keep_root_policy(struct entry *entry)
{
    const struct policy **policy = arena_get(entry->arena, sizeof(struct policy *));
    struct bytes *name = arena_get(entry->arena, sizeof *name);

    ENSURE(policy != NULL && name != NULL, ARENA_SPENT);
    *name = LIT("root");
    TRY(policy_load(entry->arena, ALL_ALLOWED, policy));
    entry->principal.policies = policy;
    entry->principal.policy_names = name;
    entry->principal.policy_count = 1;
    return OK;
}

static fallible keep_session_policy(struct entry *entry, struct bytes document)
{
    const struct policy **policy = arena_get(entry->arena, sizeof(struct policy *));

    ENSURE(policy != NULL, ARENA_SPENT);
    TRY(policy_load(entry->arena, document.n != 0 ? document : NOTHING_ALLOWED, policy));
    entry->principal.session_policies = policy;
    entry->principal.session_policy_count = 1;
    return OK;
}

/* "123456789012:name", "AROA...:name" */
static fallible call_session(struct entry *entry, struct bytes before, struct bytes called)
{
    struct buf id = buf_open(entry->arena, 96);

    buf_add(&id, before);
    buf_add_byte(&id, ':');
    buf_add(&id, called);
    return buf_done(&id, &entry->principal.id);
}

/* He is somebody of his own, with some of his user's rights: whose id and ARN stand beneath. */
static fallible keep_federated(struct call *c, struct entry *entry, const struct facts *facts)
{
    struct principal *who = &entry->principal;
    struct bytes arn;

    who->type = PRINCIPAL_USER;
    who->base = who->id;
    who->base_arn = who->arn;
    who->name = (struct bytes){0};
    TRY(call_session(entry, who->account, facts->session.called));
    TRY(identity_federated_arn(c, who->account, facts->session.called, &arn));
    ENSURE(keep(entry, arn, &who->arn), ARENA_SPENT);
    if (facts->user == NULL)
        TRY(keep_root_policy(entry));
    return keep_session_policy(entry, facts->session.policy);
}

/* A role's session has nothing of the user who began it. */
static fallible keep_role(struct call *c, struct entry *entry, const struct facts *facts)
{
    struct principal *who = &entry->principal;
    const struct role *role = facts->role;
    struct bytes arn, base;

    who->type = PRINCIPAL_ROLE;
    who->name = (struct bytes){0};
    TRY(identity_role_arn(c, who->account, role->path, role->name, &base));
    TRY(identity_assumed_arn(c, who->account, role->name, facts->session.called, &arn));
    ENSURE(keep(entry, role->id, &who->base) && keep(entry, base, &who->base_arn) &&
               keep(entry, arn, &who->arn),
           ARENA_SPENT);
    TRY(call_session(entry, who->base, facts->session.called));
    TRY(keep_policies(entry, role->policies, role->policy_count));
    return facts->session.policy.n != 0 ? keep_session_policy(entry, facts->session.policy) : OK;
}

static fallible keep_user(struct call *c, struct entry *entry, const struct facts *facts)
{
    struct principal *who = &entry->principal;
    const struct user *user = facts->user;
    struct bytes arn;
    bool kept;

    TRY(identity_arn(c, facts->account->id, user != NULL ? user->path : LIT(""),
                     user != NULL ? user->name : LIT(""), &arn));
    who->type = user != NULL ? PRINCIPAL_USER : PRINCIPAL_ROOT;
    kept = keep(entry, arn, &who->arn) && keep(entry, facts->account->id, &who->account) &&
           keep(entry, user != NULL ? user->id : facts->account->id, &who->id) &&
           keep(entry, user != NULL ? user->name : LIT(""), &who->name) &&
           keep(entry, facts->id, &who->access_key_id) &&
           keep(entry, facts->key->id, &who->source) && keep(entry, facts->key->user, &who->user) &&
           keep(entry, facts->key->user_id, &who->user_id);
    ENSURE(kept, ARENA_SPENT);
    if (user == NULL || facts->role != NULL)
        return OK;
    return keep_policies(entry, user->policies, user->policy_count);
}

static fallible keep_principal(struct call *c, struct entry *entry, const struct facts *facts)
{
    struct principal *who = &entry->principal;

    who->generation = facts->generation;
    who->issued = facts->session.issued;
    who->expires = facts->session.expires;
    TRY(keep_user(c, entry, facts));
    TRY(keep_tags(entry, facts));
    if (facts->role != NULL)
        TRY(keep_role(c, entry, facts));
    else if (facts->session.called.n != 0)
        TRY(keep_federated(c, entry, facts));
    return identity_told(entry->arena, who, &who->told);
}

static bool keep_wrapped(struct entry *entry, const struct wrapped *from, struct wrapped *to)
{
    *to = *from;
    return keep(entry, from->is.account, &to->is.account) && keep(entry, from->is.id, &to->is.id) &&
           keep(entry, from->blob, &to->blob);
}

static fallible keep_keys(struct entry *entry, const struct facts *facts)
{
    const struct account_keys keys = account_keys_of(facts->account);
    const struct wrapped signer = access_key_wrapped(facts->key);

    ENSURE(keep_wrapped(entry, &keys.values, &entry->keys.values) &&
               keep_wrapped(entry, &keys.macs, &entry->keys.macs) &&
               keep_wrapped(entry, &signer, &entry->signer),
           ARENA_SPENT);
    ENSURE(keep(entry, facts->generation_key, &entry->generation_key) &&
               keep(entry, facts->sealed, &entry->sealed),
           ARENA_SPENT);
    entry->sight = facts->sight;
    if (facts->token.n == 0)
        return last_use_key(entry->arena, facts->account->id, facts->key->id, &entry->mark_key);
    return OK;
}

static fallible fill(struct call *c, struct entry *entry, const struct facts *facts)
{
    TRY(keep_principal(c, entry, facts));
    ENSURE(keep(entry, c->partition, &entry->partition) && keep(entry, c->token, &entry->token) &&
               keep(entry, facts->token, &entry->raw),
           ARENA_SPENT);
    return keep_keys(entry, facts);
}

/* Absences of whatever kind, and ids that cannot be keys, are one answer. */
static const struct fault *unknown(const struct fault *fault)
{
    return fault != OK &&
                   (fault->class == FAULT_ABSENT || fault == RECORD_KEY || fault == STORE_ABSENT)
               ? IDENTITY_UNKNOWN
               : fault;
}

static fallible assemble(struct call *c, struct identity_cache *cache, struct bytes id,
                         struct entry **out)
{
    struct facts facts = {.id = id};
    const struct fault *fault;

    TRY(unknown(gather(c, &facts)));
    TRY(cache_take(cache, out));
    fault = fill(c, *out, &facts);
    if (fault != OK)
        cache_drop(cache, *out);
    else
        cache_keep(cache, *out);
    return fault;
}

/* Is it what this snapshot says? The bytes are compared, nothing is opened; nor that in the very
 * snapshot that was asked last. */
static fallible holds(struct call *c, struct entry *entry, bool *same)
{
    struct bytes sealed;
    const struct fault *fault;

    TRY(txn_seen(c->txn, entry->generation_key, &entry->sight, same));
    if (!*same) {
        fault = txn_see_when(c->txn, entry->generation_key, &sealed, &entry->sight);
        *same = fault == OK && bytes_same(sealed, entry->sealed);
        if (fault != OK && fault != STORE_ABSENT)
            return fault;
    }
    *same = *same && bytes_same(c->partition, entry->partition);
    return OK;
}

static fallible find(struct call *c, struct identity_cache *cache, struct bytes id,
                     struct entry **out)
{
    bool same = false;

    *out = cache_look(cache, id);
    /* Who comes with another token is somebody else, and takes nobody's place before he is known.
     */
    if (*out != NULL && !bytes_same_hidden((*out)->token, c->token))
        *out = NULL;
    if (*out != NULL)
        TRY(holds(c, *out, &same));
    if (same)
        return OK;
    if (*out != NULL)
        cache_drop(cache, *out);
    return assemble(c, cache, id, out);
}

fallible identity_find(struct call *c, struct bytes access_key_id)
{
    struct identity_cache *cache;

    c->who = NULL;
    TRY(cache_of(c->worker, &cache));
    cache->derived = (struct scope){0};
    cache->current = NULL;
    TRY(find(c, cache, access_key_id, &cache->current));
    c->who = &cache->current->principal;
    c->credential = access_key_id;
    return OK;
}

fallible identity_again(struct call *c)
{
    c->who = c->peer;
    if (c->peer != NULL || c->credential.n == 0)
        return OK;
    return identity_find(c, c->credential);
}
