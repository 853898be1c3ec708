/* Runs wire cases in this process, over a world: each folder below the one that is named holds
 * `request` and `reply`, and perhaps `before` and `note` (tests/wire/README.md). */
#include "base/buf.h"
#include "base/clock.h"
#include "codec/json.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/audit/journal.h"
#include "core/identity/seen.h"
#include "support/world.h"
#include "wire/post.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VARIABLES = 64, CASES = 1000, PATH = 512, SENT = 64 };

struct run {
    struct world world;
    struct arena *arena; /* of the case */
    struct pair variables[VARIABLES];
    size_t variable_count;
    const char *path;
    bool failed;
    struct arena *sent[SENT]; /* of the requests: their replies are looked at until the case ends */
    size_t sent_count;
};

static char *cases[CASES];
static size_t case_count;

static void fail(struct run *r, const char *what, struct bytes is, struct bytes should)
{
    r->failed = true;
    printf("FAILED %s: %s\n  is:     %.*s\n  should: %.*s\n", r->path, what, (int)is.n,
           (const char *)is.at, (int)should.n, (const char *)should.at);
}

/* The file's text; NULL when there is none. */
static struct bytes load(struct run *r, const char *name)
{
    char path[PATH + 32];
    struct buf text = buf_open(r->arena, 4096);
    struct bytes all = {0};
    char piece[4096];
    FILE *file;
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", r->path, name);
    file = fopen(path, "re");
    if (file == NULL)
        return all;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_add(&text, (struct bytes){(const uint8_t *)piece, n});
    (void)fclose(file);
    return buf_done(&text, &all) == OK ? all : (struct bytes){0};
}

/* --- variables: every text at the top of an earlier reply --- */

static const struct pair *variable_at(const struct run *r, struct bytes text)
{
    for (size_t i = r->variable_count; i-- > 0;)
        if (bytes_begins(text, r->variables[i].name))
            return &r->variables[i];
    return NULL;
}

static struct bytes filled(struct run *r, struct bytes text)
{
    struct buf to = buf_open(r->arena, text.n + 256);
    struct bytes piece, all = {0};

    while (bytes_cut(&text, '$', &piece)) {
        const struct pair *variable = variable_at(r, text);

        buf_add(&to, piece);
        if (variable == NULL) {
            buf_add_byte(&to, '$');
            continue;
        }
        buf_add(&to, variable->value);
        text = bytes_after(text, variable->name.n);
    }
    buf_add(&to, text);
    return buf_done(&to, &all) == OK ? all : text;
}

static void keep(struct run *r, struct bytes name, struct bytes value)
{
    if (r->variable_count < VARIABLES)
        r->variables[r->variable_count++] = (struct pair){name, value};
}

/* "<Name>text</Name>", wherever it stands. */
static void remember_xml(struct run *r, struct bytes body)
{
    struct bytes piece, name, text;

    while (bytes_cut(&body, '<', &piece)) {
        text = body;
        if (!bytes_cut(&text, '>', &name) || !bytes_cut(&text, '<', &piece) ||
            !bytes_begins(bytes_after(text, 1), name) || !bytes_begins(text, LIT("/")))
            continue;
        keep(r, name, piece);
    }
}

static void remember(struct run *r, struct bytes body)
{
    struct json json = json_open(body);
    struct json_value value;
    struct json_text name;
    bool there = true;

    if (json_value(&json, &value) != OK || value.kind != JSON_IS_OBJECT)
        return;
    while (json_member(&json, &name, &there) == OK && there && json_value(&json, &value) == OK) {
        if (value.kind == JSON_IS_TEXT)
            keep(r, name.raw, value.text.raw);
        if (json_pass(&json, &value) != OK)
            return;
    }
}

/* --- sending --- */

static struct answered send_letter(struct run *r, struct letter *l)
{
    struct arena *arena = arena_open((size_t)8 << 20);
    struct answered a;

    r->sent[r->sent_count++] = arena;
    a = post_letter(&r->world, arena, l);
    if (a.wrong != NULL)
        fail(r, a.wrong, a.body, LIT(""));
    return a;
}

static void say_json(struct buf *text, struct bytes operation)
{
    buf_add(text, LIT("POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: secretsmanager."));
    buf_add(text, operation);
    buf_add(text, LIT("\nContent-Type: application/x-amz-json-1.1\n\n"));
}

static void say_directive(struct buf *text, const char *name, struct bytes said)
{
    buf_add_text(text, name);
    buf_add(text, said);
    buf_add_byte(text, '\n');
}

