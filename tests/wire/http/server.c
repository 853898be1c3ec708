/* A server that answers without a house behind it: for the wire cases of HTTP, and to weigh net/
 * alone.
 *
 *   server CERTIFICATE KEY [--threads N] [--size N] [--quick] [--proxied]
 *
 * prints "plain PORT" and "tls PORT" (with --proxied also "proxied PORT" and "proxied-plain PORT",
 * for a proxy at 127.0.0.1, and "closed PORT", for one elsewhere), reloads the certificate on
 * SIGHUP and ends on SIGTERM. /echo gives the body back, /park answers from another thread, /big 1
 * MiB, /unrecorded makes the turn's end fail; /peer says who it is; the rest gets `size` bytes. A
 * stated x-amz-content-sha256 of "wrong" is refused from the head. */
#include "base/file.h"
#include "crypto/start.h"
#include "net/tls.h"
#include "server/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BIG = 1024 * 1024, PLACES = 1024 };

static uint8_t content[BIG];
static size_t size = 300;
static bool quick, proxied;

struct parking {
    int mail;
    bool unrecorded;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct exchange *in[PLACES], *out[PLACES];
    size_t in_n, out_n;
    bool ends;
};

static bool is(struct raw value, struct bytes text)
{
    return bytes_same(raw_reveal(value), text);
}

