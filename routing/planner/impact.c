#include "routing/planner/impact.h"

#include "routing/plan/plan_record.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"

#include <stdlib.h>
#include <string.h>

enum { LATE_MS = 60000 }; /* less than a minute is not a detour */

const char *impact_kind_code(enum impact_kind kind)
{
    static const char *const codes[IMPACT_KIND_COUNT] = {"unaffected", "detour", "broken"};
    return codes[kind];
}

/* ---- where rules act --------------------------------------------------------------------------------------- */

static bool named(const char *const *names, uint32_t count, const char *id)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], id) == 0) return true;
    return false;
}

/* Marks arcs of one version of the rules; returns how many are new. */
static uint32_t mark(const struct rules *r, uint32_t arc_count, const struct rule_names *names, uint8_t *marked)
{
    const struct rules_input *in = r->input;
    uint32_t fresh = 0;
#define MARK(arc) (fresh += !marked[arc], marked[arc] = 1)
    for (uint32_t z = 0; z < in->zone_count; z++) {
        if (!named(names->zones, names->zone_count, in->zones[z].id)) continue;
        for (uint32_t i = r->zone_first_arc[z]; i < r->zone_first_arc[z + 1]; i++) MARK(r->zone_arc[i]);
    }
    for (uint32_t i = 0; i < r->gate_arc_count; i++)
        if (named(names->checkpoints, names->checkpoint_count, in->checkpoints[r->gate_arcs[i].checkpoint].id)) MARK(r->gate_arcs[i].arc);
    for (uint32_t c = 0; c < in->closure_count; c++) {
        if (!named(names->closures, names->closure_count, in->closures[c].id)) continue;
        for (arc_id a = 0; a < arc_count; a++)
            for (uint32_t i = r->arc_first_closure[a]; i < r->arc_first_closure[a + 1]; i++)
                if (r->arc_closure[i] == c) MARK(a);
    }
#undef MARK
    return fresh;
}

