#include "routing/hierarchy/metis_order.h"

#include <metis.h>
#include <stdlib.h>

_Static_assert(sizeof(idx_t) == sizeof(uint32_t), "METIS is built with 32-bit indices");

enum status metis_order(const struct piece *graph, uint32_t seed, uint32_t *order, struct error *err)
{
    idx_t n = (idx_t)graph->node_count, options[METIS_NOPTIONS], *permutation = NULL, *inverse = NULL;
    enum status status = STATUS_OK;
    if (n == 0 || graph->first[n] == 0) { /* METIS is not made for a graph without edges */
        for (idx_t v = 0; v < n; v++) order[v] = (uint32_t)v;
        return STATUS_OK;
    }
    permutation = malloc((size_t)n * sizeof *permutation);
    inverse = malloc((size_t)n * sizeof *inverse);
    if (permutation == NULL || inverse == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    METIS_SetDefaultOptions(options);
    options[METIS_OPTION_SEED] = (idx_t)(seed & 0x7fffffff);
    options[METIS_OPTION_NUMBERING] = 0;
    /* it takes the arrays without const, and does not write to them */
    switch (METIS_NodeND(&n, (idx_t *)graph->first, (idx_t *)graph->adjacent, NULL, options, permutation, inverse)) {
    case METIS_OK:
        for (idx_t v = 0; v < n; v++) order[v] = (uint32_t)permutation[v];
        break;
    case METIS_ERROR_MEMORY: status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY); break;
    default: status = error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL); break;
    }
done:
    free(permutation);
    free(inverse);
    return status;
}
