/* A plan as bytes, so that it can be kept for months and judged again under the rules of another day.
 *
 *   plan_record_write(&buffer, view->rules->input, plan);                  // when it is kept
 *   …
 *   plan_record_read(bytes, length, &base->network, rules->input, &arena, &plan, &err);
 *   checker_judge(checker, view, request, plan, &offence, &err);           // still lawful?
 *
 * What moves is kept: places, those of rests by the ids of facilities, legs with their arcs and times, gates by the ids of checkpoint and
 * zone. Texts, geometry
 * and warnings are not; the answer as it was sent has them. Arcs go by their numbers, so a record belongs to one
 * version of the network, which whoever keeps it keeps beside it.
 *
 * Sums of lengths take four bytes where all of a plan's fit them, else, and in plans with rests, eight ("bcplan2", "bcplan3").
 *
 * All numbers are little-endian. Reading trusts nothing: any bytes give a plan within the network's bounds, or CORRUPT. */
#ifndef ROUTING_PLAN_RECORD_H
#define ROUTING_PLAN_RECORD_H

#include "geo/base/arena.h"
#include "geo/base/buffer.h"
#include "routing/constraint/itinerary.h"
#include "routing/rules/rules.h"

/** Whether one of its sums of lengths does not fit 32 bits (4,294 km): records and digests of such plans have another form. */
bool plan_is_long(const struct plan *plan);

/** Appends the record of a plan that was made under `input`. A failure is the buffer's. About 4 bytes an arc. */
void plan_record_write(struct buffer *out, const struct rules_input *input, const struct plan *plan);

/** Reads a record into `arena` for judging under `input`, which need not be the rules it was made under: a gate whose
 *  checkpoint or zone is not in them keeps its times and names UINT32_MAX for both, a rest at a facility that is not UINT32_MAX. The plan has no geometry,
 *  zones, limits or texts. CORRUPT for what is no record of this network, NO_MEMORY. */
MUST_USE enum status plan_record_read(const void *bytes, size_t length, const struct network *n,
                                      const struct rules_input *input, struct arena *arena, struct plan **out,
                                      struct error *err);

/** Lets the whole plan begin at another moment: every time in it moves by as much. */
void plan_record_move(struct plan *plan, int64_t depart_ms);

/** The arcs a plan uses, each once, in ascending order, in `arena`; NULL when memory is out. */
MUST_USE arc_id *plan_record_arcs(const struct plan *plan, struct arena *arena, uint32_t *count);

#endif
