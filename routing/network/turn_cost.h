/* What a manoeuvre at a junction costs a heavy goods vehicle.
 *
 *   manoeuvre                                   ms
 *   straight on (within 45°)                     0
 *   right (45° to 135°)                      2,000
 *   left                                     4,000     crosses the oncoming lane (traffic keeps right)
 *   sharp right (over 135°)                  3,000
 *   sharp left                               6,000
 *   turning round                           20,000
 *   inside a roundabout                          0     leaving or entering one costs the turn
 *   no junction: the only other road             0     a bend is not a turn
 *   traffic signals at the node             +5,000
 *   toll booth at the node                  +8,000
 *
 * Whole numbers throughout: the angle is judged by the signs of products of integers, over the part of the roads
 * within 10 m of the junction, so that a kink in the digitising does not make a turn. */
#ifndef ROUTING_TURN_COST_H
#define ROUTING_TURN_COST_H

#include "routing/network/network.h"

enum turn_angle { TURN_STRAIGHT, TURN_RIGHT, TURN_LEFT, TURN_SHARP_RIGHT, TURN_SHARP_LEFT, TURN_ROUND };

/** How arc `to` goes on from arc `from` at the node between them. Uses arcs, roads and the plane's shapes only. */
enum turn_angle turn_angle(const struct network *n, arc_id from, arc_id to);

/** Cost of the manoeuvre in ms, without the arcs. `degree` is the number of road ends at the node. */
uint32_t turn_cost_ms(const struct network *n, arc_id from, arc_id to, uint32_t degree);

#endif
