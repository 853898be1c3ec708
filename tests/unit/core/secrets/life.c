/* life: each operation on a secret: what it does, and each way in which it refuses. */
#include "core/latest.h"
#include "nouns_kit.h"

#include "support/each_fault.h"

#include <stdio.h>

#define V1 "11111111-1111-1111-1111-111111111111"
#define V2 "22222222-2222-2222-2222-222222222222"
#define V3 "33333333-3333-3333-3333-333333333333"

static const int64_t day = 24 * 60 * 60 * 1000;

static const struct fault *create(const char *name, const char *token, const char *value,
                                  struct secret_create_out *out)
{
    struct secret_create_out unused;
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = bytes_of(token),
                                        .text = value != NULL ? value_of(value) : NULL};

    return ask(&secret_create, &in, out != NULL ? out : &unused);
}

static const struct fault *put(const char *id, const char *token, const char *value,
                               const char *stage)
{
    const struct bytes stages[] = {bytes_of(stage)};
    struct secret_put_out out;
    const struct secret_put_in in = {.id = bytes_of(id),
                                     .token = bytes_of(token),
                                     .text = value != NULL ? value_of(value) : NULL,
                                     .stages = {stages, stage != NULL}};

    return ask(&secret_put, &in, &out);
}

static struct secret_read_out got;

static const struct fault *fetch(struct bytes id, const char *version, const char *stage)
{
    const struct secret_read_in in = {
        .id = id, .version = bytes_of(version), .stage = bytes_of(stage)};

    return ask(&secret_read, &in, &got);
}

static const struct fault *read(const char *id)
{
    return fetch(bytes_of(id), NULL, NULL);
}

static const struct fault *erase(const char *id, int64_t days, bool force)
{
    struct secret_delete_out out;
    const struct secret_delete_in in = {
        .id = bytes_of(id), .window_days = {days, days != 0}, .force = {force, force}};

    return ask(&secret_delete, &in, &out);
}

/* --- create and read --- */

static void test_created_is_read(void **state)
{
    struct secret_create_out out;

    (void)state;
    assert_ok(create("app/db", V1, "hunter2", &out));
    assert_true(
        bytes_begins(out.arn, LIT("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-")));
    assert_int_equal(
        out.arn.n, sizeof "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-XXXXXX" - 1);
    assert_bytes(out.version, LIT(V1));
    assert_ok(read("app/db"));
    assert_value(got.text, "hunter2");
    assert_null(got.binary);
    assert_bytes(got.name, LIT("app/db"));
    assert_int_equal(got.stages.n, 1);
    assert_bytes(got.stages.at[0], LIT("AWSCURRENT"));
    assert_int_equal(got.created.ms, nouns.now);
}

static void test_binary_comes_back_as_binary(void **state)
{
    const struct secret_create_in in = {
        .name = LIT("b"), .token = LIT(V1), .binary = value_of("\x01\x02")};
    struct secret_create_out out;

    (void)state;
    assert_ok(ask(&secret_create, &in, &out));
    assert_ok(read("b"));
    assert_null(got.text);
    assert_value(got.binary, "\x01\x02");
}

static void test_names_and_arns(void **state)
{
    struct secret_create_out out;
    char arn[128], other[128];

    (void)state;
    assert_ok(create("app/db", V1, "x", &out));
    snprintf(arn, sizeof arn, "%.*s", (int)out.arn.n, (const char *)out.arn.at);
    assert_ok(read(arn));
    arn[strlen(arn) - 7] = '\0'; /* without the six characters */
    assert_ok(read(arn));
    snprintf(other, sizeof other, "%s-AAAAAA", arn);
    assert_fault(read(other), SECRET_ABSENT);
    assert_fault(read("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/d"), SECRET_ABSENT);
    assert_fault(read("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db"),
                 SECRET_ABSENT);
    assert_fault(read("arn:aws:kms:eu-west-1:123456789012:secret:app/db"), SECRET_ABSENT);
    assert_fault(read("arn:aws:secretsmanager:eu-west-1:999999999999:secret:app/db"), DENIED);
    assert_fault(read("arn:"), SECRET_ABSENT);
    assert_fault(read("nothing"), SECRET_ABSENT);
    assert_fault(read("a b"), SECRET_NAME);
    assert_fault(read("a*"), SECRET_NAME);
}

