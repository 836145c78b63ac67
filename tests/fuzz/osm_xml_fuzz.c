/* Any bytes as an OpenStreetMap XML file: an error that names a place, or roads that the database would take: they end at
 * their nodes, never where they begin, with limits and speeds in range, and turns that join at their nodes. */
#include "data/osm/osm_build.h"
#include "data/osm/osm_xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_road(const struct osm_collection *c, const struct osm_built *b, const struct osm_built_road *r)
{
    const struct osm_road *road = &c->ways[r->way].road;

    if (r->from == r->to || r->place_count < 2 || r->from >= b->node_count || r->to >= b->node_count) abort();
    if (b->nodes[r->from].place != b->places[r->first_place] || b->nodes[r->to].place != b->places[r->first_place + r->place_count - 1]) abort();
    if (!road->forward && !road->backward) abort();
    for (uint32_t i = 0; i < r->place_count; i++) {
        struct point_e7 p = c->places[b->places[r->first_place + i]].point;

        if (abs(p.lon_e7) > LON_E7_MAX || abs(p.lat_e7) > LAT_E7_MAX) abort();
        if (i && memcmp(&p, &c->places[b->places[r->first_place + i - 1]].point, sizeof p) == 0) abort();
    }
    for (int d = 0; d < 2; d++)
        if (r->speed_kmh[d] < 1 || r->speed_kmh[d] > 130) abort();
    if (r->limits[LIMIT_HEIGHT] > 30000 || r->limits[LIMIT_AXLES] > 100 || r->limits[LIMIT_GROSS_WEIGHT] > 2000000) abort();
    if (road->layer < -20 || road->layer > 20) abort();
}

static bool at_node(const struct osm_built_road *r, uint32_t node)
{
    return r->from == node || r->to == node;
}

static void check_turn(const struct osm_built *b, const struct osm_built_turn *t)
{
    const struct osm_built_road *last = &b->roads[t->from];

    if (t->from >= b->road_count || t->to >= b->road_count || t->via_road_count > 8) abort();
    if (!t->lorry && !t->light && !t->hazmat) abort();
    if (!t->via_road_count && (!at_node(last, t->via_node) || !at_node(&b->roads[t->to], t->via_node))) abort();
    for (uint32_t i = 0; i < t->via_road_count; i++) {
        const struct osm_built_road *via = &b->roads[t->via_roads[i]];

        if (!at_node(via, last->from) && !at_node(via, last->to)) abort();
        last = via;
    }
    if (!at_node(&b->roads[t->to], last->from) && !at_node(&b->roads[t->to], last->to)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct import_report *report = calloc(1, sizeof *report);
    struct osm_collection c;
    struct osm_built built = {0};
    struct error err = ERROR_INIT;
    struct osm_handlers handlers;
    enum status s;

    if (!report || size > 1 << 18) {
        free(report);
        return 0;
    }
    osm_collection_init(&c, report);
    handlers = osm_collect_roads(&c);
    s = osm_xml_parse("fuzz", (const char *)data, size, &handlers, &err);
    if (s == STATUS_OK) s = osm_collect_prepare(&c, &err);
    handlers = osm_collect_nodes(&c);
    if (s == STATUS_OK) s = osm_xml_parse("fuzz", (const char *)data, size, &handlers, &err);
    if (s == STATUS_OK) s = osm_build(&c, &built, &err);
    if (s != STATUS_OK && !err.en[0]) abort();
    for (size_t r = 0; s == STATUS_OK && r < built.road_count; r++) check_road(&c, &built, &built.roads[r]);
    for (size_t t = 0; s == STATUS_OK && t < built.turn_count; t++) check_turn(&built, &built.turns[t]);
    osm_built_clear(&built);
    osm_collection_clear(&c);
    free(report);
    return 0;
}
