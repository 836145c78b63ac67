#include "data/osm/osm_turns.h"

#include <inttypes.h>

enum { VIA_MAX = 8 };

static const char missing_reason[] = "turn restriction names a way or node that is no road of the file: left out";
static const char apart_reason[] = "turn restriction whose members do not meet: left out";
static const char unclear_reason[] = "turn restriction that fits in more than one way: left out";
static const char long_reason[] = "turn restriction through more than 8 roads: left out";

struct span {
    uint32_t first, end; /* roads of a way, in its order */
};

static bool span_of(const struct osm_collection *c, const struct osm_built *built, int64_t way, struct span *out)
{
    uint32_t index = osm_id_map_find(&c->way_index, way);

    if (index == OSM_NO_INDEX) return false;
    *out = (struct span){built->way_first_road[index], built->way_first_road[index + 1]};
    return out->first < out->end;
}

static bool may(const struct osm_collection *c, const struct osm_built_road *r, bool forward)
{
    const struct osm_road *road = &c->ways[r->way].road;

    return forward ? road->forward : road->backward;
}

/* The road of a way by which traffic arrives at (or leaves) a node. Returns how many there are. */
static unsigned roads_at(const struct osm_collection *c, const struct osm_built *built, struct span span, uint32_t node,
                         bool arriving, uint32_t found[2])
{
    unsigned count = 0;

    for (uint32_t r = span.first; r < span.end && count < 2; r++) {
        const struct osm_built_road *road = &built->roads[r];
        bool at_end = road->to == node && may(c, road, arriving), at_start = road->from == node && may(c, road, !arriving);

        if (at_end || at_start) found[count++] = r;
    }
    return count;
}

/* The chain of roads of a via way from one node to another, in either direction; false if it does not join them. */
static bool chain(const struct osm_built *built, struct span span, uint32_t from, uint32_t *to, uint32_t *roads, uint32_t *count)
{
    uint32_t at = from, begin = *count;

    if (built->roads[span.first].from == from) {
        for (uint32_t r = span.first; r < span.end; r++) {
            if (built->roads[r].from != at || *count == VIA_MAX) break;
            roads[(*count)++] = r;
            at = built->roads[r].to;
        }
        if (at == built->roads[span.end - 1].to && *count - begin == span.end - span.first) {
            *to = at;
            return true;
        }
        *count = begin;
        at = from;
    }
    if (built->roads[span.end - 1].to != from) return false;
    for (uint32_t r = span.end; r-- > span.first;) {
        if (built->roads[r].to != at || *count == VIA_MAX) break;
        roads[(*count)++] = r;
        at = built->roads[r].from;
    }
    *to = at;
    return *count - begin == span.end - span.first;
}

static enum status add(struct osm_built *built, const struct osm_restriction *r, uint32_t from, uint32_t via_node, uint32_t to,
                       const uint32_t *via, uint32_t via_count, struct error *err)
{
    struct osm_built_turn turn = {.from = from, .via_node = via_node, .to = to, .via_road_count = via_count, .only = r->only,
                                  .lorry = r->lorry, .light = r->light, .hazmat = r->hazmat, .condition = r->condition, .relation = r->id};

    for (uint32_t i = 0; i < via_count; i++) turn.via_roads[i] = via[i];
    return osm_built_add_turn(built, &turn, err);
}

static void refuse(struct osm_collection *c, const char *reason, const struct osm_restriction *r)
{
    import_report_count(c->report, reason, "relation %" PRId64, r->id);
}

static enum status through_node(struct osm_collection *c, struct osm_built *built, const struct osm_restriction *r, struct span from,
                                struct span to, uint32_t node, struct error *err)
{
    uint32_t in[2], out[2];
    unsigned ins = roads_at(c, built, from, node, true, in), outs = roads_at(c, built, to, node, false, out);

    if (!ins || !outs) {
        refuse(c, apart_reason, r);
        return STATUS_OK;
    }
    /* a way that passes the node has two roads there: which one is meant cannot be told, except for turning back */
    if (r->u_turn && ins == 2 && outs == 2 && in[0] == out[0] && in[1] == out[1]) {
        enum status s = add(built, r, in[0], node, out[0], NULL, 0, err);

        return s == STATUS_OK ? add(built, r, in[1], node, out[1], NULL, 0, err) : s;
    }
    if (ins > 1 || outs > 1) {
        refuse(c, unclear_reason, r);
        return STATUS_OK;
    }
    return add(built, r, in[0], node, out[0], NULL, 0, err);
}

static enum status through_ways(struct osm_collection *c, struct osm_built *built, const struct osm_restriction *r, struct span from,
                                struct span to, struct error *err)
{
    uint32_t via[VIA_MAX], via_count = 0, in = 0, out = 0, best_via[VIA_MAX], best_count = 0;
    unsigned fits = 0;

    for (int end = 0; end < 2; end++) { /* the first via way may be entered at either end */
        struct span span;
        uint32_t at = 0, found_in[2], found_out[2];
        bool joined = true;

        via_count = 0;
        for (uint32_t v = 0; joined && v < r->via_way_count; v++) {
            if (!span_of(c, built, r->via_ways[v], &span)) {
                refuse(c, missing_reason, r);
                return STATUS_OK;
            }
            if (span.end - span.first > VIA_MAX - via_count) {
                refuse(c, long_reason, r);
                return STATUS_OK;
            }
            if (v == 0) {
                at = end ? built->roads[span.end - 1].to : built->roads[span.first].from;
                joined = roads_at(c, built, from, at, true, found_in) == 1;
            }
            if (joined) joined = chain(built, span, at, &at, via, &via_count);
        }
        if (!joined || roads_at(c, built, to, at, false, found_out) != 1) continue;
        fits++;
        in = found_in[0];
        out = found_out[0];
        best_count = via_count;
        for (uint32_t i = 0; i < via_count; i++) best_via[i] = via[i];
    }
    if (fits != 1) {
        refuse(c, fits ? unclear_reason : apart_reason, r);
        return STATUS_OK;
    }
    return add(built, r, in, 0, out, best_via, best_count, err);
}

enum status osm_turns_resolve(struct osm_collection *c, uint32_t *alias, const uint32_t *node_of, struct osm_built *built,
                              struct error *err)
{
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < c->restriction_count; i++) {
        const struct osm_restriction *r = &c->restrictions[i];
        uint32_t place = r->via_way_count ? 0 : osm_id_map_find(&c->node_index, r->via_node), node = 0;

        if (!r->via_way_count) {
            while (place != OSM_NO_INDEX && alias[place] != place) place = alias[place];
            if (place == OSM_NO_INDEX || !node_of[place]) {
                refuse(c, missing_reason, r);
                continue;
            }
            node = node_of[place] - 1;
        }
        for (uint32_t f = 0; s == STATUS_OK && f < r->from_count; f++)
            for (uint32_t t = 0; s == STATUS_OK && t < r->to_count; t++) {
                struct span from, to;

                if (!span_of(c, built, r->from[f], &from) || !span_of(c, built, r->to[t], &to)) {
                    refuse(c, missing_reason, r);
                    continue;
                }
                s = r->via_way_count ? through_ways(c, built, r, from, to, err) : through_node(c, built, r, from, to, node, err);
            }
    }
    return s;
}
