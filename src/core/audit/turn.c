/* turn: texts and their digests gather in an arena of their own; one append writes them. */
#include "core/audit/turn.h"

#include "codec/date.h"
#include "codec/json_write.h"
#include "core/audit/journal.h"
#include "core/audit/syncer.h"
#include "core/audit/tally.h"

#include <stdlib.h>
#include <string.h>

enum { TURN_ARENA = 64 << 20, RECORDS_FIRST = 64 };

struct turn {
    struct arena *arena;
    struct arena_mark start;
    struct journal_record *records;
    size_t n, room;
    const struct fault *lost; /* a note could not be kept: the turn does not count as recorded */
    struct tally *door;
};

fallible turn_open(struct turn **out)
{
    struct turn *turn = calloc(1, sizeof *turn);

    ENSURE(turn != NULL, ARENA_SPENT);
    turn->arena = arena_open(TURN_ARENA);
    if (turn->arena == NULL || tally_open(&turn->door) != OK) {
        turn_close(turn);
        return ARENA_SPENT;
    }
    turn->start = arena_mark(turn->arena);
    *out = turn;
    return OK;
}

void turn_close(struct turn *turn)
{
    if (turn == NULL)
        return;
    tally_close(turn->door);
    arena_close(turn->arena);
    free(turn);
}

static fallible keep(struct turn *turn, struct bytes text)
{
    if (turn->n == turn->room) {
        const size_t room = turn->room == 0 ? RECORDS_FIRST : 2 * turn->room;
        struct journal_record *more = arena_get(turn->arena, room * sizeof *more);

        ENSURE(more != NULL, ARENA_SPENT);
        if (turn->n > 0)
            memcpy(more, turn->records, turn->n * sizeof *more);
        turn->records = more;
        turn->room = room;
    }
    turn->records[turn->n++] = (struct journal_record){.text = text};
    return OK;
}

/* The oldest first. Notes are few: one, and one more for each operation within. */
static fallible keep_notes(struct turn *turn, const struct note *note)
{
    struct bytes text;

    if (note == NULL)
        return OK;
    TRY(keep_notes(turn, note->older));
    TRY(note_text(turn->arena, note, &text));
    return keep(turn, text);
}

/* Of a call whose own note could not be made: that it was, and when. */
static fallible keep_bare(struct turn *turn, const struct call *c)
{
    struct buf b = buf_open(turn->arena, 256);
    struct json_writer w = json_writer(&b);
    uint8_t time[DATE_ISO];
    struct bytes text;

    date_iso(c->now, time);
    json_put_object(&w);
    json_put_name(&w, LIT("eventTime"));
    json_put_text(&w, (struct bytes){time, DATE_ISO});
    json_put_name(&w, LIT("eventName"));
    json_put_text(&w, LIT("Unknown"));
    json_put_name(&w, LIT("requestID"));
    json_put_text(&w, c->id);
    json_put_name(&w, LIT("errorCode"));
    json_put_text(&w, LIT("InternalError"));
    buf_add(&b, LIT(",\"coffer\":{\"format\":1,\"bare\":true"));
    TRY(buf_done(&b, &text));
    return keep(turn, text);
}

/* They never use the reserve. */
static bool admitted(const struct worker *worker, const struct call *c)
{
    const struct journal *journal = worker->house->journal;

    if (!c->notes->door || c->notes->outcome == OK)
        return true;
    return tally_admit(worker->turn->door, c->origin.address, c->notes->outcome, c->now) &&
           (journal == NULL || journal_writable(journal) == OK);
}

fallible turn_add(struct worker *worker, struct call *c)
{
    struct turn *turn = worker->turn;
    const struct fault *fault = OK;

    if (c->notes == NULL)
        fault = keep_bare(turn, c);
    else if (admitted(worker, c))
        fault = keep_notes(turn, c->notes);
    c->notes = NULL;
    if (fault != OK)
        turn->lost = fault;
    return fault;
}

static fallible add_sum(struct turn *turn, const struct tally_sum *sum)
{
    struct buf b = buf_open(turn->arena, 256);
    struct json_writer w = json_writer(&b);
    uint8_t time[DATE_ISO];
    struct bytes text;

    date_iso(sum->minute * 60000, time);
    json_put_object(&w);
    json_put_name(&w, LIT("eventTime"));
    json_put_text(&w, (struct bytes){time, DATE_ISO});
    json_put_name(&w, LIT("eventName"));
    json_put_text(&w, LIT("RefusedAtTheDoor"));
    json_put_name(&w, LIT("sourceIPAddress"));
    json_put_text(&w, sum->key.n > 0 ? sum->key : LIT("many"));
    json_put_name(&w, LIT("errorCode"));
    json_put_text(&w, sum->reason != NULL ? bytes_of(sum->reason->name) : LIT("many"));
    buf_add(&b, LIT(",\"coffer\":{\"format\":1,\"count\":"));
    buf_add_int(&b, (int64_t)sum->count);
    TRY(buf_done(&b, &text));
    return keep(turn, text);
}

void turn_add_sums(struct worker *worker, int64_t now)
{
    struct tally_sum sum;

    while (tally_next_sum(worker->turn->door, now, &sum)) {
        const struct fault *fault = add_sum(worker->turn, &sum);

        if (fault != OK)
            worker->turn->lost = fault;
    }
}

bool turn_waits(const struct worker *worker)
{
    return worker->turn->n > 0 || worker->turn->lost != OK;
}

static fallible write_out(struct worker *worker, uint64_t *ticket)
{
    const struct house *house = worker->house;
    const struct turn *turn = worker->turn;

    if (turn->n == 0 || house->journal == NULL)
        return OK;
    if (ticket == NULL || house->syncer == NULL)
        return journal_append(house->journal, turn->records, turn->n);
    TRY(journal_write(house->journal, turn->records, turn->n, ticket));
    syncer_ask(house->syncer, *ticket, worker->home);
    return OK;
}

/* `ticket` NULL: synced, where that is asked for, when it returns. */
static fallible write_turn(struct worker *worker, uint64_t *ticket)
{
    struct turn *turn = worker->turn;
    const struct fault *lost = turn->lost, *written = write_out(worker, ticket);

    arena_rewind(turn->arena, turn->start);
    turn->records = NULL;
    turn->n = turn->room = 0;
    turn->lost = OK;
    return lost != OK ? lost : written;
}

fallible turn_write(struct worker *worker)
{
    return write_turn(worker, NULL);
}

fallible turn_hand_over(struct worker *worker, uint64_t *ticket)
{
    *ticket = 0;
    return write_turn(worker, ticket);
}

fallible turn_reached(const struct worker *worker, uint64_t *ticket)
{
    return journal_synced(worker->house->journal, ticket);
}
