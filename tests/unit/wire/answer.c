/* answer(): one record for each request, whichever way it goes and whatever fails on it; parked
 * requests come home. */
#include "wire/answer.h"
#include "base/buf.h"
#include "core/audit/audit.h"
#include "core/audit/outbox.h"
#include "store/commit.h"
#include "store/mailbox.h"
#include "support/each_fault.h"
#include "support/test.h"
#include "support/world.h"
#include "wire/letter.h"

#include <stdio.h>
#include <string.h>

static struct world world;

/* A request that has been read, in an arena of its own, so that answer() alone meets the fault
 * points. */
struct asked {
    struct arena *arena;
    struct http_request request;
};

static struct bytes text_of(struct arena *arena, const char *head, const char *target,
                            const char *body)
{
    struct buf to = buf_open(arena, 512);
    struct bytes all = {0};

    buf_add_text(&to, head);
    buf_add_text(&to, "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: ");
    buf_add_text(&to, target);
    buf_add_text(&to, "\n\n");
    buf_add_text(&to, body);
    assert_ok(buf_done(&to, &all));
    return all;
}

static void ask(struct asked *asked, const char *head, const char *target, const char *body)
{
    struct http_reader *reader;
    enum http_stage stage;
    struct letter letter;

    asked->arena = arena_open((size_t)1 << 20);
    asked->request = (struct http_request){0};
    letter_read(&letter, asked->arena, text_of(asked->arena, head, target, body), WORLD_NOW);
    assert_ok(http_reader_open(asked->arena, &asked->request, letter_send(&letter), &reader));
    do
        assert_ok(http_took(reader, 0, &stage));
    while (stage == HTTP_HEAD_READ);
    assert_int_equal(stage, HTTP_READ);
    assert_ok(address_read(LIT("192.0.2.7:4711"), &asked->request.peer));
}

static size_t records_of(struct bytes id)
{
    struct arena *arena = arena_open((size_t)16 << 20);
    struct bytes journal = world_journal(&world, arena);
    const uint8_t *at = journal.at, *end = journal.at + journal.n;
    size_t n = 0;

    while ((at = memmem(at, (size_t)(end - at), id.at, id.n)) != NULL) {
        const uint8_t *line = memchr(at, '\n', (size_t)(end - at));

        n++;
        at = line == NULL ? end : line;
    }
    arena_close(arena);
    return n;
}

/* --- each fault --- */

struct attempted {
    struct asked asked;
    uint8_t id[36];
    uint16_t status;
    bool began, recorded;
};

static bool once(void *ctx)
{
    struct attempted *a = ctx;
    struct arena *arena = arena_open((size_t)1 << 20);
    struct flight *f = arena == NULL ? NULL : arena_new(arena, struct flight);

    a->asked.request.peer
        .ip[15]++; /* refusals at the door are summed beyond ten from one address */
    a->began = f != NULL;
    if (a->began) {
        assert_int_equal(answer_begin(f, world.worker, arena, &a->asked.request), DONE);
        a->status = f->reply.status;
        memcpy(a->id, f->id, sizeof(a->id));
        a->recorded = turn_write(world.worker) == OK;
    }
    arena_close(arena);
    return a->began && a->status == 200 && a->recorded;
}

/* What was answered is on record, once; what is not on record was not answered well. The record of
 * a change that is committed may still wait in the outbox. */
static void check(void *ctx, bool succeeded)
{
    struct attempted *a = ctx;
    const struct bytes id = {a->id, sizeof(a->id)};

    assert_int_equal(sensitive_usage().values, 0);
    if (!a->began)
        return;
    assert_true(a->status >= 200 && a->status < 600);
    if (succeeded && records_of(id) == 0)
        assert_ok(outbox_recover(world.worker, false));
    if (a->recorded)
        assert_int_equal(records_of(id), 1);
    else
        assert_int_equal(records_of(id), 0);
}

#define TOKEN "\"ClientRequestToken\":\"11111111-1111-4111-8111-111111111111\""
#define MAKE  "{\"Name\":\"a\"," TOKEN ",\"SecretString\":\"x\"}"

/* In a world of its own, where the secret `a` is: an id without randomness comes once in each
 * walk. */
static void each(const char *name, const char *operation, const char *body)
{
    struct attempted a = {0};

    world_open(&world, false);
    ask(&a.asked, "", "secretsmanager.CreateSecret", MAKE);
    assert_true(once(&a));
    arena_close(a.asked.arena);
    ask(&a.asked, "", operation, body);
    assert_true(each_fault(name, once, check, &a) > 2);
    arena_close(a.asked.arena);
    world_close(&world);
}

static void one_record_whatever_fails(void **state)
{
    (void)state;
    each("answer: a change", "secretsmanager.CreateSecret",
         "{\"Name\":\"b\"," TOKEN ",\"SecretString\":\"x\"}");
    each("answer: a read", "secretsmanager.GetSecretValue", "{\"SecretId\":\"a\"}");
    each("answer: an absent thing", "secretsmanager.GetSecretValue", "{\"SecretId\":\"c\"}");
    each("answer: bad bounds", "secretsmanager.GetSecretValue", "{}");
}

/* Door refusals beyond ten a minute are summed, so each walk gets a world of its own and few
 * points. */
