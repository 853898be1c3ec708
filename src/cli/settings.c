/* settings: each of them is asked for in turn, from the nearest place to the farthest. */
#include "cli/settings.h"

#include "base/blame.h"
#include "base/buf.h"
#include "base/file.h"
#include "cli/ini.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MOST = 256 * 1024, SHARED_MOST = 64 * 1024 };

/* clang-format off */
FAULT(SETTINGS_NOWHERE, FAULT_CALLER, "settings.nowhere", "No server is named: set AWS_ENDPOINT_URL (coffer env prints it) or give --endpoint URL.");
FAULT(SETTINGS_URL, FAULT_CALLER, "settings.url", "That is no endpoint: it looks like https://localhost:8443.");
FAULT(SETTINGS_PLAIN, FAULT_CALLER, "settings.plain", "A secret goes over plain http:// to this machine alone: use https://.");
FAULT(SETTINGS_NOBODY, FAULT_UNKNOWN, "settings.nobody", "There is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE and --profile.");
FAULT(SETTINGS_PROFILE, FAULT_CALLER, "settings.profile", "There is no such profile in the AWS config and credentials files.");
FAULT(SETTINGS_ODD, FAULT_CALLER, "settings.odd", "An access key, session token or region holds a character that it cannot have.");
/* clang-format on */

struct finding {
    struct arena *arena;
    const struct settings_said *said;
    const char *profile;
    struct sensitive *config; /* the file's text, which may hold a key; NULL: there is none */
    struct sensitive *shared; /* the credentials file's; NULL: there is none */
};

/* An empty variable counts as none, as it does with the AWS CLI. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

static const char *first(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

static const char *path_of(struct finding *f, const char *name, const char *usual)
{
    const char *said = variable(name), *home = variable("HOME");

    if (said != NULL || home == NULL)
        return said;
    return file_path(f->arena, home, usual);
}

/* As the AWS clients read it, whatever its mode: it is the user's own to guard. One that is not
 * there is no fault: whoever needs something of it says so. */
static fallible read_file(struct finding *f, const char *path, size_t most, struct sensitive **out)
{
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    const struct fault *fault;

    if (fd < 0)
        return path == NULL || errno == ENOENT || errno == ENOTDIR ? OK : blame(path, FILE_SYSTEM);
    fault = file_drain_secret(f->arena, fd, most, out);
    close(fd);
    return blame(path, fault);
}

static fallible read_config(struct finding *f)
{
    return read_file(f, path_of(f, "AWS_CONFIG_FILE", ".aws/config"), CONFIG_MOST, &f->config);
}

static fallible read_shared(struct finding *f)
{
    return read_file(f, path_of(f, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"), SHARED_MOST,
                     &f->shared);
}

/* False: neither the file nor such a line in it is there. `*value` is a slice of the file. */
static bool in_file(const struct sensitive *file, const struct ini_name *wanted,
                    struct bytes *value)
{
    struct sensitive_view text;

    if (file == NULL)
        return false;
    text = sensitive_view(file);
    return ini_find((struct bytes){text.at, text.n}, wanted, value);
}

static bool in_config(struct finding *f, const struct ini_name *wanted, struct bytes *value)
{
    return in_file(f->config, wanted, value) && value->n > 0;
}

static struct bytes profile_section(struct finding *f, const char *profile)
{
    struct buf buf = buf_open(f->arena, 64);
    struct bytes section = {0};

    if (strcmp(profile, "default") == 0)
        return LIT("default");
    buf_add_text(&buf, "profile ");
    buf_add_text(&buf, profile);
    return buf_done(&buf, &section) == OK ? section : LIT("");
}

static bool in_profile(struct finding *f, const char *name, struct bytes *value)
{
    const struct ini_name wanted = {.section = profile_section(f, f->profile),
                                    .name = bytes_of(name)};

    return in_config(f, &wanted, value);
}

/* A value of the profile in the config file, as text; NULL: it has none. */
static const char *of_profile(struct finding *f, const char *name)
{
    struct bytes value;

    return in_profile(f, name, &value) ? file_text(f->arena, value) : NULL;
}

/* services = local, then [services local], secrets_manager =, and the URL indented below. */
static const char *of_services(struct finding *f)
{
    const char *services = of_profile(f, "services");
    struct buf section = buf_open(f->arena, 64);
    struct ini_name wanted = {.above = LIT("secrets_manager"), .name = LIT("endpoint_url")};
    struct bytes value;

    if (services == NULL)
        return NULL;
    buf_add_text(&section, "services ");
    buf_add_text(&section, services);
    if (buf_done(&section, &wanted.section) != OK)
        return NULL;
    return in_config(f, &wanted, &value) ? file_text(f->arena, value) : NULL;
}

static const char *endpoint_of(struct finding *f)
{
    const char *ignore = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    const char *url = f->said->endpoint;

    if (url != NULL || (ignore != NULL && strcasecmp(ignore, "true") == 0))
        return url;
    url = first(variable("AWS_ENDPOINT_URL_SECRETS_MANAGER"), variable("AWS_ENDPOINT_URL"));
    url = first(url, of_services(f));
    return first(url, of_profile(f, "endpoint_url"));
}

/* A name that only begins like an address may be anybody's. */
static bool is_this_machine(const char *host)
{
    uint8_t ip[4];

    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (inet_pton(AF_INET, host, ip) == 1 && ip[0] == 127);
}

/* "host", "host:port", "[::1]:port" apart; false: none of these. */
static bool split(struct arena *arena, struct bytes at, struct settings *out)
{
    struct bytes host, rest = at;
    const char *port = out->tls ? "443" : "80";

    if (at.n > 0 && at.at[0] == '[') {
        rest = bytes_after(at, 1);
        if (!bytes_cut(&rest, ']', &host) || (rest.n > 0 && rest.at[0] != ':'))
            return false;
        rest = bytes_after(rest, 1);
    } else if (!bytes_cut(&rest, ':', &host)) {
        host = at;
        rest = (struct bytes){0};
    }
    out->host = file_text(arena, host);
    out->port = rest.n == 0 ? port : file_text(arena, rest);
    return host.n > 0 && rest.n < 6 && out->host != NULL && out->port != NULL &&
           strspn(out->port, "0123456789") == strlen(out->port);
}

/* Neither blanks nor controls, and no user, query or fragment. */
static bool is_plain_url(struct bytes url)
{
    for (size_t i = 0; i < url.n; i++)
        if (url.at[i] <= ' ' || url.at[i] > '~' || strchr("@?#\\", url.at[i]) != NULL)
            return false;
    return true;
}

fallible settings_take_url(struct arena *arena, const char *url, struct settings *out)
{
    struct bytes rest = bytes_of(url), host;

    ENSURE(is_plain_url(rest), SETTINGS_URL);
    out->tls = bytes_begins(rest, LIT("https://"));
    ENSURE(out->tls || bytes_begins(rest, LIT("http://")), SETTINGS_URL);
    rest = bytes_after(rest, out->tls ? 8 : 7);
    host = rest;
    out->path = LIT("/");
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.at[i] != '/')
            continue;
        host.n = i;
        out->path = bytes_after(rest, i);
        break;
    }
    out->endpoint = url;
    out->at = host;
    ENSURE(split(arena, host, out), SETTINGS_URL);
    return out->tls || is_this_machine(out->host) ? OK : SETTINGS_PLAIN;
}

