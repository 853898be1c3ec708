/* record: the form in which bench/record.c keeps what a server committed, and bench/replay.c reads
 * it: rows one after the other in a file, each behind its kind; a row of kind 0 ends it. Values are
 * kept as their size alone. */
#pragma once

#include <stdint.h>

enum record_kind { RECORD_END, RECORD_BEGIN, RECORD_PUT, RECORD_DELETE, RECORD_COMMIT };

struct record_row {
    uint8_t kind;
    uint16_t key_bytes; /* the key follows the row */
    uint32_t value_bytes;
};

enum { RECORD_ROOM = 1 << 30 }; /* of the file; sparse */
