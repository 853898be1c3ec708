/* A connection over a socket pair, turn by turn: what is held, what replaces it, what happens when
 * memory fails. */
#include "support/each_fault.h"
#include "support/test.h"

#include "base/clock.h"
#include "server/connection.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

struct stage {
    struct loop *loop;
    struct door *door;
    struct connections *connections;
    struct handler handler;
    int client;
    struct exchange *parked;
    const struct fault *turn; /* what the turn's end says */
    bool parks, rests, fails, big;
    uint64_t payer, ticket;
    int begun, turned_away, ends;
    char reply[4096];
    size_t reply_n;
    bool ended; /* the client has seen the end */
};

static void set_reply(struct exchange *exchange, uint16_t status)
{
    exchange->reply = arena_new(exchange->arena, struct http_reply);
    if (exchange->reply != NULL)
        *exchange->reply = (struct http_reply){.status = status};
}

static uint8_t much[1 << 20]; /* more than a socket takes */

static enum handled begin(void *ctx, struct exchange *exchange)
{
    struct stage *s = ctx;

    s->begun++;
    set_reply(exchange, 200);
    exchange->rests = s->rests;
    exchange->failed = s->fails;
    if (s->big)
        exchange->reply->body = (struct raw){much, sizeof much};
    arena_bill(exchange->arena, s->payer);
    if (!s->parks)
        return HANDLED_ANSWERED;
    s->parked = exchange;
    return HANDLED_PARKED;
}

static void turned_away(void *ctx, struct exchange *exchange, const struct fault *fault)
{
    struct stage *s = ctx;

    s->turned_away++;
    set_reply(exchange, http_status(fault));
}

static const struct fault *turn_end(void *ctx)
{
    struct stage *s = ctx;

    s->ends++;
    return s->turn;
}

static void stage_open_with(struct stage *s, size_t connections,
                            const struct connection_limits *bounds)
{
    const struct door_limits limits = {.connections = connections, .body_bytes = 1 << 20};
    struct address peer;
    int pair[2];

    *s = (struct stage){.handler = {.ctx = s, .begin = begin, .turned_away = turned_away}};
    assert_ok(loop_open(&s->loop));
    assert_ok(door_open(&limits, &s->door));
    assert_ok(connections_open(s->loop, s->door, bounds, &s->connections));
    loop_at_turn_end(s->loop, turn_end, s);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_ok(address_read(LIT("192.0.2.1:1"), &peer));
    assert_ok(connections_take(s->connections, pair[0], &peer, NULL, &s->handler, NULL));
    s->client = pair[1];
}

static void stage_open_for(struct stage *s, size_t connections)
{
    stage_open_with(s, connections, &CONNECTION_USUAL);
}

static void stage_open(struct stage *s)
{
    stage_open_for(s, 10);
}

static void stage_close(struct stage *s)
{
    close(s->client);
    connections_close(s->connections);
    assert_int_equal(door_connections(s->door), 0);
    door_close(s->door);
    loop_close(s->loop);
    arena_forget_kept();
}

static void tell(struct stage *s, const char *text)
{
    assert_int_equal(send(s->client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* A turn, and what the client then finds; true when it finds the end. */
static bool turn(struct stage *s)
{
    ssize_t n;

    assert_ok(loop_turn(s->loop));
    n = recv(s->client, s->reply + s->reply_n, sizeof s->reply - 1 - s->reply_n, 0);
    if (n > 0)
        s->reply_n += (size_t)n;
    return n == 0;
}

static int replies(const struct stage *s, const char *status)
{
    int count = 0;

    for (const char *at = s->reply; (at = strstr(at, status)) != NULL; at++)
        count++;
    return count;
}

static void answers_one_request_a_turn(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    tell(&s, REQUEST REQUEST REQUEST);
    for (int i = 1; i <= 3; i++) {
        turn(&s);
        assert_int_equal(s.begun, i);
        assert_int_equal(replies(&s, "HTTP/1.1 200"), i);
        assert_int_equal(s.ends, i);
    }
    stage_close(&s);
}

/* At least; how much longer is the wheel's. */
static void rests_when_it_asks_too_much(void **state)
{
    struct stage s;
    int64_t before;

    (void)state;
    stage_open(&s);
    s.rests = true;
    tell(&s, REQUEST REQUEST);
    turn(&s);
    before = clock_monotonic_ns();
    assert_int_equal(s.begun, 1);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 1);
    while (s.begun < 2)
        turn(&s);
    assert_true(clock_monotonic_ns() - before >= 90 * 1000000);
    stage_close(&s);
}

static int another(struct stage *s);

static int ask_apart(struct stage *s)
{
    const int client = another(s);

    assert_int_equal(send(client, REQUEST, strlen(REQUEST), MSG_NOSIGNAL), strlen(REQUEST));
    return client;
}

/* SECURITY 21: only what fails waits, and of a request whose signature is right nothing does. */
static void tells_the_eleventh_failure_later(void **state)
{
    struct stage s;
    int other;
    char reply[512];

    (void)state;
    stage_open(&s);
    s.fails = true;
    for (int i = 1; i <= DOOR_FAILURES; i++) {
        tell(&s, REQUEST);
        turn(&s);
        assert_int_equal(replies(&s, "HTTP/1.1 200"), i);
    }
    tell(&s, REQUEST);
    turn(&s);
    assert_int_equal(s.begun, DOOR_FAILURES + 1);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), DOOR_FAILURES);
    s.fails = false;
    other = ask_apart(&s); /* of the same address */
    assert_ok(loop_turn(s.loop));
    assert_true(recv(other, reply, sizeof reply, MSG_DONTWAIT) > 0);
    close(other);
    while (replies(&s, "HTTP/1.1 200") == DOOR_FAILURES)
        assert_false(turn(&s));
    tell(&s, REQUEST);
    turn(&s);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), DOOR_FAILURES + 2);
    stage_close(&s);
}

