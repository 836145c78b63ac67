/* The schematic prefecture: county seats, towns with their ring roads, an outline of our own, county areas.
 *
 * Seats are public facts rounded to 0.01° (domain.md §4.4). Borders are not: counties are the Voronoi cells of the
 * seats inside an outline of our own, with borders bent by hash, so that no official line is drawn anywhere. */
#ifndef DATA_DEMO_DEMO_TERRITORY_H
#define DATA_DEMO_DEMO_TERRITORY_H

#include "data/demo/demo_model.h"

enum { DEMO_SEATS = 13, DEMO_TOWNS = 12, DEMO_RING_POINTS = 8 };

struct demo_seat {
    const char *code, *zh, *en;
    double lon_deg, lat_deg;
};
extern const struct demo_seat demo_seats[DEMO_SEATS];

/* A built-up place with a ring road: the prefecture city (first) and the eleven other seats. */
struct demo_town {
    const char *zh, *en;
    double lon_deg, lat_deg;
    double ring_m; /* half width of the ring road */
};
extern const struct demo_town demo_towns[DEMO_TOWNS];

struct demo_point demo_seat_point(unsigned seat);
struct demo_point demo_town_point(unsigned town);

/** The town's ring road as a convex octagon, scaled by `factor`. */
void demo_town_ring(unsigned town, double factor, struct demo_point ring[DEMO_RING_POINTS]);

/** The nearest seat's index: the county that a point is counted to (borders are bent, so up to 1 km off). */
unsigned demo_county_of(struct demo_point p);

/** Inside the outline (unbent). */
bool demo_territory_contains(struct demo_point p);

/** The county's area as a ring in 1e-7 degrees, first point not repeated; neighbours share every border point.
 *  `ring` must be empty. */
MUST_USE enum status demo_county_ring(unsigned seat, struct demo_path *ring, struct error *err);

#endif
