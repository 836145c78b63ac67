/* Whether what was driven was lawful: the roads of a matching, each judged at the time the vehicle was there. */
#ifndef ROUTING_MATCH_JUDGE_H
#define ROUTING_MATCH_JUDGE_H

#include "routing/match/match.h"

/* A part of a matching that is judged alike throughout. */
struct match_stretch {
    uint32_t first_piece, piece_count;
    int64_t begin_ms, end_ms;
    uint64_t distance_mm;
    bool turn;                /* begins with a turn that is forbidden */
    uint32_t conflict_count;  /* none and no such turn: allowed */
    const struct conflict *conflicts;
};

/** Judges matching `m` of `answer` under `c` (constraint_leg is set to its ends). Times between positions go by the way
 *  driven; without times it drives as the rules' own clock says from c's departure. Stretches go to `arena`.
 *  STATUS_NO_MEMORY. O(pieces · zones there). */
MUST_USE enum status match_judge(struct constraint *c, const struct match_position *positions,
                                 const struct match_answer *answer, const struct matching *m, struct arena *arena,
                                 const struct match_stretch **out, uint32_t *count, struct error *err);

#endif
