/* The tables of wire/ against the structs that they speak of, and the small deciders beside
 * them. */
#include "core/identity/identity.h"
#include "core/perform.h"
#include "core/region.h"
#include "core/secrets/secrets.h"
#include "net/door.h"
#include "support/test.h"
#include "wire/aws/patterns.h"
#include "wire/aws/service.h"
#include "wire/native/native.h"
#include "wire/sentence.h"

static size_t size_of(enum kind kind)
{
    static const size_t sizes[] = {
        [KIND_TEXT] = sizeof(struct bytes),
        [KIND_SENSITIVE] = sizeof(struct sensitive *),
        [KIND_INT] = sizeof(int64_t),
        [KIND_BOOL] = sizeof(bool),
        [KIND_MAYBE_INT] = sizeof(struct maybe_int),
        [KIND_MAYBE_BOOL] = sizeof(struct maybe_bool),
        [KIND_TIME] = sizeof(struct moment),
        [KIND_CHOICE] = sizeof(int),
        [KIND_LIST] = sizeof(struct list),
        [KIND_GROUP] = 0,
    };

    return sizes[kind];
}

/* A row of another operation's struct shows itself by reaching past the end, or by two rows for one
 * place. */
static void rows_fit(const char *route, const struct field *rows, size_t size)
{
    for (const struct field *row = rows; row->wire.at != NULL; row++) {
        assert_true(row->member.kind >= KIND_TEXT && row->member.kind <= KIND_GROUP);
        if (row->member.offset + size_of(row->member.kind) > size)
            fail_msg("%s: %.*s reaches past its struct", route, (int)row->wire.n,
                     (const char *)row->wire.at);
        if (row->member.kind == KIND_LIST)
            rows_fit(route, row->each->rows, row->each->size);
        if (row->member.kind == KIND_GROUP)
            rows_fit(route, row->each->rows, size);
        for (const struct field *other = rows; other < row; other++) {
            assert_false(other->wire.n > 0 && bytes_same(other->wire, row->wire));
            assert_false(other->member.offset == row->member.offset &&
                         row->member.kind != KIND_GROUP);
        }
        assert_true(row - rows < 64);
    }
}

/* The writer of XML knows no other spelling. */
static void nothing_is_base64(const struct field *rows)
{
    for (const struct field *row = rows; row->wire.at != NULL; row++) {
        assert_true(row->spelling != AS_BASE64);
        if (row->each != NULL)
            nothing_is_base64(row->each->rows);
    }
}

static void look_at_route(void *ctx, const struct protocol *protocol, const char *service,
                          const struct route *route)
{
    int *n = ctx;

    (void)service;
    (*n)++;
    assert_non_null(route->operation->run);
    rows_fit(route->name, route->in->rows, route->operation->in_size);
    rows_fit(route->name, route->out->rows, route->operation->out_size);
    assert_false(route->operation->open); /* the list of those that anybody may call: empty */
    if (route->operation->unjudged)       /* and of those that no policy can take away */
        assert_true(strcmp(route->name, "GetCallerIdentity") == 0 ||
                    strcmp(route->name, "GetSessionToken") == 0);
    if (protocol == &protocol_native)
        assert_string_equal(route->name, route->operation->name);
    else
        assert_false(route->operation->local);
    if (protocol == &protocol_aws_query)
        nothing_is_base64(route->out->rows);
}

static void every_row_fits_its_struct(void **state)
{
    int n = 0;

    (void)state;
    protocol_each_route(look_at_route, &n);
    assert_true(n >= 9 + 12);
}

/* The Action alone says which service is asked. */
static void an_action_belongs_to_one_service(void **state)
{
    (void)state;
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        for (const struct route *r = s->routes; s->version != NULL && r->name != NULL; r++)
            for (const struct aws_service *t = s + 1; t->name != NULL; t++)
                assert_true(t->version == NULL || aws_route(t, bytes_of(r->name)) == NULL);
}

static void names_of_a_service_are_in_order(void **state)
{
    (void)state;
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        for (const struct route *r = s->routes; r[0].name != NULL && r[1].name != NULL; r++)
            assert_true(strcmp(r[0].name, r[1].name) < 0);
}

static void every_fault_has_a_row(void **state)
{
    static const enum fault_class classes[] = {FAULT_CALLER, FAULT_UNKNOWN, FAULT_DENIED,
                                               FAULT_ABSENT, FAULT_STATE,   FAULT_LIMIT,
                                               FAULT_AGAIN,  FAULT_INTERNAL};

    (void)state;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        const struct fault odd = {.class = classes[i], .name = "odd", .text = "Odd."};

        assert_non_null(aws_fault_row(NULL, &odd));
        for (const struct aws_service *s = aws_services; s->name != NULL; s++)
            assert_true((aws_fault_row(s, &odd)->status >= 500) ==
                        (classes[i] == FAULT_INTERNAL || classes[i] == FAULT_AGAIN));
    }
    assert_string_equal(aws_fault_row(&aws_services[0], SECRET_ABSENT)->code,
                        "ResourceNotFoundException");
    assert_string_equal(aws_fault_row(&aws_services[0], IDENTITY_UNKNOWN)->code,
                        "UnrecognizedClientException");
    assert_string_equal(aws_fault_row(&aws_services[0], SENSITIVE_FULL)->code,
                        "ThrottlingException");
    assert_string_equal(aws_fault_row(&aws_services[0], DOOR_SHARE)->code, "ThrottlingException");
    assert_string_equal(aws_fault_row(NULL, DOOR_BODIES)->code, "ThrottlingException");
    assert_string_equal(aws_fault_row(&aws_services[1], DOOR_BODIES)->code, "Throttling");
    assert_string_equal(aws_fault_row(&aws_services[0], NOBODY)->code,
                        "UnrecognizedClientException");
}

