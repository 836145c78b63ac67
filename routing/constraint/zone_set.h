/* The area set of one zone: its arcs, and where on each of them the zone is.
 *
 * A road is in it by a stretch longer than the larger of 5 m and the zone's accuracy (geo/area.h). Roads no longer
 * than that could never qualify, yet lie in the middle of zones as joints of junctions; they would be holes with
 * borders of their own. So a short road that is wholly inside belongs too, if roads that are wholly inside join it to
 * an end, inside the zone, of a road that qualifies by itself.
 *
 * A set is immutable and counted: versions of the rules share the sets of zones that did not change. */
#ifndef ROUTING_ZONE_SET_H
#define ROUTING_ZONE_SET_H

#include "routing/constraint/rules_compile.h"
#include "routing/network/network.h"
#include "routing/network/spatial.h"
#include "routing/rules/rules.h"

struct zone_digest {
    uint64_t high, low;
};

struct zone_set {
    uint32_t references; /* atomic */
    struct zone_digest digest;
    uint32_t arc_count;
    arc_id *arcs;            /* ascending */
    uint32_t *first_stretch; /* [arc_count + 1] */
    struct stretch *stretches; /* in travel direction, ascending and apart */
};

/** Digest of what the set depends on beside the network: geometry, accuracy, border, layers. */
struct zone_digest zone_set_digest(const struct zone *zone);

/** Computes the set, holding one reference. `projection` must be that of the network. STATUS_INVALID_GEOMETRY,
 *  STATUS_OUT_OF_RANGE, STATUS_TOO_LARGE, STATUS_NO_MEMORY. About 5 µs a road near the border, less inside. */
MUST_USE enum status zone_set_new(const struct network *n, const struct spatial *spatial, struct projection *projection,
                                  const struct zone *zone, struct zone_set **out, struct error *err);

struct zone_set *zone_set_get(struct zone_set *set);
void zone_set_release(struct zone_set *set);

/** Index of an arc in the set, or UINT32_MAX. O(log). */
uint32_t zone_set_find(const struct zone_set *set, arc_id arc);

#endif
