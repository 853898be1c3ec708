/* tags: given, changed, taken away; what they may be; how many there may be. */
#include "nouns_kit.h"
#include "support/each_fault.h"

#include <stdio.h>

enum { USUAL = 50 };
#define TOKEN "11111111-1111-1111-1111-111111111111"

static struct secret_item item;
static struct nothing none;

static const struct fault *make(const char *name, const struct pair *tags, size_t n)
{
    struct secret_create_out out;
    const struct secret_create_in in = {
        .name = bytes_of(name), .token = LIT(TOKEN), .tags = {tags, n}};

    return ask(&secret_create, &in, &out);
}

static const struct fault *tag(const char *id, const struct pair *tags, size_t n)
{
    const struct secret_tag_in in = {.id = bytes_of(id), .tags = {tags, n}};

    return ask(&secret_tag, &in, &none);
}

static const struct fault *untag(const char *id, const struct bytes *keys, size_t n)
{
    const struct secret_untag_in in = {.id = bytes_of(id), .keys = {keys, n}};

    return ask(&secret_untag, &in, &none);
}

/* As "key=value " for each, in order. */
static void tags_are(const char *id, const char *wanted)
{
    const struct secret_describe_in in = {.id = bytes_of(id)};
    char said[256] = "";

    assert_ok(ask(&secret_describe, &in, &item));
    for (size_t i = 0; i < item.tags.n; i++)
        snprintf(said + strlen(said), sizeof said - strlen(said), "%.*s=%.*s ",
                 (int)item.tags.at[i].name.n, (const char *)item.tags.at[i].name.at,
                 (int)item.tags.at[i].value.n, (const char *)item.tags.at[i].value.at);
    assert_string_equal(said, wanted);
}

static void test_given_changed_and_taken(void **state)
{
    const struct pair first[] = {{LIT("a"), LIT("1")}, {LIT("b"), LIT("2")}},
                      second[] = {{LIT("c"), LIT("3")}, {LIT("a"), LIT("")}};
    const struct bytes gone[] = {LIT("b"), LIT("nobody"), LIT("b")};

    (void)state;
    assert_ok(make("t", NULL, 0));
    nouns.now += 1000;
    assert_ok(tag("t", first, 2));
    tags_are("t", "a=1 b=2 ");
    assert_int_equal(item.last_changed.ms, nouns.now);
    assert_ok(tag("t", second, 2));
    tags_are("t", "a= b=2 c=3 ");
    assert_ok(untag("t", gone, 3));
    tags_are("t", "a= c=3 ");
}

static void test_nothing_to_do_changes_nothing(void **state)
{
    const struct pair first = {LIT("a"), LIT("1")};
    const struct bytes nobody = LIT("nobody");
    const int64_t then = nouns.now;

    (void)state;
    assert_ok(make("t", &first, 1));
    nouns.now += 1000;
    assert_ok(untag("t", &nobody, 1));
    assert_ok(untag("t", NULL, 0));
    assert_ok(tag("t", NULL, 0));
    tags_are("t", "a=1 ");
    assert_int_equal(item.last_changed.ms, then);
}

static void test_update_leaves_them(void **state)
{
    const struct pair first = {LIT("a"), LIT("1")};
    const struct secret_update_in in = {
        .id = LIT("t"), .token = LIT(TOKEN), .description = LIT("new")};
    struct secret_update_out out;

    (void)state;
    assert_ok(make("t", &first, 1));
    assert_ok(ask(&secret_update, &in, &out));
    tags_are("t", "a=1 ");
}

static void test_what_is_refused(void **state)
{
    const struct pair twice[] = {{LIT("k"), LIT("1")}, {LIT("k"), LIT("2")}},
                      ours[] = {{LIT("ok"), LIT("1")}, {LIT("Aws:k"), LIT("1")}};
    const struct bytes reserved = LIT("aws:stack");
    const struct secret_delete_in gone = {.id = LIT("t")};
    struct secret_delete_out out;

    (void)state;
    assert_fault(tag("t", twice, 1), SECRET_ABSENT);
    assert_fault(untag("t", &reserved, 1), SECRET_ABSENT);
    assert_ok(make("t", NULL, 0));
    assert_fault(tag("t", twice, 2), SECRET_TAG_TWICE);
    assert_bytes(subject(0), LIT("k"));
    assert_fault(tag("t", ours, 2), SECRET_TAG_RESERVED);
    assert_bytes(subject(0), LIT("Aws:k"));
    assert_fault(untag("t", &reserved, 1), SECRET_TAG_RESERVED);
    tags_are("t", "");
    assert_ok(ask(&secret_delete, &gone, &out));
    assert_fault(tag("t", twice, 1), SECRET_DELETED);
    assert_fault(untag("t", &twice[0].name, 1), SECRET_DELETED);
}

