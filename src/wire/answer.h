/* answer: recognise the protocol, then four steps that are the whole server: authenticate, decode,
 * perform, encode. Whatever happens, a request leaves exactly one record in the worker's turn (or
 * in its change's commit); when that record cannot be made, the reply is a refusal that says so. */
#pragma once

#include "codec/uuid.h"
#include "core/perform.h"
#include "net/http.h"
#include "wire/protocol.h"

/* One request in flight: the first thing in its arena, zeroed by the server but for `connection`
 * and, over the admin socket, `call.peer`: the principal that it made of the peer's uid (without it
 * the native protocol refuses). */
struct flight {
    struct call call;
    struct attempt attempt;
    const struct protocol *protocol;
    const struct route *route;
    const struct http_request *request;
    struct http_reply reply; /* valid once DONE; its body in the arena */
    bool unknown;            /* refused, since nobody was recognised */
    bool throttled;          /* refused, and the connection should rest for a while */
    void *connection;        /* the server's; only carried */

    /* answer's own */
    uint8_t id[UUID_TEXT];
    char address[ADDRESS_TEXT];
};

/* Runs the request on this worker. DONE: `reply` stands, and the call's notes are in the worker's
 * turn: the reply may leave after turn_write(). PARKED: wait for the batch in the worker's mailbox,
 * then answer_resume (always DONE). */
enum progress answer_begin(struct flight *, struct worker *, struct arena *,
                           const struct http_request *);
void answer_resume(struct flight *);
struct flight *flight_of(struct batch *);

/* From the head alone, before the body is read: true when a signature over a stated body hash
 * already fails or nobody is claimed; then `reply` is the refusal (and its note is in the turn).
 * Only asked when x-amz-content-sha256 is there. On false the flight is as it was; answer_begin
 * looks at everything again, with the body. */
bool answer_refuses_head(struct flight *, struct worker *, struct arena *,
                         const struct http_request *head);

/* What net/http refused (its fault) or the server will not read (DOOR_BODIES...): makes the reply,
 * which closes, and the note. `request` holds what is known of it so far: at least peer and TLS
 * facts; the rest may be zero. */
void answer_unreadable(struct flight *, struct worker *, struct arena *,
                       const struct http_request *, const struct fault *);

/* Instead of a reply that may not leave, since its record could not be written. */
void answer_unrecorded(struct flight *);

/* A request's id, ordered by time (ms); filled whatever is returned. For those who answer a request
 * that never comes here. */
fallible answer_id(int64_t now, uint8_t id[UUID_TEXT]);
