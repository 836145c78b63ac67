#include "data/osm/osm_collect.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void osm_collection_init(struct osm_collection *c, struct import_report *report)
{
    *c = (struct osm_collection){.report = report};
    arena_init(&c->arena, (size_t)16 << 30);
}

void osm_collection_clear(struct osm_collection *c)
{
    free(c->ways);
    free(c->refs);
    free(c->restrictions);
    free(c->relation_digests);
    free(c->places);
    free(c->limits);
    osm_id_map_clear(&c->way_index);
    osm_id_map_clear(&c->relation_index);
    osm_id_map_clear(&c->node_index);
    arena_clear(&c->arena);
    *c = (struct osm_collection){0};
}

/* Room for `more` elements behind `count`; NULL when memory is out. */
static void *room(void *data, size_t *capacity, size_t count, size_t more, size_t size)
{
    size_t wanted = *capacity ? *capacity : 1024;
    void *bigger;

    if (count + more <= *capacity) return data;
    while (wanted < count + more) wanted *= 2;
    bigger = realloc(data, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status nonsense(struct error *err, const char *what, int64_t id, const char *why)
{
    char text[160];

    snprintf(text, sizeof text, "%s %" PRId64 " %s", what, id, why);
    return error_set(err, STATUS_INVALID, MESSAGE_IMPORT_NONSENSE, text);
}

static void progress(struct osm_collection *c)
{
    if (++c->seen % 5000000 == 0 && c->progress) fprintf(stderr, "import: %" PRIu64 " objects\n", c->seen);
}

static void digest_tags(XXH3_state_t *state, struct osm_tags tags)
{
    for (size_t i = 0; i < tags.count; i++) {
        XXH3_64bits_update(state, tags.items[i].key, strlen(tags.items[i].key) + 1);
        XXH3_64bits_update(state, tags.items[i].value, strlen(tags.items[i].value) + 1);
    }
}

static enum status on_way(void *context, const struct osm_way *way, struct error *err)
{
    struct osm_collection *c = context;
    struct osm_kept_way kept = {.id = way->id, .first_ref = c->ref_count, .ref_count = (uint32_t)way->ref_count};
    XXH3_state_t *state;
    uint32_t index, before = c->way_index.count;
    bool is_road;
    void *bigger;
    enum status s;

    progress(c);
    c->report->input_ways++;
    s = osm_road_read(way, &c->arena, c->report, &kept.road, &is_road, err);
    if (s != STATUS_OK || !is_road) return s;
    state = XXH3_createState();
    if (!state) return no_memory(err);
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, way->refs, way->ref_count * sizeof *way->refs);
    digest_tags(state, way->tags);
    kept.digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    s = osm_id_map_add(&c->way_index, way->id, &index, err);
    if (s != STATUS_OK) return s;
    if (c->way_index.count == before) {
        if (c->ways[index].digest != kept.digest) return nonsense(err, "way", way->id, "occurs twice with different content");
        import_report_count(c->report, "object repeated with the same content: kept once", "way %" PRId64, way->id);
        return STATUS_OK;
    }
    if (way->ref_count > UINT32_MAX / 2) return nonsense(err, "way", way->id, "has too many nodes");
    bigger = room(c->ways, &c->way_capacity, c->way_count, 1, sizeof *c->ways);
    if (!bigger) return no_memory(err);
    c->ways = bigger;
    bigger = room(c->refs, &c->ref_capacity, c->ref_count, way->ref_count, sizeof *c->refs);
    if (!bigger) return no_memory(err);
    c->refs = bigger;
    c->ways[c->way_count++] = kept;
    if (way->ref_count) memcpy(c->refs + c->ref_count, way->refs, way->ref_count * sizeof *way->refs);
    c->ref_count += way->ref_count;
    return STATUS_OK;
}

static uint64_t relation_digest(const struct osm_relation *r)
{
    uint64_t d = r->member_count;

    for (size_t i = 0; i < r->member_count; i++) {
        d = XXH3_64bits_withSeed(r->members[i].role, strlen(r->members[i].role), d);
        d = XXH3_64bits_withSeed(&r->members[i].id, sizeof r->members[i].id, d);
    }
    for (size_t i = 0; i < r->tags.count; i++) {
        d = XXH3_64bits_withSeed(r->tags.items[i].key, strlen(r->tags.items[i].key), d);
        d = XXH3_64bits_withSeed(r->tags.items[i].value, strlen(r->tags.items[i].value), d);
    }
    return d;
}

static enum status on_relation(void *context, const struct osm_relation *relation, struct error *err)
{
    struct osm_collection *c = context;
    struct osm_restriction read[OSM_RESTRICTION_KINDS];
    uint32_t index, before = c->relation_index.count;
    uint64_t digest;
    unsigned count;
    void *bigger;
    enum status s;

    progress(c);
    c->report->input_relations++;
    s = osm_restriction_read(relation, &c->arena, c->report, read, &count, err);
    if (s != STATUS_OK || !count) return s;
    digest = relation_digest(relation);
    s = osm_id_map_add(&c->relation_index, relation->id, &index, err);
    if (s != STATUS_OK) return s;
    if (c->relation_index.count == before) {
        if (c->relation_digests[index] != digest) return nonsense(err, "relation", relation->id, "occurs twice with different content");
        import_report_count(c->report, "object repeated with the same content: kept once", "relation %" PRId64, relation->id);
        return STATUS_OK;
    }
    bigger = room(c->relation_digests, &c->relation_capacity, index, 1, sizeof *c->relation_digests);
    if (!bigger) return no_memory(err);
    c->relation_digests = bigger;
    c->relation_digests[index] = digest;
    bigger = room(c->restrictions, &c->restriction_capacity, c->restriction_count, count, sizeof *c->restrictions);
    if (!bigger) return no_memory(err);
    c->restrictions = bigger;
    memcpy(c->restrictions + c->restriction_count, read, count * sizeof *read);
    c->restriction_count += count;
    return STATUS_OK;
}

struct osm_handlers osm_collect_roads(struct osm_collection *c)
{
    return (struct osm_handlers){.way = on_way, .relation = on_relation, .context = c};
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct osm_kept_way *)a)->id, y = ((const struct osm_kept_way *)b)->id;

    return (x > y) - (x < y);
}

