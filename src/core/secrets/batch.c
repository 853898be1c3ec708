/* Read the values of several secrets at once, each as if it had been read alone: judged, recorded
 * and refused for itself. */
#include "base/log.h"
#include "core/perform.h"
#include "core/secrets/list.h"

FAULT(SECRET_BATCH_WHICH, FAULT_CALLER, "secret.batch_which",
      "Either ids or filters say which secrets, not both.");
FAULT(SECRET_BATCH_PAGE, FAULT_CALLER, "secret.batch_page", "{} is only for a list with filters.");

enum { BATCH_MOST = 20 };

struct gathering {
    struct call *call;
    struct secret_read_out *values;
    struct secret_batch_error *errors;
    struct secret_batch_out *out;
};

static fallible fits(struct call *c, const struct secret_batch_in *in)
{
    ENSURE((in->ids.n == 0) != (in->filters.n == 0) && in->ids.n <= BATCH_MOST, SECRET_BATCH_WHICH);
    if (in->ids.n != 0 && in->max.said)
        return why(c, SECRET_BATCH_PAGE, LIT("MaxResults"));
    if (in->ids.n != 0 && in->next.at != NULL)
        return why(c, SECRET_BATCH_PAGE, LIT("NextToken"));
    return OK;
}

/* Whoever asked hears as little of what is our fault as he would have for this secret alone. */
static void tell_error(struct gathering *g, struct bytes id, const struct fault *fault)
{
    struct call *c = g->call;
    struct secret_batch_error *error = &g->errors[g->out->errors.n++];

    if (fault->class == FAULT_INTERNAL)
        LOG(LOG_ERROR, "secret.batch", F("request", c->id), F("fault", fault));
    *error = (struct secret_batch_error){id, bytes_of(fault->name), bytes_of(fault->text)};
    if (c->words.error_code != NULL)
        error->code = c->words.error_code(c->words.ctx, fault);
    if (c->words.said != NULL)
        error->message = c->words.said(c, c->words.ctx, fault);
    c->subjects = (struct texts){0};
    c->detail = (struct bytes){0};
}

/* What goes well in a moment is no answer about one secret: clients ask again for a request that
 * failed, never for what stands as an error in one that succeeded. */
static fallible read_one(struct gathering *g, struct bytes id)
{
    const struct secret_read_in in = {.id = id};
    const struct fault *fault =
        perform_within(g->call, &secret_read, &in, &g->values[g->out->values.n]);

    if (fault == ARENA_SPENT || (fault != OK && fault->class == FAULT_AGAIN))
        return fault;
    if (fault == OK)
        g->out->values.n++;
    else
        tell_error(g, id, fault);
    return OK;
}

static fallible read_named(struct gathering *g, const struct secret_batch_in *in)
{
    for (size_t i = 0; i < in->ids.n; i++)
        TRY(read_one(g, in->ids.at[i]));
    return OK;
}

/* A list is for who may list. */
static fallible read_listed(struct gathering *g, const struct secret_batch_in *in)
{
    const struct resource everything = {0};
    const struct secret_list_in wanted = {.next = in->next,
                                          .filters = {in->filters.at, in->filters.n}};
    const size_t most = in->max.said && in->max.value >= 1 && in->max.value < BATCH_MOST
                            ? (size_t)in->max.value
                            : BATCH_MOST;
    struct listed listed = {0};

    TRY(also_allowed(g->call, secret_list.action, &everything));
    TRY(secrets_list(g->call, &wanted, bytes_of(secret_batch.name), most, &listed));
    for (size_t i = 0; i < listed.n; i++)
        TRY(read_one(g, listed.at[i]->arn));
    g->out->next = listed.next;
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_batch_in *in = in_;
    struct gathering g = {.call = c, .out = out};

    TRY(fits(c, in));
    g.values = arena_get(c->arena, BATCH_MOST * sizeof *g.values);
    g.errors = arena_get(c->arena, BATCH_MOST * sizeof *g.errors);
    ENSURE(g.values != NULL && g.errors != NULL, ARENA_SPENT);
    g.out->values.at = g.values;
    g.out->errors.at = g.errors;
    return in->ids.n != 0 ? read_named(&g, in) : read_listed(&g, in);
}

const struct operation secret_batch = {
    .name = "secret.batch",
    .action = "secretsmanager:BatchGetSecretValue",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_batch_in),
    .out_size = sizeof(struct secret_batch_out),
    .audit = (const struct audited[]){AUDITED(secret_batch_in, ids, "secretIdList"),
                                      AUDITED(secret_batch_in, max, "maxResults"),
                                      {0}},
    .run = run,
};
