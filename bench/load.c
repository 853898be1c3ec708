/* load: replays requests made beforehand over many connections and says, as one JSON object, how
 * they were answered. One thread; one request at a time per connection. */
#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, BUCKETS = 64 * 32, EVENTS = 256, STRANDED = 1000 };

struct settings {
    struct sockaddr_in address;
    const char *requests;
    const char *expect; /* NULL: status 200 */
    size_t connections;
    uint64_t count; /* 0: no bound */
    double seconds, rate;
    int core;
    bool plain, fresh, resume, hold, first;
};

struct load {
    struct settings set;
    SSL_CTX *context;
    int epoll;
    struct peer *peers;
    struct request *requests;
    size_t request_count, next;

    uint64_t started, answered, failed, lost, resumed, reply_bytes;
    uint64_t latency[BUCKETS];
    bool ending;
    int64_t began_ns, due_ns;
};

static void say_and_exit(const char *what)
{
    (void)fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/* Latencies fall into buckets of 1/32 of their power of two: good to 3 %. */
static size_t bucket_of(uint64_t ns)
{
    const unsigned top = 63 - (unsigned)__builtin_clzll(ns | 32);

    return (size_t)(top - 5) * 32 + (ns >> (top - 5)) % 32 + (ns >= 32 ? 32 : 0);
}

static uint64_t bucket_ns(size_t bucket)
{
    const size_t top = bucket < 32 ? 0 : bucket / 32 - 1;

    return bucket < 32 ? bucket : (32 + bucket % 32) << top;
}

static double percentile_us(const struct load *l, double share)
{
    const uint64_t all = l->answered + l->failed;
    uint64_t left = (uint64_t)((double)all * share);

    for (size_t i = 0; i < BUCKETS; i++) {
        if (left < l->latency[i])
            return (double)bucket_ns(i) / 1000;
        left -= l->latency[i];
    }
    return 0;
}

static const uint8_t *map_file(const char *name, size_t *n)
{
    const int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    const uint8_t *at;

    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0)
        say_and_exit("cannot read the requests");
    *n = (size_t)st.st_size;
    at = mmap(NULL, *n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED)
        say_and_exit("cannot map the requests");
    (void)close(fd);
    return at;
}

/* The file is requests one after the other, each behind its length (32 bits, big end first). */
static void read_requests(struct load *l)
{
    size_t n, room = 0;
    const uint8_t *at = map_file(l->set.requests, &n);

    while (n >= 4) {
        const size_t length =
            (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];

        if (length == 0 || length > n - 4)
            say_and_exit("the file of requests is torn");
        if (l->request_count == room) {
            room = room == 0 ? 1024 : 2 * room;
            l->requests = reallocarray(l->requests, room, sizeof *l->requests);
            if (l->requests == NULL)
                say_and_exit("no memory");
        }
        l->requests[l->request_count++] = (struct request){at + 4, length};
        at += 4 + length;
        n -= 4 + length;
    }
}

static void watch(struct load *l, struct peer *p, int how)
{
    struct epoll_event event = {
        .events = p->state == PEER_WRITES ? EPOLLOUT : EPOLLIN,
        .data.ptr = p,
    };

    if (epoll_ctl(l->epoll, how, p->fd, &event) != 0)
        say_and_exit("epoll refuses a descriptor");
}

static void begin(struct load *l, struct peer *p)
{
    if (!peer_open(p, &l->set.address, l->context, l->set.resume))
        say_and_exit("cannot connect");
    watch(l, p, EPOLL_CTL_ADD);
}

static bool is_over(const struct load *l, int64_t now)
{
    return (l->set.count != 0 && l->started >= l->set.count) ||
           (double)(now - l->began_ns) >= l->set.seconds * SECOND;
}

/* Hands the peer its next request, unless it is too early (a rate is set) or the end. */
static bool hand_over(struct load *l, struct peer *p, int64_t now)
{
    if (l->ending || is_over(l, now)) {
        l->ending = true;
        return false;
    }
    if (l->set.rate > 0) {
        if (now < l->due_ns)
            return false;
        l->due_ns += (int64_t)(SECOND / l->set.rate);
    }
    peer_send(p, l->requests[l->next], now);
    l->next = (l->next + 1) % l->request_count;
    l->started++;
    return true;
}

/* Of a head and what came with it no more than fits is looked at. */
static bool as_expected(const struct load *l, const struct peer *p)
{
    const size_t n = p->got < sizeof p->head ? p->got : sizeof p->head;

    return l->set.expect == NULL ? p->status == 200
                                 : memmem(p->head, n, l->set.expect, strlen(l->set.expect)) != NULL;
}

