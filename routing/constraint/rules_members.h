/* Area sets of all zones joined into arrays by arc and by zone: what struct rules shows. */
#ifndef ROUTING_RULES_MEMBERS_H
#define ROUTING_RULES_MEMBERS_H

#include "routing/constraint/rules_compile.h"
#include "routing/constraint/zone_set.h"

/* Owned arrays; all zero is a valid empty one. The first five are those of struct rules. */
struct rules_members {
    uint32_t *arc_first_member;
    struct membership *member;
    struct stretch *stretches;
    uint32_t *zone_first_arc;
    arc_id *zone_arc;
    uint32_t *zone_first_stretch; /* [zone_count + 1] */
    uint32_t member_count, stretch_count;
};

void rules_members_clear(struct rules_members *m);

/** Joins the sets of `zone_count` zones. `before` (NULL: none) are the members of an earlier version on the same
 *  network with its sets: if few zones differ, their entries are merged into a copy of it, which reads memory in order
 *  and is ten times faster; the result is the same. STATUS_TOO_LARGE, STATUS_NO_MEMORY; clear `out` in any case. */
MUST_USE enum status rules_members_join(uint32_t arc_count, struct zone_set *const *sets, uint32_t zone_count,
                                        const struct rules_members *before, struct zone_set *const *sets_before,
                                        uint32_t zone_count_before, struct rules_members *out, struct error *err);

#endif
