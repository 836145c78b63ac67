/* Why a lawful plan is longer than the way without rules: which rules, and by how much each.
 *
 *   lawful        the plan's journey: every rule kept
 *   unrestricted  the cheapest journey between the same places with every rule set aside (turn restrictions are part of
 *                 the network, the vehicle's own speed is part of the vehicle)
 *   rules         what the unrestricted journey breaks, what slows either of the two down or inspects on it, and what the
 *                 lawful one waits for
 *
 * Each rule is weighed twice, by a search of its own: alone set aside while all others bind (`without`), and alone left
 * in force while all the others of the list are set aside (`only`). Where two rules bar the same way, setting one aside
 * gains nothing, but each of them alone costs something: both figures are needed to say so. */
#ifndef ROUTING_DETOUR_H
#define ROUTING_DETOUR_H

#include "routing/plan/plan_build.h"
#include "routing/search/journey.h"

enum { DETOUR_RULES_MAX = 24, DETOUR_FOUND_MAX = 1024 };

enum detour_effect { DETOUR_FORBIDS, DETOUR_SLOWS, DETOUR_INSPECTS, DETOUR_WAITS };
const char *detour_effect_code(enum detour_effect effect);

struct detour_measure {
    uint64_t cost;        /* in the units of the preference */
    uint64_t duration_ms, distance_mm;
};

struct detour_rule {
    enum detour_effect effect;
    struct breach breach;
    struct conflict conflict; /* the same, as a caller reads it */
    struct detour_measure without; /* the best journey with this rule alone set aside */
    struct detour_measure only;    /* the best one with all the other rules of the list set aside */
};

struct detour {
    struct detour_measure lawful, unrestricted;
    struct detour_measure together; /* with the rules of the list set aside: the unrestricted one unless the list was cut */
    uint32_t found;                 /* rules found; DETOUR_FOUND_MAX: at least */
    uint32_t rule_count;            /* weighed: the first met, at most DETOUR_RULES_MAX; dearest first */
    const struct detour_rule *rules;
    const struct plan *plan;        /* the unrestricted journey, never issuable, with the rules of the list that it breaks */
};

struct detour_tools {
    struct search *search;
    struct query *query;
    struct plan_tools plan;
    const struct metric_source *free_metrics; /* of the free reading */
    uint32_t budget;
};

/** Weighs the rules for `lawful`, the journey of a plan under `c`, which has nothing set aside and is given back so.
 *  Everything of the answer lives in `arena`. `*settled` is added to; STATUS_SEARCH_BUDGET_EXCEEDED past the budget of
 *  all searches together. Two searches for each rule. */
MUST_USE enum status detour_find(struct constraint *c, const struct detour_tools *tools, const struct place *places,
                                 uint32_t place_count, struct journey *lawful, struct arena *arena, struct detour *detour,
                                 uint32_t *settled, struct error *err);

#endif
