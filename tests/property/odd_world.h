/* Random worlds under all that rules and requests can say beside what route_world draws: rules by subject, one after the other;
 * hours by weekday, kind of day and last digit of the plate, about midnight; bans on ramps, closures for some or lifted by
 * credentials; vehicles with plates and speed limits; bases, sides of roads, calls that fall together; with options.levels bridges and tunnels, and areas
 * that requests avoid. */
#ifndef TESTS_ODD_WORLD_H
#define TESTS_ODD_WORLD_H

#include "tests/property/route_world.h"

struct odd_world {
    struct route_world w;
    struct window zone_windows[WORLD_ZONES][2], rule_windows[WORLD_ZONES][2], closure_windows[WORLD_CLOSURES], gate_windows[WORLD_CHECKPOINTS];
    uint8_t day_kinds[6];
};

/** Cleared by route_world_clear(&o->w). */
void odd_world_make(struct odd_world *o, const struct world_options *options, uint64_t *random);

/** As route_world_request. */
bool odd_world_request(const struct odd_world *o, const struct world_options *options, uint64_t *random, struct route_request *request,
                       struct oracle_place *places, uint32_t *place_count);

#endif
