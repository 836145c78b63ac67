/* From a checkpoint to its gates: the directed arcs by which vehicles checked there enter or leave a zone's
 * controlled set (semantics, section 3).
 *
 *   place     the nearest road that carries the checkpoint's road number or name; a link without either counts if it
 *             is within 50 m and no such road is; any road if the checkpoint names none. With a bearing only the
 *             directions of travel within 90° of it; without one both, and where the carriageways are separate also
 *             the other one.
 *   way       from there along the same road, forwards and backwards, as far as reach_mm: same number or name, else
 *             same class where neither has any (ramps only where no toll plaza or ordinary road parts them), else the
 *             only way on. It ends where the road does or changes between a ramp and another kind, with a look at
 *             each road into which one may turn there: traffic that stays on those was not checked here.
 *   border    where that way passes into or out of the controlled set of one of the zone's gated rules. The gate for
 *             entering is the first arc inside, for leaving the last arc inside; an arc that crosses the border is
 *             inside. The way from an open motorway onto a ramp that is not open is such a passage.
 *
 * A gate set by hand lists its arcs; one that is unknown, or is no such first or last arc, makes the checkpoint
 * `dead` for the report, and the others count. */
#ifndef ROUTING_GATES_H
#define ROUTING_GATES_H

#include "routing/constraint/rules_compile.h"
#include "routing/constraint/zone_set.h"

struct gate_part {
    uint32_t gate; /* index into the checkpoint's gates */
    arc_id arc;
    uint8_t direction; /* GATE_ENTER or GATE_EXIT */
};

/* What one checkpoint resolves to; immutable and counted like struct zone_set. */
struct gate_set {
    uint32_t references; /* atomic */
    struct zone_digest digest;
    bool dead; /* a gate without an arc, an arc by hand that is none, or no gate at all */
    uint32_t count;
    struct gate_part *parts; /* sorted, no two the same */
};

/** Digest of what the set depends on beside the network. `sets` are the area sets by zone. */
struct zone_digest gate_set_digest(const struct rules_input *input, const struct checkpoint *checkpoint,
                                   struct zone_set *const *sets);

/** Resolves a checkpoint, holding one reference. `projection` must be that of the network. A checkpoint outside the
 *  plane is dead, not an error. STATUS_NO_MEMORY. Tens of microseconds. */
MUST_USE enum status gate_set_new(const struct network *n, const struct spatial *spatial, struct projection *projection,
                                  const struct rules_input *input, const struct checkpoint *checkpoint,
                                  struct zone_set *const *sets, struct gate_set **out, struct error *err);

struct gate_set *gate_set_get(struct gate_set *set);
void gate_set_release(struct gate_set *set);

#endif
