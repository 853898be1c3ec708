/* line: how one record stands in the journal: its text, then what the journal adds, on one line:
 *   <text>,"sequence":12,"commit":34,"chain":"<64 hex digits>"}}
 * There is exactly one way to write a record; any other spelling does not read. Layout in
 * doc/journal.md. */
#pragma once

#include "base/bytes.h"

enum {
    CHAIN_SIZE = 32,
    CHAIN_HEX = 2 * CHAIN_SIZE,
    LINE_EXTRA = 160 /* the most that is added to the text */
};

struct line {
    struct bytes text;
    uint64_t sequence, commit; /* commit 0: it tells of none */
    uint8_t chain[CHAIN_SIZE];
};

/* What binds a record to all before it: SHA-256(chain before, SHA-256(text), sequence, commit). */
void line_chain(struct line *, const uint8_t before[CHAIN_SIZE], const uint8_t digest[CHAIN_SIZE]);

/* Writes it with its newline to where text.n + LINE_EXTRA bytes are free. Returns the length. */
size_t line_write(const struct line *, uint8_t *to);

/* A number in 8 bytes, big end first, as what is hashed and signed has it; where it ends. */
uint8_t *line_put_u64(uint8_t *at, uint64_t n);

/* Reads a line without its newline; the text stays a slice. False: this is no record. */
bool line_read(struct bytes whole, struct line *);

/* Does the record stand where it was written: after a chain value of `before`? */
bool line_holds(const struct line *, const uint8_t before[CHAIN_SIZE]);

/* Numbers and hex as this format spells them: no leading zeros, lower case. Move *rest past; false:
 * nothing moved. */
bool line_take_number(struct bytes *rest, uint64_t *number);
bool line_take_hex(struct bytes *rest, uint8_t *out, size_t n);
bool line_take_word(struct bytes *rest, struct bytes word);
