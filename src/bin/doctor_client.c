/* doctor_client: the checks of what a client of this machine has in its environment. */
#include "bin/doctor.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "bin/doctor_version.h"
#include "cli/service.h"
#include "codec/date.h"
#include "crypto/certificate_look.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { SKEW_MS = 5 * 60 * 1000, DRIFT_MS = 60 * 1000, ANSWER_MOST = 256 * 1024 };

static const char NO_CLIENT[] = "no endpoint is named, and a data folder is what was looked at";

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

static enum health check_endpoint(struct doctor *d)
{
    if (!d->client)
        return found(d, HEALTH_SKIPPED, "%s", NO_CLIENT);
    if (d->settings.host == NULL)
        return found(d, HEALTH_BAD, "%s", d->settled->text);
    if (options_has(d->options, "endpoint"))
        return found(d, HEALTH_OK, "%s, as said here", d->settings.endpoint);
    return found(d, HEALTH_OK, "%s", d->settings.endpoint);
}

static enum health check_ignored(struct doctor *d)
{
    const char *ignore = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

    if (ignore != NULL && strcasecmp(ignore, "true") == 0)
        return found(d, HEALTH_BAD, "it is true: clients ask AWS itself, whatever endpoint is set");
    return found(d, HEALTH_OK, "it is not set");
}

/* The file is read as the client would; ours has to be in it where ours is known. */
static enum health look_at_bundle(struct doctor *d, const char *path)
{
    const char *own = file_path(d->arena, d->data, "tls/ca.pem");
    struct bytes bundle, ours;
    const struct fault *fault = file_read(d->arena, path, DOCTOR_PEM_MOST, &bundle);
    struct certificate_facts facts;
    bool among = false;

    if (fault == OK)
        fault = certificate_look(bundle, NULL, &facts);
    if (fault != OK)
        return found(d, HEALTH_BAD, "%s: %s", path, fault->text);
    if (!d->local || own == NULL || file_read(d->arena, own, DOCTOR_PEM_MOST, &ours) != OK)
        return found(d, HEALTH_OK, "%s can be read; whether it fits, `trust` says", path);
    if (certificate_among(ours, bundle, &among) == OK && !among)
        return found(d, HEALTH_BAD, "%s does not hold the authority of %s", path, own);
    return found(d, HEALTH_OK, "%s holds the authority of this data folder", path);
}

static enum health check_bundle(struct doctor *d)
{
    const char *path = variable("AWS_CA_BUNDLE");

    if (!d->client)
        return found(d, HEALTH_SKIPPED, "%s", NO_CLIENT);
    if (path == NULL)
        return found(d, HEALTH_SKIPPED, "it is not set: the system's authorities count");
    return look_at_bundle(d, path);
}

static enum health check_node(struct doctor *d)
{
    const char *path = variable("NODE_EXTRA_CA_CERTS");

    if (!d->client)
        return found(d, HEALTH_SKIPPED, "%s", NO_CLIENT);
    if (path != NULL)
        return look_at_bundle(d, path);
    if (d->settings.tls && variable("AWS_CA_BUNDLE") != NULL &&
        version_on_path(d->arena, "node") != NULL)
        return found(d, HEALTH_WARN,
                     "there is a node here, which reads this and not AWS_CA_BUNDLE");
    return found(d, HEALTH_SKIPPED, "it is not set");
}

static fallible ask_date(struct doctor *d, struct fetch_reply *reply)
{
    const struct settings *s = &d->settings;
    struct fetch what = {.host = s->host,
                         .port = s->port,
                         .tls = s->tls,
                         .authority = s->authority,
                         .keep = "date",
                         .most = ANSWER_MOST};
    struct buf head = buf_open(d->arena, 256);

    buf_add_text(&head, "GET /healthz HTTP/1.1\r\nHost: ");
    buf_add(&head, s->at);
    buf_add_text(&head, "\r\nUser-Agent: coffer/" COFFER_VERSION "\r\nConnection: close\r\n\r\n");
    TRY(buf_done(&head, &what.head));
    return fetch(d->arena, &what, reply);
}

static enum health check_trust(struct doctor *d)
{
    struct fetch_reply reply = {0};
    const struct fault *fault;

    if (!d->client || d->settings.host == NULL || d->memory != OK)
        return found(d, HEALTH_SKIPPED, "%s",
                     d->client ? "no endpoint, or no locked memory" : NO_CLIENT);
    fault = d->settled == SETTINGS_PLAIN ? d->settled : ask_date(d, &reply);
    if (fault != OK)
        return found(d, HEALTH_BAD, "%s: %s%s%s", d->settings.endpoint, fault->text,
                     reply.why == NULL ? "" : " ", reply.why == NULL ? "" : reply.why);
    d->reached = true;
    d->date = reply.kept;
    return found(d, HEALTH_OK, "%s answers, and its certificate is accepted", d->settings.endpoint);
}

