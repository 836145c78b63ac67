/* Memory for arrays that are read all over the place: on huge pages where the system offers them, so that a look-up
 * does not cost a walk through the page tables on top of the wait for memory. */
#ifndef ROUTING_PAGES_H
#define ROUTING_PAGES_H

#include <stddef.h>

/** `count` elements of `size` bytes, not zeroed, or NULL. Give back with free(). Arrays below 4 MB are plain malloc. */
void *pages_take(size_t count, size_t size);

#endif
