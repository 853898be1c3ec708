/* replay: a record says which operation it was and what was asked; the members that its row audits
 * are read back from there. */
#include "core/backup/replay.h"

#include "base/clock.h"
#include "base/file.h"
#include "codec/json.h"
#include "codec/uuid.h"
#include "core/audit/line.h"
#include "core/audit/segment.h"
#include "core/audit/verify.h"
#include "core/identity/identity.h"
#include "core/perform.h"
#include "core/secrets/secrets.h"
#include "core/worker.h"
#include "crypto/random.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENT_MOST = JOURNAL_SEGMENT + (1 << 20), CALL_MOST = 16 << 20, ELEMENTS_MOST = 256 };

FAULT(REPLAY_JOURNAL, FAULT_STATE, "replay.journal",
      "The journal does not hold, or is not the one of the folder that the backup was made of: "
      "nothing of it was done again. See coffer audit verify.");

/* clang-format off */
static const struct {
    const struct operation *operation;
    bool identity; /* asked for over the admin socket: the account's own root may be meant */
} rows[] = {
    {&access_key_update, true},     {&access_key_delete, true},  {&user_delete, true},
    {&user_policy_put, true},       {&user_policy_delete, true}, {&user_update, true},
    {&secret_delete, false},        {&secret_restore, false},    {&secret_policy_put, false},
    {&secret_policy_delete, false}, {&user_tag, true},           {&user_untag, true},
    {&role_delete, true},           {&role_update_trust, true},  {&role_policy_put, true},
    {&role_policy_delete, true},    {&secret_tag, false},        {&secret_untag, false},
    {&role_update, true},
};
/* clang-format on */
enum { ROWS = sizeof rows / sizeof *rows };

struct replaying {
    const struct replay_plan *plan;
    struct replay_report *report;
    struct worker *worker;
    uint64_t anchored; /* the last record that a signature vouches for */
};

/* What of a record counts here. */
struct told {
    struct bytes operation, account, region, asked; /* asked: the object requestParameters */
    struct bytes type, user;                        /* of who asked; user: his name */
    bool cut, refused;
};

/* --- reading --- */

static fallible text_of(struct arena *arena, const struct json_value *value, struct bytes *out)
{
    uint8_t *to;

    if (value->kind != JSON_IS_TEXT)
        return OK;
    to = arena_get(arena, json_unescaped_size(value->text) + 1);
    ENSURE(to != NULL, ARENA_SPENT);
    json_unescape(value->text, to);
    *out = (struct bytes){to, json_unescaped_size(value->text)};
    return OK;
}

static fallible take_text(struct arena *arena, struct json *json, struct bytes *out)
{
    struct json_value value;

    TRY(json_value(json, &value));
    TRY(text_of(arena, &value, out));
    return json_pass(json, &value);
}

/* Of one object: each member, whose value the function takes or skips. */
typedef fallible member_fn(struct arena *, struct json *, struct json_text, struct told *);
static fallible each_member(struct arena *arena, struct bytes object, member_fn *take,
                            struct told *told)
{
    struct json json = json_open(object);
    struct json_value value;
    struct json_text name;
    bool there;

    TRY(json_value(&json, &value));
    for (;;) {
        TRY(json_member(&json, &name, &there));
        if (!there)
            return OK;
        TRY(take(arena, &json, name, told));
    }
}

static fallible read_own(struct arena *arena, struct json *json, struct json_text name,
                         struct told *told)
{
    if (json_text_is(name, LIT("operation")))
        return take_text(arena, json, &told->operation);
    told->cut = told->cut || json_text_is(name, LIT("cut"));
    return json_skip(json, NULL);
}

static fallible read_who(struct arena *arena, struct json *json, struct json_text name,
                         struct told *told)
{
    if (json_text_is(name, LIT("type")))
        return take_text(arena, json, &told->type);
    if (json_text_is(name, LIT("userName")))
        return take_text(arena, json, &told->user);
    return json_skip(json, NULL);
}

static fallible read_member(struct arena *arena, struct json *json, struct json_text name,
                            struct told *told)
{
    struct bytes object;

    if (json_text_is(name, LIT("recipientAccountId")))
        return take_text(arena, json, &told->account);
    if (json_text_is(name, LIT("awsRegion")))
        return take_text(arena, json, &told->region);
    if (json_text_is(name, LIT("requestParameters")))
        return json_skip(json, &told->asked);
    told->refused = told->refused || json_text_is(name, LIT("errorCode"));
    TRY(json_skip(json, &object));
    if (json_text_is(name, LIT("userIdentity")))
        return each_member(arena, object, read_who, told);
    return json_text_is(name, LIT("coffer")) ? each_member(arena, object, read_own, told) : OK;
}

static fallible read_record(struct arena *arena, struct bytes line, struct told *told)
{
    *told = (struct told){0};
    return each_member(arena, line, read_member, told);
}

/* --- asking again --- */

