/* door: one table of addresses behind one lock; touched per connection and per slow body, never per
 * request. */
#include "net/door.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { NONE = UINT32_MAX, KEY = 17, SHARES = 16 };

/* clang-format off */
FAULT(DOOR_FULL, FAULT_AGAIN, "door.full", "The server has as many connections as it may have.");
FAULT(DOOR_ADDRESS, FAULT_LIMIT, "door.address", "This address has as many connections as it may have.");
FAULT(DOOR_HANDSHAKES, FAULT_LIMIT, "door.handshakes", "This address makes new connections too often.");
FAULT(DOOR_SHARE, FAULT_AGAIN, "door.share", "This address sends more unauthenticated request bodies than it may.");
FAULT(DOOR_BODIES, FAULT_AGAIN, "door.bodies", "There is no room for more unauthenticated request bodies.");
/* clang-format on */

const struct door_limits DOOR_USUAL = {
    .connections = 10000,
    .connections_per_address = 1000,
    .handshakes_per_second = 200,
    .body_bytes = (size_t)64 * 1024 * 1024,
};

struct visitor {
    uint8_t key[KEY]; /* how long its net is, and the net */
    uint32_t next;    /* in its chain, or among the free */
    uint32_t connections;
    size_t body_bytes;
    int64_t tokens;    /* thousandths of a handshake */
    int64_t poured_ms; /* when tokens were last added */
    int64_t failed_minute;
    uint32_t failures; /* in that minute */
};

struct door {
    struct door_limits limits;
    pthread_mutex_t lock;
    uint64_t seed;
    size_t connections, body_bytes;
    uint32_t *chains, chain_count; /* a power of two */
    struct visitor *visitors;
    uint32_t visitor_count, free;
};

fallible door_open(const struct door_limits *limits, struct door **out)
{
    struct door *door = calloc(1, sizeof *door);

    ENSURE(door != NULL, DOOR_FULL);
    door->limits = *limits;
    door->visitor_count = (uint32_t)limits->connections * 2 + 64;
    for (door->chain_count = 64; door->chain_count < door->visitor_count;)
        door->chain_count *= 2;
    door->chains = calloc(door->chain_count, sizeof *door->chains);
    door->visitors = calloc(door->visitor_count, sizeof *door->visitors);
    if (door->chains == NULL || door->visitors == NULL ||
        getrandom(&door->seed, sizeof door->seed, 0) != sizeof door->seed) {
        door_close(door);
        return DOOR_FULL;
    }
    pthread_mutex_init(&door->lock, NULL);
    memset(door->chains, 0xFF, door->chain_count * sizeof *door->chains);
    for (uint32_t i = 0; i < door->visitor_count; i++)
        door->visitors[i].next = i + 1 < door->visitor_count ? i + 1 : NONE;
    *out = door;
    return OK;
}

void door_close(struct door *door)
{
    if (door == NULL)
        return;
    free(door->chains);
    free(door->visitors);
    free(door);
}

static void key_of(const struct address *address, uint8_t key[KEY])
{
    struct bytes net = address_net(address);

    memset(key, 0, KEY);
    key[0] = address->local ? 0 : (uint8_t)net.n;
    memcpy(key + 1, net.at, net.n);
}

static uint32_t *chain_of(struct door *door, const uint8_t key[KEY])
{
    uint64_t hash = door->seed;

    for (size_t i = 0; i < KEY; i++)
        hash = (hash ^ key[i]) * 0x9E3779B97F4A7C15U + (hash >> 29);
    return &door->chains[(hash >> 32) & (door->chain_count - 1)];
}

/* All without a connection are forgotten: at most once for as many newcomers as there are
 * places. */
static void forget_idle(struct door *door)
{
    for (uint32_t i = 0; i < door->chain_count; i++) {
        uint32_t *link = &door->chains[i];

        while (*link != NONE) {
            struct visitor *visitor = &door->visitors[*link];
            uint32_t slot = *link;

            if (visitor->connections != 0) {
                link = &visitor->next;
                continue;
            }
            *link = visitor->next;
            visitor->next = door->free;
            door->free = slot;
        }
    }
}

/* Its slot; a newcomer has a full bucket. There are twice as many slots as connections, so one is
 * free. */
