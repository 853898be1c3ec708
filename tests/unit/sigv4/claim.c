/* What a request claims is read in any order, and what is wrong with it is told. */
#include "support/test.h"

#include "sigv4/sigv4.h"

static const struct pair usual[] = {{LIT("host"), LIT("h")},
                                    {LIT("x-amz-date"), LIT("20150830T123600Z")}};

static struct sigv4_claim read_usual(const char *authorization)
{
    struct sigv4_claim claim;

    sigv4_read_header(bytes_of(authorization), usual, 2, &claim);
    return claim;
}

static void test_parts_in_any_order(void **state)
{
    static const char *const same[] = {
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host;x-amz-date, "
        "Signature=00",
        "AWS4-HMAC-SHA256 "
        "Signature=00,SignedHeaders=host;x-amz-date,Credential=A/20150830/r/s/aws4_request",
        " AWS4-HMAC-SHA256   SignedHeaders=host;x-amz-date ,\tOther=1,Signature=00 "
        ",Credential=A/20150830/r/s/aws4_request ",
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct sigv4_claim claim = read_usual(same[i]);

        assert_int_equal(claim.missing, 0);
        assert_bytes(claim.algorithm, SIGV4_ALGORITHM);
        assert_bytes(claim.access_key_id, LIT("A"));
        assert_bytes(claim.day, LIT("20150830"));
        assert_bytes(claim.scope, LIT("20150830/r/s/aws4_request"));
        assert_bytes(claim.signature, LIT("00"));
        assert_bytes(claim.date, LIT("20150830T123600Z"));
        assert_true(sigv4_is_signed(&claim, LIT("x-amz-date")));
        assert_false(sigv4_is_signed(&claim, LIT("x-amz-target")));
    }
}

/* A name that begins or ends another one is another one. */
static void test_signed_names_are_whole(void **state)
{
    const struct sigv4_claim claim = {.signed_headers = LIT("content-type;host;x-amz-date-x")};

    (void)state;
    assert_true(sigv4_is_signed(&claim, LIT("content-type")));
    assert_true(sigv4_is_signed(&claim, LIT("host")));
    assert_true(sigv4_is_signed(&claim, LIT("x-amz-date-x")));
    assert_false(sigv4_is_signed(&claim, LIT("content")));
    assert_false(sigv4_is_signed(&claim, LIT("type")));
    assert_false(sigv4_is_signed(&claim, LIT("x-amz-date")));
    assert_false(sigv4_is_signed(&claim, LIT("date-x")));
    assert_false(sigv4_is_signed(&claim, LIT("x-amz-date-x-y")));
    assert_false(sigv4_is_signed(&(struct sigv4_claim){0}, LIT("host")));
    assert_false(sigv4_is_signed(&(struct sigv4_claim){.signed_headers = LIT("host;")}, LIT("h")));
}

static void test_missing_parts(void **state)
{
    struct sigv4_claim claim;

    (void)state;
    assert_int_equal(read_usual("AWS4-HMAC-SHA256").missing,
                     SIGV4_NO_CREDENTIAL | SIGV4_NO_SIGNATURE | SIGV4_NO_SIGNED_HEADERS);
    assert_int_equal(
        read_usual("AWS4-HMAC-SHA256 Credential=, Signature=1, SignedHeaders=h").missing,
        SIGV4_NO_CREDENTIAL);
    sigv4_read_header(LIT("AWS4-HMAC-SHA256 Credential=a/b, Signature=1, SignedHeaders=h"), NULL, 0,
                      &claim);
    assert_int_equal(claim.missing, SIGV4_NO_DATE);
    assert_int_equal(claim.credential_parts, 2);
    assert_null(claim.access_key_id.at);
    assert_bytes(read_usual("Bearer x").algorithm, LIT("Bearer"));
    sigv4_read_header((struct bytes){0}, NULL, 0, &claim);
    assert_int_equal(claim.algorithm.n, 0);
}

static void test_repeated_parts(void **state)
{
    const struct pair twice[] = {usual[1], usual[1]};
    struct sigv4_claim claim;

    (void)state;
    assert_true(read_usual("AWS4-HMAC-SHA256 Signature=1, Signature=2").missing & SIGV4_REPEATED);
    sigv4_read_header(LIT("AWS4-HMAC-SHA256 Signature=1"), twice, 2, &claim);
    assert_true(claim.missing & SIGV4_REPEATED);
}

static void test_amz_date_wins(void **state)
{
    const struct pair headers[] = {{LIT("Date"), LIT("d")}, {LIT("X-Amz-Date"), LIT("a")}};
    struct sigv4_claim claim;

    (void)state;
    sigv4_read_header(LIT("x"), headers, 2, &claim);
    assert_bytes(claim.date, LIT("a"));
    sigv4_read_header(LIT("x"), headers, 1, &claim);
    assert_bytes(claim.date, LIT("d"));
}

