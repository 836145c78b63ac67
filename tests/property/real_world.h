/* Worlds for the property tests on real roads: a piece of a real network (or all of it) under random rules, of a size that
 * matters there, with requests between places near one another, so that the plain oracle can follow. */
#ifndef TESTS_REAL_WORLD_H
#define TESTS_REAL_WORLD_H

#include "tests/property/real_source.h"
#include "tests/property/route_world.h"

struct real_options {
    bool timed;         /* schedules, opening hours and credentials that change while vehicles are under way */
    bool tolls;         /* the larger roads ask a toll; a tariff of its own */
    uint32_t roads_max; /* the piece grows from some road until it has so many */
    bool drawn_turns;   /* whom a turn restriction binds is drawn: nearly all that are mapped bind everybody */
    uint32_t zones, closures, posted;
    int32_t near_m;     /* rules and places lie so near a point of it; 0: anywhere */
};

struct real_world {
    struct route_world w;
    struct point_e7 focus;
    int32_t near_m;
    bool timed;
};

void real_world_make(struct real_world *r, const struct real_source *s, const struct real_options *o, uint64_t *random);
void real_world_clear(struct real_world *r);

/** A request (and its places as the oracle sees them). False where no places could be found that are on one road only. */
bool real_world_request(const struct real_world *r, uint64_t *random, struct route_request *q, struct oracle_place *places,
                        uint32_t *place_count);

/** An area of about this size there: a star, now and then with a star cut out. Owned by the caller. */
struct multipolygon real_world_area(uint64_t *random, struct point_e7 at, int32_t radius_m);

#endif
