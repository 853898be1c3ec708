/* audit_show: reads a record's JSON as far as it is asked for. */
#include "bin/audit_show.h"

#include "base/clock.h"
#include "cli/walk.h"
#include "codec/date.h"
#include "codec/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000, SUFFIX = 7 /* "-Ab12Cd" behind a name in an ARN */ };

static struct bytes find2(struct arena *arena, struct bytes line, struct bytes first,
                          struct bytes second)
{
    struct bytes inner;

    return walk_find(line, first, &inner) ? walk_find_text(arena, inner, second)
                                          : (struct bytes){0};
}

/* "30m", "2h", "7d" before now. */
static bool ago(const char *said, int64_t *ms)
{
    char *unit;
    const long n = strtol(said, &unit, 10);
    int64_t one = MINUTE_MS;

    if (unit == said || n < 0 || n > 1000000 || strlen(unit) != 1 || strchr("mhd", *unit) == NULL)
        return false;
    one *= *unit == 'h' ? 60 : *unit == 'd' ? 24 * 60 : 1;
    *ms = clock_now_ms() - n * one;
    return true;
}

static struct bytes said(const struct options *options, const char *name)
{
    const char *value = options_value(options, name);

    return value == NULL ? (struct bytes){0} : bytes_of(value);
}

bool audit_show_read(struct audit_show *show, const struct options *options, struct arena *arena)
{
    const char *since = options_value(options, "since");

    *show = (struct audit_show){.arena = arena,
                                .principal = said(options, "principal"),
                                .secret = said(options, "secret"),
                                .action = said(options, "action"),
                                .denied = options_has(options, "denied")};
    if (!options_form(options, "audit", &show->as))
        return false;
    if (since == NULL || ago(since, &show->since_ms) ||
        date_read_iso(bytes_of(since), &show->since_ms))
        return true;
    fprintf(stderr, "coffer audit: --since is 30m, 2h, 7d or 2026-11-21T09:00:00Z, not '%s'\n",
            since);
    return false;
}

bool audit_show_filters(const struct audit_show *show)
{
    return show->principal.n > 0 || show->secret.n > 0 || show->action.n > 0 ||
           show->since_ms != 0 || show->denied;
}

static struct bytes behind_last(struct bytes text, uint8_t separator)
{
    struct bytes part;

    while (bytes_cut(&text, separator, &part))
        ;
    return text;
}

struct bytes audit_who(struct arena *arena, struct bytes line)
{
    return find2(arena, line, LIT("userIdentity"), LIT("arn"));
}

static bool is_of(struct arena *arena, struct bytes line, struct bytes who)
{
    const struct bytes arn = audit_who(arena, line);

    return bytes_same(arn, who) || bytes_same(behind_last(arn, '/'), who) ||
           bytes_same(behind_last(arn, ':'), who) ||
           bytes_same(find2(arena, line, LIT("userIdentity"), LIT("accessKeyId")), who);
}

/* Who makes a secret is recorded before its end is drawn. */
static bool arn_unfinished(struct bytes arn, struct bytes secret)
{
    return bytes_ends(arn, LIT("-??????")) && arn.n == secret.n &&
           bytes_begins(secret, (struct bytes){arn.at, arn.n - SUFFIX + 1});
}

/* "arn:...:secret:NAME-abcdef" */
static bool arn_names(struct bytes arn, struct bytes secret)
{
    struct bytes part, name = arn;

    for (int i = 0; i < 6; i++)
        if (!bytes_cut(&name, ':', &part))
            return false;
    return bytes_same(arn, secret) || arn_unfinished(arn, secret) ||
           (name.n == secret.n + SUFFIX && bytes_begins(name, secret) && name.at[secret.n] == '-');
}

bool audit_about(struct arena *arena, struct bytes line, struct bytes secret)
{
    struct walk resources = walk_list(line, LIT("resources"));
    struct bytes resource;

    while (walk_element(&resources, &resource))
        if (arn_names(walk_find_text(arena, resource, LIT("ARN")), secret))
            return true;
    return bytes_same(find2(arena, line, LIT("requestParameters"), LIT("secretId")), secret);
}

static bool is_denied(struct arena *arena, struct bytes line)
{
    static const char *const codes[] = {
        "AccessDeniedException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "ExpiredTokenException",
        "SignatureDoesNotMatch",
        "InvalidClientTokenId",
        "local.denied",
        "native.remote",
        "denied",
    };
    const struct bytes code = walk_find_text(arena, line, LIT("errorCode"));

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (bytes_same(code, bytes_of(codes[i])))
            return true;
    return false;
}

