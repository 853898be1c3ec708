/* reindex: many small transactions, some of them made durable at once. */
#include "core/secrets/reindex.h"

#include "core/marks.h"
#include "core/perform.h"
#include "core/record.h"
#include "core/secrets/index.h"
#include "core/worker.h"
#include "store/commit.h"

#include <string.h>

enum { GROUP = 128, GROUP_ARENA = 32 << 20 };

struct pass { /* one durable step */
    struct arena *arena;
    struct worker *worker;
    struct bytes before; /* the record to go on before; empty: from the last */
    bool ended;          /* none is left */
    struct batch batches[GROUP];
    size_t n;
};

struct first {
    struct arena *arena;
    struct bytes key, sealed;
};

static fallible take_first(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct first *first = ctx;

    *stop = true;
    first->key = arena_copy(first->arena, key);
    first->sealed = arena_copy(first->arena, value);
    ENSURE(first->key.at != NULL && first->sealed.at != NULL, ARENA_SPENT);
    return OK;
}

static const uint8_t letter = TABLE_SECRET;
static const struct bytes records = {&letter, 1};

/* Account and region as the key has them. */
static fallible place(struct call *c, struct bytes key)
{
    struct bytes rest = bytes_after(key, 1);

    ENSURE(bytes_cut(&rest, 0, &c->account) && bytes_cut(&rest, 0, &c->region), RECORD_DAMAGED);
    return OK;
}

static fallible add_rows(struct call *c, const struct first *at)
{
    const struct indexed nothing = {0};
    struct bytes body, mark;
    struct secret *secret;
    struct moment used;

    TRY(place(c, at->key));
    TRY(record_open(c, c->account, at->key, at->sealed, &body));
    TRY(secret_parse(c, at->key, body, &secret));
    TRY(index_save(c, secret, &nothing));
    TRY(secret_use_key(c, secret, &mark));
    TRY(mark_read(c, mark, &used));
    return used.ms == 0 ? OK : index_used(c, at->key, (struct moment){0}, used);
}

static fallible take_one(struct pass *pass, struct call *c)
{
    struct first at = {.arena = pass->arena};

    TRY(call_begin(c));
    TRY(txn_scan_down(c->txn, records, pass->before, take_first, &at));
    pass->ended = at.key.at == NULL;
    if (pass->ended)
        return OK;
    pass->before = at.key;
    TRY(add_rows(c, &at));
    TRY(txn_pack(c->txn, &pass->batches[pass->n]));
    pass->n++;
    return OK;
}

/* One secret, one transaction: a hundred rows at most. */
static fallible one(struct pass *pass)
{
    struct call *c = arena_new(pass->arena, struct call);
    const struct fault *fault;

    ENSURE(c != NULL, ARENA_SPENT);
    c->arena = pass->arena;
    c->worker = pass->worker;
    fault = take_one(pass, c);
    call_end(c);
    return fault == RECORD_DAMAGED ? OK : fault;
}

static fallible commit(struct pass *pass)
{
    struct batch *group[GROUP];

    for (size_t i = 0; i < pass->n; i++) {
        pass->batches[i].guard_count = 0; /* nobody else writes */
        group[i] = &pass->batches[i];
    }
    return pass->n == 0 ? OK : store_commit(pass->worker->house->store, group, pass->n, 0);
}

static fallible run_pass(struct pass *pass)
{
    for (size_t i = 0; i < GROUP && !pass->ended; i++)
        TRY(one(pass));
    return commit(pass);
}

static fallible passes(struct worker *worker, size_t *made)
{
    uint8_t room[STORE_KEY_MOST];
    const struct fault *fault = OK;
    struct bytes before = {0};
    bool ended = false;

    while (!ended && fault == OK) {
        struct arena *arena = arena_open(GROUP_ARENA);
        struct pass *pass = arena == NULL ? NULL : arena_new(arena, struct pass);

        fault = ARENA_SPENT;
        if (pass != NULL) {
            *pass = (struct pass){.arena = arena, .worker = worker, .before = before};
            fault = run_pass(pass);
            *made += pass->n;
            ended = pass->ended;
            before = (struct bytes){room, pass->before.n};
            if (before.n > 0)
                memcpy(room, pass->before.at, before.n);
        }
        arena_close(arena);
    }
    return fault;
}

/* Has the first secret its row? */
static fallible is_there(struct worker *worker, struct arena *arena, bool *there)
{
    struct call c = {.arena = arena, .worker = worker};
    struct first at = {.arena = arena};
    struct spot spot = {0};
    struct bytes head, row, value;
    const struct fault *fault;

    TRY(call_begin(&c));
    TRY(txn_scan(c.txn, records, (struct bytes){0}, take_first, &at));
    *there = at.key.at == NULL;
    if (*there)
        return OK;
    TRY(place(&c, at.key));
    spot.tail = bytes_after(at.key, 1 + c.account.n + 1 + c.region.n + 1);
    TRY(index_list(&c, ORDER_NAME, &head));
    TRY(index_row(&c, ORDER_NAME, head, &spot, &row));
    fault = txn_look(c.txn, row, &value);
    *there = fault == OK;
    return fault == STORE_ABSENT ? OK : fault;
}

fallible secrets_reindex(struct worker *worker, size_t *made)
{
    struct arena *arena = arena_open(1 << 20);
    bool there = false;
    const struct fault *fault;

    *made = 0;
    ENSURE(arena != NULL, ARENA_SPENT);
    fault = is_there(worker, arena, &there);
    arena_close(arena);
    return fault != OK || there ? fault : passes(worker, made);
}
