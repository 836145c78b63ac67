/* The map of a plan, drawn from our own data: the roads of the network by class, zones and closures that bind the vehicle
 * meanwhile, hatched by rule, the legs, calls and gates, scale bar, north arrow. Nothing is fetched.
 *
 * Roads are drawn down to the class that the scale bears; the least one is named in the corner. The same plan, network and
 * rules give the same strokes. */
#ifndef API_SHEET_SHEET_MAP_H
#define API_SHEET_SHEET_MAP_H

#include "api/sheet/sheet_canvas.h"
#include "api/sheet/sheet_plan.h"
#include "routing/network/network.h"
#include "routing/rules/vehicle.h"

/* What lies under a plan. All borrowed. */
struct sheet_ground {
    const struct network *network;
    const struct rules_input *rules; /* those in force now; may be NULL */
    const struct vehicle *vehicle;   /* picks the rule of each zone; may be NULL */
    const char *region, *attribution; /* "" or NULL when there is none */
    bool schematic;
};

/** Draws into the rectangle. OUT_OF_RANGE when the plan lies outside the network's plane, NO_MEMORY. */
MUST_USE enum status sheet_map_draw(struct canvas *canvas, double x, double y, double width, double height,
                                    const struct sheet_plan *plan, const struct sheet_ground *ground, struct error *err);

/** The first call at the same place: the end of a loop is its beginning, and has its letter and name. */
uint32_t sheet_call_same(const struct sheet_plan *plan, uint32_t call);

/** The letter of a call (A, B, … Z, AA) and the colour of a leg, as the tables beside the map show them. */
void sheet_call_letter(uint32_t call, char out[4]);
uint32_t sheet_leg_colour(uint32_t leg);

/** A call's round mark, a gate's square one, centred at x, y. */
void sheet_call_mark(struct canvas *canvas, double x, double y, uint32_t call);
void sheet_gate_mark(struct canvas *canvas, double x, double y, uint32_t number);

uint32_t sheet_rule_colour(enum rule_kind kind);

/** The hatching of a rule inside the current clip, over this box. */
void sheet_rule_hatch(struct canvas *canvas, enum rule_kind kind, double x, double y, double width, double height);

#endif
