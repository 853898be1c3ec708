/* doctor_version: which version of a client is installed, without starting the client: a path that
 * names it, or the metadata that lie beside a Python package. */
#pragma once

#include "base/arena.h"

enum { VERSION_MOST = 64 };

struct version { /* by value; text is its own, path the arena's */
    bool there, known;
    const char *path; /* of the program that was looked at */
    char text[VERSION_MOST];
    unsigned major, minor;
};

struct version_bound {
    unsigned major, minor;
};

/* A program by its name, as a shell finds it, in the arena; NULL: PATH has none. */
const char *version_on_path(struct arena *, const char *name);

/* A package that python3 finds; `there` is false where python3 or the package is not. */
struct version version_of_python(struct arena *, const char *package);
struct version version_of_aws(struct arena *);

/* False also when the version is not known. */
bool version_is_below(const struct version *, struct version_bound);
