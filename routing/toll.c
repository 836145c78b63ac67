#include "routing/toll.h"

const struct toll_tariff toll_tariff_default = {{0, 45, 95, 152, 182, 196, 225}};

uint32_t toll_class(const struct vehicle *v)
{
    if (v->axles <= 2) return v->gross_kg < 4500 ? 1 : 2;
    return v->axles < TOLL_CLASS_MAX ? v->axles : TOLL_CLASS_MAX;
}

uint32_t toll_centifen(const struct toll_tariff *tariff, uint32_t class, const struct network *n, road_index road,
                       uint32_t used_mm)
{
    if (!(n->road_flags[road] & ROAD_TOLL)) return 0;
    return (uint32_t)((uint64_t)used_mm * tariff->fen_per_km[class] / 10000); /* mm · fen/km · 100 / 1e6 */
}
