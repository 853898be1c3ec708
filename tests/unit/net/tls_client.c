/* A client's TLS against a server's, between pieces of memory: whom it believes. */
#include "support/test.h"

#include "base/clock.h"
#include "base/file.h"
#include "crypto/certificate.h"
#include "crypto/start.h"
#include "net/tls_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena *arena;
static struct certificate made, other, old;
static char folder[] = "/tmp/coffer-tls-client.XXXXXX";
static char made_ca[64], other_ca[64], no_ca[64], old_ca[64];

static void write_authority(char path[64], const char *name, struct bytes pem)
{
    (void)snprintf(path, 64, "%s/%s", folder, name);
    assert_ok(file_create(path, 0600, pem));
}

static int start(void **state)
{
    const struct bytes hosts[] = {LIT("localhost"), LIT("127.0.0.1")};

    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    assert_non_null(mkdtemp(folder));
    arena = arena_open(1 << 20);
    assert_ok(certificate_make(arena, hosts, 2, clock_now_ms(), 1, &made));
    assert_ok(certificate_make(arena, hosts, 2, clock_now_ms(), 1, &other));
    assert_ok(certificate_make(arena, hosts, 2, clock_now_ms() - 10 * INT64_C(86400000), 1, &old));
    write_authority(made_ca, "made", made.authority);
    write_authority(other_ca, "other", other.authority);
    write_authority(old_ca, "old", old.authority);
    write_authority(no_ca, "none", LIT("no certificate\n"));
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(made_ca);
    (void)unlink(other_ca);
    (void)unlink(old_ca);
    (void)unlink(no_ca);
    (void)rmdir(folder);
    arena_close(arena);
    crypto_forget_kept();
    arena_forget_kept();
    return 0;
}

struct side {
    struct tls_session *session;
    struct tls_pipe pipe;
    bool done;
};

/* What one has written, to the other. */
static const struct fault *pass(struct side *from, struct side *to)
{
    const struct fault *fault = OK;

    to->pipe.in = (struct bytes){from->pipe.out, from->pipe.out_n};
    if (!to->done)
        fault = tls_handshake(to->session, &to->pipe, &to->done);
    from->pipe.out_n = 0;
    return fault;
}

/* What became of the client's handshake; *why is what it says of the certificate. */
static const struct fault *meet(const struct certificate *certificate, const char *host,
                                const char *authority, const char **why)
{
    struct side client = {0}, server = {0};
    struct tls *tls;
    const struct fault *fault = OK;

    *why = NULL;
    assert_ok(tls_open(certificate->chain, sensitive_view(certificate->key), &tls));
    assert_ok(tls_session_open(tls, &server.session));
    assert_ok(tls_client_open(host, authority, &client.session));
    assert_ok(tls_pipe_open(&server.pipe));
    assert_ok(tls_pipe_open(&client.pipe));
    for (int i = 0; i < 10 && fault == OK && !(client.done && server.done); i++) {
        fault = pass(&server, &client);
        if (fault != OK)
            *why = tls_client_distrusts(client.session);
        else
            fault = pass(&client, &server);
    }
    assert_true(fault != OK || client.done);
    tls_session_close(client.session);
    tls_session_close(server.session);
    tls_pipe_close(&client.pipe);
    tls_pipe_close(&server.pipe);
    tls_close(tls);
    return fault;
}

static void test_who_is_vouched_for_is_believed(void **state)
{
    const char *why;

    (void)state;
    assert_ok(meet(&made, "localhost", made_ca, &why));
    assert_ok(meet(&made, "LOCALHOST", made_ca, &why));
    assert_ok(meet(&made, "127.0.0.1", made_ca, &why));
}

static void test_another_authority_is_not(void **state)
{
    const char *why;

    (void)state;
    assert_fault(meet(&made, "localhost", other_ca, &why), TLS_BROKEN);
    assert_non_null(why);
    assert_fault(meet(&made, "localhost", NULL, &why), TLS_BROKEN); /* the system knows it not */
    assert_non_null(why);
}

static void test_another_host_is_not(void **state)
{
    static const char *const hosts[] = {"localhost.example.com", "example.com", "local",
                                        "127.0.0.2", "::1"};
    const char *why;

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        assert_fault(meet(&made, hosts[i], made_ca, &why), TLS_BROKEN);
        assert_non_null(why);
        assert_non_null(strstr(why, "mismatch"));
    }
}

static void test_an_old_certificate_is_not(void **state)
{
    const char *why;

    (void)state;
    assert_fault(meet(&old, "localhost", old_ca, &why), TLS_BROKEN);
    assert_non_null(why);
    assert_non_null(strstr(why, "expired"));
}

static void test_an_authority_that_is_none(void **state)
{
    struct tls_session *session;

    (void)state;
    assert_fault(tls_client_open("localhost", no_ca, &session), TLS_AUTHORITY);
    assert_fault(tls_client_open("localhost", "/no/such/file", &session), TLS_AUTHORITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_vouched_for_is_believed),
        cmocka_unit_test(test_another_authority_is_not),
        cmocka_unit_test(test_another_host_is_not),
        cmocka_unit_test(test_an_old_certificate_is_not),
        cmocka_unit_test(test_an_authority_that_is_none),
    };

    return cmocka_run_group_tests(tests, start, end);
}
