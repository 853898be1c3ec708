/* replicas: random work on a primary in one region, its replicas in others compared after each
 * step: whatever is told of the primary is told of each replica, every labelled version reads the
 * same, and nobody else changes a replica. The seed is printed; give one as the argument to
 * repeat. */
#include "nouns_kit.h"
#include "support/draw.h"

#include "core/record.h"

#include <stdio.h>

enum { ROUNDS = 12, STEPS = 60, ABROAD = 3, LABELS = 4 };

static const struct bytes home = {(const uint8_t *)"eu-west-1", 9};
static const char *const abroad[ABROAD] = {"us-east-1", "eu-central-1", "ap-south-1"};
static const char *const labels[LABELS] = {"AWSCURRENT", "AWSPENDING", "blue", "green"};
static const char *const words[] = {"one", "two", "three", "four"};

static bool replicated[ABROAD];
static unsigned made; /* versions, in all */

static const struct fault *ask_in(struct bytes region, const struct operation *operation,
                                  const void *in, void *out)
{
    struct call *c = nouns_begin();

    c->region = region;
    assert_ok(call_begin(c));
    return kit_perform(c, operation, in, out);
}

static struct bytes id_of(unsigned version, char to[40])
{
    return (struct bytes){(const uint8_t *)to,
                          (size_t)snprintf(to, 40, "%08x-0000-4000-8000-000000000000", version)};
}

static struct bytes word(void)
{
    return bytes_of(words[draw(4)]);
}

/* --- what is done to the primary --- */

static void put(void)
{
    const struct bytes chosen[] = {bytes_of(labels[draw(LABELS)]), bytes_of(labels[draw(LABELS)])};
    char id[40], value[4096];
    struct secret_put_in in = {.id = LIT("s"), .token = id_of(++made, id)};
    struct secret_put_out out;

    /* short ones are carried in the record, long ones have a row */
    memset(value, 'v', sizeof value);
    snprintf(value + (draw(2) == 0 ? 0 : sizeof value - 16), 16, "%u", made);
    if (draw(4) == 0)
        in.binary = value_of(value);
    else
        in.text = value_of(value);
    in.stages = (struct texts){chosen, draw(3)};
    if (in.stages.n == 2 && bytes_same(chosen[0], chosen[1]))
        in.stages.n = 1;
    assert_ok(ask_in(home, &secret_put, &in, &out));
}

static struct secret_item primary;

static void look(void)
{
    const struct secret_describe_in in = {LIT("s")};

    assert_ok(ask_in(home, &secret_describe, &in, &primary));
}

static bool bears(const struct secret_version_stages *version, struct bytes label)
{
    for (size_t i = 0; i < version->stages.n; i++)
        if (bytes_same(version->stages.at[i], label))
            return true;
    return false;
}

static void move(void)
{
    const struct bytes label = bytes_of(labels[draw(LABELS)]);
    struct secret_stage_in in = {.id = LIT("s"), .stage = label};
    struct secret_stage_out out;
    char from[40], to[40];

    look();
    if (primary.versions.n == 0)
        return;
    for (size_t i = 0; i < primary.versions.n; i++)
        if (bears(&primary.versions.at[i], label))
            in.remove_from = (struct bytes){
                (const uint8_t *)strncpy(from, (const char *)primary.versions.at[i].version.at, 36),
                36};
    in.move_to = (struct bytes){
        (const uint8_t *)strncpy(
            to, (const char *)primary.versions.at[draw((unsigned)primary.versions.n)].version.at,
            36),
        36};
    if (draw(4) == 0 && !bytes_same(label, LIT("AWSCURRENT")) && in.remove_from.n != 0)
        in.move_to = (struct bytes){0};
    assert_ok(ask_in(home, &secret_stage, &in, &out));
}

static void change(void)
{
    char id[40];
    const struct secret_update_in in = {
        .id = LIT("s"), .token = id_of(0, id), .description = word()};
    struct secret_update_out out;

    assert_ok(ask_in(home, &secret_update, &in, &out));
}

static void tag(void)
{
    const struct pair tags[] = {{word(), word()}};
    const struct bytes keys[] = {word()};
    const struct secret_tag_in in = {.id = LIT("s"), .tags = {tags, 1}};
    const struct secret_untag_in other = {.id = LIT("s"), .keys = {keys, 1}};
    struct nothing out;

    if (draw(2) == 0)
        assert_ok(ask_in(home, &secret_tag, &in, &out));
    else
        assert_ok(ask_in(home, &secret_untag, &other, &out));
}

