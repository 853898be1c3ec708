/* Who asks, by AWS Signature Version 4: the front door's checks in AWS's order and words
 * (SEMANTICS 1.2, steps 3 to 12), and what else has to be signed here (SECURITY 7). The body counts
 * only by its hash: it is not parsed before. */
#include "base/buf.h"
#include "base/clock.h"
#include "codec/date.h"
#include "codec/text.h"
#include "core/identity/identity.h"
#include "core/identity/seen.h"
#include "core/region.h"
#include "core/worker.h"
#include "net/http.h"
#include "sigv4/sigv4.h"
#include "wire/aws/quirks.h"

enum {
    MINUTE_MS = 60 * 1000,
    SKEW_MS = 5 * MINUTE_MS,
    EXPIRES_MOST = 7 * 24 * 3600, /* seconds */
    ECHO = 256,                   /* bytes of the Authorization header that its sender gets back */
};

struct door {
    struct call *call;
    const struct http_request *request;
    const struct aws_service *service; /* that it asks; NULL: none of ours */
    struct bytes operation;
    bool head_only;
    struct bytes authorization, query;
    struct pair *headers;
    struct sigv4_claim claim;
    int64_t date;
};

static struct bytes echo_of(struct bytes text)
{
    return text.n > ECHO ? (struct bytes){text.at, ECHO} : text;
}

static fallible refuse(struct door *d, const struct fault *fault, const struct buf *sentence)
{
    struct bytes said;

    TRY(buf_done(sentence, &said));
    return why_said(d->call, fault, said);
}

static fallible refuse_about(struct door *d, const struct fault *fault, const char *before,
                             struct bytes subject, const char *after)
{
    struct buf said = buf_open(d->call->arena, 256);

    buf_add_text(&said, before);
    buf_add(&said, echo_of(subject));
    buf_add_text(&said, after);
    return refuse(d, fault, &said);
}

static fallible copy_headers(struct door *d)
{
    const size_t n = d->request->header_count;

    d->headers = arena_get(d->call->arena, n * sizeof(*d->headers) + 1);
    ENSURE(d->headers != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        const struct http_header *header = &d->request->headers[i];

        d->headers[i] = (struct pair){raw_reveal(header->name), raw_reveal(header->value)};
    }
    return OK;
}

static struct bytes header(const struct door *d, struct bytes name)
{
    return raw_reveal(http_header(d->request, name));
}

/* Step 3: one claim, in one place. */
static fallible read_claim(struct door *d)
{
    const bool in_query = d->query.n != 0 && sigv4_is_presigned(d->query);

    d->authorization = header(d, LIT("authorization"));
    if (in_query && d->authorization.at != NULL)
        return why_said(d->call, AWS_SIGNATURE,
                        LIT("Found both 'X-Amz-Algorithm' as a query-string param and "
                            "'Authorization' as HTTP header."));
    ENSURE(in_query || bytes_begins(d->authorization, LIT("AWS4-")), AWS_NO_TOKEN);
    TRY(copy_headers(d));
    if (in_query)
        return sigv4_read_query(d->call->arena, d->query, &d->claim) == ARENA_SPENT
                   ? ARENA_SPENT
                   : OK; /* what did not decode is missing */
    sigv4_read_header(d->authorization, d->headers, d->request->header_count, &d->claim);
    return OK;
}

