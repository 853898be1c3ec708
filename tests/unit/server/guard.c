/* What a web page could send to `coffer dev` is refused; what a client sends is not. */
#include "support/test.h"

#include "server/guard.h"

struct sent {
    const char *name, *value;
};

static const struct fault *ask(const struct sent sent[], size_t n)
{
    static const struct bytes own = {(const uint8_t *)"vault.test", 10};
    struct config config = {.hosts = {&own, 1}};
    struct http_header headers[4];
    struct http_request request = {.headers = headers, .header_count = n};

    for (size_t i = 0; i < n; i++) {
        struct bytes name = bytes_of(sent[i].name), value = bytes_of(sent[i].value);

        headers[i] = (struct http_header){{name.at, name.n}, {value.at, value.n}};
    }
    return guard_judge(&config, &request);
}

static void test_hosts(void **state)
{
    static const char *const fine[] = {"localhost", "LOCALHOST:8443", "127.0.0.1:1", "127.8.9.1",
                                       "[::1]:443", "vault.test:1",   "[::1]"};
    static const char *const wrong[] = {"evil.test",
                                        "localhost.evil.test",
                                        "10.0.0.1",
                                        "[::2]",
                                        "",
                                        "169.254.169.254",
                                        "localhost:80@evil.test",
                                        "localhost:",
                                        "localhost:evil.test",
                                        "[::1]evil.test",
                                        "[::1]:",
                                        "[::1",
                                        "[::1]:1.evil.test"};

    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(ask(&(struct sent){"host", fine[i]}, 1));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(ask(&(struct sent){"host", wrong[i]}, 1));
    assert_non_null(ask(NULL, 0));
}

static void test_web_pages(void **state)
{
    (void)state;
    assert_non_null(
        ask((const struct sent[]){{"host", "localhost"}, {"origin", "https://evil.test"}}, 2));
    assert_non_null(ask((const struct sent[]){{"host", "localhost"}, {"origin", "null"}}, 2));
    assert_non_null(
        ask((const struct sent[]){{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}, 2));
    assert_null(ask((const struct sent[]){{"host", "localhost"}, {"sec-fetch-site", "none"}}, 2));
    assert_non_null(ask((const struct sent[]){{"host", "localhost"},
                                              {"sec-fetch-site", "none"},
                                              {"sec-fetch-site", "cross-site"}},
                        3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hosts),
                                       cmocka_unit_test(test_web_pages)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
