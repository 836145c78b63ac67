/* Positions along a polyline in the metric plane.
 *
 * An offset counts millimetres from the first point, over segments whose lengths are each rounded to whole
 * millimetres (linear_segment_mm), so that offsets add up exactly everywhere: geo/area.h uses the same measure.
 * Pure functions, any thread. Only correctly rounded operations (+ − × ÷ √) are used, so results are the same on
 * every machine. A line has at least one point; a line of one point has length 0. */
#ifndef GEO_LINEAR_H
#define GEO_LINEAR_H

#include "geo/base/error.h"
#include "geo/point.h"

struct linear_position {
    size_t segment;         /* index of the segment's first point; 0 on a line of one point */
    int64_t offset_mm;      /* from the start of the line */
    struct point_mm at;     /* the nearest point, rounded */
    uint64_t distance2_mm2; /* squared distance, rounded down: compare positions by this */
    int64_t distance_mm;    /* its root, rounded to the nearest */
    int side;               /* of the segment, as one drives: −1 left, 0 on its straight line, +1 right */
};

/** Length of one segment, rounded to the nearest millimetre. */
int64_t linear_segment_mm(struct point_mm a, struct point_mm b);

/** Length of a line. O(count). */
int64_t linear_length_mm(const struct point_mm *line, size_t count);

/** The position nearest to `p`. Of equally near ones (distance2_mm2) the one with the smallest offset. `count` ≥ 1.
 *  O(count), about 5 ns a segment. */
void linear_nearest(const struct point_mm *line, size_t count, struct point_mm p, struct linear_position *out);

/** Squared distance from `p` to the segment, as in linear_nearest, for ordering candidates. */
uint64_t linear_segment_distance2(struct point_mm a, struct point_mm b, struct point_mm p);

/** The point at an offset, which is taken to [0, length] first. `segment` (may be NULL) receives its segment. */
struct point_mm linear_point_at(const struct point_mm *line, size_t count, int64_t offset_mm, size_t *segment);

/** Direction of travel at an offset, degrees clockwise from grid north in [0, 360); at a vertex that of the segment
 *  that follows it (of the one before it at the end). Segments of length 0 are passed over; 0 when there are no
 *  others. For display, not for decisions: uses atan2. */
double linear_bearing_deg(const struct point_mm *line, size_t count, int64_t offset_mm);

/** The part between two offsets (0 ≤ from ≤ to ≤ length, assert) into `out`, which has room for `count + 2` points.
 *  Returns the number written: 1 when from = to, else at least 2. */
size_t linear_part(const struct point_mm *line, size_t count, int64_t from_mm, int64_t to_mm, struct point_mm *out);

#endif
