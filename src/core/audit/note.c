/* note: a request's record, from its facts and the audited members alone. */
#include "base/clock.h"
#include "codec/date.h"
#include "codec/json_write.h"
#include "codec/text.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/identity/told.h"
#include "core/worker.h"
#include "crypto/random.h"

#include <string.h>

enum { NOTE_USUAL = 1792, ACCESS_KEY_MOST = 128, MESSAGE_MOST = 1024 };

/* What a record takes of what was sent, in bytes of JSON: the journal has room for so much. Of what
 * was refused it takes less: who may do nothing fills it no faster than by asking. */
struct most {
    size_t text, arn, agent;
    size_t item, items; /* of a list: each text, and how many */
};
static const struct most usual = {2048, 2048, 512, 256, 64}, refused = {512, 640, 256, 64, 8};

struct pen {
    struct json_writer w;
    const struct most *most;
    bool cut; /* something was longer */
};

/* As many as fit when they are escaped, and no half character. */
static size_t fitting(struct bytes text, size_t most)
{
    size_t room = 0, n = 0;

    while (n < text.n) {
        const uint8_t c = text.at[n];

        room += c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : 1;
        if (room > most)
            break;
        n++;
    }
    while (n > 0 && n < text.n && (text.at[n] & 0xC0) == 0x80)
        n--;
    return n;
}

static struct bytes cut(struct pen *p, struct bytes text, size_t most)
{
    const size_t n = 6 * text.n <= most ? text.n : fitting(text, most);

