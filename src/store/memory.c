/* memory: an engine for tests and throw-away servers. Each commit makes a new sorted array of the
 * items; a snapshot is a hold on one. */
#include "base/faultpoint.h"
#include "store/drive.h"
#include "store/usage.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct cell { /* one item; shared by the versions that hold it */
    uint64_t revision;
    size_t holders, key_n, value_n;
    uint8_t at[];
};

struct version {
    size_t holders, count, room, bytes;
    uint64_t number;
    struct cell **cells;
};

struct memory {
    pthread_mutex_t lock; /* over holders, `now` and the readers */
    struct version *now;
    struct memory_reader *readers;
    size_t bytes_most;
    unsigned readers_most, reader_count;
    struct usage *usage;
};

struct memory_reader {
    struct reader reader; /* first */
    struct memory *memory;
    struct version *seen;
    bool inside;
    struct memory_reader *next;
};

struct applying {
    struct version *version;
    size_t bytes_most;
    struct usage *usage;
};

static struct memory *memory_of(struct engine_state *state)
{
    return (struct memory *)(void *)state;
}

static struct bytes cell_key(const struct cell *cell)
{
    return (struct bytes){cell->at, cell->key_n};
}

static void cell_release(struct cell *cell)
{
    if (--cell->holders > 0)
        return;
    explicit_bzero(cell->at, cell->key_n + cell->value_n);
    free(cell);
}

static void version_release(struct version *version)
{
    if (version == NULL || --version->holders > 0)
        return;
    for (size_t i = 0; i < version->count; i++)
        cell_release(version->cells[i]);
    free(version->cells);
    free(version);
}

static struct version *version_copy(const struct version *from)
{
    struct version *version = fault_point() ? NULL : calloc(1, sizeof(struct version));

    if (version == NULL)
        return NULL;
    *version = *from;
    version->holders = 1;
    version->room = from->count + 16;
    version->cells = calloc(version->room, sizeof(struct cell *));
    if (version->cells == NULL) {
        free(version);
        return NULL;
    }
    for (size_t i = 0; i < from->count; i++) {
        version->cells[i] = from->cells[i];
        version->cells[i]->holders++;
    }
    return version;
}

