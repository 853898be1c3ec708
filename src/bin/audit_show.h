/* audit_show: which records of the journal are meant, and how a person sees them. */
#pragma once

#include "admin/tail.h"
#include "bin/options.h"

/* clang-format off */
/* The rows of the filters. */
#define AUDIT_ROWS                                                                                  \
    {"principal", "WHO", "tail: only of this user (name or ARN) or access key"},                    \
    {"secret", "NAME", "tail: only about this secret (name or ARN)"},                               \
    {"action", "NAME", "tail: only this operation, such as GetSecretValue"},                        \
    {"since", "WHEN", "tail: only from then on: 30m, 2h, 7d, or 2026-11-21T09:00:00Z; verify: a checkpoint that it said before (N:HEX), to be found again"}, \
    {"denied", NULL, "tail: only who was not let in, or not allowed"}
/* clang-format on */

struct audit_show {
    struct arena *arena; /* rewound after each line */
    enum print_as as;
    struct bytes principal, secret, action; /* empty: any */
    int64_t since_ms;                       /* 0: from the beginning */
    bool denied;
    bool titled;
};

/* What the options say; false, with a sentence, when one makes no sense. */
bool audit_show_read(struct audit_show *, const struct options *, struct arena *);
bool audit_show_filters(const struct audit_show *); /* does any of them leave something out? */

/* For struct tail_plan; ctx is the struct audit_show. */
bool audit_show_wants(void *ctx, struct bytes line);
void audit_show_line(void *ctx, struct bytes line);

/* Is this record about the secret of this name or ARN? */
bool audit_about(struct arena *, struct bytes line, struct bytes secret);
/* The ARN of who asked; what a person calls him is behind its last colon. */
struct bytes audit_who(struct arena *, struct bytes line);
