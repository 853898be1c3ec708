/* region: pages cut into pieces of one class, or runs of pages; first fit from the lowest page, so
 * that what was cut small becomes whole again as soon as it is empty. */
#include "base/region.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/poison.h"

#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

/* Lies before each piece; its canary is repeated behind the last byte that was asked for. */
struct head {
    uint64_t canary;
    uint32_t size;
    uint16_t bucket;
    uint16_t reserved;
};

enum { TAIL = sizeof(uint64_t) };

static const uint16_t class_size[REGION_CLASSES] = {64,  96,  128,  192,  256, 384,
                                                    512, 768, 1024, 1344, 2048};

fallible region_open(struct region *region, struct locked memory)
{
    region->memory = memory;
    region->page_count = (uint32_t)(memory.n / LOCKED_PAGE);
    region->pages = calloc(region->page_count, sizeof(struct region_page));
    ENSURE(region->pages != NULL, LOCKED_DENIED);
    ENSURE(getrandom(&region->odd, sizeof(region->odd), 0) == sizeof(region->odd), LOCKED_DENIED);
    ENSURE(pthread_mutex_init(&region->lock, NULL) == 0, LOCKED_DENIED);
    POISON_LEAK_ROOT(memory.at, memory.n);
    FORBID(memory.at, memory.n);
    return OK;
}

static uint64_t canary_of(const struct region *region, const struct head *head)
{
    return region->odd ^ (uintptr_t)head ^ (uint64_t)head->size << 20 ^
           (uint64_t)head->bucket << 52;
}

static uint8_t *page_at(const struct region *region, uint32_t page)
{
    return region->memory.at + (size_t)page * LOCKED_PAGE;
}

static size_t class_of(size_t whole)
{
    size_t class = 0;

    while (class < REGION_CLASSES && class_size[class] < whole)
        class ++;
    return class;
}

/* The lists of pages with room, doubly linked so that a page can leave from the middle. */
static void list_push(struct region *region, uint32_t page, size_t class)
{
    struct region_page *pages = region->pages;

    pages[page].next = region->partial[class];
    pages[page].prev = 0;
    if (pages[page].next != 0)
        pages[pages[page].next - 1].prev = page + 1;
    region->partial[class] = page + 1;
}

static void list_leave(struct region *region, uint32_t page, size_t class)
{
    struct region_page *pages = region->pages;

    if (pages[page].prev != 0)
        pages[pages[page].prev - 1].next = pages[page].next;
    else
        region->partial[class] = pages[page].next;
    if (pages[page].next != 0)
        pages[pages[page].next - 1].prev = pages[page].prev;
}

static uint32_t free_run(const struct region *region, uint32_t from, uint32_t most)
{
    uint32_t n = 0;

    while (n < most && from + n < region->page_count && region->pages[from + n].run == 0)
        n++;
    return n;
}

/* page_count: none. */
static uint32_t pages_take(struct region *region, uint32_t count)
{
    uint32_t at = region->lowest;

    while (at < region->page_count && region->pages[at].run != 0)
        at += region->pages[at].run;
    region->lowest = at;
    while (at < region->page_count) {
        uint32_t run = free_run(region, at, count);

        if (run == count) {
            region->pages[at] = (struct region_page){.run = count};
            for (uint32_t i = 1; i < count; i++)
                region->pages[at + i].run = 1;
            return at;
        }
        at += run;
        while (at < region->page_count && region->pages[at].run != 0)
            at += region->pages[at].run;
    }
    return region->page_count;
}

static void pages_give(struct region *region, uint32_t page)
{
    uint32_t count = region->pages[page].run;

    for (uint32_t i = 0; i < count; i++)
        region->pages[page + i] = (struct region_page){0};
    if (page < region->lowest)
        region->lowest = page;
}

static uint8_t *small_take(struct region *region, size_t class)
{
    uint32_t page = region->partial[class];
    struct region_page *of;
    int slot;

    if (page == 0) {
        page = pages_take(region, 1);
        if (page == region->page_count)
            return NULL;
        region->pages[page].class = (uint8_t)(class + 1);
        region->pages[page].free = UINT64_MAX >> (64 - LOCKED_PAGE / class_size[class]);
        list_push(region, page, class);
        page++;
    }
    of = &region->pages[page - 1];
    slot = __builtin_ctzll(of->free);
    of->free &= of->free - 1;
    if (of->free == 0)
        list_leave(region, page - 1, class);
    return page_at(region, page - 1) + (size_t)slot * class_size[class];
}

static void small_give(struct region *region, uint32_t page, const uint8_t *piece)
{
    struct region_page *of = &region->pages[page];
    size_t class = (size_t)of->class - 1;
    size_t slot = (size_t)(piece - page_at(region, page)) / class_size[class];

    if (of->free == 0)
        list_push(region, page, class);
    of->free |= UINT64_C(1) << slot;
    if (of->free == UINT64_MAX >> (64 - LOCKED_PAGE / class_size[class])) {
        list_leave(region, page, class);
        pages_give(region, page);
    }
}

