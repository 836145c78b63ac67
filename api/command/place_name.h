/* A place as it is written on the command line: "112.43,33.49" or the name of something in the database. A name is taken
 * when it is the beginning of one county seat's, or exactly one thing's, or finds one thing only. Whatever else it might
 * be is listed in the error: a wrong place is worse than none. */
#ifndef API_PLACE_NAME_H
#define API_PLACE_NAME_H

#include "data/pg/pg.h"
#include "geo/base/arena.h"

struct place_found {
    double lon_deg, lat_deg;
    const char *name; /* in the arena; NULL: coordinates were given */
};

/** NOT_FOUND, INVALID (several), those of place_search. */
MUST_USE enum status place_find(struct pg *pg, const char *text, struct arena *arena, struct place_found *out, struct error *err);

/** Whether `text` is two numbers with a comma between them. */
MUST_USE bool place_coordinates(const char *text, struct place_found *out);

#endif
