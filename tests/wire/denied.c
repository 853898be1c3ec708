/* denied: every operation of the query services, asked with all that it has to be asked with by a
 * user whom no policy allows anything, and again by his session: refused, but for those that no
 * policy can take away. What may be left out is left out: so nothing is got by omission. */
#include "base/buf.h"
#include "wire/aws/service.h"
#include "wire/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 << 20 };

#define DENIED_CODE "<Code>AccessDenied</Code>"

static struct world world;
static size_t tried, failed;

/* How the asker signs: lines of directives, and of headers. */
struct asker {
    const char *name;
    char directives[256], headers[4200];
    const char *code; /* of the refusal */
};

static void put_value(struct buf *b, const struct field *row)
{
    if (bytes_same(row->wire, LIT("RoleArn"))) {
        buf_add(b, LIT("arn:aws:iam::123456789012:role/none"));
        return;
    }
    if (row->words != NULL) {
        buf_add(b, row->words->wire);
        return;
    }
    for (uint32_t i = 0; i < (row->least > 1 ? row->least : 1); i++)
        buf_add_byte(b, '1');
}

static void put_name(struct buf *b, struct bytes before, struct bytes name)
{
    buf_add_byte(b, '&');
    buf_add(b, before);
    buf_add(b, name);
    buf_add_byte(b, '=');
}

static void put_list(struct buf *b, const struct field *row)
{
    char before[80];

    snprintf(before, sizeof before, "%.*s.member.1%s", (int)row->wire.n, (const char *)row->wire.at,
             row->each->rows->wire.n == 0 ? "" : ".");
    for (const struct field *part = row->each->rows; part->wire.at != NULL; part++) {
        put_name(b, bytes_of(before), part->wire);
        put_value(b, part);
    }
}

static struct bytes letter_of(struct arena *arena, const char *service, const struct route *route,
                              const struct asker *asker)
{
    struct buf b = buf_open(arena, 8192);
    struct bytes text;

    buf_add(&b, LIT("# service "));
    buf_add_text(&b, service);
    buf_add_text(&b, asker->directives);
    buf_add(&b, LIT("\nPOST / HTTP/1.1\nHost: localhost\nContent-Type: "
                    "application/x-www-form-urlencoded\n"));
    buf_add_text(&b, asker->headers);
    buf_add(&b, LIT("\nAction="));
    buf_add_text(&b, route->name);
    buf_add(&b,
            strcmp(service, "sts") == 0 ? LIT("&Version=2011-06-15") : LIT("&Version=2010-05-08"));
    for (const struct field *row = route->in->rows; row->wire.at != NULL; row++) {
        if (row->need != REQUIRED)
            continue;
        if (row->member.kind == KIND_LIST) {
            put_list(&b, row);
            continue;
        }
        put_name(&b, LIT(""), row->wire);
        put_value(&b, row);
    }
    if (buf_done(&b, &text) != OK)
        abort();
    return text;
}

static bool holds(struct bytes text, const char *part)
{
    return memmem(text.at, text.n, part, strlen(part)) != NULL;
}

static void try_route(void *ctx, const struct protocol *protocol, const char *service,
                      const struct route *route)
{
    const struct asker *asker = ctx;
    struct arena *sent = arena_open((size_t)8 << 20), *arena = arena_open(ROOM);
    struct letter letter;
    struct answered a;
    bool refused;

    if (protocol != &protocol_aws_query || route->operation->unjudged) {
        arena_close(sent);
        arena_close(arena);
        return;
    }
    letter_read(&letter, arena, letter_of(arena, service, route, asker), WORLD_NOW);
    a = post_letter(&world, sent, &letter);
    refused = a.status == 403 && (holds(a.body, asker->code) || holds(a.body, DENIED_CODE));
    tried++;
    if (a.wrong != NULL || !refused) {
        failed++;
        printf("FAILED %s %s as %s: %.*s\n", service, route->name, asker->name, (int)a.body.n,
               (const char *)a.body.at);
    }
    arena_close(sent);
    arena_close(arena);
}

/* --- who asks --- */

static struct bytes between(struct bytes text, const char *before, const char *after)
{
    const uint8_t *at = memmem(text.at, text.n, before, strlen(before)), *end;

    if (at == NULL)
        abort();
    text = bytes_after(text, (size_t)(at - text.at) + strlen(before));
    end = memmem(text.at, text.n, after, strlen(after));
    return (struct bytes){text.at, (size_t)(end - text.at)};
}

static struct bytes posted(struct arena *arena, const char *text)
{
    struct letter letter;
    struct answered a;

    letter_read(&letter, arena, bytes_of(text), WORLD_NOW);
    a = post_letter(&world, arena, &letter);
    if (a.status != 200)
        abort();
    return a.body;
}

static void sign_as(struct asker *asker, struct bytes id, struct bytes secret)
{
    snprintf(asker->directives, sizeof asker->directives, "\n# key %.*s\n# secret %.*s", (int)id.n,
             (const char *)id.at, (int)secret.n, (const char *)secret.at);
}

int main(void)
{
    struct asker user = {.name = "a user", .code = DENIED_CODE};
    struct asker session = {.name = "his session", .code = "<Code>InvalidClientTokenId</Code>"};
    struct arena *arena;
    struct bytes made, token;
    char text[512];

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    world_open(&world, false);
    arena = arena_open(ROOM);
    (void)posted(arena, "# local\n# nobody\nPOST /v1/user.create HTTP/1.1\nHost: admin\n\n"
                        "{\"name\":\"mallory\"}");
    made = posted(arena, "# local\n# nobody\nPOST /v1/access_key.create HTTP/1.1\nHost: admin\n\n"
                         "{\"user\":\"mallory\"}");
    sign_as(&user, between(made, "\"id\":\"", "\""), between(made, "\"secret\":\"", "\""));
    snprintf(text, sizeof text,
             "# service sts%s\nPOST / HTTP/1.1\nHost: localhost\nContent-Type: "
             "application/x-www-form-urlencoded\n\nAction=GetSessionToken&Version=2011-06-15",
             user.directives);
    made = posted(arena, text);
    sign_as(&session, between(made, "<AccessKeyId>", "<"), between(made, "<SecretAccessKey>", "<"));
    token = between(made, "<SessionToken>", "<");
    snprintf(session.headers, sizeof session.headers, "X-Amz-Security-Token: %.*s\n", (int)token.n,
             (const char *)token.at);
    protocol_each_route(try_route, &user);
    protocol_each_route(try_route, &session);
    arena_close(arena);
    world_close(&world);
    printf("denied: %zu passed, %zu failed\n", tried - failed, failed);
    return failed != 0 || tried < 30;
}
