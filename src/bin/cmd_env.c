/* coffer env: the variables that point a client of each kind here. Every runtime has its own way to
 * trust a certificate, so what is right for one is useless to another. */
#include "bin/ask.h"

#include "base/file.h"
#include "cli/print.h"
#include "crypto/certificate_look.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY = 1024 * 1024, PEM_MOST = 64 * 1024, PLACE_MOST = CERTIFICATE_NAME_MOST + 16 };

static const struct option_row rows[] = {
    {"for", "CLIENT", "aws, python, node, go, java, rust or terraform; aws if not said"},
    {"endpoint", "URL", "else the running server's own, else port 8443 of the certificate's name"},
    {"region", "NAME", "else the running server's own, else us-east-1"},
    {"ca", "FILE", "the authority to trust; else DIR/tls/ca.pem"},
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"},
    {0},
};

struct client {
    const char *name;
    const char *trust;   /* the variable that names the authority's file; NULL: it has none */
    const char *comment; /* a line for a person */
};

/* clang-format off */
static const struct client clients[] = {
    {"aws",       "AWS_CA_BUNDLE",       "AWS CLI 2.13 or later (1.29 of version 1); older ones ignore AWS_ENDPOINT_URL: give them --endpoint-url"},
    {"python",    "AWS_CA_BUNDLE",       "boto3 1.28 or later; older ones want endpoint_url= in the code"},
    {"node",      "NODE_EXTRA_CA_CERTS", "AWS SDK for JavaScript v3; it does not read AWS_CA_BUNDLE"},
    {"go",        "AWS_CA_BUNDLE",       "AWS SDK for Go v2, config 1.19 or later"},
    {"java",      NULL,                  "AWS SDK for Java 2.28 or later; it trusts a store of its own, which keytool fills"},
    {"rust",      "SSL_CERT_FILE",       "AWS SDK for Rust 1.0 or later; it does not read AWS_CA_BUNDLE"},
    {"terraform", "AWS_CA_BUNDLE",       "AWS provider 5 or later"},
};
/* clang-format on */

/* In single quotes, as a shell reads it back. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            printf("'\\''");
        else
            putchar(*text);
    }
    putchar('\'');
}

static void print_export(const char *name, const char *value)
{
    printf("export %s=", name);
    print_quoted(value);
    putchar('\n');
}

/* Comments, not variables: a store that is not there yet would end every TLS connection of a JVM.
 */
static void print_store(const char *authority)
{
    printf("# keytool -importcert -noprompt -alias coffer -keystore coffer.p12 -storetype PKCS12 "
           "-storepass changeit -file ");
    print_quoted(authority);
    printf("\n# java -Djavax.net.ssl.trustStore=coffer.p12 "
           "-Djavax.net.ssl.trustStorePassword=changeit ...\n");
}

static const char *or_else(const char *value, const char *otherwise)
{
    return value != NULL ? value : otherwise;
}

/* What the running server says of itself; without one, or when it does not say it, the usual. */
struct known {
    const char *endpoint, *region;
};

static const char *member_of(struct arena *arena, struct bytes body, struct bytes name,
                             const char *otherwise)
{
    struct bytes text;

    return print_member(arena, body, name, &text) && text.n > 0 ? file_text(arena, text)
                                                                : otherwise;
}

/* Of a server that does not run: the port is a guess, the name its certificate's. */
static const char *usual_endpoint(struct arena *arena, const char *data)
{
    const char *path = file_path(arena, data, "tls/server.pem"), *name = "localhost";
    char *place = arena_get(arena, PLACE_MOST);
    struct certificate_facts facts;
    struct bytes pem;
    bool bare;

    if (path != NULL && file_read(arena, path, PEM_MOST, &pem) == OK &&
        certificate_look(pem, name, &facts) == OK && !facts.named && facts.name[0] != '\0')
        name = facts.name;
    if (place == NULL)
        return "https://localhost:8443";
    bare = strchr(name, ':') == NULL;
    (void)snprintf(place, PLACE_MOST, "https://%s%s%s:8443", bare ? "" : "[", name,
                   bare ? "" : "]");
    return place;
}

static void ask_server(struct arena *arena, const char *data, struct known *known)
{
    const char *socket = file_path(arena, data, "admin/socket");
    struct client_reply reply;

    *known = (struct known){usual_endpoint(arena, data), "us-east-1"};
    if (socket == NULL ||
        client_ask(arena, socket, "GET", "/status", (struct bytes){0}, &reply) != OK ||
        reply.status != 200)
        return;
    known->endpoint = member_of(arena, reply.body, LIT("endpoint"), known->endpoint);
    known->region = member_of(arena, reply.body, LIT("region"), known->region);
}

/* The client may run in another folder. */
static const char *whole_path(const char *path, char out[static PATH_MAX])
{
    return realpath(path, out) == NULL ? path : out;
}

static int print_for(struct arena *arena, const struct client *client,
                     const struct options *options)
{
    const char *data = ask_data(options), *ca = options_value(options, "ca"), *region;
    char whole[PATH_MAX];
    struct known known;

    ask_server(arena, data, &known);
    region = or_else(options_value(options, "region"), known.region);
    ca = whole_path(or_else(or_else(ca, file_path(arena, data, "tls/ca.pem")), ""), whole);
    if (client->trust != NULL && access(ca, R_OK) != 0)
        fprintf(stderr,
                "coffer env: %s cannot be read here: name the authority with --ca, or the "
                "data folder with --data\n",
                ca);
    printf("# %s\n", client->comment);
    print_export("AWS_ENDPOINT_URL", or_else(options_value(options, "endpoint"), known.endpoint));
    print_export("AWS_REGION", region);
    print_export("AWS_DEFAULT_REGION", region); /* the only one that boto3 reads */
    if (client->trust != NULL)
        print_export(client->trust, ca);
    else
        print_store(ca);
    return EXIT_FINE;
}

static int run(const struct client *client, const struct options *options)
{
    struct arena *arena = arena_open(MEMORY);
    int code;

    if (arena == NULL)
        return command_failed("env", "", ARENA_SPENT);
    code = print_for(arena, client, options);
    arena_close(arena);
    return code;
}

static int env_main(int argc, char **argv)
{
    struct options options;
    const char *wanted;

    if (!options_read(&options, "env", rows, argc, argv) || !options_wordless(&options, "env"))
        return EXIT_USAGE;
    if (options.help) {
        printf("usage: eval \"$(coffer env --for CLIENT)\"\n\nPrints what points a client at this "
               "server; the access key "
               "is not among it.\n\n");
        options_help(rows);
        return EXIT_FINE;
    }
    wanted = or_else(options_value(&options, "for"), "aws");
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        if (strcmp(clients[i].name, wanted) == 0)
            return run(&clients[i], &options);
    }
    fprintf(stderr,
            "coffer env: --for is aws, python, node, go, java, rust or terraform, not '%s'\n",
            wanted);
    return EXIT_USAGE;
}

const struct command command_env = {
    .name = "env",
    .help = "the variables that point a client here",
    .rows = rows,
    .take = env_main,
};
