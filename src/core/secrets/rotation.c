/* rotation: members are numbered once and for all. */
#include "core/secrets/rotation.h"

#include "codec/date.h"
#include "codec/text.h"
#include "core/secrets/stages.h"

enum { ENABLED = 1, DAYS, SCHEDULE, DURATION, FUNCTION, SINCE, LAST_TIME, NEXT };

enum { SECOND_MS = 1000 };

/* --- the record's member --- */

fallible rotation_read(struct fields *f, uint64_t key, struct rotation *rotation)
{
    size_t n;
    struct bytes list = fields_list(f, key, &n);
    struct fields own;

    *rotation = (struct rotation){.known = n == 1};
    if (n != 1)
        return OK;
    own = fields_of(list);
    rotation->enabled = fields_int(&own, ENABLED) != 0;
    rotation->days = fields_int(&own, DAYS);
    rotation->schedule = fields_text(&own, SCHEDULE);
    rotation->duration = fields_text(&own, DURATION);
    rotation->function = fields_text(&own, FUNCTION);
    rotation->since = fields_int(&own, SINCE);
    rotation->next = fields_int(&own, NEXT);
    return fields_leave(&own, &list);
}

static void write_text(struct cbor_map *map, uint64_t key, struct bytes text)
{
    if (text.at != NULL)
        cbor_put_text(cbor_map_key(map, key), text);
}

static void write_time(struct cbor_map *map, uint64_t key, int64_t ms)
{
    if (ms != 0)
        cbor_put_int(cbor_map_key(map, key), ms);
}

void rotation_write(struct cbor_map *record, uint64_t key, const struct secret *secret)
{
    const struct rotation rotation = rotation_settled(secret);
    struct cbor_map map;

    if (!rotation.known)
        return;
    cbor_put_array(cbor_map_key(record, key), 1);
    map = cbor_map_open(record->buf);
    cbor_put_int(cbor_map_key(&map, ENABLED), rotation.enabled);
    cbor_put_int(cbor_map_key(&map, DAYS), rotation.days);
    write_text(&map, SCHEDULE, rotation.schedule);
    write_text(&map, DURATION, rotation.duration);
    write_text(&map, FUNCTION, rotation.function);
    write_time(&map, SINCE, rotation.since);
    write_time(&map, NEXT, rotation.next);
    cbor_map_close(&map);
}

/* --- when --- */

/* The last time that the value changed for good: a version that is current, or was until a label
 * was moved back. */
static int64_t last_change(const struct secret *secret)
{
    const struct version *current = version_labelled(secret, AWSCURRENT),
                         *previous = version_labelled(secret, AWSPREVIOUS);
    int64_t last = 0;

    if (current != NULL && current->created > last)
        last = current->created;
    if (previous != NULL && previous->created > last)
        last = previous->created;
    return last != 0 ? last : secret->rotation.since;
}

/* The schedule was judged when it was given. */
static bool schedule_of(const struct rotation *rotation, struct schedule *schedule)
{
    *schedule = (struct schedule){.kind = SCHEDULE_DAYS, .every = rotation->days};
    return rotation->schedule.at == NULL || schedule_read(rotation->schedule, schedule) == OK;
}

struct rotation rotation_settled(const struct secret *secret)
{
    struct rotation rotation = secret->rotation;
    struct schedule schedule;
    int64_t open;

    rotation.next = 0;
    if (!rotation.enabled || !schedule_of(&rotation, &schedule))
        return rotation;
    open = schedule_due(&schedule, rotation_hours(rotation.duration), last_change(secret),
                        rotation.since);
    if (rotation.schedule.at != NULL)
        rotation.days = schedule_days(&schedule, open);
    rotation.next = (date_days(open) + 1) * DATE_DAY_MS - SECOND_MS;
    return rotation;
}

const struct version *rotation_pending(const struct secret *secret)
{
    const struct version *pending = version_labelled(secret, AWSPENDING);

    return pending == NULL || version_has(pending, AWSCURRENT) ? NULL : pending;
}

int rotation_hours(struct bytes duration)
{
    int64_t hours;

    if (duration.at == NULL)
        return 0;
    if (!bytes_ends(duration, LIT("h")) || duration.n < 2 || duration.n > 3)
        return -1;
    duration.n--;
    return text_int(duration, &hours) && hours > 0 ? (int)hours : -1;
}

/* Of a secret that is to be deleted no rotation is due. */
void rotation_tell(const struct secret *secret, struct secret_item *item)
{
    const struct rotation *rotation = &secret->rotation;

    if (!rotation->known)
        return;
    item->rotation_enabled = (struct maybe_bool){.value = rotation->enabled, .said = true};
    item->rotation_days = (struct maybe_int){rotation->days, rotation->days != 0};
    item->schedule = rotation->schedule;
    item->duration = rotation->duration;
    item->rotation_function = rotation->function;
    item->next_rotation.ms = secret->deleted == 0 ? rotation->next : 0;
}