static void one_record_of_a_refusal_at_the_door(void **state)
{
    static const char *const heads[] = {"# secret wrong\n", "# nobody\n",
                                        "# key AKIANOSUCHKEY0000001\n", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        struct attempted a = {0};

        world_open(&world, false);
        ask(&a.asked, heads[i], i == 3 ? "secretsmanager.Nothing" : "secretsmanager.GetSecretValue",
            "{}");
        assert_false(once(&a));
        assert_true(a.began && a.recorded && a.status == 400);
        assert_int_equal(records_of((struct bytes){a.id, sizeof(a.id)}), 1);
        arena_close(a.asked.arena);
        world_close(&world);
    }
}

/* --- parking --- */

static void a_parked_change_comes_home(void **state)
{
    struct arena *arena = arena_open((size_t)1 << 20);
    struct flight *f = arena_new(arena, struct flight);
    struct asked asked;
    struct batch *batch;

    (void)state;
    world_open(&world, false);
    world_commit_apart(&world);
    ask(&asked, "", "secretsmanager.CreateSecret",
        "{\"Name\":\"a\"," TOKEN ",\"SecretString\":\"x\"}");
    assert_int_equal(answer_begin(f, world.worker, arena, &asked.request), PARKED);
    batch = mailbox_wait(world.home);
    assert_non_null(batch);
    assert_ptr_equal(flight_of(batch), f);
    answer_resume(f);
    assert_int_equal(f->reply.status, 200);
    assert_ok(turn_write(world.worker));
    assert_int_equal(records_of(f->call.id), 1);
    arena_close(arena);
    arena_close(asked.arena);
    world_close(&world);
}

enum { FLIGHTS = 64 };

struct parked {
    struct asked asked;
    struct arena *arena;
    struct flight *flight;
};

static const char *token_of(size_t i)
{
    static char token[37];

    (void)snprintf(token, sizeof token, "22222222-2222-4222-8222-%012zu", i);
    return token;
}

static void begin_put(struct parked *p, size_t i)
{
    char body[256];

    (void)snprintf(body, sizeof body,
                   "{\"SecretId\":\"a\",\"ClientRequestToken\":\"%s\",\"SecretString\":\"%zu\"}",
                   token_of(i), i);
    ask(&p->asked, "", "secretsmanager.PutSecretValue", body);
    p->arena = arena_open((size_t)1 << 20);
    p->flight = arena_new(p->arena, struct flight);
    assert_int_equal(answer_begin(p->flight, world.worker, p->arena, &p->asked.request), PARKED);
}

/* All of them before the committer has any. */
static void park_all(struct parked parked[])
{
    struct committer *committer = world.house.committer;

    world.house.committer = NULL;
    world.house.gather = true;
    for (size_t i = 0; i < FLIGHTS; i++)
        begin_put(&parked[i], i);
    world.house.gather = false;
    world.house.committer = committer;
    for (size_t i = 0; i < FLIGHTS; i++)
        assert_ok(committer_submit(committer, &parked[i].flight->attempt.batch));
}

static void land_all(size_t wanted)
{
    while (wanted > 0) {
        struct batch *batch = mailbox_wait(world.home);

        for (; batch != NULL; wanted--) {
            struct flight *f = flight_of(batch);

            batch = batch->next;
            answer_resume(f);
        }
    }
}

static void assert_version(size_t i)
{
    struct attempted a = {0};
    char body[128];

    (void)snprintf(body, sizeof body, "{\"SecretId\":\"a\",\"VersionId\":\"%s\"}", token_of(i));
    ask(&a.asked, "", "secretsmanager.GetSecretValue", body);
    assert_true(once(&a));
    arena_close(a.asked.arena);
}

/* All read the secret as it was before any of them: all but one of a group run again. */
static void sixty_four_changes_of_one_secret(void **state)
{
    static struct parked parked[FLIGHTS];
    struct attempted a = {0};

    (void)state;
    world_open(&world, false);
    ask(&a.asked, "", "secretsmanager.CreateSecret", MAKE);
    assert_true(once(&a));
    arena_close(a.asked.arena);
    world_commit_apart(&world);
    park_all(parked);
    land_all(FLIGHTS);
    assert_true(committer_figures(world.house.committer).again >= FLIGHTS - 1);
    assert_ok(turn_write(world.worker));
    for (size_t i = 0; i < FLIGHTS; i++) {
        assert_int_equal(parked[i].flight->reply.status, 200);
        assert_int_equal(records_of(parked[i].flight->call.id), 1);
        assert_version(i);
        arena_close(parked[i].arena);
        arena_close(parked[i].asked.arena);
    }
    world_close(&world);
}

/* --- the reply that may not leave --- */

static void what_was_not_recorded_is_taken_back(void **state)
{
    struct arena *arena = arena_open((size_t)1 << 20);
    struct flight *f = arena_new(arena, struct flight);
    struct asked asked;

    (void)state;
    world_open(&world, false);
    ask(&asked, "", "secretsmanager.ListSecrets", "{}");
    assert_int_equal(answer_begin(f, world.worker, arena, &asked.request), DONE);
    assert_int_equal(f->reply.status, 200);
    answer_unrecorded(f);
    assert_int_equal(f->reply.status, 500);
    assert_ok(turn_write(world.worker));
    arena_close(arena);
    arena_close(asked.arena);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_record_whatever_fails),
        cmocka_unit_test(one_record_of_a_refusal_at_the_door),
        cmocka_unit_test(a_parked_change_comes_home),
        cmocka_unit_test(sixty_four_changes_of_one_secret),
        cmocka_unit_test(what_was_not_recorded_is_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
