/* Two carriageways along a centre line, cut where ramps leave and join; stations, ends and expressway crossings.
 *
 * Chainage is metres along the centre line. Carriageway 0 runs with it on its right side, carriageway 1 against it on
 * the other. Ramps are cubic bends; a station is a plaza with one exit and one entry lane, each with its own booth
 * node, so that nothing turns from an exit into an entry without passing the booths. */
#ifndef DATA_DEMO_DEMO_INTERCHANGE_H
#define DATA_DEMO_DEMO_INTERCHANGE_H

#include "data/demo/demo_expressway.h"

enum { DEMO_CUTS_MAX = 200 };

struct demo_carriageways {
    const char *ref, *name;
    struct demo_path centre;
    double cuts_m[2][DEMO_CUTS_MAX]; /* chainages where carriageway 0, 1 has a node */
    size_t cut_count[2];
};

void demo_carriageways_clear(struct demo_carriageways *c);

/** A station at chainage `at_m` on the side of `target`. Fills point and outward of the plaza (its station is set). */
MUST_USE enum status demo_draw_station(struct demo_model *m, struct demo_carriageways *c, double at_m,
                                       struct demo_point target, struct demo_plaza *plaza, struct error *err);

/** The toll plaza at an end of the drawn expressway. */
MUST_USE enum status demo_draw_terminal(struct demo_model *m, struct demo_carriageways *c, bool at_start,
                                        struct demo_plaza *plaza, struct error *err);

/** Eight through ramps at every crossing of the two. */
MUST_USE enum status demo_draw_interchanges(struct demo_model *m, struct demo_carriageways *a,
                                            struct demo_carriageways *b, struct error *err);

/** The carriageways themselves, after everything that cuts them. */
MUST_USE enum status demo_draw_carriageways(struct demo_model *m, struct demo_carriageways *c, struct error *err);

#endif
