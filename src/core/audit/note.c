/* note: a request's record, from its facts and the audited members alone. */
#include "base/clock.h"
#include "codec/date.h"
#include "codec/json_write.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/identity/identity.h"
#include "core/worker.h"
#include "crypto/random.h"

enum {
    NOTE_USUAL = 1536,
    TAIL_USUAL = 256,
    TEXT_MOST = 2048,
    ITEM_MOST = 256, /* of a list, of which there are so many at most: the journal takes so much */
    ITEMS_MOST = 64,
    AGENT_MOST = 512,
    ACCESS_KEY_MOST = 128
};

static struct bytes cut(struct bytes text, size_t most)
{
    return text.n > most ? (struct bytes){text.at, most} : text;
}

static void member(struct json_writer *w, struct bytes name, struct bytes value)
{
    if (value.n == 0)
        return;
    json_put_member(w, name, value);
}

static void member_iso(struct json_writer *w, struct bytes name, int64_t ms)
{
    uint8_t text[DATE_ISO];

    date_iso(ms, text);
    member(w, name, (struct bytes){text, DATE_ISO});
}

/* A claimed id is written only when it looks like one: people paste the secret into the wrong
 * field. */
static struct bytes claimed(struct bytes id)
{
    bool fits = id.n >= 16 && id.n <= ACCESS_KEY_MOST;

    for (size_t i = 0; fits && i < id.n; i++)
        fits = (id.at[i] >= 'A' && id.at[i] <= 'Z') || (id.at[i] >= '0' && id.at[i] <= '9');
    return fits || id.n == 0 ? id : LIT("malformed");
}

static struct bytes type_word(enum principal_type type)
{
    switch (type) {
    case PRINCIPAL_ROOT:
        return LIT("Root");
    case PRINCIPAL_USER:
        return LIT("IAMUser");
    case PRINCIPAL_LOCAL:
        return LIT("CofferLocal");
    case PRINCIPAL_COFFER:
        return LIT("CofferService");
    }
    return LIT("Unknown");
}

static void put_identity(struct json_writer *w, const struct call *c)
{
    const struct principal *who = c->who != NULL ? c->who : c->peer;

    json_put_name(w, LIT("userIdentity"));
    json_put_object(w);
    if (who == NULL) {
        member(w, LIT("type"), LIT("Unknown"));
        member(w, LIT("accessKeyId"), claimed(c->credential));
    } else {
        member(w, LIT("type"), type_word(who->type));
        member(w, LIT("principalId"), who->id);
        member(w, LIT("arn"), who->arn);
        member(w, LIT("accountId"), who->account);
        member(w, LIT("accessKeyId"), who->access_key_id);
        member(w, LIT("userName"), who->name);
    }
    json_put_object_end(w);
}

static void put_audited_text(struct json_writer *w, struct bytes name, const struct bytes *text)
{
    if (text->at == NULL)
        return;
    json_put_member(w, name, cut(*text, TEXT_MOST));
}

static void put_number(struct json_writer *w, struct bytes name, int64_t number, bool said)
{
    if (!said)
        return;
    json_put_name(w, name);
    json_put_int(w, number);
}

static void put_truth(struct json_writer *w, struct bytes name, bool truth, bool said)
{
    if (!said)
        return;
    json_put_name(w, name);
    json_put_bool(w, truth);
}

/* As CloudTrail spells tags. */
static void put_pair(struct json_writer *w, const struct pair *pair)
{
    json_put_object(w);
    json_put_name(w, LIT("key"));
    json_put_text(w, cut(pair->name, ITEM_MOST));
    json_put_name(w, LIT("value"));
    json_put_text(w, cut(pair->value, ITEM_MOST));
    json_put_object_end(w);
}

static void put_list(struct json_writer *w, struct bytes name, const struct list *list,
                     enum audit_each each)
{
    const struct bytes *texts = list->at;
    const struct pair *pairs = list->at;

    if (list->at == NULL)
        return;
    json_put_name(w, name);
    json_put_array(w);
    for (size_t i = 0; i < list->n && i < ITEMS_MOST; i++) {
        if (each == AUDIT_TEXTS)
            json_put_text(w, cut(texts[i], ITEM_MOST));
        else
            put_pair(w, &pairs[i]);
    }
    json_put_array_end(w);
}

