/* backup_make: by the running server, which leaves it in its folder, to be fetched there; or, where
 * none runs, by this process. */
#include "bin/backup.h"

#include "base/blame.h"
#include "base/clock.h"
#include "base/file.h"
#include "bin/ask.h"
#include "cli/walk.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/json_write.h"
#include "core/backup/backup.h"
#include "core/backup/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static FAULT(NO_FOLDER, FAULT_ABSENT, "backup.folder", "There is no such folder to make it in.");

enum { PIECE = 1 << 16, LOOK_NS = 100 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };

void backup_tell(struct backup_progress *progress, uint64_t items)
{
    const int64_t now = clock_monotonic_ns();

    progress->items = items;
    if (progress->told_ns == 0)
        progress->told_ns = now;
    if (now - progress->told_ns < SECOND_NS)
        return;
    progress->told_ns = now;
    fprintf(stderr, "%s: %llu items...\n", progress->doing, (unsigned long long)items);
}

static fallible create(const char *file, int *fd)
{
    *fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd >= 0)
        return OK;
    if (errno == ENOENT)
        return blame(file, NO_FOLDER);
    return blame(file, errno == EEXIST ? FILE_EXISTS : BACKUP_FILE);
}

/* What becomes of the file: on the disk with its name, or not there. */
static fallible settle(const char *file, int fd, const struct fault *fault)
{
    if (close(fd) != 0 && fault == OK)
        fault = BACKUP_FILE;
    if (fault == OK)
        return OK;
    (void)unlink(file);
    return fault;
}

static void said(const char *file, uint64_t items, uint64_t commit)
{
    fprintf(stderr, "Made %s: %llu items, as of commit %llu.\n", file, (unsigned long long)items,
            (unsigned long long)commit);
}

static fallible read_recipients(struct arena *arena, const struct options *options,
                                struct backup_in *in, struct backup_plan *plan)
{
    struct bytes *to = arena_get(arena, OPTION_VALUES * sizeof *to);

    ENSURE(to != NULL, ARENA_SPENT);
    in->to.n = options_bytes(options, "recipient", to);
    in->to.at = to;
    in->with_seal = (struct maybe_bool){options_has(options, "with-seal"), true};
    return backup_whom(arena, &in->to, &plan->to);
}

/* --- by a running server --- */

static struct bytes question(struct arena *arena, const struct options *options)
{
    struct buf buf = buf_open(arena, 256);
    struct json_writer json = json_writer(&buf);
    const char *const *keys;
    const int n = options_values(options, "recipient", &keys);
    struct bytes out;

    json_put_object(&json);
    json_put_name(&json, LIT("with_seal"));
    json_put_bool(&json, options_has(options, "with-seal"));
    json_put_name(&json, LIT("recipients"));
    json_put_array(&json);
    for (int i = 0; i < n; i++)
        json_put_text(&json, bytes_of(keys[i]));
    json_put_array_end(&json);
    json_put_object_end(&json);
    return buf_done(&buf, &out) == OK ? out : LIT("{}");
}

static int64_t number_in(struct bytes body, struct bytes name)
{
    struct bytes value;
    int64_t number = 0;

    if (!walk_find(body, name, &value) || json_int(value, &number) != OK)
        return 0;
    return number;
}

static bool is_state(struct arena *arena, struct bytes body, const char *state)
{
    struct bytes said_state;

    return print_member(arena, body, LIT("state"), &said_state) &&
           bytes_same(said_state, bytes_of(state));
}

static int wait_for_it(struct arena *arena, const struct options *options,
                       struct client_reply *reply)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    struct backup_progress progress = {.doing = "The server makes the backup"};
    const int64_t number = number_in(reply->body, LIT("number"));
    const struct arena_mark mark = arena_mark(arena);
    struct bytes why = LIT("another backup was asked for meanwhile.");

    while (is_state(arena, reply->body, "working")) {
        int code;

        (void)nanosleep(&pause, NULL);
        arena_rewind(arena, mark);
        code = ask(arena, "backup", options, "/v1/backup.stand", LIT("{}"), reply);
        if (code != EXIT_FINE)
            return code;
        backup_tell(&progress, (uint64_t)number_in(reply->body, LIT("items")));
    }
    if (number_in(reply->body, LIT("number")) == number && is_state(arena, reply->body, "done"))
        return EXIT_FINE;
    (void)print_member(arena, reply->body, LIT("error"), &why);
    fprintf(stderr, "coffer backup: the server did not come to its end with it: ");
    print_shown(stderr, why);
    fprintf(stderr, " (its log: backup.failed)\n");
    return EXIT_CONFLICT;
}

