/* watch: reads counters that others keep. */
#include "server/watch.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/sensitive.h"
#include "codec/json_write.h"
#include "core/audit/journal.h"
#include "core/record.h"
#include "server/confine.h"
#include "store/commit.h"

struct metric {
    const char *name, *kind, *help;
};

enum { PAGE = 8192 };

static void add_metric(struct buf *page, const struct metric *metric, int64_t value)
{
    buf_add_text(page, "# HELP ");
    buf_add_text(page, metric->name);
    buf_add_byte(page, ' ');
    buf_add_text(page, metric->help);
    buf_add_text(page, "\n# TYPE ");
    buf_add_text(page, metric->name);
    buf_add_byte(page, ' ');
    buf_add_text(page, metric->kind);
    buf_add_byte(page, '\n');
    buf_add_text(page, metric->name);
    buf_add_byte(page, ' ');
    buf_add_int(page, value);
    buf_add_byte(page, '\n');
}

/* clang-format off */
#define METRIC(page, name_, kind_, help_, value) \
    add_metric((page), &(const struct metric){name_, kind_, help_}, (int64_t)(value))
/* clang-format on */

static void add_connections(struct watch *watch, struct buf *page)
{
    struct crew *crew = watch->crew;
    struct connection_counts counts =
        crew == NULL ? (struct connection_counts){0} : crew_counts(crew);

    METRIC(page, "coffer_connections_taken_total", "counter", "Connections accepted.",
           counts.taken);
    METRIC(page, "coffer_connections_turned_away_total", "counter",
           "Connections refused at the door.", counts.turned_away);
    METRIC(page, "coffer_connections_unproxied_total", "counter",
           "Connections to listen_proxied from no proxy, or without its header.", counts.unproxied);
    METRIC(page, "coffer_connections_broken_total", "counter", "Connections that broke.",
           counts.broken);
    METRIC(page, "coffer_tls_handshakes_total", "counter", "TLS handshakes completed.",
           counts.handshakes);
    METRIC(page, "coffer_requests_total", "counter", "Whole requests read.", counts.requests);
    METRIC(page, "coffer_replies_total", "counter", "Replies sent.", counts.replies);
    METRIC(page, "coffer_http_refusals_total", "counter",
           "Requests that HTTP or a ceiling refused.", counts.refusals);
    METRIC(page, "coffer_requests_slow_total", "counter", "Requests that took too long to arrive.",
           counts.slow);
}

static void add_store(struct watch *watch, struct buf *page)
{
    struct commit_figures commits = committer_figures(watch->house->committer);
    struct engine_figures store = {0};
    struct quota_use use;

    if (store_figures(watch->house->store, &store) != OK)
        store = (struct engine_figures){0};
    METRIC(page, "coffer_commit_groups_total", "counter",
           "Groups committed, one wait for the disk each.", commits.groups);
    METRIC(page, "coffer_commit_batches_total", "counter", "Changes committed.", commits.batches);
    METRIC(page, "coffer_commit_again_total", "counter", "Changes run again after a conflict.",
           commits.again);
    METRIC(page, "coffer_store_commit_number", "gauge", "The last commit.", store.number);
    METRIC(page, "coffer_store_records", "gauge", "Records in the store.", store.entries);
    METRIC(page, "coffer_store_file_bytes", "gauge", "Size of the store's file.", store.file_bytes);
    METRIC(page, "coffer_store_used_bytes", "gauge", "Of it in use.",
           store.pages * store.page_bytes);
    quota_use(watch->house, &use);
    METRIC(page, "coffer_quota_used_percent", "gauge",
           "Of the account's quotas the fullest; at 100 it may have no more.", use.percent);
}

static void add_journal(struct watch *watch, struct buf *page)
{
    struct journal_state state;

    journal_state(watch->house->journal, &state);
    METRIC(page, "coffer_journal_sequence", "gauge", "The journal's last record.", state.sequence);
    METRIC(page, "coffer_journal_anchored", "gauge",
           "The last record that a signed checkpoint vouches for.", state.anchored);
    METRIC(page, "coffer_journal_degraded", "gauge", "1: no next segment could be allocated.",
           state.degraded);
    METRIC(page, "coffer_journal_down", "gauge", "1: records cannot be written.", state.down != OK);
    METRIC(page, "coffer_records_damaged_total", "counter",
           "Records met that do not open: see coffer verify.", record_damaged_count());
    METRIC(page, "coffer_clock_doubt", "gauge",
           "1: the clock jumped; nothing irreversible is done.", watch->clock_doubt);
}

static void add_process(const struct watch *watch, struct buf *page, bool sealed)
{
    struct sensitive_usage usage = sensitive_usage();
    int64_t until_ms;

    if (face_certificate(&watch->face, clock_now_ms(), &until_ms) != NULL)
        METRIC(page, "coffer_certificate_end_seconds", "gauge", "When the certificate ends.",
               until_ms / 1000);

    METRIC(page, "coffer_sealed", "gauge", "1: the server waits for its passphrase.", sealed);
    METRIC(page, "coffer_sensitive_keys_bytes", "gauge", "Locked memory taken by keys.",
           usage.keys);
    METRIC(page, "coffer_sensitive_values_bytes", "gauge", "Locked memory taken by values.",
           usage.values);
    METRIC(page, "coffer_start_time_seconds", "gauge", "When the server started.",
           watch->started_ms / 1000);
}

