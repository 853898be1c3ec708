/* desk: one thread for one backup, joined when the next is asked for, or at the end. */
#include "core/backup/desk.h"

#include "base/file.h"
#include "base/log.h"
#include "codec/hex.h"
#include "core/backup/backup.h"
#include "core/worker.h"
#include "keeper/root.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA = 1 << 20, TEXT = 2 * BACKUP_KEY_SIZE };

/* clang-format off */
FAULT(BACKUP_BUSY, FAULT_AGAIN, "backup.busy", "A backup is being made already: wait until it is done.");
FAULT(BACKUP_NO_DESK, FAULT_STATE, "backup.desk", "No backup can be made here.");
FAULT(BACKUP_WHOM, FAULT_CALLER, "backup.recipient", "A recipient is a public key of 64 hex digits, as coffer backup key prints it; there are eight at most.");
/* clang-format on */

enum state { NONE, WORKING, DONE, FAILED };
static const char *const state_names[] = {"none", "working", "done", "failed"};
static const char finished[] = "made";

struct backup_desk {
    struct arena *arena; /* of all this; behind the mark, of the backup that is made */
    struct arena_mark mark;
    const struct house *house;
    const char *folder, *seal, *part, *made;
    pthread_mutex_t lock; /* over what follows */
    pthread_t thread;
    bool joinable;
    enum state state;
    int64_t number;
    const struct fault *fault;
    struct backup_plan plan;
    struct backup_tail tail;
    _Atomic uint64_t items;
    atomic_bool stop;
};

static fallible open_places(struct backup_desk *desk, const char *folder)
{
    desk->folder = file_path(desk->arena, folder, "backup");
    desk->seal = file_path(desk->arena, folder, "seal");
    ENSURE(desk->folder != NULL && desk->seal != NULL, ARENA_SPENT);
    desk->part = file_path(desk->arena, desk->folder, "part");
    desk->made = file_path(desk->arena, desk->folder, finished);
    ENSURE(desk->part != NULL && desk->made != NULL, ARENA_SPENT);
    desk->mark = arena_mark(desk->arena);
    return OK;
}

fallible desk_open(const struct house *house, const char *folder, struct backup_desk **out)
{
    struct arena *arena = arena_open(ARENA);
    struct backup_desk *desk = arena == NULL ? NULL : arena_new(arena, struct backup_desk);
    const struct fault *fault = desk == NULL ? ARENA_SPENT : OK;

    if (fault == OK) {
        desk->arena = arena;
        desk->house = house;
        fault = open_places(desk, folder);
    }
    if (fault != OK) {
        arena_close(arena);
        return fault;
    }
    (void)pthread_mutex_init(&desk->lock, NULL);
    *out = desk;
    return OK;
}

void desk_close(struct backup_desk *desk)
{
    if (desk == NULL)
        return;
    atomic_store(&desk->stop, true);
    if (desk->joinable)
        (void)pthread_join(desk->thread, NULL);
    (void)pthread_mutex_destroy(&desk->lock);
    arena_close(desk->arena);
}

/* --- the thread --- */