static bool wants(const struct audit_show *show, struct bytes line)
{
    struct arena *arena = show->arena;
    int64_t ms;

    if (show->action.n > 0 &&
        !text_same_caseless(walk_find_text(arena, line, LIT("eventName")), show->action))
        return false;
    if (show->since_ms != 0 &&
        (!date_read_iso(walk_find_text(arena, line, LIT("eventTime")), &ms) || ms < show->since_ms))
        return false;
    if (show->denied && !is_denied(arena, line))
        return false;
    if (show->principal.n > 0 && !is_of(arena, line, show->principal))
        return false;
    return show->secret.n == 0 || audit_about(arena, line, show->secret);
}

bool audit_show_wants(void *ctx, struct bytes line)
{
    const struct audit_show *show = ctx;
    const struct arena_mark mark = arena_mark(show->arena);
    const bool wanted = wants(show, line);

    arena_rewind(show->arena, mark);
    return wanted;
}

static void put(struct bytes text, size_t width)
{
    print_shown(stdout, text);
    for (size_t i = text.n; i < width; i++)
        (void)putchar(' ');
}

/* The name in it, without account and random end, which say nothing to a person. */
static struct bytes what(struct arena *arena, struct bytes line)
{
    struct walk resources = walk_list(line, LIT("resources"));
    struct bytes resource, arn, part;

    if (!walk_element(&resources, &resource))
        return LIT("-");
    arn = walk_find_text(arena, resource, LIT("ARN"));
    for (int i = 0; i < 5; i++)
        if (!bytes_cut(&arn, ':', &part))
            return LIT("-");
    if (bytes_begins(arn, LIT("secret:"))) {
        arn = bytes_after(arn, sizeof "secret:" - 1);
        arn.n = arn.n > SUFFIX ? arn.n - SUFFIX : arn.n;
    }
    return arn.n == 0 ? LIT("-") : arn;
}

static struct bytes or_dash(struct bytes text)
{
    return text.n == 0 ? LIT("-") : text;
}

/* Of the journal's own records a checkpoint alone says when it was, and in another way. */
static struct bytes when(struct arena *arena, struct bytes line)
{
    const struct bytes said = walk_find_text(arena, line, LIT("eventTime"));
    uint8_t *to = arena_get(arena, DATE_ISO);
    int64_t ms;

    if (said.n > 0 || to == NULL ||
        !text_int(find2(arena, line, LIT("coffer"), LIT("timeMs")), &ms))
        return or_dash(said);
    date_iso(ms, to);
    return (struct bytes){to, DATE_ISO};
}

/* The thousandths are left out: 2026-11-21T09:00:00Z. */
static struct bytes to_the_second(struct arena *arena, struct bytes time)
{
    uint8_t *to = arena_get(arena, DATE_ISO);

    if (time.n != DATE_ISO || to == NULL)
        return time;
    memcpy(to, time.at, DATE_ISO);
    to[DATE_ISO - 5] = 'Z';
    return (struct bytes){to, DATE_ISO - 4};
}

static void write_cells(struct audit_show *show, struct bytes line)
{
    static const size_t widths[] = {21, 24, 26, 32, 16, 0};
    struct arena *arena = show->arena;
    const struct bytes cells[] = {
        when(arena, line),
        or_dash(behind_last(audit_who(arena, line), ':')),
        walk_find_text(arena, line, LIT("eventName")),
        what(arena, line),
        or_dash(walk_find_text(arena, line, LIT("sourceIPAddress"))),
        walk_find_text(arena, line, LIT("errorCode")),
    };

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const bool last = i + 1 == sizeof cells / sizeof *cells;
        struct bytes cell = last && cells[i].n == 0 ? LIT("ok") : cells[i];

        if (i == 0 && show->as == PRINT_TABLE)
            cell = to_the_second(arena, cell);
        put(cell, show->as == PRINT_TEXT ? 0 : widths[i]);
        (void)putchar(last ? '\n' : show->as == PRINT_TEXT ? '\t' : ' ');
    }
}

static void write_titles(struct audit_show *show)
{
    if (show->titled || show->as != PRINT_TABLE)
        return;
    show->titled = true;
    print_heading("TIME                  WHO                      ACTION                     WHAT"
                  "                             FROM             RESULT");
}

void audit_show_line(void *ctx, struct bytes line)
{
    struct audit_show *show = ctx;
    const struct arena_mark mark = arena_mark(show->arena);

    write_titles(show);
    if (show->as == PRINT_JSON) {
        (void)fwrite(line.at, 1, line.n, stdout);
        (void)putchar('\n');
    } else {
        write_cells(show, line);
    }
    arena_rewind(show->arena, mark);
}