static void note_reply(struct load *l, const struct peer *p, int64_t now)
{
    l->latency[bucket_of((uint64_t)(now - p->began_ns))]++;
    l->reply_bytes += p->reply_bytes;
    l->resumed += p->resumed;
    if (as_expected(l, p))
        l->answered++;
    else if (l->failed++ == 0)
        (void)fprintf(stderr, "load: first refusal:\n%.*s\n", (int)p->got, p->head);
}

static void lose(struct load *l, struct peer *p)
{
    if (p->began_ns != 0)
        l->failed++;
    if (++l->lost > STRANDED)
        say_and_exit("the server closes connection after connection");
    peer_close(p);
    begin(l, p);
}

/* Goes on with a peer until it has to wait. */
static void serve(struct load *l, struct peer *p)
{
    const enum peer_state before = p->state;

    for (;;) {
        const enum peer_state state = peer_turn(p);

        if (state == PEER_LOST) {
            lose(l, p);
            return;
        }
        if (state == PEER_ANSWERED) {
            note_reply(l, p, now_ns());
            p->state = PEER_IDLE;
            p->began_ns = 0;
            if (l->set.fresh) {
                peer_close(p);
                begin(l, p);
                return;
            }
        }
        if (p->state != PEER_IDLE || !hand_over(l, p, now_ns()))
            break;
    }
    if ((p->state == PEER_WRITES) != (before == PEER_WRITES))
        watch(l, p, EPOLL_CTL_MOD);
}

static struct timespec until(int64_t ns)
{
    const int64_t left = ns - now_ns();

    return left <= 0 ? (struct timespec){0, 0}
                     : (struct timespec){left / SECOND, (long)(left % SECOND)};
}

static void wait_and_serve(struct load *l, int64_t deadline)
{
    struct epoll_event events[EVENTS];
    const struct timespec patience = until(deadline);
    const int n = epoll_pwait2(l->epoll, events, EVENTS, &patience, NULL);

    for (int i = 0; i < n; i++)
        serve(l, events[i].data.ptr);
}

static size_t idle(const struct load *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->set.connections; i++)
        n += l->peers[i].state == PEER_IDLE;
    return n;
}

static void connect_all(struct load *l)
{
    const int64_t patience = now_ns() + 20 * (int64_t)SECOND;

    l->ending = true; /* nobody sends yet */
    for (size_t i = 0; i < l->set.connections; i++) {
        begin(l, &l->peers[i]);
        wait_and_serve(l, 0);
    }
    while (idle(l) < l->set.connections) {
        wait_and_serve(l, patience);
        if (now_ns() > patience)
            say_and_exit("not all connections were accepted within 20 s");
    }
}

/* Starts every peer that has nothing to do; false when none may start. */
static void start_idle(struct load *l)
{
    for (size_t i = 0; i < l->set.connections; i++) {
        if (l->peers[i].state == PEER_IDLE && hand_over(l, &l->peers[i], now_ns())) {
            l->peers[i].state = PEER_READS; /* what it is watched for */
            serve(l, &l->peers[i]);
        }
    }
}

static void run(struct load *l)
{
    const int64_t end = (l->began_ns = now_ns()) + (int64_t)(l->set.seconds * SECOND);

    l->due_ns = l->began_ns;
    l->ending = false;
    start_idle(l);
    while (!l->ending && now_ns() < end) {
        wait_and_serve(l, l->set.rate > 0 && l->due_ns < end ? l->due_ns : end);
        if (l->set.rate > 0)
            start_idle(l);
    }
    l->ending = true;
    for (const int64_t last = now_ns() + 5 * (int64_t)SECOND; now_ns() < last;) {
        if (l->answered + l->failed >= l->started)
            break;
        wait_and_serve(l, last);
    }
}

