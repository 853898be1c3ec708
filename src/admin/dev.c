/* dev: makes or finds the folder; the credentials lie in a file of it, as a person would keep
 * them. */
#include "admin/dev.h"

#include "admin/change.h"
#include "base/file.h"
#include "core/perform.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOSTS_MOST = 16, CREDENTIALS_MOST = 1024, ID_MOST = 128, SECRET_MOST = 128 };

/* clang-format off */
FAULT(DEV_CREDENTIALS, FAULT_CALLER, "dev.credentials", "Credentials are given as ID:SECRET or ID:SECRET:USER.");
FAULT(DEV_FOREIGN, FAULT_STATE, "dev.foreign", "This folder was made by coffer init: coffer dev never opens such a one.");
FAULT(DEV_PLACE, FAULT_STATE, "dev.place", "No temporary folder can be made; set TMPDIR or use --data.");
/* clang-format on */

fallible dev_read_key(struct bytes text, struct dev_key *key)
{
    struct bytes rest = text;

    ENSURE(bytes_cut(&rest, ':', &key->id), DEV_CREDENTIALS);
    key->user = (struct bytes){0};
    if (bytes_cut(&rest, ':', &key->secret))
        key->user = rest;
    else
        key->secret = rest;
    ENSURE(key->id.n >= 1 && key->id.n <= ID_MOST && key->secret.n >= 1 &&
               key->secret.n <= SECRET_MOST,
           DEV_CREDENTIALS);
    return OK;
}

static fallible make_temporary(struct arena *arena, const char **folder)
{
    const char *parent = getenv("TMPDIR");
    const char *pattern = file_path(arena, parent == NULL ? "/tmp" : parent, "coffer-dev.XXXXXX");
    char *made = pattern == NULL ? NULL : arena_get(arena, strlen(pattern) + 1);

    ENSURE(made != NULL, ARENA_SPENT);
    memcpy(made, pattern, strlen(pattern));
    ENSURE(mkdtemp(made) != NULL, DEV_PLACE);
    *folder = made;
    return OK;
}

static fallible read_opener(struct arena *arena, struct dev_folder *out)
{
    const char *path = file_path(arena, out->folder, "dev.key");
    struct sensitive *key;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(file_read_secret(arena, path, KEEPER_ROOT, &key));
    out->opener = (struct root_opener){.method = ROOT_BY_KEY_FILE, .secret = sensitive_view(key)};
    return OK;
}

/* Two lines: the id and the secret of the account's first access key. */
static fallible write_credentials(struct arena *arena, const char *folder,
                                  const struct identity_new_key *key)
{
    const char *path = file_path(arena, folder, "dev.credentials");
    struct sensitive_view secret = sensitive_view(key->secret);
    struct sensitive *lines;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(sensitive_new_key(arena, key->id.n + 1 + secret.n, &lines));
    memcpy(sensitive_fill(lines), key->id.at, key->id.n);
    sensitive_fill(lines)[key->id.n] = '\n';
    memcpy(sensitive_fill(lines) + key->id.n + 1, secret.at, secret.n);
    return file_create_secret(path, sensitive_view(lines));
}

static fallible read_credentials(struct arena *arena, struct dev_folder *out)
{
    const char *path = file_path(arena, out->folder, "dev.credentials");
    struct sensitive *lines;
    struct sensitive_view all;
    const uint8_t *end;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(file_read_secret(arena, path, CREDENTIALS_MOST, &lines));
    all = sensitive_view(lines);
    end = all.n == 0 ? NULL : memchr(all.at, '\n', all.n);
    ENSURE(end != NULL, DEV_CREDENTIALS);
    out->key_id = arena_copy(arena, (struct bytes){all.at, (size_t)(end - all.at)});
    out->key_secret = (struct sensitive_view){end + 1, all.n - out->key_id.n - 1};
    return OK;
}

static size_t hosts_of(const struct dev_plan *plan, struct bytes hosts[static HOSTS_MOST])
{
    static const struct bytes own[] = {{(const uint8_t *)"localhost", 9},
                                       {(const uint8_t *)"127.0.0.1", 9},
                                       {(const uint8_t *)"::1", 3}};
    size_t n = 0;

    for (; n < sizeof own / sizeof *own; n++)
        hosts[n] = own[n];
    for (size_t i = 0; i < plan->host_count && n < HOSTS_MOST; i++)
        hosts[n++] = plan->hosts[i];
    return n;
}

