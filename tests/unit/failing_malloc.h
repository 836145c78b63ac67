/* A malloc whose n-th allocation fails, for tests that let every one fail in turn. Included by one file of a program, it
 * takes the place of the C library's for everything that is linked in, and counts the blocks that are out.
 *
 *   for (long n = 0;; n++) {
 *       long before = malloc_live();
 *       malloc_fail(n, FAIL_ONCE);              // or FAIL_ON: from the n-th on nothing is to be had
 *       status = scenario();
 *       if (!malloc_heal()) break;              // whether any failed: if not, n was past the last
 *       … status says so, malloc_live() == before …
 *   }
 *
 * The sanitizers bring a malloc of their own: there OWN_MALLOC is 0, nothing fails and scenarios only run through. A thread
 * with malloc_spared set is never refused: the test's own. */
#ifndef TESTS_FAILING_MALLOC_H
#define TESTS_FAILING_MALLOC_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 0
#else
#define OWN_MALLOC 1
#endif

enum malloc_failing { FAIL_ONCE, FAIL_ON };

static atomic_long malloc_asked, malloc_out; /* allocations since malloc_fail; blocks not yet freed */
static atomic_long malloc_first = -1;        /* the one that fails; −1: none */
static atomic_int malloc_how;
static _Thread_local bool malloc_spared __attribute__((unused));

/** From now on the n-th allocation (0: the next) fails. n < 0: they are only counted. */
static inline void malloc_fail(long n, enum malloc_failing how)
{
    atomic_store(&malloc_how, how);
    atomic_store(&malloc_asked, 0);
    atomic_store(&malloc_first, OWN_MALLOC ? n : -1);
}

/** Allocations asked for since malloc_fail. */
static inline long malloc_count(void)
{
    return atomic_load(&malloc_asked);
}

/** Whether one has failed since malloc_fail. */
static inline bool malloc_failed(void)
{
    long first = atomic_load(&malloc_first);
    return first >= 0 && malloc_count() > first;
}

/** The same, and from now on nothing fails. */
static inline bool malloc_heal(void)
{
    bool failed = malloc_failed();
    atomic_store(&malloc_first, -1);
    return failed;
}

static inline long malloc_live(void)
{
    return atomic_load(&malloc_out);
}

#if OWN_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static bool malloc_fails(void)
{
    if (malloc_spared) return false;
    long number = atomic_fetch_add(&malloc_asked, 1), first = atomic_load(&malloc_first);
    if (first < 0 || number < first || (number > first && atomic_load(&malloc_how) == FAIL_ONCE)) return false;
    errno = ENOMEM;
    return true;
}

static void *malloc_taken(void *block, bool more)
{
    if (block && more) atomic_fetch_add(&malloc_out, 1);
    return block;
}

void *malloc(size_t size)
{
    return malloc_fails() ? NULL : malloc_taken(__libc_malloc(size), true);
}

void *calloc(size_t count, size_t size)
{
    return malloc_fails() ? NULL : malloc_taken(__libc_calloc(count, size), true);
}

void *realloc(void *old, size_t size)
{
    return malloc_fails() ? NULL : malloc_taken(__libc_realloc(old, size), old == NULL);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return malloc_fails() ? NULL : malloc_taken(__libc_memalign(alignment, size), true);
}

void free(void *block)
{
    if (block) atomic_fetch_sub(&malloc_out, 1);
    __libc_free(block);
}
#endif

#endif
