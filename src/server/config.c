/* config: one row for each name that the file may hold, and one loop over the lines. */
#include "server/config.h"

#include "base/file.h"
#include "core/quota.h"

#include <string.h>

enum { VALUES_MOST = 64 };

/* clang-format off */
FAULT(CONFIG_LINE, FAULT_CALLER, "config.line", "The configuration cannot be read.");
/* clang-format on */

enum setting_kind { A_TEXT, A_NUMBER, AN_ADDRESS, TEXTS, ADDRESSES, RANGES };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;
    int64_t least, most;
};

/* clang-format off */
#define SETTING(name_, kind_, ...) {.name = #name_, .kind = (kind_), .offset = offsetof(struct config, name_), ##__VA_ARGS__}
static const struct setting settings[] = {
    SETTING(data,        A_TEXT),
    SETTING(certificate, A_TEXT),
    SETTING(private_key, A_TEXT),
    SETTING(key_file,    A_TEXT),
    SETTING(audit,       A_TEXT),
    SETTING(admin_group, A_TEXT),
    SETTING(audit_group, A_TEXT),
    SETTING(confine,     A_TEXT),
    SETTING(lists,       A_TEXT),
    {.name = "region", .kind = TEXTS, .offset = offsetof(struct config, regions)},
    SETTING(listen,      ADDRESSES),
    SETTING(listen_proxied, ADDRESSES),
    SETTING(proxy,       RANGES),
    SETTING(watch,       AN_ADDRESS),
    SETTING(workers,     A_NUMBER, .least = 0, .most = 256),
    SETTING(map_gib,     A_NUMBER, .least = 1, .most = 65536),
    SETTING(connections, A_NUMBER, .least = 1, .most = 1000000),
    SETTING(connections_per_address, A_NUMBER, .least = 0, .most = 1000000),
    SETTING(handshakes_per_second,   A_NUMBER, .least = 0, .most = 1000000),
    SETTING(idle_seconds, A_NUMBER, .least = 1, .most = 3600),
    SETTING(journal_days, A_NUMBER, .least = 0, .most = 36500),
    SETTING(versions_kept, A_NUMBER, .least = 0, .most = 100),
    SETTING(rate_per_principal, A_NUMBER, .least = 0, .most = 10000000),
    SETTING(rate_per_account,   A_NUMBER, .least = 0, .most = 10000000),
    SETTING(account_secrets,    A_NUMBER, .least = 0, .most = 1000000000),
    SETTING(account_records,    A_NUMBER, .least = 0, .most = 100000000000),
    SETTING(account_mib,        A_NUMBER, .least = 0, .most = 67108864),
};
/* clang-format on */

struct reading {
    struct arena *arena;
    struct config *config;
    struct config_problem *problem;
    bool said[sizeof settings / sizeof *settings];
};

static fallible wrong(struct reading *r, const char *what)
{
    r->problem->what = what;
    return CONFIG_LINE;
}

void config_defaults(struct config *config)
{
    struct bytes watch = LIT("127.0.0.1:8444");

    *config = (struct config){.data = LIT("/var/lib/coffer"),
                              .audit = LIT("written"),
                              .confine = LIT("auto"),
                              .lists = LIT("all"),
                              .admin_gid = SOCKET_NO_GROUP,
                              .audit_gid = SOCKET_NO_GROUP,
                              .journal_days = 400,
                              .map_gib = 1024,
                              .connections = 10000,
                              .connections_per_address = 1000,
                              .handshakes_per_second = 200,
                              .idle_seconds = 60,
                              .rate_per_principal = 30000,
                              .rate_per_account = 100000,
                              .account_secrets = QUOTA_SECRETS};
    if (address_read(watch, &config->watch) != OK)
        config->watch = (struct address){0};
}

