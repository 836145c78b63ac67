#include "tests/bench/demo_base.h"

#include "data/demo/demo.h"
#include "routing/network/network_build.h"
#include "tests/bench/stopwatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void demo_must(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    fprintf(stderr, "%s: %s %s\n", status_code(status), err->en, err->log);
    abort();
}

void demo_network_make(struct network *network, struct turn_graph *turns, unsigned scale)
{
    struct error err = ERROR_INIT;
    struct demo_model m;
    struct network_builder *b = NULL;
    struct network_build_report report;
    demo_model_init(&m, DEMO_SEED, scale);
    demo_must(demo_generate(&m, &err), &err);
    demo_must(network_builder_new(&b, &err), &err);
    struct point_e7 *shape = malloc(65536 * sizeof *shape);
    for (size_t i = 0; i < m.road_count && shape; i++) {
        const struct demo_road *r = &m.roads[i];
        if (r->dropped) continue;
        for (size_t k = 0; k < r->point_count; k++) shape[k] = demo_plane_to_e7(m.points[r->first_point + k]);
        shape[0] = m.nodes[r->from].point;
        shape[r->point_count - 1] = m.nodes[r->to].point;
        struct road_row row = {.id = (int64_t)i + 1, .from_node = r->from, .to_node = r->to, .class = r->class, .name = r->name,
                               .ref = r->ref, .forward = r->forward, .backward = r->backward,
                               .speed_forward_kmh = r->speed_kmh, .speed_backward_kmh = r->speed_kmh,
                               .access_lorry_forward = r->lorry, .access_lorry_backward = r->lorry,
                               .access_light_forward = r->light, .access_light_backward = r->light, .layer = r->layer,
                               .flags = (uint16_t)((r->toll ? ROAD_TOLL : 0) | (r->bridge ? ROAD_BRIDGE : 0) |
                                                   (r->ramp == DEMO_RAMP_ENTRY ? ROAD_ENTRY_RAMP : 0) |
                                                   (r->ramp == DEMO_RAMP_EXIT ? ROAD_EXIT_RAMP : 0)),
                               .shape = shape, .shape_count = (uint32_t)r->point_count};
        memcpy(row.limits, r->limits, sizeof row.limits);
        demo_must(network_builder_road(b, &row, &err), &err);
    }
    free(shape);
    demo_model_clear(&m);
    demo_must(network_build(b, network, turns, &report, &err), &err);
    network_builder_free(b);
}

void demo_cells_make(struct order_cells *cells, const struct network *network, const struct turn_graph *turns)
{
    const size_t n = turns->node_count, junctions = network->node_count;
    uint32_t *tail = malloc((n + 1) * sizeof *tail), *head = malloc((n + 1) * sizeof *head);
    int32_t *lon_e7 = malloc((junctions + 1) * sizeof *lon_e7), *lat_e7 = malloc((junctions + 1) * sizeof *lat_e7);
    if (!tail || !head || !lon_e7 || !lat_e7) abort();
    for (size_t v = 0; v < n; v++) {
        tail[v] = network->arc_tail[turns->node_arc[v]];
        head[v] = network->arc_head[turns->node_arc[v]];
    }
    for (size_t j = 0; j < junctions; j++) {
        lon_e7[j] = network->node_point[j].lon_e7;
        lat_e7[j] = network->node_point[j].lat_e7;
    }
    *cells = (struct order_cells){network->node_count, tail, head, lon_e7, lat_e7};
}

void demo_cells_clear(struct order_cells *cells)
{
    free((void *)cells->tail);
    free((void *)cells->head);
    free((void *)cells->lon_e7);
    free((void *)cells->lat_e7);
}

void demo_base_make(struct base *base, unsigned scale)
{
    struct error err = ERROR_INIT;
    demo_network_make(&base->network, &base->turns, scale);
    demo_must(spatial_new(&base->network, &base->spatial, &err), &err);
    struct digraph g = {base->turns.node_count, base->turns.turn_count, base->turns.first_out, base->turns.head};
    uint32_t *order = malloc(g.node_count * sizeof *order);
    if (!order) abort();
    struct order_cells cells;
    demo_cells_make(&cells, &base->network, &base->turns);
    double t = stopwatch_us();
    demo_must(order_by_cells(&g, &cells, 1, order, &err), &err);
    demo_must(hierarchy_new(&g, order, &base->hierarchy, &err), &err);
    free(order);
    demo_cells_clear(&cells);
    printf("%u arcs, %u turns, order and hierarchy %.0f ms\n", base->network.arc_count, g.arc_count, (stopwatch_us() - t) / 1e3);
}

void demo_base_clear(struct base *base)
{
    hierarchy_free(base->hierarchy);
    spatial_free(base->spatial);
    network_clear(&base->network);
    turn_graph_clear(&base->turns);
}
