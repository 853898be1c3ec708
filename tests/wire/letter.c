/* A request as a wire case writes it down, made into bytes. */
#include "wire/letter.h"

#include "base/buf.h"
#include "codec/date.h"
#include "codec/text.h"
#include "codec/uri.h"
#include "sigv4/sigv4.h"
#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void nonsense(const char *what, struct bytes line)
{
    fprintf(stderr, "case: %s: %.*s\n", what, (int)line.n, (const char *)line.at);
    exit(2);
}

static struct bytes done(const struct buf *buf)
{
    struct bytes text = {0};

    if (buf_done(buf, &text) != OK)
        nonsense("no memory", text);
    return text;
}

static struct bytes line_of(struct bytes *rest)
{
    struct bytes line;

    if (bytes_cut(rest, '\n', &line))
        return line;
    line = *rest;
    *rest = (struct bytes){rest->at + rest->n, 0};
    return line;
}

/* "$(N text)" is text N times. */
static struct bytes expand(struct arena *arena, struct bytes text)
{
    struct buf to = buf_open(arena, text.n + 64);
    struct bytes piece, inside, count;
    int64_t times;

    while (bytes_cut(&text, '$', &piece)) {
        buf_add(&to, piece);
        if (text.n == 0 || text.at[0] != '(') {
            buf_add_byte(&to, '$');
            continue;
        }
        text = bytes_after(text, 1);
        if (!bytes_cut(&text, ')', &inside) || !bytes_cut(&inside, ' ', &count) ||
            !text_int(count, &times))
            nonsense("a repetition is $(N text)", text);
        for (int64_t i = 0; i < times; i++)
            buf_add(&to, inside);
    }
    buf_add(&to, text);
    return done(&to);
}

static void say_date(struct letter *l, int64_t ms)
{
    uint8_t *text = arena_get(l->arena, DATE_BASIC);

    date_basic(ms, text);
    l->date = (struct bytes){text, DATE_BASIC};
}

