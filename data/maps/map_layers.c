#include "data/maps/map_layers.h"

#include <string.h>

#define COUNTY {"jurisdiction", MAP_TEXT}
#define STATE {"state", MAP_TEXT}
#define SPAN {"effective_from", MAP_TEXT}, {"effective_until", MAP_TEXT}
#define NAME {"name", MAP_TEXT}

static const struct map_layer map_layers[] = {
    {"roads", "道路", "Roads", 5, false, false, false, 6,
     {{"class", MAP_TEXT}, {"ref", MAP_TEXT}, {"name", MAP_TEXT}, {"bridge", MAP_BOOLEAN}, {"tunnel", MAP_BOOLEAN}, {"toll", MAP_BOOLEAN}}},
    {"zones", "管控区域", "Zones", 0, true, false, true, 13,
     {NAME, {"class", MAP_TEXT}, {"class_name", MAP_TEXT}, {"class_name_en", MAP_TEXT}, {"rule", MAP_TEXT}, STATE, {"enabled", MAP_BOOLEAN},
      {"severity", MAP_NUMBER}, {"accuracy_m", MAP_NUMBER}, {"border_roads", MAP_TEXT}, SPAN, COUNTY}},
    {"closures", "道路封闭", "Closures", 0, true, false, false, 16,
     {NAME, {"cause", MAP_TEXT}, {"action", MAP_TEXT}, {"object", MAP_TEXT}, {"physical", MAP_BOOLEAN}, STATE, {"route", MAP_TEXT},
      {"from_station", MAP_TEXT}, {"to_station", MAP_TEXT}, {"heading", MAP_TEXT}, {"limit_kind", MAP_TEXT}, {"limit_value", MAP_NUMBER},
      SPAN, {"expected_reopen", MAP_TEXT}, COUNTY}},
    {"checkpoints", "卡点", "Checkpoints", 0, true, false, false, 14,
     {NAME, {"kind", MAP_TEXT}, {"placement", MAP_TEXT}, STATE, {"road", MAP_TEXT}, {"bearing_deg", MAP_NUMBER}, SPAN,
      {"normal_s", MAP_NUMBER}, {"green_s", MAP_NUMBER}, {"lanes", MAP_NUMBER}, {"green_lanes", MAP_NUMBER},
      {"capacity_h", MAP_NUMBER}, COUNTY}},
    {"facilities", "设施", "Facilities", 0, false, false, false, 6,
     {{"kind", MAP_TEXT}, NAME, {"name_en", MAP_TEXT}, STATE, COUNTY, {"turning_place", MAP_BOOLEAN}}},
    {"jurisdictions", "行政区划", "Jurisdictions", 0, false, false, true, 4,
     {NAME, {"name_en", MAP_TEXT}, {"level", MAP_TEXT}, {"parent", MAP_TEXT}}},
    {"plans", "通行方案", "Plans", 0, true, true, false, 13,
     {STATE, {"vehicle_class", MAP_TEXT}, {"depart_at", MAP_TEXT}, {"arrive_at", MAP_TEXT}, {"distance_m", MAP_NUMBER},
      {"duration_s", MAP_NUMBER}, {"holder", MAP_TEXT}, {"company", MAP_TEXT}, {"county", MAP_TEXT}, {"created_at", MAP_TEXT},
      {"network_version", MAP_TEXT}, {"rules_version", MAP_NUMBER}, {"replaces", MAP_TEXT}}},
};

const struct map_layer *map_layer_find(const char *name)
{
    for (size_t i = 0; i < sizeof map_layers / sizeof *map_layers; i++)
        if (strcmp(map_layers[i].name, name) == 0) return &map_layers[i];
    return NULL;
}

const struct map_layer *map_layer_at(size_t index)
{
    return index < sizeof map_layers / sizeof *map_layers ? &map_layers[index] : NULL;
}
