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
