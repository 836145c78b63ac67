/* What an impact question reads: stored plans in runs, places that may be cut off, capacities of checkpoints. */
#ifndef DATA_IMPACT_STORE_H
#define DATA_IMPACT_STORE_H

#include "data/plans/plan_store.h"
#include "geo/point.h"

enum { IMPACT_RUN_MAX = 500 };

/** Reads the plans of these numbers (ascending, at most IMPACT_RUN_MAX) that are still active, without their answers:
 *  `answer` is "" in each. In `arena`, in the order of numbers. */
MUST_USE enum status impact_plans(struct pg *pg, const int64_t *numbers, uint32_t count, struct arena *arena,
                                  struct stored_plan **out, uint32_t *out_count, struct error *err);

/* Which plans are on their way within a time. The caller fills in the first four. */
struct impact_window {
    const char *network_version;
    int64_t from_ms, until_ms; /* [from, until) */
    uint32_t most;             /* more plans than that are TOO_LARGE */
    int64_t *numbers;          /* of the active plans of that network, ascending, in the arena */
    uint32_t count;
    uint32_t other_network;    /* active plans of another network in that time */
    uint32_t broken;           /* plans that may not go as planned and would not have arrived by `from` */
};

/** Of the plans that `reader` may see. TOO_LARGE, NO_MEMORY. */
MUST_USE enum status impact_window_read(struct pg *pg, const struct plan_reader *reader, struct arena *arena,
                                        struct impact_window *window, struct error *err);

/* A place that supplies come from or go to. */
struct impact_place {
    const char *kind, *id, *name, *county;
    struct point_e7 point;
    bool source;       /* a county's seat */
    bool is_protected; /* cutting it off is a reason not to publish */
};

/** All of them, sources first, then by kind and id. `only_protected`: sources and protected ones. TOO_LARGE above 20,000. */
MUST_USE enum status impact_places(struct pg *pg, bool only_protected, struct arena *arena, struct impact_place **out,
                                   uint32_t *count, struct error *err);

/* How many vehicles a checkpoint lets through in an hour. */
struct impact_capacity {
    const char *id;
    int64_t per_hour;
};

MUST_USE enum status impact_capacities(struct pg *pg, struct arena *arena, struct impact_capacity **out, uint32_t *count,
                                       struct error *err);

#endif