enum status impact_arcs(const struct view *before, const struct view *after, const struct rule_names *names,
                        struct arena *arena, arc_id **arcs, uint32_t *count, struct error *err)
{
    uint32_t arc_count = before->base->network.arc_count;
    uint8_t *marked = arena_zero(arena, (size_t)arc_count + 1, 1);
    *count = 0;
    *arcs = NULL;
    if (marked == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t found = mark(before->rules, arc_count, names, marked) + mark(after->rules, arc_count, names, marked);
    *arcs = arena_zero(arena, (size_t)found + 1, sizeof **arcs);
    if (*arcs == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (arc_id a = 0; a < arc_count; a++)
        if (marked[a]) (*arcs)[(*count)++] = a;
    return STATUS_OK;
}

/* ---- a plan ------------------------------------------------------------------------------------------------ */

/* A question that has no answer now is broken by that; what is out of the question's hands ends the whole. */
static bool is_cause(enum status status)
{
    return status_http(status) == 422 || status_http(status) == 400;
}

enum status impact_plan(struct planner *p, const struct view *before, const struct view *after,
                        struct route_request *request, const struct plan *plan, const struct plan *as_before,
                        bool relaxing, struct arena *arena, struct impact *out, struct error *err)
{
    struct judgement then;
    struct answer answer;
    struct error why = ERROR_INIT;
    *out = (struct impact){.kind = IMPACT_UNAFFECTED, .cause = STATUS_OK};
    enum status status = planner_judge(p, after, request, plan, &out->why, err);
    if (status != STATUS_OK) return status;
    bool lawful = out->why.kind == OFFENCE_NONE;
    if (lawful && out->why.late_ms < LATE_MS && !relaxing) return STATUS_OK;
    request->want_geometry = request->want_steps = request->report_violations = false;
    request->corridor_mm = request->alternatives = 0;
    status = planner_route(p, after, request, PLANNER_BRIEF, arena, &answer, &why);
    out->settled = answer.settled;
    if (status != STATUS_OK && !is_cause(status)) {
        if (err) *err = why;
        return status;
    }
    if (status == STATUS_OK && answer.cause == STATUS_OK) {
        out->plan = answer.plans[0];
        out->duration_ms = (int64_t)out->plan->duration_ms - (int64_t)plan->duration_ms;
        out->distance_mm = (int64_t)out->plan->distance_mm - (int64_t)plan->distance_mm;
        bool differs = llabs(out->duration_ms) >= LATE_MS || llabs(out->distance_mm) >= 100000;
        out->kind = lawful && !differs ? IMPACT_UNAFFECTED : IMPACT_DETOUR;
    } else if (!lawful) {
        out->kind = IMPACT_BROKEN;
        out->cause = status == STATUS_OK ? answer.cause : status;
    }
    if (lawful) return STATUS_OK;
    status = planner_judge(p, before, request, as_before, &then, err);
    out->already = status == STATUS_OK && then.kind != OFFENCE_NONE;
    return status;
}

/* ---- a journey that is made every day ----------------------------------------------------------------------- */

/* The way there is into *plan; NULL with its cause where there is none. */
static enum status best_way(struct planner *p, const struct view *view, const struct route_request *request, struct arena *arena,
                            const struct plan **plan, enum status *cause, uint32_t *settled, struct error *err)
{
    struct answer answer = {0};
    struct error why = ERROR_INIT;
    *plan = NULL;
    enum status status = planner_route(p, view, request, PLANNER_BRIEF, arena, &answer, &why);
    *settled += answer.settled;
    if (status != STATUS_OK && !is_cause(status)) {
        if (err) *err = why;
        return status;
    }
    *cause = status == STATUS_OK ? answer.cause : status;
    if (*cause == STATUS_OK) *plan = answer.plans[0];
    return STATUS_OK;
}

/* Gates are named by their places in the rules: the same plan as other rules name them. */
static enum status under(const struct view *before, const struct view *after, const struct plan *plan, struct arena *arena,
                         struct plan **out, struct error *err)
{
    enum { RECORD_MAX = 64 << 20 };
    struct buffer record;
    buffer_init(&record, RECORD_MAX);
    plan_record_write(&record, before->rules->input, plan);
    enum status status = record.failed ? error_set(err, record.failed, MESSAGE_NO_MEMORY)
                                       : plan_record_read(record.data, record.length, &after->base->network, after->rules->input, arena, out, err);
    buffer_clear(&record);
    return status;
}

enum status impact_journey(struct planner *p, const struct view *before, const struct view *after, struct route_request *request,
                           bool relaxing, struct arena *arena, struct journey_impact *out, struct error *err)
{
    const struct plan *was;
    struct plan *now;
    uint32_t settled = 0;
    *out = (struct journey_impact){.impact = {.kind = IMPACT_UNAFFECTED, .cause = STATUS_OK}};
    request->want_geometry = request->want_steps = request->report_violations = false;
    request->corridor_mm = request->alternatives = 0;
    enum status status = best_way(p, before, request, arena, &was, &out->before, &settled, err);
    if (status == STATUS_OK && was) {
        status = under(before, after, was, arena, &now, err);
        if (status == STATUS_OK) status = impact_plan(p, before, after, request, now, was, relaxing, arena, &out->impact, err);
    } else if (status == STATUS_OK) {
        status = best_way(p, after, request, arena, &out->impact.plan, &out->impact.cause, &settled, err);
        out->opened = out->impact.plan != NULL;
        out->impact.already = !out->opened;
        if (!out->opened) out->impact.kind = IMPACT_BROKEN;
    }
    out->impact.settled += settled;
    return status;
}

/* ---- places ------------------------------------------------------------------------------------------------ */

enum status impact_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *seats, uint32_t seat_count, const struct call *places, uint32_t place_count, bool back,
                         struct arena *arena, uint32_t *soonest_ms, struct error *err)
{
    uint32_t *durations = arena_zero(arena, (size_t)seat_count * place_count + 1, sizeof *durations);
    if (durations == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memset(soonest_ms, 0xff, place_count * sizeof *soonest_ms);
    if (seat_count == 0 || place_count == 0) return STATUS_OK;
    enum status status = back ? planner_soonest(p, view, constraints, places, place_count, seats, seat_count, true, durations, err)
                              : planner_soonest(p, view, constraints, seats, seat_count, places, place_count, false, durations, err);
    for (size_t i = 0; i < (size_t)seat_count * place_count && status == STATUS_OK; i++) {
        size_t place = back ? i / seat_count : i % place_count;
        if (durations[i] < soonest_ms[place]) soonest_ms[place] = durations[i];
    }
    return status;
}