/* The first place whose key is not before this one. */
static size_t version_find(const struct version *version, struct bytes key, bool *found)
{
    size_t low = 0, high = version->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (bytes_order(cell_key(version->cells[middle]), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < version->count && bytes_same(cell_key(version->cells[low]), key);
    return low;
}

static fallible version_widen(struct version *version, size_t place)
{
    if (version->count == version->room) {
        struct cell **more = realloc(version->cells, version->room * 2 * sizeof(struct cell *));

        ENSURE(more != NULL, STORE_MEMORY);
        version->cells = more;
        version->room *= 2;
    }
    memmove(version->cells + place + 1, version->cells + place,
            (version->count - place) * sizeof(struct cell *));
    version->count++;
    return OK;
}

static void version_drop(struct version *version, size_t place)
{
    struct cell *cell = version->cells[place];

    version->bytes -= cell->key_n + cell->value_n;
    cell_release(cell);
    version->count--;
    memmove(version->cells + place, version->cells + place + 1,
            (version->count - place) * sizeof(struct cell *));
}

static struct cell *cell_new(const struct change *change, uint64_t revision)
{
    struct cell *cell =
        fault_point() ? NULL : calloc(1, sizeof(struct cell) + change->key.n + change->value.n);

    if (cell == NULL)
        return NULL;
    *cell = (struct cell){revision, 1, change->key.n, change->value.n};
    memcpy(cell->at, change->key.at, change->key.n);
    if (change->value.n > 0)
        memcpy(cell->at + change->key.n, change->value.at, change->value.n);
    return cell;
}

static struct item item_of(const struct cell *cell)
{
    return (struct item){cell_key(cell), {cell->at + cell->key_n, cell->value_n}, cell->revision};
}

static fallible memory_apply(void *ctx, const struct change *change, uint64_t revision)
{
    struct applying *applying = ctx;
    struct version *version = applying->version;
    struct cell *cell;
    bool found;
    const size_t place = version_find(version, change->key, &found);
    const struct item before = found ? item_of(version->cells[place]) : (struct item){0};

    TRY(usage_change(applying->usage, &before, change));
    if (found)
        version_drop(version, place);
    if (change->value.at == NULL)
        return OK;
    ENSURE(version->bytes + change->key.n + change->value.n <= applying->bytes_most, STORE_FULL);
    cell = cell_new(change, revision);
    ENSURE(cell != NULL, STORE_MEMORY);
    if (version_widen(version, place) != OK) {
        free(cell);
        return STORE_MEMORY;
    }
    version->cells[place] = cell;
    version->bytes += cell->key_n + cell->value_n;
    return OK;
}

static void drop_outbox(struct version *version, size_t most, uint64_t synced)
{
    uint64_t number;
    bool found;
    const size_t place = version_find(version, LIT("o/"), &found);

    while (most-- > 0 && place < version->count &&
           outbox_number(cell_key(version->cells[place]), &number) && number <= synced)
        version_drop(version, place);
}

static fallible memory_open(const struct engine_settings *settings, struct engine_state **out)
{
    struct memory *memory = fault_point() ? NULL : calloc(1, sizeof(struct memory));

    ENSURE(memory != NULL, STORE_MEMORY);
    memory->now = version_copy(&(struct version){.number = settings->begins_after});
    if (memory->now == NULL || usage_open(settings->owners, &memory->usage) != OK) {
        version_release(memory->now);
        free(memory);
        return STORE_MEMORY;
    }
    memory->bytes_most = settings->map_bytes == 0 ? SIZE_MAX : settings->map_bytes;
    memory->readers_most = settings->readers == 0 ? 126 : settings->readers;
    pthread_mutex_init(&memory->lock, NULL);
    *out = (struct engine_state *)(void *)memory;
    return OK;
}

static void memory_close(struct engine_state *state)
{
    struct memory *memory = memory_of(state);

    while (memory->readers != NULL) {
        struct memory_reader *reader = memory->readers;

        memory->readers = reader->next;
        free(reader);
    }
    version_release(memory->now);
    usage_close(memory->usage);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static fallible memory_reader(struct engine_state *state, struct reader **out)
{
    struct memory *memory = memory_of(state);
    struct memory_reader *reader = fault_point() ? NULL : calloc(1, sizeof(struct memory_reader));
    const struct fault *fault = OK;

    ENSURE(reader != NULL, STORE_MEMORY);
    reader->reader.engine = &engine_memory;
    reader->memory = memory;
    pthread_mutex_lock(&memory->lock);
    if (memory->reader_count == memory->readers_most) {
        fault = STORE_READERS;
        free(reader);
    } else {
        reader->next = memory->readers;
        memory->readers = reader;
        memory->reader_count++;
        *out = &reader->reader;
    }
    pthread_mutex_unlock(&memory->lock);
    return fault;
}

static fallible memory_look(struct reader *asked)
{
    struct memory_reader *reader = (struct memory_reader *)asked;

    if (reader->inside)
        return OK;
    pthread_mutex_lock(&reader->memory->lock);
    reader->seen = reader->memory->now;
    reader->seen->holders++;
    pthread_mutex_unlock(&reader->memory->lock);
    return OK;
}

static void memory_done(struct reader *asked)
{
    struct memory_reader *reader = (struct memory_reader *)asked;

    if (reader->inside)
        return;
    pthread_mutex_lock(&reader->memory->lock);
    version_release(reader->seen);
    reader->seen = NULL;
    pthread_mutex_unlock(&reader->memory->lock);
}

static uint64_t memory_name_of(const struct reader *asked)
{
    const struct memory_reader *reader = (const struct memory_reader *)asked;

    return reader->inside ? 0 : reader->seen->number + 1;
}

static fallible memory_get(struct reader *asked, struct bytes key, struct item *out)
{
    const struct memory_reader *reader = (struct memory_reader *)asked;
    bool found;
    const size_t place = version_find(reader->seen, key, &found);

    *out = found ? item_of(reader->seen->cells[place]) : (struct item){.key = key};
    return OK;
}

static size_t first_up(const struct version *seen, const struct range *range)
{
    const bool past = bytes_order(range->after, range->prefix) >= 0 && range->after.n > 0;
    bool found;
    const size_t place = version_find(seen, past ? range->after : range->prefix, &found);

    return place + (past && found);
}

/* One more than the place of the first. */
static size_t first_down(const struct version *seen, const struct range *range)
{
    uint8_t room[STORE_KEY_MOST];
    const struct bytes end = range_end(range, room);
    const bool within = range->after.n > 0 && (end.n == 0 || bytes_order(range->after, end) < 0);
    const struct bytes bound = within ? range->after : end;
    bool found;

    return bound.n == 0 ? seen->count : version_find(seen, bound, &found);
}

static fallible memory_scan(struct reader *asked, const struct range *range, engine_each_fn *fn,
                            void *ctx)
{
    const struct version *seen = ((struct memory_reader *)asked)->seen;
    size_t place = range->down ? first_down(seen, range) : first_up(seen, range);
    bool stop = false;

    while (!stop && (range->down ? place > 0 : place < seen->count)) {
        const struct item item = item_of(seen->cells[range->down ? --place : place++]);

        if (!bytes_begins(item.key, range->prefix))
            break;
        TRY(fn(ctx, &item, &stop));
    }
    return OK;
}

static fallible memory_number(struct reader *asked, uint64_t *number)
{
    *number = ((struct memory_reader *)asked)->seen->number;
    return OK;
}

static fallible commit_copy(struct memory *memory, struct version *fresh,
                            struct batch *const group[], size_t batches, uint64_t outbox_synced)
{
    struct applying applying = {fresh, memory->bytes_most, memory->usage};
    const struct applier applier = {memory_apply, &applying, memory->usage};
    const uint64_t before = fresh->number;
    struct memory_reader inside = {{&engine_memory}, memory, fresh, true, NULL};

    TRY(group_apply(&inside.reader, group, batches, &fresh->number, &applier));
    drop_outbox(fresh, 2 * batches + OUTBOX_DROPS_BASE,
                outbox_synced < before ? outbox_synced : before);
    return OK;
}

static fallible memory_commit(struct engine_state *state, struct batch *const group[],
                              size_t batches, uint64_t outbox_synced)
{
    struct memory *memory = memory_of(state);
    const struct fault *fault = STORE_MEMORY;
    struct version *fresh, *last;

    /* Cells are counted under the lock, so the whole commit holds it: readers wait, this is no
     * disk. */
    pthread_mutex_lock(&memory->lock);
    last = fresh = version_copy(memory->now);
    if (fresh != NULL)
        fault = commit_copy(memory, fresh, group, batches, outbox_synced);
    if (fault == OK) {
        last = memory->now;
        memory->now = fresh;
    }
    version_release(last);
    usage_settle(memory->usage, fault == OK);
    pthread_mutex_unlock(&memory->lock);
    if (fault != OK)
        group_fail(group, batches, fault);
    return fault;
}

static fallible memory_describe(struct engine_state *state, struct engine_figures *out)
{
    struct memory *memory = memory_of(state);

    pthread_mutex_lock(&memory->lock);
    *out = (struct engine_figures){.entries = memory->now->count,
                                   .pages = memory->now->bytes,
                                   .page_bytes = 1,
                                   .file_bytes = memory->now->bytes,
                                   .map_bytes = memory->bytes_most,
                                   .number = memory->now->number};
    pthread_mutex_unlock(&memory->lock);
    return OK;
}

static struct used memory_used(struct engine_state *state, struct bytes owner)
{
    return usage_of(memory_of(state)->usage, owner);
}

static fallible memory_copy(struct engine_state *state, struct bytes where)
{
    (void)state, (void)where;
    return STORE_PLACE; /* there is no file to make one from */
}

const struct engine engine_memory = {
    .name = "memory",
    .open = memory_open,
    .close = memory_close,
    .reader = memory_reader,
    .look = memory_look,
    .done = memory_done,
    .name_of = memory_name_of,
    .get = memory_get,
    .scan = memory_scan,
    .number = memory_number,
    .commit = memory_commit,
    .describe = memory_describe,
    .used = memory_used,
    .copy = memory_copy,
};
