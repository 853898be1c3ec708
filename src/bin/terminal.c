/* terminal: echo off, a line, echo on. */
#include "bin/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* clang-format off */
FAULT(TERMINAL_GONE, FAULT_CALLER, "terminal.gone", "There is no terminal to ask at.");
FAULT(TERMINAL_INTERRUPTED, FAULT_CALLER, "terminal.interrupted", "Interrupted; nothing was done.");
/* clang-format on */

int terminal_open(void)
{
    return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

static volatile sig_atomic_t interrupted; /* by which signal; 0: by none */

static void note(int signal)
{
    interrupted = signal;
}

static void read_line(int terminal, struct sensitive *into)
{
    uint8_t *to = sensitive_fill(into);
    size_t n = 0;

    while (n < TERMINAL_MOST && interrupted == 0) {
        ssize_t got = read(terminal, to + n, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1 || to[n] == '\n')
            break;
        n++;
    }
    sensitive_trim(into, n);
}

static void read_quietly(int terminal, const struct termios *usual, struct sensitive *into)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    const struct sigaction noting = {.sa_handler = note}; /* no SA_RESTART: the read ends */
    struct sigaction before[sizeof signals / sizeof *signals];
    struct termios quiet = *usual;

    quiet.c_lflag &= ~(tcflag_t)ECHO;
    interrupted = 0;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        (void)sigaction(signals[i], &noting, &before[i]);
    (void)tcsetattr(terminal, TCSAFLUSH, &quiet);
    read_line(terminal, into);
    (void)tcsetattr(terminal, TCSAFLUSH, usual);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        (void)sigaction(signals[i], &before[i], NULL);
}

fallible terminal_ask(struct arena *arena, int terminal, const char *prompt, struct sensitive **out)
{
    struct termios usual;

    TRY(sensitive_new_key(arena, TERMINAL_MOST, out));
    ENSURE(tcgetattr(terminal, &usual) == 0, TERMINAL_GONE);
    (void)dprintf(terminal, "%s", prompt);
    read_quietly(terminal, &usual, *out);
    (void)dprintf(terminal, "\n");
    if (interrupted == 0)
        return OK;
    (void)raise(interrupted); /* ends the process, unless who started it has it ignore that */
    sensitive_wipe(*out);
    return TERMINAL_INTERRUPTED;
}

bool terminal_same(const struct sensitive *a, const struct sensitive *b)
{
    const struct sensitive_view x = sensitive_view(a), y = sensitive_view(b);

    return bytes_same_hidden((struct bytes){x.at, x.n}, (struct bytes){y.at, y.n});
}
