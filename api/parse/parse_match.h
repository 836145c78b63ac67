/* The body of POST /v1/match. */
#ifndef API_PARSE_MATCH_H
#define API_PARSE_MATCH_H

#include "api/parse/parse_route.h"
#include "routing/match/match.h"

struct match_question {
    struct route_request constraints; /* its calls are not used; depart_ms: the first position's time */
    struct rules_demand demand;
    struct wire_form form;
    struct match_options options;
    uint32_t count;
    struct match_position *positions; /* in the arena */
};

/** {positions: [{location, at, accuracy_m}], max_gap_s (default 180), tidy (false), geometry, …constraints}. Times in all
 *  positions or in none, ascending, at most three days from the first to the last. WOULD_BLOCK as parse_route. */
MUST_USE enum status parse_match_text(const char *text, size_t length, const struct parse_setting *setting,
                                      struct match_question *out, struct error *err);

#endif
