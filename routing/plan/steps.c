#include "routing/plan/steps.h"

#include "geo/geodesic.h"
#include "routing/network/turn_cost.h"

#include <string.h>

struct making {
    const struct constraint *c;
    const struct network *n;
    struct leg *leg;
    struct step *steps;
    uint32_t count;
};

static bool is_link(const struct network *n, road_index road)
{
    switch ((enum road_class)n->road_class[road]) {
    case ROAD_MOTORWAY_LINK:
    case ROAD_TRUNK_LINK:
    case ROAD_PRIMARY_LINK:
    case ROAD_SECONDARY_LINK:
    case ROAD_TERTIARY_LINK: return true;
    default: return false;
    }
}

static bool same_name(const struct network *n, road_index a, road_index b)
{
    if (a == b) return true;
    if (n->road_name[a] == n->road_name[b] && n->road_ref[a] == n->road_ref[b]) return is_link(n, a) == is_link(n, b);
    return strcmp(network_road_name(n, a), network_road_name(n, b)) == 0 &&
           strcmp(network_road_ref(n, a), network_road_ref(n, b)) == 0 && is_link(n, a) == is_link(n, b);
}

/* Roads that meet at a node. */
static uint32_t degree(const struct network *n, node_id node)
{
    uint32_t out = n->node_first_arc[node + 1] - n->node_first_arc[node], count = out;
    for (uint32_t i = n->node_first_in[node]; i < n->node_first_in[node + 1]; i++)
        if (network_opposite(n, n->in_arc[i]) == NO_ARC) count++;
    return count;
}

/* What the driver does from one arc to the next; MANEUVER_CONTINUE with `*told` false when nothing need be said. */
static enum maneuver maneuver_of(const struct network *n, arc_id from, arc_id to, bool *told)
{
    road_index a = n->arc_road[from], b = n->arc_road[to];
    bool fork = degree(n, n->arc_tail[to]) > 2;
    *told = true;
    if (from != to && a == b) return MANEUVER_UTURN;
    if ((n->road_flags[b] & ROAD_ROUNDABOUT) && !(n->road_flags[a] & ROAD_ROUNDABOUT)) return MANEUVER_ROUNDABOUT;
    if ((n->road_flags[b] & ROAD_ROUNDABOUT) && (n->road_flags[a] & ROAD_ROUNDABOUT)) {
        *told = false;
        return MANEUVER_CONTINUE;
    }
    if (n->road_class[a] == ROAD_MOTORWAY && is_link(n, b)) return MANEUVER_OFF_RAMP;
    if (is_link(n, a) && n->road_class[b] == ROAD_MOTORWAY) return MANEUVER_MERGE;
    enum turn_angle angle = turn_angle(n, from, to);
    *told = !same_name(n, a, b) || (fork && angle != TURN_STRAIGHT);
    switch (angle) {
    case TURN_RIGHT: return MANEUVER_RIGHT;
    case TURN_LEFT: return MANEUVER_LEFT;
    case TURN_SHARP_RIGHT: return MANEUVER_SHARP_RIGHT;
    case TURN_SHARP_LEFT: return MANEUVER_SHARP_LEFT;
    case TURN_ROUND: return MANEUVER_UTURN;
    default: return MANEUVER_CONTINUE;
    }
}

static int16_t bearing(const struct leg *leg, uint32_t at, bool after)
{
    uint32_t from = after ? at : at - 1;
    if ((!after && at == 0) || from + 1 >= leg->point_count) return 0;
    return (int16_t)((int)(geodesic_bearing_deg(leg->points[from], leg->points[from + 1]) + 0.5) % 360);
}

static struct step *step_add(struct making *x, enum maneuver maneuver, road_index road, uint32_t point)
{
    struct step *s = &x->steps[x->count++];
    *s = (struct step){.maneuver = maneuver, .road = road, .first_point = point, .gate = UINT32_MAX,
                       .bearing_before_deg = bearing(x->leg, point, false),
                       .bearing_after_deg = bearing(x->leg, point, true)};
    return s;
}

/* Drive and turn time of a hop, as far as it does not change with the rules; the leg's total is spread over the hops
 * in proportion, so that the steps add up to it. */
static uint64_t plain_ms(const struct constraint *c, const struct leg *leg, uint32_t hop)
{
    uint32_t length = network_arc_length_mm(c->n, leg->arcs[hop]);
    uint32_t from = hop == 0 ? leg->first_offset_mm : 0, to = hop + 1 == leg->arc_count ? leg->last_offset_mm : length;
    return length ? (uint64_t)constraint_arc_ms(c, leg->arcs[hop]) * (to - from) / length : 0;
}

bool steps_make(const struct constraint *c, struct leg *leg, const uint32_t *first_point, const uint32_t *gate_hop,
                struct arena *arena)
{
    const struct network *n = c->n;
    struct making x = {.c = c, .n = n, .leg = leg};
    x.steps = arena_zero(arena, (size_t)leg->arc_count + leg->gate_count + 2, sizeof *x.steps);
    if (!x.steps) return false;
    uint64_t plain = 0, driven = 0, told_ms = 0;
    for (uint32_t i = 0; i < leg->arc_count; i++) plain += plain_ms(c, leg, i);
    uint32_t gate = 0;
    struct step *step = step_add(&x, MANEUVER_DEPART, n->arc_road[leg->arcs[0]], 0);
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        road_index road = n->arc_road[leg->arcs[i]];
        bool told = false;
        enum maneuver maneuver = i > 0 ? maneuver_of(n, leg->arcs[i - 1], leg->arcs[i], &told) : MANEUVER_DEPART;
        while (gate < leg->gate_count && gate_hop[gate] == i) {
            const struct gate_passage *g = &leg->gates[gate];
            bool again = false; /* one who has inspected for another border here */
            for (uint32_t k = gate; k > 0 && gate_hop[k - 1] == i; k--) again = again || leg->gates[k - 1].checkpoint == g->checkpoint;
            if (!again) {
                step = step_add(&x, MANEUVER_GATE, road, first_point[i]);
                step->gate = gate;
            }
            step->duration_ms += g->wait_ms + g->inspection_ms;
            gate++;
        }
        uint32_t length = network_arc_length_mm(n, leg->arcs[i]);
        uint32_t from = i == 0 ? leg->first_offset_mm : 0, to = i + 1 == leg->arc_count ? leg->last_offset_mm : length;
        if (told && x.count == 1 && step->distance_mm == 0) { /* a start at a junction: depart on the road taken there */
            step->road = road;
            step->bearing_after_deg = bearing(leg, first_point[i], true);
            told = false;
        }
        if (told && i > 0 && to == from && i + 1 == leg->arc_count) told = false; /* an end at a junction */
        if (told) step = step_add(&x, maneuver, road, first_point[i]);
        step->distance_mm += to - from;
        driven += plain_ms(c, leg, i);
        uint64_t until = plain ? (uint64_t)leg->drive_ms * driven / plain : leg->drive_ms;
        step->duration_ms += (uint32_t)(until - told_ms);
        told_ms = until;
    }
    step_add(&x, MANEUVER_ARRIVE, n->arc_road[leg->arcs[leg->arc_count - 1]], leg->point_count - 1);
    for (uint32_t i = 0; i < x.count; i++) {
        uint32_t end = i + 1 < x.count ? x.steps[i + 1].first_point : leg->point_count - 1;
        x.steps[i].point_count = end - x.steps[i].first_point + 1;
    }
    leg->steps = x.steps;
    leg->step_count = x.count;
    return true;
}
