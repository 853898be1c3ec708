/* connection_bounds: what a connection may hold that nobody has authenticated, or that its peer
 * does not take. */
#include "server/connection_inside.h"

enum { SECOND_MS = 1000, DELAY_MS = 1000 };

static int64_t now(const struct connection *c)
{
    return loop_now_ms(c->all->loop);
}

/* --- requests that are not whole --- */

int64_t connection_rate(const struct connection *c)
{
    const bool head = c->stage == HTTP_READING_HEAD;
    const int64_t ms = now(c) - (head ? c->began_ms : c->body_ms);

    return (int64_t)(head ? c->came : http_body_came(c->reader)) * SECOND_MS / (ms < 1 ? 1 : ms);
}

/* The slowest of the requests being read on this loop; of one address, when `share` is set. */
static struct connection *slowest(struct connection *of, bool share)
{
    struct connections *all = of->all;
    struct connection *found = of;

    for (struct connection *c = all->head.next; c != &all->head; c = c->next) {
        if (c->state != READING || c->exchange == NULL || c->guest.body_bytes == 0)
            continue;
        if (share && c->guest.slot != of->guest.slot)
            continue;
        if (connection_rate(c) < connection_rate(found))
            found = c;
    }
    return found;
}

/* Over the ceiling the slowest goes first. */
fallible connection_count_request(struct connection *c)
{
    const size_t bytes = c->stage == HTTP_READING_HEAD ? c->came : http_body_holds(c->reader);
    const struct fault *fault;

    if (c->handler->own_most != 0)
        return OK; /* it did not come by the door */
    while ((fault = door_body(&c->guest, bytes)) != OK) {
        struct connection *victim = slowest(c, fault == DOOR_SHARE);

        if (victim == c)
            return fault;
        if (door_body(&victim->guest, 0) == OK)
            connection_turn_away(victim, fault);
    }
    return OK;
}

void connection_give_request_back(struct connection *c)
{
    if (c->guest.body_bytes != 0 && door_body(&c->guest, 0) != OK)
        c->closes = true;
}

/* --- replies that are not taken --- */

static size_t *owed(const struct connection *c)
{
    return &c->all->owed[c->payer % OWERS];
}

void connection_owes(struct connection *c, size_t bytes)
{
    *owed(c) += bytes - c->owes;
    c->owes = bytes;
}

/* Who lets his replies lie while too much of his lies here already is cut off; who takes them
 * slowly has until the end of the time for a reply. */
int64_t connection_may_owe(const struct connection *c)
{
    const struct connection_limits *limits = &c->all->limits;
    const int64_t passed = now(c) - c->sending_ms;

    if (passed < limits->stall)
        return limits->stall - passed;
    return *owed(c) > limits->owed ? 0 : limits->send - passed;
}

/* --- who guesses --- */

int64_t connection_delay(struct connection *c)
{
    return c->guest.door != NULL && door_failed(&c->guest) ? DELAY_MS : 0;
}
