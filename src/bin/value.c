/* value: read whole, written whole. */
#include "bin/value.h"

#include "base/blame.h"
#include "base/file.h"
#include "bin/terminal.h"
#include "codec/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
FAULT(VALUE_TERMINAL, FAULT_CALLER, "value.terminal", "There is no terminal to ask for the value: give it on standard input or with --file.");
FAULT(VALUE_TWICE, FAULT_CALLER, "value.twice", "The two values differ; nothing was stored.");
FAULT(VALUE_EMPTY, FAULT_CALLER, "value.empty", "The value is empty; nothing was stored.");
FAULT(VALUE_LONG, FAULT_LIMIT, "value.long", "A value has at most 262144 bytes, and where the server's secret_value_bytes was not raised 65536; nothing was stored.");
FAULT(VALUE_SHOWN, FAULT_CALLER, "value.shown", "The value is not plain text, which a terminal might obey: give --file FILE, or a pipe.");
/* clang-format on */

static fallible drain(struct arena *arena, int fd, struct sensitive **out)
{
    const struct fault *fault = file_drain_secret(arena, fd, VALUE_MOST, out);

    TRY(fault == FILE_LONG ? VALUE_LONG : fault);
    return sensitive_view(*out).n == 0 ? VALUE_EMPTY : OK;
}

static fallible ask(struct arena *arena, const char *prompt, struct sensitive **out)
{
    const int terminal = terminal_open();
    struct sensitive *second;
    const struct fault *fault;

    ENSURE(terminal >= 0, VALUE_TERMINAL);
    fault = terminal_ask(arena, terminal, prompt, out);
    if (fault == OK)
        fault = terminal_ask(arena, terminal, "Again: ", &second);
    close(terminal);
    TRY(fault);
    ENSURE(sensitive_view(*out).n > 0, VALUE_EMPTY);
    ENSURE(terminal_same(*out, second), VALUE_TWICE);
    return OK;
}

fallible value_read(struct arena *arena, const char *file, const char *prompt,
                    struct sensitive **out)
{
    const struct fault *fault;
    int fd;

    if (file == NULL && isatty(STDIN_FILENO) == 1)
        return ask(arena, prompt, out);
    if (file == NULL || strcmp(file, "-") == 0)
        return drain(arena, STDIN_FILENO, out);
    fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return blame(file, errno == ENOENT ? FILE_ABSENT : FILE_SYSTEM);
    fault = drain(arena, fd, out);
    close(fd);
    return blame(file, fault);
}

/* Escape sequences and the like could make a terminal do what the value's writer wants. */
static bool is_shown(struct sensitive_view value)
{
    struct bytes rest = {value.at, value.n};

    while (rest.n > 0) {
        const bool layout = memchr("\n\t\r", rest.at[0], 3) != NULL;
        const size_t step = layout ? 1 : text_shown_step(rest);

        if (step == 0)
            return false;
        rest = bytes_after(rest, step);
    }
    return true;
}

static fallible put(struct sensitive_view value)
{
    for (size_t done = 0; done < value.n;) {
        ssize_t n = write(STDOUT_FILENO, value.at + done, value.n - done);

        if (n < 0 && errno == EINTR)
            continue;
        ENSURE(n > 0, FILE_SYSTEM);
        done += (size_t)n;
    }
    return OK;
}

fallible value_write(const char *file, struct sensitive_view value)
{
    if (file != NULL)
        return blame(file, file_create_secret(file, value));
    if (isatty(STDOUT_FILENO) == 1) {
        ENSURE(is_shown(value), VALUE_SHOWN);
        TRY(put(value));
        if (value.n > 0 && value.at[value.n - 1] == '\n')
            return OK;
        value = (struct sensitive_view){(const uint8_t *)"\n", 1};
    }
    return blame("standard output", put(value));
}
