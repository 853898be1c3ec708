/* claim: what a request says of its signature, taken apart and not believed. */
#include "codec/text.h"
#include "codec/uri.h"
#include "sigv4/sigv4.h"

#include <string.h>

FAULT(SIGV4_QUERY, FAULT_CALLER, "sigv4.query",
      "The query does not decode, or has too many parameters.");

/* One part and the bit that says it is missing; given twice, it is marked. */
static void set(struct sigv4_claim *claim, struct bytes *part, struct bytes value, unsigned bit)
{
    if (part->at != NULL)
        claim->missing |= SIGV4_REPEATED;
    *part = value;
    if (value.n > 0)
        claim->missing &= ~bit;
}

static void split_credential(struct sigv4_claim *claim)
{
    struct bytes rest = claim->credential, after_first = {0}, piece[4] = {{0}}, one;
    size_t cuts = 0;

    for (; bytes_cut(&rest, '/', &one); cuts++) {
        if (cuts == 0)
            after_first = rest;
        if (cuts < 4)
            piece[cuts] = one;
    }
    claim->credential_parts = cuts + (claim->credential.n > 0);
    if (claim->credential_parts != 5)
        return;
    claim->access_key_id = piece[0];
    claim->day = piece[1];
    claim->region = piece[2];
    claim->service = piece[3];
    claim->terminator = rest;
    claim->scope = after_first;
}

static void set_part(struct sigv4_claim *claim, struct bytes name, struct bytes value)
{
    if (bytes_same(name, LIT("Credential")))
        set(claim, &claim->credential, value, SIGV4_NO_CREDENTIAL);
    else if (bytes_same(name, LIT("SignedHeaders")))
        set(claim, &claim->signed_headers, value, SIGV4_NO_SIGNED_HEADERS);
    else if (bytes_same(name, LIT("Signature")))
        set(claim, &claim->signature, value, SIGV4_NO_SIGNATURE);
}

static bool is_named(const struct pair *header, struct bytes name)
{
    return header->name.n == name.n && text_same_caseless(header->name, name);
}

/* X-Amz-Date wins over Date. */
static void read_fields(struct sigv4_claim *claim, const struct pair *headers, size_t n)
{
    struct bytes plain = {0};

    for (size_t i = 0; i < n; i++) {
        if (is_named(&headers[i], LIT("x-amz-date")))
            set(claim, &claim->date, headers[i].value, SIGV4_NO_DATE);
        else if (is_named(&headers[i], LIT("x-amz-security-token")))
            set(claim, &claim->token, headers[i].value, 0);
        else if (is_named(&headers[i], LIT("date")))
            plain = headers[i].value;
    }
    if (claim->date.at == NULL)
        set(claim, &claim->date, plain, SIGV4_NO_DATE);
}

void sigv4_read_header(struct bytes authorization, const struct pair *headers, size_t n,
                       struct sigv4_claim *claim)
{
    struct bytes rest = text_trim(authorization), part, name;

    *claim = (struct sigv4_claim){.missing = SIGV4_NO_CREDENTIAL | SIGV4_NO_SIGNATURE |
                                             SIGV4_NO_SIGNED_HEADERS | SIGV4_NO_DATE};
    if (!bytes_cut(&rest, ' ', &claim->algorithm)) {
        claim->algorithm = rest;
        rest = (struct bytes){0};
    }
    while (rest.n > 0) {
        if (!bytes_cut(&rest, ',', &part)) {
            part = rest;
            rest = (struct bytes){0};
        }
        part = text_trim(part);
        if (bytes_cut(&part, '=', &name))
            set_part(claim, name, part);
    }
    split_credential(claim);
    read_fields(claim, headers, n);
}

/* Where a parameter belongs; NULL: it is none of ours. */
static struct bytes *place_of(struct sigv4_claim *claim, struct bytes name, unsigned *bit)
{
    const struct {
        struct bytes name;
        struct bytes *part;
        unsigned bit;
    } rows[] = {
        {LIT("X-Amz-Algorithm"), &claim->algorithm, SIGV4_NO_ALGORITHM},
        {LIT("X-Amz-Credential"), &claim->credential, SIGV4_NO_CREDENTIAL},
        {LIT("X-Amz-Date"), &claim->date, SIGV4_NO_DATE},
        {LIT("X-Amz-Expires"), &claim->expires, SIGV4_NO_EXPIRES},
        {LIT("X-Amz-SignedHeaders"), &claim->signed_headers, SIGV4_NO_SIGNED_HEADERS},
        {LIT("X-Amz-Signature"), &claim->signature, SIGV4_NO_SIGNATURE},
        {LIT("X-Amz-Security-Token"), &claim->token, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (bytes_same(rows[i].name, name)) {
            *bit = rows[i].bit;
            return rows[i].part;
        }
    return NULL;
}

fallible sigv4_read_query(struct arena *arena, struct bytes query, struct sigv4_claim *claim)
{
    struct pair pair;

    *claim = (struct sigv4_claim){.presigned = true,
                                  .missing = SIGV4_NO_CREDENTIAL | SIGV4_NO_SIGNATURE |
                                             SIGV4_NO_SIGNED_HEADERS | SIGV4_NO_DATE |
                                             SIGV4_NO_ALGORITHM | SIGV4_NO_EXPIRES};
    while (uri_query_next(&query, &pair)) {
        unsigned bit;
        struct bytes *part = place_of(claim, pair.name, &bit), value = pair.value;
        uint8_t *decoded;

        if (part == NULL)
            continue;
        decoded = arena_get(arena, value.n + 1);
        ENSURE(decoded != NULL, ARENA_SPENT);
        ENSURE(uri_decode(value, decoded, &value.n) == OK, SIGV4_QUERY);
        value.at = decoded;
        set(claim, part, value, bit);
    }
    split_credential(claim);
    return OK;
}

bool sigv4_is_presigned(struct bytes query)
{
    struct pair pair;

    while (uri_query_next(&query, &pair))
        if (bytes_same(pair.name, LIT("X-Amz-Algorithm")) ||
            bytes_same(pair.name, LIT("X-Amz-Signature")))
            return true;
    return false;
}

bool sigv4_next_signed(struct bytes *rest, struct bytes *name)
{
    if (rest->n == 0)
        return false;
    if (bytes_cut(rest, ';', name))
        return true;
    *name = *rest;
    *rest = bytes_after(*rest, rest->n);
    return true;
}

bool sigv4_is_signed(const struct sigv4_claim *claim, struct bytes name)
{
    const struct bytes list = claim->signed_headers;
    size_t at = 0;

    while (name.n <= list.n - at) {
        const size_t end = at + name.n;

        if ((end == list.n || list.at[end] == ';') && memcmp(list.at + at, name.at, name.n) == 0)
            return true;
        while (at < list.n && list.at[at] != ';')
            at++;
        if (at == list.n)
            return false;
        at++;
    }
    return false;
}
