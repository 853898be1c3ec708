/* client: a request signed as boto3 signs it, by the same steps that check one. */
#include "base/buf.h"
#include "codec/date.h"
#include "codec/text.h"
#include "sigv4/sigv4.h"

#include <string.h>

enum { MOST_HEADERS = 64 };

/* The request's headers with the added ones, and the names that are signed, sorted. */
struct draft {
    struct pair headers[MOST_HEADERS + 2];
    struct bytes names[MOST_HEADERS + 2];
    size_t header_count, name_count;
};

static bool is_never_signed(struct bytes name)
{
    static const char *const names[] = {
        "authorization",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (bytes_same(name, bytes_of(names[i])))
            return true;
    return false;
}

/* What would break the list of names or the header that carries it is no name (RFC 9110's
 * token). */
static bool is_token(struct bytes name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' ||
            strchr("\"(),/:;<=>?@[\\]{}", name.at[i]) != NULL)
            return false;
    return name.n > 0;
}

static fallible lowered(struct arena *arena, struct bytes name, struct bytes *out)
{
    uint8_t *to = arena_get(arena, name.n + 1);

    ENSURE(to != NULL, ARENA_SPENT);
    for (size_t i = 0; i < name.n; i++)
        to[i] = text_lower(name.at[i]);
    *out = (struct bytes){to, name.n};
    return OK;
}

static void note_name(struct draft *draft, struct bytes name)
{
    size_t at = draft->name_count;

    for (size_t i = 0; i < draft->name_count; i++)
        if (bytes_same(draft->names[i], name))
            return;
    for (; at > 0 && bytes_order(draft->names[at - 1], name) > 0; at--)
        draft->names[at] = draft->names[at - 1];
    draft->names[at] = name;
    draft->name_count++;
}

static fallible add(struct arena *arena, struct draft *draft, struct pair header)
{
    struct bytes name;

    ENSURE(is_token(header.name), SIGV4_HEADERS);
    TRY(lowered(arena, header.name, &name));
    draft->headers[draft->header_count++] = header;
    if (!is_never_signed(name))
        note_name(draft, name);
    return OK;
}

static fallible fill(struct arena *arena, struct draft *draft, const struct sigv4_request *request,
                     const struct sigv4_signed *out)
{
    ENSURE(request->header_count <= MOST_HEADERS, SIGV4_HEADERS);
    for (size_t i = 0; i < request->header_count; i++)
        TRY(add(arena, draft, request->headers[i]));
    for (size_t i = 0; i < out->header_count; i++)
        TRY(add(arena, draft, out->headers[i]));
    return OK;
}

static fallible list_names(struct arena *arena, const struct draft *draft, struct bytes *list)
{
    struct buf buf = buf_open(arena, 128);

    for (size_t i = 0; i < draft->name_count; i++) {
        if (i > 0)
            buf_add_byte(&buf, ';');
        buf_add(&buf, draft->names[i]);
    }
    return buf_done(&buf, list);
}

static fallible make_scope(struct arena *arena, const struct sigv4_signer *signer,
                           struct sigv4_claim *claim)
{
    struct buf buf = buf_open(arena, 64);

    claim->day = (struct bytes){claim->date.at, DATE_DAY};
    buf_add(&buf, claim->day);
    buf_add_byte(&buf, '/');
    buf_add(&buf, signer->region);
    buf_add_byte(&buf, '/');
    buf_add(&buf, signer->service);
    buf_add(&buf, LIT("/aws4_request"));
    return buf_done(&buf, &claim->scope);
}

static fallible authorization(struct arena *arena, const struct sigv4_signer *signer,
                              const struct sigv4_claim *claim, const struct sigv4 *state,
                              struct bytes *out)
{
    struct buf buf = buf_open(arena, 256);

    buf_add(&buf, SIGV4_ALGORITHM);
    buf_add(&buf, LIT(" Credential="));
    buf_add(&buf, signer->access_key_id);
    buf_add_byte(&buf, '/');
    buf_add(&buf, claim->scope);
    buf_add(&buf, LIT(", SignedHeaders="));
    buf_add(&buf, claim->signed_headers);
    buf_add(&buf, LIT(", Signature="));
    buf_add(&buf, (struct bytes){state->signature, SIGV4_HASH});
    return buf_done(&buf, out);
}

static fallible sign_draft(struct arena *arena, const struct sigv4_signer *signer,
                           const struct sigv4_request *request, struct bytes body,
                           struct sigv4_claim *claim, struct sigv4 *state)
{
    uint8_t key[SIGV4_KEY], *hash = arena_get(arena, SIGV4_HASH);

    ENSURE(hash != NULL, ARENA_SPENT);
    sigv4_payload_hash(body, hash);
    TRY(make_scope(arena, signer, claim));
    TRY(sigv4_canonical(arena, request, claim, (struct bytes){hash, SIGV4_HASH}, state));
    TRY(sigv4_to_sign(arena, claim, state));
    TRY(sigv4_derive(signer->secret, claim->day, signer->region, signer->service, key));
    sigv4_sign((struct sensitive_view){key, sizeof(key)}, state);
    explicit_bzero(key, sizeof(key));
    return OK;
}

fallible sigv4_sign_request(struct arena *arena, const struct sigv4_request *request,
                            struct bytes body, const struct sigv4_signer *signer, int64_t now_ms,
                            struct sigv4_signed *out)
{
    struct draft *draft = arena_new(arena, struct draft);
    struct sigv4_request whole = *request;
    uint8_t *date = arena_get(arena, DATE_BASIC);
    struct sigv4_claim claim = {.date = {date, DATE_BASIC}};
    struct pair *proof;

    *out = (struct sigv4_signed){0};
    ENSURE(draft != NULL && date != NULL, ARENA_SPENT);
    date_basic(now_ms, date);
    out->headers[out->header_count++] = (struct pair){LIT("X-Amz-Date"), claim.date};
    if (signer->token.n > 0)
        out->headers[out->header_count++] =
            (struct pair){LIT("X-Amz-Security-Token"), signer->token};
    TRY(fill(arena, draft, request, out));
    whole.headers = draft->headers;
    whole.header_count = draft->header_count;
    TRY(list_names(arena, draft, &claim.signed_headers));
    TRY(sign_draft(arena, signer, &whole, body, &claim, &out->state));
    proof = &out->headers[out->header_count++];
    proof->name = LIT("Authorization");
    return authorization(arena, signer, &claim, &out->state, &proof->value);
}