static fallible read_pair(struct arena *arena, struct json *json, struct pair *out)
{
    struct json_text name;
    bool there;

    for (;;) {
        TRY(json_member(json, &name, &there));
        if (!there)
            return OK;
        TRY(take_text(arena, json, json_text_is(name, LIT("key")) ? &out->name : &out->value));
    }
}

/* Elements of tags or of their keys; the array's opening has been taken. */
static fallible read_list(struct arena *arena, struct json *json, enum audit_each each,
                          struct list *out)
{
    const size_t size = each == AUDIT_PAIRS ? sizeof(struct pair) : sizeof(struct bytes);
    struct json_value value;
    bool there;

    out->at = arena_get(arena, ELEMENTS_MOST * size);
    ENSURE(out->at != NULL, ARENA_SPENT);
    for (out->n = 0;; out->n++) {
        uint8_t *at = (uint8_t *)out->at + out->n * size;

        TRY(json_element(json, &there));
        if (!there)
            return OK;
        ENSURE(out->n < ELEMENTS_MOST, REPLAY_JOURNAL);
        TRY(json_value(json, &value));
        ENSURE((value.kind == JSON_IS_OBJECT) == (each == AUDIT_PAIRS), REPLAY_JOURNAL);
        if (each == AUDIT_PAIRS)
            TRY(read_pair(arena, json, (struct pair *)(void *)at));
        else
            TRY(text_of(arena, &value, (struct bytes *)(void *)at));
    }
}

static fallible fill(struct arena *arena, const struct audited *audited,
                     const struct json_value *value, void *in)
{
    uint8_t *at = (uint8_t *)in + audited->member.offset;
    int64_t number = 0;

    if (value->kind == JSON_IS_NUMBER)
        TRY(json_int(value->number, &number));
    switch (audited->member.kind) {
    case KIND_TEXT:
        return text_of(arena, value, (struct bytes *)(void *)at);
    case KIND_INT:
        *(int64_t *)(void *)at = number;
        return OK;
    case KIND_MAYBE_INT:
        *(struct maybe_int *)(void *)at = (struct maybe_int){number, true};
        return OK;
    case KIND_BOOL:
        *(bool *)(void *)at = value->yes;
        return OK;
    case KIND_MAYBE_BOOL:
        *(struct maybe_bool *)(void *)at = (struct maybe_bool){value->yes, true};
        return OK;
    default:
        return OK;
    }
}

static const struct audited *audited_of(const struct operation *operation, struct json_text name)
{
    const struct audited *row = operation->audit;

    while (row->name != NULL && !json_text_is(name, bytes_of(row->name)))
        row++;
    return row;
}

static fallible take_member(struct arena *arena, struct json *json, const struct audited *row,
                            const struct json_value *value, void *in)
{
    if (row->name != NULL && row->member.kind == KIND_LIST && value->kind == JSON_IS_ARRAY)
        return read_list(arena, json, row->each,
                         (struct list *)(void *)((uint8_t *)in + row->member.offset));
    if (row->name != NULL)
        TRY(fill(arena, row, value, in));
    return json_pass(json, value);
}

static fallible read_asked(struct arena *arena, const struct operation *operation,
                           struct bytes asked, void *in)
{
    struct json json = json_open(asked);
    struct json_value value;
    struct json_text name;
    bool there;

    TRY(json_value(&json, &value));
    for (;;) {
        TRY(json_member(&json, &name, &there));
        if (!there)
            return OK;
        TRY(json_value(&json, &value));
        TRY(take_member(arena, &json, audited_of(operation, name), &value, in));
    }
}

/* Whose key it is, where a user asked about one of his own and so said no name. */
static void name_asker(const struct operation *operation, const struct told *told, void *in)
{
    struct access_key_in *key = in;

    if ((operation == &access_key_update || operation == &access_key_delete) && key->user.n == 0 &&
        bytes_same(told->type, LIT("IAMUser")))
        key->user = told->user;
}

static fallible perform_again(struct call *c, const struct operation *operation,
                              const struct told *told)
{
    struct attempt a = {.call = c, .operation = operation};
    void *in = arena_get(c->arena, operation->in_size);

    a.out = arena_get(c->arena, operation->out_size);
    ENSURE(in != NULL && a.out != NULL, ARENA_SPENT);
    memset(in, 0, operation->in_size);
    a.in = in;
    if (told->asked.n > 0)
        TRY(read_asked(c->arena, operation, told->asked, in));
    name_asker(operation, told, in);
    (void)perform(&a);
    return a.fault;
}

