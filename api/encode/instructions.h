/* What the driver is told at a step, in Chinese or English. */
#ifndef API_INSTRUCTIONS_H
#define API_INSTRUCTIONS_H

#include "geo/base/buffer.h"
#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"

/** How a road is called: its number, else its name, else its class. Borrowed; never NULL or empty. */
const char *road_label(const struct network *n, road_index road, enum language language);

/** Writes the instruction of a step of `leg` as plain text ("在前方右转，进入 G312"). */
void instruction_write(struct buffer *out, const struct view *view, const struct leg *leg, const struct step *step,
                       enum language language);

/** English name of a road class, for roads that have neither number nor name. */
const char *road_class_en(enum road_class class);

#endif
