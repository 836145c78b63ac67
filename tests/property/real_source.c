#include "tests/property/real_source.h"

#include "data/osm/osm_build.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char *const files[] = {
    "osm/monaco.osm.pbf", "osm/liechtenstein.osm.pbf", "osm/baltimore.osm.pbf", "osm/oslo-east.osm.pbf",
    "osm/north-bayreuth.osm.gz", "osm/spo.osm.pbf", "osm/ny-access-restriction.osm.pbf", "osm/shanghai_center_2026.osm",
    "osm/shenzhen_2021_major.osm", "osm/andorra.osm.gz", "osm/porto.osm.pbf", "nanyang/nanyang_trunk_full.geojson",
    "nanyang/nanyang_trunk_simple.geojson"};

struct memory {
    struct osm_collection collection; /* names stay in its arena */
    struct osm_built built;
    struct import_report report;
    struct point_e7 *shape;
    int64_t (*via)[8];
};

uint32_t real_source_count(void)
{
    return sizeof files / sizeof *files;
}

const char *real_source_name(uint32_t file)
{
    return files[file];
}

static void *must(void *memory)
{
    assert_non_null(memory);
    return memory;
}

/* ---- OpenStreetMap, as data/import stores it and data/network reads it again -------------------------------------- */

static void take_roads(struct real_source *s, struct memory *m)
{
    const struct osm_built *b = &m->built;
    size_t points = 0;
    s->road_count = (uint32_t)b->road_count;
    s->roads = must(calloc(b->road_count + 1, sizeof *s->roads));
    m->shape = must(malloc((b->place_count + 1) * sizeof *m->shape));
    for (size_t r = 0; r < b->road_count; r++) {
        const struct osm_built_road *built = &b->roads[r];
        const struct osm_road *road = &m->collection.ways[built->way].road;
        struct road_row *row = &s->roads[r];
        *row = (struct road_row){.id = (int64_t)r + 1, .from_node = (int64_t)built->from + 1, .to_node = (int64_t)built->to + 1,
                                 .class = road->class, .name = road->name, .ref = road->ref, .forward = road->forward,
                                 .backward = road->backward, .speed_forward_kmh = built->speed_kmh[0],
                                 .speed_backward_kmh = built->speed_kmh[1], .access_lorry_forward = road->access.lorry[0],
                                 .access_lorry_backward = road->access.lorry[1], .access_light_forward = road->access.light[0],
                                 .access_light_backward = road->access.light[1], .layer = road->layer,
                                 .shape = m->shape + points, .shape_count = built->place_count};
        row->flags = (uint16_t)((road->bridge ? ROAD_BRIDGE : 0) | (road->tunnel ? ROAD_TUNNEL : 0) | (road->toll ? ROAD_TOLL : 0) |
                                (road->roundabout ? ROAD_ROUNDABOUT : 0) | (road->hazmat_no ? ROAD_HAZMAT_NO : 0));
        memcpy(row->limits, built->limits, sizeof row->limits);
        for (uint32_t k = 0; k < built->place_count; k++)
            m->shape[points++] = m->collection.places[b->places[built->first_place + k]].point;
    }
}

static void take_turns(struct real_source *s, struct memory *m)
{
    const struct osm_built *b = &m->built;
    s->turns = must(calloc(b->turn_count + 1, sizeof *s->turns));
    m->via = must(calloc(b->turn_count + 1, sizeof *m->via));
    for (size_t t = 0; t < b->turn_count; t++) {
        const struct osm_built_turn *turn = &b->turns[t];
        if (turn->condition) continue; /* kept for later, not binding yet */
        for (uint32_t k = 0; k < turn->via_road_count; k++) m->via[t][k] = (int64_t)turn->via_roads[k] + 1;
        s->turns[s->turn_count++] = (struct turn_restriction_row){
            .id = (int64_t)t + 1, .from_road = (int64_t)turn->from + 1, .via_node = (int64_t)turn->via_node + 1,
            .to_road = (int64_t)turn->to + 1, .via_roads = m->via[t], .via_road_count = turn->via_road_count, .only = turn->only,
            .subjects = (uint8_t)((turn->lorry ? TURN_LORRY : 0) | (turn->light ? TURN_LIGHT : 0) |
                                  (turn->hazmat ? TURN_HAZMAT : 0))};
    }
}

static void read_osm(struct real_source *s, struct memory *m, const char *path)
{
    struct error err = ERROR_INIT;
    enum status status = osm_collect(path, &m->report, false, &m->collection, &err);
    if (status == STATUS_OK) status = osm_build(&m->collection, &m->built, &err);
    if (status != STATUS_OK) fail_msg("%s: %s %s", path, err.en, err.log);
    take_roads(s, m);
    take_turns(s, m);
    s->node_count = (uint32_t)m->built.node_count;
    s->nodes = must(calloc(s->node_count + 1, sizeof *s->nodes));
    for (uint32_t i = 0; i < s->node_count; i++) {
        const struct osm_place *place = &m->collection.places[m->built.nodes[i].place];
        s->nodes[i] = (struct node_row){i + 1, (uint8_t)((place->turning_place ? NODE_TURNING_PLACE : 0) |
                                                         (place->signals ? NODE_SIGNALS : 0) |
                                                         (place->toll_booth ? NODE_TOLL_BOOTH : 0))};
    }
}