/* One payer's replies that nobody takes have a bound; who takes his, and who owes little, stays. */
static void cuts_off_who_lets_too_much_lie(void **state)
{
    struct connection_limits bounds = CONNECTION_USUAL;
    struct stage s;
    int stalled[3], quiet;

    (void)state;
    bounds.stall = 1;
    bounds.owed = sizeof much * 3 / 2;
    stage_open_with(&s, 10, &bounds);
    s.big = true;
    s.payer = 8;
    quiet = ask_apart(&s);
    turn(&s);
    s.payer = 7;
    for (int i = 0; i < 3; i++)
        stalled[i] = ask_apart(&s);
    assert_ok(loop_turn(s.loop));
    assert_int_equal(s.begun, 4);
    while (connections_count(s.connections) > 3)
        assert_ok(loop_turn(s.loop));
    for (int i = 0; i < 8; i++) { /* and no more of them: one may lie, and the other payer's */
        loop_wake(s.loop);
        assert_ok(loop_turn(s.loop));
    }
    assert_int_equal(connections_count(s.connections), 3);
    for (int i = 0; i < 3; i++)
        close(stalled[i]);
    close(quiet);
    stage_close(&s);
}

/* Heads that never end are counted like bodies that do not come. */
static void counts_heads_that_are_not_whole(void **state)
{
    struct stage s;
    char head[15 * 1024];
    int others[4];

    (void)state;
    memset(head, 'a', sizeof head);
    memcpy(head, "GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 31);
    for (size_t at = 1000; at < sizeof head; at += 1000)
        memcpy(&head[at], "\r\nX-A: ", 7);
    stage_open(&s); /* 1 MiB for all, so 64 KiB for one address */
    for (int i = 0; i < 4; i++) {
        others[i] = another(&s);
        assert_int_equal(send(others[i], head, sizeof head, MSG_NOSIGNAL), sizeof head);
    }
    assert_ok(loop_turn(s.loop));
    assert_int_equal(connections_count(s.connections), 5);
    assert_int_equal(send(s.client, head, sizeof head, MSG_NOSIGNAL), sizeof head);
    for (int i = 0; i < 8 && s.turned_away == 0; i++) {
        loop_wake(s.loop);
        (void)turn(&s);
    }
    assert_int_equal(s.turned_away, 1);
    for (int i = 0; i < 4; i++)
        close(others[i]);
    stage_close(&s);
}

enum { LOUD = 80 };

static int another(struct stage *s)
{
    struct address peer;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_ok(address_read(LIT("192.0.2.1:1"), &peer));
    assert_ok(connections_take(s->connections, pair[0], &peer, NULL, &s->handler, NULL));
    return pair[1];
}

static void ask_all(const int loud[LOUD])
{
    for (size_t i = 0; i < LOUD; i++)
        assert_int_equal(send(loud[i], REQUEST, strlen(REQUEST), MSG_NOSIGNAL), strlen(REQUEST));
}

/* Eight of the loud one's a turn, and nobody waits behind all of his. */
static void shares_a_turn(void **state)
{
    struct stage s;
    int loud[LOUD];

    (void)state;
    stage_open_for(&s, 2 * LOUD);
    for (size_t i = 0; i < LOUD; i++)
        loud[i] = another(&s);
    s.payer = 7;
    ask_all(loud);
    turn(&s);
    assert_int_equal(s.begun, 64); /* nobody knows yet whose they are */
    turn(&s);
    assert_int_equal(s.begun, LOUD);
    ask_all(loud);
    tell(&s, REQUEST);
    turn(&s);
    assert_int_equal(s.begun, LOUD + 8 + 1);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 1);
    turn(&s);
    assert_int_equal(s.begun, LOUD + 16 + 1);
    for (size_t i = 0; i < LOUD; i++)
        close(loud[i]);
    stage_close(&s);
}

