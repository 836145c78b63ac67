#include "tests/property/compare_reach.h"

#include "routing/planner/planner_reach.h"
#include "tests/property/compare_route.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool holds(const struct reach_contour *contour, const struct network *n, road_index road, uint32_t offset_mm)
{
    for (uint32_t i = 0; i < contour->part_count; i++) {
        const struct reach_part *p = &contour->parts[i];
        assert_true(p->from_mm < p->to_mm && p->to_mm <= network_arc_length_mm(n, p->arc));
        if (i > 0 && p[-1].arc == p->arc) assert_true(p[-1].to_mm < p->from_mm);
        if (i > 0) assert_true(p[-1].arc <= p->arc);
        if (n->arc_road[p->arc] != road) continue;
        uint32_t at = n->arc_reversed[p->arc] ? n->road_length_mm[road] - offset_mm : offset_mm;
        if (p->from_mm <= at && at <= p->to_mm) return true;
    }
    return false;
}

/* Somewhere, or within some centimetres of where a part of a contour begins or ends. */
static struct oracle_place some_target(const struct network *n, const struct reach_answer *a, uint64_t *random)
{
    const struct reach_contour *c = &a->contours[oracle_below(random, a->contour_count)];
    road_index road = oracle_below(random, n->road_count);
    uint32_t offset = oracle_below(random, n->road_length_mm[road] + 1);
    if (c->part_count > 0 && oracle_below(random, 3) == 0) {
        const struct reach_part *p = &c->parts[oracle_below(random, c->part_count)];
        int64_t away = 2 + (int64_t)oracle_below(random, 50); /* on a border itself one is on either side */
        int64_t at = (oracle_below(random, 2) ? p->from_mm : p->to_mm) + (oracle_below(random, 2) ? away : -away);
        road = n->arc_road[p->arc];
        if (at < 0) at = 0;
        if (at > n->road_length_mm[road]) at = n->road_length_mm[road];
        offset = (uint32_t)(n->arc_reversed[p->arc] ? n->road_length_mm[road] - at : at);
    }
    return (struct oracle_place){.road = road, .offset_mm = offset};
}

/* Where the place itself lies in a zone a call may be refused although the road beside it is outside. */
static bool in_a_zone(const struct route_world *w, struct point_e7 p)
{
    for (uint32_t z = 0; z < w->input.zone_count; z++) {
        enum rule_kind kind = w->zone_rules[z][0].kind;
        if ((kind == RULE_CLOSED || kind == RULE_THROUGH_ONLY) && route_area_holds(&w->zones[z].area, p)) return true;
    }
    return false;
}

void reach_compare(struct planner *p, const struct route_world *w, struct route_request *q, struct oracle_place origin, uint32_t unit,
                   uint32_t targets, uint32_t label_max, uint64_t *random, struct reach_tally *t, uint64_t seed)
{
    const struct network *n = &w->f.network;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct reach_answer a = {.contour_count = 3};
    bool by_distance = q->prefer == PREFER_DISTANCE;
    for (uint32_t k = 0; k < 3; k++)
        a.contours[k].limit = unit * (k + 1) + oracle_below(random, unit < 1000000 ? unit : 1000000);
    arena_init(&arena, 64 << 20);
    q->call_count = 2;
    q->loop = false;
    q->calls[0].service_ms = q->calls[1].service_ms = 0;
    origin.service_ms = 0;
    enum status status = planner_reach(p, w->view, q, &q->calls[0], by_distance, 200000, &arena, &a, &err);
    bool refused = status == STATUS_SNAP_TOO_FAR || status == STATUS_ORIGIN_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED ||
                   status == STATUS_TIME_WINDOW || status == STATUS_VEHICLE_LIMIT || status == STATUS_NO_OPEN_GATE ||
                   status == STATUS_CREDENTIAL_MISSING || status == STATUS_CREDENTIAL_EXPIRED_AT_GATE;
    if (refused) {
        t->refused++;
        if (status == STATUS_SNAP_TOO_FAR || in_a_zone(w, q->calls[0].point)) goto done;
        assert_true(strlen(err.en) > 30 && strlen(err.zh) > 30); /* says what is needed */
        a.exact = true;
    } else if (status != STATUS_OK) fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    t->inexact += !refused && !a.exact; /* where nothing was to be reached at all, nothing is */
    for (uint32_t i = 0; i < targets; i++) {
        struct oracle_place places[2] = {origin, some_target(n, &a, random)};
        const road_index road = places[1].road;
        const uint32_t offset = places[1].offset_mm;
        struct oracle_route o = {.n = n, .g = &w->f.turns, .rules = w->rules, .request = q,
                                 .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = label_max, .any_credentials = true, .in_mm = true};
        uint64_t expected = oracle_route_cost(&o, places, 2);
        t->skipped += expected == UINT64_MAX - 1;
        if (expected == UINT64_MAX - 1) continue;
        t->never += expected == UINT64_MAX;
        for (uint32_t k = 0; k < 3; k++) {
            bool in = holds(&a.contours[k], n, road, offset), should = expected <= a.contours[k].limit;
            if (in != should && (a.exact || in))
                fail_msg("seed %llu: road %u at %u mm is %s contour %u, the oracle needs %llu of %u (exact %d)",
                         (unsigned long long)seed, road, offset, in ? "in" : "not in", k, (unsigned long long)expected,
                         a.contours[k].limit, a.exact);
            t->in += in;
            t->out += !in;
            if (in && !route_area_holds(&a.contours[k].area, spatial_point_at(n, road, offset)))
                fail_msg("seed %llu: road %u at %u mm is not in the area of contour %u", (unsigned long long)seed, road,
                         offset, k);
        }
    }
done:
    reach_answer_clear(&a);
    arena_clear(&arena);
}
