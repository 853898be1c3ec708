/* List a secret's versions, oldest first, a page at a time; also of one that is scheduled for
 * deletion. */
#include "base/buf.h"
#include "core/marks.h"
#include "core/secrets/page.h"
#include "core/secrets/secret.h"

enum { PAGE_MOST = 100 };

struct telling {
    struct call *call;
    const struct secret_versions_in *in;
    const struct secret *secret;
    struct bytes used; /* under which its last use is marked */
};

static bool shown(const struct telling *t, const struct version *version)
{
    return version->stage_count != 0 || (t->in->deprecated.said && t->in->deprecated.value);
}

static fallible tell(const struct telling *t, const struct version *version,
                     struct secret_version_item *item)
{
    static const struct bytes default_key = {(const uint8_t *)"DefaultEncryptionKey", 20};

    *item = (struct secret_version_item){.id = version->id,
                                         .stages = {version->stages, version->stage_count},
                                         .created = {version->created},
                                         .kms_keys = {&default_key, 1}};
    return mark_read_part(t->call, t->used, version->id, &item->last_accessed);
}

/* The versions behind the last one that was told, as long as it is there: what is dropped goes from
 * the front. */
static size_t begin_of(const struct secret *secret, struct bytes last)
{
    for (size_t i = 0; i < secret->version_count; i++)
        if (last.n != 0 && bytes_same(secret->versions[i].id, last))
            return i + 1;
    return 0;
}

static fallible tell_page(const struct telling *t, struct bytes last, size_t most,
                          struct secret_versions_out *out, bool *more)
{
    const struct secret *secret = t->secret;
    struct secret_version_item *items = arena_get(t->call->arena, (most + 1) * sizeof *items);
    size_t n = 0;

    ENSURE(items != NULL, ARENA_SPENT);
    out->versions.at = items;
    for (size_t i = begin_of(secret, last); i < secret->version_count; i++) {
        if (!shown(t, &secret->versions[i]))
            continue;
        *more = n == most;
        if (*more)
            break;
        TRY(tell(t, &secret->versions[i], &items[n++]));
    }
    out->versions.n = n;
    return OK;
}

/* What a page's token is bound to. */
static fallible asked(const struct telling *t, struct bytes *out)
{
    struct buf b = buf_open(t->call->arena, 64 + t->secret->arn.n);
    const struct maybe_bool all = t->in->deprecated;

    buf_add_text(&b, secret_versions.name);
    buf_add_byte(&b, all.said && all.value ? '+' : '-');
    buf_add(&b, t->secret->arn);
    return buf_done(&b, out);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_versions_in *in = in_;
    struct secret_versions_out *out = out_;
    struct telling t = {.call = c, .in = in, .secret = secret_located(c)};
    const size_t most = in->max.said && in->max.value >= 1 && in->max.value < PAGE_MOST
                            ? (size_t)in->max.value
                            : PAGE_MOST;
    struct bytes bound, last;
    bool more = false;

    TRY(asked(&t, &bound));
    TRY(page_open(c, bound, in->next, &last));
    TRY(secret_use_key(c, t.secret, &t.used));
    TRY(tell_page(&t, last, most, out, &more));
    out->arn = t.secret->arn;
    out->name = t.secret->name;
    return more ? page_seal(c, bound, out->versions.at[most - 1].id, &out->next) : OK;
}

const struct operation secret_versions = {
    .name = "secret.versions",
    .action = "secretsmanager:ListSecretVersionIds",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_versions_in),
    .out_size = sizeof(struct secret_versions_out),
    .audit = (const struct audited[]){AUDITED(secret_versions_in, id, "secretId"),
                                      AUDITED(secret_versions_in, max, "maxResults"),
                                      AUDITED(secret_versions_in, deprecated, "includeDeprecated"),
                                      {0}},
    .locate = secret_locate,
    .run = run,
};
