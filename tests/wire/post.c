/* A letter to the world: read, answered, recorded. */
#include "wire/post.h"

#include "core/audit/audit.h"

#include <stdlib.h>
#include <string.h>

static const struct fault *read_http(struct arena *arena, struct bytes sent,
                                     struct http_request *request, enum http_stage until)
{
    struct http_reader *reader;
    enum http_stage stage = HTTP_READING_HEAD;
    uint8_t *at;
    size_t room;

    TRY(http_reader_open(arena, request, (struct bytes){0}, &reader));
    while (stage != until && stage != HTTP_READ && sent.n > 0) {
        TRY(http_want(reader, &at, &room));
        room = room > sent.n ? sent.n : room;
        memcpy(at, sent.at, room);
        sent = bytes_after(sent, room);
        TRY(http_took(reader, room, &stage));
        if (stage == HTTP_HEAD_READ && until != HTTP_HEAD_READ)
            TRY(http_took(reader, 0, &stage));
    }
    return stage == until ? OK : HTTP_MALFORMED;
}

static struct answered answered_by(const struct flight *f, const char *wrong)
{
    return (struct answered){.status = f->reply.status,
                             .reply = f->reply,
                             .body = raw_reveal(f->reply.body),
                             .id = f->call.id,
                             .wrong = wrong};
}

struct answered post_letter(struct world *world, struct arena *arena, struct letter *l)
{
    struct flight *f = arena_new(l->arena, struct flight);
    struct http_request *request = arena_new(l->arena, struct http_request);
    const struct fault *fault =
        read_http(arena, letter_send(l), request, l->head ? HTTP_HEAD_READ : HTTP_READ);
    const char *wrong = NULL;

    if (!l->local && address_read(LIT("127.0.0.1:40000"), &request->peer) != OK)
        abort();
    request->peer.local = l->local;
    if (l->local)
        f->call.peer = world_admin();
    if (fault != OK)
        answer_unreadable(f, world->worker, arena, request, fault);
    else if (l->head && !answer_refuses_head(f, world->worker, arena, request))
        f->reply.status = 100; /* nothing speaks against reading on */
    else if (!l->head && answer_begin(f, world->worker, arena, request) != DONE)
        wrong = "parked without a committer";
    if (turn_write(world->worker) != OK)
        wrong = "the turn was not written";
    return answered_by(f, wrong);
}
