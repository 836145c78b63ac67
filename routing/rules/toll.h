/* Tolls: hundredths of a fen for each kilometre of road that asks one, by class of vehicle and class of road, as the
 * register of the rules says (data/migrations, toll_rate). Pure, any thread.
 *
 * Classes of goods vehicles as in JT/T 489-2019: by axle count; a two-axle vehicle is class 1 under 4.5 t and 6 m. */
#ifndef ROUTING_TOLL_H
#define ROUTING_TOLL_H

#include "routing/network/network.h"
#include "routing/rules/vehicle.h"

/* More than 20 yuan for a kilometre is a slip of the pen, and the cost of a whole journey must stay far below the greatest
 * weight. */
enum { TOLL_CLASS_MAX = 6, TOLL_RATE_MAX = 20 * 10000 };

struct toll_tariff {
    uint32_t centifen_per_km[ROAD_CLASS_COUNT][TOLL_CLASS_MAX + 1]; /* [road class][vehicle class 1..6], ≤ TOLL_RATE_MAX */
};

/** 1..6. A length that was only assumed makes no vehicle dearer. */
uint32_t toll_class(const struct vehicle *v);

/** Hundredths of a fen for `used_mm` of a road, rounded down; 0 where no toll is asked. */
uint32_t toll_centifen(const struct toll_tariff *tariff, uint32_t class, const struct network *n, road_index road,
                       uint32_t used_mm);

#endif
