#include "routing/match/match.h"

#include "geo/geodesic.h"
#include "geo/linear.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/search/heap.h"

#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 2 * MATCH_ROADS_MAX * MATCH_PLACES_MAX, DETOUR_FACTOR = 3, DETOUR_MM = 3000000, SLACK_MM = 1000000 };

static const uint64_t NEVER = UINT64_MAX;

struct candidate {
    arc_id arc;
    uint32_t offset_mm, distance_mm;
    struct point_e7 point;
    uint64_t emission;
    uint64_t cost;      /* of the likeliest way here; NEVER: none */
    int8_t before;      /* candidate of the layer before; -1: the matching begins here */
};

struct layer {
    uint32_t position;
    uint32_t before;    /* layer that its ways come from; UINT32_MAX: a matching begins */
    uint32_t count, places;
    struct candidate items[CANDIDATES_MAX];
};

/* Dijkstra from one candidate: how far it is to the beginning of arcs. */
struct reach {
    uint64_t *start_mm; /* [arc] */
    arc_id *parent;     /* [arc] */
    uint32_t *stamp;    /* [arc] */
    uint32_t generation;
    struct heap heap;
};

struct matching_run {
    const struct network *n;
    const struct turn_graph *g;
    const struct match_position *positions;
    const struct match_options *options;
    struct layer *layers;
    uint32_t layer_count;
    struct reach reach;
    struct arena *arena;
    struct match_answer *answer;
    struct error *err;
};

/* ---- candidates -------------------------------------------------------------------------------------------------------- */

static void place_add(struct linear_position *places, uint32_t *count, struct linear_position p)
{
    uint32_t k = *count;
    for (; k > 0 && p.distance2_mm2 < places[k - 1].distance2_mm2; k--)
        if (k < MATCH_PLACES_MAX) places[k] = places[k - 1];
    if (k < MATCH_PLACES_MAX) places[k] = p;
    if (*count < MATCH_PLACES_MAX) (*count)++;
}

/* Where on a road the vehicle may be: on each of its segments within reach, nearest first. A corner that is the nearest of
 * both its segments counts once. */
static uint32_t places_on(const struct network *n, road_index road, struct point_mm at, uint64_t radius_mm,
                          struct linear_position out[MATCH_PLACES_MAX])
{
    const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
    uint32_t segments = n->road_first_shape[road + 1] - n->road_first_shape[road] - 1, count = 0;
    int64_t along = 0, last = -1;
    for (uint32_t i = 0; i < segments; i++) {
        int64_t length = linear_segment_mm(line[i], line[i + 1]);
        if (linear_segment_distance2(line[i], line[i + 1], at) <= radius_mm * radius_mm) {
            struct linear_position p;
            linear_nearest(line + i, 2, at, &p);
            p.offset_mm += along;
            if (p.offset_mm != last) place_add(out, &count, p);
            last = p.offset_mm;
        }
        along += length;
    }
    return count;
}

