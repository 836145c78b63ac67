/* From a journey to what a caller reads: legs with geometry, gates, zones, limits, steps, warnings, totals, corridor.
 * Everything is derived by driving the journey once more by the clock. */
#ifndef ROUTING_PLAN_BUILD_H
#define ROUTING_PLAN_BUILD_H

#include "geo/geos.h"
#include "routing/search/journey.h"

struct plan_tools {
    struct geos *geos;
    struct projection *projection;
};

enum { PLAN_DAYS_MAX = 49 }; /* its times are milliseconds in 32 bits */

/** Builds into `arena`. TOO_LARGE: it takes longer than PLAN_DAYS_MAX, or meets more of something than there is room for. With MOVE_RELAX the journey may break rules: then `breach` is called for each hop that does. */
MUST_USE enum status plan_build(struct constraint *c, const struct plan_tools *tools, const struct place *places,
                                uint32_t place_count, struct journey *j, enum move_reading reading, struct arena *arena,
                                struct plan **out, struct error *err);

/** The breaches of a relaxed journey in driving order, each once, with where it happens. At most `max`. */
struct broken {
    struct breach breach;
    struct point_e7 point;
};
uint32_t plan_breaches(struct constraint *c, const struct place *places, struct journey *j, struct broken *out,
                       uint32_t max);

#endif
