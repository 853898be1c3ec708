/* policy: CPU time of one decision over ten policies of ten statements each, and of one SHA-256 of
 * 1,024 bytes, in turn. Three kinds of policies: `mixed` over ten services as people have them,
 * some with conditions; `named`, all about the service that is asked; `all`, each statement
 * matching but for its last condition. Prints JSON, in nanoseconds: the least of many rounds. */
#include "core/policy/decide.h"
#include "crypto/digest.h"
#include "crypto/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLICIES = 10, STATEMENTS = 10, TIMES = 2000, ROUNDS = 200, JSON = 16384 };

static const char *const services[STATEMENTS] = {
    "s3", "dynamodb", "logs", "sqs", "secretsmanager", "kms", "ssm", "lambda", "sns", "ec2"};
static const char *const actions[STATEMENTS] = {
    "GetSecretValue",   "DescribeSecret",       "Get*",
    "PutSecretValue",   "ListSecretVersionIds", "*",
    "RotateSecret",     "UpdateSecret",         "TagResource",
    "GetResourcePolicy"};

static char *mixed(char *to, int p, int s)
{
    return to + sprintf(to,
                        "{\"Effect\":\"Allow\",\"Action\":[\"%s:Get*\",\"%s:List%d\",\"%s:Put*\"],"
                        "\"Resource\":\"arn:aws:%s:eu-west-1:123456789012:%s/app-%d/*\"%s}",
                        services[s], services[s], s, services[s], services[s],
                        s == 4 ? "secret:team" : "thing", p,
                        s % 3 == 1 ? ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true},"
                                     "\"StringEquals\":{\"aws:RequestedRegion\":\"eu-west-1\"}}"
                                   : "");
}

static char *named(char *to, int p, int s)
{
    return to +
           sprintf(to,
                   "{\"Effect\":\"Allow\",\"Action\":\"secretsmanager:%s\",\"Resource\":"
                   "\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/app-%d-%d/*\"}",
                   actions[s], p, s);
}

static char *all(char *to, int p, int s)
{
    return to +
           sprintf(to,
                   "{\"Effect\":\"Allow\",\"Action\":\"secretsmanager:Get*\",\"Resource\":\"*\","
                   "\"Condition\":{\"StringEquals\":{\"aws:username\":\"user-%d-%d\"}}}",
                   p, s);
}

struct bench {
    struct policy_case k;
    const struct policy *policies[POLICIES];
    uint8_t kilobyte[1024];
};

static enum circumstance circumstance(void *ctx, const struct policy_key *key, size_t i,
                                      struct bytes *value)
{
    (void)ctx;
    *value = key->id == KEY_SECURE_TRANSPORT   ? LIT("true")
             : key->id == KEY_REQUESTED_REGION ? LIT("eu-west-1")
                                               : LIT("weather");
    return i == 0 ? CIRCUMSTANCE_SAID : CIRCUMSTANCE_NONE;
}

static void must(const struct fault *why)
{
    if (why == OK)
        return;
    (void)fprintf(stderr, "policy: %s\n", why->text);
    exit(1);
}

static void write_policies(struct arena *arena, char *(*write)(char *, int, int), struct bench *b)
{
    static char json[JSON];
    struct bytes reason;

    for (int p = 0; p < POLICIES; p++) {
        char *to = json + sprintf(json, "{\"Version\":\"2012-10-17\",\"Statement\":[");

        for (int s = 0; s < STATEMENTS; s++) {
            to = write(to, p, s);
            *to++ = s + 1 < STATEMENTS ? ',' : ']';
        }
        memcpy(to, "}", 2);
        must(policy_compile(arena, arena_copy(arena, bytes_of(json)), &b->policies[p], &reason));
    }
    b->k = (struct policy_case){
        .question = {.id = LIT("AIDAWEATHER"),
                     .account = LIT("123456789012"),
                     .action = LIT("secretsmanager:GetSecretValue"),
                     .resource = LIT("arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/"
                                     "app-9/database-AbCdEf"),
                     .circumstance = circumstance},
        .identity = {b->policies, POLICIES}};
}

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t decide(struct bench *b)
{
    return policy_decide(&b->k).kind;
}

static size_t digest(struct bench *b)
{
    uint8_t out[DIGEST_SIZE];

    digest_sha256((struct bytes){b->kilobyte, sizeof b->kilobyte}, out);
    return out[0];
}

static double took(struct bench *b, size_t (*one)(struct bench *))
{
    const double from = now_ns();
    size_t sum = 0;

    for (int i = 0; i < TIMES; i++)
        sum += one(b);
    if (sum == (size_t)-1) /* so that nothing is left away */
        puts("");
    return (now_ns() - from) / TIMES;
}

/* In turn, so that what disturbs one disturbs the other. */
static void measure(struct bench *b, double *ours, double *theirs)
{
    *ours = *theirs = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        const double a = took(b, decide), c = took(b, digest);

        *ours = a < *ours ? a : *ours;
        *theirs = c < *theirs ? c : *theirs;
    }
}

int main(void)
{
    static const struct {
        const char *name;
        char *(*write)(char *, int, int);
    } kinds[] = {{"mixed", mixed}, {"named", named}, {"all", all}};
    struct arena *arena = arena_open(8 << 20);
    static struct bench b;

    must(crypto_start());
    for (int i = 0; i < 3; i++) {
        double ours, theirs;

        write_policies(arena, kinds[i].write, &b);
        measure(&b, &ours, &theirs);
        printf("%s\"%s\": {\"decision_ns\": %.1f, \"sha256_ns\": %.1f, \"allowed\": %s}%s",
               i == 0 ? "{" : " ", kinds[i].name, ours, theirs,
               policy_decide(&b.k).allowed ? "true" : "false", i < 2 ? ",\n" : "}\n");
    }
    arena_close(arena);
    return 0;
}
