/* fault: why something failed. A fallible function returns OK, or a pointer to the one
 * constant that names the reason. A reason is compared by address and carries its own words. */
#pragma once

#include <stddef.h>

enum fault_class {
    FAULT_CALLER,   /* the request is wrong: 400 */
    FAULT_UNKNOWN,  /* the caller could not be recognised: 401/403 */
    FAULT_DENIED,   /* recognised, not permitted: 403 */
    FAULT_ABSENT,   /* the thing is not there: 404 */
    FAULT_STATE,    /* the thing is there, but not in a state for this: 409 */
    FAULT_LIMIT,    /* a quota or a size: 400/429 */
    FAULT_AGAIN,    /* the same request may succeed later: 503 */
    FAULT_INTERNAL, /* ours; the words stay in our log: 500 */
};

struct fault {
    enum fault_class class;
    const char *name; /* stable, for logs, metrics and tests: "key.disabled" */
    const char *text; /* one sentence for a person */
};

/* The return type of whatever can fail. A macro, since gcc ties "must be looked at" to
 * functions. */
#define fallible __attribute__((warn_unused_result)) const struct fault *

#define OK ((const struct fault *)NULL)

/* A module declares its reasons in its header and defines them in its .c. */
/* clang-format off */
#define FAULT(id, class_, name_, text_) \
    const struct fault id[1] = {{.class = (class_), .name = (name_), .text = (text_)}}
/* clang-format on */

/* The only two macros that may leave a function. What is refused is laid out away from what is
 * not. */
#define TRY(call)                          \
    do {                                   \
        const struct fault *r_ = (call);   \
        if (__builtin_expect(r_ != OK, 0)) \
            return r_;                     \
    } while (0)

#define ENSURE(condition, fault)               \
    do {                                       \
        if (__builtin_expect(!(condition), 0)) \
            return (fault);                    \
    } while (0)