static void many(struct pair *tags, char (*names)[8], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "k%zu", i);
        tags[i] = (struct pair){bytes_of(names[i]), LIT("v")};
    }
}

static void try_both_sides(size_t most)
{
    struct pair tags[256];
    char names[256][8];

    many(tags, names, most + 1);
    assert_fault(make("t", tags, most + 1), SECRET_TAGS_FULL);
    assert_ok(make("t", tags, most));
    assert_ok(tag("t", tags, most)); /* the same again */
    assert_fault(tag("t", tags + most, 1), SECRET_TAGS_FULL);
    assert_ok(untag("t", &tags[0].name, 1));
    assert_ok(tag("t", tags + most, 1));
    assert_fault(tag("t", tags, 1), SECRET_TAGS_FULL);
}

static void test_fifty(void **state)
{
    (void)state;
    try_both_sides(USUAL);
}

/* All that a secret may have goes in one transaction. */
static void test_the_most_of_all_can_go(void **state)
{
    const struct secret_delete_in gone = {.id = LIT("t"), .force = {true, true}};
    struct secret_delete_out out;
    struct pair tags[200];
    char names[200][8], token[64];

    (void)state;
    nouns.house.house.limits.set[LIMIT_TAGS] = limit_rows[LIMIT_TAGS].most;
    nouns.house.house.limits.set[LIMIT_VERSIONS] = limit_rows[LIMIT_VERSIONS].most;
    many(tags, names, 200);
    assert_ok(make("t", tags, 200));
    for (size_t i = 0; i < limit_rows[LIMIT_VERSIONS].most; i++) {
        const struct secret_put_in in = {
            .id = LIT("t"), .token = {(uint8_t *)token, 36}, .text = value_of("x")};
        struct secret_put_out put;

        snprintf(token, sizeof token, "token-%024zu-%05zu", i, i);
        assert_ok(ask(&secret_put, &in, &put));
    }
    for (size_t i = 0; i < 200; i++)
        tags[i].value = LIT("other");
    assert_ok(tag("t", tags, 200));
    assert_ok(ask(&secret_delete, &gone, &out));
    for (const char *table = "svxl"; *table != '\0'; table++)
        assert_int_equal(nouns_records(*table), 0);
}

static void test_as_many_as_the_operator_says(void **state)
{
    (void)state;
    nouns.house.house.limits.set[LIMIT_TAGS] = 60;
    try_both_sides(60);
}

static bool try_tag(void *ctx)
{
    const struct pair second = {LIT("b"), LIT("2")};

    (void)ctx;
    return tag("f", &second, 1) == OK;
}

static void one_or_two(void *ctx, bool succeeded)
{
    const struct secret_describe_in in = {.id = LIT("f")};
    const struct bytes second = LIT("b");

    (void)ctx;
    assert_ok(ask(&secret_describe, &in, &item));
    assert_true(item.tags.n == 2 || (item.tags.n == 1 && !succeeded));
    assert_ok(untag("f", &second, 1));
}

static void test_each_fault_of_tag(void **state)
{
    const struct pair first = {LIT("a"), LIT("1")};

    (void)state;
    assert_ok(make("f", &first, 1));
    assert_true(each_fault("secret.tag", try_tag, one_or_two, NULL) > 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_given_changed_and_taken),
        CASE(test_nothing_to_do_changes_nothing),
        CASE(test_update_leaves_them),
        CASE(test_what_is_refused),
        CASE(test_fifty),
        CASE(test_as_many_as_the_operator_says),
        CASE(test_the_most_of_all_can_go),
        CASE(test_each_fault_of_tag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
