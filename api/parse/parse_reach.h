/* The body of POST /v1/reach. */
#ifndef API_PARSE_REACH_H
#define API_PARSE_REACH_H

#include "api/parse/parse_route.h"
#include "routing/search/reach.h"

struct reach_question {
    struct route_request constraints; /* its calls are not used */
    struct rules_demand demand;
    struct wire_form form;
    struct call origin;
    bool by_distance, arcs;
    uint32_t width_mm;
    uint32_t limit_count;
    uint32_t limits[REACH_CONTOURS_MAX]; /* ms or mm, as given */
};

/** {origin, durations_s | distances_m, arcs (default false), width_m (default 200), …constraints}. WOULD_BLOCK as
 *  parse_route. */
MUST_USE enum status parse_reach(const struct json_at *root, const struct parse_setting *setting,
                                 struct reach_question *out, struct error *err);
MUST_USE enum status parse_reach_text(const char *text, size_t length, const struct parse_setting *setting,
                                      struct reach_question *out, struct error *err);

#endif