static int restriction_by_id(const void *a, const void *b)
{
    const struct osm_restriction *x = a, *y = b;

    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    if (x->lorry != y->lorry) return x->lorry ? -1 : 1;
    if (x->light != y->light) return x->light ? -1 : 1;
    if (!x->condition != !y->condition) return x->condition ? 1 : -1;
    return x->only - y->only;
}

enum status osm_collect_prepare(struct osm_collection *c, struct error *err)
{
    uint32_t index;
    enum status s = STATUS_OK;

    if (c->way_count) qsort(c->ways, c->way_count, sizeof *c->ways, by_id); /* the result must not depend on the order */
    if (c->restriction_count) qsort(c->restrictions, c->restriction_count, sizeof *c->restrictions, restriction_by_id);
    osm_id_map_clear(&c->way_index);
    for (size_t w = 0; s == STATUS_OK && w < c->way_count; w++) {
        s = osm_id_map_add(&c->way_index, c->ways[w].id, &index, err);
        for (uint32_t i = 0; s == STATUS_OK && i < c->ways[w].ref_count; i++)
            s = osm_id_map_add(&c->node_index, c->refs[c->ways[w].first_ref + i], &index, err);
    }
    if (s != STATUS_OK) return s;
    c->places = calloc((size_t)c->node_index.count + 1, sizeof *c->places);
    return c->places ? STATUS_OK : no_memory(err);
}

/* What a barrier does to lorries and light vehicles when it has no access tags. */
static enum osm_barrier barrier_default(const char *kind, bool *known)
{
    static const char *const closed[] = {"block", "bollard", "jersey_barrier", "planter", "log", "debris", "chain", "cycle_barrier", "motorcycle_barrier",
                                         "turnstile", "full-height_turnstile", "kissing_gate", "stile", "horse_stile", "bus_trap", "sump_buster",
                                         "bar", "barrier_board", "rope", "wall", "fence", "ditch", "guard_rail", "hedge", "spikes", "tank_trap",
                                         "wicket_gate", "step", "wedge"};
    static const char *const open[] = {"gate", "lift_gate", "swing_gate", "sliding_gate", "toll_booth", "border_control", "cattle_grid", "entrance",
                                       "kerb", "height_restrictor", "sally_port", "hampshire_gate", "checkpoint", "no", "yes", "rising_bollard",
                                       "police_checkpoint", "cable_barrier", "weighbridge", "coupure", "sliding_beam", "lych_gate", "guard_house"};

    *known = true;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        if (strcmp(kind, closed[i]) == 0) return OSM_BARRIER_ALL;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (strcmp(kind, open[i]) == 0) return OSM_BARRIER_NONE;
    *known = false;
    return OSM_BARRIER_NONE;
}

