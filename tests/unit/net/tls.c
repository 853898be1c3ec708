/* TLS between two pieces of memory: cut into single bytes, broken, with certificates that do not
 * fit. */
#include "support/test.h"

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/start.h"
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

static struct arena *arena;
static struct certificate one, two;

static int start(void **state)
{
    const struct bytes host = LIT("localhost");

    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    arena = arena_open(1 << 20);
    assert_ok(certificate_make(arena, &host, 1, clock_now_ms(), 1, &one));
    assert_ok(certificate_make(arena, &host, 1, clock_now_ms(), 1, &two));
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_close(arena);
    crypto_forget_kept();
    arena_forget_kept();
    return 0;
}

static struct tls *tls_of(const struct certificate *certificate)
{
    struct tls *tls;

    assert_ok(tls_open(certificate->chain, sensitive_view(certificate->key), &tls));
    return tls;
}

/* A client by OpenSSL, between two memory BIOs. */
struct client {
    SSL_CTX *rules;
    SSL *ssl;
    BIO *in, *out;
};

static struct client client_open(int version, SSL_SESSION *session)
{
    struct client c = {.rules = SSL_CTX_new(TLS_client_method()),
                       .in = BIO_new(BIO_s_mem()),
                       .out = BIO_new(BIO_s_mem())};

    assert_int_equal(SSL_CTX_set_min_proto_version(c.rules, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(c.rules, version), 1);
    c.ssl = SSL_new(c.rules);
    SSL_set_bio(c.ssl, c.in, c.out);
    SSL_set_connect_state(c.ssl);
    if (session != NULL)
        assert_int_equal(SSL_set_session(c.ssl, session), 1);
    return c;
}

/* Without a goodbye OpenSSL would not let the session be resumed. */
static void client_close(struct client *c)
{
    SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(c->ssl);
    SSL_CTX_free(c->rules);
}

/* What the client has written, in pieces of `step`, to the session; what that answers, back to the
 * client. */
static const struct fault *pass(struct client *c, struct tls_session *session,
                                struct tls_pipe *pipe, int step, bool *done)
{
    uint8_t wire[20000];
    int n;

    while ((n = BIO_read(c->out, wire, step)) > 0) {
        const struct fault *fault;

        pipe->in = (struct bytes){wire, (size_t)n};
        fault = tls_handshake(session, pipe, done);
        if (pipe->out_n != 0)
            assert_int_equal(BIO_write(c->in, pipe->out, (int)pipe->out_n), (int)pipe->out_n);
        pipe->out_n = 0;
        if (fault != OK)
            return fault;
    }
    return OK;
}

static void shake(struct client *c, struct tls_session *session, struct tls_pipe *pipe, int step)
{
    bool done = false;

    for (int i = 0; i < 10 && (!done || !SSL_is_init_finished(c->ssl)); i++) {
        SSL_do_handshake(c->ssl);
        assert_ok(pass(c, session, pipe, step, &done));
    }
    assert_true(done);
    ERR_clear_error();
}

/* From the client to the session in single bytes, and back in one piece. */
static void talk(struct client *c, struct tls_session *session, struct tls_pipe *pipe)
{
    uint8_t wire, got[64];
    size_t n = 0;
    bool ended;
    char back[64];

    assert_int_equal(SSL_write(c->ssl, "question", 8), 8);
    while (n == 0 && BIO_read(c->out, &wire, 1) == 1) {
        pipe->in = (struct bytes){&wire, 1};
        assert_ok(tls_read(session, pipe, (struct tls_room){got, sizeof got}, &n, &ended));
        assert_int_equal(pipe->in.n, 0);
    }
    assert_bytes(((struct bytes){got, n}), LIT("question"));
    assert_ok(tls_write(session, pipe, LIT("answer")));
    tls_end(session, pipe);
    assert_int_equal(BIO_write(c->in, pipe->out, (int)pipe->out_n), (int)pipe->out_n);
    pipe->out_n = 0;
    assert_int_equal(SSL_read(c->ssl, back, sizeof back), 6);
    assert_int_equal(SSL_read(c->ssl, back, sizeof back), 0);
    assert_int_equal(SSL_get_error(c->ssl, 0), SSL_ERROR_ZERO_RETURN);
}

static SSL_SESSION *meet(struct tls *tls, int version, int step, SSL_SESSION *session, bool resumed)
{
    struct client client = client_open(version, session);
    struct tls_session *server;
    struct tls_pipe pipe;
    SSL_SESSION *got;

    assert_ok(tls_pipe_open(&pipe));
    assert_ok(tls_session_open(tls, &server));
    shake(&client, server, &pipe, step);
    assert_int_equal(tls_resumed(server), resumed);
    assert_bytes(tls_version(server), version == TLS1_3_VERSION ? LIT("TLSv1.3") : LIT("TLSv1.2"));
    tls_rest(server);
    talk(&client, server, &pipe);
    got = SSL_get1_session(client.ssl);
    tls_session_close(server);
    tls_pipe_close(&pipe);
    client_close(&client);
    return got;
}

static bool same_ticket(const SSL_SESSION *one_session, const SSL_SESSION *other)
{
    const uint8_t *a, *b;
    size_t n, m;

    SSL_SESSION_get0_ticket(one_session, &a, &n);
    SSL_SESSION_get0_ticket(other, &b, &m);
    return bytes_same((struct bytes){a, n}, (struct bytes){b, m});
}

static void speaks_in_pieces_and_resumes(void **state)
{
    struct tls *tls = tls_of(&one);
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        SSL_SESSION *session = meet(tls, versions[i], 1, NULL, false);
        SSL_SESSION *again = meet(tls, versions[i], 20000, session, true);

        /* In TLS 1.3 a ticket is for one use, and the next one comes along. */
        assert_int_equal(same_ticket(session, again), versions[i] == TLS1_2_VERSION);
        SSL_SESSION_free(again);
        assert_ok(tls_reload(tls, two.chain, sensitive_view(two.key)));
        again = meet(tls, versions[i], 20000, session, true); /* tickets outlive a certificate */
        SSL_SESSION_free(again);
        SSL_SESSION_free(session);
    }
    tls_close(tls);
}

