/* credentials: three lines, composed in the keys region. */
#include "bin/credentials.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

enum { LINES_MOST = 512 };

/* clang-format off */
FAULT(CREDENTIALS_NOWHERE, FAULT_CALLER, "credentials.nowhere",
      "The access key is shown once, to a terminal or to a new file: name one with --credentials-file.");
/* clang-format on */

fallible credentials_possible(const char *file)
{
    if (file != NULL)
        return access(file, F_OK) == 0 ? FILE_EXISTS : OK;
    return isatty(STDOUT_FILENO) == 1 ? OK : CREDENTIALS_NOWHERE;
}

static void add(uint8_t *to, size_t *n, const void *at, size_t more)
{
    if (*n + more > LINES_MOST)
        return;
    memcpy(to + *n, at, more);
    *n += more;
}

static void add_text(uint8_t *to, size_t *n, const char *text)
{
    add(to, n, text, strlen(text));
}

fallible credentials_write(struct arena *arena, const char *file, const char *profile,
                           struct bytes id, struct sensitive_view secret)
{
    struct sensitive *lines;
    uint8_t *to;
    size_t n = 0;

    TRY(credentials_possible(file));
    TRY(sensitive_new_key(arena, LINES_MOST, &lines));
    to = sensitive_fill(lines);
    add_text(to, &n, "[");
    add_text(to, &n, profile);
    add_text(to, &n, "]\naws_access_key_id = ");
    add(to, &n, id.at, id.n);
    add_text(to, &n, "\naws_secret_access_key = ");
    add(to, &n, secret.at, secret.n);
    add_text(to, &n, "\n");
    sensitive_trim(lines, n);
    if (file != NULL)
        return file_create_secret(file, sensitive_view(lines));
    return write(STDOUT_FILENO, sensitive_view(lines).at, n) == (ssize_t)n ? OK : FILE_SYSTEM;
}