static void report(const struct load *l, double seconds)
{
    const uint64_t all = l->answered + l->failed;
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    (void)printf(
        "{\"answered\": %lu, \"failed\": %lu, \"lost\": %lu, \"resumed\": %lu, \"seconds\": %.4f, "
        "\"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"reply_bytes\": %.1f, "
        "\"client_cpu\": %.3f}\n",
        l->answered, l->failed + (l->started - all), l->lost, l->resumed, seconds,
        (double)l->answered / seconds, percentile_us(l, 0.5), percentile_us(l, 0.99),
        all == 0 ? 0 : (double)l->reply_bytes / (double)all,
        (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

static void usage(FILE *to)
{
    (void)fputs(
        "usage: load --to ADDR:PORT --requests FILE [OPTION...]\n\n"
        "Replays the requests of FILE in order, over and over, and prints one JSON object.\n\n"
        "  --connections N  how many at once (64)   --seconds S  at most so long (5)\n"
        "  --count N        at most so many         --rate R     so many a second in all\n"
        "  --core N         run on this core        --plain      HTTP instead of TLS 1.3\n"
        "  --expect TEXT    a right reply has this in its head (else: it has status 200)\n"
        "  --fresh          a new connection for each request\n"
        "  --resume         new connections resume the last session\n"
        "  --hold           print 'ready' once connected, begin at a line on stdin\n"
        "  --first          go before others that share the core (where that is allowed)\n",
        to);
}

static void read_address(struct settings *s, char *text)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL)
        say_and_exit("--to is ADDR:PORT");
    *colon = 0;
    s->address.sin_family = AF_INET;
    s->address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, text, &s->address.sin_addr) != 1)
        say_and_exit("--to needs an IPv4 address");
}

static void read_option(struct settings *s, int option)
{
    switch (option) {
    case 't':
        read_address(s, optarg);
        break;
    case 'r':
        s->requests = optarg;
        break;
    case 'c':
        s->connections = strtoul(optarg, NULL, 10);
        break;
    case 'n':
        s->count = strtoull(optarg, NULL, 10);
        break;
    case 's':
        s->seconds = strtod(optarg, NULL);
        break;
    case 'R':
        s->rate = strtod(optarg, NULL);
        break;
    case 'e':
        s->expect = optarg;
        break;
    case 'k':
        s->core = (int)strtol(optarg, NULL, 10);
        break;
    case 'h':
        usage(stdout);
        exit(0);
    default:
        usage(stderr);
        exit(2);
    }
}

static void read_settings(struct settings *s, int argc, char **argv)
{
    static int plain, fresh, resume, hold, first;
    const struct option options[] = {
        {"to", required_argument, NULL, 't'},
        {"requests", required_argument, NULL, 'r'},
        {"count", required_argument, NULL, 'n'},
        {"connections", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 's'},
        {"rate", required_argument, NULL, 'R'},
        {"core", required_argument, NULL, 'k'},
        {"plain", no_argument, &plain, 1},
        {"expect", required_argument, NULL, 'e'},
        {"fresh", no_argument, &fresh, 1},
        {"resume", no_argument, &resume, 1},
        {"hold", no_argument, &hold, 1},
        {"first", no_argument, &first, 1},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        if (option != 0)
            read_option(s, option);
    s->plain = plain != 0;
    s->fresh = fresh != 0;
    s->resume = resume != 0;
    s->hold = hold != 0;
    s->first = first != 0;
    if (s->address.sin_port == 0 || s->requests == NULL || s->connections == 0 || optind < argc) {
        usage(stderr);
        exit(2);
    }
}

static void pin(int core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (core >= 0 && sched_setaffinity(0, sizeof set, &set) != 0)
        say_and_exit("cannot be pinned to that core");
}

/* So that a client is measured and not the crowd on its core. */
static void go_first(void)
{
    const struct sched_param one = {.sched_priority = 1};

    if (sched_setscheduler(0, SCHED_FIFO, &one) != 0 && nice(-20) == -1)
        (void)fputs("load: cannot go first; what is measured includes waiting for the core\n",
                    stderr);
}

static void hold(void)
{
    (void)puts("ready");
    (void)fflush(stdout);
    (void)getchar();
}

int main(int argc, char **argv)
{
    struct load l = {.set = {.connections = 64, .seconds = 5, .core = -1}};

    read_settings(&l.set, argc, argv);
    (void)signal(SIGPIPE, SIG_IGN);
    pin(l.set.core);
    if (l.set.first)
        go_first();
    read_requests(&l);
    l.peers = calloc(l.set.connections, sizeof *l.peers);
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l.peers == NULL || l.epoll < 0)
        say_and_exit("no memory");
    if (!l.set.plain && (l.context = peer_context()) == NULL)
        say_and_exit("OpenSSL refuses these settings");

    connect_all(&l);
    if (l.set.hold)
        hold();
    run(&l);
    report(&l, (double)(now_ns() - l.began_ns) / SECOND);
    for (size_t i = 0; i < l.set.connections; i++) {
        peer_close(&l.peers[i]);
        peer_forget(&l.peers[i]);
    }
    SSL_CTX_free(l.context);
    free(l.peers);
    free(l.requests);
    return 0;
}