static size_t room_for(size_t whole)
{
    size_t class = class_of(whole);

    if (class < REGION_CLASSES)
        return class_size[class];
    return (whole + LOCKED_PAGE - 1) / LOCKED_PAGE * LOCKED_PAGE;
}

/* Payers are spread over counters by a secret factor; two on one counter share its eighth, and
 * nobody can choose to fall on another's. Counter 0 is nobody's and has no bound. */
static uint16_t bucket_of(const struct region *region, uint64_t payer)
{
    return payer == 0 ? 0
                      : (uint16_t)(1 + ((payer ^ region->odd) * (region->odd | 1) >> 32) %
                                           (REGION_PAYERS - 1));
}

static bool may_pay(const struct region *region, uint16_t bucket, size_t room)
{
    return bucket == 0 || region->payers[bucket] + room <= region->memory.n / 8;
}

static uint8_t *take_locked(struct region *region, size_t whole, uint16_t bucket)
{
    size_t class = class_of(whole), room = room_for(whole);
    uint8_t *piece;

    if (!may_pay(region, bucket, room))
        return NULL;
    if (class < REGION_CLASSES) {
        piece = small_take(region, class);
    } else {
        uint32_t page = pages_take(region, (uint32_t)(room / LOCKED_PAGE));

        piece = page == region->page_count ? NULL : page_at(region, page);
    }
    if (piece != NULL) {
        region->used += room;
        region->payers[bucket] += bucket == 0 ? 0 : (uint32_t)room;
    }
    return piece;
}

/* The piece's own bytes may be touched; what lies round them may not, until it goes back. */
static void *piece_begin(const struct region *region, uint8_t *at, size_t n, uint16_t bucket)
{
    struct head *head = (struct head *)(void *)at;
    size_t whole = sizeof(struct head) + n + TAIL;
    uint8_t *piece = at + sizeof(struct head);

    PERMIT(at, whole);
    *head = (struct head){.size = (uint32_t)n, .bucket = bucket};
    head->canary = canary_of(region, head);
    memcpy(piece + n, &head->canary, TAIL);
    FORBID(at, sizeof(struct head));
    FORBID(piece + n, TAIL);
    return piece;
}

void *region_take(struct region *region, size_t n, uint64_t payer)
{
    size_t whole = sizeof(struct head) + n + TAIL;
    uint16_t bucket;
    uint8_t *at;

    if (region->pages == NULL || n > region->memory.n)
        return NULL;
    bucket = bucket_of(region, payer);
    pthread_mutex_lock(&region->lock);
    at = take_locked(region, whole, bucket);
    pthread_mutex_unlock(&region->lock);
    return at == NULL ? NULL : piece_begin(region, at, n, bucket);
}

static struct head *head_of(const void *piece)
{
    return (struct head *)((uintptr_t)piece - sizeof(struct head));
}

static void piece_end(const struct region *region, uint8_t *piece)
{
    struct head *head = head_of(piece);
    uint64_t behind, right;

    PERMIT(head, sizeof(struct head));
    right = canary_of(region, head);
    if (head->canary == right && head->size <= region->memory.n) {
        PERMIT(piece, head->size + TAIL);
        memcpy(&behind, piece + head->size, TAIL);
        if (behind == right)
            return;
    }
    LOG(LOG_ERROR, "sensitive.overrun", F("size", (int64_t)head->size));
    abort();
}

void region_give(struct region *region, void *piece)
{
    struct head *head = head_of(piece);
    uint32_t page = (uint32_t)((size_t)((uint8_t *)head - region->memory.at) / LOCKED_PAGE);
    size_t whole, room;
    uint16_t bucket;

    piece_end(region, piece);
    whole = sizeof(struct head) + head->size + TAIL;
    bucket = head->bucket;
    room = room_for(whole);
    explicit_bzero(head, whole);
    FORBID(head, room);
    pthread_mutex_lock(&region->lock);
    region->used -= room;
    region->payers[bucket] -= bucket == 0 ? 0 : (uint32_t)room;
    if (region->pages[page].class != 0)
        small_give(region, page, (const uint8_t *)head);
    else
        pages_give(region, page);
    pthread_mutex_unlock(&region->lock);
}

bool region_owns(const struct region *region, const void *at)
{
    return (uintptr_t)at - (uintptr_t)region->memory.at < region->memory.n;
}

size_t region_piece_size(const struct region *region, const void *piece)
{
    struct head *head = head_of(piece);
    size_t n;

    (void)region;
    PERMIT(head, sizeof(struct head));
    n = head->size;
    FORBID(head, sizeof(struct head));
    return n;
}

size_t region_used(struct region *region)
{
    size_t used;

    pthread_mutex_lock(&region->lock);
    used = region->used;
    pthread_mutex_unlock(&region->lock);
    return used;
}
