/* sigv4: AWS Signature Version 4, made and checked by the same code. Every step leaves what it made
 * in a visible state (struct sigv4), so that a wrong signature can be shown line by line.
 *
 * It says what a request claims and whether the signature holds; which claims are acceptable (age,
 * region, service, what has to be signed) is the server's to judge, in its own order.
 *
 *     sigv4_read_header(authorization, headers, n, &claim);     look at it, find the key, then
 *     TRY(sigv4_check(arena, &request, &claim, payload_hash, key, &state)); */
#pragma once

#include "base/arena.h"
#include "base/sensitive.h"

enum { SIGV4_HASH = 64, SIGV4_KEY = 32 }; /* hex characters; bytes */

/* clang-format off */
extern const struct fault SIGV4_MISMATCH[1]; /* another signature than ours */
extern const struct fault SIGV4_HEADERS[1];  /* signed headers: not lower-case names in ascending order, or one is not in the request. To a caller: a mismatch */
extern const struct fault SIGV4_QUERY[1];    /* a query that does not decode, or with more than 128 parameters */
/* clang-format on */

struct sigv4_request {                /* as on the wire; header names in either case */
    struct bytes method, path, query; /* path not empty; query without '?' */
    const struct pair *headers;
    size_t header_count;
};

/* Bits, in the order of the complaints; the fifth and sixth of presigned requests only. */
enum sigv4_missing {
    SIGV4_NO_CREDENTIAL = 1,
    SIGV4_NO_SIGNATURE = 2,
    SIGV4_NO_SIGNED_HEADERS = 4,
    SIGV4_NO_DATE = 8,
    SIGV4_NO_ALGORITHM = 16,
    SIGV4_NO_EXPIRES = 32,
    SIGV4_REPEATED = 64, /* a part given twice: refuse */
};

/* What a request says of its signature: slices of it (or of the arena, when decoded). Absent parts
 * are NULL. Nothing in it is proven before sigv4_check. */
struct sigv4_claim {
    unsigned missing;        /* enum sigv4_missing */
    bool presigned;          /* in the query: X-Amz-Signature is not signed */
    bool as_is;              /* the path is taken as it is, not tidied (S3) */
    bool token_after;        /* presigned: X-Amz-Security-Token was added after signing */
    struct bytes algorithm;  /* "AWS4-HMAC-SHA256", or whatever stands there */
    struct bytes credential; /* all of it; below its parts, when there are exactly five */
    size_t credential_parts;
    struct bytes access_key_id, day, region, service, terminator;
    struct bytes scope;          /* day/region/service/terminator */
    struct bytes signed_headers; /* "content-type;host;x-amz-date" */
    struct bytes signature;
    struct bytes date; /* X-Amz-Date, else Date: as it stands; date_read_basic judges it */
    struct bytes expires, token; /* presigned: seconds in digits; session token, of either kind */
};

/* Parts in any order, with or without blanks behind the commas; unknown parts are passed over. */
void sigv4_read_header(struct bytes authorization, const struct pair *headers, size_t n,
                       struct sigv4_claim *);
/* The X-Amz-* parameters of a query (named exactly so, not percent-coded), their values decoded in
 * the arena. SIGV4_QUERY, ARENA_SPENT. */
fallible sigv4_read_query(struct arena *, struct bytes query, struct sigv4_claim *);
bool sigv4_is_presigned(struct bytes query); /* has X-Amz-Algorithm or X-Amz-Signature */

/* Is this header in the list of signed names? `name` in lower case. */
bool sigv4_is_signed(const struct sigv4_claim *, struct bytes name);
/* The next name of a list of signed names; false: no more. */
bool sigv4_next_signed(struct bytes *rest, struct bytes *name);

/* The visible state, made in this order, in the arena. */
struct sigv4 {
    struct bytes payload_hash; /* hex, as given */
    struct bytes canonical;    /* the canonical request, six parts by newlines */
    struct bytes scope;
    struct bytes to_sign; /* the string to sign */
    uint8_t signature[SIGV4_HASH];
};

/* SHA-256 of a body in hex. Of the empty one: SIGV4_EMPTY_HASH. */
void sigv4_payload_hash(struct bytes body, uint8_t to[SIGV4_HASH]);
extern const struct bytes SIGV4_EMPTY_HASH, SIGV4_ALGORITHM;

/* The steps. payload_hash: 64 hex digits (or what X-Amz-Content-SHA256 says). */
fallible sigv4_canonical(struct arena *, const struct sigv4_request *, const struct sigv4_claim *,
                         struct bytes payload_hash, struct sigv4 *);
fallible sigv4_to_sign(struct arena *, const struct sigv4_claim *, struct sigv4 *);
void sigv4_sign(struct sensitive_view key, struct sigv4 *);

/* All three, and the comparison, in constant time: SIGV4_MISMATCH; also SIGV4_HEADERS,
 * SIGV4_QUERY, ARENA_SPENT. `state` is filled as far as it came. */
fallible sigv4_check(struct arena *, const struct sigv4_request *, const struct sigv4_claim *,
                     struct bytes payload_hash, struct sensitive_view key, struct sigv4 *state);

/* The signing key of a day ("20150830"), region and service: SIGV4_KEY bytes into `to`, which is
 * best sensitive memory; what lies between is wiped. The secret: at most 256 bytes, else
 * SIGV4_MISMATCH. */
fallible sigv4_derive(struct sensitive_view secret, struct bytes day, struct bytes region,
                      struct bytes service, uint8_t to[SIGV4_KEY]);

/* --- for clients --- */

struct sigv4_signer {
    struct bytes access_key_id, token; /* token empty: none */
    struct sensitive_view secret;
    struct bytes region, service;
};

/* What has to be sent beside the request's own headers. */
struct sigv4_signed {
    struct pair
        headers[3]; /* X-Amz-Date, Authorization, and X-Amz-Security-Token when there is one */
    size_t header_count;
    struct sigv4 state;
};

/* Signs as boto3 does: every header but those that botocore never signs (connection, expect,
 * transfer-encoding, user-agent, x-amzn-trace-id ...), with X-Amz-Date (and the token) added. The
 * request has to carry Host, and none of these three. Headers: at most 64, with
 * names that are tokens, else SIGV4_HEADERS. */
fallible sigv4_sign_request(struct arena *, const struct sigv4_request *, struct bytes body,
                            const struct sigv4_signer *, int64_t now_ms, struct sigv4_signed *);
