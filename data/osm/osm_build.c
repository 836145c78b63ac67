#include "data/osm/osm_build.h"

#include "data/import/road_defaults.h"
#include "data/osm/osm_turns.h"
#include "geo/geodesic.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPE_MAX = 60000, USES_MAX = 255 };

struct building {
    struct osm_collection *c;
    struct osm_built *out;
    uint32_t *alias;   /* per place: the place that stands for it */
    uint8_t *uses;     /* per place: how many road ends and passages, an end counts 2 unless it joins */
    uint8_t *ends;     /* per place: how many ways end there */
    uint32_t *node_of; /* per place: node + 1 */
    uint32_t *run;     /* one way's known places */
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void osm_built_clear(struct osm_built *built)
{
    free(built->roads);
    free(built->nodes);
    free(built->turns);
    free(built->places);
    free(built->way_first_road);
    *built = (struct osm_built){0};
}

static void *room(void *data, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 1024;
    void *bigger;

    if (count < *capacity) return data;
    if (wanted > UINT32_MAX) return NULL;
    bigger = realloc(data, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

enum status osm_built_add_turn(struct osm_built *built, const struct osm_built_turn *turn, struct error *err)
{
    void *bigger = room(built->turns, &built->turn_capacity, built->turn_count, sizeof *built->turns);

    if (!bigger) return no_memory(err);
    built->turns = bigger;
    built->turns[built->turn_count++] = *turn;
    return STATUS_OK;
}

static enum status add_node(struct osm_built *out, uint32_t place, uint32_t *node, struct error *err)
{
    void *bigger = room(out->nodes, &out->node_capacity, out->node_count, sizeof *out->nodes);

    if (!bigger) return no_memory(err);
    out->nodes = bigger;
    *node = (uint32_t)out->node_count;
    out->nodes[out->node_count++].place = place;
    return STATUS_OK;
}

static uint32_t root(uint32_t *alias, uint32_t i)
{
    while (alias[i] != i) i = alias[i] = alias[alias[i]];
    return i;
}

/* Consecutive nodes of a way at the very same position are one junction, otherwise the road between has no length. */
static void merge_places(struct building *b)
{
    struct osm_collection *c = b->c;

    for (uint32_t i = 0; i < c->node_index.count; i++) b->alias[i] = i;
    for (size_t w = 0; w < c->way_count; w++)
        for (uint32_t i = 1; i < c->ways[w].ref_count; i++) {
            uint32_t p = osm_id_map_find(&c->node_index, c->refs[c->ways[w].first_ref + i - 1]);
            uint32_t q = osm_id_map_find(&c->node_index, c->refs[c->ways[w].first_ref + i]);

            if (p == q || !c->places[p].known || !c->places[q].known) continue;
            if (c->places[p].point.lon_e7 != c->places[q].point.lon_e7 || c->places[p].point.lat_e7 != c->places[q].point.lat_e7) continue;
            p = root(b->alias, p);
            q = root(b->alias, q);
            if (p == q) continue;
            b->alias[p < q ? q : p] = p < q ? p : q;
            import_report_count(c->report, "two nodes at one place: taken as one", "way %" PRId64, c->ways[w].id);
        }
}

static void use(uint8_t *counter, unsigned by)
{
    *counter = (uint8_t)(*counter + by > USES_MAX ? USES_MAX : *counter + by);
}

/* Calls `visit` for each run of known places of a way (at least two). */
static enum status each_run(struct building *b, uint32_t w, bool report,
                            enum status (*visit)(struct building *b, uint32_t w, uint32_t count, struct error *err),
                            struct error *err)
{
    struct osm_collection *c = b->c;
    const struct osm_kept_way *way = &c->ways[w];
    uint32_t count = 0;
    enum status s = STATUS_OK;

    for (uint32_t i = 0; s == STATUS_OK && i <= way->ref_count; i++) {
        uint32_t place = OSM_NO_INDEX;
        bool known = false;

        if (i < way->ref_count) {
            place = osm_id_map_find(&c->node_index, c->refs[way->first_ref + i]);
            known = c->places[place].known;
            if (!known && report)
                import_report_count(c->report, "node of a way is not in the file: way cut there", "way %" PRId64 ", node %" PRId64, way->id,
                                    c->refs[way->first_ref + i]);
            place = root(b->alias, place);
        }
        if (known) {
            if (!count || b->run[count - 1] != place) b->run[count++] = place;
        } else {
            if (count >= 2) s = visit(b, w, count, err);
            else if (report && count == 1)
                import_report_count(c->report, "way with fewer than two places: left out", "way %" PRId64, way->id);
            count = 0;
        }
    }
    return s;
}

static enum status count_uses(struct building *b, uint32_t w, uint32_t count, struct error *err)
{
    (void)w, (void)err;
    for (uint32_t i = 0; i < count; i++) use(&b->uses[b->run[i]], 1);
    use(&b->uses[b->run[0]], 1);
    use(&b->uses[b->run[count - 1]], 1);
    use(&b->ends[b->run[0]], 1);
    use(&b->ends[b->run[count - 1]], 1);
    return STATUS_OK;
}

/* A barrier that cuts: inside one way, or where the ends of just two meet. On a real junction nobody put a block. */
static bool cuts(struct building *b, uint32_t place)
{
    bool junction = b->uses[place] != 1 && !(b->uses[place] == 4 && b->ends[place] == 2) && !(b->uses[place] == 2 && b->ends[place] == 1);

    return b->c->places[place].barrier != OSM_BARRIER_NONE && !junction;
}

static bool is_vertex(struct building *b, uint32_t place)
{
    const struct osm_place *p = &b->c->places[place];

    return b->uses[place] > 1 || cuts(b, place) || p->toll_booth || p->turning_place || p->limits_row;
}

static enum status node_for(struct building *b, uint32_t place, uint32_t *node, struct error *err)
{
    enum status s;

    if (cuts(b, place) && b->c->places[place].barrier == OSM_BARRIER_ALL) return add_node(b->out, place, node, err);
    if (b->node_of[place]) {
        *node = b->node_of[place] - 1;
        return STATUS_OK;
    }
    s = add_node(b->out, place, node, err);
    if (s == STATUS_OK) b->node_of[place] = *node + 1;
    return s;
}

static enum status add_road(struct building *b, uint32_t w, const uint32_t *places, uint32_t count, struct error *err)
{
    struct osm_built *out = b->out;
    const struct osm_road *road = &b->c->ways[w].road;
    struct osm_built_road built = {.way = w, .first_place = out->place_count, .place_count = count, .from_place = places[0],
                                   .to_place = places[count - 1], .speed_kmh = {road->speed_kmh[0], road->speed_kmh[1]}};
    void *bigger;
    enum status s = node_for(b, places[0], &built.from, err);

    if (s == STATUS_OK) s = node_for(b, places[count - 1], &built.to, err);
    if (s != STATUS_OK) return s;
    memcpy(built.limits, road->limits, sizeof built.limits);
    while (out->place_count + count > out->place_capacity) {
        bigger = room(out->places, &out->place_capacity, out->place_capacity, sizeof *out->places);
        if (!bigger) return no_memory(err);
        out->places = bigger;
    }
    memcpy(out->places + out->place_count, places, count * sizeof *places);
    out->place_count += count;
    bigger = room(out->roads, &out->road_capacity, out->road_count, sizeof *out->roads);
    if (!bigger) return no_memory(err);
    out->roads = bigger;
    out->roads[out->road_count++] = built;
    return STATUS_OK;
}

static enum status split(struct building *b, uint32_t w, uint32_t count, struct error *err)
{
    uint32_t first = 0;
    enum status s = STATUS_OK;

    for (uint32_t i = 1; s == STATUS_OK && i < count; i++) {
        uint32_t pieces;

        if (i + 1 < count && i - first < SHAPE_MAX && !is_vertex(b, b->run[i])) continue;
        /* a ring with one junction becomes two roads, so that no road ends where it begins */
        pieces = b->run[first] == b->run[i] && i - first >= 2 ? 2 : 1;
        if (b->run[first] == b->run[i] && pieces == 1) {
            first = i;
            continue;
        }
        if (pieces == 2) {
            uint32_t middle = first + (i - first) / 2;

            s = add_road(b, w, b->run + first, middle - first + 1, err);
            first = middle;
        }
        if (s == STATUS_OK) s = add_road(b, w, b->run + first, i - first + 1, err);
        first = i;
    }
    return s;
}

static int64_t length_mm(const struct building *b, const struct osm_built_road *r)
{
    int64_t mm = 0;

    for (uint32_t i = 1; i < r->place_count; i++)
        mm += geodesic_distance_mm(b->c->places[b->out->places[r->first_place + i - 1]].point,
                                   b->c->places[b->out->places[r->first_place + i]].point);
    return mm;
}

/* Ferries take their timetable's time: length of the whole way over the duration. */
static void time_ferries(struct building *b)
{
    const struct osm_built *out = b->out;

    for (uint32_t w = 0; w < b->c->way_count; w++) {
        uint32_t duration_s = b->c->ways[w].road.duration_s;
        int64_t mm = 0, kmh;

        if (!duration_s) continue;
        for (uint32_t r = out->way_first_road[w]; r < out->way_first_road[w + 1]; r++) mm += length_mm(b, &out->roads[r]);
        kmh = mm * 36 / ((int64_t)duration_s * 10000);
        kmh = kmh < 1 ? 1 : kmh > 60 ? 60 : kmh;
        for (uint32_t r = out->way_first_road[w]; r < out->way_first_road[w + 1]; r++)
            out->roads[r].speed_kmh[0] = out->roads[r].speed_kmh[1] = (uint16_t)kmh;
    }
}

/* Whether traffic may run along a road towards (or from) the place at one of its ends. */
static bool drives(const struct building *b, uint32_t road, uint32_t place, bool towards)
{
    const struct osm_built_road *r = &b->out->roads[road];
    const struct osm_road *tags = &b->c->ways[r->way].road;

    return (r->to_place == place && (towards ? tags->forward : tags->backward)) ||
           (r->from_place == place && (towards ? tags->backward : tags->forward));
}

/* What stands at a node applies to the shorter of the roads there: a height bar before a car park, not the street. */
static enum status apply_places(struct building *b, struct error *err)
{
    struct osm_built *out = b->out;
    uint32_t *at = calloc((size_t)b->c->node_index.count + 1, sizeof *at), *other = calloc((size_t)b->c->node_index.count + 1, sizeof *other);
    enum status s = at && other ? STATUS_OK : no_memory(err);

    for (uint32_t r = 0; s == STATUS_OK && r < out->road_count; r++)
        for (int end = 0; end < 2; end++) {
            uint32_t place = end ? out->roads[r].to_place : out->roads[r].from_place;

            if (!b->c->places[place].limits_row && b->c->places[place].barrier == OSM_BARRIER_NONE) continue;
            if (!at[place]) at[place] = r + 1;
            else if (at[place] != r + 1 && !other[place]) other[place] = r + 1;
        }
    for (uint32_t place = 0; s == STATUS_OK && place < b->c->node_index.count; place++) {
        const struct osm_place *p = &b->c->places[place];
        uint32_t chosen = at[place];

        if (!chosen) continue;
        if (p->limits_row) {
            if (other[place] && length_mm(b, &out->roads[other[place] - 1]) < length_mm(b, &out->roads[chosen - 1])) chosen = other[place];
            for (size_t k = 0; k < LIMIT_COUNT; k++) {
                uint32_t limit = b->c->limits[p->limits_row - 1][k], *now = &out->roads[chosen - 1].limits[k];

                if (limit && (!*now || limit < *now)) *now = limit;
            }
            import_report_count(b->c->report, "limit at a node: taken for the shorter road there", "node %" PRId64, b->c->node_index.ids[place]);
        }
        if (p->barrier == OSM_BARRIER_NONE) continue;
        if (!cuts(b, place)) {
            import_report_count(b->c->report, "barrier on a junction: taken as open", "node %" PRId64, b->c->node_index.ids[place]);
            continue;
        }
        if (p->barrier == OSM_BARRIER_ALL) {
            import_report_count(b->c->report, "barrier: roads end on both sides", "node %" PRId64, b->c->node_index.ids[place]);
        } else if (other[place]) {
            struct osm_built_turn turn = {.from = at[place] - 1, .to = other[place] - 1, .via_node = b->node_of[place] - 1, .lorry = true,
                                          .hazmat = true};

            import_report_count(b->c->report, "barrier closed to lorries: turn restriction", "node %" PRId64, b->c->node_index.ids[place]);
            for (int way = 0; s == STATUS_OK && way < 2; way++) {
                if (drives(b, turn.from, place, true) && drives(b, turn.to, place, false)) s = osm_built_add_turn(out, &turn, err);
                turn.from = other[place] - 1;
                turn.to = at[place] - 1;
            }
        }
    }
    free(at);
    free(other);
    return s;
}

enum status osm_build(struct osm_collection *c, struct osm_built *out, struct error *err)
{
    size_t places = (size_t)c->node_index.count + 1, longest = 1;
    struct building b = {.c = c, .out = out};
    enum status s = STATUS_OK;

    *out = (struct osm_built){0};
    for (size_t w = 0; w < c->way_count; w++)
        if (c->ways[w].ref_count > longest) longest = c->ways[w].ref_count;
    b.alias = malloc(places * sizeof *b.alias);
    b.uses = calloc(places, 1);
    b.ends = calloc(places, 1);
    b.node_of = calloc(places, sizeof *b.node_of);
    b.run = malloc(longest * sizeof *b.run);
    out->way_first_road = calloc(c->way_count + 1, sizeof *out->way_first_road);
    if (!b.alias || !b.uses || !b.ends || !b.node_of || !b.run || !out->way_first_road) {
        s = no_memory(err);
        goto done;
    }
    merge_places(&b);
    for (uint32_t w = 0; s == STATUS_OK && w < c->way_count; w++) s = each_run(&b, w, true, count_uses, err);
    for (uint32_t w = 0; s == STATUS_OK && w < c->way_count; w++) {
        out->way_first_road[w] = (uint32_t)out->road_count;
        s = each_run(&b, w, false, split, err);
        out->way_first_road[w + 1] = (uint32_t)out->road_count;
    }
    if (s == STATUS_OK) time_ferries(&b);
    if (s == STATUS_OK) s = apply_places(&b, err);
    if (s == STATUS_OK) s = osm_turns_resolve(c, b.alias, b.node_of, out, err);
done:
    free(b.alias);
    free(b.uses);
    free(b.ends);
    free(b.node_of);
    free(b.run);
    return s;
}
