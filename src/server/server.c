/* server: opens what is needed, in order; waits for signals; closes in reverse. */
#include "server/server.h"

#include "base/blame.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "core/audit/journal.h"
#include "net/tls.h"
#include "server/front.h"
#include "server/sealed.h"
#include "server/timers.h"
#include "store/drive.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    PEM_MOST = 64 * 1024,
    LISTEN_MOST = 8,
    PLACE_TEXT = ADDRESS_TEXT + 8, /* with brackets and port */
    THREADS_MOST = 256,
    END_MS = 10000
};

/* clang-format off */
FAULT(SERVER_CERTIFICATE, FAULT_ABSENT, "server.certificate",
      "There is no certificate: set certificate and private_key, or make one with coffer certificate.");
FAULT(SERVER_PLAIN, FAULT_CALLER, "server.plain", "Plain HTTP is served on loopback addresses alone.");
FAULT(SERVER_SYSTEM, FAULT_INTERNAL, "server.system", "The system gives no thread or no signals.");
/* clang-format on */

struct running {
    struct arena *arena;
    const struct config *config;
    struct opened *opened;
    struct watch watch;
    struct front_plan front;
    struct tls *tls;
    struct door *door;
    struct crew_plan plan; /* with all that we listen at */
    struct crew *crew;
    struct timers *timers;
    struct address bound[LISTEN_MOST];
    struct address watch_bound;
    size_t bound_count;
    const char *told; /* of the certificate */
};

static const char CHAIN[] = "tls/server.pem";

/* The setting, or the file that `coffer init --tls-host` made. */
static const char *pem_path(struct running *r, struct bytes setting, const char *usual)
{
    const char *folder = file_text(r->arena, r->config->data);

    if (setting.n > 0)
        return file_text(r->arena, setting);
    return folder == NULL ? NULL : file_path(r->arena, folder, usual);
}

static fallible read_pair(struct running *r, struct bytes *chain, struct sensitive_view *key)
{
    const char *chain_path = pem_path(r, r->config->certificate, CHAIN);
    const char *key_path = pem_path(r, r->config->private_key, "tls/server.key");
    struct sensitive *secret;
    const struct fault *fault;

    ENSURE(chain_path != NULL && key_path != NULL, ARENA_SPENT);
    fault = file_read(r->arena, chain_path, PEM_MOST, chain);
    TRY(blame(chain_path, fault == FILE_ABSENT ? SERVER_CERTIFICATE : fault));
    TRY(blame(key_path, file_read_secret(r->arena, key_path, PEM_MOST, &secret)));
    *key = sensitive_view(secret);
    return OK;
}

static fallible open_tls(struct running *r)
{
    const struct arena_mark mark = arena_mark(r->arena);
    struct bytes chain;
    struct sensitive_view key;
    const struct fault *fault;

    if (r->config->plain)
        return OK;
    fault = read_pair(r, &chain, &key);
    if (fault == OK)
        fault = blame(pem_path(r, r->config->certificate, CHAIN), tls_open(chain, key, &r->tls));
    arena_rewind(r->arena, mark);
    r->watch.face.tls = r->tls;
    face_tell(&r->watch.face, clock_now_ms(), &r->told);
    return fault;
}

/* On SIGHUP. Whatever is wrong with the new pair, the old one goes on. */
static void reload_tls(struct running *r)
{
    const struct arena_mark mark = arena_mark(r->arena);
    struct bytes chain;
    struct sensitive_view key;
    const struct fault *fault = r->tls == NULL ? OK : read_pair(r, &chain, &key);

    if (fault == OK && r->tls != NULL)
        fault = blame(pem_path(r, r->config->certificate, CHAIN), tls_reload(r->tls, chain, key));
    arena_rewind(r->arena, mark);
    r->told = NULL;
    face_tell(&r->watch.face, clock_now_ms(), &r->told);
    if (fault == OK)
        LOG(LOG_NOTICE, "server.certificate", F("outcome", fault));
    else
        LOG(LOG_ERROR, "server.certificate", F("outcome", fault), F("file", bytes_of(blamed())));
}

/* As one writes it in a setting, or behind https://. */
static const char *place_of(const struct address *address, char place[static PLACE_TEXT])
{
    char text[ADDRESS_TEXT];
    const struct bytes ip = address_write(address, text);
    const bool long_one = memchr(ip.at, ':', ip.n) != NULL;

    (void)snprintf(place, PLACE_TEXT, long_one ? "[%.*s]:%u" : "%.*s:%u", (int)ip.n,
                   (const char *)ip.at, (unsigned)address->port);
    return place;
}

