/* log: named events with typed fields. There is no format string, so nothing can be formatted in;
 * there is no field constructor for a sensitive value, so a sensitive value does not compile. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

/* From the least to the most important. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_ERROR };

/* One member of the line. Made by F() alone; the kind says which of the three values is meant. A
 * LOG_END closes the list. */
struct log_field {
    const char *name; /* a literal, written as it stands */
    enum { LOG_END, LOG_TEXT, LOG_INT, LOG_FAULT } kind;
    struct bytes text; /* escaped when written; borrowed until then */
    int64_t number;
    const struct fault *fault; /* written by its name; NULL is "ok" */
};

static inline struct log_field log_text(const char *name, struct bytes v)
{
    return (struct log_field){.name = name, .kind = LOG_TEXT, .text = v};
}
static inline struct log_field log_int(const char *name, int64_t v)
{
    return (struct log_field){.name = name, .kind = LOG_INT, .number = v};
}
static inline struct log_field log_fault(const char *name, const struct fault *v)
{
    return (struct log_field){.name = name, .kind = LOG_FAULT, .fault = v};
}

/* clang-format off */
/* F("bytes", n): a field of whatever kind its value is; of a type that is not here it does not compile. */
#define F(name, value)                     \
    _Generic((value),                      \
        struct bytes: log_text,            \
        int: log_int,                      \
        int64_t: log_int,                  \
        size_t: log_int,                   \
        const struct fault *: log_fault)((name), (value))
/* clang-format on */

/* LOG(LOG_INFO, "server.ready", F("port", port)): an event is a literal, "noun.happened". */
#define LOG(level, event, ...) \
    log_event((level), (event), (struct log_field[]){__VA_ARGS__, {.kind = LOG_END}})

/* One line of JSON on standard error, in one write. A line holds 4 KiB: what is longer is cut. */
void log_event(enum log_level, const char *event, const struct log_field *);

/* Events below this level are not written; LOG_INFO until said otherwise. */
void log_from(enum log_level);
