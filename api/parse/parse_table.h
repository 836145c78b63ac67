/* The bodies of POST /v1/matrix and POST /v1/snap. */
#ifndef API_PARSE_TABLE_H
#define API_PARSE_TABLE_H

#include "api/parse/parse_route.h"

/* Cells of one matrix, places on one side, places found by one snap. */
enum { TABLE_CELLS_MAX = 1000000, TABLE_SIDE_MAX = 10000, SNAP_COUNT_MAX = 100 };

struct table_question {
    struct route_request constraints; /* its calls are not used */
    struct rules_demand demand;
    struct wire_form form;
    uint32_t source_count, target_count;
    struct call *sources, *targets; /* in the arena; targets == sources when none were given */
    bool want_durations, want_distances;
};

/** {sources, targets (default: the sources), annotations, prefer, max_wait_s, …constraints}. */
MUST_USE enum status parse_table(const struct json_at *root, const struct parse_setting *setting,
                                 struct table_question *out, struct error *err);
MUST_USE enum status parse_table_text(const char *text, size_t length, const struct parse_setting *setting,
                                      struct table_question *out, struct error *err);

struct snap_question {
    struct vehicle vehicle;
    struct wire_form form;
    uint32_t location_count;
    bool listed;                /* `locations`, not `location` */
    struct point_e7 *locations; /* in the arena */
    uint32_t number;            /* of places wanted for each */
    uint32_t max_snap_mm;
    struct rules_demand demand;
};

/** {location | locations, vehicle, number, max_snap_m, crs, min_rules_version, max_rules_age_s, as_of}. */
MUST_USE enum status parse_snap(const struct json_at *root, const struct parse_setting *setting,
                                struct snap_question *out, struct error *err);
MUST_USE enum status parse_snap_text(const char *text, size_t length, const struct parse_setting *setting,
                                     struct snap_question *out, struct error *err);

#endif