fallible watch_sealed_metrics(const struct watch *watch, struct arena *arena, struct bytes *out)
{
    struct buf page = buf_open(arena, PAGE);

    add_process(watch, &page, true);
    return buf_done(&page, out);
}

static fallible metrics(struct watch *watch, struct arena *arena, struct bytes *out)
{
    struct buf page = buf_open(arena, PAGE);

    add_connections(watch, &page);
    add_store(watch, &page);
    add_journal(watch, &page);
    add_process(watch, &page, false);
    return buf_done(&page, out);
}

/* Why it is not ready; NULL: it is. */
static const char *not_ready(struct watch *watch, const struct journal_state *journal)
{
    if (watch->ending)
        return "ending";
    if (watch->crew == NULL)
        return "starting";
    if (journal->down != OK)
        return "the journal cannot be written";
    if (journal->degraded)
        return "the disk is nearly full: writes are refused";
    return NULL;
}

static void put_member(struct json_writer *json, const char *name, const char *value)
{
    json_put_name(json, bytes_of(name));
    json_put_text(json, bytes_of(value));
}

static void put_number(struct json_writer *json, const char *name, uint64_t value)
{
    json_put_name(json, bytes_of(name));
    json_put_int(json, (int64_t)value);
}

static void put_face(struct json_writer *json, const struct face *face)
{
    char url[FACE_URL];
    int64_t until_ms;
    const char *certificate = face_certificate(face, clock_now_ms(), &until_ms);

    face_url(face, url);
    put_member(json, "endpoint", url);
    if (certificate == NULL)
        return;
    put_member(json, "certificate", certificate);
    put_number(json, "certificateEndDate", (uint64_t)until_ms / 1000);
}

static void put_use(struct json_writer *json, const struct house *house)
{
    struct quota_use use;

    quota_use(house, &use);
    put_number(json, "secrets", use.secrets);
    put_number(json, "accountRecords", use.all.items);
    put_number(json, "accountBytes", use.all.bytes);
    put_number(json, "quotaPercent", use.percent);
}

static fallible standing(struct watch *watch, struct arena *arena, struct bytes *out, bool *ready)
{
    struct buf buf = buf_open(arena, 1024);
    struct json_writer json = json_writer(&buf);
    struct journal_state journal;
    const char *why;

    journal_state(watch->house->journal, &journal);
    why = not_ready(watch, &journal);
    *ready = why == NULL;
    json_put_object(&json);
    put_member(&json, "status", why == NULL ? "ready" : why);
    put_member(&json, "version", COFFER_VERSION);
    put_face(&json, &watch->face);
    json_put_name(&json, LIT("region"));
    json_put_text(&json, watch->house->region);
    put_member(&json, "sensitive", sensitive_form());
    put_member(&json, "confined", confine_form());
    put_member(&json, "clock", watch->clock_doubt ? "in doubt" : "sure");
    put_use(&json, watch->house);
    put_number(&json, "commits", committer_figures(watch->house->committer).batches);
    put_number(&json, "damagedRecords", record_damaged_count());
    put_number(&json, "journal", journal.sequence);
    put_number(&json, "anchored", journal.anchored);
    put_number(&json, "uptimeSeconds", (uint64_t)(clock_now_ms() - watch->started_ms) / 1000);
    json_put_object_end(&json);
    return buf_done(&buf, out);
}

static fallible fill(struct watch *watch, struct arena *arena, struct bytes path,
                     struct http_reply *reply)
{
    struct bytes text = LIT("ok\n");
    struct bytes type = LIT("text/plain; charset=utf-8");
    bool ready = true;

    if (bytes_same(path, LIT("/metrics"))) {
        TRY(metrics(watch, arena, &text));
        type = LIT("text/plain; version=0.0.4; charset=utf-8");
    } else if (!bytes_same(path, LIT("/healthz"))) {
        TRY(standing(watch, arena, &text, &ready));
        type = LIT("application/json");
    }
    reply->status = ready || bytes_same(path, LIT("/status")) ? 200 : 503;
    reply->body = (struct raw){text.at, text.n};
    return http_reply_header(reply, LIT("Content-Type"), type);
}

static bool is_ours(const struct http_request *request, struct bytes path)
{
    if (!bytes_same(raw_reveal(request->method), LIT("GET")))
        return false;
    if (request->peer.local && bytes_same(path, LIT("/status")))
        return true;
    return bytes_same(path, LIT("/healthz")) || bytes_same(path, LIT("/readyz")) ||
           bytes_same(path, LIT("/metrics"));
}

struct http_reply *watch_answer(struct watch *watch, struct arena *arena,
                                const struct http_request *request)
{
    struct bytes path = raw_reveal(request->path);
    struct http_reply *reply;

    if (!is_ours(request, path))
        return NULL;
    reply = arena_new(arena, struct http_reply);
    if (reply != NULL && fill(watch, arena, path, reply) != OK)
        reply->status = 503;
    return reply;
}

enum handled watch_begin(void *ctx, struct exchange *exchange)
{
    static struct http_reply absent = {.status = 404};

    exchange->reply = watch_answer(ctx, exchange->arena, &exchange->request);
    if (exchange->reply == NULL) {
        exchange->reply = arena_new(exchange->arena, struct http_reply);
        if (exchange->reply == NULL)
            exchange->reply = &absent;
        exchange->reply->status = 404;
    }
    return HANDLED_ANSWERED;
}