static fallible listen_at(struct running *r, struct crew_plan *plan, const struct address *where,
                          size_t handler, struct address *bound)
{
    struct crew_listener *listener = &plan->listeners[plan->listener_count];
    size_t n = handler == FRONT_CLIENTS ? crew_size(plan) : 1;
    int *fds = arena_get(r->arena, n * sizeof *fds);
    char place[PLACE_TEXT];

    ENSURE(fds != NULL, ARENA_SPENT);
    TRY(blame(place_of(where, place), socket_listen(where, n, fds, bound)));
    *listener = (struct crew_listener){.fds = fds,
                                       .first_only = n == 1 && handler != FRONT_CLIENTS,
                                       .tls = handler == FRONT_CLIENTS ? r->tls : NULL,
                                       .handler = handler};
    plan->listener_count++;
    return OK;
}

static fallible listen_locally(struct running *r, struct crew_plan *plan)
{
    const char *folder = file_text(r->arena, r->config->data);
    const char *path = folder == NULL ? NULL : file_path(r->arena, folder, "admin/socket");
    int *fd = arena_new(r->arena, int);
    const gid_t gid = r->config->admin_gid;

    ENSURE(path != NULL && fd != NULL, ARENA_SPENT);
    TRY(blame(path, socket_listen_local(path, gid, fd)));
    plan->listeners[plan->listener_count++] =
        (struct crew_listener){.fds = fd, .first_only = true, .handler = FRONT_ADMIN};
    r->front.admin_gid = gid;
    return OK;
}

static fallible listen_for_clients(struct running *r, struct crew_plan *plan,
                                   const struct address *where)
{
    ENSURE(!r->config->plain || address_loopback(where), SERVER_PLAIN);
    if (r->bound_count == LISTEN_MOST)
        return OK;
    TRY(listen_at(r, plan, where, FRONT_CLIENTS, &r->bound[r->bound_count]));
    r->bound_count++;
    return OK;
}

static fallible listen_for_proxies(struct running *r, struct crew_plan *plan)
{
    const struct config *config = r->config;

    for (size_t i = 0; i < config->listen_proxied.n && r->bound_count < LISTEN_MOST; i++) {
        TRY(listen_for_clients(r, plan, &config->listen_proxied.at[i]));
        plan->listeners[plan->listener_count - 1].proxies = &config->proxy;
    }
    return OK;
}

static fallible listen_all(struct running *r, struct crew_plan *plan)
{
    static const struct bytes usual = {(const uint8_t *)"127.0.0.1:8443", 14};
    const struct config *config = r->config;
    struct address fallback;

    for (size_t i = 0; i < config->listen.n; i++)
        TRY(listen_for_clients(r, plan, &config->listen.at[i]));
    TRY(listen_for_proxies(r, plan));
    if (r->bound_count == 0) {
        TRY(address_read(usual, &fallback));
        TRY(listen_for_clients(r, plan, &fallback));
    }
    if (!r->config->dev)
        TRY(listen_at(r, plan, &r->config->watch, FRONT_WATCH, &r->watch_bound));
    return listen_locally(r, plan);
}

static void plan_limits(const struct running *r, struct crew_plan *plan, struct door_limits *door)
{
    const struct config *config = r->config;

    *door = DOOR_USUAL;
    door->connections = (size_t)config->connections;
    door->connections_per_address = (size_t)config->connections_per_address;
    door->handshakes_per_second = (size_t)config->handshakes_per_second;
    plan->limits = CONNECTION_USUAL;
    plan->limits.idle = config->idle_seconds * 1000;
    plan->threads = (size_t)config->workers;
    plan->end_ms = END_MS;
}

static fallible start_listening(struct running *r)
{
    struct door_limits limits;

    TRY(open_tls(r));
    plan_limits(r, &r->plan, &limits);
    TRY(door_open(&limits, &r->door));
    r->plan.door = r->door;
    TRY(listen_all(r, &r->plan));
    r->watch.face.first = r->bound[0];
    return OK;
}

static fallible start_crew(struct running *r)
{
    r->plan.ctx = &r->front;
    r->plan.start = front_start;
    return crew_start(&r->plan, &r->crew);
}

static void tell_listening(const char *event, const struct address *address)
{
    char text[ADDRESS_TEXT];

    LOG(LOG_NOTICE, event, F("address", address_write(address, text)),
        F("port", (int)address->port));
}

/* Each connection is a descriptor: as many as we are allowed. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Went the store or the journal down for good? Then nothing more can be acknowledged, and the
 * process ends so as to recover from the disk. */
static fallible look_at_disk(const struct running *r)
{
    struct engine_figures figures;
    struct journal_state journal;

    TRY(store_figures(r->opened->house.store, &figures));
    journal_state(r->opened->house.journal, &journal);
    return journal.down;
}

/* Waits for a signal, and looks at disk and certificate meanwhile. */
static fallible wait_for_end(struct running *r, const sigset_t *signals)
{
    const struct timespec second = {.tv_sec = 1};

    for (;;) {
        int got = sigtimedwait(signals, NULL, &second);

        if (got == SIGHUP)
            reload_tls(r);
        else if (got > 0)
            return OK;
        face_tell(&r->watch.face, clock_now_ms(), &r->told);
        TRY(look_at_disk(r));
    }
}

