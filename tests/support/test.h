/* test: what every cmocka program here begins with. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/fault.h"

#define assert_ok(call)           assert_ptr_equal((call), OK)
#define assert_fault(call, fault) assert_ptr_equal((call), (fault))
#define assert_bytes(a, b)                           \
    do {                                             \
        struct bytes a_ = (a), b_ = (b);             \
        assert_int_equal(a_.n, b_.n);                \
        if (a_.n != 0)                               \
            assert_memory_equal(a_.at, b_.at, a_.n); \
    } while (0)
