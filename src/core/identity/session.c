/* session: tokens made and opened. A token's members are numbered as a record's are. */
#include "core/identity/session.h"

#include "codec/base64.h"
#include "codec/text.h"
#include "core/fields.h"
#include "core/latest.h"
#include "core/record.h"
#include "core/worker.h"

#include <string.h>

enum { ACCOUNT = 1, USER, USER_ID, SOURCE, ISSUED, EXPIRES, CALLED, POLICY, TAGS, ROLE, ROLE_ID };
enum { CLAIMS = 512, ID_MOST = 20, ID_ACCOUNT = 8, ID_DRAWN = 8, ACCOUNT_DIGITS = 12 };

FAULT(SESSION_LIMITED, FAULT_DENIED, "session.limited",
      "The credentials of a session do not do for this.");
FAULT(SESSION_PACKED, FAULT_CALLER, "session.packed", "The policy and tags do not fit in a token.");
FAULT(SESSION_EXPIRED, FAULT_UNKNOWN, "session.expired", "The session has ended.");

static const struct bytes alphabet = {(const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32};

fallible identity_live(const struct call *c)
{
    return c->who->expires == 0 || latest_now(c) < c->who->expires ? OK : SESSION_EXPIRED;
}

bool identity_may_ask(const struct principal *who, const char *action)
{
    const struct bytes named = bytes_of(action);

    if (who->expires == 0 || who->type == PRINCIPAL_ROLE)
        return true;
    if (bytes_same(named, LIT("sts:AssumeRole")))
        return who->base.n == 0;
    return !bytes_begins(named, LIT("iam:")) && !bytes_begins(named, LIT("sts:"));
}

/* "ASIA", the account in eight characters of five bits, eight drawn ones: as AWS's do, the id tells
 * whose it is. */
static fallible draw_id(struct call *c, struct bytes account, struct bytes *id)
{
    uint8_t letters[ID_ACCOUNT];
    struct buf prefix = buf_open(c->arena, ID_MOST);
    struct bytes whole;
    int64_t number;

    ENSURE(text_int(account, &number), RECORD_DAMAGED);
    for (size_t i = ID_ACCOUNT; i-- > 0; number /= (int64_t)alphabet.n)
        letters[i] = alphabet.at[(size_t)number % alphabet.n];
    buf_add(&prefix, LIT("ASIA"));
    buf_add(&prefix, (struct bytes){letters, sizeof letters});
    TRY(buf_done(&prefix, &whole));
    return identity_draw_id(c, whole, ID_DRAWN, id);
}

static bool number_in(struct bytes letters, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < letters.n; i++) {
        const uint8_t *at = memchr(alphabet.at, letters.at[i], alphabet.n);

        if (at == NULL)
            return false;
        *number = *number * (int64_t)alphabet.n + (at - alphabet.at);
    }
    return true;
}

bool session_account(struct call *c, struct bytes id, struct bytes *account)
{
    uint8_t *digits = arena_get(c->arena, ACCOUNT_DIGITS);
    struct bytes letters = bytes_after(id, 4);
    int64_t number;

    if (digits == NULL || id.n != ID_MOST || !bytes_begins(id, LIT("ASIA")))
        return false;
    letters.n = ID_ACCOUNT;
    if (!number_in(letters, &number))
        return false;
    for (size_t i = ACCOUNT_DIGITS; i-- > 0; number /= 10)
        digits[i] = (uint8_t)('0' + number % 10);
    *account = (struct bytes){digits, ACCOUNT_DIGITS};
    return number == 0;
}

enum { SECOND_MS = 1000, USUAL = 43200, ROOT_MOST = 3600 }; /* seconds */

int64_t session_lasts(const struct principal *who, struct maybe_int seconds)
{
    const int64_t wanted = seconds.said ? seconds.value : USUAL;

    return (who->type == PRINCIPAL_ROOT && wanted > ROOT_MOST ? ROOT_MOST : wanted) * SECOND_MS;
}

enum { PACKED_MOST = 2800 }; /* bytes that a token has left for policy and tags, about */

int64_t session_packed(struct bytes policy, struct pairs tags)
{
    size_t n = policy.n;

    for (size_t i = 0; i < tags.n; i++)
        n += tags.at[i].name.n + tags.at[i].value.n;
    return (int64_t)(n * 100 / PACKED_MOST);
}

struct session session_of(const struct call *c, struct maybe_int seconds)
{
    const struct principal *who = c->who;