/* Who asks little goes before all of the loud one's, and his turn is a short one. */
static void lets_the_quiet_go_first(void **state)
{
    struct stage s;
    int loud[LOUD];

    (void)state;
    stage_open_for(&s, 2 * LOUD);
    s.payer = 9;
    tell(&s, REQUEST);
    turn(&s);
    s.payer = 7;
    for (size_t i = 0; i < LOUD; i++)
        loud[i] = another(&s);
    for (int i = 0; i < 2; i++) {
        ask_all(loud);
        turn(&s);
    }
    while (s.begun < 1 + 2 * LOUD)
        turn(&s);
    ask_all(loud);
    tell(&s, REQUEST);
    s.begun = 0;
    turn(&s);
    assert_int_equal(s.begun, 2);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 2);
    turn(&s);
    assert_int_equal(s.begun, 2 + 4);
    for (size_t i = 0; i < LOUD; i++)
        close(loud[i]);
    stage_close(&s);
}

static const struct fault FAILED[1] = {{FAULT_INTERNAL, "test.failed", "Failed."}};

static void says_nothing_that_was_not_recorded(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    s.turn = FAILED;
    tell(&s, REQUEST);
    turn(&s);
    assert_int_equal(replies(&s, "HTTP/1.1 503"), 1);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 0);
    s.turn = OK;
    tell(&s, REQUEST);
    turn(&s);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 1);
    stage_close(&s);
}

static uint64_t ticket(void *ctx)
{
    const struct stage *s = ctx;

    return s->ticket;
}

/* audit = strict: the record of a turn is on its way to the disk, and the loop serves on. */
static void holds_replies_until_their_ticket_is_reached(void **state)
{
    struct stage s;
    int other;

    (void)state;
    stage_open(&s);
    connections_hold(s.connections, ticket, &s);
    other = another(&s);
    s.ticket = 7;
    tell(&s, REQUEST REQUEST);
    turn(&s);
    connections_release(s.connections, 6, OK);
    assert_int_equal(replies(&s, "HTTP/1.1 "), 0);
    s.ticket = 8;
    assert_int_equal(send(other, REQUEST, strlen(REQUEST), MSG_NOSIGNAL), strlen(REQUEST));
    assert_ok(loop_turn(s.loop));
    assert_int_equal(s.begun, 2);
    connections_release(s.connections, 7, OK);
    s.ticket = 0;
    turn(&s); /* the second of the first one's requests; nothing waits for it */
    assert_int_equal(s.begun, 3);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 2);
    assert_int_equal(recv(other, s.reply, sizeof s.reply, MSG_DONTWAIT), -1);
    connections_release(s.connections, 0, FAILED);
    assert_true(recv(other, s.reply, sizeof s.reply - 1, MSG_DONTWAIT) > 0);
    assert_int_equal(replies(&s, "HTTP/1.1 503"), 1);
    close(other);
    stage_close(&s);
}

static void forgets_a_held_reply_whose_peer_is_gone(void **state)
{
    struct stage s;
    int other;

    (void)state;
    stage_open(&s);
    connections_hold(s.connections, ticket, &s);
    other = another(&s);
    s.ticket = 7;
    tell(&s, REQUEST);
    assert_int_equal(send(other, REQUEST, strlen(REQUEST), MSG_NOSIGNAL), strlen(REQUEST));
    turn(&s);
    assert_int_equal(s.begun, 2);
    close(other);
    assert_ok(loop_turn(s.loop));
    assert_int_equal(connections_count(s.connections), 1);
    connections_release(s.connections, 7, OK);
    loop_wake(s.loop);
    turn(&s);
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 1);
    stage_close(&s);
}

static void keeps_the_arena_of_a_parked_request_whose_peer_is_gone(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    s.parks = true;
    tell(&s, REQUEST);
    turn(&s);
    assert_non_null(s.parked);
    close(s.client);
    s.client = dup(STDIN_FILENO);
    assert_ok(loop_turn(s.loop));
    assert_int_equal(connections_count(s.connections), 1);
    assert_bytes(raw_reveal(s.parked->request.path),
                 LIT("/")); /* still there: the sanitizer would tell */
    connection_answered(s.parked);
    assert_ok(loop_turn(s.loop));
    assert_int_equal(connections_count(s.connections), 0);
    assert_int_equal(connections_parked(s.connections), 0);
    stage_close(&s);
}

