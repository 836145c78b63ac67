#include "tests/property/oracle_match.h"

#include "geo/geodesic.h"
#include "geo/linear.h"

#include <stdlib.h>
#include <string.h>

enum { HERE_MAX = 128 };

struct here {
    arc_id arc;
    uint32_t offset_mm;
    uint64_t emission, cost; /* UINT64_MAX: not come to */
};

struct spot {
    struct here items[HERE_MAX];
    uint32_t count;
};

struct tracing {
    const struct base *base;
    const struct match_position *p;
    const struct match_options *options;
    struct spot *spots;      /* [count] */
    uint32_t *kept, kept_count; /* positions that have a spot */
    uint64_t *mm;            /* [arc] to its beginning */
};

static uint64_t sigma_of(const struct match_position *p)
{
    return p->sigma_mm ? p->sigma_mm : 1;
}

/* False: more roads are near than are looked at. */
static bool spot_fill(const struct base *base, struct point_mm at, uint64_t sigma, struct spot *s)
{
    const struct network *n = &base->network;
    uint64_t radius = 3 * sigma < MATCH_RADIUS_MIN_MM ? MATCH_RADIUS_MIN_MM : 3 * sigma;
    uint32_t roads = 0;
    s->count = 0;
    for (road_index road = 0; road < n->road_count; road++) {
        const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
        uint32_t points = n->road_first_shape[road + 1] - n->road_first_shape[road], places = 0;
        int64_t along = 0, whole = linear_length_mm(line, points), last = -1;
        for (uint32_t i = 0; i + 1 < points; along += linear_segment_mm(line[i], line[i + 1]), i++) {
            struct linear_position nearest;
            linear_nearest(line + i, 2, at, &nearest);
            if (nearest.distance2_mm2 > radius * radius || along + nearest.offset_mm == last) continue;
            last = along + nearest.offset_mm;
            if (places++ == 0) roads++;
            if (places > MATCH_PLACES_MAX || roads > MATCH_ROADS_MAX || s->count + 2 > HERE_MAX) return false;
            uint32_t offset = spatial_from_plane_mm(n, road, whole, last);
            uint64_t d = (uint64_t)nearest.distance_mm;
            for (uint32_t way = 0; way < 2; way++)
                if (n->road_arc[2 * road + way] != NO_ARC)
                    s->items[s->count++] = (struct here){.arc = n->road_arc[2 * road + way],
                                                         .offset_mm = way ? n->road_length_mm[road] - offset : offset,
                                                         .emission = d * d / sigma * MATCH_BETA_MM / (2 * sigma)};
        }
    }
    return true;
}

uint64_t oracle_match_turn_mm(const struct base *base, arc_id from, arc_id to)
{
    const struct turn_graph *g = &base->turns;
    for (turn_id t = g->first_out[from]; t < g->first_out[from + 1]; t++)
        if (g->node_arc[g->head[t]] == to) return 0;
    return to == network_opposite(&base->network, from) ? MATCH_ROUND_MM : MATCH_FORBIDDEN_MM;
}

static void spread(struct tracing *x, const struct here *from)
{
    const struct network *n = &x->base->network;
    for (arc_id a = 0; a < n->arc_count; a++) x->mm[a] = UINT64_MAX;
    for (arc_id b = n->node_first_arc[n->arc_head[from->arc]]; b < n->node_first_arc[n->arc_head[from->arc] + 1]; b++)
        x->mm[b] = network_arc_length_mm(n, from->arc) - from->offset_mm + oracle_match_turn_mm(x->base, from->arc, b);
    for (bool more = true; more;) {
        more = false;
        for (arc_id a = 0; a < n->arc_count; a++)
            for (arc_id b = n->node_first_arc[n->arc_head[a]]; x->mm[a] != UINT64_MAX && b < n->node_first_arc[n->arc_head[a] + 1]; b++) {
                uint64_t mm = x->mm[a] + network_arc_length_mm(n, a) + oracle_match_turn_mm(x->base, a, b);
                if (mm < x->mm[b]) x->mm[b] = mm, more = true;
            }
    }
}

