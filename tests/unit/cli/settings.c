/* Endpoints, and where an access key is taken from. */
#include "support/test.h"

#include "base/blame.h"
#include "cli/settings.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena *arena;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open(1000000);
    clearenv();
    return sensitive_start(NULL) == OK && arena != NULL ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    arena_close(arena);
    arena_forget_kept();
    return 0;
}

static void expect_url(const char *url, const char *host, const char *port, const char *path)
{
    struct settings settings = {0};

    assert_ok(settings_take_url(arena, url, &settings));
    assert_string_equal(settings.host, host);
    assert_string_equal(settings.port, port);
    assert_bytes(settings.path, bytes_of(path));
}

static void test_endpoints_are_taken_apart(void **state)
{
    struct settings settings = {0};

    (void)state;
    expect_url("https://localhost", "localhost", "443", "/");
    expect_url("https://secrets.example.com:8443/", "secrets.example.com", "8443", "/");
    expect_url("https://a:1/below/it", "a", "1", "/below/it");
    expect_url("https://[2001:db8::1]:8443", "2001:db8::1", "8443", "/");
    expect_url("https://[::1]/x", "::1", "443", "/x");
    expect_url("http://127.0.0.1:4566", "127.0.0.1", "4566", "/");
    expect_url("http://localhost", "localhost", "80", "/");
    assert_ok(settings_take_url(arena, "https://[::1]:8443/x", &settings));
    assert_bytes(settings.at, LIT("[::1]:8443"));
    assert_true(settings.tls);
}

static void test_other_endpoints_are_refused(void **state)
{
    static const char *const odd[] = {
        "",           "localhost:8443", "https:/a",       "https://",       "https://:8443",
        "ftp://a",    "https://a b",    "https://a\r\n",  "https://u@a",    "https://a?q",
        "https://a#", "https://[::1",   "https://[::1]x", "https://a:port", "https://a:123456"};
    struct settings settings = {0};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_fault(settings_take_url(arena, odd[i], &settings), SETTINGS_URL);
    assert_fault(settings_take_url(arena, "http://example.com", &settings), SETTINGS_PLAIN);
    assert_fault(settings_take_url(arena, "http://127.example.com", &settings), SETTINGS_PLAIN);
    assert_fault(settings_take_url(arena, "http://127.0.0.1.example.com", &settings),
                 SETTINGS_PLAIN);
    assert_fault(settings_take_url(arena, "http://localhost.example.com", &settings),
                 SETTINGS_PLAIN);
}

static void test_the_secret_leaves_the_environment(void **state)
{
    const struct settings_said said = {.endpoint = "https://localhost:1"};
    struct settings settings;
    char *before;

    (void)state;
    assert_fault(settings_find(arena, &said, &settings), SETTINGS_NOBODY);
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    assert_fault(settings_find(arena, &said, &settings), SETTINGS_NOBODY);
    setenv("AWS_SECRET_ACCESS_KEY", "the secret", 1);
    before = getenv("AWS_SECRET_ACCESS_KEY");
    assert_ok(settings_find(arena, &said, &settings));
    assert_bytes(((struct bytes){settings.secret.at, settings.secret.n}), LIT("the secret"));
    for (size_t i = 0; i < sizeof "the secret"; i++)
        assert_int_equal(before[i], 0);
    assert_bytes(settings.region, LIT("us-east-1"));
    assert_null(settings.authority);
}

/* As people keep it who have one file only: the profile's section of the config file. */
static void test_a_key_may_stand_in_the_config_file(void **state)
{
    static const char text[] = "[default]\nregion = eu-central-1\n[profile p]\n"
                               "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
                               "aws_secret_access_key = in the config\naws_session_token = t\n";
    const struct settings_said said = {.endpoint = "https://localhost:1", .profile = "p"};
    char path[] = "/tmp/coffer-settings.XXXXXX";
    struct settings settings;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    setenv("AWS_CONFIG_FILE", path, 1);
    assert_ok(settings_find(arena, &said, &settings));
    unlink(path);
    assert_bytes(((struct bytes){settings.secret.at, settings.secret.n}), LIT("in the config"));
    assert_bytes(settings.access_key_id, LIT("AKIAIOSFODNN7EXAMPLE"));
    assert_bytes(settings.token, LIT("t"));
    assert_fault(settings_find(arena, &said, &settings), SETTINGS_PROFILE);
    unsetenv("AWS_CONFIG_FILE");
}

static void test_nothing_that_breaks_a_header_is_taken(void **state)
{
    static const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_REGION"};
    const struct settings_said said = {.endpoint = "https://localhost:1"};
    struct settings settings;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
        setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
        setenv(names[i], "a\r\nX-Evil: b", 1);
        assert_fault(settings_find(arena, &said, &settings), SETTINGS_ODD);
        unsetenv(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints_are_taken_apart),
        cmocka_unit_test(test_other_endpoints_are_refused),
        cmocka_unit_test(test_the_secret_leaves_the_environment),
        cmocka_unit_test(test_a_key_may_stand_in_the_config_file),
        cmocka_unit_test(test_nothing_that_breaks_a_header_is_taken),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