static struct bytes trimmed(struct bytes text)
{
    while (text.n > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = bytes_after(text, 1);
    while (text.n > 0 && (text.at[text.n - 1] == ' ' || text.at[text.n - 1] == '\t' ||
                          text.at[text.n - 1] == '\r'))
        text.n--;
    return text;
}

static bool number_of(struct bytes text, int64_t *out)
{
    int64_t value = 0;

    if (text.n == 0 || text.n > 12)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *out = value;
    return true;
}

/* A list grows in place: room for all that it may hold is taken with the first. */
static void *one_more(struct reading *r, struct list *list, size_t size)
{
    if (list->at == NULL)
        list->at = arena_get(r->arena, VALUES_MOST * size);
    if (list->at == NULL || list->n == VALUES_MOST)
        return NULL;
    return (uint8_t *)list->at + size * list->n++;
}

static fallible add_text(struct reading *r, struct list *list, struct bytes value)
{
    struct bytes *text = one_more(r, list, sizeof *text);

    if (text == NULL)
        return wrong(r, "there are too many of these");
    *text = arena_copy(r->arena, value);
    return OK;
}

static fallible add_address(struct reading *r, struct list *list, struct bytes value)
{
    struct address *address = one_more(r, list, sizeof *address);

    if (address == NULL)
        return wrong(r, "there are too many of these");
    if (address_read(value, address) != OK)
        return wrong(r, "this is not an address and a port, like 127.0.0.1:8443 or [::1]:8443");
    return OK;
}

static fallible add_range(struct reading *r, struct list *list, struct bytes value)
{
    struct address_range *range = one_more(r, list, sizeof *range);

    if (range == NULL)
        return wrong(r, "there are too many of these");
    if (address_read_range(value, range) != OK)
        return wrong(r, "this is not an address or a range, like 192.0.2.1, 10.0.0.0/8 or "
                        "2001:db8::/32 (with zeros behind its bits)");
    return OK;
}

static fallible set(struct reading *r, const struct setting *setting, struct bytes value)
{
    uint8_t *at = (uint8_t *)r->config + setting->offset;
    int64_t number;

    switch (setting->kind) {
    case A_TEXT:
        *(struct bytes *)(void *)at = arena_copy(r->arena, value);
        return OK;
    case A_NUMBER:
        if (!number_of(value, &number) || number < setting->least || number > setting->most)
            return wrong(r, "this is not a number, or out of range");
        *(int64_t *)(void *)at = number;
        return OK;
    case AN_ADDRESS:
        if (address_read(value, (struct address *)(void *)at) != OK)
            return wrong(r, "this is not an address and a port, like 127.0.0.1:8444");
        return OK;
    case TEXTS:
        return add_text(r, (struct list *)(void *)at, value);
    case ADDRESSES:
        return add_address(r, (struct list *)(void *)at, value);
    case RANGES:
        return add_range(r, (struct list *)(void *)at, value);
    }
    return wrong(r, "nobody knows how to read this");
}

static fallible read_limit(struct reading *r, enum limit limit, struct bytes value)
{
    const struct limit_row *row = &limit_rows[limit];
    uint32_t *set = &r->config->limits.set[limit];
    int64_t number;

    if (*set != 0)
        return wrong(r, "it is said twice");
    if (!number_of(value, &number) || number < row->usual || number > row->most)
        return wrong(r, "this is not a number, or out of range");
    *set = (uint32_t)number;
    return OK;
}

static fallible read_pair(struct reading *r, struct bytes name, struct bytes value)
{
    const enum limit limit = limit_named(name);

    r->problem->name = name;
    if (value.n == 0)
        return wrong(r, "it has no value");
    if (limit != LIMIT_NONE)
        return read_limit(r, limit, value);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        bool many = settings[i].kind >= TEXTS; /* a list */

        if (!bytes_same(name, bytes_of(settings[i].name)))
            continue;
        if (r->said[i] && !many)
            return wrong(r, "it is said twice");
        r->said[i] = true;
        return set(r, &settings[i], value);
    }
    return wrong(r, "there is no setting of this name");
}

static fallible read_line(struct reading *r, struct bytes line)
{
    struct bytes name, rest = line;

    line = trimmed(line);
    if (line.n == 0 || line.at[0] == '#')
        return OK;
    r->problem->name = line;
    if (!bytes_cut(&rest, '=', &name))
        return wrong(r, "this is not a line like `name = value`");
    return read_pair(r, trimmed(name), trimmed(rest));
}

static fallible judge(struct reading *r)
{
    const struct config *config = r->config;

    r->problem->line = 0;
    r->problem->name = LIT("audit");
    if (!bytes_same(config->audit, LIT("written")) && !bytes_same(config->audit, LIT("strict")))
        return wrong(r, "it is `written` or `strict`");
    r->problem->name = LIT("confine");
    if (!bytes_same(config->confine, LIT("auto")) && !bytes_same(config->confine, LIT("require")) &&
        !bytes_same(config->confine, LIT("off")))
        return wrong(r, "it is `auto`, `require` or `off`");
    r->problem->name = LIT("lists");
    if (!bytes_same(config->lists, LIT("all")) && !bytes_same(config->lists, LIT("described")))
        return wrong(r, "it is `all` or `described`");
    r->problem->name = LIT("listen_proxied");
    if (config->listen_proxied.n > 0 && config->proxy.n == 0)
        return wrong(r, "it needs proxy = ADDR: who may say for whom a connection is");
    r->problem->name = LIT("proxy");
    if (config->proxy.n > 0 && config->listen_proxied.n == 0)
        return wrong(r, "it needs listen_proxied = ADDR:PORT, where the proxies come");
    r->problem->name = LIT("watch");
    if (!address_loopback(&config->watch))
        return wrong(r, "health and metrics are served on a loopback address only");
    return OK;
}

fallible config_read(struct arena *arena, struct bytes text, struct config *config,
                     struct config_problem *problem)
{
    struct reading r = {.arena = arena, .config = config, .problem = problem};
    struct bytes line;

    *problem = (struct config_problem){0};
    while (text.n > 0) {
        problem->line++;
        if (!bytes_cut(&text, '\n', &line)) {
            line = text;
            text.n = 0;
        }
        TRY(read_line(&r, line));
    }
    return judge(&r);
}
