/* Where roads are: an index over the network for snapping and for compiling areas to arcs. Immutable, shared. */
#ifndef ROUTING_SPATIAL_H
#define ROUTING_SPATIAL_H

#include "geo/base/error.h"
#include "geo/rtree.h"
#include "routing/network/network.h"

struct spatial; /* opaque: geo/rtree over the boxes of roads (long roads by pieces) */

/** Borrows `n`, which must outlive it. STATUS_NO_MEMORY. About 0.3 s for a million shape points. */
MUST_USE enum status spatial_new(const struct network *n, struct spatial **out, struct error *err);
void spatial_free(struct spatial *s);

/** Calls `visit` once for each road of which a piece's box meets `box`, in an order that is the same on every
 *  machine. Allocates nothing. */
void spatial_roads(const struct spatial *s, struct box_mm box, void (*visit)(void *context, road_index road),
                   void *context);

/** Offsets along a road count geodesic millimetres, 0 .. road_length_mm; those of geo/linear.h and geo/area.h count
 *  the plane's. These convert by the ratio of the road's two lengths, rounding to the nearest; `plane_length_mm` is
 *  linear_length_mm of the road's shape_plane. */
uint32_t spatial_from_plane_mm(const struct network *n, road_index road, int64_t plane_length_mm, int64_t plane_mm);
int64_t spatial_to_plane_mm(const struct network *n, road_index road, int64_t plane_length_mm, uint32_t offset_mm);

/** The point of a road at an offset (taken to its length at most), straight between shape points. O(points). */
struct point_e7 spatial_point_at(const struct network *n, road_index road, uint32_t offset_mm);

/* A place on a road, the way snapping finds it. */
struct road_place {
    road_index road;
    uint32_t offset_mm;   /* along the road's geometry, geodesic scale: 0 .. road_length_mm */
    uint32_t distance_mm; /* from the requested point */
    struct point_e7 point;
};

/** Nearest places, one per road, nearest first (ties: lower road), at most `max_count` within `max_mm` of the plane,
 *  among the roads for which `usable` (NULL: all) says yes; it is asked once for a road at the road's nearest place,
 *  perhaps again when the search widens. Allocates nothing; any thread. Cost: a few microseconds on a city. */
uint32_t spatial_nearest(const struct spatial *s, struct point_mm at, uint32_t max_mm,
                         bool (*usable)(const void *context, road_index road, uint32_t offset_mm),
                         const void *context, struct road_place *places, uint32_t max_count);

#endif
