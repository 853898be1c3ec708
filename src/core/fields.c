/* fields: one walk over a map, always forward. */
#include "core/fields.h"

#include "core/record.h"

struct fields fields_of(struct bytes body)
{
    struct fields f = {0};

    f.damaged = cbor_walk_open(&body, &f.walk) != OK;
    f.live = !f.damaged && cbor_walk_next(&f.walk);
    return f;
}

static bool seek(struct fields *f, uint64_t key, struct bytes *value)
{
    f->damaged = f->damaged || key < f->asked;
    f->asked = key;
    while (f->live && f->walk.key < key)
        f->live = cbor_walk_next(&f->walk);
    if (!f->live || f->walk.key != key)
        return false;
    *value = f->walk.value;
    return true;
}

struct bytes fields_text(struct fields *f, uint64_t key)
{
    struct bytes value, text = {0};

    if (seek(f, key, &value))
        f->damaged = f->damaged || cbor_take_text(&value, &text) != OK;
    return text;
}

struct bytes fields_bytes(struct fields *f, uint64_t key)
{
    struct bytes value, found = {0};

    if (seek(f, key, &value))
        f->damaged = f->damaged || cbor_take_bytes(&value, &found) != OK;
    return found;
}

int64_t fields_int(struct fields *f, uint64_t key)
{
    struct bytes value;
    int64_t number = 0;

    if (seek(f, key, &value))
        f->damaged = f->damaged || cbor_take_int(&value, &number) != OK;
    return number;
}

struct bytes fields_list(struct fields *f, uint64_t key, size_t *n)
{
    struct bytes value = {0};

    *n = 0;
    if (seek(f, key, &value) && cbor_take_array(&value, n) != OK) {
        f->damaged = true;
        *n = 0;
    }
    return value;
}

struct bytes fields_next_text(struct fields *f, struct bytes *list)
{
    struct bytes text = {0};

    f->damaged = f->damaged || cbor_take_text(list, &text) != OK;
    return text;
}

struct bytes fields_next_map(struct fields *f, struct bytes *list)
{
    struct bytes map = {0};

    f->damaged = f->damaged || cbor_kind(*list) != CBOR_MAP || cbor_take_any(list, &map) != OK;
    return map;
}

fallible fields_end(const struct fields *f)
{
    return f->damaged ? RECORD_DAMAGED : OK;
}
