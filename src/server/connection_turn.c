/* connection_turn: how much of a turn one payer gets, so that nobody waits behind a loud one. */
#include "server/connection_inside.h"

static int64_t now(const struct connection *c)
{
    return loop_now_ms(c->all->loop);
}

static bool just_now(const struct connection *c, int64_t ms)
{
    return ms != 0 && now(c) < ms + LOUD_MS;
}

static bool is_loud(const struct connection *c)
{
    return c->payer != 0 && just_now(c, c->all->loud_ms[c->payer % LOUD_ONES]);
}

bool connection_is_quiet(const struct connection *c)
{
    return c->payer != 0 && just_now(c, c->all->loud_last_ms) && !is_loud(c);
}

static size_t share(const struct connection *c)
{
    if (!is_loud(c))
        return TURN_SHARE;
    if (c->all->turn.quiet)
        return TURN_SHARE_BEHIND;
    return just_now(c, c->all->quiet_last_ms) ? TURN_SHARE_BESIDE : TURN_SHARE;
}

bool connection_has_turn(struct connection *c)
{
    struct connection_turn *turn = &c->all->turn;
    size_t same = 0;

    if (turn->number != loop_turns(c->all->loop))
        *turn = (struct connection_turn){.number = loop_turns(c->all->loop)};
    if (turn->count == TURN_REQUESTS)
        return false;
    for (size_t i = 0; i < turn->count; i++)
        same += turn->payers[i] == c->payer && c->payer != 0;
    if (same >= share(c)) {
        c->all->loud_ms[c->payer % LOUD_ONES] = c->all->loud_last_ms = now(c);
        return false;
    }
    if (connection_is_quiet(c)) {
        turn->quiet = true;
        c->all->quiet_last_ms = now(c);
    }
    turn->payers[turn->count++] = c->payer;
    return true;
}
