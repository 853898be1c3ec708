/* hex: published vectors are written in it. */
#pragma once

#include "base/bytes.h"

/* The bytes of a hexadecimal text, in one of eight rooms of 512 that are used in turn. */
static inline struct bytes hex(const char *text)
{
    static uint8_t rooms[8][512];
    static unsigned turn;
    uint8_t *room = rooms[turn++ % 8];
    size_t n = 0;

    for (; n < sizeof(rooms[0]) && text[0] != 0 && text[1] != 0; text += 2) {
        uint8_t high = (uint8_t)(text[0] <= '9' ? text[0] - '0' : text[0] - 'a' + 10);
        uint8_t low = (uint8_t)(text[1] <= '9' ? text[1] - '0' : text[1] - 'a' + 10);

        room[n++] = (uint8_t)(high << 4 | low);
    }
    return (struct bytes){room, n};
}