static fallible make_file(struct backup_desk *desk)
{
    const int fd = open(desk->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    const struct fault *fault;

    ENSURE(fd >= 0, BACKUP_FILE);
    fault = backup_make(desk->house, &desk->plan, fd, &desk->tail);
    if (close(fd) != 0 && fault == OK)
        fault = BACKUP_FILE;
    TRY(fault);
    return file_move(desk->part, desk->made) == OK ? OK : BACKUP_FILE;
}

static fallible make(struct backup_desk *desk)
{
    const struct fault *fault;

    (void)mkdir(desk->folder, 0700);
    (void)unlink(desk->part);
    (void)unlink(desk->made);
    fault = make_file(desk);
    if (fault != OK)
        (void)unlink(desk->part);
    return fault;
}

static void *run(void *ctx)
{
    struct backup_desk *desk = ctx;
    const struct fault *fault = make(desk);

    if (fault == OK)
        LOG(LOG_NOTICE, "backup.made", F("items", (int64_t)desk->tail.items),
            F("commit", (int64_t)desk->tail.commit));
    else
        LOG(LOG_ERROR, "backup.failed", F("fault", fault));
    (void)pthread_mutex_lock(&desk->lock);
    desk->fault = fault;
    desk->state = fault == OK ? DONE : FAILED;
    (void)pthread_mutex_unlock(&desk->lock);
    arena_forget_kept();
    return NULL;
}

/* --- asking --- */

fallible backup_whom(struct arena *arena, const struct texts *from, struct backup_recipients *to)
{
    ENSURE(from->n <= BACKUP_RECIPIENTS, BACKUP_WHOM);
    for (to->n = 0; to->n < from->n; to->n++) {
        uint8_t *key = arena_get(arena, BACKUP_KEY_SIZE);

        ENSURE(key != NULL, ARENA_SPENT);
        ENSURE(from->at[to->n].n == TEXT && hex_decode(from->at[to->n], key), BACKUP_WHOM);
        to->at[to->n] = (struct bytes){key, BACKUP_KEY_SIZE};
    }
    return OK;
}

static fallible prepare(struct backup_desk *desk, const struct backup_in *in)
{
    arena_rewind(desk->arena, desk->mark);
    desk->plan = (struct backup_plan){.items = &desk->items, .stop = &desk->stop};
    desk->tail = (struct backup_tail){0};
    atomic_store(&desk->items, 0);
    TRY(backup_whom(desk->arena, &in->to, &desk->plan.to));
    if (!in->with_seal.value)
        return OK;
    return file_read(desk->arena, desk->seal, ROOT_FILE_MOST, &desk->plan.seal);
}

static fallible start(struct backup_desk *desk, const struct backup_in *in)
{
    ENSURE(desk->state != WORKING, BACKUP_BUSY);
    if (desk->joinable)
        (void)pthread_join(desk->thread, NULL);
    desk->joinable = false;
    TRY(prepare(desk, in));
    ENSURE(pthread_create(&desk->thread, NULL, run, desk) == 0, BACKUP_FILE);
    desk->joinable = true;
    desk->state = WORKING;
    desk->number++;
    return OK;
}

static void tell(const struct backup_desk *desk, struct backup_out *out)
{
    *out = (struct backup_out){.number = desk->number,
                               .state = bytes_of(state_names[desk->state]),
                               .items = (int64_t)atomic_load(&desk->items)};
    if (desk->state == DONE) { /* until then the tail is the thread's */
        out->file = bytes_of(finished);
        out->commit = (int64_t)desk->tail.commit;
    }
    if (desk->state == FAILED)
        out->error = bytes_of(desk->fault->text);
}

static fallible run_ask(struct call *c, const void *in, void *out)
{
    struct backup_desk *desk = c->worker->house->desk;
    const struct fault *fault;

    ENSURE(desk != NULL, BACKUP_NO_DESK);
    (void)pthread_mutex_lock(&desk->lock);
    fault = start(desk, in);
    if (fault == OK)
        tell(desk, out);
    (void)pthread_mutex_unlock(&desk->lock);
    return fault;
}

static fallible run_stand(struct call *c, const void *in, void *out)
{
    struct backup_desk *desk = c->worker->house->desk;

    (void)in;
    ENSURE(desk != NULL, BACKUP_NO_DESK);
    (void)pthread_mutex_lock(&desk->lock);
    tell(desk, out);
    (void)pthread_mutex_unlock(&desk->lock);
    return OK;
}

static const struct audited asked[] = {
    AUDITED(backup_in, to, "recipients"), AUDITED(backup_in, with_seal, "withSeal"), {0}};

const struct operation backup_ask = {
    .name = "backup.make",
    .action = "coffer:Backup",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct backup_in),
    .out_size = sizeof(struct backup_out),
    .audit = asked,
    .local = true,
    .run = run_ask,
};

const struct operation backup_stand = {
    .name = "backup.stand",
    .action = "coffer:Backup",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct nothing),
    .out_size = sizeof(struct backup_out),
    .local = true,
    .run = run_stand,
};
