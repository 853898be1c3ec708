/* coffer init: make a data folder, and hand out its root access key once. */
#include "bin/commands.h"

#include "admin/init.h"
#include "base/blame.h"
#include "bin/credentials.h"
#include "bin/opener.h"
#include "crypto/random.h"
#include "crypto/start.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 4 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the folder to make; must be absent or empty"},
    {"account", "ID", "twelve digits; drawn if not said"},
    {"region", "NAME", "us-east-1 if not said"},
    OPENER_ROWS,
    {"make-key-file", NULL, "draw the key file anew (it must not exist, and not lie in DIR)"},
    {"credentials-file", "FILE", "where the root access key goes; else the terminal"},
    {"tls-host", "NAME", "make a certificate for this name or address (may be repeated)"},
    {0},
};

static int usage(void)
{
    printf("usage: coffer init --data DIR [OPTIONS]\n\nMakes a data folder: a root key sealed by a "
           "passphrase (asked for) "
           "or a key file,\nthe first account, and its root access key, which is shown once.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

static fallible draw_account(struct arena *arena, struct bytes *account)
{
    uint8_t random[12], *digits = arena_get(arena, sizeof random);

    ENSURE(digits != NULL, ARENA_SPENT);
    TRY(random_fill(random, sizeof random));
    for (size_t i = 0; i < sizeof random; i++)
        digits[i] =
            (uint8_t)('0' + random[i] % 10); /* a name, not a secret: evenness does not matter */
    digits[0] = (uint8_t)('1' + random[0] % 9);
    *account = (struct bytes){digits, sizeof random};
    return OK;
}

static fallible make(struct arena *arena, const struct options *options, struct init_plan *plan,
                     struct identity_new_key *root_key)
{
    TRY(opener_find(arena, options, true, &plan->opener));
    if (plan->account.at == NULL)
        TRY(draw_account(arena, &plan->account));
    return init_folder(arena, plan, root_key);
}

static fallible run(struct arena *arena, const struct options *options)
{
    const char *account = options_value(options, "account"),
               *region = options_value(options, "region"),
               *file = options_value(options, "credentials-file");
    struct bytes hosts[OPTION_VALUES];
    struct init_plan plan = {.folder = options_value(options, "data"),
                             .account = bytes_of(account),
                             .region = region == NULL ? LIT("us-east-1") : bytes_of(region),
                             .tls_hosts = hosts};
    struct identity_new_key root_key = {0};

    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(credentials_possible(file));
    TRY(opener_outside(options_value(options, "key-file"), plan.folder));
    TRY(opener_make_file(arena, options, "key-file"));
    plan.tls_host_count = options_bytes(options, "tls-host", hosts);
    TRY(opener_settle_file(options, "key-file", make(arena, options, &plan, &root_key)));
    fprintf(stderr, "Made %s: account %.*s, region %.*s.\n", plan.folder, (int)plan.account.n,
            (const char *)plan.account.at, (int)plan.region.n, (const char *)plan.region.at);
    if (plan.tls_host_count == 0)
        fprintf(stderr, "It has no certificate (--tls-host): make one with coffer certificate, or "
                        "give coffer server --certificate and --private-key.\n");
    return blame(file, credentials_write(arena, file, "default", root_key.id,
                                         sensitive_view(root_key.secret)));
}

static int init_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    const struct fault *fault;
    int code;

    if (!options_read(&options, "init", rows, argc, argv) || !options_wordless(&options, "init"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    if (options_value(&options, "data") == NULL) {
        fprintf(stderr, "coffer init: --data DIR is needed\n");
        return EXIT_USAGE;
    }
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("init", "", ARENA_SPENT);
    fault = run(arena, &options);
    code = fault == OK ? EXIT_FINE : command_failed("init", options_value(&options, "data"), fault);
    arena_close(arena);
    return code;
}

const struct command command_init = {
    .name = "init",
    .help = "make a data folder: root key, first account, first access key",
    .rows = rows,
    .take = init_main,
};