static void test_presigned(void **state)
{
    struct arena *arena = arena_open(10000);
    struct sigv4_claim claim;

    (void)state;
    assert_false(sigv4_is_presigned(LIT("a=b&c")));
    assert_ok(sigv4_read_query(
        arena, LIT("X-Amz-Credential=a%2Fb%2Fc%2Fd%2Fe&X-Amz-Date=1&X-Amz-Date=2"), &claim));
    assert_bytes(claim.service, LIT("d"));
    assert_int_equal(claim.missing, SIGV4_NO_SIGNATURE | SIGV4_NO_SIGNED_HEADERS |
                                        SIGV4_NO_ALGORITHM | SIGV4_NO_EXPIRES | SIGV4_REPEATED);
    assert_fault(sigv4_read_query(arena, LIT("X-Amz-Date=%zz"), &claim), SIGV4_QUERY);
    arena_close(arena);
}

static fallible canonical_of(struct arena *arena, const char *path, const char *query,
                             const char *list, struct sigv4 *state)
{
    struct sigv4_request request = {.method = LIT("GET"),
                                    .path = bytes_of(path),
                                    .query = bytes_of(query),
                                    .headers = usual,
                                    .header_count = 2};
    struct sigv4_claim claim = {.signed_headers = bytes_of(list)};

    return sigv4_canonical(arena, &request, &claim, LIT("p"), state);
}

static void test_signed_headers_are_a_list_in_order(void **state)
{
    struct arena *arena = arena_open(100000);
    struct sigv4 made;

    (void)state;
    assert_ok(canonical_of(arena, "/", "", "host;x-amz-date", &made));
    assert_fault(canonical_of(arena, "/", "", "x-amz-date;host", &made), SIGV4_HEADERS);
    assert_fault(canonical_of(arena, "/", "", "host;host", &made), SIGV4_HEADERS);
    assert_fault(canonical_of(arena, "/", "", "Host", &made), SIGV4_HEADERS);
    assert_fault(canonical_of(arena, "/", "", "host;", &made), SIGV4_HEADERS);
    assert_fault(canonical_of(arena, "/", "", ";host", &made), SIGV4_HEADERS);
    assert_fault(canonical_of(arena, "/", "", "host;other", &made), SIGV4_HEADERS);
    arena_close(arena);
}

static void test_path_and_query(void **state)
{
    static const char *const rows[][3] = {
        {"/a%20b/c", "", "GET\n/a%2520b/c\n\nhost:h\n\nhost\np"},
        {"/../..", "", "GET\n/\n\nhost:h\n\nhost\np"},
        {"/a/./b//../c/", "", "GET\n/a/c/\n\nhost:h\n\nhost\np"},
        {"/", "b=2&a=2&a=1&c&&d=%2f+%20", "GET\n/\na=1&a=2&b=2&c=&d=%2F%2B%20\nhost:h\n\nhost\np"},
        {"/", "X-Amz-Signature=1", "GET\n/\nX-Amz-Signature=1\nhost:h\n\nhost\np"},
    };
    struct arena *arena = arena_open(100000);
    struct sigv4 made;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(canonical_of(arena, rows[i][0], rows[i][1], "host", &made));
        assert_bytes(made.canonical, bytes_of(rows[i][2]));
    }
    assert_fault(canonical_of(arena, "/", "a=%1", "host", &made), SIGV4_QUERY);
    arena_close(arena);
}

static void test_too_many_parameters(void **state)
{
    struct arena *arena = arena_open(100000);
    char query[2 * 129 + 1] = {0};
    struct sigv4 made;

    (void)state;
    for (size_t i = 0; i < 129; i++)
        memcpy(query + 2 * i, "a&", 2);
    assert_fault(canonical_of(arena, "/", query, "host", &made), SIGV4_QUERY);
    query[2 * 128] = '\0';
    assert_ok(canonical_of(arena, "/", query, "host", &made));
    arena_close(arena);
}

static void test_spent_memory_is_told(void **state)
{
    struct arena *arena = arena_open(64);
    struct sigv4 made;

    (void)state;
    assert_fault(canonical_of(arena, "/", "a=b", "host", &made), ARENA_SPENT);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_in_any_order),
        cmocka_unit_test(test_signed_names_are_whole),
        cmocka_unit_test(test_missing_parts),
        cmocka_unit_test(test_repeated_parts),
        cmocka_unit_test(test_amz_date_wins),
        cmocka_unit_test(test_presigned),
        cmocka_unit_test(test_signed_headers_are_a_list_in_order),
        cmocka_unit_test(test_path_and_query),
        cmocka_unit_test(test_too_many_parameters),
        cmocka_unit_test(test_spent_memory_is_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
