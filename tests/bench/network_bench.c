/* How long it takes to build a network and its index, and to compile rules: anew, and when one zone of many changed.
 *
 *   network_bench [SIDE [ZONES]]      a grid of SIDE × SIDE crossings (default 500: a million arcs), 10,000 zones */
#include "routing/constraint/rules_compile.h"
#include "routing/network/network_build.h"
#include "routing/network/spatial.h"
#include "routing/network/turn_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double began;
static void report(const char *what)
{
    printf("%-44s %10.2f ms\n", what, now_ms() - began);
    began = now_ms();
}

static uint64_t random_state = 1;
static uint32_t below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

enum { STEP_E7 = 20000, LON_E7 = 1120000000, LAT_E7 = 325000000 };

static struct point_e7 crossing(int64_t x, int64_t y)
{
    return (struct point_e7){(int32_t)(LON_E7 + x * STEP_E7 + (x * 7919 + y * 104729) % 5000),
                             (int32_t)(LAT_E7 + y * STEP_E7 + (x * 15485863 + y * 32452843) % 5000)};
}

static void must(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    fprintf(stderr, "%s %s\n", err->en, err->log);
    abort();
}

static void add_road(struct network_builder *b, int64_t id, int64_t side, int64_t from, int64_t to)
{
    struct error err = ERROR_INIT;
    struct point_e7 a = crossing(from % side, from / side), c = crossing(to % side, to / side);
    struct point_e7 shape[4] = {a, {a.lon_e7 + (c.lon_e7 - a.lon_e7) / 3 + 300, a.lat_e7 + (c.lat_e7 - a.lat_e7) / 3 - 300},
                                {a.lon_e7 + (c.lon_e7 - a.lon_e7) / 3 * 2, a.lat_e7 + (c.lat_e7 - a.lat_e7) / 3 * 2}, c};
    struct road_row row = {.id = id, .from_node = from, .to_node = to, .class = ROAD_TERTIARY, .forward = true,
                           .backward = true, .speed_forward_kmh = 60, .speed_backward_kmh = 60, .name = "路",
                           .shape = shape, .shape_count = 4};
    must(network_builder_road(b, &row, &err), &err);
}

static void make_zone(struct zone *z, char *id, uint32_t number, uint32_t side)
{
    enum { POINTS = 40 };
    static struct zone_rule rule = {.kind = RULE_CLOSED};
    snprintf(id, 16, "z%u", number);
    *z = (struct zone){.id = id, .rule_count = 1, .rules = &rule};
    struct point_e7 centre = crossing(below(side), below(side));
    z->area = (struct multipolygon){.part_count = 1, .ring_count = 1, .point_count = POINTS + 1};
    z->area.part_first_ring = calloc(2, sizeof(uint32_t));
    z->area.ring_first_point = calloc(2, sizeof(uint32_t));
    z->area.points = calloc(POINTS + 1, sizeof(struct point_e7));
    if (!z->area.part_first_ring || !z->area.ring_first_point || !z->area.points) abort();
    z->area.part_first_ring[1] = 1;
    z->area.ring_first_point[1] = POINTS + 1;
    int32_t radius = 30000 + (int32_t)below(40000);
    for (int i = 0; i < POINTS; i++) { /* a diamond with dents */
        int32_t quarter = POINTS / 4, k = i % quarter, r = i % 2 ? radius : radius * 4 / 5;
        int32_t along = r * k / quarter, rest = r - along;
        int32_t dx = i / quarter == 0 ? rest : i / quarter == 1 ? -along : i / quarter == 2 ? -rest : along;
        int32_t dy = i / quarter == 0 ? along : i / quarter == 1 ? rest : i / quarter == 2 ? -along : -rest;
        z->area.points[i] = (struct point_e7){centre.lon_e7 + dx, centre.lat_e7 + dy};
    }
    z->area.points[POINTS] = z->area.points[0];
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct network_builder *b = NULL;
    struct network n;
    struct turn_graph g;
    struct network_build_report built;
    struct spatial *spatial = NULL;
    uint32_t side = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 500;
    uint32_t zones = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10000;

    began = now_ms();
    must(network_builder_new(&b, &err), &err);
    int64_t id = 0;
    for (int64_t y = 0; y < side; y++)
        for (int64_t x = 0; x < side; x++) {
            int64_t here = y * side + x;
            if (x + 1 < side) add_road(b, id++, side, here, here + 1);
            if (y + 1 < side) add_road(b, id++, side, here, here + side);
        }
    report("rows in");
    must(network_build(b, &n, &g, &built, &err), &err);
    report("network, turn graph, components, version");
    must(spatial_new(&n, &spatial, &err), &err);
    report("spatial index");
    printf("%u arcs, %u nodes, %u turns, %.1f MB\n", n.arc_count, n.node_count, g.turn_count,
           (double)(network_place(&n, NULL) + turn_graph_place(&g, NULL)) / 1e6);

    struct road_place places[4];
    enum { LOOKS = 100000 };
    uint64_t found = 0;
    began = now_ms();
    for (int i = 0; i < LOOKS; i++) {
        struct point_mm at = n.shape_plane[below(n.shape_count)];
        at.x_mm += (int32_t)below(100000) - 50000;
        at.y_mm += (int32_t)below(100000) - 50000;
        found += spatial_nearest(spatial, at, 500000, NULL, NULL, places, 4);
    }
    printf("%-44s %10.2f us each (%.1f found)\n", "four nearest places", (now_ms() - began) * 1e3 / LOOKS,
           (double)found / LOOKS);

    struct zone *list = calloc(zones + 1, sizeof *list);
    char (*ids)[16] = calloc(zones + 1, sizeof *ids);
    if (!list || !ids) abort();
    for (uint32_t i = 0; i < zones; i++) make_zone(&list[i], ids[i], i, side);
    struct rules_input input = {.version = 1, .zone_count = zones, .zones = list};
    struct rules *first = NULL, *second = NULL;
    began = now_ms();
    must(rules_compile(&n, spatial, &input, NULL, &first, &err), &err);
    report("rules anew");
    printf("%u zones, %u memberships\n", zones, first->member_count);
    for (int i = 0; i < (argc > 3 ? (int)strtol(argv[3], NULL, 10) : 3); i++) {
        multipolygon_clear(&list[zones / 2].area);
        make_zone(&list[zones / 2], ids[zones / 2], zones / 2, side);
        began = now_ms();
        must(rules_compile(&n, spatial, &input, first, &second, &err), &err);
        report("rules, one zone changed");
        rules_release(first);
        first = second;
    }
    rules_release(first);
    for (uint32_t i = 0; i < zones; i++) multipolygon_clear(&list[i].area);
    free(list);
    free(ids);
    spatial_free(spatial);
    network_clear(&n);
    turn_graph_clear(&g);
    network_builder_free(b);
    return 0;
}