static fallible copy(int from, int to)
{
    uint8_t piece[PIECE];
    ssize_t n;

    while ((n = read(from, piece, sizeof piece)) > 0)
        for (ssize_t done = 0; done < n;) {
            const ssize_t put = write(to, piece + done, (size_t)(n - done));

            ENSURE(put > 0, BACKUP_FILE);
            done += put;
        }
    ENSURE(n == 0 && fsync(to) == 0, BACKUP_FILE);
    return OK;
}

/* It lies where the server may write. */
static fallible fetch(struct arena *arena, const struct options *options, int to)
{
    const char *made = file_path(arena, ask_data(options), "backup/made");
    const int from = made == NULL ? -1 : open(made, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const struct fault *fault;

    if (from < 0)
        return blame(made, BACKUP_FILE);
    fault = copy(from, to);
    close(from);
    if (fault == OK)
        (void)unlink(made);
    return fault;
}

static int make_by_server(struct arena *arena, const struct options *options, const char *file)
{
    struct client_reply reply;
    const struct fault *fault;
    struct backup_plan plan;
    struct backup_in in;
    int fd, code;

    fault = read_recipients(arena, options, &in, &plan);
    if (fault == OK)
        fault = create(file, &fd);
    if (fault != OK)
        return command_failed("backup make", file, fault);
    code = ask(arena, "backup", options, "/v1/backup.make", question(arena, options), &reply);
    if (code == EXIT_FINE)
        code = wait_for_it(arena, options, &reply);
    if (code != EXIT_FINE) {
        (void)!settle(file, fd, BACKUP_FILE);
        return code;
    }
    fault = settle(file, fd, fetch(arena, options, fd));
    if (fault != OK)
        return command_failed("backup make", file, fault);
    said(file, (uint64_t)number_in(reply.body, LIT("items")),
         (uint64_t)number_in(reply.body, LIT("commit")));
    return EXIT_FINE;
}

/* --- of a stopped folder --- */

static void tell_one(void *ctx, uint64_t items)
{
    backup_tell(ctx, items);
}

static fallible write_file(const struct stopped *stopped, struct backup_plan *plan,
                           const char *file, struct backup_tail *tail)
{
    int fd;

    TRY(create(file, &fd));
    return settle(file, fd, backup_make(&stopped->opened.house, plan, fd, tail));
}

static fallible make_here(struct arena *arena, const struct options *options,
                          const struct stopped *stopped, const char *file)
{
    struct backup_progress progress = {.doing = "Making the backup"};
    struct backup_plan plan = {.told = tell_one, .ctx = &progress};
    const char *seal = file_path(arena, stopped->folder, "seal");
    struct backup_tail tail;
    struct backup_in in;

    ENSURE(seal != NULL, ARENA_SPENT);
    TRY(read_recipients(arena, options, &in, &plan));
    if (in.with_seal.value)
        TRY(file_read(arena, seal, ROOT_FILE_MOST, &plan.seal));
    TRY(stopped_record(arena, stopped, &backup_ask, &in));
    TRY(write_file(stopped, &plan, file, &tail));
    said(file, tail.items, tail.commit);
    return OK;
}

static int make_of_stopped(struct arena *arena, const struct options *options, const char *file)
{
    struct stopped stopped;
    const struct fault *fault = stopped_open(arena, options, &stopped);

    if (fault == OK)
        fault = make_here(arena, options, &stopped, file);
    stopped_close(&stopped);
    return fault == OK ? EXIT_FINE : command_failed("backup make", stopped.folder, fault);
}

int backup_make_main(struct arena *arena, const struct options *options, const char *file)
{
    const char *socket = file_path(arena, ask_data(options), "admin/socket");
    struct client_reply reply;

    if (socket == NULL)
        return command_failed("backup make", "", ARENA_SPENT);
    if (client_ask(arena, socket, "GET", "/status", (struct bytes){0}, &reply) == OK)
        return make_by_server(arena, options, file);
    return make_of_stopped(arena, options, file);
}