static void notes_a_refusal_and_closes(void **state)
{
    struct stage s;
    bool ended = false;

    (void)state;
    stage_open(&s);
    tell(&s, "GET / HTTP/1.1\r\n\r\n" REQUEST);
    for (int i = 0; i < 4 && !ended; i++)
        ended = turn(&s);
    assert_true(ended);
    assert_int_equal(s.turned_away, 1);
    assert_int_equal(s.begun, 0);
    assert_int_equal(replies(&s, "HTTP/1.1 400"), 1);
    assert_int_equal(replies(&s, "Connection: close"), 1);
    stage_close(&s);
}

static void ends_idle_ones_at_once_and_others_behind_their_reply(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    s.parks = true;
    tell(&s, REQUEST);
    turn(&s);
    connections_end(s.connections);
    assert_int_equal(connections_count(s.connections), 1);
    connection_answered(s.parked);
    turn(&s);
    assert_int_equal(replies(&s, "Connection: close"), 1);
    stage_close(&s);
    stage_open(&s);
    connections_end(s.connections);
    assert_int_equal(connections_count(s.connections), 0);
    stage_close(&s);
}

/* Two requests, one behind the other. Whatever fails: an answer or an end, never silence, and
 * nothing is left. */
static bool two_requests(void *ctx)
{
    struct stage *s = ctx;
    tell(s, REQUEST REQUEST);
    for (int i = 0; i < 6 && !s->ended; i++) {
        assert_ok(loop_turn(s->loop));
        loop_wake(s->loop); /* so that the next turn does not wait */
        for (ssize_t n = 1; n > 0 && !s->ended;) {
            n = recv(s->client, s->reply + s->reply_n, sizeof s->reply - 1 - s->reply_n, 0);
            s->reply_n += n > 0 ? (size_t)n : 0;
            s->ended = n == 0;
        }
    }
    return replies(s, "HTTP/1.1 200") == 2 && !s->ended;
}

static void look(void *ctx, bool succeeded)
{
    struct stage *s = ctx;
    int answered = replies(s, "HTTP/1.1 ");

    assert_int_equal(replies(s, "HTTP/1.1 200") + replies(s, "HTTP/1.1 503"), answered);
    assert_true(succeeded || s->ended);
    stage_close(s);
    stage_open(s);
}

static void survives_each_fault(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    assert_true(each_fault("connection", two_requests, look, &s) > 10);
    stage_close(&s);
}

static const struct fault *one_more(struct stage *s, const struct handler *handler, int *client)
{
    struct address peer;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_ok(address_read(LIT("192.0.2.2:1"), &peer));
    *client = pair[1];
    return connections_take(s->connections, pair[0], &peer, NULL, handler, NULL);
}

/* Strangers who hold all the connections there may be keep out neither health nor administration;
 * these have a ceiling of their own. */
static void lets_insiders_in_when_strangers_are_many(void **state)
{
    struct stage s;
    struct handler insiders = {.begin = begin, .own_most = 2};
    int clients[13];
    size_t n = 0;

    (void)state;
    stage_open(&s);
    insiders.ctx = &s;
    while (door_connections(s.door) < 10)
        assert_ok(one_more(&s, &s.handler, &clients[n++]));
    assert_fault(one_more(&s, &s.handler, &clients[n++]), DOOR_FULL);
    assert_ok(one_more(&s, &insiders, &clients[n++]));
    assert_ok(one_more(&s, &insiders, &clients[n++]));
    assert_fault(one_more(&s, &insiders, &clients[n++]), DOOR_FULL);
    assert_int_equal(door_connections(s.door), 10);
    while (n > 0)
        close(clients[--n]);
    stage_close(&s);
}

#define HEADER "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
#define CLIENT "\xcb\x00\x71\x07\xc0\x00\x02\x01\xd4\x31\x20\xfb" /* 203.0.113.7 */

static int through(struct stage *s, const char *proxy, const struct fault *why)
{
    static struct address_range range;
    static const struct address_ranges proxies = {&range, 1};
    struct address peer;
    int pair[2];

    assert_ok(address_read_range(LIT("192.0.2.0/24"), &range));
    assert_ok(address_read(bytes_of(proxy), &peer));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_fault(connections_take(s->connections, pair[0], &peer, NULL, &s->handler, &proxies),
                 why);
    return pair[1];
}

