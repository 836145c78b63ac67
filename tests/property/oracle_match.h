/* The likeliest way of a trace by the model that routing/match/match.h describes, the long way: every segment of every road is a
 * candidate, ways between are found by going round until nothing gets shorter. For small networks. */
#ifndef TESTS_ORACLE_MATCH_H
#define TESTS_ORACLE_MATCH_H

#include "routing/match/match.h"

enum { ORACLE_TRACE_MAX = 512 };

struct oracle_matching {
    uint32_t count, positions[ORACLE_TRACE_MAX];
    uint64_t cost;
};

/** The matchings one after another; their number, or UINT32_MAX where more roads are near a position than are looked at. `out` holds
 *  half as many as there are positions. */
uint32_t oracle_match(const struct base *base, struct projection *projection, const struct match_position *positions, uint32_t count,
                      const struct match_options *options, struct oracle_matching *out);

/** What turning from one arc into another counts. */
uint64_t oracle_match_turn_mm(const struct base *base, arc_id from, arc_id to);

#endif
