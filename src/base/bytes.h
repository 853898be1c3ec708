/* bytes: a view of somebody else's memory. Passed by value, owns nothing, needs no NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *at;
    size_t n;
};

struct pair { /* a header, a query parameter, a tag */
    struct bytes name, value;
};

#define LIT(s) ((struct bytes){(const uint8_t *)("" s), sizeof(s) - 1})

bool bytes_same(struct bytes a, struct bytes b);        /* for names and labels */
bool bytes_same_hidden(struct bytes a, struct bytes b); /* for tags and MACs: constant time */

int bytes_order(struct bytes a, struct bytes b); /* like memcmp; a prefix comes first */
bool bytes_begins(struct bytes whole, struct bytes head);
bool bytes_ends(struct bytes whole, struct bytes tail);
struct bytes bytes_after(struct bytes whole, size_t n); /* empty when shorter */

/* Readers move *rest past what they took; on false nothing has moved. */
bool bytes_take(struct bytes *rest, size_t n, struct bytes *head);
bool bytes_take_u32(struct bytes *rest, uint32_t *value);
bool bytes_cut(struct bytes *rest, uint8_t separator, struct bytes *head);

/* A spread for tables in memory, that keys are compared in; an asker can choose to collide, and
 * another build may spread otherwise: never stored. */
uint64_t bytes_hash(struct bytes, uint64_t seed);

/* A NUL-ended text, without the NUL. */
struct bytes bytes_of(const char *text); /* NULL gives NULL */
