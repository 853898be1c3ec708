/* answer: recognise the protocol, then four steps that are the whole server: authenticate, decode, perform, encode. */
#pragma once

#include "core/perform.h"
#include "net/http.h"
#include "wire/protocol.h"

/* One request in flight: the first thing in its arena. */
struct flight {
    struct call call;
    struct attempt attempt;
    const struct protocol *protocol;
    const struct route *route;
    const struct http_request *request;
    struct http_reply reply; /* valid once DONE; its body in the arena, or in sensitive memory */
    void *connection;        /* the server's; only carried */
};

/* Runs the request on this worker. A zeroed flight, but for `connection`, and over the admin socket `call.peer`: the
 * principal that the server made of the peer's uid (it is kept; without it the native protocol refuses). DONE: `reply` stands, and the call's notes are in the worker's turn: the reply may leave
 * after turn_write(). PARKED: wait for the batch in the worker's mailbox, then answer_resume (always DONE). */
enum progress answer_begin(struct flight *, struct worker *, struct arena *, const struct http_request *);
void answer_resume(struct flight *);
struct flight *flight_of(struct batch *);

/* From the head alone, before the body is read: true when a signature over a stated body hash already fails or nobody is
 * claimed; then `reply` is the refusal (and its note is in the turn). Only asked when x-amz-content-sha256 is there. */
bool answer_refuses_head(struct flight *, struct worker *, struct arena *, const struct http_request *head);

/* Instead of a reply that may not leave, since its record could not be written. */
void answer_unrecorded(struct flight *);
