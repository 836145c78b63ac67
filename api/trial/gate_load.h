/* Passages at checkpoints hour by hour, before and after changed rules, against what each lets through in an hour.
 *
 *   gate_load_init(&load, before->rules, after->rules, arena, &err);
 *   gate_load_moved(&load, plan, false, &err);           // a plan that is affected, as it was: read under `before`
 *   gate_load_moved(&load, way_then, true, &err);        // and the way it goes then; NULL where there is none
 *   gate_load_arcs(&load, arena, &arcs, &count, &err);   // who else passes there: plans that use one of these
 *   gate_load_stays(&load, plan, &err);                  // … each of them
 *   gate_load_encode(&load, &w, capacities, capacity_count);
 *   gate_load_clear(&load);
 *
 * Only checkpoints that an affected plan passes, before or after, are told of; all plans count in their hours. */
#ifndef API_GATE_LOAD_H
#define API_GATE_LOAD_H

#include "api/json/writer.h"
#include "data/plans/impact_store.h"
#include "routing/constraint/itinerary.h"
#include "routing/constraint/rules_compile.h"

struct gate_sum {
    const char *id, *name;  /* of the rules */
    uint32_t before, after; /* passages of affected plans */
};

/* Passages of all plans at a gate in an hour of the clock. */
struct gate_hour {
    uint32_t gate;
    uint32_t before, after;
    int64_t from_ms;
};

struct gate_load {
    const struct rules *rules[2];  /* before, after */
    uint32_t *slot[2];             /* of each checkpoint of these: 1 + its gate, 0: none yet */
    struct gate_sum *gates;        /* in the arena */
    uint32_t gate_count;
    struct gate_hour *hours;       /* own memory; several may be of one gate and hour */
    size_t count, capacity;
};

/** The rules are borrowed. NO_MEMORY; all zero bytes are fine to clear. */
MUST_USE enum status gate_load_init(struct gate_load *load, const struct rules *before, const struct rules *after,
                                    struct arena *arena, struct error *err);
void gate_load_clear(struct gate_load *load);

/** Counts the passages of an affected plan. `after`: its checkpoints are those of the rules after. NO_MEMORY. */
MUST_USE enum status gate_load_moved(struct gate_load *load, const struct plan *plan, bool after, struct error *err);

/** Counts a plan that goes as planned, read under the rules before, at the gates that are told of. NO_MEMORY. */
MUST_USE enum status gate_load_stays(struct gate_load *load, const struct plan *plan, struct error *err);

/** The arcs of the gates that are told of, some perhaps twice, in `arena`. NO_MEMORY. */
MUST_USE enum status gate_load_arcs(const struct gate_load *load, struct arena *arena, arc_id **arcs, uint32_t *count,
                                    struct error *err);

/** Writes the array of gates. `capacities` in any order. */
void gate_load_encode(struct gate_load *load, struct json_writer *w, const struct impact_capacity *capacities, uint32_t count);

#endif
