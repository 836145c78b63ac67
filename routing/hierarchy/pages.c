#include "routing/hierarchy/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, WORTH_IT = 4 << 20 };

void *pages_take(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) return NULL;
    const size_t bytes = count * size;
    if (bytes < WORTH_IT) return malloc(bytes);
    const size_t rounded = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, rounded);
#ifdef MADV_HUGEPAGE
    if (memory) (void)madvise(memory, rounded, MADV_HUGEPAGE); /* a wish; nothing depends on it */
#endif
    return memory;
}

void *pages_zeroed(size_t count, size_t size)
{
    unsigned char *memory = calloc(count, size);
    const size_t bytes = count * size;
    if (memory == NULL || bytes < WORTH_IT) return memory;
#ifdef MADV_HUGEPAGE
    /* before anything of it is touched, and only the huge pages that lie within */
    const uintptr_t from = ((uintptr_t)memory + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    const uintptr_t to = ((uintptr_t)memory + bytes) / HUGE_PAGE * HUGE_PAGE;
    if (from < to) (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#endif
    return memory;
}
