/* coffer certificate: a certificate, and the authority that clients are to trust, for a data folder
 * that has none, or whose own has to change. */
#include "bin/ask.h"

#include "admin/init.h"
#include "base/file.h"
#include "crypto/start.h"
#include "server/open.h"

#include <stdio.h>
#include <unistd.h>

enum { MEMORY = 4 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"},
    {"tls-host", "NAME", "a name or address that it is for (may be repeated)"},
    {"replace", NULL, "in the place of the one that is there; clients have to trust the new one"},
    {0},
};

static int usage(void)
{
    printf("usage: coffer certificate --tls-host NAME... [OPTIONS]\n\nMakes tls/server.pem and "
           "tls/server.key in a data folder of coffer init, and\ntls/ca.pem, which clients trust; "
           "the authority's own key is thrown away. A\nrunning server takes them on SIGHUP.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

static fallible make(struct arena *arena, const char *folder, const struct options *options)
{
    struct bytes hosts[OPTION_VALUES];
    const size_t n = options_bytes(options, "tls-host", hosts);
    const char *seal = file_path(arena, folder, "seal");

    ENSURE(seal != NULL, ARENA_SPENT);
    ENSURE(access(seal, F_OK) == 0, OPEN_NO_SEAL);
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    return init_certificate(arena, folder, hosts, n, options_has(options, "replace"));
}

static int certificate_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    const struct fault *fault;
    const char *folder;

    if (!options_read(&options, "certificate", rows, argc, argv) ||
        !options_wordless(&options, "certificate"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    if (!options_has(&options, "tls-host")) {
        fprintf(stderr, "coffer certificate: --tls-host NAME is needed: what do clients call the "
                        "server?\n");
        return EXIT_USAGE;
    }
    folder = ask_data(&options);
    arena = arena_open(MEMORY);
    fault = arena == NULL ? ARENA_SPENT : make(arena, folder, &options);
    arena_close(arena);
    if (fault != OK)
        return command_failed("certificate", folder, fault);
    fprintf(stderr,
            "Made %s/tls/server.pem; clients trust %s/tls/ca.pem. A running server takes "
            "it on SIGHUP.\n",
            folder, folder);
    return EXIT_FINE;
}

const struct command command_certificate = {
    .name = "certificate",
    .help = "make a certificate for a data folder",
    .rows = rows,
    .take = certificate_main,
};