static void knows_no_ticket_of_another_key(void **state)
{
    struct tls *tls = tls_of(&one), *other = tls_of(&one);
    SSL_SESSION *session = meet(tls, TLS1_3_VERSION, 20000, NULL, false);

    (void)state;
    SSL_SESSION_free(meet(other, TLS1_3_VERSION, 20000, session, false));
    SSL_SESSION_free(session);
    tls_close(tls);
    tls_close(other);
}

static void refuses_what_is_older_or_no_tls(void **state)
{
    struct client client = client_open(TLS1_1_VERSION, NULL);
    struct tls *tls = tls_of(&one);
    struct tls_session *session;
    struct tls_pipe pipe;
    bool done;

    (void)state;
    assert_ok(tls_pipe_open(&pipe));
    SSL_set_security_level(client.ssl, 0);
    assert_ok(tls_session_open(tls, &session));
    SSL_do_handshake(client.ssl);
    assert_fault(pass(&client, session, &pipe, 20000, &done), TLS_BROKEN);
    tls_session_close(session);
    assert_ok(tls_session_open(tls, &session));
    pipe.in = LIT("GET / HTTP/1.1\r\n\r\n");
    assert_fault(tls_handshake(session, &pipe, &done), TLS_BROKEN);
    assert_int_equal(ERR_peek_error(), 0); /* nothing is left for the next session of this thread */
    tls_session_close(session);
    tls_pipe_close(&pipe);
    client_close(&client);
    tls_close(tls);
    ERR_clear_error();
}

static void finds_a_changed_record(void **state)
{
    struct client client = client_open(TLS1_3_VERSION, NULL);
    struct tls *tls = tls_of(&one);
    struct tls_session *session;
    struct tls_pipe pipe;
    uint8_t wire[256], got[64];
    size_t n;
    bool ended;
    int length;

    (void)state;
    assert_ok(tls_pipe_open(&pipe));
    assert_ok(tls_session_open(tls, &session));
    shake(&client, session, &pipe, 20000);
    assert_int_equal(SSL_write(client.ssl, "question", 8), 8);
    length = BIO_read(client.out, wire, sizeof wire);
    assert_true(length > 20);
    wire[length - 1] ^= 1;
    pipe.in = (struct bytes){wire, (size_t)length};
    assert_fault(tls_read(session, &pipe, (struct tls_room){got, sizeof got}, &n, &ended),
                 TLS_BROKEN);
    assert_int_equal(n, 0);
    tls_session_close(session);
    tls_pipe_close(&pipe);
    client_close(&client);
    tls_close(tls);
}

static void wants_a_key_that_fits(void **state)
{
    static const uint8_t nonsense[] = "nonsense";
    const struct sensitive_view no_key = {nonsense, 8};
    struct tls *tls;

    (void)state;
    assert_fault(tls_open(one.chain, sensitive_view(two.key), &tls), TLS_CERTIFICATE);
    assert_fault(tls_open(LIT("nonsense"), sensitive_view(one.key), &tls), TLS_CERTIFICATE);
    assert_fault(tls_open(one.chain, no_key, &tls), TLS_CERTIFICATE);
    assert_fault(tls_open(LIT(""), no_key, &tls), TLS_CERTIFICATE);
    tls = tls_of(&one);
    assert_fault(tls_reload(tls, one.chain, sensitive_view(two.key)), TLS_CERTIFICATE);
    SSL_SESSION_free(meet(tls, TLS1_3_VERSION, 20000, NULL, false)); /* as it was */
    tls_close(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks_in_pieces_and_resumes),
        cmocka_unit_test(knows_no_ticket_of_another_key),
        cmocka_unit_test(refuses_what_is_older_or_no_tls),
        cmocka_unit_test(finds_a_changed_record),
        cmocka_unit_test(wants_a_key_that_fits),
    };

    return cmocka_run_group_tests(tests, start, end);
}
