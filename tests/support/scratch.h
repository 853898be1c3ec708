/* scratch: a folder of a test's own, gone when the test is. */
#pragma once

/* An empty folder, mode 0700, below TMPDIR or /tmp; its path into `path`. Ends the test program
 * when it cannot be made. */
enum { SCRATCH_PATH = 256 };
void scratch_make(char path[SCRATCH_PATH]);
void scratch_remove(const char *path); /* with all that is in it */
