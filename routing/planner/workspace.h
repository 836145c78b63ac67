/* What every question to the planner begins with: the workspace of one thread and the request compiled. For the files of this room; callers see planner.h. */
#ifndef ROUTING_WORKSPACE_H
#define ROUTING_WORKSPACE_H

#include "routing/planner/planner.h"
#include "routing/search/search.h"
#include "routing/search/table_tree.h"

enum { SCRATCH_MAX = 1 << 30, ATTEMPTS_MAX = 5 * (CREDENTIALS_MAX + 2) /* two for each of lasting.h, in tables five */ };

/* How far the loose reading looks, and how far moments can be asked for. */
#define LOOSE_MS (24ll * 3600 * 1000)
#define EXACT_MS (4ll * 24 * 3600 * 1000)

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
    /* of the request at hand */
    const struct view *view;
    enum planner_mode mode;
    struct zone_binding *bindings[ATTEMPTS_MAX]; /* that its constraints hold */
    uint32_t binding_count;
};

/** Begins a question under `view`. */
void planner_begin(struct planner *p, const struct view *view, enum planner_mode mode);

/** Gives back what the question at hand took: metrics, bindings, scratch memory. */
void planner_done(struct planner *p);

/** What the request keeps away from, NULL if nothing; lives until planner_done. */
MUST_USE enum status planner_avoid(struct planner *p, const struct route_request *request, struct avoid_area **out,
                                   struct error *err);

/** Compiles the request; the loose reading lasts `loose_ms` and what is spent at calls or waiting. */
MUST_USE enum status planner_constraint(struct planner *p, const struct view *view, const struct route_request *request,
                                        int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err);

#endif
