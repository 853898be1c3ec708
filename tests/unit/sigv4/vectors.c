/* Every case of the public suite: signed in the header and in the query, checked, and signed anew
 * as a client does. The folder is named by SIGV4_VECTORS. */
#include "support/test.h"

#include "codec/date.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { CASES = 38, MOST_HEADERS = 16, LONGEST_FILE = 8192 };

struct example {
    struct arena *arena;
    const char *name;
    bool normalize, sign_body, omit_token;
    struct bytes access_key_id, secret, token, region, service, time;
    struct bytes body;
    struct pair headers[MOST_HEADERS];
    struct sigv4_request request;
};

static struct bytes read_whole(struct arena *arena, const char *name, const char *file)
{
    char path[512];
    uint8_t *at = arena_get(arena, LONGEST_FILE);
    FILE *in;
    size_t n;

    assert_in_range(snprintf(path, sizeof(path), "%s/%s/%s", getenv("SIGV4_VECTORS"), name, file),
                    1, 511);
    in = fopen(path, "rb");
    if (in == NULL || at == NULL)
        fail_msg("cannot read %s", path);
    n = fread(at, 1, LONGEST_FILE, in);
    fclose(in);
    assert_in_range(n, 1, LONGEST_FILE - 1);
    return (struct bytes){at, n};
}

static struct bytes *text_of(struct example *example, struct json_text name)
{
    const struct {
        struct bytes name, *place;
    } rows[] = {
        {LIT("access_key_id"), &example->access_key_id},
        {LIT("secret_access_key"), &example->secret},
        {LIT("token"), &example->token},
        {LIT("region"), &example->region},
        {LIT("service"), &example->service},
        {LIT("timestamp"), &example->time},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (json_text_is(name, rows[i].name))
            return rows[i].place;
    return NULL;
}

static void read_context(struct example *example, struct json *json)
{
    struct json_text name;
    struct json_value value;
    bool there;

    for (;;) {
        assert_ok(json_member(json, &name, &there));
        if (!there)
            return;
        assert_ok(json_value(json, &value));
        if (value.kind == JSON_IS_OBJECT)
            read_context(example, json);
        else if (json_text_is(name, LIT("normalize")))
            example->normalize = value.yes;
        else if (json_text_is(name, LIT("sign_body")))
            example->sign_body = value.yes;
        else if (json_text_is(name, LIT("omit_session_token")))
            example->omit_token = value.yes;
        else if (value.kind == JSON_IS_TEXT && text_of(example, name) != NULL)
            *text_of(example, name) = value.text.raw;
    }
}

/* A line; one that begins with a blank belongs to the line before. */
static struct bytes next_line(struct bytes *rest)
{
    struct bytes line, more;

    if (!bytes_cut(rest, '\n', &line)) {
        line = *rest;
        *rest = bytes_after(*rest, rest->n);
    }
    while (rest->n > 0 && rest->at[0] == ' ' && bytes_cut(rest, '\n', &more))
        line.n += more.n + 1;
    return line;
}

static void read_request(struct example *example, const char *file)
{
    struct bytes rest = read_whole(example->arena, example->name, file), line = next_line(&rest);

    example->request = (struct sigv4_request){.headers = example->headers};
    assert_true(bytes_cut(&line, ' ', &example->request.method));
    assert_true(bytes_ends(line, LIT(" HTTP/1.1")));
    line.n -= 9;
    if (bytes_cut(&line, '?', &example->request.path))
        example->request.query = line;
    else
        example->request.path = line;
    for (;;) {
        struct pair *header = &example->headers[example->request.header_count];

        line = next_line(&rest);
        if (line.n == 0)
            break;
        assert_true(++example->request.header_count < MOST_HEADERS);
        assert_true(bytes_cut(&line, ':', &header->name));
        header->value = line;
    }
    example->body = rest;
}

static struct bytes header(const struct example *example, const char *name)
{
    for (size_t i = 0; i < example->request.header_count; i++)
        if (bytes_same(example->headers[i].name, bytes_of(name)))
            return example->headers[i].value;
    fail_msg("%s: no header %s", example->name, name);
    return (struct bytes){0};
}

static struct example open_example(const char *name)
{
    struct example example = {.arena = arena_open(1 << 20), .name = name};
    struct json json = json_open(read_whole(example.arena, name, "context.json"));
    struct json_value value;