static void rotation(void)
{
    char id[40];
    const struct secret_rotate_in in = {.id = LIT("s"),
                                        .token = id_of(0, id),
                                        .function =
                                            LIT("arn:aws:lambda:eu-west-1:123456789012:function:f"),
                                        .days = {1 + (int64_t)draw(100), true},
                                        .at_once = {.said = true}};
    const struct secret_cancel_rotation_in cancel = {LIT("s")};
    struct secret_rotate_out out;
    const struct fault *fault = draw(3) != 0 ? ask_in(home, &secret_rotate, &in, &out)
                                             : ask_in(home, &secret_cancel_rotation, &cancel, &out);

    assert_true(fault == OK || fault == SECRET_ROTATING || fault == SECRET_NOT_ROTATED);
}

static void policy(void)
{
    static const char *const documents[] = {
        "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":"
        "\"secretsmanager:RestoreSecret\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"123456789012\"},\"Action\":"
        "\"secretsmanager:Get*\",\"Resource\":\"*\"}}"};
    const struct secret_policy_put_in in = {.id = LIT("s"),
                                            .document = bytes_of(documents[draw(2)])};
    const struct secret_policy_in away = {.id = LIT("s")};
    struct secret_policy_out out;

    if (draw(3) == 0)
        assert_ok(ask_in(home, &secret_policy_delete, &away, &out));
    else
        assert_ok(ask_in(home, &secret_policy_put, &in, &out));
}

static void replicate(void)
{
    const unsigned n = draw(ABROAD);
    const struct pair wanted[] = {{.name = bytes_of(abroad[n])}};
    const struct secret_replicate_in in = {.id = LIT("s"), .regions = {wanted, 1}};
    struct secret_replicate_out out;

    assert_ok(ask_in(home, &secret_replicate, &in, &out));
    replicated[n] = true;
}

static void unreplicate(void)
{
    const unsigned n = draw(ABROAD);
    const struct bytes regions[] = {bytes_of(abroad[n])};
    const struct secret_unreplicate_in in = {.id = LIT("s"), .regions = {regions, 1}};
    struct secret_replicate_out out;

    assert_ok(ask_in(home, &secret_unreplicate, &in, &out));
    replicated[n] = false;
}

/* It is promoted, has a value of its own that the primary does not see, and goes. */
static void promote(void)
{
    const unsigned n = draw(ABROAD);
    const struct bytes region = bytes_of(abroad[n]);
    const struct secret_promote_in in = {LIT("s")};
    char id[40];
    const struct secret_put_in own = {
        .id = LIT("s"), .token = id_of(++made, id), .text = value_of("own")};
    const struct secret_delete_in gone = {.id = LIT("s"), .force = {.said = true, .value = true}};
    struct secret_promote_out out;
    struct secret_put_out put_out;
    struct secret_delete_out delete_out;

    if (!replicated[n])
        return;
    assert_fault(ask_in(region, &secret_put, &own, &put_out), SECRET_REPLICA);
    assert_fault(ask_in(region, &secret_delete, &gone, &delete_out), SECRET_REPLICA);
    assert_ok(ask_in(region, &secret_promote, &in, &out));
    assert_ok(ask_in(region, &secret_put, &own, &put_out));
    assert_ok(ask_in(region, &secret_delete, &gone, &delete_out));
    replicated[n] = false;
}

/* --- comparing: all as text, since what one call tells is gone with the next --- */

static char told_home[16384], told_there[16384];

static void tell_stages(const struct texts *stages, char *to, size_t room)
{
    for (size_t i = 0; i < stages->n; i++)
        snprintf(to + strlen(to), room - strlen(to), " %.*s", (int)stages->at[i].n,
                 (const char *)stages->at[i].at);
}

static void tell_item(const struct secret_item *item, char *to, size_t room)
{
    snprintf(to, room, "%.*s|%.*s|%lld %lld|%d %d %lld %.*s %lld", (int)item->name.n,
             (const char *)item->name.at, (int)item->description.n,
             (const char *)item->description.at, (long long)item->created.ms,
             (long long)item->last_changed.ms, item->rotation_enabled.said,
             item->rotation_enabled.value, (long long)item->rotation_days.value,
             (int)item->rotation_function.n, (const char *)item->rotation_function.at,
             (long long)item->next_rotation.ms);
    for (size_t i = 0; i < item->tags.n; i++)
        snprintf(to + strlen(to), room - strlen(to), "|%.*s=%.*s", (int)item->tags.at[i].name.n,
                 (const char *)item->tags.at[i].name.at, (int)item->tags.at[i].value.n,
                 (const char *)item->tags.at[i].value.at);
    for (size_t i = 0; i < item->versions.n; i++) {
        snprintf(to + strlen(to), room - strlen(to), "|%.*s", (int)item->versions.at[i].version.n,
                 (const char *)item->versions.at[i].version.at);
        tell_stages(&item->versions.at[i].stages, to, room);
    }
}

