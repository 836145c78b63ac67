#include "routing/rules/toll.h"

enum { LIGHT_BELOW_KG = 4500, SHORT_BELOW_MM = 6000 };

uint32_t toll_class(const struct vehicle *v)
{
    bool is_long = v->length_mm >= SHORT_BELOW_MM && !(v->assumed & VEHICLE_LENGTH);
    if (v->axles <= 2) return v->gross_kg < LIGHT_BELOW_KG && !is_long ? 1 : 2;
    return v->axles < TOLL_CLASS_MAX ? v->axles : TOLL_CLASS_MAX;
}

uint32_t toll_centifen(const struct toll_tariff *tariff, uint32_t class, const struct network *n, road_index road,
                       uint32_t used_mm)
{
    if (!(n->road_flags[road] & ROAD_TOLL)) return 0;
    return (uint32_t)((uint64_t)used_mm * tariff->centifen_per_km[n->road_class[road]][class] / 1000000);
}
