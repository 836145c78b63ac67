/* Lanes: an enterprise's standing origin → destination with its vehicle (data/migrations/0033_lanes.sql).
 *
 * They are no rules: writing happens inside write_begin_aside (data/pg/write_pool.h), publishes nothing and holds up nobody
 * who does. Whoever may not see a lane gets the answer of one that is not there. */
#ifndef DATA_LANE_STORE_H
#define DATA_LANE_STORE_H

#include "data/plans/plan_store.h"
#include "data/rules/rule_store.h"
#include "geo/point.h"

/* What a list may be narrowed to. NULL: any. */
struct lane_filter {
    const char *company, *state, *county;
    const double *bbox; /* west, south, east, north of origin and destination together */
    const char *after;  /* cursor */
    unsigned limit;     /* 1..1000 */
};

/** Appends a FeatureCollection with `next`, by id, as it stood at `at_ms` (INT64_MIN: as it stands). */
MUST_USE enum status lane_list(struct pg *pg, const struct plan_reader *reader, int64_t at_ms, const struct lane_filter *filter,
                               struct buffer *out, struct error *err);

/** Appends one. `tag` receives its ETag. NOT_FOUND. */
MUST_USE enum status lane_read(struct pg *pg, const struct plan_reader *reader, const char *id, int64_t at_ms, struct buffer *out,
                               char tag[DESK_TAG_SIZE], struct error *err);

/** Appends {"versions":[…]}, newest first, at most 200, of those that the reader may see. NOT_FOUND. */
MUST_USE enum status lane_history(struct pg *pg, const struct plan_reader *reader, const char *id, struct buffer *out, struct error *err);

/** Looks one up for changing it and holds its row until the end of the transaction: its tag. NOT_FOUND. */
MUST_USE enum status lane_look(struct write_tx *tx, const struct plan_reader *reader, const char *id, char tag[DESK_TAG_SIZE],
                               struct error *err);

/** Makes (`id` NULL: with a new id, else with that one) or replaces a lane from its columns in JSON; `made` receives the id. Errors:
 *  INVALID with the database's reason, FORBIDDEN (it would lie outside the actor's county), CONFLICT (it is there already). */
MUST_USE enum status lane_put(struct write_tx *tx, const char *id, bool is_new, const char *columns, char made[DESK_ID_SIZE], struct error *err);

/** Deletes one that was looked up; the history keeps it. */
MUST_USE enum status lane_delete(struct write_tx *tx, const char *id, struct error *err);

/* A lane to be judged, in an arena. */
struct lane {
    const char *id, *name, *company, *county; /* county: "" for none */
    const char *vehicle;                      /* JSON */
    const char **credentials;                 /* types */
    uint32_t credential_count;
    struct point_e7 origin, destination;
    bool is_protected, loop;
    int departs_min;                          /* minutes after midnight; −1: at any time */
};

enum { LANES_MAX = 20000 };

/** The active lanes, by id. `reader` NULL: everybody's; `only_protected`: those that are. TOO_LARGE above LANES_MAX. */
MUST_USE enum status lanes_active(struct pg *pg, const struct plan_reader *reader, bool only_protected, struct arena *arena,
                                  struct lane **out, uint32_t *count, struct error *err);

#endif
