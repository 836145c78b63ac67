/* The road network: immutable flat arrays, made once by network_build.h, kept in the snapshot, shared by all threads.
 *
 *   road   a row of the `road` table: one geometry, attributes, physical limits; travelled in one or both directions
 *   arc    a directed road: the unit of routes, rules and gates. Arcs are numbered by tail node, so that
 *          node_first_arc[n] .. node_first_arc[n+1] are the arcs that leave n
 *   node   a junction or an end of roads
 *
 * Roads are in ascending order of the database's id; nodes along a Hilbert curve, so that neighbours are near each
 * other in memory; arcs by (tail node, road, forward before backward).
 *
 * Lengths are geodesic millimetres, times are integer milliseconds, positions are 1e-7 degrees of CGCS2000, and a
 * second copy in millimetres of the network's metric plane (geo/projection.h) serves geometry. */
#ifndef ROUTING_NETWORK_H
#define ROUTING_NETWORK_H

#include "geo/base/status.h"
#include "geo/point.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t node_id;
typedef uint32_t road_index; /* dense; the database's id is in road_source_id */
typedef uint32_t arc_id;

#define NO_NODE UINT32_MAX
#define NO_ROAD UINT32_MAX
#define NO_ARC  UINT32_MAX

/* Field term, database spelling, Chinese name. The order is from important to minor and is part of the snapshot. */
#define ROAD_CLASS_LIST(X)                     \
    X(MOTORWAY,       "motorway",       "高速公路")   \
    X(MOTORWAY_LINK,  "motorway_link",  "高速匝道")   \
    X(TRUNK,          "trunk",          "国道")      \
    X(TRUNK_LINK,     "trunk_link",     "国道连接线") \
    X(PRIMARY,        "primary",        "省道")      \
    X(PRIMARY_LINK,   "primary_link",   "省道连接线") \
    X(SECONDARY,      "secondary",      "县道")      \
    X(SECONDARY_LINK, "secondary_link", "县道连接线") \
    X(TERTIARY,       "tertiary",       "乡道")      \
    X(TERTIARY_LINK,  "tertiary_link",  "乡道连接线") \
    X(UNCLASSIFIED,   "unclassified",   "等外公路")   \
    X(RESIDENTIAL,    "residential",    "街道")      \
    X(LIVING_STREET,  "living_street",  "生活街区")   \
    X(SERVICE,        "service",        "专用路")    \
    X(TRACK,          "track",          "机耕道")    \
    X(FERRY,          "ferry",          "轮渡")

enum road_class {
#define X(name, code, zh) ROAD_##name,
    ROAD_CLASS_LIST(X)
#undef X
    ROAD_CLASS_COUNT
};

/** A set of road classes, bit 1 << class. */
typedef uint32_t road_class_mask;

/** Database spelling ("motorway_link"), Chinese name, and the reverse look-up (false if unknown). */
const char *road_class_code(enum road_class class);
const char *road_class_zh(enum road_class class);
bool road_class_parse(const char *code, enum road_class *class);

/** A ramp or slip road: one of the _link classes. */
bool road_class_is_link(enum road_class class);

enum road_flag {
    ROAD_BRIDGE = 1 << 0,
    ROAD_TUNNEL = 1 << 1,
    ROAD_TOLL = 1 << 2,
    ROAD_ROUNDABOUT = 1 << 3,
    ROAD_THROUGH_RAMP = 1 << 4, /* a link that leads from a motorway to a motorway without leaving it */
    ROAD_HAZMAT_NO = 1 << 5,
    ROAD_ENTRY_RAMP = 1 << 6, /* ramp by which a toll station is entered towards the motorway */
    ROAD_EXIT_RAMP = 1 << 7,
};

enum node_flag {
    NODE_TURNING_PLACE = 1 << 0, /* declared place where a truck may turn round */
    NODE_DEAD_END = 1 << 1,      /* one neighbour only: turning round is lawful */
    NODE_SIGNALS = 1 << 2,
    NODE_TOLL_BOOTH = 1 << 3,
};

/* Who may use an arc. Lorry = goods vehicle over 3.5 t. */
enum access { ACCESS_YES, ACCESS_DESTINATION, ACCESS_NO };

/* Kinds of physical limit. Values are mm, kg or a count; 0 = no limit. A value equal to the limit passes. */
#define LIMIT_LIST(X)                                      \
    X(HEIGHT,       "height",       "限高",   "m")          \
    X(WIDTH,        "width",        "限宽",   "m")          \
    X(LENGTH,       "length",       "限长",   "m")          \
    X(GROSS_WEIGHT, "gross_weight", "限重",   "t")          \
    X(AXLE_LOAD,    "axle_load",    "轴重",   "t")          \
    X(AXLES,        "axles",        "轴数",   "")           \
    X(BRIDGE,       "bridge",       "桥梁限载", "t")

enum limit_kind {
#define X(name, code, zh, unit) LIMIT_##name,
    LIMIT_LIST(X)
#undef X
    LIMIT_COUNT
};
const char *limit_kind_code(enum limit_kind kind);
const char *limit_kind_zh(enum limit_kind kind);

/* Every array of the network: element type, name, number of elements (an expression over the counts). One list, so
 * that building, freeing, saving and mapping can never forget one. */