/* What stands in for a committer: holds what is parked for a moment, then sends it home. */
static void *attend(void *parking_)
{
    struct parking *p = parking_;

    pthread_mutex_lock(&p->lock);
    while (!p->ends || p->in_n != 0) {
        if (p->in_n == 0) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        while (p->in_n != 0 && p->out_n < PLACES)
            p->out[p->out_n++] = p->in[--p->in_n];
        eventfd_write(p->mail, 1);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void park(struct parking *p, struct exchange *exchange)
{
    pthread_mutex_lock(&p->lock);
    p->in[p->in_n++] = exchange;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void mailed(void *ctx)
{
    struct parking *p = ctx;
    struct exchange *home[PLACES];
    eventfd_t count;
    size_t n;

    eventfd_read(p->mail, &count);
    pthread_mutex_lock(&p->lock);
    n = p->out_n;
    memcpy(home, p->out, n * sizeof *home);
    p->out_n = 0;
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < n; i++)
        connection_answered(home[i]);
}

static void fill(struct exchange *exchange, uint16_t status, struct raw body)
{
    exchange->reply = arena_new(exchange->arena, struct http_reply);
    if (exchange->reply == NULL)
        return;
    *exchange->reply = (struct http_reply){.status = status, .body = body};
    if (http_reply_header(exchange->reply, LIT("Content-Type"),
                          LIT("application/x-amz-json-1.1")) != OK)
        abort();
}

static enum handled begin(void *ctx, struct exchange *exchange)
{
    struct parking *p = ctx;
    const struct http_request *request = &exchange->request;

    if (is(request->path, LIT("/echo"))) {
        fill(exchange, 200, request->body);
    } else if (is(request->path, LIT("/big"))) {
        fill(exchange, 200, (struct raw){content, BIG});
    } else if (is(request->path, LIT("/tls"))) {
        fill(exchange, 200, (struct raw){request->tls_version.at, request->tls_version.n});
    } else if (is(request->path, LIT("/peer"))) {
        char *text = arena_get(exchange->arena, ADDRESS_TEXT);
        const struct bytes peer = address_write(&request->peer, text);

        fill(exchange, 200, (struct raw){peer.at, peer.n});
    } else if (is(request->path, LIT("/park"))) {
        fill(exchange, 200, request->body);
        park(p, exchange);
        return HANDLED_PARKED;
    } else {
        p->unrecorded |= is(request->path, LIT("/unrecorded"));
        fill(exchange, 200, (struct raw){content, size});
    }
    return HANDLED_ANSWERED;
}

static bool refuses_head(void *ctx, struct exchange *exchange)
{
    (void)ctx;
    if (!is(http_header(&exchange->request, LIT("x-amz-content-sha256")), LIT("wrong")))
        return false;
    fill(exchange, 403, (struct raw){content, 5});
    return true;
}

static const struct fault UNRECORDED[1] = {{FAULT_INTERNAL, "test.unrecorded", "Asked for."}};

static const struct fault *turn_end(void *ctx)
{
    struct parking *p = ctx;
    bool unrecorded = p->unrecorded;

    p->unrecorded = false;
    return unrecorded ? UNRECORDED : OK;
}

static void stop(void *ctx)
{
    struct parking *p = ctx;

    pthread_mutex_lock(&p->lock);
    p->ends = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    close(p->mail);
    free(p);
}

static fallible start(void *ctx, size_t thread, struct crew_member *out)
{
    struct parking *p = calloc(1, sizeof *p);

    (void)ctx, (void)thread;
    ENSURE(p != NULL, CREW_THREAD);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->mail = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ENSURE(pthread_create(&p->thread, NULL, attend, p) == 0, CREW_THREAD);
    *out =
        (struct crew_member){.ctx = p,
                             .handlers = {{.ctx = p, .begin = begin, .refuses_head = refuses_head}},
                             .turn_end = turn_end,
                             .mail = p->mail,
                             .mailed = mailed,
                             .stop = stop};
    return OK;
}

struct files {
    struct arena *arena;
    struct bytes chain;
    struct sensitive *key;
};

static fallible read_files(struct files *files, char *const names[2])
{
    files->arena = arena_open(1 << 20);
    ENSURE(files->arena != NULL, ARENA_SPENT);
    TRY(file_read(files->arena, names[0], 65536, &files->chain));
    return file_read_secret(files->arena, names[1], 65536, &files->key);
}

static fallible listen_at(struct crew_plan *plan, struct tls *tls, const char *name, size_t threads)
{
    struct crew_listener *listener = &plan->listeners[plan->listener_count++];
    int *fds = calloc(threads, sizeof *fds);
    struct address at;

    ENSURE(fds != NULL, CREW_THREAD);
    TRY(address_read(LIT("127.0.0.1:0"), &at));
    TRY(socket_listen(&at, threads, fds, &at));
    *listener = (struct crew_listener){.fds = fds, .tls = tls};
    printf("%s %d\n", name, at.port);
    fflush(stdout);
    return OK;
}

static fallible listen_for(struct crew_plan *plan, struct tls *tls, const char *name,
                           const struct address_ranges *proxies)
{
    TRY(listen_at(plan, tls, name, crew_size(plan)));
    plan->listeners[plan->listener_count - 1].proxies = proxies;
    return OK;
}

static fallible listen_for_proxies(struct crew_plan *plan, struct tls *tls)
{
    static struct address_range here, elsewhere;
    static const struct address_ranges known = {&here, 1}, unknown = {&elsewhere, 1};

    TRY(address_read_range(LIT("127.0.0.1"), &here));
    TRY(address_read_range(LIT("192.0.2.0/24"), &elsewhere));
    TRY(listen_for(plan, tls, "proxied", &known));
    TRY(listen_for(plan, NULL, "proxied-plain", &known));
    return listen_for(plan, tls, "closed", &unknown);
}

static fallible wait_for_end(struct tls *tls, char *const names[2], const sigset_t *signals)
{
    int signal_;

    while (sigwait(signals, &signal_) == 0 && signal_ == SIGHUP) {
        struct files files = {0};
        const struct fault *fault = read_files(&files, names);

        if (fault == OK)
            fault = tls_reload(tls, files.chain, sensitive_view(files.key));
        arena_close(files.arena);
        printf("%s\n", fault == OK ? "reloaded" : fault->name);
        fflush(stdout);
    }
    return OK;
}

static fallible serve(char *const names[2], size_t threads)
{
    struct door_limits limits = {.connections = 20000, .body_bytes = quick ? 1 << 20 : 64 << 20};
    struct crew_plan plan = {
        .threads = threads, .limits = CONNECTION_USUAL, .end_ms = 2000, .start = start};
    struct files files = {0};
    struct crew *crew;
    struct tls *tls;
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (quick)
        plan.limits = (struct connection_limits){.idle = 2000,
                                                 .shake = 1000,
                                                 .head = 1000,
                                                 .body = 1000,
                                                 .whole = 4000,
                                                 .send = 1000,
                                                 .linger = 500,
                                                 .least_rate = 4096,
                                                 .memory = 8 << 20};
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(read_files(&files, names));
    TRY(tls_open(files.chain, sensitive_view(files.key), &tls));
    arena_close(files.arena);
    TRY(door_open(&limits, &plan.door));
    TRY(listen_at(&plan, NULL, "plain", crew_size(&plan)));
    TRY(listen_at(&plan, tls, "tls", crew_size(&plan)));
    if (proxied)
        TRY(listen_for_proxies(&plan, tls));
    TRY(crew_start(&plan, &crew));
    TRY(wait_for_end(tls, names, &signals));
    crew_end(crew);
    printf("cut %zu\n", crew_join(crew));
    tls_close(tls);
    door_close(plan.door);
    for (size_t i = 0; i < plan.listener_count; i++)
        free((void *)(uintptr_t)plan.listeners[i].fds);
    return OK;
}

int main(int argc, char **argv)
{
    const struct fault *fault;
    size_t threads = 1;

    memset(content, 'x', sizeof content);
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            quick = true;
        else if (strcmp(argv[i], "--proxied") == 0)
            proxied = true;
        else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
            threads = (size_t)atoi(argv[++i]);
        else if (strcmp(argv[i], "--size") == 0 && i + 1 < argc)
            size = (size_t)atoi(argv[++i]);
    }
    if (argc < 3) {
        fprintf(stderr,
                "usage: server CERTIFICATE KEY [--threads N] [--size N] [--quick] [--proxied]\n");
        return 2;
    }
    fault = serve(argv + 1, threads);
    if (fault != OK)
        fprintf(stderr, "%s: %s\n", fault->name, fault->text);
    return fault == OK ? 0 : 1;
}