static enum status layer_fill(struct matching_run *x, const struct spatial *spatial, struct projection *projection,
                              uint32_t position, struct layer *layer)
{
    const struct network *n = x->n;
    const struct match_position *p = &x->positions[position];
    struct road_place roads[MATCH_ROADS_MAX];
    struct point_mm plane;
    *layer = (struct layer){.position = position, .before = UINT32_MAX};
    if (projection_forward(projection, &p->point, 1, &plane, NULL) != STATUS_OK) {
        error_set(x->err, STATUS_OUT_OF_RANGE, MESSAGE_CALL_OUTSIDE_NETWORK);
        error_pointer(x->err, "/positions/%u/location", position);
        return STATUS_OUT_OF_RANGE;
    }
    uint64_t sigma = p->sigma_mm ? p->sigma_mm : 1, radius = 3 * sigma;
    if (radius < MATCH_RADIUS_MIN_MM) radius = MATCH_RADIUS_MIN_MM;
    uint32_t road_count = spatial_nearest(spatial, plane, (uint32_t)radius, NULL, NULL, roads, MATCH_ROADS_MAX);
    for (uint32_t i = 0; i < road_count; i++) {
        road_index road = roads[i].road;
        struct linear_position places[MATCH_PLACES_MAX];
        uint32_t length = n->road_length_mm[road], count = places_on(n, road, plane, radius, places);
        int64_t whole = linear_length_mm(n->shape_plane + n->road_first_shape[road],
                                         n->road_first_shape[road + 1] - n->road_first_shape[road]);
        layer->places += count;
        for (uint32_t k = 0; k < count; k++)
            for (uint32_t way = 0; way < 2; way++) {
                arc_id a = n->road_arc[2 * (size_t)road + way];
                if (a == NO_ARC) continue;
                uint32_t offset = spatial_from_plane_mm(n, road, whole, places[k].offset_mm);
                uint64_t d = (uint64_t)places[k].distance_mm;
                if (way) offset = length - offset;
                layer->items[layer->count++] = (struct candidate){
                    .arc = a, .offset_mm = offset, .distance_mm = (uint32_t)d, .point = leg_arc_point(n, a, offset),
                    .cost = NEVER, .before = -1, .emission = d * d / sigma * MATCH_BETA_MM / (2 * sigma)};
            }
    }
    return STATUS_OK;
}

/* ---- ways between ------------------------------------------------------------------------------------------------------- */

static bool label_get(const struct reach *r, arc_id a, uint64_t *mm)
{
    if (r->stamp[a] != r->generation) return false;
    *mm = r->start_mm[a];
    return true;
}

static bool label_offer(struct reach *r, arc_id a, uint64_t mm, arc_id parent)
{
    if (r->stamp[a] == r->generation && r->start_mm[a] <= mm) return true;
    r->stamp[a] = r->generation;
    r->start_mm[a] = mm;
    r->parent[a] = parent;
    return heap_push(&r->heap, (struct heap_item){mm, a});
}

/* What a turn counts beside the way: nothing where it is lawful for some vehicle. */
static uint64_t turn_mm(const struct matching_run *x, arc_id a, arc_id b)
{
    const struct turn_graph *g = x->g;
    for (turn_id t = g->first_out[a]; t < g->first_out[a + 1]; t++)
        if (g->node_arc[g->head[t]] == b) return 0;
    return b == network_opposite(x->n, a) ? MATCH_ROUND_MM : MATCH_FORBIDDEN_MM;
}

static bool relax(struct matching_run *x, arc_id a, uint64_t end_mm, uint64_t limit_mm)
{
    const struct network *n = x->n;
    node_id v = n->arc_head[a];
    for (arc_id b = n->node_first_arc[v]; b < n->node_first_arc[v + 1]; b++) {
        uint64_t mm = end_mm + turn_mm(x, a, b);
        if (mm <= limit_mm && !label_offer(&x->reach, b, mm, a)) return false;
    }
    return true;
}

