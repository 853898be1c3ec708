/* connection_inside: what server/connection.c and server/connections.c know of each other. All of
 * it lives on its loop's thread; only the counts are read from others. */
#pragma once

#include "net/stream.h"
#include "server/connection.h"

enum state {
    GREETING,  /* a proxy says for whom it speaks */
    SHAKING,   /* TLS */
    READING,   /* idle as long as there is no exchange */
    FETCHED,   /* something has come, and is read in the next step of this turn */
    TAKING,    /* a piece has been read, and is taken in the step after */
    WHOLE,     /* the request is; it begins in the step after that */
    PARKED,    /* the exchange is somebody else's */
    ANSWERED,  /* the reply waits for the end of the turn */
    WRITTEN,   /* it is encrypted, and is sent when all of the turn's are */
    DELAYED,   /* a refusal that is told later, since too many came before it */
    SENDING,   /* the peer is slower than we */
    RESTING,   /* throttled: nothing is read for a moment */
    LINGERING, /* said goodbye; waits for the peer to do so */
};

/* One peer. Made and freed by server/connections.c; in the circle of all as long as it lives. */
struct connection {
    struct loop_watch watch;
    struct loop_task work, flush;
    struct loop_timer timer;
    struct connections *all;
    struct connection *next, *prev;
    const struct handler *handler;
    struct stream *stream;
    struct door_guest guest;
    enum state state;
    bool gone;       /* the peer is not there any more */
    int64_t idle_ms; /* since when it waits for a request */
    struct bytes tls_version, tls_cipher;
    struct address peer;
    struct socket_owner owner;

    struct greeting *greeting; /* what has come of it; NULL: nothing */

    struct exchange *exchange; /* of the request being read or answered */
    struct http_reader *reader;
    enum http_stage stage;
    bool asked, closes, rests;
    int64_t began_ms, body_ms; /* the request's first byte; the body's */
    size_t came, got;          /* of the request so far; in the piece just read */
    int64_t sending_ms;        /* since when a reply waits for its peer */
    size_t owes;               /* of it still to be sent */
    int64_t delay_ms;          /* 0: the reply leaves at once */
    uint64_t ticket;           /* its reply waits for this one */
    uint64_t payer;            /* who its last request came from; 0: nobody known */
};

/* What a turn has served so far. Many at a time, since each turn costs a write of the journal and a
 * wait; not more than fit, with their replies, into a processor's larger cache. Of one payer only
 * so many, so that nobody waits behind all that a loud one asks. Loud is who used up that share a
 * moment ago. Who is not goes first where somebody is; and as long as there are such, a loud one's
 * part is half of it, so that the turn ends soon, and the least in a turn that has one of theirs,
 * so that the reply leaves soon. */
enum { TURN_REQUESTS = 64, TURN_SHARE = 8, TURN_SHARE_BESIDE = 4, TURN_SHARE_BEHIND = 1 };

enum { OWERS = 256 };
enum { LOUD_ONES = 64, LOUD_MS = 1000 };
struct connection_turn {
    uint64_t number, payers[TURN_REQUESTS];
    size_t count;
    bool quiet; /* one of somebody's who is not loud, while somebody is */
};

struct connections {
    struct loop *loop;
    struct door *door;
    struct connection_limits limits;
    struct stream_thread *thread;
    struct connection head; /* of the circle of all */
    size_t count, parked;
    struct connection_turn turn;
    uint64_t (*ticket)(void *ctx); /* NULL: replies leave with their turn */
    void *ticket_ctx;
    struct loop_task held;      /* the circle of the flush tasks of those whose reply waits */
    int64_t loud_ms[LOUD_ONES]; /* by payer: when one of them used up his share */
    size_t owed[OWERS];         /* by payer: bytes of replies that their peers do not take */
    int64_t loud_last_ms, quiet_last_ms;
    bool ending;
    struct connection_counts counts; /* written here alone, read anywhere */
};

/* What the loop calls: a turn of the connection's work, replies at the turn's end, a deadline, the
 * socket. */
void connection_work(struct loop_task *);
void connection_flush(struct loop_task *);
void connection_reply(struct connection *, const struct fault *unrecorded);
void connection_hold(struct connection *);
void connection_timer(struct loop_timer *);
void connection_turn_away(struct connection *, const struct fault *);

/* server/connection_greeting.c: goes on reading the header, and then makes its client the peer. */
void connection_greet(struct connection *);
void connection_forget_greeting(struct connection *);

/* server/connection_turn.c. Has this turn room for another request of this peer's? Else it waits
 * for the next, behind others. Quiet is, where somebody is loud, who is not; of a peer's first
 * request nobody knows. */
bool connection_has_turn(struct connection *);
bool connection_is_quiet(const struct connection *);

/* server/connection_bounds.c. Bytes of a request that nobody has authenticated are counted; how
 * many come a second. */
fallible connection_count_request(struct connection *);
void connection_give_request_back(struct connection *);
int64_t connection_rate(const struct connection *);

/* So many bytes of its reply wait; how many ms it may let them (0 or less: no more). */
void connection_owes(struct connection *, size_t bytes);
int64_t connection_may_owe(const struct connection *);

/* How long the refusal of somebody whom nobody recognised waits: 0 for the first few of a minute.
 */
int64_t connection_delay(struct connection *);
void connection_events(struct loop_watch *, uint32_t events);
void connection_drop(struct connection *); /* its end; never while its exchange is parked */

static inline void connection_count(uint64_t *counter)
{
    __atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}
