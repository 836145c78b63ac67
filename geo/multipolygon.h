/* A multi polygon: parts, each one outer ring and its holes, each a closed list of points.
 *
 * One flat layout, so that it can be hashed, copied and walked without chasing pointers:
 *
 *   part p   rings  part_first_ring[p]  .. part_first_ring[p + 1]     the first is the shell, the others are holes
 *   ring r   points ring_first_point[r] .. ring_first_point[r + 1]    at least 4, first equals last
 *
 * struct multipolygon holds e7 points, struct multipolygon_mm the same shape in a metric plane. Both own their
 * memory (malloc); all zero bytes is a valid empty one. Rings may turn either way: inside is by even-odd count.
 *
 * Building checks each number where it stands and names it by JSON pointer; nothing is ever repaired. */
#ifndef GEO_MULTIPOLYGON_H
#define GEO_MULTIPOLYGON_H

#include "geo/base/error.h"
#include "geo/point.h"
#include "geo/projection.h"

struct multipolygon {
    uint32_t part_count, ring_count, point_count;
    uint32_t *part_first_ring;  /* [part_count + 1] */
    uint32_t *ring_first_point; /* [ring_count + 1] */
    struct point_e7 *points;    /* [point_count] */
};

struct multipolygon_mm {
    uint32_t part_count, ring_count, point_count;
    uint32_t *part_first_ring;
    uint32_t *ring_first_point;
    struct point_mm *points;
};

void multipolygon_clear(struct multipolygon *shape);
void multipolygon_mm_clear(struct multipolygon_mm *shape);

/** A copy in `*out`, which must be empty or unused memory. STATUS_NO_MEMORY. */
MUST_USE enum status multipolygon_dup(const struct multipolygon *shape, struct multipolygon *out,
                                      struct error *err);

struct box_e7 multipolygon_box(const struct multipolygon *shape);

/** The shape in the plane of `projection`, into empty `*out`. An edge means the straight line in lon/lat (as in
 *  PostGIS); it is cut into pieces of at most 0.009° (1 km) first, so that the plane's image of it is right within a
 *  few centimetres. STATUS_OUT_OF_RANGE when it does not fit the plane, STATUS_TOO_LARGE when the cut edges pass
 *  4 million points, STATUS_NO_MEMORY. Cost: 0.5 µs a point. */
MUST_USE enum status multipolygon_project(const struct multipolygon *shape, struct projection *projection,
                                          struct multipolygon_mm *out, struct error *err);

/* ---- building ---- */

struct multipolygon_limits {
    uint32_t points, rings, parts;
    const struct box *expected; /* where the data is, or NULL; only used to recognise swapped coordinates */
};

/* Generous for a prefecture's flood map, small enough to be harmless. */
#define MULTIPOLYGON_LIMITS_DEFAULT ((struct multipolygon_limits){.points = 200000, .rings = 20000, .parts = 10000})

/* How the pointers in errors count: a GeoJSON Polygon has /coordinates/RING/POINT, a MultiPolygon has
 * /coordinates/PART/RING/POINT. */
enum multipolygon_kind { MULTIPOLYGON_KIND_POLYGON, MULTIPOLYGON_KIND_MULTIPOLYGON };

struct multipolygon_builder;

/** NULL when memory is out. `limits` are copied. */
MUST_USE struct multipolygon_builder *multipolygon_builder_new(enum multipolygon_kind kind,
                                                               const struct multipolygon_limits *limits);
void multipolygon_builder_free(struct multipolygon_builder *builder);

/** Starts a part, then its rings (shell first). Each closes the ring before it: STATUS_INVALID_GEOMETRY when that
 *  has fewer than 4 points or does not end where it began. STATUS_TOO_LARGE past a limit. The error's pointer names
 *  the place, e.g. "/coordinates/0/1". */
MUST_USE enum status multipolygon_builder_part(struct multipolygon_builder *builder, struct error *err);
MUST_USE enum status multipolygon_builder_ring(struct multipolygon_builder *builder, struct error *err);

/** Adds a point to the ring. STATUS_INVALID_GEOMETRY for NaN, infinity, out of range, or what looks like latitude
 *  before longitude (the message says so). The error's pointer names it, e.g. "/coordinates/0/1/17". */
MUST_USE enum status multipolygon_builder_point(struct multipolygon_builder *builder, double lon_deg, double lat_deg,
                                                struct error *err);

/** Checks what is left (last ring closed, no empty part, at least one part) and moves the shape to `*out`; the
 *  builder is empty afterwards and can be used again. It does not check validity: multipolygon_check does. */
MUST_USE enum status multipolygon_builder_take(struct multipolygon_builder *builder, struct multipolygon *out,
                                               struct error *err);

#endif