/* From one position to the next; false: there is no way. */
static bool join(struct tracing *x, uint32_t before, uint32_t next)
{
    const struct match_position *p = &x->p[before], *q = &x->p[next];
    uint64_t straight = (uint64_t)geodesic_distance_mm(p->point, q->point), limit = 3 * straight + 3000000;
    uint64_t jitter = 2 * ((uint64_t)p->sigma_mm + q->sigma_mm);
    bool joined = false;
    if (p->at_ms != MATCH_NO_TIME && (uint64_t)(q->at_ms - p->at_ms) * MATCH_SPEED_MAX_M_S + 1000000 < limit)
        limit = (uint64_t)(q->at_ms - p->at_ms) * MATCH_SPEED_MAX_M_S + 1000000;
    for (uint32_t k = 0; k < x->spots[next].count; k++) x->spots[next].items[k].cost = UINT64_MAX;
    for (uint32_t i = 0; i < x->spots[before].count; i++) {
        const struct here *f = &x->spots[before].items[i];
        if (f->cost == UINT64_MAX) continue;
        spread(x, f);
        for (uint32_t k = 0; k < x->spots[next].count; k++) {
            struct here *t = &x->spots[next].items[k];
            uint64_t mm = x->mm[t->arc] == UINT64_MAX ? UINT64_MAX : x->mm[t->arc] + t->offset_mm;
            if (f->arc == t->arc && t->offset_mm >= f->offset_mm) mm = t->offset_mm - f->offset_mm;
            else if (f->arc == t->arc && f->offset_mm - t->offset_mm <= jitter) mm = f->offset_mm - t->offset_mm; /* it stands */
            if (mm > limit) continue;
            uint64_t cost = f->cost + t->emission + (mm > straight ? mm - straight : straight - mm);
            if (cost < t->cost) t->cost = cost;
            joined = true;
        }
    }
    return joined;
}

static bool spots_fill(struct tracing *x, struct projection *projection, uint32_t count)
{
    struct error err = ERROR_INIT;
    uint32_t last = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        struct point_mm plane;
        if (x->options->tidy && last != UINT32_MAX &&
            geodesic_distance_mm(x->p[last].point, x->p[i].point) < 2 * (int64_t)x->p[i].sigma_mm)
            continue;
        last = i;
        if (projection_forward(projection, &x->p[i].point, 1, &plane, &err) != STATUS_OK ||
            !spot_fill(x->base, plane, sigma_of(&x->p[i]), &x->spots[i]))
            return false;
        if (x->spots[i].count > 0) x->kept[x->kept_count++] = i;
    }
    return true;
}

uint32_t oracle_match(const struct base *base, struct projection *projection, const struct match_position *positions, uint32_t count,
                      const struct match_options *options, struct oracle_matching *out)
{
    struct tracing x = {.base = base, .p = positions, .options = options, .spots = calloc(count, sizeof *x.spots),
                        .kept = calloc(count, sizeof *x.kept), .mm = calloc((size_t)base->network.arc_count + 1, sizeof *x.mm)};
    uint32_t found = spots_fill(&x, projection, count) ? 0 : UINT32_MAX;
    for (uint32_t begin = 0; found != UINT32_MAX && begin < x.kept_count;) {
        struct oracle_matching *m = &out[found];
        uint32_t next = begin, left_out = 0;
        bool whole = true;
        *m = (struct oracle_matching){.count = 1, .positions = {x.kept[begin]}, .cost = UINT64_MAX};
        struct spot *s = &x.spots[x.kept[begin]];
        for (uint32_t i = 0; i < s->count; i++) s->items[i].cost = s->items[i].emission;
        for (uint32_t i = begin + 1; i < x.kept_count && whole; i++) {
            uint32_t last = m->positions[m->count - 1], at = x.kept[i];
            bool pause = positions[at].at_ms != MATCH_NO_TIME && positions[at].at_ms - positions[last].at_ms > options->gap_ms;
            if (!pause && join(&x, last, at)) {
                m->positions[m->count++] = at;
                left_out = 0;
                continue;
            }
            if (left_out++ == 0) next = i; /* where another begins, if this one ends */
            whole = !pause && left_out <= MATCH_OUTLIERS_MAX && i + 1 < x.kept_count;
        }
        s = &x.spots[m->positions[m->count - 1]];
        for (uint32_t i = 0; i < s->count; i++)
            if (s->items[i].cost < m->cost) m->cost = s->items[i].cost;
        found += m->count > 1;
        begin = whole ? x.kept_count : next;
    }
    free(x.spots);
    free(x.kept);
    free(x.mm);
    return found;
}
