/* fields: one walk over a map, always forward. */
#include "core/fields.h"

#include "core/record.h"

/* To the next key, which has to be a greater one. */
static void step(struct fields *f)
{
    const uint64_t before = f->key;
    const bool first = !f->live;

    f->live = f->left > 0 && !f->damaged;
    if (!f->live)
        return;
    f->left--;
    f->live = cbor_take_uint(&f->rest, &f->key) == OK && (first || f->key > before);
    f->damaged = !f->live;
}

struct fields fields_of(struct bytes body)
{
    struct fields f = {.rest = body};

    f.damaged = cbor_take_map(&f.rest, &f.left) != OK;
    step(&f);
    return f;
}

/* The value was taken, or could not be. */
static void took(struct fields *f, const struct fault *fault)
{
    f->damaged = f->damaged || fault != OK;
    step(f);
}

static void skip(struct fields *f)
{
    struct bytes value;

    took(f, cbor_take_any(&f->rest, &value));
}

/* A list that was given out, and of which nobody said that he has taken it. */
static void pass_list(struct fields *f)
{
    struct bytes value;

    for (; f->unread > 0 && !f->damaged; f->unread--)
        f->damaged = cbor_take_any(&f->rest, &value) != OK;
    f->unread = 0;
    step(f);
}

/* Is the value of this key the next? */
static bool seek(struct fields *f, uint64_t key)
{
    if (f->unread > 0)
        pass_list(f);
    f->damaged = f->damaged || key < f->asked;
    f->asked = key;
    while (f->live && f->key < key)
        skip(f);
    return f->live && f->key == key;
}

struct bytes fields_text(struct fields *f, uint64_t key)
{
    struct bytes text = {0};

    if (seek(f, key))
        took(f, cbor_take_text_known(&f->rest, &text));
    return text;
}

struct bytes fields_bytes(struct fields *f, uint64_t key)
{
    struct bytes found = {0};

    if (seek(f, key))
        took(f, cbor_take_bytes(&f->rest, &found));
    return found;
}

int64_t fields_int(struct fields *f, uint64_t key)
{
    int64_t number = 0;

    if (seek(f, key))
        took(f, cbor_take_int(&f->rest, &number));
    return number;
}

struct bytes fields_list(struct fields *f, uint64_t key, size_t *n)
{
    *n = 0;
    if (!seek(f, key))
        return (struct bytes){0};
    f->damaged = f->damaged || cbor_take_array(&f->rest, n) != OK;
    f->unread = *n;
    if (*n > 0)
        return f->rest;
    step(f);
    return (struct bytes){0};
}

void fields_listed(struct fields *f, struct bytes left)
{
    if (f->unread == 0)
        return;
    f->rest = left;
    f->unread = 0;
    step(f);
}

struct bytes fields_next_text(struct fields *f, struct bytes *list)
{
    struct bytes text = {0};

    f->damaged = f->damaged || cbor_take_text_known(list, &text) != OK;
    return text;
}

fallible fields_leave(struct fields *map, struct bytes *list)
{
    TRY(fields_end(map));
    *list = map->rest;
    return OK;
}

fallible fields_end(struct fields *f)
{
    if (f->unread > 0)
        pass_list(f);
    while (f->live)
        skip(f);
    return f->damaged ? RECORD_DAMAGED : OK;
}
