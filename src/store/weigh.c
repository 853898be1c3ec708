/* weigh: additions over what the weigher says. */
#include "store/weigh.h"

#include <string.h>

enum { SUM_SIZE = sizeof(struct sum) };

/* No item's key begins with a zero byte. */
#define KEY_MASK LIT("\0mask")
#define KEY_SEAL LIT("\0seal")

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a weight is read as four numbers");
_Static_assert(SUM_ROW == 2 * SUM_SIZE, "the masked sum and its seal");

static struct sum weight(const struct weigher *weigher, struct bytes key, uint64_t revision,
                         struct bytes value)
{
    uint8_t out[SUM_SIZE];
    struct sum sum;

    weigher->weigh(weigher->ctx, key, revision, value, out);
    memcpy(&sum, out, sizeof sum);
    return sum;
}

static void add(struct sum *to, const struct sum *what)
{
    bool carry = false;

    for (int i = 0; i < 4; i++) {
        const bool first = __builtin_add_overflow(to->limb[i], what->limb[i], &to->limb[i]);

        carry = __builtin_add_overflow(to->limb[i], (uint64_t)carry, &to->limb[i]) || first;
    }
}

static void take(struct sum *from, const struct sum *what)
{
    bool borrow = false;

    for (int i = 0; i < 4; i++) {
        const bool first = __builtin_sub_overflow(from->limb[i], what->limb[i], &from->limb[i]);

        borrow = __builtin_sub_overflow(from->limb[i], (uint64_t)borrow, &from->limb[i]) || first;
    }
}

static bool counts(const struct item *item)
{
    return item->revision != 0 && !bytes_begins(item->key, LIT("o/"));
}

void sum_add(const struct weigher *weigher, struct sum *sum, const struct item *item)
{
    if (counts(item)) {
        const struct sum more = weight(weigher, item->key, item->revision, item->value);

        add(sum, &more);
    }
}

void sum_take(const struct weigher *weigher, struct sum *sum, const struct item *item)
{
    if (counts(item)) {
        const struct sum less = weight(weigher, item->key, item->revision, item->value);

        take(sum, &less);
    }
}

struct counting {
    const struct weigher *weigher;
    struct sum *sum;
    engine_each_fn *each;
    void *ctx;
};

static fallible count(void *ctx, const struct item *item, bool *stop)
{
    const struct counting *counting = ctx;

    sum_add(counting->weigher, counting->sum, item);
    return counting->each == NULL || !counts(item) ? OK : counting->each(counting->ctx, item, stop);
}

fallible sum_all(struct reader *reader, const struct weigher *weigher, engine_each_fn *each,
                 void *ctx, struct sum *sum)
{
    struct counting counting = {weigher, sum, each, ctx};

    *sum = (struct sum){0};
    return reader->engine->scan(reader, &(struct range){0}, count, &counting);
}

static struct sum seal_of(const struct weigher *weigher, const struct sum *sum, uint64_t number)
{
    uint8_t plain[SUM_SIZE];

    memcpy(plain, sum, sizeof *sum);
    return weight(weigher, KEY_SEAL, number, (struct bytes){plain, sizeof plain});
}

void sum_close(const struct weigher *weigher, const struct sum *sum, uint64_t number,
               uint8_t row[SUM_ROW])
{
    const struct sum mask = weight(weigher, KEY_MASK, number, (struct bytes){0});
    const struct sum seal = seal_of(weigher, sum, number);
    struct sum masked = *sum;

    add(&masked, &mask);
    memcpy(row, &masked, SUM_SIZE);
    memcpy(row + SUM_SIZE, &seal, SUM_SIZE);
}

bool sum_open(const struct weigher *weigher, struct bytes row, uint64_t number, struct sum *sum)
{
    const struct sum mask = weight(weigher, KEY_MASK, number, (struct bytes){0});
    uint8_t expected[SUM_SIZE];
    struct sum seal;

    if (row.n != SUM_ROW)
        return false;
    memcpy(sum, row.at, SUM_SIZE);
    take(sum, &mask);
    seal = seal_of(weigher, sum, number);
    memcpy(expected, &seal, SUM_SIZE);
    return bytes_same_hidden(bytes_after(row, SUM_SIZE), (struct bytes){expected, SUM_SIZE});
}
