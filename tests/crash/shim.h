/* shim: what the recording shim writes, and tests/crash/behind.py reads. Begin and end of each call
 * are numbers of one counter: whatever has the smaller one was earlier, over all threads. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SHIM_ROOM = 1 << 20 };

enum shim_kind { SHIM_WRITE = 1, SHIM_SYNC, SHIM_RECV, SHIM_SEND };

/* Of the file: which one, and was it opened so that each write waits for the disk? */
enum shim_file { SHIM_STORE = 1, SHIM_JOURNAL = 2, SHIM_DSYNC = 4 };

struct shim_event {
    uint64_t begun, ended;
    uint8_t kind, file;
    uint16_t port; /* of the client; 0: not a socket */
    uint32_t unused;
};

struct shim_log {
    _Atomic uint64_t clock, count; /* a count beyond SHIM_ROOM: events were lost */
    struct shim_event events[SHIM_ROOM];
};