    p->cut = p->cut || n < text.n;
    return (struct bytes){text.at, n};
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

/* `before`: a literal with its comma, name and quotes, so that it is copied in place. */
static inline void put_told(struct buf *b, struct bytes before, struct bytes text)
{
    struct json_writer w = {.buf = b};
    uint8_t *at = buf_want(b, before.n + text.n + 1);

    if (text.n == 0 || at == NULL)
        return;
    memcpy(at, before.at, before.n);
    if (text_plain(text) == text.n) {
        memcpy(at + before.n, text.at, text.n);
        at[before.n + text.n] = '"';
        buf_took(b, before.n + text.n + 1);
        return;
    }
    buf_took(b, before.n - 1); /* the text's own quote */
    json_put_text(&w, text);
}

static void put_identity(struct buf *b, const struct call *c)
{
    const struct principal *who = c->who != NULL ? c->who : c->peer;
    struct bytes told = {0};

    buf_add(b, LIT(",\"userIdentity\":"));
    if (who == NULL) {
        buf_add(b, LIT("{\"type\":\"Unknown\""));
        put_told(b, LIT(",\"accessKeyId\":\""), claimed(c->credential));
        buf_add_byte(b, '}');
        return;
    }
    told = who->told;
    if (told.n == 0 && identity_told(c->arena, who, &told) != OK)
        b->spent = true;
    buf_add(b, told);
}

static void put_audited_text(struct pen *p, struct bytes name, const struct bytes *text)
{
    if (text->at == NULL)
        return;
    json_put_member(&p->w, name, cut(p, *text, p->most->text));
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
static void put_pair(struct pen *p, const struct pair *pair)
{
    json_put_object(&p->w);
    json_put_name(&p->w, LIT("key"));
    json_put_text(&p->w, cut(p, pair->name, p->most->item));
    json_put_name(&p->w, LIT("value"));
    json_put_text(&p->w, cut(p, pair->value, p->most->item));
    json_put_object_end(&p->w);
}

static void put_list(struct pen *p, struct bytes name, const struct list *list,
                     enum audit_each each)
{
    const struct bytes *texts = list->at;
    const struct pair *pairs = list->at;

    if (list->at == NULL)
        return;
    json_put_name(&p->w, name);
    json_put_array(&p->w);
    for (size_t i = 0; i < list->n && i < p->most->items; i++) {
        if (each == AUDIT_TEXTS)
            json_put_text(&p->w, cut(p, texts[i], p->most->item));
        else
            put_pair(p, &pairs[i]);
    }
    p->cut = p->cut || list->n > p->most->items;
    json_put_array_end(&p->w);
}

static void put_audited(struct pen *p, const struct audited *row, const void *in)
{
    const void *at = (const uint8_t *)in + row->member.offset;
    const struct bytes name = bytes_of(row->name);
    struct json_writer *w = &p->w;

    switch (row->member.kind) {
    case KIND_TEXT:
        put_audited_text(p, name, at);
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
        put_list(p, name, at, row->each);
        return;
    default: /* AUDITED makes no other */
        return;
    }
}

static void put_members(struct pen *p, struct bytes name, const struct audited *rows,
                        const void *of)
{
    if (rows == NULL || of == NULL)
        return;
    json_put_name(&p->w, name);
    json_put_object(&p->w);
    for (; rows->name != NULL; rows++)
        put_audited(p, rows, of);
    json_put_object_end(&p->w);
}

static void put_resource(struct pen *p, const struct call *c, const struct resource *resource)
{
    struct buf *b = p->w.buf;

    if (resource == NULL || resource->arn.n == 0)
        return;
    put_told(b, LIT(",\"resources\":[{\"ARN\":\""), cut(p, resource->arn, p->most->arn));
    put_told(b, LIT(",\"accountId\":\""), c->account);
    put_told(b, LIT(",\"type\":\""), resource->type);
    buf_add(b, LIT("}]"));
}

static void put_tls(struct pen *p, const struct origin *origin)
{
    struct buf *b = p->w.buf;

    if (origin->tls_version.n == 0)
        return;
    put_told(b, LIT(",\"tlsDetails\":{\"tlsVersion\":\""), origin->tls_version);
    put_told(b, LIT(",\"cipherSuite\":\""), origin->tls_cipher);
    put_told(b, LIT(",\"clientProvidedHostHeader\":\""), cut(p, origin->host, p->most->agent));
    buf_add_byte(b, '}');
}

/* Each record has an id of its own: the request's, counted on for what was done within it. */
static void put_event_id(struct buf *b, const struct call *c)
{
    buf_add(b, LIT(",\"eventID\":\""));
    buf_add(b, c->id);
    if (c->notes != NULL) {
        buf_add_byte(b, '.');
        buf_add_int(b, c->notes->number + 1);
    }
    buf_add_byte(b, '"');
}

static struct bytes event_name(struct pen *p, const struct call *c,
                               const struct operation *operation)
{
    if (c->words.name.n > 0)
        return cut(p, c->words.name, ACCESS_KEY_MOST);
    return operation != NULL ? bytes_of(operation->name) : LIT("Unknown");
}

/* What all records of one request say alike; of the connection only that tells which is of the
 * request itself. */
static void put_request(struct pen *p, const struct call *c)
{
    struct buf *b = p->w.buf;
    uint8_t time[DATE_ISO];

    date_iso(c->now, time);
    put_told(b, LIT("{\"eventVersion\":\"1.11\",\"eventTime\":\""), (struct bytes){time, DATE_ISO});
    put_told(b, LIT(",\"requestID\":\""), c->id);
    put_told(b, LIT(",\"eventSource\":\""),
             c->words.source.n > 0 ? c->words.source : LIT("coffer.local"));
    put_told(b, LIT(",\"awsRegion\":\""), cut(p, c->region, ACCESS_KEY_MOST));
    put_told(b, LIT(",\"recipientAccountId\":\""), c->account);
    put_told(b, LIT(",\"sourceIPAddress\":\""), c->origin.address);
    put_identity(b, c);
    if (c->within)
        return;
    put_told(b, LIT(",\"userAgent\":\""), cut(p, c->origin.user_agent, p->most->agent));
    put_tls(p, &c->origin);
}

/* From the note before, if that was written under the same bounds and keeps to them. */
static void put_request_once(struct pen *p, const struct call *c)
{
    const struct note *before = c->notes;

    if (before != NULL && before->within == c->within && !before->cut &&
        (before->outcome == OK) == (p->most == &usual))
        buf_add(p->w.buf, before->request);
    else
        put_request(p, c);
}

static void put_event(struct pen *p, const struct call *c, const struct operation *operation)
{
    put_event_id(p->w.buf, c);
    put_told(p->w.buf, LIT(",\"eventName\":\""), event_name(p, c, operation));
}

static void put_operation(struct pen *p, const struct operation *operation, const void *in)
{
    if (operation == NULL)
        return;
    p->w.comma = true;
    put_truth(&p->w, LIT("readOnly"), operation->mode == OPERATION_READS, true);
    put_members(p, LIT("requestParameters"), operation->audit, in);
}

/* The object "coffer"; ends inside it: the journal closes it. */
static void put_coffer(struct pen *p, const struct operation *operation,
                       const struct decision *decision)
{
    struct buf *b = p->w.buf;

    buf_add(b, LIT(",\"coffer\":{\"format\":1"));
    if (operation != NULL)
        put_told(b, LIT(",\"operation\":\""), bytes_of(operation->name));
    if (p->cut)
        buf_add(b, LIT(",\"cut\":true"));
    if (decision == NULL || (!decision->allowed && decision->generation == 0))
        return;
    buf_add(b, decision->allowed ? LIT(",\"decision\":{\"allowed\":true")
                                 : LIT(",\"decision\":{\"allowed\":false"));
    put_told(b, LIT(",\"kind\":\""), decision->kind);
    put_told(b, LIT(",\"policy\":\""), decision->policy);
    put_told(b, LIT(",\"statement\":\""), decision->statement);
    buf_add(b, LIT(",\"revision\":"));
    buf_add_int(b, (int64_t)decision->generation);
    buf_add_byte(b, '}');
}

static void put_response(struct pen *p, const struct call *c, const struct operation *operation)
{
    p->w.comma = true;
    p->most = &usual;
    if (operation != NULL)
        put_members(p, LIT("responseElements"), operation->told, c->out);
}

static void name_outcome(const struct call *c, struct note *note, const struct fault *outcome)
{
    note->outcome = outcome;
    if (outcome == OK)
        return;
    note->code = c->words.error_code != NULL ? c->words.error_code(c->words.ctx, outcome)
                                             : bytes_of(outcome->name);
    note->message = outcome == DENIED && c->detail.n > 0 ? c->detail : bytes_of(outcome->text);
    note->message.n = fitting(note->message, MESSAGE_MOST);
}

/* From one end to the next. */
static struct bytes piece(const struct buf *b, size_t from, size_t to)
{
    return (struct bytes){b->at + from, to - from};
}

static fallible write_note(struct call *c, const struct operation *operation, const void *in,
                           const struct resource *resource, const struct decision *decision,
                           struct note *note)
{
    struct buf b = buf_open(c->arena, NOTE_USUAL);
    struct pen p = {.w = json_writer(&b), .most = note->outcome == OK ? &usual : &refused};
    size_t request, tail, response;

    put_request_once(&p, c);
    request = b.n;
    put_event(&p, c, operation);
    put_operation(&p, operation, in);
    put_resource(&p, c, resource);
    tail = b.n;
    put_coffer(&p, operation, decision);
    response = b.n;
    put_response(&p, c, operation);
    ENSURE(!b.spent, ARENA_SPENT);
    note->cut = p.cut;
    arena_trim(c->arena, b.at, b.room + 1, b.n);
    note->head = piece(&b, 0, tail);
    note->request = piece(&b, 0, request);
    note->tail = piece(&b, tail, response);
    note->response = piece(&b, response, b.n);
    return OK;
}

fallible audit_note(struct call *c, const struct operation *operation, const void *in,
                    const struct resource *resource, const struct decision *decision,
                    const struct fault *outcome)
{
    const struct arena_mark before = arena_mark(c->arena);
    struct note *note = arena_new(c->arena, struct note);

    ENSURE(note != NULL, ARENA_SPENT);
    note->before = before;
    name_outcome(c, note, outcome);
    TRY(write_note(c, operation, in, resource, decision, note));
    note->door = c->who == NULL && c->peer == NULL;
    note->older = c->notes;
    note->number = c->notes == NULL ? 0 : c->notes->number + 1;
    note->within = c->within;
    c->notes = note;
    return OK;
}

fallible audit_event(struct worker *worker, struct arena *arena, const struct operation *operation,
                     const void *in, const struct principal *who)
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
    TRY(audit_note(&c, operation, in, NULL, NULL, OK));
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