/* A name that ends as an ARN does: its partial ARN is taken for a whole one, and nothing is
 * guessed. */
static void test_name_with_an_arns_end(void **state)
{
    struct secret_create_out out;
    char arn[128];

    (void)state;
    assert_ok(create("db-abcdef", V1, "x", &out));
    snprintf(arn, sizeof arn, "%.*s", (int)out.arn.n, (const char *)out.arn.at);
    assert_ok(read("db-abcdef"));
    assert_ok(read(arn));
    arn[strlen(arn) - 7] = '\0';
    assert_fault(read(arn), SECRET_ABSENT);
}

static void test_create_refuses(void **state)
{
    static const char *const foreign[] = {
        "alias/mine",
        "alias/aws/secretsmanage",
        "alias/aws/secretsmanager2",
        "arn:aws:kms:eu-west-1:999999999999:alias/aws/secretsmanager",
        "arn:aws:kms:us-east-1:123456789012:alias/aws/secretsmanager",
        "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111",
        "arn:aws:kms:eu-west-1:123456789012:alias/aws/ssm",
        "11111111-1111-1111-1111-111111111111",
    };
    const struct pair twice[] = {{LIT("k"), LIT("1")}, {LIT("k"), LIT("2")}},
                      ours[] = {{LIT("AWS:k"), LIT("1")}};
    struct secret_create_in in = {.name = LIT("t"), .token = LIT(V1), .tags = {twice, 2}};
    struct secret_create_out out;

    (void)state;
    assert_fault(create("a b", V1, "x", NULL), SECRET_NAME);
    assert_fault(create("a", NULL, "x", NULL), SECRET_TOKEN_MISSING);
    assert_fault(ask(&secret_create, &in, &out), SECRET_TAG_TWICE);
    in.tags = (struct pairs){ours, 1};
    assert_fault(ask(&secret_create, &in, &out), SECRET_TAG_RESERVED);
    in.tags = (struct pairs){0};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        in.kms_key = bytes_of(foreign[i]);
        assert_fault(ask(&secret_create, &in, &out), SECRET_KMS_KEY);
    }
    in.kms_key = LIT("alias/aws/secretsmanager");
    in.text = in.binary = value_of("x");
    assert_fault(ask(&secret_create, &in, &out), SECRET_TWO_VALUES);
    in.binary = NULL;
    in.cross_account_primary = LIT("arn:aws:secretsmanager:eu-west-1:999999999999:secret:a-aaaaaa");
    assert_fault(ask(&secret_create, &in, &out), SECRET_BEYOND);
    assert_bytes(subject(0), LIT("CrossAccountPrimaryARN"));
    assert_int_equal(nouns_records('s'), 0);
    assert_int_equal(nouns_records('v'), 0);
}

static void test_create_again(void **state)
{
    struct secret_create_out first, again;
    char arn[128];

    (void)state;
    assert_ok(create("a", V1, "x", &first));
    snprintf(arn, sizeof arn, "%.*s", (int)first.arn.n, (const char *)first.arn.at);
    assert_ok(create("a", V1, "x", &again));
    assert_bytes(again.arn, bytes_of(arn));
    assert_bytes(again.version, LIT(V1));
    assert_fault(create("a", V1, "y", NULL), SECRET_TOKEN_USED);
    assert_bytes(subject(0), LIT(V1));
    assert_bytes(subject(1), bytes_of(arn));
    assert_fault(create("a", V2, "x", NULL), SECRET_EXISTS);
    assert_bytes(subject(0), LIT("a"));
    assert_int_equal(nouns_records('s'), 1);
    assert_int_equal(nouns_records('v'), 0); /* it is carried */
}

