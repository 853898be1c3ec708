/* coffer dev: a throw-away server in one command, and if wanted a child that runs against it. */
#include "bin/commands.h"
#include "bin/dev_child.h"
#include "bin/options.h"

#include "admin/dev.h"
#include "base/blame.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/start.h"
#include "net/socket.h"
#include "server/server.h"

#include <stdio.h>
#include <string.h>

enum {
    MEMORY = 16 * 1024 * 1024,
    KEYS_MOST = 16,
    SECRET_LEAST_EXPOSED = 32,
    FILE_MOST = 64 * 1024
};

static const struct option_row rows[] = {
    {"data", "DIR", "keep the data here; temporary, and removed at the end, if not said"},
    {"listen", "ADDR:PORT", "127.0.0.1:8443 if not said (or any free port, if that one is taken)"},
    {"plain", NULL, "HTTP instead of HTTPS; on loopback addresses alone"},
    {"account", "ID", "twelve digits; 000000000000 if not said"},
    {"region", "NAME", "us-east-1 if not said; all regions are served"},
    {"credentials", "ID:SECRET[:USER]",
     "an access key of the root, or of a user (may be repeated)"},
    {"credentials-from", "FILE", "such access keys, one a line"},
    {"host", "NAME", "also answer to this Host, and put it into the certificate (may be repeated)"},
    {"expose", NULL, "allow an address that is not loopback"},
    {"json", NULL, "print what is needed as one JSON object"},
    {"verbose", NULL, "log what happens"},
    {0},
};

struct dev {
    struct arena *arena;
    const struct options *options;
    struct config config;
    struct dev_folder folder;
    struct dev_key keys[KEYS_MOST];
    size_t key_count;
    struct bytes hosts[OPTION_VALUES];
    struct address listen;
    struct dev_child child;
    char endpoint[128];
};

/* clang-format off */
static FAULT(EXPOSE, FAULT_CALLER, "dev.expose",
             "An address that is not loopback needs --expose, without --plain, and given secrets of 32 characters or more.");
/* clang-format on */