static void regions_are_told_by_their_names(void **state)
{
    static const char *const formed[] = {"us-east-1",     "eu-central-1",   "us-gov-west-1",
                                         "cn-north-1",    "us-isob-east-1", "ap-southeast-12",
                                         "eusc-de-east-1"};
    static const char *const not_formed[] = {
        "",          "us",       "us-1",         "us-east", "us-east-",   "us-east-123",
        "US-east-1", "u-east-1", "abcde-east-1", "us--1",   "us-east-1 ", "us-east-1\n",
        "us-e4st-1", "-east-1"};
    const struct {
        const char *region, *partition;
    } partitions[] = {{"eu-central-1", "aws"},         {"cn-north-1", "aws-cn"},
                      {"us-gov-west-1", "aws-us-gov"}, {"us-iso-east-1", "aws-iso"},
                      {"us-isob-east-1", "aws-iso-b"}, {"us-east-1", "aws"}};

    (void)state;
    for (size_t i = 0; i < sizeof(formed) / sizeof(formed[0]); i++)
        assert_true(region_formed(bytes_of(formed[i])));
    for (size_t i = 0; i < sizeof(not_formed) / sizeof(not_formed[0]); i++)
        assert_false(region_formed(bytes_of(not_formed[i])));
    for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++)
        assert_bytes(region_partition(bytes_of(partitions[i].region)),
                     bytes_of(partitions[i].partition));
    assert_true(region_is_first(&(struct house){.region = LIT("eu-west-1")}, LIT("us-east-1")));
    assert_false(region_is_first(&(struct house){.region = LIT("eu-west-1")}, LIT("eu-west-1")));
    assert_true(region_is_first(&(struct house){.region = LIT("cn-north-9")}, LIT("cn-north-1")));
    assert_false(region_is_first(&(struct house){.region = LIT("cn-north-1")}, LIT("us-east-1")));
}

static void patterns_hold_what_they_say(void **state)
{
    (void)state;
    assert_true(pattern_region.fits(LIT("us-east-1")) && pattern_region.fits(LIT("a-22")));
    assert_false(pattern_region.fits(LIT("us-east-")) || pattern_region.fits(LIT("1")) ||
                 pattern_region.fits(LIT("-1")));
    assert_true(pattern_token.fits(LIT("a-B9")));
    assert_false(pattern_token.fits(LIT("")) || pattern_token.fits(LIT("a_b")) ||
                 pattern_token.fits(LIT("a\0b")));
    assert_true(pattern_filter_value.fits(LIT("")) &&
                pattern_filter_value.fits(LIT("!a B:_@/+=.-9")));
    assert_false(pattern_filter_value.fits(LIT("a*")) || pattern_filter_value.fits(LIT("\0")));
}

static void sentences_are_filled(void **state)
{
    const struct fault fault[1] = {
        {.class = FAULT_STATE, .name = "x", .text = "The {} and the {}."}};
    const struct bytes subjects[] = {LIT("first {}"), LIT("second")};
    struct call c = {.arena = arena_open(4096)};

    (void)state;
    assert_bytes(sentence(&c, NULL, fault), LIT("The {} and the {}."));
    c.subjects = (struct texts){subjects, 2};
    assert_bytes(sentence(&c, NULL, fault), LIT("The first {} and the second."));
    assert_bytes(sentence(&c, "Only {}", fault), LIT("Only first {}"));
    c.subjects.n = 1;
    assert_bytes(sentence(&c, NULL, fault), LIT("The first {} and the ."));
    assert_bytes(sentence(&c, "", fault), LIT(""));
    c.detail = LIT("Said already.");
    assert_bytes(sentence(&c, NULL, fault), LIT("Said already."));
    assert_bytes(sentence(&c, "", fault), LIT("Said already."));
    assert_bytes(sentence(&c, "Only {}", fault), LIT("Only first {}"));
    arena_close(c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_fits_its_struct),
        cmocka_unit_test(names_of_a_service_are_in_order),
        cmocka_unit_test(an_action_belongs_to_one_service),
        cmocka_unit_test(every_fault_has_a_row),
        cmocka_unit_test(regions_are_told_by_their_names),
        cmocka_unit_test(patterns_hold_what_they_say),
        cmocka_unit_test(sentences_are_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