static bool in_shared(struct finding *f, const char *name, struct bytes *value)
{
    const struct ini_name wanted = {.section = bytes_of(f->profile), .name = bytes_of(name)};

    return in_file(f->shared, &wanted, value);
}

static fallible take_secret(struct finding *f, struct bytes value, struct settings *out)
{
    struct sensitive *secret;

    TRY(sensitive_new_key(f->arena, value.n, &secret));
    memcpy(sensitive_fill(secret), value.at, value.n);
    out->secret = sensitive_view(secret);
    return OK;
}

static fallible key_of_environment(struct finding *f, struct settings *out)
{
    const char *id = variable("AWS_ACCESS_KEY_ID"), *token = variable("AWS_SESSION_TOKEN");
    char *secret = getenv("AWS_SECRET_ACCESS_KEY");

    ENSURE(id != NULL && secret != NULL && *secret != '\0', SETTINGS_NOBODY);
    out->access_key_id = bytes_of(id);
    out->token = token == NULL ? (struct bytes){0} : bytes_of(token);
    TRY(take_secret(f, bytes_of(secret), out));
    explicit_bzero(secret, strlen(secret)); /* so that it is found nowhere else */
    return OK;
}

/* Id and secret have to stand in the same file; a session's token beside them. */
static fallible key_in(struct finding *f,
                       bool (*in)(struct finding *, const char *name, struct bytes *value),
                       struct settings *out)
{
    struct bytes id, secret, token = {0};

    ENSURE(in(f, "aws_access_key_id", &id) && in(f, "aws_secret_access_key", &secret),
           SETTINGS_NOBODY);
    (void)in(f, "aws_session_token", &token);
    out->access_key_id = arena_copy(f->arena, id);
    out->token = arena_copy(f->arena, token);
    return take_secret(f, secret, out);
}

static fallible key_of_profile(struct finding *f, struct settings *out)
{
    const struct fault *fault;

    TRY(read_shared(f));
    fault = key_in(f, in_shared, out);
    return fault == SETTINGS_NOBODY ? key_in(f, in_profile, out) : fault;
}

static bool has_profile(struct finding *f)
{
    const struct ini_name in_config = {.section = profile_section(f, f->profile)};
    const struct ini_name shared = {.section = bytes_of(f->profile)};
    struct bytes none;

    return in_file(f->config, &in_config, &none) || in_file(f->shared, &shared, &none);
}

static fallible find_key(struct finding *f, struct settings *out)
{
    const struct fault *fault = SETTINGS_NOBODY;

    if (f->said->profile == NULL)
        fault = key_of_environment(f, out);
    if (fault == SETTINGS_NOBODY)
        fault = key_of_profile(f, out);
    if (fault != SETTINGS_NOBODY || strcmp(f->profile, "default") == 0 || has_profile(f))
        return fault;
    return blame(f->profile, SETTINGS_PROFILE);
}

/* These go into header lines as they are. */
static bool is_graphic(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    return true;
}

static fallible find(struct finding *f, struct settings *out)
{
    const char *url, *region;

    f->profile = first(f->said->profile, first(variable("AWS_PROFILE"), "default"));
    TRY(read_config(f));
    url = endpoint_of(f);
    ENSURE(url != NULL, SETTINGS_NOWHERE);
    TRY(blame(url, settings_take_url(f->arena, url, out)));
    region = first(f->said->region, first(variable("AWS_REGION"), variable("AWS_DEFAULT_REGION")));
    region = first(region, first(of_profile(f, "region"), "us-east-1"));
    out->region = bytes_of(region);
    out->authority =
        first(f->said->ca, first(variable("AWS_CA_BUNDLE"), of_profile(f, "ca_bundle")));
    TRY(find_key(f, out));
    ENSURE(is_graphic(out->region) && is_graphic(out->access_key_id) && is_graphic(out->token),
           SETTINGS_ODD);
    return OK;
}

fallible settings_find(struct arena *arena, const struct settings_said *said, struct settings *out)
{
    struct finding f = {.arena = arena, .said = said};

    *out = (struct settings){0};
    return find(&f, out);
}