static void read_barrier(struct osm_collection *c, const struct osm_node *node, struct osm_place *place)
{
    const char *kind = osm_tag_get(node->tags, "barrier"), *highway = osm_tag_get(node->tags, "highway");
    struct osm_access access = {{ACCESS_YES, ACCESS_YES}, {ACCESS_YES, ACCESS_YES}};
    bool known = true;

    place->signals = highway && strcmp(highway, "traffic_signals") == 0;
    place->turning_place = highway && (strcmp(highway, "turning_circle") == 0 || strcmp(highway, "turning_loop") == 0);
    place->toll_booth = kind && strcmp(kind, "toll_booth") == 0;
    if (!kind) return;
    if (barrier_default(kind, &known) == OSM_BARRIER_ALL)
        access = (struct osm_access){{ACCESS_NO, ACCESS_NO}, {ACCESS_NO, ACCESS_NO}};
    if (!known) import_report_count(c->report, "barrier of an unknown kind: taken as open", "node %" PRId64 ": barrier=%s", node->id, kind);
    osm_access_resolve(node->tags, "node", node->id, c->report, &access);
    if (access.light[0] == ACCESS_NO && access.lorry[0] == ACCESS_NO) place->barrier = OSM_BARRIER_ALL;
    else if (access.lorry[0] == ACCESS_NO || (access.lorry[0] == ACCESS_DESTINATION && !place->toll_booth))
        place->barrier = OSM_BARRIER_LORRIES;
    if (access.lorry[0] == ACCESS_DESTINATION && !place->toll_booth)
        import_report_count(c->report, "barrier open for destination only: closed to lorries", "node %" PRId64 ": barrier=%s", node->id, kind);
}

static enum status on_node(void *context, const struct osm_node *node, struct error *err)
{
    struct osm_collection *c = context;
    uint32_t index = osm_id_map_find(&c->node_index, node->id), limits[LIMIT_COUNT] = {0};
    struct osm_place *place;
    struct point_e7 point;
    bool any = false;

    progress(c);
    c->report->input_nodes++;
    if (!(fabs(node->lon_deg) <= 180 && fabs(node->lat_deg) <= 90))
        return nonsense(err, "node", node->id, "lies outside of longitude −180..180, latitude −90..90");
    if (index == OSM_NO_INDEX) return STATUS_OK;
    place = &c->places[index];
    point = (struct point_e7){(int32_t)llround(node->lon_deg * 1e7), (int32_t)llround(node->lat_deg * 1e7)};
    if (place->known) {
        if (place->point.lon_e7 != point.lon_e7 || place->point.lat_e7 != point.lat_e7)
            return nonsense(err, "node", node->id, "occurs twice with different positions");
        import_report_count(c->report, "object repeated with the same content: kept once", "node %" PRId64, node->id);
        return STATUS_OK;
    }
    place->known = true;
    place->point = point;
    if (!node->tags.count) return STATUS_OK;
    read_barrier(c, node, place);
    osm_limits_read(node->tags, "node", node->id, false, c->report, limits, NULL);
    for (size_t i = 0; i < LIMIT_COUNT; i++) any |= limits[i] != 0;
    if (any) {
        void *bigger = room(c->limits, &c->limits_capacity, c->limits_count, 1, sizeof *c->limits);

        if (!bigger) return no_memory(err);
        c->limits = bigger;
        memcpy(c->limits[c->limits_count++], limits, sizeof limits);
        place->limits_row = (uint32_t)c->limits_count;
    }
    return STATUS_OK;
}

struct osm_handlers osm_collect_nodes(struct osm_collection *c)
{
    return (struct osm_handlers){.node = on_node, .context = c};
}

enum status osm_collect(const char *path, struct import_report *report, bool tell, struct osm_collection *out,
                        struct error *err)
{
    struct osm_handlers handlers;
    enum status s;

    osm_collection_init(out, report);
    out->progress = tell;
    if (tell) fprintf(stderr, "import: reading ways and restrictions\n");
    handlers = osm_collect_roads(out);
    s = osm_read(path, &handlers, err);
    if (s == STATUS_OK) s = osm_collect_prepare(out, err);
    if (s == STATUS_OK && tell) fprintf(stderr, "import: %zu roads; reading nodes\n", out->way_count);
    handlers = osm_collect_nodes(out);
    if (s == STATUS_OK) s = osm_read(path, &handlers, err);
    return s;
}