static void put_audited(struct json_writer *w, const struct audited *row, const void *in)
{
    const void *at = (const uint8_t *)in + row->member.offset;
    const struct bytes name = bytes_of(row->name);

    switch (row->member.kind) {
    case KIND_TEXT:
        put_audited_text(w, name, at);
        return;
    case KIND_INT:
        put_number(w, name, *(const int64_t *)at, true);
        return;
    case KIND_BOOL:
        put_truth(w, name, *(const bool *)at, true);
        return;
    case KIND_MAYBE_INT:
        put_number(w, name, ((const struct maybe_int *)at)->value,
                   ((const struct maybe_int *)at)->said);
        return;
    case KIND_MAYBE_BOOL:
        put_truth(w, name, ((const struct maybe_bool *)at)->value,
                  ((const struct maybe_bool *)at)->said);
        return;
    case KIND_TIME:
        if (((const struct moment *)at)->ms != 0)
            member_iso(w, name, ((const struct moment *)at)->ms);
        return;
    case KIND_LIST:
        put_list(w, name, at, row->each);
        return;
    default: /* AUDITED makes no other */
        return;
    }
}

static void put_members(struct json_writer *w, struct bytes name, const struct audited *rows,
                        const void *of)
{
    if (rows == NULL || of == NULL)
        return;
    json_put_name(w, name);
    json_put_object(w);
    for (; rows->name != NULL; rows++)
        put_audited(w, rows, of);
    json_put_object_end(w);
}

static void put_resource(struct json_writer *w, const struct call *c,
                         const struct resource *resource)
{
    if (resource == NULL || resource->arn.n == 0)
        return;
    json_put_name(w, LIT("resources"));
    json_put_array(w);
    json_put_object(w);
    member(w, LIT("ARN"), cut(resource->arn, TEXT_MOST));
    member(w, LIT("accountId"), c->account);
    member(w, LIT("type"), resource->type);
    json_put_object_end(w);
    json_put_array_end(w);
}

static void put_tls(struct json_writer *w, const struct origin *origin)
{
    if (origin->tls_version.n == 0)
        return;
    json_put_name(w, LIT("tlsDetails"));
    json_put_object(w);
    member(w, LIT("tlsVersion"), origin->tls_version);
    member(w, LIT("cipherSuite"), origin->tls_cipher);
    member(w, LIT("clientProvidedHostHeader"), cut(origin->host, AGENT_MOST));
    json_put_object_end(w);
}

/* Each record has an id of its own: the request's, counted on for what was done within it. */
static void put_event_id(struct json_writer *w, struct buf *b, const struct call *c)
{
    size_t older = 0;

    for (const struct note *note = c->notes; note != NULL; note = note->older)
        older++;
    json_put_name(w, LIT("eventID"));
    buf_add_byte(b, '"');
    buf_add(b, c->id);
    if (older > 0) {
        buf_add_byte(b, '.');
        buf_add_int(b, (int64_t)older);
    }
    buf_add_byte(b, '"');
    w->comma = true;
}

static void put_request(struct json_writer *w, struct buf *b, const struct call *c,
                        const struct operation *operation)
{
    member(w, LIT("eventVersion"), LIT("1.11"));
    member_iso(w, LIT("eventTime"), c->now);
    put_event_id(w, b, c);
    member(w, LIT("requestID"), c->id);
    member(w, LIT("eventSource"), c->words.source.n > 0 ? c->words.source : LIT("coffer.local"));
    if (operation == NULL || c->words.name.n > 0)
        member(w, LIT("eventName"),
               c->words.name.n > 0 ? cut(c->words.name, ACCESS_KEY_MOST) : LIT("Unknown"));
    else
        member(w, LIT("eventName"), bytes_of(operation->name));
    member(w, LIT("awsRegion"), cut(c->region, ACCESS_KEY_MOST));
    member(w, LIT("recipientAccountId"), c->account);
    member(w, LIT("sourceIPAddress"), c->origin.address);
    member(w, LIT("userAgent"), cut(c->origin.user_agent, AGENT_MOST));
}

static fallible make_head(struct call *c, const struct operation *operation, const void *in,
                          const struct resource *resource, struct bytes *head)
{
    struct buf b = buf_open(c->arena, NOTE_USUAL);
    struct json_writer w = json_writer(&b);

    json_put_object(&w);
    put_request(&w, &b, c, operation);
    put_identity(&w, c);
    if (operation != NULL)
        put_truth(&w, LIT("readOnly"), operation->mode == OPERATION_READS, true);
    if (operation != NULL)
        put_members(&w, LIT("requestParameters"), operation->audit, in);
    put_resource(&w, c, resource);
    put_tls(&w, &c->origin);
    return buf_done(&b, head);
}

