/* Tolls by axle class, from one small table: fen per kilometre on roads that ask a toll. Pure, any thread.
 *
 * Classes of goods vehicles as in JT/T 489-2019: by axle count, and two-axle vehicles under 4.5 t are class 1. */
#ifndef ROUTING_TOLL_H
#define ROUTING_TOLL_H

#include "routing/network.h"
#include "routing/vehicle.h"

enum { TOLL_CLASS_MAX = 6 };

struct toll_tariff {
    uint16_t fen_per_km[TOLL_CLASS_MAX + 1]; /* by class, 1..6 */
};

/** The rates of four-lane expressways in Henan, rounded; a deployment may bring its own. */
extern const struct toll_tariff toll_tariff_default;

/** 1..6. */
uint32_t toll_class(const struct vehicle *v);

/** Hundredths of a fen for `used_mm` of a road; 0 where no toll is asked. */
uint32_t toll_centifen(const struct toll_tariff *tariff, uint32_t class, const struct network *n, road_index road,
                       uint32_t used_mm);

#endif