static fallible ask_again(struct replaying *r, struct arena *arena, size_t row,
                          const struct told *told)
{
    const struct principal who = {.type = rows[row].identity ? PRINCIPAL_LOCAL : PRINCIPAL_COFFER,
                                  .arn = LIT("arn:coffer:local::replay"),
                                  .id = LIT("replay"),
                                  .name = LIT("replay"),
                                  .account = told->account};
    uint8_t id[UUID_TEXT], random[10];
    struct call c = {.arena = arena,
                     .worker = r->worker,
                     .who = &who,
                     .peer = &who,
                     .partition = LIT("aws"),
                     .account = told->account,
                     .region = told->region,
                     .now = clock_now_ms(),
                     .id = {id, sizeof id}};
    const struct fault *fault;

    TRY(random_fill(random, sizeof random));
    uuid_v7(c.now, random, id);
    TRY(call_begin(&c));
    fault = perform_again(&c, rows[row].operation, told);
    call_end(&c);
    return fault;
}

/* --- one record after the other --- */

static void leave(struct replaying *r, const struct told *told)
{
    r->report->left++;
    if (r->plan->left != NULL)
        r->plan->left(r->plan->ctx, told->operation, told->asked);
}

/* A policy that the journal has in part cannot be put again; what no signature vouches for anybody
 * may have written. What is not there any more, or was never in the backup, needs nothing. */
static fallible replay_one(struct replaying *r, struct arena *arena, const struct told *told,
                           bool vouched)
{
    const struct fault *fault;
    size_t row = 0;

    while (row < ROWS && !bytes_same(bytes_of(rows[row].operation->name), told->operation))
        row++;
    if (row == ROWS || told->refused)
        return OK;
    fault = told->cut || !vouched ? REPLAY_JOURNAL : ask_again(r, arena, row, told);
    if (fault == OK)
        r->report->done++;
    else if (fault->class != FAULT_ABSENT)
        leave(r, told);
    return fault != OK && fault->class == FAULT_INTERNAL ? fault : OK;
}

static fallible replay_line(struct replaying *r, struct bytes whole)
{
    struct arena *arena;
    struct line line;
    struct told told;
    const struct fault *fault;

    if (!line_read(whole, &line) || line.commit <= r->plan->after)
        return OK;
    arena = arena_open(CALL_MOST);
    ENSURE(arena != NULL, ARENA_SPENT);
    fault = read_record(arena, whole, &told);
    if (fault == OK)
        fault = replay_one(r, arena, &told, line.sequence <= r->anchored);
    arena_close(arena);
    return fault;
}

static fallible replay_segment(struct replaying *r, struct arena *arena, const char *path)
{
    struct bytes rest, line;

    TRY(file_read(arena, path, SEGMENT_MOST, &rest));
    while (bytes_cut(&rest, '\n', &line))
        TRY(replay_line(r, line));
    return OK;
}

static fallible replay_all(struct replaying *r, struct arena *arena)
{
    const int folder = open(r->plan->journal, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct arena_mark mark = arena_mark(arena);
    const struct fault *fault;
    uint64_t firsts_most[1024], *firsts;
    size_t n;

    ENSURE(folder >= 0, REPLAY_JOURNAL);
    fault = segment_list(arena, folder, &firsts, &n);
    close(folder);
    TRY(fault);
    ENSURE(n <= sizeof firsts_most / sizeof *firsts_most, REPLAY_JOURNAL);
    memcpy(firsts_most, firsts, n * sizeof *firsts);
    for (size_t i = 0; i < n; i++) {
        char name[SEGMENT_NAME];
        const char *path;

        arena_rewind(arena, mark);
        segment_name(firsts_most[i], name);
        path = file_path(arena, r->plan->journal, name);
        ENSURE(path != NULL, ARENA_SPENT);
        TRY(replay_segment(r, arena, path));
    }
    return OK;
}

/* The chain alone is no proof: whoever can write it can write it anew. */
static fallible check(struct arena *arena, const struct replay_plan *plan,
                      struct replay_report *report, uint64_t *anchored)
{
    const struct arena_mark mark = arena_mark(arena);
    struct verify_report verified;

    TRY(journal_verify(arena, bytes_of(plan->journal), plan->public_key, NULL, &verified));
    arena_rewind(arena, mark);
    report->commit = verified.commit;
    *anchored = verified.anchored;
    ENSURE(verified.verdict == VERIFY_WHOLE || verified.verdict == VERIFY_TORN, REPLAY_JOURNAL);
    return *anchored != 0 ? OK : REPLAY_JOURNAL;
}

fallible backup_replay_check(struct arena *arena, const struct replay_plan *plan,
                             struct replay_report *report)
{
    uint64_t unused;

    return check(arena, plan, report, &unused);
}

fallible backup_replay(struct arena *arena, const struct replay_plan *plan,
                       struct replay_report *report)
{
    struct replaying r = {.plan = plan, .report = report};
    struct house alone = *plan->house; /* each change is committed here and now */
    const struct fault *fault;

    *report = (struct replay_report){0};
    TRY(check(arena, plan, report, &r.anchored));
    alone.committer = NULL;
    alone.committing = NULL;
    TRY(worker_open(&alone, NULL, &r.worker));
    fault = replay_all(&r, arena);
    worker_close(r.worker);
    return fault;
}