    return (struct session){.account = who->account,
                            .user = who->user,
                            .user_id = who->user_id,
                            .source = who->source,
                            .issued = latest_now(c),
                            .expires = latest_now(c) + session_lasts(who, seconds)};
}

static fallible write_claims(struct call *c, const struct session *s, struct bytes *claims)
{
    struct buf b = buf_open(c->arena, CLAIMS);
    struct cbor_map map = cbor_map_open(&b);

    cbor_put_text(cbor_map_key(&map, ACCOUNT), s->account);
    cbor_put_text(cbor_map_key(&map, USER), s->user);
    cbor_put_text(cbor_map_key(&map, USER_ID), s->user_id);
    cbor_put_text(cbor_map_key(&map, SOURCE), s->source);
    cbor_put_int(cbor_map_key(&map, ISSUED), s->issued);
    cbor_put_int(cbor_map_key(&map, EXPIRES), s->expires);
    cbor_put_text(cbor_map_key(&map, CALLED), s->called);
    cbor_put_text(cbor_map_key(&map, POLICY), s->policy);
    identity_tags_write(cbor_map_key(&map, TAGS), s->tags);
    cbor_put_text(cbor_map_key(&map, ROLE), s->role);
    cbor_put_text(cbor_map_key(&map, ROLE_ID), s->role_id);
    cbor_map_close(&map);
    return buf_done(&b, claims);
}

static fallible write_token(struct call *c, struct bytes raw, struct sensitive **token)
{
    TRY(sensitive_new(c->arena, base64_size(raw.n), token));
    base64_encode(raw, sensitive_fill(*token));
    return OK;
}

static fallible too_large(struct call *c, size_t n)
{
    struct buf b = buf_open(c->arena, 128);
    struct bytes said;

    buf_add(&b, LIT("Packed policy consumes "));
    buf_add_int(&b, (int64_t)(n * 100 / SESSION_TOKEN_MOST));
    buf_add(&b, LIT("% of allotted space, please use smaller policy."));
    TRY(buf_done(&b, &said));
    return why_said(c, SESSION_PACKED, said);
}

fallible session_make(struct call *c, const struct session *s, struct session_credentials *out)
{
    struct keeper *keeper = c->worker->house->keeper;
    struct bytes claims, raw;

    TRY(draw_id(c, s->account, &out->id));
    TRY(write_claims(c, s, &claims));
    if (base64_size(claims.n + KEEPER_TOKEN_EXTRA) > SESSION_TOKEN_MOST)
        return too_large(c, base64_size(claims.n + KEEPER_TOKEN_EXTRA));
    TRY(keeper_session_seal(keeper, c->arena, out->id, claims, &raw));
    TRY(keeper_session_secret(keeper, c->arena, raw, &out->secret));
    out->expires = (struct moment){s->expires};
    return write_token(c, raw, &out->token);
}

static fallible read_claims(struct call *c, struct bytes claims, struct session *s)
{
    struct fields f = fields_of(claims);

    *s = (struct session){.account = fields_text(&f, ACCOUNT),
                          .user = fields_text(&f, USER),
                          .user_id = fields_text(&f, USER_ID),
                          .source = fields_text(&f, SOURCE),
                          .issued = fields_int(&f, ISSUED),
                          .expires = fields_int(&f, EXPIRES),
                          .called = fields_text(&f, CALLED),
                          .policy = fields_text(&f, POLICY)};
    TRY(identity_tags_read(c, &f, TAGS, &s->tags));
    s->role = fields_text(&f, ROLE);
    s->role_id = fields_text(&f, ROLE_ID);
    return fields_end(&f);
}

/* What does not open is unknown; that a root is missing, or memory, is another matter. */
static fallible unknown(const struct fault *fault)
{
    return fault == KEEPER_REFUSED || fault == KEEPER_SEALED ? IDENTITY_UNKNOWN : fault;
}

fallible session_open(struct call *c, struct bytes access_key_id, struct session *s,
                      struct bytes *token)
{
    const struct bytes text = c->token;
    struct bytes claims;
    uint8_t *raw;

    ENSURE(text.n <= SESSION_TOKEN_MOST, IDENTITY_UNKNOWN);
    raw = arena_get(c->arena, base64_room(text.n) + 1);
    ENSURE(raw != NULL, ARENA_SPENT);
    ENSURE(base64_decode(text, raw, &token->n) == OK, IDENTITY_UNKNOWN);
    token->at = raw;
    TRY(unknown(
        keeper_session_open(c->worker->house->keeper, c->arena, access_key_id, *token, &claims)));
    return read_claims(c, claims, s);
}
