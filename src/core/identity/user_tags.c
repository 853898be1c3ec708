/* A user's tags: put, taken away, listed. */
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/identity/usertags.h"
#include "core/resource.h"

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_tags_in *in = in_;

    return identity_locate_user(c, in->name, resource);
}

static fallible run_tag(struct call *c, const void *in_, void *out)
{
    const struct user_tags_in *in = in_;
    const struct bytes account = identity_account(c);
    struct user *user;

    (void)out;
    TRY(user_load(c, account, in->name, &user));
    TRY(user_tags_put(c, user, in->tags));
    TRY(user_save(c, account, user));
    return generation_bump(c, account);
}

static fallible run_untag(struct call *c, const void *in_, void *out)
{
    const struct user_tags_in *in = in_;
    const struct bytes account = identity_account(c);
    struct user *user;

    (void)out;
    TRY(user_load(c, account, in->name, &user));
    TRY(user_tags_drop(c, user, in->keys));
    TRY(user_save(c, account, user));
    return generation_bump(c, account);
}

static fallible run_list(struct call *c, const void *in_, void *out_)
{
    const struct user_tags_in *in = in_;
    struct user_tags_out *out = out_;
    struct bytes *names = arena_get(c->arena, USER_TAGS_MOST * sizeof *names);
    struct user *user;
    size_t first;

    ENSURE(names != NULL, ARENA_SPENT);
    TRY(user_load(c, identity_account(c), in->name, &user));
    for (size_t i = 0; i < user->tags.n; i++)
        names[i] = user->tags.at[i].name;
    TRY(page_of(&in->page, (struct texts){names, user->tags.n}, &first, &out->tags.n, &out->more));
    out->tags.at = user->tags.at + first;
    return OK;
}

const struct operation user_tag = {
    .name = "user.tag",
    .action = "iam:TagUser",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_tags_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_tags_in, name, "userName"),
                                      AUDITED(user_tags_in, tags, "tags"),
                                      {0}},
    .locate = locate,
    .run = run_tag,
};

const struct operation user_untag = {
    .name = "user.untag",
    .action = "iam:UntagUser",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_tags_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_tags_in, name, "userName"),
                                      AUDITED(user_tags_in, keys, "tagKeys"),
                                      {0}},
    .locate = locate,
    .run = run_untag,
};

const struct operation user_tags = {
    .name = "user.tags",
    .action = "iam:ListUserTags",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_tags_in),
    .out_size = sizeof(struct user_tags_out),
    .audit = (const struct audited[]){AUDITED(user_tags_in, name, "userName"), {0}},
    .locate = locate,
    .run = run_list,
};