static void test_created_without_value(void **state)
{
    struct secret_create_out out;

    (void)state;
    assert_ok(create("empty", V1, NULL, &out));
    assert_null(out.version.at);
    assert_ok(create("empty", V1, NULL, &out));
    assert_fault(create("empty", V2, NULL, NULL), SECRET_EXISTS);
    assert_fault(read("empty"), SECRET_STAGE_ABSENT);
    assert_bytes(subject(0), LIT("AWSCURRENT"));
    assert_ok(put("empty", V2, "x",
                  "CUSTOM")); /* the first version is the current one, whatever was named */
    assert_ok(read("empty"));
    assert_int_equal(got.stages.n, 2);
}

/* --- versions --- */

static void test_put_moves_the_labels(void **state)
{
    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(put("a", V2, "two", NULL));
    assert_ok(fetch(LIT("a"), NULL, "AWSPREVIOUS"));
    assert_value(got.text, "one");
    assert_ok(put("a", V3, "three", NULL));
    assert_ok(read("a"));
    assert_value(got.text, "three");
    assert_ok(fetch(LIT("a"), NULL, "AWSPREVIOUS"));
    assert_value(got.text, "two");
    assert_ok(fetch(LIT("a"), V1, NULL));
    assert_value(got.text, "one");
    assert_int_equal(got.stages.n, 0);
    assert_ok(fetch(LIT("a"), V3, "AWSCURRENT"));
    assert_fault(fetch(LIT("a"), V2, "AWSCURRENT"), SECRET_STAGE_ELSEWHERE);
    assert_fault(fetch(LIT("a"), "none", NULL), SECRET_VERSION_ABSENT);
    assert_bytes(subject(0), LIT("none"));
    assert_fault(fetch(LIT("a"), NULL, "NONE"), SECRET_STAGE_ABSENT);
}

static void test_put_again(void **state)
{
    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(put("a", V2, "two", NULL));
    assert_ok(put("a", V3, "three", NULL));
    assert_ok(put("a", V2, "two", "OTHER")); /* a repetition changes nothing, the labels neither */
    assert_fault(fetch(LIT("a"), NULL, "OTHER"), SECRET_STAGE_ABSENT);
    assert_ok(read("a"));
    assert_value(got.text, "three");
    assert_fault(put("a", V2, "else", NULL), SECRET_TOKEN_USED);
    assert_fault(put("a", NULL, "x", NULL), SECRET_TOKEN_MISSING);
    assert_fault(put("a", "44444444-4444-4444-4444-444444444444", NULL, NULL), SECRET_NO_VALUE);
    assert_fault(put("none", V1, "x", NULL), SECRET_ABSENT);
}

static const struct fault *move(const char *stage, const char *from, const char *to);

/* A short value that is current is in the secret's record; each other has its row. */
static void test_where_values_lie(void **state)
{
    static char large[2001];

    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_ok(create("a", V1, large, NULL));
    assert_int_equal(nouns_records('v'), 1);
    assert_ok(put("a", V2, "two", NULL)); /* V1 has its row already */
    assert_int_equal(nouns_records('v'), 1);
    assert_ok(put("a", V3, "three", "AWSPENDING"));
    assert_int_equal(nouns_records('v'), 2);
    assert_ok(read("a"));
    assert_value(got.text, "two");
    assert_ok(move("AWSCURRENT", V2, V3)); /* the two change places */
    assert_int_equal(nouns_records('v'), 2);
    assert_ok(read("a"));
    assert_value(got.text, "three");
    assert_ok(fetch(LIT("a"), V2, NULL));
    assert_value(got.text, "two");
    assert_ok(put("a", V3, "three", NULL)); /* known again in either place */
    assert_ok(put("a", V2, "two", NULL));
    assert_fault(put("a", V3, "two", NULL), SECRET_TOKEN_USED);
    assert_ok(move("AWSCURRENT", V3, V1)); /* too large: nothing is carried */
    assert_int_equal(nouns_records('v'), 3);
    assert_ok(read("a"));
    assert_value(got.text, large);
    assert_ok(fetch(LIT("a"), V3, NULL));
    assert_value(got.text, "three");
    assert_ok(move("AWSCURRENT", V1, V2));
    assert_int_equal(nouns_records('v'), 2);
    assert_ok(fetch(LIT("a"), V1, NULL));
    assert_value(got.text, large);
    assert_ok(erase("a", 0, true));
    assert_int_equal(nouns_records('v') + nouns_records('s') + nouns_records('d'), 0);
}