/* Step 4: its parts are all there, each once. */
static fallible check_parts(struct door *d)
{
    static const struct {
        unsigned bit;
        const char *header, *query;
    } parts[] = {
        {SIGV4_NO_ALGORITHM, "", "X-Amz-Algorithm"},
        {SIGV4_NO_CREDENTIAL, "requires 'Credential' parameter. ", "X-Amz-Credential"},
        {SIGV4_NO_SIGNATURE, "requires 'Signature' parameter. ", "X-Amz-Signature"},
        {SIGV4_NO_SIGNED_HEADERS, "requires 'SignedHeaders' parameter. ", "X-Amz-SignedHeaders"},
        {SIGV4_NO_DATE, "requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
         "X-Amz-Date"},
        {SIGV4_NO_EXPIRES, "", "X-Amz-Expires"},
    };
    const bool presigned = d->claim.presigned;
    struct buf said;

    if (d->claim.missing == 0)
        return OK;
    said = buf_open(d->call->arena, 512);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if ((d->claim.missing & parts[i].bit) == 0)
            continue;
        buf_add_text(&said, presigned ? "AWS query-string parameters must include '"
                                      : "Authorization header ");
        buf_add_text(&said, presigned ? parts[i].query : parts[i].header);
        buf_add_text(&said, presigned ? "'. " : "");
    }
    if (d->claim.missing & SIGV4_REPEATED)
        buf_add(&said, LIT("A part of the authorization is given twice. "));
    if (presigned)
        buf_add(&said, LIT("Re-examine the query-string parameters."));
    else
        buf_add(&said, LIT("Authorization="));
    buf_add(&said, echo_of(d->authorization));
    return refuse(d, AWS_INCOMPLETE, &said);
}

static void say_date(struct buf *said, int64_t ms)
{
    uint8_t text[DATE_BASIC];

    date_basic(ms, text);
    buf_add(said, (struct bytes){text, sizeof(text)});
}

static fallible untimely(struct door *d, const char *what, const char *than, int64_t limit,
                         const char *sign)
{
    struct buf said = buf_open(d->call->arena, 160);

    buf_add_text(&said, what);
    say_date(&said, d->date);
    buf_add_text(&said, than);
    say_date(&said, limit);
    buf_add(&said, LIT(" ("));
    say_date(&said, d->call->now);
    buf_add_text(&said, sign);
    return refuse(d, AWS_SIGNATURE, &said);
}

/* Step 5: a date as it should be written, and not too far from ours. */
static fallible check_date(struct door *d)
{
    const int64_t now = d->call->now;
    int64_t lasts = SKEW_MS, seconds = 0;

    if (!date_read_basic(d->claim.date, &d->date))
        return refuse_about(d, AWS_INCOMPLETE, "Date must be in ISO-8601 'basic format'. Got '",
                            d->claim.date, "'. See http://en.wikipedia.org/wiki/ISO_8601");
    if (d->claim.presigned) {
        if (!text_int(d->claim.expires, &seconds) || seconds < 1 || seconds > EXPIRES_MOST)
            return why_said(d->call, AWS_INCOMPLETE,
                            LIT("X-Amz-Expires must be a number of seconds from 1 to 604800."));
        lasts = seconds * 1000;
    }
    if (d->date < now - lasts)
        return untimely(d, "Signature expired: ", " is now earlier than ", now - lasts,
                        d->claim.presigned ? " - X-Amz-Expires.)" : " - 5 min.)");
    if (d->date > now + SKEW_MS)
        return untimely(d, "Signature not yet current: ", " is still later than ", now + SKEW_MS,
                        " + 5 min.)");
    return OK;
}