static void say(int client, const char *at, size_t n)
{
    assert_int_equal(send(client, at, n, MSG_NOSIGNAL), n);
}

/* True when there is a reply within a few turns. */
static bool answered(struct stage *s, int client)
{
    char reply[512];

    for (int i = 0; i < 4; i++) {
        loop_wake(s->loop);
        assert_ok(loop_turn(s->loop));
        if (recv(client, reply, sizeof reply, MSG_DONTWAIT) > 0)
            return true;
    }
    return false;
}

/* By address counts for whom the proxy speaks, not the proxy. */
static void counts_a_proxied_client_as_himself(void **state)
{
    static const char seven[] = HEADER CLIENT REQUEST;
    char eight[sizeof seven];
    struct stage s;
    int one, other;

    (void)state;
    memcpy(eight, seven, sizeof eight);
    eight[19]++; /* the last byte of the client's address */
    stage_open(&s);
    s.fails = true;
    one = through(&s, "192.0.2.9:1", OK);
    say(one, seven, sizeof seven - 1);
    assert_true(answered(&s, one));
    for (int i = 1; i < DOOR_FAILURES; i++) {
        say(one, REQUEST, strlen(REQUEST));
        assert_true(answered(&s, one));
    }
    say(one, REQUEST, strlen(REQUEST));
    assert_false(answered(&s, one));
    other = through(&s, "192.0.2.9:2", OK);
    say(other, eight, sizeof eight - 1);
    assert_true(answered(&s, other));
    assert_int_equal(door_connections(s.door), 3);
    close(one);
    close(other);
    stage_close(&s);
}

static void takes_no_header_from_strangers_and_no_stranger_without(void **state)
{
    struct stage s;
    int client;

    (void)state;
    stage_open(&s);
    close(through(&s, "198.51.100.1:1", CONNECTION_STRANGER));
    client = through(&s, "192.0.2.9:1", OK);
    assert_int_equal(connections_count(s.connections), 2);
    say(client, REQUEST, strlen(REQUEST));
    assert_ok(loop_turn(s.loop));
    assert_int_equal(connections_count(s.connections), 1);
    assert_int_equal(connections_counts(s.connections).unproxied, 2);
    assert_int_equal(s.begun, 0);
    assert_int_equal(door_connections(s.door), 1);
    close(client);
    client = through(&s, "192.0.2.9:1", OK); /* who says nothing is let go at the end */
    connections_end(s.connections);
    assert_int_equal(connections_count(s.connections), 0);
    close(client);
    stage_close(&s);
}

/* A body on a connection that did not come by the door is counted nowhere, and read. */
static void reads_a_body_of_an_insider(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na";
    struct stage s;

    (void)state;
    stage_open(&s);
    s.handler.own_most = 1;
    close(s.client);
    assert_true(one_more(&s, &s.handler, &s.client) == DOOR_FULL); /* the first one counts */
    close(s.client);
    s.handler.own_most = 2;
    assert_ok(one_more(&s, &s.handler, &s.client));
    tell(&s, head);
    assert_false(turn(&s));
    tell(&s, "bc");
    for (int i = 0; i < 4 && replies(&s, "HTTP/1.1 200") == 0; i++)
        assert_false(turn(&s));
    assert_int_equal(replies(&s, "HTTP/1.1 200"), 1);
    s.handler.own_most = 0;
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_one_request_a_turn),
        cmocka_unit_test(rests_when_it_asks_too_much),
        cmocka_unit_test(tells_the_eleventh_failure_later),
        cmocka_unit_test(cuts_off_who_lets_too_much_lie),
        cmocka_unit_test(counts_heads_that_are_not_whole),
        cmocka_unit_test(shares_a_turn),
        cmocka_unit_test(lets_the_quiet_go_first),
        cmocka_unit_test(says_nothing_that_was_not_recorded),
        cmocka_unit_test(holds_replies_until_their_ticket_is_reached),
        cmocka_unit_test(forgets_a_held_reply_whose_peer_is_gone),
        cmocka_unit_test(keeps_the_arena_of_a_parked_request_whose_peer_is_gone),
        cmocka_unit_test(notes_a_refusal_and_closes),
        cmocka_unit_test(ends_idle_ones_at_once_and_others_behind_their_reply),
        cmocka_unit_test(survives_each_fault),
        cmocka_unit_test(lets_insiders_in_when_strangers_are_many),
        cmocka_unit_test(reads_a_body_of_an_insider),
        cmocka_unit_test(counts_a_proxied_client_as_himself),
        cmocka_unit_test(takes_no_header_from_strangers_and_no_stranger_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