static void test_hundred_versions(void **state)
{
    char token[40];

    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    for (int i = 0; i < 99; i++) {
        snprintf(token, sizeof token, "token-%026d-%05d", i, i);
        assert_ok(put("a", token, "x", NULL));
    }
    assert_fault(put("a", V2, "x", NULL), SECRET_VERSIONS_FULL);
    nouns.now += day + 1;
    assert_ok(put("a", V2, "x", NULL));
    assert_int_equal(nouns_records('v'), 99); /* and one is carried */
    assert_fault(fetch(LIT("a"), V1, NULL), SECRET_VERSION_ABSENT);
    nouns.house.house.versions_kept = 5;
    assert_ok(put("a", V3, "x", NULL));
    assert_int_equal(nouns_records('v'), 4);
}

static void test_update(void **state)
{
    struct secret_update_in in = {.id = LIT("a"), .token = LIT(V2), .description = LIT("said")};
    struct secret_update_out out;
    struct secret_item told;
    const struct secret_describe_in ask_for = {.id = LIT("a")};

    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    nouns.now += 5;
    assert_ok(ask(&secret_update, &in, &out));
    assert_null(out.version.at);
    assert_ok(ask(&secret_describe, &ask_for, &told));
    assert_bytes(told.description, LIT("said"));
    assert_int_equal(told.last_changed.ms, nouns.now);
    assert_int_equal(told.versions.n, 1);
    in = (struct secret_update_in){.id = LIT("a"), .token = LIT(V2), .text = value_of("two")};
    assert_ok(ask(&secret_update, &in, &out));
    assert_bytes(out.version, LIT(V2));
    assert_ok(ask(&secret_update, &in, &out));
    in.text = value_of("else");
    assert_fault(ask(&secret_update, &in, &out), SECRET_TOKEN_USED);
    assert_ok(ask(&secret_describe, &ask_for, &told));
    assert_bytes(told.description, LIT("said"));
    assert_int_equal(told.versions.n, 2);
    in.token = (struct bytes){0};
    assert_fault(ask(&secret_update, &in, &out), SECRET_TOKEN_MISSING);
}

static const struct fault *move(const char *stage, const char *from, const char *to)
{
    const struct secret_stage_in in = {.id = LIT("a"),
                                       .stage = bytes_of(stage),
                                       .remove_from = bytes_of(from),
                                       .move_to = bytes_of(to)};
    struct secret_stage_out out;

    return ask(&secret_stage, &in, &out);
}

static void test_stage(void **state)
{
    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(put("a", V2, "two", "AWSPENDING"));
    assert_fault(move("AWSCURRENT", NULL, V2), SECRET_STAGE_OWNED);
    assert_bytes(subject(0), LIT("AWSCURRENT"));
    assert_bytes(subject(1), LIT(V1));
    assert_fault(move("AWSCURRENT", V2, V2), SECRET_STAGE_NOT_THERE);
    assert_fault(move("AWSCURRENT", V1, NULL), SECRET_CURRENT_STAYS);
    assert_fault(move("AWSCURRENT", V1, V3), SECRET_VERSION_ABSENT);
    assert_ok(move("AWSCURRENT", V1, V2));
    assert_ok(fetch(LIT("a"), V2, NULL));
    assert_int_equal(got.stages.n, 2);
    assert_ok(fetch(LIT("a"), V1, "AWSPREVIOUS"));
    assert_ok(move("AWSPENDING", V2, NULL));
    assert_fault(fetch(LIT("a"), NULL, "AWSPENDING"), SECRET_STAGE_ABSENT);
    assert_ok(move("AWSCURRENT", V2, V1)); /* back again */
    assert_ok(fetch(LIT("a"), V2, "AWSPREVIOUS"));
    assert_ok(move("MINE", NULL, V1));
    assert_ok(fetch(LIT("a"), V1, "MINE"));
}

/* --- deletion --- */

