/* find: who an access key belongs to, as the call's own snapshot has it. */
#include "core/fields.h"
#include "core/identity/cache.h"
#include "core/identity/session.h"
#include "core/identity/told.h"
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

static fallible keep_policies(struct entry *entry, const struct user *user)
{
    const struct policy **policies =
        arena_get(entry->arena, USER_POLICIES_MOST * sizeof(const struct policy *));
    struct bytes *names = arena_get(entry->arena, USER_POLICIES_MOST * sizeof *names);

    ENSURE(policies != NULL && names != NULL, ARENA_SPENT);
    for (size_t i = 0; i < user->policy_count; i++) {
        ENSURE(keep(entry, user->policies[i].name, &names[i]), ARENA_SPENT);
        TRY(policy_load(entry->arena, user->policies[i].document, &policies[i]));
    }
    entry->principal.policies = policies;
    entry->principal.policy_names = names;
    entry->principal.policy_count = user->policy_count;
    return OK;
}

static fallible keep_principal(struct call *c, struct entry *entry, const struct facts *facts)
{
    struct principal *who = &entry->principal;
    const struct user *user = facts->user;
    struct bytes arn;
    bool kept;

    TRY(identity_arn(c, facts->account->id, user != NULL ? user->path : LIT(""),
                     user != NULL ? user->name : LIT(""), &arn));
    who->type = user != NULL ? PRINCIPAL_USER : PRINCIPAL_ROOT;
    who->generation = facts->generation;
    who->issued = facts->session.issued;
    who->expires = facts->session.expires;
    kept = keep(entry, arn, &who->arn) && keep(entry, facts->account->id, &who->account) &&
           keep(entry, user != NULL ? user->id : facts->account->id, &who->id) &&
           keep(entry, user != NULL ? user->name : LIT(""), &who->name) &&
           keep(entry, facts->id, &who->access_key_id);
    ENSURE(kept, ARENA_SPENT);
    TRY(identity_told(entry->arena, who, &who->told));
    return user != NULL ? keep_policies(entry, user) : OK;
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
