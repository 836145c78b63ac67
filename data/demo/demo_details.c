#include "data/demo/demo_details.h"

#include "data/demo/demo_random.h"

#include <stdlib.h>

enum { PURPOSE_WEAK = 80, PURPOSE_WEIGHT, PURPOSE_LOW, PURPOSE_HEIGHT, PURPOSE_NARROW, PURPOSE_STREET, PURPOSE_TUNNEL,
       PURPOSE_SMALL, PURPOSE_TURN, PURPOSE_PLACE, PURPOSE_AXLE, PURPOSE_MOUNTAIN, PURPOSE_GATE };

static bool chance(const struct demo_model *m, unsigned purpose, uint64_t index, double p)
{
    return demo_unit(m->seed, purpose, index) < p;
}

static struct demo_point middle_of(const struct demo_model *m, const struct demo_road *r)
{
    struct demo_point p, tangent;
    const struct demo_point *points = m->points + r->first_point;

    demo_path_at(points, r->point_count, demo_path_length(points, r->point_count) / 2, &p, &tangent);
    return p;
}

/* The west and north of the prefecture are mountains. */
static bool mountainous(struct demo_point p)
{
    return p.x_m < -52000 || (p.y_m > 42000 && p.x_m < 40000) || (p.x_m > 80000 && p.y_m < -50000);
}

static void limit_bridge(const struct demo_model *m, uint64_t i, struct demo_road *r)
{
    static const uint32_t weak_kg[] = {10000, 15000, 20000, 30000}, county_kg[] = {20000, 30000, 40000};

    if (r->class >= ROAD_TERTIARY)
        r->limits[LIMIT_BRIDGE] = weak_kg[demo_pick(m->seed, PURPOSE_WEIGHT, i, 4)];
    else if (r->class == ROAD_SECONDARY && chance(m, PURPOSE_WEAK, i, 0.5))
        r->limits[LIMIT_BRIDGE] = county_kg[demo_pick(m->seed, PURPOSE_WEIGHT, i, 3)];
    else if (r->class == ROAD_PRIMARY && chance(m, PURPOSE_WEAK, i, 0.2))
        r->limits[LIMIT_BRIDGE] = 46000;
}

static void limit_underpass(const struct demo_model *m, uint64_t i, struct demo_road *r)
{
    static const uint32_t low_mm[] = {3200, 3500, 3800, 4000, 4200, 4500};

    if (r->class <= ROAD_TRUNK_LINK) r->limits[LIMIT_HEIGHT] = chance(m, PURPOSE_LOW, i, 0.3) ? 5000 : 0;
    else if (r->class <= ROAD_PRIMARY_LINK) r->limits[LIMIT_HEIGHT] = 4500;
    else if (chance(m, PURPOSE_LOW, i, 0.8))
        r->limits[LIMIT_HEIGHT] = low_mm[demo_pick(m->seed, PURPOSE_HEIGHT, i, 6)];
}

static void detail_road(const struct demo_model *m, uint64_t i, struct demo_road *r)
{
    struct demo_point p = middle_of(m, r);
    bool mountain = mountainous(p);

    if (r->crossing != DEMO_CROSSING_NONE && r->layer > 0) limit_bridge(m, i, r);
    if (r->crossing != DEMO_CROSSING_NONE && r->layer < 0) limit_underpass(m, i, r);
    if (mountain && r->class >= ROAD_TRUNK && !r->town && r->speed_kmh > 20) r->speed_kmh = (uint16_t)(r->speed_kmh * 8 / 10);
    if (r->class == ROAD_MOTORWAY && mountain && chance(m, PURPOSE_TUNNEL, r->line, 0.25)) {
        r->tunnel = true;
        r->layer = -1;
        r->hazmat_no = chance(m, PURPOSE_TUNNEL + 100, r->line, 0.15);
        r->speed_kmh = 70;
    }
    if (r->class == ROAD_UNCLASSIFIED && !r->bridge) {
        if (chance(m, PURPOSE_NARROW, i, 0.025)) r->limits[LIMIT_WIDTH] = 2200 + 100 * demo_pick(m->seed, PURPOSE_SMALL, i, 6);
        else if (mountain && chance(m, PURPOSE_NARROW + 100, i, 0.03)) r->limits[LIMIT_LENGTH] = 12000;
        else if (chance(m, PURPOSE_NARROW + 200, i, 0.02)) r->limits[LIMIT_GROSS_WEIGHT] = 20000;
    }
    if (r->class == ROAD_TERTIARY && !r->town && chance(m, PURPOSE_AXLE, i, 0.015)) r->limits[LIMIT_AXLE_LOAD] = 10000;
    if (r->class == ROAD_TERTIARY && !r->town && chance(m, PURPOSE_AXLE + 100, i, 0.006)) r->limits[LIMIT_AXLES] = 4;
    if (r->town) {
        if (r->class == ROAD_RESIDENTIAL) {
            if (chance(m, PURPOSE_STREET, i, 0.10)) r->lorry = ACCESS_NO;
            else if (chance(m, PURPOSE_STREET + 100, i, 0.10)) r->lorry = ACCESS_DESTINATION;
        }
        /* the Danjiangkou water source: no dangerous goods through the town of Xichuan */
        if (r->town == 7 && r->class <= ROAD_TERTIARY) r->hazmat_no = true;
    }
}

/* Roads by node (CSR), dropped ones left out. */
struct incidence {
    uint32_t *first, *items;
};