static void block_signals(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static void tell_places(const struct running *r)
{
    for (size_t i = 0; i < r->bound_count; i++)
        tell_listening("server.listening", &r->bound[i]);
    if (!r->config->dev)
        tell_listening("server.watching", &r->watch_bound);
}

static void tell_ready(struct running *r, void (*ready)(void *ctx, const struct server_facts *),
                       void *ctx)
{
    const struct server_facts facts = {r->bound, r->bound_count, r->watch_bound};

    LOG(LOG_NOTICE, "server.ready", F("account", r->opened->house.account),
        F("region", r->opened->house.region));
    if (ready != NULL)
        ready(ctx, &facts);
}

static void end(struct running *r)
{
    size_t cut = 0;

    r->watch.ending = true;
    if (r->crew != NULL) {
        crew_end(r->crew);
        cut = crew_join(r->crew);
        r->watch.crew = NULL;
    }
    timers_stop(r->timers);
    door_close(r->door);
    tls_close(r->tls);
    LOG(LOG_NOTICE, "server.ending", F("cut", (int64_t)cut));
}

static void begin(struct running *r, sigset_t *signals)
{
    r->watch.house = &r->opened->house;
    r->watch.started_ms = clock_now_ms();
    r->front.house = &r->opened->house;
    r->front.watch = &r->watch;
    r->front.config = r->config;
    raise_descriptors();
    block_signals(signals);
}

static fallible serve(struct running *r)
{
    TRY(timers_start(&r->watch, r->tls, &r->timers));
    r->watch.crew = r->crew;
    return OK;
}

static fallible start(struct running *r)
{
    TRY(start_listening(r));
    TRY(start_crew(r));
    return serve(r);
}

fallible server_run(struct arena *arena, const struct config *config, struct opened *opened,
                    void (*ready)(void *ctx, const struct server_facts *), void *ctx)
{
    struct running r = {.arena = arena, .config = config, .opened = opened};
    const struct fault *fault;
    sigset_t signals;

    begin(&r, &signals);
    fault = start(&r);
    if (fault == OK) {
        tell_places(&r);
        tell_ready(&r, ready, ctx);
        fault = wait_for_end(&r, &signals);
    }
    end(&r);
    return fault;
}

/* --- sealed --- */

static fallible start_sealed(struct running *r, struct sealed_plan *plan, struct sealed **sealed)
{
    TRY(start_listening(r));
    plan->admin_gid = r->front.admin_gid;
    TRY(sealed_open(plan, sealed));
    r->plan.ctx = *sealed;
    r->plan.start = sealed_start;
    return crew_start(&r->plan, &r->crew);
}

/* OK and *ended false: the house is open. */
static fallible wait_for_house(struct running *r, struct sealed *sealed, const sigset_t *signals,
                               bool *ended)
{
    int got;

    do {
        TRY(sealed_wait(sealed, signals, &got));
        if (got == SIGHUP)
            reload_tls(r);
    } while (got == SIGHUP);
    *ended = got != 0;
    return OK;
}

/* From sealed to serving: the same threads at the same sockets, with all their connections. Until
 * all have changed we are "starting". */
static fallible open_doors(struct running *r, struct sealed *sealed)
{
    sealed_end(sealed);
    TRY(crew_change(r->crew, front_start, &r->front));
    TRY(serve(r));
    tell_ready(r, NULL, NULL);
    return OK;
}

static fallible run_sealed(struct running *r, struct sealed_plan *plan, struct sealed **sealed,
                           const sigset_t *signals)
{
    bool ended;

    TRY(start_sealed(r, plan, sealed));
    tell_places(r);
    LOG(LOG_NOTICE, "server.sealed", F("account", plan->seal->house.account));
    TRY(wait_for_house(r, *sealed, signals, &ended));
    if (ended)
        return OK;
    TRY(open_doors(r, *sealed));
    return wait_for_end(r, signals);
}

fallible server_run_sealed(struct arena *arena, const struct config *config,
                           const struct root_sealed *seal, bool accept)
{
    struct opened opened = {0};
    struct running r = {.arena = arena, .config = config, .opened = &opened};
    struct sealed *sealed = NULL;
    struct sealed_plan plan = {.arena = arena,
                               .config = config,
                               .seal = seal,
                               .watch = &r.watch,
                               .accept = accept,
                               .opened = &opened};
    const struct fault *fault;
    sigset_t signals;

    begin(&r, &signals);
    fault = run_sealed(&r, &plan, &sealed, &signals);
    if (sealed != NULL)
        sealed_end(sealed);
    end(&r);
    sealed_close(sealed);
    house_close(&opened);
    return fault;
}
