/* nouns_kit: a house, an account, a call at a time. */
#include "nouns_kit.h"

#include "base/faultpoint.h"

struct nouns_kit nouns;

const struct principal nouns_local = {.type = PRINCIPAL_LOCAL,
                                      .arn = {(const uint8_t *)"arn:coffer:local::uid/0", 23},
                                      .account = {(const uint8_t *)"123456789012", 12}};

static fallible make_account(struct call *c, const void *in, void *out)
{
    (void)in;
    (void)out;
    return identity_create_account(c, c->account, LIT("test"));
}

static const struct operation setup = {.name = "test.setup",
                                       .action = "iam:Setup",
                                       .mode = OPERATION_WRITES,
                                       .in_size = sizeof(struct nothing),
                                       .out_size = sizeof(struct nothing),
                                       .run = make_account};

int nouns_up(void **state)
{
    (void)state;
    return nouns_up_in((struct house_kit){.without_journal = true});
}

int nouns_up_in(struct house_kit house)
{
    struct nothing none = {0};

    nouns = (struct nouns_kit){.house = house, .now = 1767225600000, .who = &kit_root};
    house_make(&nouns.house);
    nouns.values = arena_open(1 << 20);
    assert_ok(ask(&setup, &none, &none));
    return 0;
}

void nouns_end(void)
{
    if (nouns.last != NULL)
        call_unmake(nouns.last);
    nouns.last = NULL;
}

int nouns_down(void **state)
{
    (void)state;
    nouns_end();
    arena_close(nouns.values);
    house_unmake(&nouns.house);
    return 0;
}

/* The making of a call is not what EACH_FAULT tries. */
struct call *nouns_begin(void)
{
    const int64_t armed = fault_point_left;

    fault_point_left = 0;
    nouns_end();
    nouns.last = call_make(nouns.house.worker, nouns.who);
    nouns.last->now = nouns.now;
    fault_point_left = armed;
    return nouns.last;
}

const struct fault *ask(const struct operation *operation, const void *in, void *out)
{
    struct call *c = nouns_begin();
    const struct fault *fault = call_begin(c);

    return fault == OK ? kit_perform(c, operation, in, out) : fault;
}

const struct fault *ask_with_key(struct bytes id, const struct operation *operation, const void *in,
                                 void *out)
{
    struct call *c;
    const struct fault *fault;

    nouns.who = NULL;
    c = nouns_begin();
    nouns.who = &kit_root;
    fault = call_begin(c);
    if (fault == OK)
        fault = identity_find(c, id);
    return fault == OK ? kit_perform(c, operation, in, out) : fault;
}

struct sensitive *value_of(const char *text)
{
    const int64_t armed = fault_point_left;
    struct sensitive *value;

    fault_point_left = 0;
    assert_ok(sensitive_new(nouns.values, strlen(text), &value));
    fault_point_left = armed;
    memcpy(sensitive_fill(value), text, strlen(text));
    return value;
}

void assert_value(const struct sensitive *value, const char *text)
{
    assert_non_null(value);
    assert_int_equal(sensitive_view(value).n, strlen(text));
    assert_memory_equal(sensitive_view(value).at, text, strlen(text));
}

static fallible count(void *n, struct bytes key, struct bytes value, bool *stop)
{
    (void)key;
    (void)value;
    (void)stop;
    ++*(size_t *)n;
    return OK;
}

size_t nouns_records(char table)
{
    const uint8_t letter = (uint8_t)table;
    struct call *c = nouns_begin();
    size_t n = 0;

    assert_ok(call_begin(c));
    assert_ok(txn_scan(c->txn, (struct bytes){&letter, 1}, (struct bytes){0}, count, &n));
    return n;
}

struct bytes subject(size_t i)
{
    assert_true(i < nouns.last->subjects.n);
    return nouns.last->subjects.at[i];
}
