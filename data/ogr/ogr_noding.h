/* From lines to roads between junctions.
 *
 * Ends within the tolerance of each other become one node, at the position of the first of them in the file. With
 * `crossings`, lines are also cut where an end lies on another line (a bridge ends on the ground), and where lines of the
 * same layer cross; lines on different layers pass over each other. */
#ifndef DATA_OGR_OGR_NODING_H
#define DATA_OGR_OGR_NODING_H

#include "data/ogr/ogr_layer.h"

struct ogr_road {
    uint32_t line, from, to; /* nodes */
    size_t first_point;      /* into ogr_roads.points */
    uint32_t point_count;
};

struct ogr_roads {
    struct ogr_road *roads;
    size_t road_count, road_capacity;
    struct point_e7 *nodes;
    size_t node_count, node_capacity;
    struct point_e7 *points;
    size_t point_count, point_capacity;
};

/** Cost: O(n log n). Moves line ends onto their nodes. Lines that shrink to nothing are counted and left out. */
MUST_USE enum status ogr_node_lines(struct ogr_lines *lines, double tolerance_m, bool crossings,
                                    struct import_report *report, struct ogr_roads *out, struct error *err);
void ogr_roads_clear(struct ogr_roads *roads);

#endif
