/* The whole server but for sockets: a request's bytes as they come (first byte even), or a body
 * that is signed rightly and so reaches its operation (odd; the byte chooses the operation). Always
 * a reply, always JSON or XML, always recorded. */
#include "base/buf.h"
#include "codec/json.h"
#include "core/audit/audit.h"
#include "support/world.h"
#include "wire/letter.h"

#undef MUST /* the word of the tables */
#include "fuzz/must.h"

enum { RUNS_PER_WORLD = 500 };

static const char *const operations[] = {
    "CreateSecret",   "DeleteSecret",  "DescribeSecret", "GetSecretValue",           "ListSecrets",
    "PutSecretValue", "RestoreSecret", "UpdateSecret",   "UpdateSecretVersionStage",
};
static const char *const services[] = {"sts",
                                       "iam"}; /* in forms, which name the operation themselves */
enum {
    OPERATIONS = sizeof operations / sizeof *operations,
    SERVICES = sizeof services / sizeof *services
};

static struct world world;

static void renew(void)
{
    static unsigned runs;

    if (runs % RUNS_PER_WORLD == 0 && runs > 0)
        world_close(&world);
    if (runs++ % RUNS_PER_WORLD == 0)
        world_open(&world, runs / RUNS_PER_WORLD % 2 != 0);
}

static void say_target(struct letter *letter, const char *operation)
{
    struct buf target = buf_open(letter->arena, 64);
    struct bytes whole = {0};

    buf_add(&target, LIT("secretsmanager."));
    buf_add_text(&target, operation);
    MUST(buf_done(&target, &whole) == OK);
    letter->headers[letter->header_count++] = (struct pair){LIT("X-Amz-Target"), whole};
}

static void say_form(struct letter *letter, const char *service)
{
    letter->service = bytes_of(service);
    letter->headers[letter->header_count++] =
        (struct pair){LIT("Content-Type"), LIT("application/x-www-form-urlencoded")};
}

static struct bytes request_of(struct arena *arena, uint8_t choice, struct bytes input)
{
    const size_t chosen = choice / 2 % (OPERATIONS + SERVICES);
    struct letter letter;

    if (choice % 2 == 0)
        return input;
    letter_read(&letter, arena, LIT("POST / HTTP/1.1\nHost: localhost\n\n"), WORLD_NOW);
    if (chosen < OPERATIONS)
        say_target(&letter, operations[chosen]);
    else
        say_form(&letter, services[chosen - OPERATIONS]);
    letter.body = input;
    return letter_send(&letter);
}

static const struct fault *read_request(struct arena *arena, struct bytes sent,
                                        struct http_request *request)
{
    enum http_stage stage = HTTP_READING_HEAD;
    struct http_reader *reader;

    TRY(http_reader_open(arena, request, sent, &reader));
    do
        TRY(http_took(reader, 0, &stage));
    while (stage == HTTP_HEAD_READ);
    return stage == HTTP_READ ? OK : HTTP_MALFORMED;
}

static void look_at(const struct http_reply *reply)
{
    const struct bytes body = raw_reveal(reply->body);
    struct json json = json_open(body);

    MUST(reply->status >= 200 && reply->status < 600);
    if (bytes_begins(body, LIT("<")))
        MUST(bytes_ends(body, LIT("Response>")));
    else
        MUST(body.n == 0 || (json_skip(&json, NULL) == OK && json_end(&json) == OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct arena *arena = arena_open((size_t)16 << 20);
    struct flight *flight;
    struct http_request *request;
    const struct fault *fault;

    if (n == 0) {
        arena_close(arena);
        return 0;
    }
    renew();
    flight = arena_new(arena, struct flight);
    request = arena_new(arena, struct http_request);
    fault = read_request(arena, request_of(arena, at[0], (struct bytes){at + 1, n - 1}), request);
    MUST(address_read(LIT("192.0.2.1:1"), &request->peer) == OK);
    if (fault != OK)
        answer_unreadable(flight, world.worker, arena, request, fault);
    else
        MUST(answer_begin(flight, world.worker, arena, request) == DONE);
    look_at(&flight->reply);
    MUST(turn_write(world.worker) == OK);
    arena_close(arena);
    MUST(sensitive_usage().values == 0);
    return 0;
}
