/* inside: a compiled policy, as compile.c makes it and judge.c reads it. For this folder alone.
 * All of it lies in one arena and points into the document's text there; nothing changes it. */
#pragma once

#include "core/policy/pattern.h"
#include "core/policy/policy.h"

/* A statement's list: matches when any of the patterns does, or with `except` when none does. */
struct patterns {
    const struct pattern *at;
    size_t n;
    bool except; /* NotAction, NotResource */
};

/* Of whom a statement speaks: unique ids, an account's for all in it. */
struct principals {
    const struct bytes *at;
    size_t n;
    bool everyone; /* "*"; and each statement of a principal's own policy */
};

/* Speaks (allows, or denies) of these principals when both lists match. */
struct statement {
    struct bytes label; /* the Sid, or the index as text */
    bool deny;
    struct principals principals;
    struct patterns actions, resources;
};

struct policy { /* in the order of the document */
    const struct statement *at;
    size_t n;
};

/* Denies everything to everybody: what stands for a policy that this build cannot judge. */
extern const struct policy policy_unjudged;
