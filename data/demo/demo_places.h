/* Hubs, transfer stations, rest areas and enterprises of the demo, each beside a road that a lorry may use.
 *
 * Which hubs exist is public (domain.md §4.6); where they lie here is schematic. */
#ifndef DATA_DEMO_DEMO_PLACES_H
#define DATA_DEMO_DEMO_PLACES_H

#include "data/demo/demo_model.h"

struct demo_facility {
    const char *id, *kind, *name, *name_en, *jurisdiction, *operator_id, *state;
    struct demo_point point;
    bool turning_place;
};

struct demo_enterprise {
    const char *id, *name, *name_en, *sector, *jurisdiction;
    struct demo_point point;
};

enum { DEMO_FACILITIES_MAX = 80, DEMO_ENTERPRISES_MAX = 20 };

struct demo_places {
    struct demo_facility facilities[DEMO_FACILITIES_MAX];
    struct demo_enterprise enterprises[DEMO_ENTERPRISES_MAX];
    size_t facility_count, enterprise_count;
};

/** Places everything on a generated model and declares turning places at its nodes. */
void demo_places_draw(struct demo_model *m, struct demo_places *places);

#endif