/* Steps 6 to 8. */
static fallible check_form(struct door *d)
{
    if (!sigv4_is_signed(&d->claim, LIT("host")))
        return why_said(
            d->call, AWS_SIGNATURE,
            LIT("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
    if (!bytes_same(d->claim.algorithm, SIGV4_ALGORITHM))
        return refuse_about(d, AWS_INCOMPLETE, "Unsupported AWS 'algorithm': '", d->claim.algorithm,
                            "' (only AWS4-HMAC-SHA256 for now). ");
    if (d->claim.credential_parts != 5)
        return refuse_about(d, AWS_INCOMPLETE,
                            "Credential must have exactly 5 slash-delimited elements, "
                            "e.g. keyid/date/region/service/term, got '",
                            d->claim.credential, "'");
    return OK;
}

static void say_scope_date(struct door *d, struct buf *said)
{
    uint8_t day[DATE_DAY];

    date_day(d->date, day);
    buf_add(said, LIT("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                      "date from HTTP: '"));
    buf_add(said, echo_of(d->claim.day));
    buf_add(said, LIT("' != '"));
    buf_add(said, (struct bytes){day, sizeof(day)});
    buf_add(said, LIT("', from '"));
    buf_add(said, echo_of(d->claim.date));
    buf_add(said, LIT("'."));
}

/* The date is written as it should be (check_date), so its day is what it begins with. */
static bool day_fits(const struct door *d)
{
    return bytes_same(d->claim.day, (struct bytes){d->claim.date.at, DATE_DAY});
}

static bool region_fits(const struct door *d)
{
    const struct house *house = d->call->worker->house;
    const bool everywhere = d->service != NULL && d->service->version != NULL;

    return region_served(house, d->claim.region) ||
           (everywhere && region_is_first(house, d->claim.region));
}

/* Step 9: all complaints at once. */
static fallible check_scope(struct door *d)
{
    const struct bytes name = bytes_of(d->service == NULL ? "" : d->service->name);
    const bool region = region_fits(d);
    const bool named = bytes_same(d->claim.service, name), day = day_fits(d);
    const bool ends = bytes_same(d->claim.terminator, LIT("aws4_request"));
    struct buf said;

    if (region && named && day && ends)
        return OK;
    said = buf_open(d->call->arena, 512);
    if (!region) {
        buf_add(&said, LIT("Credential should be scoped to a valid region, not '"));
        buf_add(&said, echo_of(d->claim.region));
        buf_add(&said, LIT("'. "));
    }
    if (!named) {
        buf_add(&said, LIT("Credential should be scoped to correct service: '"));
        buf_add(&said, name);
        buf_add(&said, LIT("'. "));
    }
    if (!ends) {
        buf_add(&said, LIT("Credential should be scoped with a valid terminator: 'aws4_request', "
                           "not '"));
        buf_add(&said, echo_of(d->claim.terminator));
        buf_add(&said, LIT("'. "));
    }
    if (!day)
        say_scope_date(d, &said);
    return refuse(d, AWS_SIGNATURE, &said);
}

/* Step 10. */
static fallible find_key(struct door *d, struct sensitive_view *key)
{
    struct call *c = d->call;

    c->region = d->claim.region;
    c->service = d->claim.service;
    c->partition = region_partition(d->claim.region);
    c->credential = d->claim.access_key_id; /* the note repeats it only if it looks like one */
    c->token = d->claim.token;
    TRY(identity_find(c, d->claim.access_key_id));
    c->account =
        arena_copy(c->arena, c->who->account); /* `who` is this thread's; a parked call is not */
    ENSURE(c->account.at != NULL, ARENA_SPENT);
    return identity_signing_key(c, d->claim.day, d->claim.region, d->claim.service, key);
}

/* Some of AWS's SDKs do not sign the content type (doc/decisions/0028). Of these two it decides
 * nothing that is not signed: X-Amz-Target says what is JSON, and a form's body is hashed. */
static bool may_be_unsigned(struct bytes kind)
{
    return bytes_begins(kind, LIT("application/x-amz-json-1.")) ||
           bytes_begins(kind, LIT("application/x-www-form-urlencoded"));
}

static bool has_to_be_signed(const struct pair *header)
{
    if (bytes_same(header->name, LIT("content-type")))
        return !may_be_unsigned(header->value);
    return bytes_begins(header->name, LIT("x-amz-"));
}

/* Every x-amz-* header, and content-type: an unsigned one may have been put there on the way. */
static bool all_signed(const struct door *d)
{
    for (size_t i = 0; i < d->request->header_count; i++)
        if (has_to_be_signed(&d->headers[i]) && !sigv4_is_signed(&d->claim, d->headers[i].name))
            return false;
    return true;
}

/* The payload's hash, told or made; what is told has to be true. False: it is not. */
static bool payload_hash(const struct door *d, struct bytes *hash, uint8_t room[SIGV4_HASH])
{
    const struct bytes told = header(d, LIT("x-amz-content-sha256"));

    *hash = told;
    if (d->head_only)
        return told.n == SIGV4_HASH;
    sigv4_payload_hash(raw_reveal(d->request->body), room);
    *hash = (struct bytes){room, SIGV4_HASH};
    return told.at == NULL || bytes_same(told, *hash);
}

/* In `coffer dev` alone: what was computed here, so that a client's author can compare. */
static fallible mismatch(struct door *d, const struct sigv4 *state)
{
    struct buf said;

    if (!d->call->worker->house->dev || state->to_sign.at == NULL)
        return AWS_SIGNATURE;
    said = buf_open(d->call->arena, 2048);
    buf_add_text(&said, AWS_SIGNATURE->text);
    buf_add(&said, LIT("\n\nThe Canonical String for this request should have been\n'"));
    buf_add(&said, state->canonical);
    buf_add(&said, LIT("'\n\nThe String-to-Sign should have been\n'"));
    buf_add(&said, state->to_sign);
    buf_add(&said, LIT("'\n"));
    return refuse(d, AWS_SIGNATURE, &said);
}

/* Step 11. */
static fallible check_signature(struct door *d, struct sensitive_view key)
{
    const struct sigv4_request request = {
        .method = raw_reveal(d->request->method),
        .path = raw_reveal(d->request->path),
        .query = d->query,
        .headers = d->headers,
        .header_count = d->request->header_count,
    };
    struct call *c = d->call;
    const struct arena_mark mark = arena_mark(c->arena);
    struct sigv4 state = {0};
    uint8_t room[SIGV4_HASH];
    const struct fault *fault;
    struct bytes hash;

    ENSURE(all_signed(d) && payload_hash(d, &hash, room), AWS_SIGNATURE);
    fault = sigv4_check(c->arena, &request, &d->claim, hash, key, &state);
    if (fault == SIGV4_MISMATCH)
        return mismatch(d, &state);
    if (fault == OK) {
        arena_rewind(c->arena, mark); /* what was signed, written out, is of use to nobody else */
        identity_vouch(c, d->claim.day, d->claim.region, d->claim.service);
    }
    return fault == SIGV4_HEADERS || fault == SIGV4_QUERY ? AWS_SIGNATURE : fault;
}

/* Whoever is recognised pays for the sensitive memory that the request takes. */
static uint64_t payer_of(const struct principal *who)
{
    return bytes_hash(who->base.n != 0 ? who->base : who->id, 0) | 1;
}

static fallible let_in(struct door *d)
{
    struct sensitive_view key;

    TRY(read_claim(d));
    TRY(check_parts(d));
    TRY(check_date(d));
    TRY(check_form(d));
    TRY(check_scope(d));
    TRY(find_key(d, &key));
    TRY(check_signature(d, key));
    TRY(identity_live(d->call));
    ENSURE(!d->claim.presigned || aws_takes_presigned(d->service, d->operation), AWS_PRESIGNED);
    arena_bill(d->call->arena, payer_of(d->call->who));
    return OK;
}

fallible aws_authenticate(struct call *c, const struct http_request *request, bool head_only)
{
    struct door d = {
        .call = c, .request = request, .head_only = head_only, .query = raw_reveal(request->query)};
    const struct fault *fault;

    d.service = aws_service_of(request, &d.operation);
    fault = let_in(&d);
    /* Found is not proven: a refusal's record must not say that it was he. */
    if (fault != OK)
        c->who = NULL;
    return fault;
}

/* --- once --- */

static bool has_token(const struct route *route, const void *in)
{
    for (const struct field *row = route->in->rows; row->wire.at != NULL; row++)
        if (bytes_same(row->wire, LIT("ClientRequestToken")))
            return ((const struct bytes *)(const void *)((const uint8_t *)in + row->member.offset))
                       ->n != 0;
    return false;
}

fallible aws_first_time(struct call *c, const struct http_request *request,
                        const struct route *route, const void *in)
{
    struct seen *seen = c->worker->house->seen;
    struct door d = {.call = c, .request = request, .query = raw_reveal(request->query)};

    if (seen == NULL || route->operation->mode == OPERATION_READS || has_token(route, in))
        return OK;
    TRY(read_claim(&d));
    ENSURE(!seen_before(seen, d.claim.signature, clock_monotonic_ns() / 1000000), AWS_REPEATED);
    c->once = d.claim.signature;
    return OK;
}