/* ---- the trunk roads of Nanyang: two-way, no limits --------------------------------------------------------------- */

static struct point_e7 position(const json_t *p)
{
    return (struct point_e7){(int32_t)lround(json_number_value(json_array_get(p, 0)) * 1e7),
                             (int32_t)lround(json_number_value(json_array_get(p, 1)) * 1e7)};
}

static void read_geojson(struct real_source *s, struct memory *m, const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error), *list = json_object_get(root, "features"), *f;
    size_t i, points = 0;
    if (!json_is_array(list)) fail_msg("%s: %s", path, error.text);
    json_array_foreach(list, i, f) points += json_array_size(json_object_get(json_object_get(f, "geometry"), "coordinates"));
    s->roads = must(calloc(json_array_size(list) + 1, sizeof *s->roads));
    m->shape = must(malloc((points + 1) * sizeof *m->shape));
    points = 0;
    json_array_foreach(list, i, f)
    {
        const json_t *about = json_object_get(f, "properties");
        const json_t *line = json_object_get(json_object_get(f, "geometry"), "coordinates");
        struct road_row row = {.id = s->road_count + 1, .from_node = json_integer_value(json_object_get(about, "source")) + 1,
                               .to_node = json_integer_value(json_object_get(about, "target")) + 1, .forward = true,
                               .backward = true, .shape = m->shape + points, .shape_count = (uint32_t)json_array_size(line)};
        const char *class = json_string_value(json_object_get(about, "class"));
        if (class && strcmp(class, "connector") == 0) class = "motorway_link";
        if (!class || !road_class_parse(class, &row.class)) fail_msg("%s: feature %zu: class", path, i);
        row.speed_forward_kmh = row.speed_backward_kmh = row.class == ROAD_MOTORWAY ? 85 : row.class == ROAD_TRUNK ? 70 : 60;
        if (row.class == ROAD_MOTORWAY) row.flags = ROAD_TOLL; /* as in life, though the file does not say so */
        for (uint32_t k = 0; k < row.shape_count; k++) m->shape[points++] = position(json_array_get(line, k));
        if (row.from_node > s->node_count) s->node_count = (uint32_t)row.from_node;
        if (row.to_node > s->node_count) s->node_count = (uint32_t)row.to_node;
        s->roads[s->road_count++] = row;
    }
    s->nodes = must(calloc(s->node_count + 1, sizeof *s->nodes));
    for (uint32_t k = 0; k < s->node_count; k++) s->nodes[k].id = k + 1;
    json_decref(root);
}

/* ---- either ------------------------------------------------------------------------------------------------------- */

static void find_neighbours(struct real_source *s)
{
    s->first_at = must(calloc(s->node_count + 3, sizeof *s->first_at));
    s->at = must(calloc(2 * (size_t)s->road_count + 1, sizeof *s->at));
    for (uint32_t r = 0; r < s->road_count; r++) s->first_at[s->roads[r].from_node + 2]++, s->first_at[s->roads[r].to_node + 2]++;
    for (uint32_t i = 1; i < s->node_count + 3; i++) s->first_at[i] += s->first_at[i - 1];
    for (uint32_t r = 0; r < s->road_count; r++) {
        s->at[s->first_at[s->roads[r].from_node + 1]++] = r;
        s->at[s->first_at[s->roads[r].to_node + 1]++] = r;
    }
}

bool real_source_open(struct real_source *s, const char *folder, uint32_t file)
{
    char path[1024];
    memset(s, 0, sizeof *s);
    if (!folder || snprintf(path, sizeof path, "%s/%s", folder, files[file]) >= (int)sizeof path) return false;
    if (access(path, R_OK) != 0) return false;
    struct memory *m = must(calloc(1, sizeof *m));
    s->name = files[file];
    s->memory = m;
    if (strstr(path, ".geojson")) read_geojson(s, m, path);
    else read_osm(s, m, path);
    find_neighbours(s);
    return true;
}

void real_source_close(struct real_source *s)
{
    struct memory *m = s->memory;
    if (m) {
        osm_built_clear(&m->built);
        osm_collection_clear(&m->collection);
        free(m->shape);
        free(m->via);
    }
    free(m);
    free(s->roads);
    free(s->nodes);
    free(s->turns);
    free(s->first_at);
    free(s->at);
    memset(s, 0, sizeof *s);
}