static void directive(struct letter *l, struct bytes line, int64_t now)
{
    const struct {
        const char *name;
        struct bytes *to;
    } texts[] = {{"key", &l->key_id},
                 {"secret", &l->secret},
                 {"sign", &l->sign},
                 {"day", &l->day},
                 {"region", &l->region},
                 {"service", &l->service},
                 {"terminator", &l->terminator},
                 {"algorithm", &l->algorithm},
                 {"body-after", &l->body_after},
                 {"date", &l->date}};
    const struct {
        const char *name;
        bool *to;
    } flags[] = {{"local", &l->local},       {"head", &l->head},
                 {"dev", &l->dev},           {"raw", &l->raw},
                 {"rate-one", &l->rate_one}, {"described", &l->described},
                 {"again", &l->again},       {"again-soon", &l->again_soon}};
    struct bytes rest = line, name;
    int64_t seconds;

    if (!bytes_cut(&rest, ' ', &name)) {
        name = rest;
        rest = (struct bytes){line.at, 0};
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (bytes_same(name, bytes_of(flags[i].name))) {
            *flags[i].to = true;
            return;
        }
    if (bytes_same(name, LIT("nobody"))) {
        l->key_id = (struct bytes){0};
        return;
    }
    if (bytes_same(name, LIT("presigned")) && text_int(rest, &l->expires)) {
        l->presigned = true;
        return;
    }
    if (bytes_same(name, LIT("records")) && text_int(rest, &l->records))
        return;
    if (bytes_same(name, LIT("seconds")) && text_int(rest, &seconds)) {
        say_date(l, now + seconds * 1000);
        return;
    }
    if (bytes_same(name, LIT("after")) && l->after_count < LETTER_AFTER &&
        bytes_cut(&rest, ':', &l->after[l->after_count].name)) {
        l->after[l->after_count++].value = text_trim(rest);
        return;
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (bytes_same(name, bytes_of(texts[i].name))) {
            *texts[i].to = expand(l->arena, rest);
            return;
        }
    nonsense("an unknown directive", line);
}

static void read_start(struct letter *l, struct bytes line)
{
    if (!bytes_cut(&line, ' ', &l->method) || !bytes_cut(&line, ' ', &l->target) ||
        !bytes_same(line, LIT("HTTP/1.1")))
        nonsense("no request line", line);
}

static void add(struct letter *l, struct bytes name, struct bytes value)
{
    if (l->header_count == LETTER_HEADERS)
        nonsense("too many headers", name);
    l->headers[l->header_count++] = (struct pair){name, value};
}

void letter_read(struct letter *l, struct arena *arena, struct bytes text, int64_t now)
{
    struct bytes line, name;

    *l = (struct letter){.arena = arena};
    l->key_id = LIT(WORLD_KEY);
    l->secret = LIT(WORLD_SECRET);
    l->region = LIT(WORLD_REGION);
    l->service = LIT("secretsmanager");
    l->terminator = LIT("aws4_request");
    l->algorithm = SIGV4_ALGORITHM;
    say_date(l, now);
    while (text.n > 0 && text.at[0] == '#') {
        line = line_of(&text);
        directive(l, text_trim(bytes_after(line, 1)), now);
    }
    if (l->day.at == NULL)
        l->day = (struct bytes){l->date.at, l->date.n < DATE_DAY ? l->date.n : DATE_DAY};
    read_start(l, line_of(&text));
    for (line = line_of(&text); line.n > 0; line = line_of(&text)) {
        if (!bytes_cut(&line, ':', &name))
            nonsense("no header", line);
        add(l, name, expand(arena, text_trim(line)));
    }
    if (bytes_ends(text, LIT("\n")))
        text.n--;
    l->body = expand(arena, text);
}

/* --- signing --- */

static struct bytes joined(struct letter *l, const struct bytes pieces[], size_t n,
                           const char *between)
{
    struct buf to = buf_open(l->arena, 256);

    for (size_t i = 0; i < n; i++) {
        buf_add_text(&to, i == 0 ? "" : between);
        buf_add(&to, pieces[i]);
    }
    return done(&to);
}

static int by_name(const void *a, const void *b)
{
    return bytes_order(*(const struct bytes *)a, *(const struct bytes *)b);
}

static struct bytes lower(struct letter *l, struct bytes name)
{
    uint8_t *to = arena_get(l->arena, name.n + 1);

    for (size_t i = 0; i < name.n; i++)
        to[i] = text_lower(name.at[i]);
    return (struct bytes){to, name.n};
}

static struct bytes all_names(struct letter *l)
{
    struct bytes names[LETTER_HEADERS];

    for (size_t i = 0; i < l->header_count; i++)
        names[i] = lower(l, l->headers[i].name);
    qsort(names, l->header_count, sizeof(names[0]), by_name);
    return joined(l, names, l->header_count, ";");
}

static struct sigv4_claim claim_of(struct letter *l)
{
    const struct bytes scope[] = {l->day, l->region, l->service, l->terminator};
    struct sigv4_claim claim = {
        .presigned = l->presigned,
        .algorithm = l->algorithm,
        .credential_parts = 5,
        .access_key_id = l->key_id,
        .day = l->day,
        .region = l->region,
        .service = l->service,
        .terminator = l->terminator,
        .scope = joined(l, scope, 4, "/"),
        .date = l->date,
    };
    const struct bytes credential[] = {l->key_id, claim.scope};

    claim.credential = joined(l, credential, 2, "/");
    claim.signed_headers = l->sign.at != NULL ? l->sign : l->presigned ? LIT("host") : all_names(l);
    return claim;
}

static struct bytes signature_of(struct letter *l, const struct sigv4_claim *claim)
{
    struct bytes path = l->target, query = {0}, hash;
    uint8_t key[SIGV4_KEY], *to = arena_get(l->arena, SIGV4_HASH),
                            *body = arena_get(l->arena, SIGV4_HASH);
    struct sigv4_request request = {
        .method = l->method, .headers = l->headers, .header_count = l->header_count};
    struct sigv4 state = {0};

    if (bytes_cut(&path, '?', &request.path))
        query = path;
    else
        request.path = l->target;
    request.query = query;
    sigv4_payload_hash(l->body, body);
    hash = (struct bytes){body, SIGV4_HASH};
    for (size_t i = 0; i < l->header_count; i++)
        if (text_same_caseless(l->headers[i].name, LIT("x-amz-content-sha256")))
            hash = l->headers[i].value;
    if (sigv4_derive((struct sensitive_view){l->secret.at, l->secret.n}, l->day, l->region,
                     l->service, key) != OK ||
        sigv4_canonical(l->arena, &request, claim, hash, &state) != OK ||
        sigv4_to_sign(l->arena, claim, &state) != OK)
        nonsense("cannot be signed", claim->signed_headers);
    sigv4_sign((struct sensitive_view){key, sizeof(key)}, &state);
    memcpy(to, state.signature, SIGV4_HASH);
    return (struct bytes){to, SIGV4_HASH};
}

static void sign_header(struct letter *l)
{
    struct sigv4_claim claim;
    struct buf to = buf_open(l->arena, 512);

    add(l, LIT("X-Amz-Date"), l->date);
    claim = claim_of(l);
    buf_add(&to, l->algorithm);
    buf_add(&to, LIT(" Credential="));
    buf_add(&to, claim.credential);
    buf_add(&to, LIT(", SignedHeaders="));
    buf_add(&to, claim.signed_headers);
    buf_add(&to, LIT(", Signature="));
    buf_add(&to, signature_of(l, &claim));
    add(l, LIT("Authorization"), done(&to));
}

static void sign_query(struct letter *l)
{
    struct sigv4_claim claim = claim_of(l);
    struct buf to = buf_open(l->arena, 512);

    buf_add(&to, l->target);
    buf_add_byte(&to, memchr(l->target.at, '?', l->target.n) == NULL ? '?' : '&');
    buf_add(&to, LIT("X-Amz-Algorithm="));
    buf_add(&to, l->algorithm);
    buf_add(&to, LIT("&X-Amz-Credential="));
    uri_encode(&to, claim.credential);
    buf_add(&to, LIT("&X-Amz-Date="));
    buf_add(&to, l->date);
    buf_add(&to, LIT("&X-Amz-Expires="));
    buf_add_int(&to, l->expires);
    buf_add(&to, LIT("&X-Amz-SignedHeaders="));
    uri_encode(&to, claim.signed_headers);
    l->target = done(&to);
    to = buf_open(l->arena, 512);
    buf_add(&to, l->target);
    buf_add(&to, LIT("&X-Amz-Signature="));
    buf_add(&to, signature_of(l, &claim));
    l->target = done(&to);
}

static void say_header(struct buf *to, struct bytes name, struct bytes value)
{
    buf_add(to, name);
    buf_add(to, LIT(": "));
    buf_add(to, value);
    buf_add(to, LIT("\r\n"));
}

struct bytes letter_send(struct letter *l)
{
    struct buf to = buf_open(l->arena, 4096 + l->body.n);
    struct bytes body = l->body;

    if (l->key_id.at != NULL && l->presigned)
        sign_query(l);
    else if (l->key_id.at != NULL)
        sign_header(l);
    if (l->body_after.at != NULL)
        body = l->body_after;
    buf_add(&to, l->method);
    buf_add_byte(&to, ' ');
    buf_add(&to, l->target);
    buf_add(&to, LIT(" HTTP/1.1\r\n"));
    for (size_t i = 0; i < l->header_count; i++)
        say_header(&to, l->headers[i].name, l->headers[i].value);
    for (size_t i = 0; i < l->after_count; i++)
        say_header(&to, l->after[i].name, l->after[i].value);
    if (!l->raw) {
        buf_add(&to, LIT("Content-Length: "));
        buf_add_int(&to, (int64_t)body.n);
        buf_add(&to, LIT("\r\n"));
    }
    buf_add(&to, LIT("\r\n"));
    if (!l->head)
        buf_add(&to, body);
    return done(&to);
}
