#include "data/import/road_defaults.h"

#include <assert.h>

static const struct road_default defaults[ROAD_CLASS_COUNT] = {
    [ROAD_MOTORWAY] = {85, 100, true},       [ROAD_MOTORWAY_LINK] = {40, 60, true},
    [ROAD_TRUNK] = {65, 80, false},          [ROAD_TRUNK_LINK] = {35, 50, false},
    [ROAD_PRIMARY] = {55, 80, false},        [ROAD_PRIMARY_LINK] = {35, 50, false},
    [ROAD_SECONDARY] = {45, 70, false},      [ROAD_SECONDARY_LINK] = {30, 50, false},
    [ROAD_TERTIARY] = {35, 60, false},       [ROAD_TERTIARY_LINK] = {25, 40, false},
    [ROAD_UNCLASSIFIED] = {28, 50, false},   [ROAD_RESIDENTIAL] = {20, 40, false},
    [ROAD_LIVING_STREET] = {10, 20, false},  [ROAD_SERVICE] = {12, 30, false},
    [ROAD_TRACK] = {8, 20, false},           [ROAD_FERRY] = {10, 20, false},
};

static const char *const codes[ROAD_CLASS_COUNT] = {
#define X(name, code, zh) [ROAD_##name] = code,
    ROAD_CLASS_LIST(X)
#undef X
};

const struct road_default *road_default_get(enum road_class class)
{
    assert((unsigned)class < ROAD_CLASS_COUNT);
    return &defaults[class];
}

const char *road_default_code(enum road_class class)
{
    assert((unsigned)class < ROAD_CLASS_COUNT);
    return codes[class];
}

uint16_t road_default_speed_kmh(enum road_class class, double posted_kmh)
{
    const struct road_default *row = road_default_get(class);
    double speed = row->lorry_kmh;

    if (posted_kmh > 0 && posted_kmh < speed) speed = posted_kmh;
    if (speed < 5) speed = 5;
    return (uint16_t)(speed + 0.5);
}