/* From a candidate until `wanted` of the arcs in `to` are settled or the limit is passed. */
static enum status spread(struct matching_run *x, const struct candidate *from, const struct layer *to, uint64_t limit_mm)
{
    struct reach *r = &x->reach;
    uint32_t left = 0;
    if (++r->generation == UINT32_MAX) {
        memset(r->stamp, 0, ((size_t)x->n->arc_count + 1) * sizeof *r->stamp);
        r->generation = 1;
    }
    r->heap.count = 0;
    left = to->count;
    bool room = relax(x, from->arc, network_arc_length_mm(x->n, from->arc) - from->offset_mm, limit_mm);
    while (room && r->heap.count > 0 && left > 0) {
        struct heap_item top = heap_pop(&r->heap);
        if (r->start_mm[top.node] != top.cost) continue;
        if (++x->answer->settled > x->options->budget)
            return error_set(x->err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, x->options->budget);
        if (x->answer->settled % 1024 == 0 && x->options->cancelled &&
            __atomic_load_n(x->options->cancelled, __ATOMIC_RELAXED))
            return error_set(x->err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        for (uint32_t i = 0; i < to->count; i++) left -= to->items[i].arc == top.node;
        room = relax(x, top.node, top.cost + network_arc_length_mm(x->n, top.node), limit_mm);
    }
    return room ? STATUS_OK : error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* By road from one candidate to another, after spread; NEVER: not within the limit. Standing still looks like going back
 * a little. */
static uint64_t road_mm(const struct matching_run *x, const struct candidate *from, const struct candidate *to, uint64_t jitter_mm)
{
    uint64_t mm;
    if (from->arc == to->arc && to->offset_mm >= from->offset_mm) return to->offset_mm - from->offset_mm;
    if (from->arc == to->arc && from->offset_mm - to->offset_mm <= jitter_mm) return from->offset_mm - to->offset_mm;
    return label_get(&x->reach, to->arc, &mm) ? mm + to->offset_mm : NEVER;
}

static uint64_t limit_of(const struct matching_run *x, uint32_t a, uint32_t b, uint64_t straight_mm)
{
    const struct match_position *p = &x->positions[a], *q = &x->positions[b];
    uint64_t limit = DETOUR_FACTOR * straight_mm + DETOUR_MM;
    if (p->at_ms != MATCH_NO_TIME) {
        uint64_t fastest = (uint64_t)(q->at_ms - p->at_ms) * MATCH_SPEED_MAX_M_S + SLACK_MM;
        if (fastest < limit) limit = fastest;
    }
    return limit;
}

/* Viterbi's step; `*joined` says whether any way leads from layer to layer. */
static enum status join(struct matching_run *x, struct layer *from, struct layer *to, bool *joined)
{
    uint64_t straight = (uint64_t)geodesic_distance_mm(x->positions[from->position].point, x->positions[to->position].point);
    uint64_t limit = limit_of(x, from->position, to->position, straight);
    uint64_t jitter = 2 * ((uint64_t)x->positions[from->position].sigma_mm + x->positions[to->position].sigma_mm);
    *joined = false;
    for (uint32_t k = 0; k < to->count; k++) to->items[k].cost = NEVER;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct candidate *f = &from->items[i];
        if (f->cost == NEVER) continue;
        enum status status = spread(x, f, to, limit);
        if (status != STATUS_OK) return status;
        for (uint32_t k = 0; k < to->count; k++) {
            struct candidate *t = &to->items[k];
            uint64_t mm = road_mm(x, f, t, jitter);
            if (mm > limit) continue;
            uint64_t cost = f->cost + t->emission + (mm > straight ? mm - straight : straight - mm);
            if (cost >= t->cost) continue;
            t->cost = cost;
            t->before = (int8_t)i;
            *joined = true;
        }
    }
    return STATUS_OK;
}

static void begin(struct layer *layer)
{
    layer->before = UINT32_MAX;
    for (uint32_t i = 0; i < layer->count; i++) {
        layer->items[i].cost = layer->items[i].emission;
        layer->items[i].before = -1;
    }
}

/* ---- the likeliest sequence ------------------------------------------------------------------------------------------------- */

struct piece_list {
    struct match_piece *items; /* malloc */
    uint32_t count, capacity;
};

static bool piece_add(struct piece_list *p, arc_id arc, uint32_t from_mm, uint32_t to_mm, uint32_t leg)
{
    if (p->count == p->capacity) {
        uint32_t more = p->capacity ? 2 * p->capacity : 256;
        struct match_piece *grown = realloc(p->items, more * sizeof *grown);
        if (!grown) return false;
        p->items = grown;
        p->capacity = more;
    }
    p->items[p->count++] = (struct match_piece){arc, from_mm, to_mm, leg};
    return true;
}

/* The way from one matched candidate to the next. */
static enum status leg_add(struct matching_run *x, const struct layer *from, const struct candidate *f, const struct layer *to,
                           const struct candidate *t, uint32_t leg, struct piece_list *pieces)
{
    uint64_t straight = (uint64_t)geodesic_distance_mm(x->positions[from->position].point, x->positions[to->position].point);
    if (f->arc == t->arc && t->offset_mm >= f->offset_mm)
        return piece_add(pieces, f->arc, f->offset_mm, t->offset_mm, leg) ? STATUS_OK
                                                                         : error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint64_t jitter = 2 * ((uint64_t)x->positions[from->position].sigma_mm + x->positions[to->position].sigma_mm);
    if (f->arc == t->arc && f->offset_mm - t->offset_mm <= jitter)
        return piece_add(pieces, f->arc, t->offset_mm, t->offset_mm, leg) ? STATUS_OK
                                                                         : error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = spread(x, f, to, limit_of(x, from->position, to->position, straight));
    if (status != STATUS_OK) return status;
    uint32_t first = pieces->count;
    bool room = piece_add(pieces, t->arc, 0, t->offset_mm, leg);
    /* a way round may come back to where it began: its first arc is the parent that has no label of its own, or one that
     * was reached later */
    for (arc_id a = t->arc; room;) {
        arc_id before = x->reach.parent[a];
        if (before == f->arc && x->reach.start_mm[a] ==
                                    network_arc_length_mm(x->n, f->arc) - f->offset_mm + turn_mm(x, f->arc, a))
            break;
        a = before;
        room = piece_add(pieces, a, 0, network_arc_length_mm(x->n, a), leg);
    }
    room = room && piece_add(pieces, f->arc, f->offset_mm, network_arc_length_mm(x->n, f->arc), leg);
    for (uint32_t i = first, k = pieces->count; room && i + 1 < k; i++) {
        struct match_piece swap = pieces->items[i];
        pieces->items[i] = pieces->items[--k];
        pieces->items[k] = swap;
    }
    return room ? STATUS_OK : error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* The matching that ends with layer `last`; of single points nothing is said. */
static enum status take(struct matching_run *x, uint32_t last, struct piece_list *pieces)
{
    uint32_t count = 0, best = 0, *chain, *chosen;
    const struct layer *end = &x->layers[last];
    for (uint32_t k = last; k != UINT32_MAX; k = x->layers[k].before) count++;
    if (count < 2) return STATUS_OK;
    for (uint32_t i = 1; i < end->count; i++)
        if (end->items[i].cost < end->items[best].cost) best = i;
    struct matching *m = &x->answer->matchings[x->answer->matching_count];
    uint32_t *positions = arena_take(x->arena, count * sizeof *positions);
    chain = arena_take(x->arena, count * sizeof *chain);
    chosen = arena_take(x->arena, count * sizeof *chosen);
    if (!positions || !chain || !chosen) return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *m = (struct matching){.point_count = count, .positions = positions, .cost = end->items[best].cost};
    for (uint32_t k = last, at = count; at-- > 0; k = x->layers[k].before) {
        chain[at] = k;
        chosen[at] = best;
        best = x->layers[k].items[best].before < 0 ? 0 : (uint32_t)x->layers[k].items[best].before;
    }
    pieces->count = 0;
    for (uint32_t at = 0; at < count; at++) {
        const struct layer *layer = &x->layers[chain[at]];
        const struct candidate *c = &layer->items[chosen[at]];
        positions[at] = layer->position;
        x->answer->points[layer->position] = (struct match_point){
            .matched = true, .matching = x->answer->matching_count, .index = at, .arc = c->arc, .offset_mm = c->offset_mm,
            .distance_mm = c->distance_mm, .alternatives = layer->places - 1, .snapped = c->point};
        if (at == 0) continue;
        const struct layer *from = &x->layers[chain[at - 1]];
        enum status status = leg_add(x, from, &from->items[chosen[at - 1]], layer, c, at - 1, pieces);
        if (status != STATUS_OK) return status;
    }
    m->piece_count = pieces->count;
    m->pieces = arena_copy(x->arena, pieces->items, (pieces->count + (size_t)!pieces->count) * sizeof *pieces->items);
    if (!m->pieces) return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < pieces->count; i++) m->distance_mm += pieces->items[i].to_mm - pieces->items[i].from_mm;
    m->confidence_permille = (uint32_t)(1000ull * MATCH_BETA_MM / (MATCH_BETA_MM + m->cost / count));
    x->answer->matching_count++;
    return STATUS_OK;
}

/* ---- the trace ------------------------------------------------------------------------------------------------------------- */

static bool pause_between(const struct matching_run *x, uint32_t a, uint32_t b)
{
    int64_t from = x->positions[a].at_ms, to = x->positions[b].at_ms;
    return from != MATCH_NO_TIME && to - from > x->options->gap_ms;
}

/* Layer after layer: joined to the last that holds, or left out for a while, or the beginning of the next matching. */
static enum status trace(struct matching_run *x, struct piece_list *pieces)
{
    uint32_t last = UINT32_MAX, doubtful = UINT32_MAX, left_out = 0;
    enum status status = STATUS_OK;
    for (uint32_t k = 0; k < x->layer_count && status == STATUS_OK; k++) {
        struct layer *layer = &x->layers[k];
        bool joined = false;
        if (last == UINT32_MAX) {
            begin(layer);
            last = k;
            continue;
        }
        bool pause = pause_between(x, x->layers[last].position, layer->position);
        if (!pause && (status = join(x, &x->layers[last], layer, &joined)) != STATUS_OK) break;
        if (joined) {
            layer->before = last;
            last = k;
            left_out = 0;
            doubtful = UINT32_MAX;
            continue;
        }
        if (doubtful == UINT32_MAX) doubtful = k;
        if (!pause && ++left_out <= MATCH_OUTLIERS_MAX && k + 1 < x->layer_count) continue;
        status = take(x, last, pieces); /* go on where doubt began */
        k = doubtful;
        begin(&x->layers[k]);
        last = k;
        left_out = 0;
        doubtful = UINT32_MAX;
    }
    return status == STATUS_OK && last != UINT32_MAX ? take(x, last, pieces) : status;
}

static enum status layers_fill(struct matching_run *x, const struct spatial *spatial, struct projection *projection,
                               uint32_t count)
{
    uint32_t kept = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const struct match_position *p = &x->positions[i];
        if (x->options->tidy && kept != UINT32_MAX &&
            geodesic_distance_mm(x->positions[kept].point, p->point) < 2 * (int64_t)p->sigma_mm)
            continue;
        enum status status = layer_fill(x, spatial, projection, i, &x->layers[x->layer_count]);
        if (status != STATUS_OK) return status;
        kept = i;
        if (x->layers[x->layer_count].count > 0) x->layer_count++; /* far from any road: nowhere */
    }
    return STATUS_OK;
}

