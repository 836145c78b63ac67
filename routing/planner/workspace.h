/* What every question to the planner begins with: the workspace of one thread, metrics from the view's cache, and the request
 * compiled. For the files of this room; callers see planner.h. */
#ifndef ROUTING_WORKSPACE_H
#define ROUTING_WORKSPACE_H

#include "routing/planner/planner.h"
#include "routing/search/search.h"
#include "routing/search/table_tree.h"

enum { SCRATCH_MAX = 1 << 30, METRICS_MAX = 512, ATTEMPTS_MAX = 5 * (CREDENTIALS_MAX + 2) /* two for each of lasting.h, in tables five */ };

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
    weight *arc_weight, *weights; /* made on first use */
    uint8_t *penalty;             /* likewise */
    struct table_tree *tree;      /* likewise */
    /* of the request at hand */
    const struct view *view;
    enum planner_mode mode;
    struct shared_metric *metrics[METRICS_MAX];
    uint32_t metric_count;
    struct zone_binding *bindings[ATTEMPTS_MAX]; /* that its constraints hold */
    uint32_t binding_count;
    const void *signature; /* of the last metric */
    size_t signature_size;
};

/** Gives back what the question at hand took: metrics, bindings, scratch memory. */
void planner_done(struct planner *p);

/** A `struct metric_source` with the planner as context: the metric of the constraint's loose reading at its present leg, from
 *  the view's cache or made. It lives until planner_done. STATUS_WOULD_BLOCK in PLANNER_QUICK where it would have to be made. */
MUST_USE enum status planner_metric(void *planner, const struct constraint *c, const struct metric **out, struct error *err);

/** The same of the free reading: no rule but turn restrictions. */
MUST_USE enum status planner_metric_free(void *planner, const struct constraint *c, const struct metric **out,
                                         struct error *err);

/** What the request keeps away from, NULL if nothing; lives until planner_done. */
MUST_USE enum status planner_avoid(struct planner *p, const struct route_request *request, struct avoid_area **out,
                                   struct error *err);

/** Compiles the request; the loose reading lasts `loose_ms` and what is spent at calls or waiting. */
MUST_USE enum status planner_constraint(struct planner *p, const struct view *view, const struct route_request *request,
                                        int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err);

#endif
