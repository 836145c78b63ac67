#include "data/network/prepare.h"

#include "data/network/snapshot.h"
#include "routing/hierarchy/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Of the order: any fixed number will do, as long as it is always the same one. */
enum { ORDER_SEED = 1 };

struct preparation {
    prepare_progress progress;
    void *context;
    struct prepare_report *report;
    int64_t stage_began_ms;
};

static void stage_begin(struct preparation *p, enum prepare_stage stage)
{
    p->stage_began_ms = pg_now_ms();
    if (p->progress) p->progress(p->context, stage, false, 0);
}

static void stage_end(struct preparation *p, enum prepare_stage stage, uint64_t count)
{
    p->report->stage_ms[stage] = (uint32_t)(pg_now_ms() - p->stage_began_ms);
    if (p->progress) p->progress(p->context, stage, true, count);
}

static void loading(void *context, uint64_t roads)
{
    struct preparation *p = context;
    if (p->progress) p->progress(p->context, PREPARE_LOAD, false, roads);
}

/* Rows to network. */
static enum status build(struct preparation *p, struct pg *pg, struct network *network, struct turn_graph *turns,
                         struct error *err)
{
    struct network_builder *builder = NULL;
    enum status status = network_builder_new(&builder, err);
    stage_begin(p, PREPARE_LOAD);
    if (status == STATUS_OK) status = load_network(pg, builder, loading, p, &p->report->loaded, err);
    if (status == STATUS_OK && p->report->loaded.roads == 0)
        status = error_set(err, STATUS_INVALID, MESSAGE_NO_ROADS);
    if (status == STATUS_OK) {
        stage_end(p, PREPARE_LOAD, p->report->loaded.roads);
        stage_begin(p, PREPARE_BUILD);
        status = network_build(builder, network, turns, &p->report->built, err);
    }
    if (status == STATUS_OK) stage_end(p, PREPARE_BUILD, network->arc_count);
    network_builder_free(builder);
    return status;
}

/* Turn graph to hierarchy. For the order an arc lies between two junctions. */
static enum status contract(struct preparation *p, const struct network *network, const struct turn_graph *turns,
                            struct hierarchy **hierarchy, struct error *err)
{
    const struct digraph graph = {turns->node_count, turns->turn_count, turns->first_out, turns->head};
    const size_t n = turns->node_count, junctions = network->node_count;
    uint32_t *order = malloc((n + 1) * sizeof *order);
    uint32_t *tail = malloc((n + 1) * sizeof *tail), *head = malloc((n + 1) * sizeof *head);
    int32_t *lon_e7 = malloc((junctions + 1) * sizeof *lon_e7), *lat_e7 = malloc((junctions + 1) * sizeof *lat_e7);
    enum status status = STATUS_OK;
    if (order == NULL || tail == NULL || head == NULL || lon_e7 == NULL || lat_e7 == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (size_t v = 0; v < n; v++) {
        tail[v] = network->arc_tail[turns->node_arc[v]];
        head[v] = network->arc_head[turns->node_arc[v]];
    }
    for (size_t j = 0; j < junctions; j++) {
        lon_e7[j] = network->node_point[j].lon_e7;
        lat_e7[j] = network->node_point[j].lat_e7;
    }
    const struct order_cells cells = {network->node_count, tail, head, lon_e7, lat_e7};
    stage_begin(p, PREPARE_ORDER);
    status = order_by_cells(&graph, &cells, ORDER_SEED, order, err);
    if (status != STATUS_OK) goto done;
    stage_end(p, PREPARE_ORDER, n);
    stage_begin(p, PREPARE_CONTRACT);
    status = hierarchy_new(&graph, order, hierarchy, err);
    if (status == STATUS_OK) stage_end(p, PREPARE_CONTRACT, (*hierarchy)->arc_count);
done:
    free(order);
    free(tail);
    free(head);
    free(lon_e7);
    free(lat_e7);
    return status;
}

static enum status note_state(struct pg *pg, const struct network *n, const struct turn_graph *g, uint32_t islands,
                              int64_t road_version, struct error *err)
{
    char counts[6][24];
    const int64_t values[6] = {n->node_count, n->road_count, n->arc_count, g->turn_count, islands, road_version};
    for (int i = 0; i < 6; i++) snprintf(counts[i], sizeof counts[i], "%" PRId64, values[i]);
    return pg_query(pg,
                    "INSERT INTO network_state (version, projection, nodes, roads, arcs, turns, islands, road_version) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (version) DO UPDATE SET "
                    "prepared_at = clock_timestamp(), road_version = excluded.road_version",
                    8,
                    (const char *[]){n->version, n->projection, counts[0], counts[1], counts[2], counts[3], counts[4],
                                     counts[5]},
                    NULL, err);
}

enum status prepare_network(struct pg *pg, const char *snapshot, prepare_progress progress, void *context,
                            struct prepare_report *report, struct error *err)
{
    *report = (struct prepare_report){0};
    struct preparation p = {.progress = progress, .context = context, .report = report};
    struct network network = {0};
    struct turn_graph turns = {0};
    struct hierarchy *hierarchy = NULL;
    enum status status = build(&p, pg, &network, &turns, err);
    if (status == STATUS_OK) status = contract(&p, &network, &turns, &hierarchy, err);
    if (status != STATUS_OK) goto done;
    stage_begin(&p, PREPARE_WRITE);
    status = snapshot_write(snapshot, &network, &turns, hierarchy, err);
    if (status == STATUS_OK) status = note_state(pg, &network, &turns, report->built.islands, report->loaded.road_version, err);
    if (status != STATUS_OK) goto done;
    struct stat st;
    report->file_bytes = stat(snapshot, &st) == 0 ? (uint64_t)st.st_size : 0;
    report->nodes = network.node_count;
    report->roads = network.road_count;
    report->arcs = network.arc_count;
    report->turn_nodes = turns.node_count;
    report->turns = turns.turn_count;
    report->shortcuts = hierarchy->arc_count;
    snprintf(report->version, sizeof report->version, "%s", network.version);
    stage_end(&p, PREPARE_WRITE, report->file_bytes);
done:
    hierarchy_free(hierarchy);
    turn_graph_clear(&turns);
    network_clear(&network);
    return status;
}
