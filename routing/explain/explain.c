#include "routing/explain/explain.h"

#include "routing/constraint/conflict.h"
#include "routing/explain/joined.h"

#include <string.h>

enum { CONFLICTS_MAX = 48 };

/* ---- feasibility ----------------------------------------------------------------------------------------------------- */

/* Are the calls lawful as things are lifted now? */
static bool calls_open(const struct constraint *c, const struct breach *refused, uint32_t place_count)
{
    for (uint32_t i = 0; refused && i < place_count; i++) {
        const struct breach *b = &refused[i];
        if (b->cause == STATUS_OK) continue;
        if (b->zone != UINT32_MAX ? !constraint_zone_lifted(c, b->zone)
            : b->closure != UINT32_MAX ? !constraint_bit(c->closure_lifted, b->closure)
                                       : !c->lift_avoid)
            return false;
    }
    return true;
}

/* Is there a lawful journey as things are lifted now? By search under the bound of the free reading: a metric of its
 * own for every subset that is tried would cost more than it saves. */
static enum status feasible(struct constraint *c, const struct explain_tools *tools, const struct place *places,
                            uint32_t place_count, const struct breach *refused, struct journey *j, uint32_t *settled,
                            bool *yes, struct error *err)
{
    bool late;
    *yes = false;
    if (!calls_open(c, refused, place_count)) return STATUS_OK;
    enum status status = journey_search(c, tools->search, tools->free_metrics, places, place_count, tools->budget, settled,
                                        j, &late, err);
    *yes = status == STATUS_OK && j->cost != UINT64_MAX;
    return status;
}

/* ---- causes --------------------------------------------------------------------------------------------------------- */

/* Order of decision (semantics, section 2): what decides first names the cause. */
static int rank(const struct constraint *c, const struct breach *b)
{
    switch (b->kind) {
    case CONFLICT_CLOSURE: return c->input->closures[b->closure].physical ? 0 : 2;
    case CONFLICT_LIMIT:
    case CONFLICT_ACCESS: return 1;
    case CONFLICT_ZONE: return 3;
    case CONFLICT_GATE:
    case CONFLICT_CREDENTIAL: return 4;
    default: return 5;
    }
}

/* Places are the calls and, in a closed loop, the base after them: that one counts as where the journey began. */
static enum status place_cause(uint32_t i, uint32_t call_count)
{
    return i == 0 || i >= call_count ? STATUS_ORIGIN_IN_CLOSED_ZONE
           : i + 1 == call_count     ? STATUS_DESTINATION_IN_CLOSED_ZONE
                                     : STATUS_STOP_IN_CLOSED_ZONE;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

/* The rules on the way of the relaxed journey, and those that refuse calls. */
static uint32_t collect(struct constraint *c, const struct place *places, uint32_t place_count,
                        const struct breach *refused, struct journey *j, struct broken *all)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < place_count; i++) {
        struct breach b = refused ? refused[i] : (struct breach){0};
        if (b.cause == STATUS_OK) { /* does something forbid the call at the time of the relaxed journey? */
            int64_t at = i == 0 ? j->legs[0].begin_ms : j->legs[i - 1].arrive_ms, never = TIME_OPEN;
            int64_t service = i == 0 ? 0 : i + 1 < place_count ? places[i].call->service_ms : c->request->stay_ms;
            if (j->cost == UINT64_MAX || constraint_call_open(c, places[i].at, false, at, at + service, &never, &b))
                continue;
        }
        if (b.cause == STATUS_DESTINATION_IN_CLOSED_ZONE) b.cause = place_cause(i, c->request->call_count);
        bool known = false;
        for (uint32_t k = 0; k < count; k++) known = known || conflict_same(&all[k].breach, &b);
        if (!known && count < CONFLICTS_MAX) all[count++] = (struct broken){b, places[i].call->point};
    }
    if (j->cost == UINT64_MAX) return count;
    struct broken way[CONFLICTS_MAX];
    uint32_t met = plan_breaches(c, places, j, way, CONFLICTS_MAX);
    for (uint32_t i = 0; i < met; i++) {
        bool known = false;
        for (uint32_t k = 0; k < count; k++) known = known || conflict_same(&all[k].breach, &way[i].breach);
        if (!known && count < CONFLICTS_MAX) all[count++] = way[i];
    }
    return count;
}