/* "iam:CreateUser" */
static void say_query(struct buf *text, struct bytes operation, struct bytes token)
{
    struct bytes service;

    if (!bytes_cut(&operation, ':', &service))
        abort();
    buf_add(text, LIT("# service "));
    buf_add(text, service);
    buf_add(text, LIT("\nPOST / HTTP/1.1\nHost: localhost\n"
                      "Content-Type: application/x-www-form-urlencoded\n"));
    if (token.n != 0)
        say_directive(text, "X-Amz-Security-Token: ", token);
    buf_add(text, LIT("\nAction="));
    buf_add(text, operation);
    buf_add(text, bytes_same(service, LIT("sts")) ? LIT("&Version=2011-06-15&")
                                                  : LIT("&Version=2010-05-08&"));
}

static struct bytes next_word(struct bytes *line)
{
    struct bytes word;

    if (!bytes_cut(line, ' ', &word))
        abort();
    return word;
}

struct before {
    int64_t now;
    struct bytes token;
};

/* What stands before a step's name: "@region", "as KEY SECRET", "with TOKEN", "earlier". */
static struct bytes say_before(struct buf *text, struct bytes *line, struct before *before)
{
    struct bytes name = next_word(line);

    *before = (struct before){.now = WORLD_NOW};
    for (;; name = next_word(line)) {
        if (bytes_begins(name, LIT("@"))) {
            say_directive(text, "# region ", bytes_after(name, 1));
        } else if (bytes_same(name, LIT("as"))) {
            say_directive(text, "# key ", next_word(line));
            say_directive(text, "# secret ", next_word(line));
        } else if (bytes_same(name, LIT("earlier"))) {
            before->now = WORLD_NOW - 3600 * 1000;
        } else if (bytes_same(name, LIT("with"))) {
            before->token = next_word(line);
        } else {
            return name;
        }
    }
}

static void step(struct run *r, struct bytes line)
{
    struct buf text = buf_open(r->arena, line.n + 256);
    struct bytes name, all;
    struct letter letter;
    struct answered a;
    struct before before;

    if (line.n == 0)
        return;
    name = say_before(&text, &line, &before);
    if (memchr(name.at, '.', name.n) != NULL) {
        buf_add(&text, LIT("# local\n# nobody\nPOST /v1/"));
        buf_add(&text, name);
        buf_add(&text, LIT(" HTTP/1.1\nHost: admin\n\n"));
    } else if (memchr(name.at, ':', name.n) != NULL) {
        say_query(&text, name, before.token);
    } else {
        say_json(&text, name);
    }
    buf_add(&text, line);
    if (buf_done(&text, &all) != OK)
        abort();
    letter_read(&letter, r->arena, filled(r, all), before.now);
    clock_set_ms(before.now);
    a = send_letter(r, &letter);
    clock_set_ms(WORLD_NOW);
    if (a.status != 200)
        fail(r, "a step before", a.body, line);
    if (bytes_begins(a.body, LIT("<")))
        remember_xml(r, a.body);
    else
        remember(r, a.body);
}

/* --- looking at the reply --- */

/* Literal text, or <uuid>, <suffix> (six letters or digits), <any>. */
static bool fits(struct bytes is, struct bytes should)
{
    static const struct bytes uuid = {(const uint8_t *)"<uuid>", 6},
                              suffix = {(const uint8_t *)"<suffix>", 8},
                              any = {(const uint8_t *)"<any>", 5};

    while (should.n > 0) {
        if (bytes_begins(should, any)) {
            should = bytes_after(should, any.n);
            for (size_t i = 0; i <= is.n; i++)
                if (fits(bytes_after(is, i), should))
                    return true;
            return false;
        }
        if (bytes_begins(should, uuid) && is.n >= UUID_TEXT &&
            uuid_is((struct bytes){is.at, UUID_TEXT})) {
            should = bytes_after(should, uuid.n);
            is = bytes_after(is, UUID_TEXT);
        } else if (bytes_begins(should, suffix) && is.n >= 6) {
            should = bytes_after(should, suffix.n);
            is = bytes_after(is, 6);
        } else if (is.n > 0 && is.at[0] == should.at[0]) {
            should = bytes_after(should, 1);
            is = bytes_after(is, 1);
        } else {
            return false;
        }
    }
    return is.n == 0;
}

static struct bytes header_of(const struct answered *a, struct bytes name)
{
    for (size_t i = 0; i < a->reply.header_count; i++)
        if (bytes_same(a->reply.headers[i].name, name))
            return a->reply.headers[i].value;
    return (struct bytes){0};
}

static struct bytes number(struct run *r, int64_t n)
{
    struct buf text = buf_open(r->arena, 24);
    struct bytes all = {0};