static void test_window(void **state)
{
    const struct secret_describe_in which = {.id = LIT("a")};
    const struct secret_restore_in back = {.id = LIT("a")};
    struct secret_item told;
    struct secret_restore_out restored;

    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_fault(erase("a", 6, false), SECRET_WINDOW);
    assert_fault(erase("a", 31, false), SECRET_WINDOW);
    assert_fault(erase("a", 7, true), SECRET_WINDOW_AND_FORCE);
    assert_fault(erase("none", 0, false), SECRET_ABSENT);
    assert_ok(erase("a", 0, false));
    assert_int_equal(nouns_records('d'), 1);
    assert_fault(read("a"), SECRET_DELETED);
    assert_fault(put("a", V2, "two", NULL), SECRET_DELETED);
    assert_fault(erase("a", 0, false), SECRET_DELETED);
    assert_fault(create("a", V1, "one", NULL), SECRET_NAME_DELETED);
    assert_ok(ask(&secret_describe, &which, &told));
    assert_int_equal(told.deleted.ms, nouns.now);
    assert_ok(ask(&secret_restore, &back, &restored));
    assert_int_equal(nouns_records('d'), 0);
    assert_ok(read("a"));
    assert_value(got.text, "one");
}

static void purge_at_its_time(void)
{
    struct secret_purge_in in = {.account = LIT("123456789012"),
                                 .region = LIT("eu-west-1"),
                                 .name = LIT("a"),
                                 .key = LIT("s123456789012\0eu-west-1\0a\0"),
                                 .due = {nouns.now}};
    struct secret_restore_out out;
    static const struct principal self = {.type = PRINCIPAL_COFFER,
                                          .arn = {(const uint8_t *)"arn:x", 5}};

    assert_fault(ask(&secret_purge, &in, &out), DENIED);
    nouns.who = &self;
    in.due.ms--;
    assert_fault(ask(&secret_purge, &in, &out), SECRET_NOT_DUE);
    in.due.ms++;
    assert_ok(ask(&secret_purge, &in, &out));
    assert_fault(ask(&secret_purge, &in, &out), SECRET_ABSENT);
    nouns.who = &kit_root;
}

static void test_window_ends(void **state)
{
    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(put("a", V2, "two", NULL));
    assert_ok(erase("a", 7, false));
    nouns.now += 7 * day - 1;
    assert_fault(read("a"), SECRET_DELETED);
    nouns.now += 1;
    assert_fault(read("a"), SECRET_ABSENT); /* before anybody purged it */
    assert_fault(create("a", V1, "one", NULL), SECRET_NAME_DELETED);
    assert_int_equal(nouns_records('v'), 1);
    purge_at_its_time();
    assert_int_equal(nouns_records('v') + nouns_records('s') + nouns_records('d'), 0);
    assert_ok(create("a", V1, "new", NULL));
    assert_ok(read("a"));
    assert_value(got.text, "new");
}

/* SECURITY 23: what has ended stays so, until somebody says that the clock is right as it is. */
static void test_a_clock_set_back_revives_nothing(void **state)
{
    struct latest latest = {0};
    struct nothing none = {0};
    const struct principal *const who = nouns.who;

    (void)state;
    nouns.house.house.latest = &latest;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(create("b", V1, "one", NULL));
    assert_ok(erase("a", 7, false));
    latest_raise(&latest, nouns.now + 7 * day);
    latest_raise(&latest, nouns.now); /* it only rises */
    assert_fault(read("a"), SECRET_ABSENT);
    assert_ok(erase("b", 7, false)); /* its seven days begin at the latest time, too */
    assert_fault(read("b"), SECRET_DELETED);
    nouns.now += 3 * day;
    assert_fault(ask(&clock_accept, &none, &none), DENIED);
    nouns.who = &nouns_local;
    assert_ok(ask(&clock_accept, &none, &none));
    nouns.who = who;
    assert_true(latest.accepted);
    assert_fault(read("a"), SECRET_DELETED);
    nouns.now += 4 * day;
    assert_fault(read("a"), SECRET_ABSENT);
    assert_fault(read("b"), SECRET_DELETED);
    nouns.house.house.latest = NULL;
}

