/* inside: a compiled policy, as compile.c makes it and judge.c reads it. For this folder alone. */
#pragma once

#include "core/policy/pattern.h"
#include "core/policy/policy.h"

struct patterns {
    const struct pattern *at;
    size_t n;
    bool except; /* NotAction, NotResource */
};

struct statement {
    struct bytes label; /* the Sid, or the index as text */
    bool deny;
    struct patterns actions, resources;
};

struct policy {
    const struct statement *at;
    size_t n;
};
