/* page: sealed under the account's record key, bound to who asked what. */
#include "core/secrets/page.h"

#include "codec/base64.h"
#include "core/fields.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "core/record_keys.h"
#include "core/secrets/secrets.h"
#include "crypto/aead.h"

enum { AT = 1, MADE };
enum { BODY_BESIDE = 64 };

FAULT(SECRET_PAGE, FAULT_CALLER, "secret.page",
      "The page token is not one that this list gave you, or it is too old.");

#define PLACE(c, asked) BOUND(FOR_PAGE, (c)->account, (c)->region, (c)->who->arn, (asked))

fallible page_seal(struct call *c, struct bytes asked, struct bytes at, struct bytes *token)
{
    struct buf b = buf_open(c->arena, BODY_BESIDE + at.n);
    struct cbor_map map = cbor_map_open(&b);
    struct sensitive_view key;
    struct bytes body, sealed;
    uint8_t *to;

    ENSURE(at.n <= PAGE_AT_MOST, RECORD_KEY);
    cbor_put_bytes(cbor_map_key(&map, AT), at);
    cbor_put_int(cbor_map_key(&map, MADE), c->now);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(record_keys_get(c->worker, 0, c->account, NULL, &key));
    TRY(aead_seal_plain(c->arena, key, PLACE(c, asked), body, &sealed));
    to = arena_get(c->arena, base64_size(sealed.n));
    ENSURE(to != NULL, ARENA_SPENT);
    base64_encode(sealed, to);
    *token = (struct bytes){to, base64_size(sealed.n)};
    return OK;
}

static fallible open_body(struct call *c, struct bytes asked, struct bytes token,
                          struct bytes *body)
{
    uint8_t *to = arena_get(c->arena, base64_room(token.n) + 1);
    struct sensitive_view key;
    const struct fault *fault;
    size_t n;

    ENSURE(to != NULL, ARENA_SPENT);
    ENSURE(base64_decode(token, to, &n) == OK, SECRET_PAGE);
    TRY(record_keys_get(c->worker, 0, c->account, NULL, &key));
    fault = aead_open_plain(c->arena, key, PLACE(c, asked), (struct bytes){to, n}, body);
    return fault == AEAD_REFUSED ? SECRET_PAGE : fault;
}

/* One from the future was made before the clock was set back: it is as good as another. */
fallible page_open(struct call *c, struct bytes asked, struct bytes token, struct bytes *at)
{
    struct bytes body;
    struct fields f;
    int64_t made;

    *at = (struct bytes){0};
    if (token.at == NULL)
        return OK;
    ENSURE(token.n <= PAGE_TOKEN_MOST, SECRET_PAGE);
    TRY(open_body(c, asked, token, &body));
    f = fields_of(body);
    *at = fields_bytes(&f, AT);
    made = fields_int(&f, MADE);
    ENSURE(fields_end(&f) == OK && c->now - made < PAGE_LIVES_MS, SECRET_PAGE);
    return OK;
}
