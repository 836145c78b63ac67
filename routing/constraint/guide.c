#include "routing/constraint/guide.h"

#include "routing/constraint/passage.h"

#include <stdlib.h>

enum status guide_new(const struct base *base, enum preference prefer, struct metric **out, struct error *err)
{
    const struct turn_graph *g = &base->turns;
    const struct network *n = &base->network;
    const struct route_request request = {.prefer = prefer};
    const struct constraint c = {.request = &request, .unit_mm = network_distance_unit_mm(n)}; /* all that passage_cost looks at */
    weight *weights = malloc(((size_t)g->turn_count + 1) * sizeof *weights);
    if (!weights) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (turn_id t = 0; t < g->turn_count; t++) {
        arc_id a = g->node_arc[g->head[t]];
        uint32_t ms = n->arc_time_ms[a] < WEIGHT_INFINITY / 4 ? n->arc_time_ms[a] : WEIGHT_INFINITY / 4;
        weights[t] = passage_cost(&c, &(struct move){.drive_ms = ms, .turn_ms = g->cost_ms[t], .length_mm = network_arc_length_mm(n, a)});
    }
    enum status status = metric_new(base->hierarchy, weights, 1, out, err);
    if (status == STATUS_OK) metric_strip(*out);
    free(weights);
    return status;
}