static uint32_t visit(struct door *door, const uint8_t key[KEY])
{
    uint32_t *chain = chain_of(door, key);
    uint32_t slot;

    for (slot = *chain; slot != NONE; slot = door->visitors[slot].next)
        if (memcmp(door->visitors[slot].key, key, KEY) == 0)
            return slot;
    if (door->free == NONE)
        forget_idle(door);
    slot = door->free;
    door->free = door->visitors[slot].next;
    door->visitors[slot] = (struct visitor){
        .next = *chain,
        .tokens = (int64_t)door->limits.handshakes_per_second * 1000,
        .poured_ms = clock_monotonic_ns() / 1000000,
    };
    memcpy(door->visitors[slot].key, key, KEY);
    *chain = slot;
    return slot;
}

static fallible enter(struct door *door, const uint8_t key[KEY], uint32_t *slot)
{
    size_t most = door->limits.connections_per_address;

    ENSURE(door->connections < door->limits.connections, DOOR_FULL);
    *slot = visit(door, key);
    ENSURE(most == 0 || door->visitors[*slot].connections < most, DOOR_ADDRESS);
    door->visitors[*slot].connections++;
    door->connections++;
    return OK;
}

fallible door_enter(struct door *door, const struct address *address, struct door_guest *guest)
{
    uint8_t key[KEY];
    const struct fault *fault;

    *guest = (struct door_guest){0};
    key_of(address, key);
    pthread_mutex_lock(&door->lock);
    fault = enter(door, key, &guest->slot);
    pthread_mutex_unlock(&door->lock);
    if (fault == OK)
        guest->door = door;
    return fault;
}

void door_leave(struct door_guest *guest)
{
    struct door *door = guest->door;

    if (door == NULL)
        return;
    pthread_mutex_lock(&door->lock);
    door->visitors[guest->slot].connections--;
    door->visitors[guest->slot].body_bytes -= guest->body_bytes;
    door->body_bytes -= guest->body_bytes;
    door->connections--;
    pthread_mutex_unlock(&door->lock);
    *guest = (struct door_guest){0};
}

static bool take_token(struct visitor *visitor, int64_t per_second)
{
    int64_t now = clock_monotonic_ns() / 1000000;
    int64_t passed = now - visitor->poured_ms < 1000 ? now - visitor->poured_ms : 1000;

    visitor->poured_ms = now;
    visitor->tokens += passed * per_second;
    if (visitor->tokens > per_second * 1000)
        visitor->tokens = per_second * 1000;
    if (visitor->tokens < 1000)
        return false;
    visitor->tokens -= 1000;
    return true;
}

fallible door_handshake(struct door_guest *guest)
{
    struct door *door = guest->door;
    bool had;

    if (door->limits.handshakes_per_second == 0)
        return OK;
    pthread_mutex_lock(&door->lock);
    had = take_token(&door->visitors[guest->slot], (int64_t)door->limits.handshakes_per_second);
    pthread_mutex_unlock(&door->lock);
    return had ? OK : DOOR_HANDSHAKES;
}

bool door_failed(struct door_guest *guest)
{
    const int64_t minute = clock_monotonic_ns() / 60000000000;
    struct visitor *visitor = &guest->door->visitors[guest->slot];
    bool often;

    pthread_mutex_lock(&guest->door->lock);
    if (visitor->failed_minute != minute)
        visitor->failures = 0;
    visitor->failed_minute = minute;
    often = visitor->failures >= DOOR_FAILURES;
    visitor->failures += !often;
    pthread_mutex_unlock(&guest->door->lock);
    return often;
}

static fallible body(struct door *door, struct door_guest *guest, size_t bytes)
{
    struct visitor *visitor = &door->visitors[guest->slot];
    size_t all = door->body_bytes - guest->body_bytes + bytes;
    size_t its = visitor->body_bytes - guest->body_bytes + bytes;

    if (bytes > guest->body_bytes) {
        ENSURE(its <= door->limits.body_bytes / SHARES, DOOR_SHARE);
        ENSURE(all <= door->limits.body_bytes, DOOR_BODIES);
    }
    door->body_bytes = all;
    visitor->body_bytes = its;
    guest->body_bytes = bytes;
    return OK;
}

fallible door_body(struct door_guest *guest, size_t bytes)
{
    const struct fault *fault;

    if (bytes == guest->body_bytes)
        return OK;
    pthread_mutex_lock(&guest->door->lock);
    fault = body(guest->door, guest, bytes);
    pthread_mutex_unlock(&guest->door->lock);
    return fault;
}

size_t door_connections(struct door *door)
{
    size_t n;

    pthread_mutex_lock(&door->lock);
    n = door->connections;
    pthread_mutex_unlock(&door->lock);
    return n;
}