/* The key file has to be there before the seal is made under it, and the folder has to be empty
 * before that: so the key is drawn first and put into its file last. */
static fallible make_folder(struct arena *arena, const struct dev_plan *plan, const char *folder)
{
    struct bytes hosts[HOSTS_MOST];
    struct init_plan init = {.folder = folder,
                             .account = plan->account,
                             .region = plan->region,
                             .dev = true,
                             .tls_hosts = hosts};
    const char *path = file_path(arena, folder, "dev.key");
    struct identity_new_key root_key;
    struct sensitive *key;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(root_make(arena, &key));
    init.tls_host_count = hosts_of(plan, hosts);
    init.opener = (struct root_opener){.method = ROOT_BY_KEY_FILE, .secret = sensitive_view(key)};
    TRY(init_folder(arena, &init, &root_key));
    TRY(write_credentials(arena, folder, &root_key));
    return file_create_secret(path, sensitive_view(key));
}

static bool is_made(struct arena *arena, const char *folder)
{
    const char *seal = file_path(arena, folder, "seal");

    return seal != NULL && access(seal, F_OK) == 0;
}

/* The user of a given key is made with it; without a policy it may do nothing. */
static fallible add_user(struct call *c, struct bytes name)
{
    const struct user_in in = {.name = name};
    struct user_item made = {0};
    const struct fault *fault;

    if (name.n == 0)
        return OK;
    fault = perform_within(c, &user_create, &in, &made);
    return fault == USER_EXISTS ? OK : fault;
}

static fallible add_key(struct call *c, const struct dev_key *key)
{
    struct identity_new_key given = {.id = key->id}, made;
    const struct principal *self = c->who;
    bool there = identity_find(c, key->id) == OK; /* in a folder that was kept */

    c->who = self;
    c->credential = (struct bytes){0};
    if (there)
        return OK;
    TRY(sensitive_new_key(c->arena, key->secret.n, &given.secret));
    memcpy(sensitive_fill(given.secret), key->secret.at, key->secret.n);
    TRY(add_user(c, key->user));
    return identity_create_key(c, c->account, key->user, &given, &made);
}

static fallible add_all(struct call *c, void *ctx)
{
    const struct dev_plan *plan = ctx;

    for (size_t i = 0; i < plan->key_count; i++)
        TRY(add_key(c, &plan->keys[i]));
    return OK;
}

static fallible add_keys_with(struct arena *arena, struct dev_plan *plan,
                              struct change_plan *change, struct sensitive_view root)
{
    const struct fault *fault;

    TRY(keeper_local(&(struct keeper_root){1, root}, 1, &change->keeper));
    fault = change_folder(arena, change, add_all, plan);
    keeper_close(change->keeper);
    return fault;
}

static fallible add_keys(struct arena *arena, const struct dev_plan *plan,
                         const struct dev_folder *made, const struct root_sealed *seal)
{
    struct dev_plan given = *plan;
    struct change_plan change = {
        .folder = made->folder, .account = seal->house.account, .region = seal->house.region};
    struct sensitive *root;

    if (plan->key_count == 0)
        return OK;
    TRY(root_unseal(arena, seal, &made->opener, &root));
    return add_keys_with(arena, &given, &change, sensitive_view(root));
}

static fallible read_seal(struct arena *arena, const char *folder, struct root_sealed *seal)
{
    const char *path = file_path(arena, folder, "seal");
    struct bytes text;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(file_read(arena, path, ROOT_FILE_MOST, &text));
    TRY(root_read(arena, text, seal));
    return seal->house.dev ? OK : DEV_FOREIGN;
}

fallible dev_prepare(struct arena *arena, const struct dev_plan *plan, struct dev_folder *out)
{
    struct root_sealed seal;

    *out = (struct dev_folder){.folder = plan->folder, .temporary = plan->folder == NULL};
    if (out->temporary)
        TRY(make_temporary(arena, &out->folder));
    if (!is_made(arena, out->folder))
        TRY(make_folder(arena, plan, out->folder));
    TRY(read_seal(arena, out->folder, &seal));
    TRY(read_opener(arena, out));
    TRY(read_credentials(arena, out));
    return add_keys(arena, plan, out, &seal);
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
    (void)facts;
    (void)kind;
    (void)where;
    return remove(path);
}

void dev_remove(const struct dev_folder *made)
{
    if (made->temporary && made->folder != NULL)
        (void)nftw(made->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
