/* stream: one accepted connection as plaintext in and out, be there TLS on the wire or not.
 *
 * One recv per readable event, one send per reply. What a slow reader leaves waiting is ciphertext
 * (on a plain listener, which is loopback only, plaintext; wiped). A stream belongs to its
 * thread. */
#pragma once

#include "net/tls.h"

struct stream;

/* What all streams of one thread share: room for ciphertext in flight. */
struct stream_thread;
fallible stream_thread_open(struct stream_thread **out);
void stream_thread_close(struct stream_thread *);

/* clang-format off */
extern const struct fault STREAM_ENDED[1]; /* the peer has gone, or the connection broke */
/* clang-format on */

/* Takes the descriptor, also on a fault. tls NULL: plain. */
fallible stream_open(struct stream_thread *, int fd, struct tls *, struct stream **out);
void stream_close(struct stream *); /* NULL is fine; closes the descriptor */

/* The event loop says that there may be something to read (and whether the peer has shut down). */
void stream_readable(struct stream *, bool hung_up);

/* Bytes that come before all TLS, as they came; no more than there is room for. Like stream_read
 * otherwise. Before the first handshake or read alone. */
fallible stream_read_bare(struct stream *, uint8_t *to, size_t room, size_t *n);

bool stream_shaken(const struct stream *);  /* always true when plain */
fallible stream_handshake(struct stream *); /* as far as it gets */

/* From the system, what the next stream_read reads, as far as the thread has room: for who is about
 * to read several. */
void stream_fetch(struct stream *);

/* *n is 0 when there is nothing to be had before the next event. */
fallible stream_read(struct stream *, uint8_t *to, size_t room, size_t *n);

/* Something may be read without another event. */
bool stream_pending(const struct stream *);

/* Encrypted at once; stream_send sends it. Several writes may go before one send, and the writes of
 * several streams of the thread before their sends; but when it is crowded (48 KiB wait for theirs)
 * it is better to send now. */
fallible stream_write(struct stream *, struct bytes);
fallible stream_send(struct stream *);
bool stream_crowded(const struct stream *);
fallible stream_keep(struct stream *);       /* like a send that sends nothing yet */
size_t stream_queued(const struct stream *); /* bytes still to be sent */
bool stream_waits(const struct stream *);    /* something is still to be sent: EPOLLOUT will come */

/* Says goodbye, as far as that is possible without waiting. */
void stream_end(struct stream *);

/* Nothing is expected for a while: gives back memory that only traffic needs. */
void stream_rest(struct stream *);

/* After stream_end: throws away what still comes, so that the peer reads our last words before the
 * kernel resets the connection. STREAM_ENDED when the peer has ended too,
 * or will not stop. */
fallible stream_discard(struct stream *);

struct bytes stream_tls_version(const struct stream *); /* at is NULL when plain */
struct bytes stream_tls_cipher(const struct stream *);
