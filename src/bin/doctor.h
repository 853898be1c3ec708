/* doctor: what `coffer doctor` looks at. Each check is one row and one small function that changes
 * nothing; rows are run in their order, and later ones may use what an earlier one read. */
#pragma once

#include "bin/options.h"
#include "cli/settings.h"
#include "server/config.h"

enum health {
    HEALTH_OK,
    HEALTH_WARN,    /* works, and should be otherwise */
    HEALTH_BAD,     /* does not work, or is not safe */
    HEALTH_SKIPPED, /* could not be looked at; the finding says why */
};

enum { FINDING_MOST = 512 };

/* What the checks know. Everything borrowed or in the arena. */
struct doctor {
    struct arena *arena;
    const struct options *options;

    const char *data;     /* the data folder */
    bool local;           /* there is one, or one was named: it is looked at */
    struct config config; /* of --config, else the defaults */
    const char *certificate, *private_key;
    struct bytes status; /* what the running server says of itself, JSON; empty: none answers */

    bool client; /* an endpoint is named, or there is nothing else to look at */
    const struct fault *settled;
    struct settings settings; /* as far as they were found before `settled` */
    bool reached;             /* the endpoint answered; `date` is what it said, empty: nothing */
    struct bytes date;

    const struct fault *memory; /* what sensitive_start said */
    char finding[FINDING_MOST]; /* one sentence of the last check */
};

struct check {
    const char *name;  /* stable: for scripts */
    const char *looks; /* what it looks at */
    const char *mend;  /* what to do when it warns or is bad */
    enum health (*run)(struct doctor *);
};

/* To a row without a name. */
extern const struct check doctor_folder_checks[], doctor_machine_checks[], doctor_client_checks[];

/* Writes the finding, cut where it is too long, and hands the health back. */
enum health found(struct doctor *, enum health, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A text that the running server said of itself; NULL: none runs, or it does not say it. */
const char *doctor_status(struct doctor *, const char *member);

enum { DOCTOR_PEM_MOST = 4 * 1024 * 1024 };