/* Ends inside the object: the journal closes it. */
static fallible make_tail(struct call *c, const struct operation *operation,
                          const struct decision *decision, struct bytes *tail)
{
    struct buf b = buf_open(c->arena, TAIL_USUAL);
    struct json_writer w = json_writer(&b);

    buf_add(&b, LIT(",\"coffer\":{\"format\":1"));
    w.comma = true;
    if (operation != NULL)
        member(&w, LIT("operation"), bytes_of(operation->name));
    if (decision != NULL && (decision->allowed || decision->generation != 0)) {
        json_put_name(&w, LIT("decision"));
        json_put_object(&w);
        put_truth(&w, LIT("allowed"), decision->allowed, true);
        member(&w, LIT("kind"), decision->kind);
        member(&w, LIT("policy"), decision->policy);
        member(&w, LIT("statement"), decision->statement);
        put_number(&w, LIT("revision"), (int64_t)decision->generation, true);
        json_put_object_end(&w);
    }
    return buf_done(&b, tail);
}

static fallible make_response(struct call *c, const struct operation *operation,
                              struct bytes *response)
{
    struct buf b = buf_open(c->arena, TAIL_USUAL);
    struct json_writer w = {.buf = &b, .comma = true};

    if (operation == NULL || operation->told == NULL)
        return OK;
    put_members(&w, LIT("responseElements"), operation->told, c->out);
    return buf_done(&b, response);
}

static void name_outcome(const struct call *c, struct note *note, const struct fault *outcome)
{
    note->outcome = outcome;
    if (outcome == OK)
        return;
    note->code = c->words.error_code != NULL ? c->words.error_code(c->words.ctx, outcome)
                                             : bytes_of(outcome->name);
    note->message = outcome == DENIED && c->detail.n > 0 ? c->detail : bytes_of(outcome->text);
}

fallible audit_note(struct call *c, const struct operation *operation, const void *in,
                    const struct resource *resource, const struct decision *decision,
                    const struct fault *outcome)
{
    const struct arena_mark before = arena_mark(c->arena);
    struct note *note = arena_new(c->arena, struct note);

    ENSURE(note != NULL, ARENA_SPENT);
    note->before = before;
    TRY(make_head(c, operation, in, resource, &note->head));
    TRY(make_response(c, operation, &note->response));
    TRY(make_tail(c, operation, decision, &note->tail));
    note->door = c->who == NULL && c->peer == NULL;
    name_outcome(c, note, outcome);
    note->older = c->notes;
    c->notes = note;
    return OK;
}

fallible audit_event(struct worker *worker, struct arena *arena, const struct operation *operation,
                     const struct principal *who)
{
    uint8_t id[UUID_TEXT], random[10];
    struct call c = {.arena = arena,
                     .worker = worker,
                     .who = who,
                     .account = worker->house->account,
                     .region = worker->house->region,
                     .now = clock_now_ms(),
                     .id = {id, sizeof id},
                     .words = {.source = LIT("coffer")}};

    TRY(random_fill(random, sizeof random));
    uuid_v7(c.now, random, id);
    TRY(audit_note(&c, operation, NULL, NULL, NULL, OK));
    TRY(turn_add(worker, &c));
    return turn_write(worker);
}

void notes_fail(struct call *c, const struct fault *fault)
{
    for (struct note *note = c->notes; note != NULL; note = note->older)
        if (note->outcome == OK)
            name_outcome(c, note, fault);
}

static void add_text(struct buf *b, const struct note *note)
{
    struct json_writer w = {.buf = b, .comma = true};

    buf_add(b, note->head);
    if (note->outcome != OK) {
        member(&w, LIT("errorCode"), note->code);
        member(&w, LIT("errorMessage"), note->message);
    } else {
        buf_add(b, note->response);
    }
    buf_add(b, note->tail);
}

static size_t text_size(const struct note *note)
{
    const size_t named =
        note->outcome == OK ? note->response.n : note->code.n + note->message.n + 64;

    return note->head.n + note->tail.n + named;
}

fallible note_text(struct arena *arena, const struct note *note, struct bytes *text)
{
    struct buf b = buf_open(arena, text_size(note));

    add_text(&b, note);
    return buf_done(&b, text);
}

static const struct note *nth_oldest(const struct call *c, size_t n)
{
    const struct note *note = c->notes;

    for (size_t i = 0; i < n; i++)
        note = note->older;
    return note;
}

fallible notes_text(struct call *c, struct bytes *text)
{
    size_t n = 0, room = 1;
    struct buf b;

    for (const struct note *note = c->notes; note != NULL; note = note->older, n++)
        room += text_size(note) + 1;
    b = buf_open(c->arena, room);
    for (size_t i = n; i > 0; i--) {
        if (i < n)
            buf_add_byte(&b, '\n');
        add_text(&b, nth_oldest(c, i - 1));
    }
    return buf_done(&b, text);
}