/* Drops every rule whose lifting is not needed. `*j` is the journey that is open then, `*found` whether there is one. */
static enum status reduce(struct constraint *c, const struct explain_tools *tools, const struct place *places,
                          uint32_t place_count, const struct breach *refused, struct journey *j, struct broken *all,
                          uint32_t *count, uint32_t *settled, bool *found, struct error *err)
{
    struct journey *tried = arena_zero(c->arena, 1, sizeof *tried);
    if (!tried) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < *count; i++) conflict_lift(c, &all[i].breach, true);
    bool yes = false;
    for (int round = 0; round < 8; round++) { /* a gate lifted may show a second one behind it */
        enum status status = feasible(c, tools, places, place_count, refused, j, settled, &yes, err);
        if (status != STATUS_OK) return status;
        if ((*found = yes)) break;
        status = journey_relaxed(c, tools->search, tools->free_metrics, places, place_count, tools->budget, settled, j, err);
        if (status != STATUS_OK) return status;
        if (j->cost == UINT64_MAX) break;
        struct broken more[CONFLICTS_MAX];
        uint32_t met = collect(c, places, place_count, NULL, j, more), added = 0;
        for (uint32_t k = 0; k < met && *count < CONFLICTS_MAX; k++) {
            bool known = false;
            for (uint32_t n = 0; n < *count; n++) known = known || conflict_same(&all[n].breach, &more[k].breach);
            if (known) continue;
            all[(*count)++] = more[k];
            conflict_lift(c, &more[k].breach, true);
            added++;
        }
        if (added == 0) break;
    }
    /* What one rule's lifting is needed for can go with another's: to come earlier is not always better under rules that
     * come and go. So each is tried again after one was dropped, until none can be. */
    for (uint32_t kept = 0, i = *count; kept < *count && *count > 1; i--) {
        if (i == 0) i = *count;
        conflict_lift(c, &all[i - 1].breach, false);
        enum status status = feasible(c, tools, places, place_count, refused, tried, settled, &yes, err);
        if (status != STATUS_OK) return status;
        if (yes) {
            *j = *tried;
            *found = true;
            memmove(&all[i - 1], &all[i], (*count - i) * sizeof *all);
            (*count)--;
            kept = 0;
        } else {
            conflict_lift(c, &all[i - 1].breach, true);
            kept++;
        }
    }
    return STATUS_OK;
}

enum status explain_run(struct constraint *c, const struct explain_tools *tools, const struct place *places,
                        uint32_t place_count, const struct breach *refused, struct arena *arena, struct answer *answer,
                        uint32_t *settled, struct error *err)
{
    struct journey *j = arena_zero(c->arena, 1, sizeof *j);
    struct broken *all = arena_zero(c->arena, CONFLICTS_MAX, sizeof *all);
    if (!j || !all) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = journey_relaxed(c, tools->search, tools->free_metrics, places, place_count, tools->budget, settled, j,
                                         err);
    if (status != STATUS_OK) return status;
    bool reachable = j->cost != UINT64_MAX, found = false;
    const bool beyond = reachable && j->cost % SEARCH_PRICE >= WEIGHT_INFINITY; /* each rule that it breaks costs that price */
    uint32_t count = collect(c, places, place_count, refused, j, all);
    answer->cause = STATUS_DISCONNECTED;
    if (reachable) {
        status = reduce(c, tools, places, place_count, refused, j, all, &count, settled, &found, err);
        if (status != STATUS_OK) return status;
        for (uint32_t i = 0; i < count; i++) conflict_lift(c, &all[i].breach, true); /* as they were */
    }
    struct conflict *conflicts = arena_zero(arena, count + 1, sizeof *conflicts);
    if (!conflicts) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    int best = 100;
    for (uint32_t i = 0; i < count; i++) {
        conflicts[i] = conflict_of(c, &all[i].breach, all[i].point);
        bool call = all[i].breach.cause == STATUS_ORIGIN_IN_CLOSED_ZONE ||
                    all[i].breach.cause == STATUS_STOP_IN_CLOSED_ZONE ||
                    all[i].breach.cause == STATUS_DESTINATION_IN_CLOSED_ZONE;
        int order = call ? -1 : rank(c, &all[i].breach);
        if ((reachable || call) && order < best) best = order, answer->cause = all[i].breach.cause;
    }
    answer->conflicts = conflicts;
    answer->conflict_count = count;
    if (!reachable) {
        bool joined = false;
        if (answer->cause == STATUS_DISCONNECTED) status = places_joined(c, places, place_count, &joined, err); /* is it so? */
        return joined ? error_set(err, STATUS_TOO_LARGE, MESSAGE_WAY_TOO_LONG) : status;
    }
    /* the journey that is open once these are lifted, with what it breaks while they are not */
    if (!found) status = feasible(c, tools, places, place_count, refused, j, settled, &found, err);
    if (status == STATUS_OK && beyond && (count == 0 || !found)) return error_set(err, STATUS_TOO_LARGE, MESSAGE_WAY_TOO_LONG);
    if (status == STATUS_OK && !found && count == 0) answer->cause = STATUS_TIME_WINDOW; /* that is lawful for who comes later than is looked for */
    if (status != STATUS_OK || !found) return status;
    struct plan *plan;
    status = plan_build(c, &tools->plan, places, place_count, j, MOVE_RELAX, arena, &plan, err);
    if (status != STATUS_OK) return status;
    plan->issuable = false;
    plan->violations = conflicts;
    plan->violation_count = count;
    answer->relaxed = plan;
    return STATUS_OK;
}