    assert_ok(json_value(&json, &value));
    assert_int_equal(value.kind, JSON_IS_OBJECT);
    read_context(&example, &json);
    assert_ok(json_end(&json));
    return example;
}

static struct sensitive_view view(struct bytes bytes)
{
    return (struct sensitive_view){bytes.at, bytes.n};
}

/* The claim holds, its state is as the suite says, and with one letter changed it does not. */
static void check(struct example *example, struct sigv4_claim *claim, const char *form)
{
    uint8_t key[SIGV4_KEY], hash[SIGV4_HASH], wrong[SIGV4_HASH];
    char file[64];
    struct sigv4 state;

    assert_int_equal(claim->missing & ~(unsigned)SIGV4_NO_EXPIRES, 0);
    assert_bytes(claim->algorithm, SIGV4_ALGORITHM);
    assert_int_equal(claim->credential_parts, 5);
    assert_bytes(claim->access_key_id, example->access_key_id);
    assert_bytes(claim->region, example->region);
    assert_bytes(claim->terminator, LIT("aws4_request"));
    claim->as_is = !example->normalize;
    claim->token_after = example->omit_token;
    assert_ok(sigv4_derive(view(example->secret), claim->day, claim->region, claim->service, key));
    sigv4_payload_hash(example->body, hash);
    assert_ok(sigv4_check(example->arena, &example->request, claim,
                          (struct bytes){hash, SIGV4_HASH}, (struct sensitive_view){key, SIGV4_KEY},
                          &state));
    (void)snprintf(file, sizeof(file), "%s-canonical-request.txt", form);
    assert_bytes(state.canonical, read_whole(example->arena, example->name, file));
    (void)snprintf(file, sizeof(file), "%s-string-to-sign.txt", form);
    assert_bytes(state.to_sign, read_whole(example->arena, example->name, file));
    (void)snprintf(file, sizeof(file), "%s-signature.txt", form);
    assert_bytes(((struct bytes){state.signature, SIGV4_HASH}),
                 read_whole(example->arena, example->name, file));

    memcpy(wrong, claim->signature.at, SIGV4_HASH);
    wrong[SIGV4_HASH - 1] ^= 1;
    claim->signature.at = wrong;
    assert_fault(sigv4_check(example->arena, &example->request, claim,
                             (struct bytes){hash, SIGV4_HASH},
                             (struct sensitive_view){key, SIGV4_KEY}, &state),
                 SIGV4_MISMATCH);
}

static void try_header(const char *name)
{
    struct example example = open_example(name);
    struct sigv4_claim claim;

    read_request(&example, "header-signed-request.txt");
    sigv4_read_header(header(&example, "Authorization"), example.headers,
                      example.request.header_count, &claim);
    assert_true(sigv4_is_signed(&claim, LIT("host")));
    assert_false(sigv4_is_signed(&claim, LIT("hos")));
    check(&example, &claim, "header");
    arena_close(example.arena);
}

static void try_query(const char *name)
{
    struct example example = open_example(name);
    struct sigv4_claim claim;

    read_request(&example, "query-signed-request.txt");
    assert_true(sigv4_is_presigned(example.request.query));
    assert_ok(sigv4_read_query(example.arena, example.request.query, &claim));
    assert_bytes(claim.expires, LIT("3600"));
    check(&example, &claim, "query");
    arena_close(example.arena);
}

/* What the suite's signer adds beside date and token. */
static void add_body_hash(struct example *example, uint8_t hash[SIGV4_HASH])
{
    struct pair *header = &example->headers[example->request.header_count];

    if (!example->sign_body)
        return;
    sigv4_payload_hash(example->body, hash);
    *header = (struct pair){LIT("x-amz-content-sha256"), {hash, SIGV4_HASH}};
    example->request.header_count++;
}

static void try_client(const char *name)
{
    struct example example = open_example(name);
    uint8_t hash[SIGV4_HASH];
    struct sigv4_signed out;
    struct sigv4_signer signer = {
        .access_key_id = example.access_key_id,
        .token = example.omit_token ? (struct bytes){0} : example.token,
        .secret = view(example.secret),
        .region = example.region,
        .service = example.service,
    };
    int64_t now;

    if (example.normalize) { /* the client knows no other way */
        assert_true(date_read_iso(example.time, &now));
        read_request(&example, "request.txt");
        add_body_hash(&example, hash);
        assert_ok(
            sigv4_sign_request(example.arena, &example.request, example.body, &signer, now, &out));
        assert_bytes(((struct bytes){out.state.signature, SIGV4_HASH}),
                     read_whole(example.arena, name, "header-signature.txt"));
        read_request(&example, "header-signed-request.txt");
        assert_bytes(out.headers[out.header_count - 1].name, LIT("Authorization"));
        assert_bytes(out.headers[out.header_count - 1].value, header(&example, "Authorization"));
    }
    arena_close(example.arena);
}

static void each_case(void (*try)(const char *name))
{
    const char *folder = getenv("SIGV4_VECTORS");
    DIR *all;
    struct dirent *entry;
    int n = 0;

    assert_non_null(folder);
    all = opendir(folder);
    assert_non_null(all);
    while ((entry = readdir(all)) != NULL) {
        if (strncmp(entry->d_name, "get-", 4) != 0 && strncmp(entry->d_name, "post-", 5) != 0)
            continue;
        print_message("  %s\n", entry->d_name);
        try(entry->d_name);
        n++;
    }
    closedir(all);
    assert_int_equal(n, CASES);
}

static void test_signed_in_the_header(void **state)
{
    (void)state;
    each_case(try_header);
}

static void test_signed_in_the_query(void **state)
{
    (void)state;
    each_case(try_query);
}

static void test_signed_by_our_client(void **state)
{
    (void)state;
    each_case(try_client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_in_the_header),
        cmocka_unit_test(test_signed_in_the_query),
        cmocka_unit_test(test_signed_by_our_client),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