static int usage(void)
{
    printf("usage: coffer dev [OPTIONS] [-- COMMAND...]\n\nStarts a throw-away server for this "
           "machine. With a command: runs it "
           "against the\nserver, and ends with its exit code.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

static fallible add_key(struct dev *dev, struct bytes text)
{
    ENSURE(dev->key_count < KEYS_MOST, DEV_CREDENTIALS);
    return dev_read_key(text, &dev->keys[dev->key_count++]);
}

static fallible add_keys_from(struct dev *dev, const char *file)
{
    struct bytes text, line;

    TRY(blame(file, file_read(dev->arena, file, FILE_MOST, &text)));
    while (text.n > 0) {
        if (!bytes_cut(&text, '\n', &line)) {
            line = text;
            text.n = 0;
        }
        if (line.n > 0)
            TRY(add_key(dev, line));
    }
    return OK;
}

static fallible read_keys(struct dev *dev)
{
    const char *const *values;
    int n = options_values(dev->options, "credentials", &values);
    const char *file = options_value(dev->options, "credentials-from");

    for (int i = 0; i < n; i++)
        TRY(add_key(dev, bytes_of(values[i])));
    return file == NULL ? OK : add_keys_from(dev, file);
}

/* Known credentials on an open network would be an open store (SECURITY 18). */
static fallible judge_exposure(const struct dev *dev)
{
    if (address_loopback(&dev->listen))
        return OK;
    ENSURE(options_has(dev->options, "expose") && !dev->config.plain, EXPOSE);
    for (size_t i = 0; i < dev->key_count; i++)
        ENSURE(dev->keys[i].secret.n >= SECRET_LEAST_EXPOSED, EXPOSE);
    return OK;
}

static fallible read_options(struct dev *dev)
{
    const char *listen = options_value(dev->options, "listen");
    const char *const *hosts;
    int n = options_values(dev->options, "host", &hosts);

    config_defaults(&dev->config);
    dev->config.dev = true;
    dev->config.plain = options_has(dev->options, "plain");
    TRY(address_read(listen == NULL ? LIT("127.0.0.1:8443") : bytes_of(listen), &dev->listen));
    for (int i = 0; i < n; i++)
        dev->hosts[i] = bytes_of(hosts[i]);
    dev->config.hosts.at = dev->hosts;
    dev->config.hosts.n = (size_t)n;
    dev->config.listen.at = &dev->listen;
    dev->config.listen.n = 1;
    TRY(read_keys(dev));
    return judge_exposure(dev);
}

static fallible prepare(struct dev *dev)
{
    const char *account = options_value(dev->options, "account"),
               *region = options_value(dev->options, "region");
    const struct dev_plan plan = {.folder = options_value(dev->options, "data"),
                                  .account =
                                      account == NULL ? LIT("000000000000") : bytes_of(account),
                                  .region = region == NULL ? LIT("us-east-1") : bytes_of(region),
                                  .hosts = dev->config.hosts.at,
                                  .host_count = dev->config.hosts.n,
                                  .keys = dev->keys,
                                  .key_count = dev->key_count};

    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(dev_prepare(dev->arena, &plan, &dev->folder));
    dev->config.data = bytes_of(dev->folder.folder);
    return OK;
}

/* What a client needs: the first given key, or the one that was drawn. */
static void fill_settings(struct dev *dev)
{
    const char *region = options_value(dev->options, "region");
    struct dev_settings *s = &dev->child.settings;

    s->endpoint = dev->endpoint;
    s->region = region == NULL ? "us-east-1" : region;
    s->key_id = dev->key_count > 0 ? dev->keys[0].id : dev->folder.key_id;
    s->key_secret = dev->key_count > 0
                        ? (struct sensitive_view){dev->keys[0].secret.at, dev->keys[0].secret.n}
                        : dev->folder.key_secret;
    s->authority =
        dev->config.plain ? NULL : file_path(dev->arena, dev->folder.folder, "tls/ca.pem");
    s->folder = dev->folder.folder;
    s->temporary = dev->folder.temporary;
}

static void on_ready(void *ctx, const struct server_facts *facts)
{
    struct dev *dev = ctx;

    (void)snprintf(dev->endpoint, sizeof dev->endpoint, "http%s://%s:%u",
                   dev->config.plain ? "" : "s", dev->config.plain ? "127.0.0.1" : "localhost",
                   (unsigned)facts->listen[0].port);
    fill_settings(dev);
    if (dev->options->child != NULL && dev->options->child[0] != NULL)
        dev_child_start(&dev->child, dev->options->child);
    else
        dev_banner(&dev->child.settings, options_has(dev->options, "json"));
}

static fallible serve_once(struct dev *dev)
{
    struct root_sealed seal;
    struct opened opened;
    const struct fault *fault;

    TRY(open_seal(dev->arena, &dev->config, &seal));
    TRY(house_open(dev->arena, &dev->config, &seal, &dev->folder.opener, false, &opened));
    fault = server_run(dev->arena, &dev->config, &opened, on_ready, dev);
    house_close(&opened);
    return fault;
}

/* The usual port may be taken, by another dev for example: then any other will do, unless one was
 * asked for. */
static fallible serve(struct dev *dev)
{
    const struct fault *fault = serve_once(dev);

    if (fault != SOCKET_IN_USE || options_has(dev->options, "listen"))
        return fault;
    dev->listen.port = 0;
    return serve_once(dev);
}

static fallible run(struct dev *dev)
{
    const struct fault *fault;

    if (!options_has(dev->options, "verbose"))
        log_from(LOG_ERROR);
    TRY(read_options(dev));
    fault = prepare(dev);
    if (fault == OK)
        fault = serve(dev);
    dev_remove(&dev->folder);
    return fault;
}

static int dev_main(int argc, char **argv)
{
    struct options options;
    struct dev dev = {.options = &options};
    const struct fault *fault;

    if (!options_read(&options, "dev", rows, argc, argv) || !options_wordless(&options, "dev"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    dev.arena = arena_open(MEMORY);
    if (dev.arena == NULL)
        return command_failed("dev", "", ARENA_SPENT);
    fault = run(&dev);
    arena_close(dev.arena);
    if (fault != OK)
        return command_failed("dev", "", fault);
    return dev_child_code(&dev.child);
}

const struct command command_dev = {
    .name = "dev",
    .help = "a throw-away server for this machine, ready in one command",
    .rows = rows,
    .take = dev_main,
};
