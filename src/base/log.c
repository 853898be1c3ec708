/* log: one line of JSON an event, in one write to standard error. */
#include "base/log.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 4096, TAIL = 16 /* always left for closing what is open */ };

struct line {
    uint8_t at[LINE];
    size_t n;
};

static _Atomic int quietest = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "notice", "error"};

static void put(struct line *line, struct bytes bytes)
{
    size_t room = LINE - TAIL - line->n;
    size_t n = bytes.n < room ? bytes.n : room;

    if (n != 0)
        memcpy(line->at + line->n, bytes.at, n);
    line->n += n;
}

static void put_escaped(struct line *line, struct bytes text)
{
    static const char hex[] = "0123456789abcdef";

    put(line, LIT("\""));
    for (size_t i = 0; i < text.n && line->n < LINE - TAIL - 8; i++) {
        uint8_t c = text.at[i];

        if (c == '"' || c == '\\') {
            put(line, (struct bytes){(const uint8_t[]){'\\', c}, 2});
        } else if (c < 0x20 || c >= 0x7f) {
            /* also what is not ASCII: a log is no place for surprises */
            put(line, LIT("\\u00"));
            put(line,
                (struct bytes){(const uint8_t[]){(uint8_t)hex[c >> 4], (uint8_t)hex[c & 15]}, 2});
        } else {
            put(line, (struct bytes){&c, 1});
        }
    }
    put(line, LIT("\""));
}

static void put_number(struct line *line, int64_t number)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)number);

    put(line, (struct bytes){(const uint8_t *)digits, n < 0 ? 0 : (size_t)n});
}

static void put_field(struct line *line, const struct log_field *field)
{
    put(line, LIT(",\""));
    put(line, bytes_of(field->name));
    put(line, LIT("\":"));
    switch (field->kind) {
    case LOG_INT:
        put_number(line, field->number);
        break;
    case LOG_FAULT:
        put_escaped(line, bytes_of(field->fault == OK ? "ok" : field->fault->name));
        break;
    case LOG_TEXT:
    case LOG_END:
        put_escaped(line, field->text);
        break;
    }
}

void log_from(enum log_level level)
{
    atomic_store(&quietest, (int)level);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    struct line line;

    if ((int)level < atomic_load_explicit(&quietest, memory_order_relaxed))
        return;
    line.n = 0;
    put(&line, LIT("{\"time\":"));
    put_number(&line, clock_now_ms());
    put(&line, LIT(",\"level\":"));
    put_escaped(&line, bytes_of(level_names[level]));
    put(&line, LIT(",\"event\":"));
    put_escaped(&line, bytes_of(event));
    for (; fields->kind != LOG_END; fields++)
        put_field(&line, fields);
    memcpy(line.at + line.n, "}\n", 2); /* TAIL keeps the room */
    if (write(STDERR_FILENO, line.at, line.n + 2) < 0)
        return; /* nowhere left to say so */
}
