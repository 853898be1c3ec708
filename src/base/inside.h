/* inside: memory for libraries that keep keys of ours. Between inside_begin and inside_end this
 * thread's inside_malloc takes from the keys region (crypto_start gives these three to OpenSSL as
 * its allocator), so that a key schedule or a private key made there never lies in the ordinary
 * heap. */
#pragma once

#include <stddef.h>

/* They nest. Not round anything that runs long or takes much: the keys region has 1 MiB in all. */
void inside_begin(void);
void inside_end(void);

/* malloc, realloc and free with OpenSSL's signatures. Outside of begin/end: the ordinary heap. A
 * piece is given back to (and grows in) the place that it came from, on any thread. NULL: no room.
 * What was in a piece of the keys region is zeroed. Limit: 256 KiB a piece inside. */
void *inside_malloc(size_t n, const char *file, int line);
void *inside_realloc(void *piece, size_t n, const char *file, int line);
void inside_free(void *piece, const char *file, int line);
