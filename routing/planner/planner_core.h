/* What every question to the planner needs, shared by the files of this folder and no business of anybody else's: the
 * workspace, and the request at hand compiled and put on the road.
 *
 * A question begins with planner_begin and ends with planner_done, which gives back all that it took. Its metrics come from
 * p->supply (metric_supply.h). */
#ifndef ROUTING_PLANNER_CORE_H
#define ROUTING_PLANNER_CORE_H

#include "routing/constraint/lasting.h"
#include "routing/planner/planner.h"
#include "routing/search/journey.h"
#include "routing/search/table_pairs.h"
#include "routing/search/table_shadow.h"

enum { PLANNER_SCRATCH_MAX = 1 << 30,
       PLANNER_ATTEMPTS_MAX = 5 * (CREDENTIALS_MAX + 2) /* two for each of lasting.h, in tables five */ };

/* How long the loose reading lasts, beyond the departure, services and waits. */
#define PLANNER_LOOSE_MS ((int64_t)24 * 3600 * 1000)

/** What moments can be asked for, beyond the same: longer than any journey takes. */
int64_t planner_exact_ms(const struct base *base);

struct planner {
    const struct base *base;
    struct query *query;
    struct search *search;
    struct projection *projection;
    struct geos *geos;
    struct checker *checker;
    struct pieces lorry, light;
    struct arena scratch;
    struct avoid_area avoid;
    struct metric_supply supply;
    uint8_t *penalty;        /* made on first use */
    struct table_tree *tree; /* likewise */
    struct table_pairs *pairs;
    struct table_shadow *shadow;
    /* of the request at hand */
    const struct view *view;
    enum planner_mode mode;
    struct rule_bindings bindings[PLANNER_ATTEMPTS_MAX]; /* that its constraints hold */
    uint32_t binding_count;
};

/** Begins a question under `view`, which lives until planner_done. */
void planner_begin(struct planner *p, const struct view *view, enum planner_mode mode);

/** Ends a question: gives back what it took. */
void planner_done(struct planner *p);

/** Arcs that a question may settle. */
static inline uint32_t planner_budget(const struct route_request *request)
{
    return request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT;
}

/** The area that the request avoids, projected and prepared; `*out` NULL if there is none. Lives until planner_done. */
MUST_USE enum status planner_avoid(struct planner *p, const struct route_request *request, struct avoid_area **out, struct error *err);

/** Compiles the request (constraint_init) with a loose reading of `loose_ms` and all that its services and waits take. Its end is
 *  planner_done; at most PLANNER_ATTEMPTS_MAX in one question. */
MUST_USE enum status planner_constrain(struct planner *p, const struct view *view, const struct route_request *request,
                                       int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err);

/* A request on its way to a journey. */
struct journeying {
    struct constraint c;
    struct place places[CALLS_MAX + 1];
    uint32_t place_count;
    struct breach refused[CALLS_MAX + 1];
    bool any_refused;
    struct journey journey;
};

/** Puts the calls (and, in a loop, the base) on the road. Where one is refused, `refused` says by what and it is put there all
 *  the same. Errors of place_snap point to the call. x->c is compiled. */
MUST_USE enum status planner_places(struct planner *p, const struct route_request *request, struct journeying *x, struct error *err);

/** Finds the journey in both tiers; x->journey.cost UINT64_MAX when there is none. `answer` counts; `*late`: it went past the
 *  loose interval. */
MUST_USE enum status planner_find(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                                  struct error *err);

#endif