enum status match_run(const struct base *base, struct projection *projection, const struct match_position *positions,
                      uint32_t count, const struct match_options *options, struct arena *arena, struct match_answer *answer,
                      struct error *err)
{
    const struct network *n = &base->network;
    struct matching_run x = {.n = n, .g = &base->turns, .positions = positions, .options = options, .arena = arena,
                             .answer = answer, .err = err};
    struct piece_list pieces = {0};
    size_t arcs = (size_t)n->arc_count + 1;
    *answer = (struct match_answer){.point_count = count};
    answer->points = arena_zero(arena, (size_t)count + 1, sizeof *answer->points);
    answer->matchings = arena_zero(arena, (size_t)count / 2 + 1, sizeof *answer->matchings);
    x.layers = calloc((size_t)count + 1, sizeof *x.layers);
    x.reach.start_mm = malloc(arcs * sizeof *x.reach.start_mm);
    x.reach.parent = malloc(arcs * sizeof *x.reach.parent);
    x.reach.stamp = calloc(arcs, sizeof *x.reach.stamp);
    enum status status = STATUS_OK;
    if (!answer->points || !answer->matchings || !x.layers || !x.reach.start_mm || !x.reach.parent || !x.reach.stamp)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) status = layers_fill(&x, base->spatial, projection, count);
    if (status == STATUS_OK) status = trace(&x, &pieces);
    free(x.layers);
    free(x.reach.start_mm);
    free(x.reach.parent);
    free(x.reach.stamp);
    heap_clear(&x.reach.heap);
    free(pieces.items);
    return status;
}
