/* page: sealed under the account's record key, bound to who asked. */
#include "core/secrets/page.h"

#include "codec/base64.h"
#include "core/fields.h"
#include "core/identity/identity.h"
#include "core/secrets/secrets.h"
#include "core/worker.h"
#include "crypto/aead.h"
#include "keeper/keeper.h"

enum { FROM = 1, ORDER, LAST, VALUE };
enum { TOKEN_MOST = 4096, BODY = 256 };

FAULT(SECRET_PAGE, FAULT_CALLER, "secret.page",
      "The page token is not one that this list gave you.");

static fallible page_key(struct call *c, struct sensitive **key)
{
    return keeper_lend(c->worker->house->keeper, c->arena, LENT_RECORD, 0, c->account, key);
}

#define PLACE(c) BOUND(FOR_PAGE, (c)->account, (c)->region, (c)->who->arn, LIT("secret.list"))

static fallible body_of(struct call *c, const struct page *page, struct bytes *body)
{
    struct buf b = buf_open(c->arena, BODY + page->from.n + page->last.n);
    struct cbor_map map = cbor_map_open(&b);

    cbor_put_bytes(cbor_map_key(&map, FROM), page->from);
    cbor_put_int(cbor_map_key(&map, ORDER), page->order);
    if (page->last.at != NULL)
        cbor_put_text(cbor_map_key(&map, LAST), page->last);
    cbor_put_int(cbor_map_key(&map, VALUE), page->value);
    cbor_map_close(&map);
    return buf_done(&b, body);
}

fallible page_token(struct call *c, const struct page *page, struct bytes *token)
{
    struct sensitive *key;
    struct bytes body, sealed;
    uint8_t *to;

    TRY(body_of(c, page, &body));
    TRY(page_key(c, &key));
    TRY(aead_seal_plain(c->arena, sensitive_view(key), PLACE(c), body, &sealed));
    to = arena_get(c->arena, base64_size(sealed.n));
    ENSURE(to != NULL, ARENA_SPENT);
    base64_encode(sealed, to);
    *token = (struct bytes){to, base64_size(sealed.n)};
    return OK;
}

static fallible open_token(struct call *c, struct bytes token, struct bytes *body)
{
    uint8_t *to = arena_get(c->arena, base64_room(token.n) + 1);
    struct sensitive *key;
    size_t n;
    const struct fault *fault;

    ENSURE(to != NULL, ARENA_SPENT);
    ENSURE(base64_decode(token, to, &n) == OK, SECRET_PAGE);
    TRY(page_key(c, &key));
    fault = aead_open_plain(c->arena, sensitive_view(key), PLACE(c), (struct bytes){to, n}, body);
    return fault == AEAD_REFUSED ? SECRET_PAGE : fault;
}

fallible page_of(struct call *c, struct bytes token, int64_t order, struct page *out)
{
    struct bytes body;
    struct fields f;

    *out = (struct page){.order = order};
    if (token.at == NULL)
        return OK;
    ENSURE(token.n <= TOKEN_MOST, SECRET_PAGE);
    TRY(open_token(c, token, &body));
    f = fields_of(body);
    out->from = fields_bytes(&f, FROM);
    out->order = fields_int(&f, ORDER);
    out->last = fields_text(&f, LAST);
    out->value = fields_int(&f, VALUE);
    ENSURE(fields_end(&f) == OK && out->order == order, SECRET_PAGE);
    return OK;
}