    buf_add_int(&text, n);
    return buf_done(&text, &all) == OK ? all : (struct bytes){0};
}

static struct bytes next_line(struct bytes *rest)
{
    struct bytes line;

    if (!bytes_cut(rest, '\n', &line)) {
        line = *rest;
        rest->n = 0;
    }
    return line;
}

static void compare(struct run *r, const struct answered *a, struct bytes expected)
{
    struct bytes line = next_line(&expected), name;

    if (!bytes_same(number(r, a->status), line))
        fail(r, "status", number(r, a->status), line);
    for (line = next_line(&expected); line.n > 0; line = next_line(&expected)) {
        if (!bytes_cut(&line, ':', &name))
            fail(r, "no header in `reply`", line, LIT(""));
        else if (!fits(header_of(a, name), bytes_after(line, 1)))
            fail(r, "header", header_of(a, name), bytes_after(line, 1));
    }
    if (bytes_ends(expected, LIT("\n")))
        expected.n--;
    if (!fits(a->body, expected))
        fail(r, "body", a->body, expected);
}

static bool holds(struct bytes text, struct bytes part)
{
    return part.n == 0 || (text.at != NULL && text.n >= part.n &&
                           memmem(text.at, text.n, part.at, part.n) != NULL);
}

/* As many records bear the request's id as it has to have, one behind the other; together they hold
 * each line of `note`, and none of those that begin with '!'. */
static void compare_note(struct run *r, const struct answered *a, struct bytes expected,
                         int64_t wanted)
{
    struct bytes journal = world_journal(&r->world, r->arena), record = LIT(""), line;
    int64_t records = 0;

    while (journal.n > 0) {
        line = next_line(&journal);
        if (a->id.n > 0 && holds(line, a->id)) {
            record.at = records == 0 ? line.at : record.at;
            record.n = (size_t)(line.at + line.n - record.at);
            records++;
        }
    }
    if (records != (a->status == 100 ? 0 : wanted))
        fail(r, "records of the request", number(r, records), number(r, wanted));
    while (expected.n > 0) {
        line = next_line(&expected);
        if (bytes_begins(line, LIT("!")) ? holds(record, bytes_after(line, 1))
                                         : !holds(record, line))
            fail(r, "note", record, line);
    }
}

/* The first of two that are alike to the last byte. */
static void send_once(struct run *r, struct letter *letter)
{
    const int64_t grace = letter->again_soon ? SEEN_GRACE_MS : 0;
    struct letter first = *letter;
    struct answered a;

    if (seen_open(grace, &r->world.house.seen) != OK)
        abort();
    a = send_letter(r, &first);
    if (a.status != 200)
        fail(r, "the first of two", a.body, LIT(""));
}

static bool run_case(const char *path)
{
    static struct run r;
    struct bytes request, before, note;
    struct letter letter;
    struct answered a;

    r = (struct run){.path = path, .arena = arena_open((size_t)64 << 20)};
    request = load(&r, "request");
    world_open(&r.world, holds(request, LIT("# dev\n")));
    r.world.house.rate_per_principal = holds(request, LIT("# rate-one\n")) ? 1 : 0;
    r.world.house.lists_described = holds(request, LIT("# described\n"));
    for (before = load(&r, "before"); before.n > 0;)
        step(&r, next_line(&before));
    letter_read(&letter, r.arena, filled(&r, request), WORLD_NOW);
    if (letter.again || letter.again_soon)
        send_once(&r, &letter);
    a = send_letter(&r, &letter);
    compare(&r, &a, filled(&r, load(&r, "reply")));
    note = load(&r, "note");
    compare_note(&r, &a, filled(&r, note), letter.records != 0 ? letter.records : 1);
    while (r.sent_count > 0)
        arena_close(r.sent[--r.sent_count]);
    world_close(&r.world);
    arena_close(r.arena);
    return !r.failed;
}

static int find_case(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    const char *name = path + at->base;

    (void)stat;
    if (kind == FTW_F && strcmp(name, "request") == 0 && case_count < CASES)
        cases[case_count++] = strndup(path, (size_t)at->base - 1);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    size_t failed = 0;

    if (argc != 2 || nftw(argv[1], find_case, 16, FTW_PHYS) != 0 || case_count == 0) {
        fprintf(stderr, "usage: test_wire FOLDER (with cases in it)\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    qsort(cases, case_count, sizeof(cases[0]), by_path);
    for (size_t i = 0; i < case_count; i++) {
        failed += !run_case(cases[i]);
        free(cases[i]);
    }
    printf("wire: %zu passed, %zu failed\n", case_count - failed, failed);
    return failed != 0;
}
