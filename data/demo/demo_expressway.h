/* The expressways of the demo: dual carriageways with stations in order and interchanges where two of them cross.
 *
 * Numbers, names and which counties they touch are public facts (domain.md §4.5); courses are schematic. Stations
 * become rows of demo_model.stations with entry and exit ramps through a toll plaza; crossings of two expressways
 * become eight through ramps. All of it is drawn as fixed lines. */
#ifndef DATA_DEMO_DEMO_EXPRESSWAY_H
#define DATA_DEMO_DEMO_EXPRESSWAY_H

#include "data/demo/demo_model.h"

/* Where a station's plaza meets the ordinary roads; connectors start here. */
struct demo_plaza {
    struct demo_point point, outward; /* outward: unit vector away from the carriageways */
    uint32_t station;                 /* index into demo_model.stations */
};

enum { DEMO_EXPRESSWAYS = 10, DEMO_PLAZAS_MAX = 100 };

/** Draws all of them; `plazas` receives a plaza per station, in the order of demo_model.stations. Surface lines must
 *  have been drawn before: a plaza lies on the side of the nearest one. */
MUST_USE enum status demo_draw_expressways(struct demo_model *m, struct demo_plaza plazas[DEMO_PLAZAS_MAX],
                                           size_t *plaza_count, struct error *err);

/** The nearest point on a surface line of class secondary or better; false if none is drawn. */
bool demo_nearest_surface(const struct demo_model *m, struct demo_point p, struct demo_point *nearest);

/** The name of a route, e.g. "沪陕高速"; NULL if unknown. */
const char *demo_route_name(const char *route);

#endif
