/* poison: tells the address sanitizer and valgrind, where they are, which memory nobody may touch.
 * Each macro takes an address and a length in bytes, changes nothing of what lies there, and does
 * nothing where its tool is not (valgrind's cost a few instructions then).
 *
 *   POISON, UNPOISON   the sanitizer: to touch it is an error; it is fine again
 *   POISON_LEAK_ROOT   the sanitizer: here may lie the only pointer to something
 *   POISON_VALGRIND    does valgrind run this process?
 *   POISON_NOACCESS    valgrind: to touch it is an error
 *   POISON_UNDEFINED   valgrind: counts as never written, so that to decide by it is an error
 *   POISON_DEFINED     valgrind: counts as written
 *   FORBID, PERMIT     POISON and POISON_NOACCESS; UNPOISON and POISON_DEFINED */
#pragma once

/* clang says so in one way, gcc in another. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POISON_ASAN 1
#endif

/* The sanitizer's. */
#ifdef POISON_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#define POISON(at, n)           ASAN_POISON_MEMORY_REGION((at), (n))
#define UNPOISON(at, n)         ASAN_UNPOISON_MEMORY_REGION((at), (n))
#define POISON_LEAK_ROOT(at, n) __lsan_register_root_region((at), (n))
#else
#define POISON(at, n)           ((void)(at), (void)(n))
#define UNPOISON(at, n)         ((void)(at), (void)(n))
#define POISON_LEAK_ROOT(at, n) ((void)(at), (void)(n))
#endif

/* Valgrind's; the header is there or not, whether or not valgrind runs. */
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define POISON_VALGRIND         (RUNNING_ON_VALGRIND != 0)
#define POISON_DEFINED(at, n)   ((void)VALGRIND_MAKE_MEM_DEFINED((at), (n)))
#define POISON_UNDEFINED(at, n) ((void)VALGRIND_MAKE_MEM_UNDEFINED((at), (n)))
#define POISON_NOACCESS(at, n)  ((void)VALGRIND_MAKE_MEM_NOACCESS((at), (n)))
#else
#define POISON_VALGRIND         0
#define POISON_DEFINED(at, n)   ((void)(at), (void)(n))
#define POISON_UNDEFINED(at, n) ((void)(at), (void)(n))
#define POISON_NOACCESS(at, n)  ((void)(at), (void)(n))
#endif

/* Both. */
#define FORBID(at, n) (POISON((at), (n)), POISON_NOACCESS((at), (n)))
#define PERMIT(at, n) (UNPOISON((at), (n)), POISON_DEFINED((at), (n)))
