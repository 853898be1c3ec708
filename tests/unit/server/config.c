/* The configuration: every setting is read, and whatever is not understood is refused with its
 * line. */
#include "support/test.h"

#include "server/config.h"

#include <stdio.h>

static struct config_problem problem;
static struct config config;

static const struct fault *read_text(struct arena *arena, const char *text)
{
    config_defaults(&config);
    return config_read(arena, bytes_of(text), &config, &problem);
}

static void test_reads_every_kind(void **state)
{
    struct arena *arena = arena_open(1 << 20);

    (void)state;
    assert_ok(read_text(
        arena, "# a comment\n\n data = /srv/coffer \r\nregion = eu-west-1\nregion = us-east-1\n"
               "listen = 127.0.0.1:0\nlisten = [::1]:9000\nworkers = 3\naudit = strict\n"
               "listen_proxied = 127.0.0.1:7\nproxy = 10.0.0.0/8\nproxy = 2001:db8::/32"));
    assert_bytes(config.data, LIT("/srv/coffer"));
    assert_int_equal(config.regions.n, 2);
    assert_bytes(config.regions.at[1], LIT("us-east-1"));
    assert_int_equal(config.listen.n, 2);
    assert_int_equal(config.listen.at[1].port, 9000);
    assert_int_equal(config.workers, 3);
    assert_int_equal(config.listen_proxied.at[0].port, 7);
    assert_int_equal(config.proxy.n, 2);
    assert_int_equal(config.proxy.at[1].bits, 32);
    assert_int_equal(config.account_secrets, 500000);
    assert_bytes(config.audit, LIT("strict"));
    arena_close(arena);
}

static void test_refuses_with_the_line(void **state)
{
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        {"data = /x\nnonsense = 1\n", 2},
        {"data\n", 1},
        {"workers = many\n", 1},
        {"workers = 99999\n", 1},
        {"data =\n", 1},
        {"data = /a\ndata = /b\n", 2},
        {"listen = localhost:1\n", 1},
        {"dev = true\n", 1},
        {"plain = 1\n", 1},
        {"\n\nworkers = -1\n", 3},
        {"audit = never\n", 0},
        {"watch = 0.0.0.0:8444\n", 0},
        {"proxy = 10.0.0.1/8\n", 1},
        {"proxy = balancer\n", 1},
        {"proxy = 10.0.0.0/8\n", 0},
        {"listen_proxied = [::1]:1\n", 0},
    };
    struct arena *arena = arena_open(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fault(read_text(arena, cases[i].text), CONFIG_LINE);
        assert_int_equal(problem.line, cases[i].line);
        assert_non_null(problem.what);
    }
    arena_close(arena);
}

/* Each limit: from AWS's figure to the highest, and nothing beside that. */
static void test_limits_go_up(void **state)
{
    struct arena *arena = arena_open(1 << 20);
    char text[128];

    (void)state;
    for (int limit = LIMIT_NONE + 1; limit < LIMIT_KINDS; limit++) {
        const struct limit_row *row = &limit_rows[limit];

        assert_ok(read_text(arena, ""));
        assert_int_equal(limit_of(&config.limits, (enum limit)limit), row->usual);
        for (int64_t number = row->usual - 1; number <= row->most + 1;
             number +=
             number == row->usual && row->most > row->usual ? row->most - row->usual : 1) {
            snprintf(text, sizeof text, "%s = %d\n", row->name, (int)number);
            if (number >= row->usual && number <= row->most) {
                assert_ok(read_text(arena, text));
                assert_int_equal(limit_of(&config.limits, (enum limit)limit), number);
            } else {
                assert_fault(read_text(arena, text), CONFIG_LINE);
            }
        }
    }
    assert_fault(read_text(arena, "secret_tags = 60\nsecret_tags = 60\n"), CONFIG_LINE);
    assert_int_equal(problem.line, 2);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_kind),
        cmocka_unit_test(test_refuses_with_the_line),
        cmocka_unit_test(test_limits_go_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
