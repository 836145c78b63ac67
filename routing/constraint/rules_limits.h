/* The limits of roads as they are in force: what the network was made with, less what the register says anew. */
#ifndef ROUTING_RULES_LIMITS_H
#define ROUTING_RULES_LIMITS_H

#include "geo/base/error.h"
#include "routing/network/network.h"
#include "routing/rules/rules.h"

struct rules_limits {
    const uint32_t *road_limits, *limits; /* see struct rules */
    const uint16_t *road_flags;
    uint32_t limits_count, dead_count;
    void *owned[3]; /* copies; NULL while the arrays are the network's own */
};

/** Without an entry for a road of the network the arrays are the network's own and nothing is copied; otherwise
 *  O(roads + entries · log roads), some milliseconds for a million roads. Entries for unknown roads are counted and left
 *  out. The network must outlive it. NO_MEMORY. */
MUST_USE enum status rules_limits_join(const struct network *n, const struct road_limit *entries, uint32_t count,
                                       struct rules_limits *out, struct error *err);
void rules_limits_clear(struct rules_limits *l);

#endif
