/* From the drawn line of a leg back to the arcs it follows: for whoever is given a plan as a drawing with times and wants
 * to judge it, without believing anything that found it.
 *
 * The line must follow the network point by point: it begins and ends at the two given positions, and between them passes
 * every shape point of the roads it drives, within `tolerance_e7` of each coordinate (for lines that were rounded). */
#ifndef ROUTING_RETRACE_H
#define ROUTING_RETRACE_H

#include "routing/constraint/constraint.h"

struct retrace_line {
    const struct point_e7 *points;
    uint32_t count;
    uint32_t tolerance_e7;
    struct road_position from, to;
    arc_id begin; /* tried first, whatever else would do: where the leg before arrived; or NO_ARC */
};

struct retraced {
    uint32_t arc_count;
    arc_id *arcs;              /* in the arena */
    uint32_t first_offset_mm, last_offset_mm; /* along the first and last arc, in travel direction */
    uint64_t distance_mm;
    bool twins;                /* another road of the same geometry would do for some arc */
};

/** Finds the arcs. STATUS_NOT_FOUND when the line leaves the network; then `*stray` is the first point that no way along
 *  it explains. STATUS_SEARCH_BUDGET_EXCEEDED when too many roads lie on one another. A line that begins on a junction
 *  may be read in two ways: the one over fewer arcs is taken. Where two roads have the same geometry, the arcs of lower
 *  number are. O(points · arcs at a node). Any thread. */
MUST_USE enum status retrace(const struct network *n, const struct retrace_line *line, struct arena *arena,
                             struct retraced *out, uint32_t *stray, struct error *err);

#endif