static enum status incidence_build(const struct demo_model *m, struct incidence *in, struct error *err)
{
    in->first = calloc(m->node_count + 2, sizeof *in->first);
    in->items = malloc((2 * m->road_count + 1) * sizeof *in->items);
    if (!in->first || !in->items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t r = 0; r < m->road_count; r++) {
        if (m->roads[r].dropped) continue;
        in->first[m->roads[r].from]++;
        in->first[m->roads[r].to]++;
    }
    for (size_t n = 0, sum = 0; n <= m->node_count; n++) {
        sum += in->first[n];
        in->first[n] = (uint32_t)sum;
    }
    for (size_t r = m->road_count; r-- > 0;) {
        if (m->roads[r].dropped) continue;
        in->items[--in->first[m->roads[r].from]] = (uint32_t)r;
        in->items[--in->first[m->roads[r].to]] = (uint32_t)r;
    }
    return STATUS_OK;
}

static bool leaves(const struct demo_road *r, uint32_t node)
{
    return (r->from == node && r->forward) || (r->to == node && r->backward);
}

static bool arrives(const struct demo_road *r, uint32_t node)
{
    return (r->to == node && r->forward) || (r->from == node && r->backward);
}

/* Direction in which a road leaves a node. */
static struct demo_point heading(const struct demo_model *m, const struct demo_road *r, uint32_t node)
{
    const struct demo_point *p = m->points + r->first_point;

    return r->from == node ? demo_direction(p[0], p[1])
                           : demo_direction(p[r->point_count - 1], p[r->point_count - 2]);
}

/* At a toll plaza nobody turns from the exit into the entry. */
static enum status restrict_plaza(struct demo_model *m, const struct incidence *in, uint32_t node, struct error *err)
{
    enum status s = STATUS_OK;

    for (uint32_t i = in->first[node]; s == STATUS_OK && i < in->first[node + 1]; i++)
        for (uint32_t k = in->first[node]; s == STATUS_OK && k < in->first[node + 1]; k++) {
            const struct demo_road *a = &m->roads[in->items[i]], *b = &m->roads[in->items[k]];

            if (a->ramp == DEMO_RAMP_EXIT && arrives(a, node) && b->ramp == DEMO_RAMP_ENTRY && leaves(b, node))
                s = demo_add_turn(m, (struct demo_turn){in->items[i], node, in->items[k], false, false}, err);
        }
    return s;
}

/* Some left turns off arterials are forbidden, some of them for lorries only; a few approaches must go straight on. */
static enum status restrict_crossing(struct demo_model *m, const struct incidence *in, uint32_t node, struct error *err)
{
    enum status s = STATUS_OK;

    for (uint32_t i = in->first[node]; s == STATUS_OK && i < in->first[node + 1]; i++) {
        uint32_t from = in->items[i], straight = UINT32_MAX, left = UINT32_MAX;
        struct demo_point in_dir;

        if (!arrives(&m->roads[from], node) || !chance(m, PURPOSE_TURN, from * 2ULL + (m->roads[from].to == node), 0.16)) continue;
        in_dir = heading(m, &m->roads[from], node);
        in_dir = (struct demo_point){-in_dir.x_m, -in_dir.y_m};
        for (uint32_t k = in->first[node]; k < in->first[node + 1]; k++) {
            struct demo_point out;
            double cross, dot;

            if (k == i || !leaves(&m->roads[in->items[k]], node)) continue;
            out = heading(m, &m->roads[in->items[k]], node);
            cross = in_dir.x_m * out.y_m - in_dir.y_m * out.x_m;
            dot = in_dir.x_m * out.x_m + in_dir.y_m * out.y_m;
            if (dot > 0.8) straight = in->items[k];
            else if (cross > 0.6) left = in->items[k];
        }
        if (left != UINT32_MAX && straight != UINT32_MAX) {
            bool only = chance(m, PURPOSE_TURN + 100, from, 0.15);

            s = demo_add_turn(m,
                              (struct demo_turn){from, node, only ? straight : left, only,
                                                 chance(m, PURPOSE_TURN + 200, from, 0.4)},
                              err);
        }
    }
    return s;
}

enum status demo_add_details(struct demo_model *m, struct error *err)
{
    struct incidence in = {0};
    enum status s = incidence_build(m, &in, err);

    for (size_t r = 0; s == STATUS_OK && r < m->road_count; r++)
        if (!m->roads[r].dropped) detail_road(m, r, &m->roads[r]);
    for (uint32_t n = 0; s == STATUS_OK && n < m->node_count; n++) {
        uint32_t degree = in.first[n + 1] - in.first[n], arterials = 0, trunks = 0;
        bool town = false, exit = false;

        if (m->nodes[n].dropped) continue;
        for (uint32_t i = in.first[n]; i < in.first[n + 1]; i++) {
            const struct demo_road *r = &m->roads[in.items[i]];

            town |= r->town != 0;
            arterials += r->class <= ROAD_TERTIARY && r->class > ROAD_MOTORWAY_LINK;
            trunks += r->class == ROAD_TRUNK || r->class == ROAD_PRIMARY;
            exit |= r->ramp == DEMO_RAMP_EXIT;
        }
        if (exit) s = restrict_plaza(m, &in, n, err);
        if (town && degree >= 4 && arterials >= 4) {
            m->nodes[n].signals = true;
            s = s == STATUS_OK ? restrict_crossing(m, &in, n, err) : s;
        }
        if (!town && degree >= 3 && trunks >= 2 && chance(m, PURPOSE_PLACE, n, 0.04)) m->nodes[n].turning_place = true;
    }
    free(in.first);
    free(in.items);
    return s;
}
