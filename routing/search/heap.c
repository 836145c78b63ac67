#include "routing/search/heap.h"

#include <stdlib.h>

static bool item_less(struct heap_item a, struct heap_item b)
{
    return a.cost < b.cost || (a.cost == b.cost && a.node < b.node);
}

bool heap_push(struct heap *h, struct heap_item item)
{
    if (h->count == h->capacity) {
        size_t more = h->capacity ? 2 * h->capacity : 1024;
        struct heap_item *grown = realloc(h->items, more * sizeof *grown);
        if (!grown) return false;
        h->items = grown;
        h->capacity = more;
    }
    size_t i = h->count++;
    for (; i > 0 && item_less(item, h->items[(i - 1) / 2]); i = (i - 1) / 2) h->items[i] = h->items[(i - 1) / 2];
    h->items[i] = item;
    return true;
}

struct heap_item heap_pop(struct heap *h)
{
    struct heap_item top = h->items[0], last = h->items[--h->count];
    size_t i = 0;
    for (size_t child = 1; child < h->count; child = 2 * i + 1) {
        if (child + 1 < h->count && item_less(h->items[child + 1], h->items[child])) child++;
        if (!item_less(h->items[child], last)) break;
        h->items[i] = h->items[child];
        i = child;
    }
    h->items[i] = last;
    return top;
}

void heap_clear(struct heap *h)
{
    free(h->items);
    *h = (struct heap){0};
}
