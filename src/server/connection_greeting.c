/* connection_greeting: byte by byte if need be, and never one that is behind the header. */
#include "server/connection_inside.h"

#include "net/proxy.h"

#include <stdlib.h>

struct greeting {
    size_t n;
    uint8_t at[PROXY_MOST];
};

void connection_forget_greeting(struct connection *c)
{
    free(c->greeting);
    c->greeting = NULL;
}

/* The place at the door was the proxy's: now it is the client's, with all that counts by address.
 */
static fallible change_guest(struct connection *c, const struct address *client)
{
    door_leave(&c->guest);
    c->peer = *client;
    return door_enter(c->all->door, &c->peer, &c->guest);
}

static void greeted(struct connection *c, bool told, const struct address *client)
{
    const bool plain = stream_shaken(c->stream);
    const struct fault *fault = told ? change_guest(c, client) : OK;

    if (fault == OK && !plain)
        fault = door_handshake(&c->guest);
    connection_forget_greeting(c);
    if (fault != OK) {
        connection_count(&c->all->counts.turned_away);
        connection_drop(c);
        return;
    }
    c->state = plain ? READING : SHAKING;
    loop_later(c->all->loop, &c->work); /* what came with the header is no event any more */
}

static fallible read_some(struct connection *c, size_t whole, size_t *n)
{
    struct greeting *greeting = c->greeting;

    TRY(stream_read_bare(c->stream, greeting->at + greeting->n, whole - greeting->n, n));
    greeting->n += *n;
    return OK;
}

/* Until the header is whole, or nothing more is there. */
static fallible read_header(struct connection *c, bool *done, bool *told, struct address *client)
{
    size_t whole = PROXY_LEAST, n = 1;

    *done = false;
    while (n > 0 && !*done) {
        const struct bytes came = {c->greeting->at, c->greeting->n};

        TRY(proxy_read(came, &whole, told, client));
        *done = came.n == whole;
        if (!*done)
            TRY(read_some(c, whole, &n));
    }
    return OK;
}

void connection_greet(struct connection *c)
{
    struct address client;
    const struct fault *fault = OK;
    bool done = false, told = false;

    if (c->greeting == NULL)
        c->greeting = calloc(1, sizeof *c->greeting);
    if (c->greeting == NULL)
        fault = TLS_FULL;
    if (fault == OK)
        fault = read_header(c, &done, &told, &client);
    if (fault == PROXY_MALFORMED)
        connection_count(&c->all->counts.unproxied);
    if (fault != OK) {
        connection_count(&c->all->counts.broken);
        connection_drop(c);
        return;
    }
    if (done)
        greeted(c, told, &client);
}
