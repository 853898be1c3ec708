/* coffer server: serve a data folder over TLS until told to end. */
#include "bin/commands.h"
#include "bin/opener.h"

#include "base/blame.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/start.h"
#include "server/confine.h"
#include "server/server.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { MEMORY = 16 * 1024 * 1024, CONFIG_MOST = 64 * 1024 };

static const char COMMAND_LINE[] = "command line";

static const struct option_row rows[] = {
    {"config", "FILE", "settings, one `name = value` a line; options below go before it"},
    {"data", "DIR", "the data folder; /var/lib/coffer if not said"},
    {"listen", "ADDR:PORT", "where to serve (may be repeated); 127.0.0.1:8443 if not said"},
    {"watch", "ADDR:PORT", "where /healthz, /readyz and /metrics are; 127.0.0.1:8444 if not said"},
    {"certificate", "FILE", "the certificate chain (PEM); DIR/tls/server.pem if not said"},
    {"private-key", "FILE", "its private key (PEM, mode 0600); DIR/tls/server.key if not said"},
    {"audit", "MODE", "written (the default) or strict: synced to the disk before each answer"},
    {"workers", "N", "threads that serve; one per core if not said"},
    OPENER_ROWS,
    {"accept-rollback", NULL, "serve a store that is older than its journal (it is recorded)"},
    {0},
};

static int usage(void)
{
    printf("usage: coffer server [--config FILE] [OPTIONS]\n\nServes a data folder made by coffer "
           "init. Ends on SIGTERM; reads "
           "its certificate\nagain on SIGHUP. A folder that a passphrase opens starts sealed when "
           "there is\nnobody to ask: coffer unseal gives it.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

/* Options are lines of the configuration said elsewhere: one reader for both. */
static void add_line(struct buf *text, const struct options *options, const char *option,
                     const char *name)
{
    const char *const *values;
    int n = options_values(options, option, &values);

    for (int i = 0; i < n; i++) {
        buf_add_text(text, name);
        buf_add_text(text, " = ");
        buf_add_text(text, values[i]);
        buf_add_byte(text, '\n');
    }
}

static fallible lines_of(struct arena *arena, const struct options *options, struct bytes *out)
{
    struct buf text = buf_open(arena, 1024);

    add_line(&text, options, "data", "data");
    add_line(&text, options, "listen", "listen");
    add_line(&text, options, "watch", "watch");
    add_line(&text, options, "certificate", "certificate");
    add_line(&text, options, "private-key", "private_key");
    add_line(&text, options, "audit", "audit");
    add_line(&text, options, "workers", "workers");
    add_line(&text, options, "key-file", "key_file");
    return buf_done(&text, out);
}

static fallible tell(const char *where, const struct config_problem *problem,
                     const struct fault *fault)
{
    if (fault == CONFIG_LINE) {
        fprintf(stderr, "coffer server: %s", where);
        if (problem->line > 0 && strcmp(where, COMMAND_LINE) != 0)
            fprintf(stderr, ", line %d", problem->line);
        fprintf(stderr, ": %.*s: %s\n", (int)problem->name.n, (const char *)problem->name.at,
                problem->what);
    }
    return blame(where, fault);
}

static fallible read_config(struct arena *arena, const struct options *options,
                            struct config *config)
{
    const char *file = options_value(options, "config");
    struct config_problem problem;
    struct bytes text;

    config_defaults(config);
    if (file != NULL) {
        TRY(blame(file, file_read(arena, file, CONFIG_MOST, &text)));
        TRY(tell(file, &problem, config_read(arena, text, config, &problem)));
    }
    TRY(lines_of(arena, options, &text));
    if (options_has(options, "listen"))
        config->listen.n = 0;
    return tell(COMMAND_LINE, &problem, config_read(arena, text, config, &problem));
}

/* No core file, no debugger of another user, no rights gained by what we might run. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

static fallible find_opener(struct arena *arena, const struct options *options,
                            const struct config *config, const struct root_sealed *seal,
                            struct root_opener *opener)
{
    const char *file = config->key_file.at == NULL ? NULL : file_text(arena, config->key_file);
    struct sensitive *key;

    if (file == NULL) {
        TRY(opener_find(arena, options, false, opener));
    } else {
        TRY(opener_outside(file, file_text(arena, config->data)));
        TRY(blame(file, file_read_secret(arena, file, KEEPER_ROOT, &key)));
        *opener = (struct root_opener){.method = ROOT_BY_KEY_FILE, .secret = sensitive_view(key)};
    }
    if (opener->method != seal->method)
        fprintf(stderr, "coffer server: this data folder is opened by a %s\n",
                seal->method == ROOT_BY_KEY_FILE ? "key file: use --key-file" : "passphrase");
    return OK;
}

static fallible serve(struct arena *arena, const struct options *options, struct config *config)
{
    struct root_sealed seal;
    struct root_opener opener;
    struct opened opened;
    const bool accept = options_has(options, "accept-rollback");
    const struct fault *fault;

    TRY(read_config(arena, options, config));
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(open_seal(arena, config, &seal));
    LOG(LOG_NOTICE, "server.starting", F("version", bytes_of(COFFER_VERSION)),
        F("data", config->data), F("sensitive", bytes_of(sensitive_form())));
    fault = find_opener(arena, options, config, &seal, &opener);
    TRY(confine(arena, config));
    if (fault == OPENER_NOBODY && seal.method == ROOT_BY_PASSPHRASE)
        return server_run_sealed(arena, config, &seal, accept);
    TRY(fault);
    TRY(house_open(arena, config, &seal, &opener, accept, &opened));
    fault = server_run(arena, config, &opened, NULL, NULL);
    house_close(&opened);
    return fault;
}

static int server_main(int argc, char **argv)
{
    struct options options;
    struct config config = {0};
    struct arena *arena;
    const struct fault *fault;

    if (!options_read(&options, "server", rows, argc, argv) ||
        !options_wordless(&options, "server"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    harden();
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("server", "", ARENA_SPENT);
    fault = serve(arena, &options, &config);
    if (fault != OK)
        (void)command_failed("server", config.data.n == 0 ? "" : file_text(arena, config.data),
                             fault);
    LOG(LOG_NOTICE, "server.ended", F("outcome", fault));
    arena_close(arena);
    if (fault == OK)
        return EXIT_FINE;
    return fault->class == FAULT_CALLER ? EXIT_USAGE : EXIT_LOCAL;
}

const struct command command_server = {
    .name = "server",
    .help = "serve a data folder over TLS",
    .rows = rows,
    .take = server_main,
};
