/* A request read from lines (target, Authorization, headers): whatever it claims, checking it ends
 * cleanly; signed by our client, it holds; with a header changed, it does not. */
#include "fuzz/must.h"

#include "sigv4/sigv4.h"

enum { MOST = 16 };

static const uint8_t key[SIGV4_KEY] = "a key for nothing at all";

static struct bytes line(struct bytes *rest)
{
    struct bytes head;

    if (bytes_cut(rest, '\n', &head))
        return head;
    head = *rest;
    *rest = (struct bytes){0};
    return head;
}

static void try_claim(struct arena *arena, const struct sigv4_request *request,
                      const struct sigv4_claim *claim)
{
    struct bytes rest = claim->signed_headers, name;
    struct sigv4 state;

    while (sigv4_next_signed(&rest, &name))
        MUST(sigv4_is_signed(claim, name));
    MUST(sigv4_check(arena, request, claim, SIGV4_EMPTY_HASH,
                     (struct sensitive_view){key, sizeof(key)}, &state) != OK);
}

/* Signs it, reads that back, checks it, and once more with one header less. */
static void try_client(struct arena *arena, const struct sigv4_request *request)
{
    struct pair headers[MOST + 3];
    struct sigv4_signer signer = {
        LIT("AKID"), LIT("token"), {key, sizeof(key)}, LIT("r"), LIT("s")};
    struct sigv4_request sent = *request;
    struct sigv4_signed made;
    struct sigv4_claim claim;
    struct sigv4 state;
    uint8_t derived[SIGV4_KEY];
    struct sensitive_view view = {derived, sizeof(derived)};

    if (sigv4_sign_request(arena, request, LIT(""), &signer, 0, &made) != OK)
        return;
    sent.headers = headers;
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = request->headers[i];
    for (size_t i = 0; i < made.header_count; i++)
        headers[sent.header_count++] = made.headers[i];
    sigv4_read_header(made.headers[made.header_count - 1].value, headers, sent.header_count,
                      &claim);
    if ((claim.missing & SIGV4_REPEATED) != 0)
        return; /* it brought a date of its own */
    MUST(claim.missing == 0 && claim.credential_parts == 5);
    MUST(sigv4_derive(signer.secret, claim.day, claim.region, claim.service, derived) == OK);
    MUST(sigv4_check(arena, &sent, &claim, SIGV4_EMPTY_HASH, view, &state) == OK);
    headers[sent.header_count - 2].value = LIT("other");
    MUST(sigv4_check(arena, &sent, &claim, SIGV4_EMPTY_HASH, view, &state) == SIGV4_MISMATCH);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct arena *arena = arena_open(1 << 24);
    struct bytes rest = {at, n}, target = line(&rest), authorization = line(&rest);
    struct pair headers[MOST];
    struct sigv4_request request = {.method = LIT("POST"), .headers = headers};
    struct sigv4_claim claim;

    if (bytes_cut(&target, '?', &request.path))
        request.query = target;
    else
        request.path = target;
    while (rest.n > 0 && request.header_count < MOST) {
        struct pair *header = &headers[request.header_count++];

        header->value = line(&rest);
        if (!bytes_cut(&header->value, ':', &header->name))
            header->name = LIT("x");
    }
    sigv4_read_header(authorization, headers, request.header_count, &claim);
    try_claim(arena, &request, &claim);
    if (sigv4_read_query(arena, request.query, &claim) == OK)
        try_claim(arena, &request, &claim);
    try_client(arena, &request);
    arena_close(arena);
    return 0;
}
