/* fields: one walk over a map, always forward. */
#include "core/fields.h"

#include "core/record.h"

/* Past a head; what follows it is at rest. False: it is not of that kind. */
static inline bool take(struct fields *f, uint8_t major, uint64_t *n)
{
    const struct cbor_head head = cbor_head(f->rest);

    *n = head.n;
    if (head.size == 0 || head.major != major)
        return false;
    f->rest = (struct bytes){f->rest.at + head.size, f->rest.n - head.size};
    return true;
}

/* To the next key, which has to be a greater one. */
static inline void step(struct fields *f)
{
    const uint64_t before = f->key;
    const bool first = !f->live;

    f->live = f->left > 0 && !f->damaged;
    if (!f->live)
        return;
    f->left--;
    f->live = take(f, CBOR_MAJOR_UNSIGNED, &f->key) && (first || f->key > before);
    f->damaged = !f->live;
}

struct fields fields_of(struct bytes body)
{
    struct fields f = {.rest = body};

    f.damaged = cbor_take_map(&f.rest, &f.left) != OK;
    step(&f);
    return f;
}

static void skip(struct fields *f)
{
    struct bytes value;

    f->damaged = f->damaged || cbor_take_any(&f->rest, &value) != OK;
    step(f);
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

static bool seek_far(struct fields *f, uint64_t key)
{
    if (f->unread > 0)
        pass_list(f);
    f->damaged = f->damaged || key < f->asked;
    f->asked = key;
    while (f->live && f->key < key)
        skip(f);
    return f->live && f->key == key;
}

/* Is the value of this key the next? Nearly always it is, or there is none. */
static inline bool seek(struct fields *f, uint64_t key)
{
    if (f->unread > 0 || key < f->asked || f->key < key)
        return seek_far(f, key);
    f->asked = key;
    return f->live && f->key == key;
}

static inline struct bytes string(struct fields *f, uint64_t key, uint8_t major)
{
    struct bytes found = {0};
    uint64_t n;

    if (!seek(f, key))
        return found;
    if (take(f, major, &n) && n <= f->rest.n) {
        found = (struct bytes){f->rest.at, n};
        f->rest = (struct bytes){f->rest.at + n, f->rest.n - n};
    } else {
        f->damaged = true;
    }
    step(f);
    return found;
}

struct bytes fields_text(struct fields *f, uint64_t key)
{
    return string(f, key, CBOR_MAJOR_TEXT);
}

struct bytes fields_bytes(struct fields *f, uint64_t key)
{
    return string(f, key, CBOR_MAJOR_BYTES);
}

int64_t fields_int(struct fields *f, uint64_t key)
{
    int64_t number = 0;
    uint64_t n;

    if (!seek(f, key))
        return 0;
    if (take(f, CBOR_MAJOR_UNSIGNED, &n))
        f->damaged = __builtin_add_overflow(n, 0, &number);
    else
        f->damaged = cbor_take_int(&f->rest, &number) != OK;
    step(f);
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
