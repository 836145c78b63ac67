/* Which zones are near: the boxes of all zones of one version of the rules in an R-tree, in degrees, so that whoever asks
 * about one place or one road looks at a handful of zones however many are stored.
 *
 * It only leaves out what is far away: every caller decides for itself what the zones that are left mean. */
#ifndef ROUTING_ZONE_INDEX_H
#define ROUTING_ZONE_INDEX_H

#include "geo/rtree.h"
#include "routing/rules/rules.h"

struct zone_index {
    struct rtree tree; /* of e7 boxes: the tree only compares whole numbers, the unit is the caller's */
};

/** Indexes zones[count]; nothing of them is kept. STATUS_NO_MEMORY, STATUS_TOO_LARGE. O(points + n log n): 1 ms for 10,000. */
MUST_USE enum status zone_index_init(struct zone_index *index, const struct zone *zones, uint32_t count, struct error *err);
void zone_index_clear(struct zone_index *index);

/** Calls `visit` for every zone whose box meets `box`, in no useful order, until it returns false. */
void zone_index_near(const struct zone_index *index, struct box_e7 box, bool (*visit)(void *context, uint32_t zone),
                     void *context);

/* Growing memory for zone_index_list, reused; all zero bytes is a valid empty one. */
struct zone_list {
    uint32_t *zone;
    size_t count, capacity;
};

void zone_list_clear(struct zone_list *list);

/** The same as a list, ascending, in place of what it held. False when memory is out. */
MUST_USE bool zone_index_list(const struct zone_index *index, struct box_e7 box, struct zone_list *list);

/** The box around points of a line, grown by more than a line that is straight in the metric plane parts from one that is
 *  straight in degrees (10 m on 50 km, in the square of the length): what is drawn with either lies in it. */
struct box_e7 zone_index_box(const struct point_e7 *points, size_t count);

#endif
