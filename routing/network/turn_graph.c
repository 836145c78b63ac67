#include "routing/network/turn_graph.h"

#include <stdlib.h>
#include <string.h>

enum { PLACE_ALIGN = 64 };

void turn_graph_clear(struct turn_graph *g)
{
    free(g->memory);
    memset(g, 0, sizeof *g);
}

size_t turn_graph_place(struct turn_graph *g, void *memory)
{
    size_t at = 0;
#define X(type, name, count)                                                 \
    if (memory != NULL) g->name = (const type *)((const char *)memory + at); \
    at += (((size_t)(count) * sizeof(type)) + PLACE_ALIGN - 1) / PLACE_ALIGN * PLACE_ALIGN;
    TURN_GRAPH_ARRAYS(X)
#undef X
    return at;
}
