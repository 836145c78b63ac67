/* Areas of the demo's zones, and where roads cross their borders. */
#ifndef DATA_DEMO_DEMO_BORDER_H
#define DATA_DEMO_DEMO_BORDER_H

#include "data/demo/demo_model.h"

/* A place where a road passes the border of an area. */
struct demo_border_crossing {
    uint32_t road;
    struct demo_point border, outside; /* on the border; the place for a checkpoint, up to 150 m outside */
};

/** An irregular ring of 24 points about `radius_m` around a place. `ring` must be empty. */
MUST_USE enum status demo_blob(const struct demo_model *m, double lon_deg, double lat_deg, double radius_m,
                               struct demo_path *ring, struct error *err);

/** A band along the river between two latitudes, `half_m` to each side. */
MUST_USE enum status demo_river_band(double south_deg, double north_deg, double half_m, struct demo_path *ring,
                                     struct error *err);

/** WKT MULTIPOLYGON of one ring, in the model's arena. */
MUST_USE enum status demo_ring_wkt(struct demo_model *m, const struct demo_path *ring, const char **wkt,
                                   struct error *err);

/** Crossings of surface roads of class `worst` or better, best class first, at most `most`, one per road number and
 *  side of the area (at least 3 km apart). Returns how many. */
size_t demo_border_crossings(const struct demo_model *m, const struct demo_path *ring, enum road_class worst,
                             struct demo_border_crossing *out, size_t most);

#endif