static enum health check_skew(struct doctor *d)
{
    int64_t there, off;

    if (!d->reached)
        return found(d, HEALTH_SKIPPED, "no server answered");
    if (!date_read_http(d->date, &there))
        return found(d, HEALTH_SKIPPED, "its answer has no date");
    off = llabs(there - clock_now_ms());
    if (off > SKEW_MS)
        return found(d, HEALTH_BAD, "clock and server are %lld s apart; signatures hold 5 minutes",
                     (long long)off / 1000);
    if (off > DRIFT_MS)
        return found(d, HEALTH_WARN, "clock and server are %lld s apart", (long long)off / 1000);
    return found(d, HEALTH_OK, "the server has the same time, to %lld s",
                 (long long)off / 1000 + 1);
}

/* A question that changes nothing. Whoever may not list is still recognised. */
static enum health check_access_key(struct doctor *d)
{
    const struct bytes body = LIT("{\"MaxResults\":1}");
    const struct service_call call = {.operation = "ListSecrets", .body = {body.at, body.n}};
    struct fetch_reply reply = {0};
    struct bytes code = {0}, words = {0};

    if (!d->client || (!d->reached && d->settled == OK))
        return found(d, HEALTH_SKIPPED, "no server answered");
    if (d->settled != OK)
        return found(d, HEALTH_BAD, "%s", d->settled->text);
    if (service_ask(d->arena, &d->settings, &call, &reply) != OK)
        return found(d, HEALTH_SKIPPED, "the server did not answer");
    if (reply.status != 200)
        service_refusal(d->arena, &reply, &code, &words);
    if (reply.status == 200 || bytes_same(code, LIT("AccessDeniedException")))
        return found(d, HEALTH_OK, "%.*s is recognised", (int)d->settings.access_key_id.n,
                     (const char *)d->settings.access_key_id.at);
    return found(d, HEALTH_BAD, "%.*s: %.*s %.*s", (int)d->settings.access_key_id.n,
                 (const char *)d->settings.access_key_id.at, (int)code.n, (const char *)code.at,
                 (int)words.n, (const char *)words.at);
}

static enum health judge_version(struct doctor *d, const char *what, const struct version *version,
                                 bool old)
{
    if (!version->there)
        return found(d, HEALTH_SKIPPED, "there is no %s here", what);
    if (!version->known)
        return found(d, HEALTH_SKIPPED, "%s does not show its version: run it with --version",
                     version->path);
    if (old)
        return found(d, HEALTH_WARN,
                     "%s (%s) is %s, which ignores AWS_ENDPOINT_URL: it asks AWS itself unless the "
                     "endpoint is named each time",
                     what, version->path, version->text);
    return found(d, HEALTH_OK, "%s (%s) is %s", what, version->path, version->text);
}

static enum health check_aws(struct doctor *d)
{
    struct version v = version_of_aws(d->arena);
    const struct version_bound bound =
        v.major == 1 ? (struct version_bound){1, 29} : (struct version_bound){2, 13};

    return judge_version(d, "aws", &v, version_is_below(&v, bound));
}

static enum health check_boto(struct doctor *d)
{
    struct version v = version_of_python(d->arena, "boto3");

    return judge_version(d, "boto3", &v, version_is_below(&v, (struct version_bound){1, 28}));
}

/* clang-format off */
/* budget: table */
const struct check doctor_client_checks[] = {
    {"endpoint",         "AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SECRETS_MANAGER, the profile's endpoint_url", "eval \"$(coffer env)\", or --endpoint URL", check_endpoint},
    {"endpoint-ignored", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", check_ignored},
    {"ca-bundle",        "the file that AWS_CA_BUNDLE names", "export AWS_CA_BUNDLE=DIR/tls/ca.pem (a copy of the server's), readable by the client", check_bundle},
    {"node-ca",          "the file that NODE_EXTRA_CA_CERTS names", "eval \"$(coffer env --for node)\"", check_node},
    {"trust",            "whether the endpoint answers with a certificate that is accepted", "is the server running, the address right? --ca FILE or AWS_CA_BUNDLE: its authority", check_trust},
    {"clock-skew",       "this clock against the server's", "set the clock of whichever is wrong (chrony, systemd-timesyncd)", check_skew},
    {"access-key",       "whether the server recognises the access key that clients find", "coffer user key create USER --credentials-file FILE; then AWS_SHARED_CREDENTIALS_FILE, or AWS_ACCESS_KEY_ID and its secret", check_access_key},
    {"aws-cli",          "the version of the AWS CLI on PATH", "AWS CLI 2.13 or later (version 1: 1.29); Debian 12 has 2.9: give it --endpoint-url", check_aws},
    {"boto3",            "the version of boto3 that python3 on PATH finds", "boto3 1.28 or later; older (Debian 12 has 1.26): client(..., endpoint_url=...) in the code", check_boto},
    {0},
};
/* clang-format on */