static void test_force(void **state)
{
    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    assert_ok(put("a", V2, "two", NULL));
    assert_int_equal(nouns_records('v'), 1);
    assert_ok(erase("a", 0, false));
    assert_ok(erase("a", 0, true));
    assert_int_equal(nouns_records('v') + nouns_records('s') + nouns_records('d'), 0);
    assert_ok(erase("a", 0, true)); /* what is not there can be deleted at once, too */
    assert_fault(read("a"), SECRET_ABSENT);
    assert_ok(create("a", V2, "new", NULL));
    assert_fault(fetch(LIT("a"), V1, NULL), SECRET_VERSION_ABSENT);
}

/* --- who may --- */

static void test_refused_before_told(void **state)
{
    struct secret_read_in in = {.id = LIT("a")};

    (void)state;
    assert_ok(create("a", V1, "one", NULL));
    nouns.who = &kit_user; /* has no policies */
    assert_fault(ask(&secret_read, &in, &got), DENIED);
    assert_true(bytes_ends(nouns.last->detail,
                           LIT("on resource: a because no identity-based policy allows the "
                               "secretsmanager:GetSecretValue action")));
    in.id = LIT("b"); /* which is not there: the same answer */
    assert_fault(ask(&secret_read, &in, &got), DENIED);
    nouns.who = &kit_root;
}

/* --- old or new, never between --- */

static bool try_create(void *ctx)
{
    (void)ctx;
    return create("f", V1, "one", NULL) == OK;
}

static void whole_or_nothing(void *ctx, bool succeeded)
{
    const size_t secrets = nouns_records('s');

    (void)ctx;
    assert_int_equal(nouns_records('v'), 0);
    if (succeeded)
        assert_int_equal(secrets, 1);
    assert_true(read("f") == (secrets == 1 ? OK : SECRET_ABSENT));
    if (secrets != 0)
        assert_ok(erase("f", 0, true));
}

static void test_each_fault_of_create(void **state)
{
    (void)state;
    assert_true(each_fault("secret.create", try_create, whole_or_nothing, NULL) > 5);
}

static bool try_put(void *ctx)
{
    (void)ctx;
    return put("f", V2, "two", NULL) == OK;
}

static void one_or_two(void *ctx, bool succeeded)
{
    const size_t values = nouns_records('v');

    (void)ctx;
    assert_ok(read("f"));
    assert_true(values <= 1);
    assert_value(got.text, values == 1 ? "two" : "one");
    assert_true(!succeeded || values == 1);
    assert_ok(erase("f", 0, true));
    assert_ok(create("f", V1, "one", NULL));
}

static void test_each_fault_of_put(void **state)
{
    (void)state;
    assert_ok(create("f", V1, "one", NULL));
    assert_true(each_fault("secret.put", try_put, one_or_two, NULL) > 5);
}

static bool try_erase(void *ctx)
{
    (void)ctx;
    return erase("f", 0, false) == OK;
}

static void there_or_due(void *ctx, bool succeeded)
{
    const struct secret_restore_in in = {.id = LIT("f")};
    struct secret_restore_out out;
    const size_t due = nouns_records('d');

    (void)ctx;
    assert_true(!succeeded || due == 1);
    assert_true(read("f") == (due == 1 ? SECRET_DELETED : OK));
    assert_ok(ask(&secret_restore, &in, &out));
}

static void test_each_fault_of_erase(void **state)
{
    (void)state;
    assert_ok(create("f", V1, "one", NULL));
    assert_true(each_fault("secret.delete", try_erase, there_or_due, NULL) > 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_created_is_read),
        CASE(test_binary_comes_back_as_binary),
        CASE(test_names_and_arns),
        CASE(test_name_with_an_arns_end),
        CASE(test_create_refuses),
        CASE(test_create_again),
        CASE(test_created_without_value),
        CASE(test_put_moves_the_labels),
        CASE(test_put_again),
        CASE(test_where_values_lie),
        CASE(test_hundred_versions),
        CASE(test_update),
        CASE(test_stage),
        CASE(test_window),
        CASE(test_window_ends),
        CASE(test_a_clock_set_back_revives_nothing),
        CASE(test_force),
        CASE(test_refused_before_told),
        CASE(test_each_fault_of_create),
        CASE(test_each_fault_of_put),
        CASE(test_each_fault_of_erase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