#define NETWORK_ARRAYS(X)                                                                                        \
    X(int64_t,          node_source_id,    n->node_count)                                                        \
    X(struct point_e7,  node_point,        n->node_count)                                                        \
    X(uint8_t,          node_flags,        n->node_count)         /* enum node_flag */                           \
    X(arc_id,           node_first_arc,    n->node_count + 1)                                                    \
    X(arc_id,           node_first_in,     n->node_count + 1)     /* into in_arc: arcs that end at a node */     \
    X(arc_id,           in_arc,            n->arc_count)                                                         \
    X(node_id,          arc_tail,          n->arc_count)                                                         \
    X(node_id,          arc_head,          n->arc_count)                                                         \
    X(road_index,       arc_road,          n->arc_count)                                                         \
    X(uint8_t,          arc_reversed,      n->arc_count)          /* 1: against the road's geometry */           \
    X(uint32_t,         arc_time_ms,       n->arc_count)          /* a lorry's free-flow time, at least 1 */     \
    X(uint16_t,         arc_speed_kmh,     n->arc_count)          /* that its time comes from */                 \
    X(uint8_t,          arc_access_lorry,  n->arc_count)          /* enum access */                              \
    X(uint8_t,          arc_access_light,  n->arc_count)                                                         \
    X(uint32_t,         arc_component,     n->arc_count)          /* 0 = the largest strongly connected one of   \
                                                                     the turn graph; > 0 = an island */          \
    X(arc_id,           road_arc,          2 * n->road_count)     /* forward, backward; NO_ARC if not allowed */ \
    X(int64_t,          road_source_id,    n->road_count)                                                        \
    X(uint8_t,          road_class,        n->road_count)         /* enum road_class */                          \
    X(uint16_t,         road_flags,        n->road_count)         /* enum road_flag */                           \
    X(int8_t,           road_layer,        n->road_count)                                                        \
    X(uint32_t,         road_length_mm,    n->road_count)         /* geodesic */                                 \
    X(uint32_t,         road_name,         n->road_count)         /* offset into text; 0 = "" */                 \
    X(uint32_t,         road_ref,          n->road_count)         /* road number, "G40" */                       \
    X(int64_t,          road_station_id,   n->road_count)         /* toll station of a ramp, or 0 */             \
    X(uint32_t,         road_limits,       n->road_count)         /* index into limits rows; 0 = no limit */     \
    X(uint32_t,         limits,            n->limits_count * LIMIT_COUNT) /* distinct rows, row 0 all zero */    \
    X(uint32_t,         road_first_shape,  n->road_count + 1)     /* into shape_* */                             \
    X(struct point_e7,  shape_point,       n->shape_count)        /* full geometry, both end nodes included */   \
    X(struct point_mm,  shape_plane,       n->shape_count)        /* the same in the metric plane */             \
    X(char,             text,              n->text_size)          /* NUL-terminated strings, the first is "" */

struct network {
    uint32_t node_count, arc_count, road_count, shape_count, limits_count, text_size;
    struct box_mm plane_extent;
    char projection[96]; /* description that geo/projection.h opens again */
    char version[33];    /* hex digest of everything in it */
#define X(type, name, count) const type *name;
    NETWORK_ARRAYS(X)
#undef X
    void *memory; /* what network_clear frees; NULL when the arrays are mapped */
};

/** Frees the arrays if the network owns them. Not while a view still holds it. */
void network_clear(struct network *n);

/** Points the arrays of `n`, whose counts must be set, into `memory` (aligned to 64), in the order of the list, each
 *  aligned to 64. Returns the bytes that takes; with `memory` NULL it only counts. O(1). */
size_t network_place(struct network *n, void *memory);

/** The road with this id of the database, or NO_ROAD. O(log roads). */
road_index network_road_find(const struct network *n, int64_t source_id);

/** The row of LIMIT_COUNT limits of a road. */
static inline const uint32_t *network_limits(const struct network *n, road_index road)
{
    return n->limits + (size_t)n->road_limits[road] * LIMIT_COUNT;
}

static inline const char *network_road_name(const struct network *n, road_index road)
{
    return n->text + n->road_name[road];
}

static inline const char *network_road_ref(const struct network *n, road_index road)
{
    return n->text + n->road_ref[road];
}

/** The other direction of the same road, or NO_ARC. */
static inline arc_id network_opposite(const struct network *n, arc_id arc)
{
    return n->road_arc[2 * (size_t)n->arc_road[arc] + !n->arc_reversed[arc]];
}

/** Whether a road that is neither a motorway nor a link meets this node: traffic there is not the motorway's own. */
bool network_node_is_ordinary(const struct network *n, node_id node);

/** What costs by distance count in, mm. A weight holds 2,147 km of millimetres: enough where the whole network lies within
 *  500 km (the diagonal of its extent in the plane); elsewhere it is centimetres, to which each road is rounded by itself:
 *  21,474 km, and of ways that differ by less than a centimetre a road either may be taken for the shorter. 1 or 10. O(1). */
uint32_t network_distance_unit_mm(const struct network *n);

/** Length of an arc, mm; at most 1,073 km (network_build.h refuses longer roads). */
static inline uint32_t network_arc_length_mm(const struct network *n, arc_id arc)
{
    return n->road_length_mm[n->arc_road[arc]];
}

#endif