/* All of a secret, with the value under each label. */
static void tell(struct bytes region, char *to, size_t room)
{
    static const char *const all[] = {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "blue", "green"};
    const struct secret_describe_in in = {LIT("s")};
    const struct secret_policy_in whose = {.id = LIT("s")};
    struct secret_policy_out policy_out;
    struct secret_item item;

    assert_ok(ask_in(region, &secret_describe, &in, &item));
    tell_item(&item, to, room);
    assert_ok(ask_in(region, &secret_policy_get, &whose, &policy_out));
    snprintf(to + strlen(to), room - strlen(to), "|%.*s", (int)policy_out.document.n,
             (const char *)policy_out.document.at);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct secret_read_in wanted = {.id = LIT("s"), .stage = bytes_of(all[i])};
        struct secret_read_out out;

        if (ask_in(region, &secret_read, &wanted, &out) != OK)
            continue;
        snprintf(to + strlen(to), room - strlen(to), "\n%s %.*s %lld %s %.*s", all[i],
                 (int)out.version.n, (const char *)out.version.at, (long long)out.created.ms,
                 out.text != NULL ? "text" : "binary",
                 (int)sensitive_view(out.text != NULL ? out.text : out.binary).n,
                 (const char *)sensitive_view(out.text != NULL ? out.text : out.binary).at);
    }
}

static void compare(void)
{
    const struct secret_read_in in = {.id = LIT("s")};
    struct secret_read_out out;

    tell(home, told_home, sizeof told_home);
    for (size_t i = 0; i < ABROAD; i++) {
        if (!replicated[i]) {
            assert_fault(ask_in(bytes_of(abroad[i]), &secret_read, &in, &out), SECRET_ABSENT);
            continue;
        }
        tell(bytes_of(abroad[i]), told_there, sizeof told_there);
        if (strcmp(told_home, told_there) != 0)
            fail_msg("seed %llu: in %s\n%s\ninstead of\n%s", draw_seed(), abroad[i], told_there,
                     told_home);
    }
}

static void step(void)
{
    static void (*const does[])(void) = {put,      put,    move,   move,      change,      tag,
                                         rotation, policy, policy, replicate, unreplicate, promote};

    nouns.now += (int64_t)draw(1000) * 60 * 1000;
    does[draw(sizeof does / sizeof *does)]();
}

static void round_of(unsigned n)
{
    char id[40];
    const struct secret_create_in in = {.name = LIT("s"),
                                        .token = id_of(++made, id),
                                        .text = n % 3 != 0 ? value_of("first") : NULL};
    struct secret_create_out out;

    memset(replicated, 0, sizeof replicated);
    assert_ok(ask_in(home, &secret_create, &in, &out));
    for (int i = 0; i < STEPS; i++) {
        step();
        compare();
    }
}

/* Nothing is left of any of them, in no region. */
static void clear(void)
{
    struct bytes regions[ABROAD];
    const struct secret_unreplicate_in alone = {.id = LIT("s"), .regions = {regions, ABROAD}};
    const struct secret_delete_in in = {.id = LIT("s"), .force = {.said = true, .value = true}};
    struct secret_replicate_out none;
    struct secret_delete_out out;

    for (size_t i = 0; i < ABROAD; i++)
        regions[i] = bytes_of(abroad[i]);
    assert_ok(ask_in(home, &secret_unreplicate, &alone, &none));
    assert_ok(ask_in(home, &secret_delete, &in, &out));
    assert_int_equal(nouns_records('s'), 0);
    assert_int_equal(nouns_records('v'), 0);
    assert_int_equal(nouns_records('x'), 0);
    assert_int_equal(nouns_records(TABLE_POLICY), 0);
}

static void test_each_replica_is_its_primary(void **unused)
{
    (void)unused;
    for (unsigned n = 0; n < ROUNDS; n++) {
        round_of(n);
        clear();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_replica_is_its_primary, nouns_up, nouns_down),
    };

    draw_begin(argc, argv, "replicas");
    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
