/* What a lorry is taken to do on a road of each class when the source says nothing.
 *
 * The speeds are planning values for a laden articulated lorry on Chinese roads (the posted lorry limit of an
 * expressway is 100 km/h, article 78 of the implementing regulations of the road traffic law; planning takes 85).
 * They are one table so that imports, demo and documentation cannot differ. */
#ifndef DATA_ROAD_DEFAULTS_H
#define DATA_ROAD_DEFAULTS_H

#include "routing/network/network.h"

#include <stdbool.h>

struct road_default {
    uint16_t lorry_kmh;  /* free-flow speed of a lorry */
    uint16_t lorry_max_kmh; /* never faster than this, whatever a sign says */
    bool oneway;         /* one way unless tagged otherwise (motorways and their ramps) */
};

/** The row of a class. Never NULL for a valid class. Any thread. */
const struct road_default *road_default_get(enum road_class class);

/** The class's database spelling; never NULL. A copy of the field terms for the data folder's own use, so that the
 *  generators need nothing but the list. */
const char *road_default_code(enum road_class class);

/** min(posted, lorry default), at least 5 km/h; `posted_kmh` 0 = not posted. */
uint16_t road_default_speed_kmh(enum road_class class, double posted_kmh);

#endif
