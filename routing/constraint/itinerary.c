#include "routing/constraint/itinerary.h"

const char *leg_kind_code(enum leg_kind kind)
{
    static const char *const codes[] = {"origin", "trunk", "destination", "relay", "last_mile"};
    return codes[kind];
}

const char *maneuver_code(enum maneuver maneuver)
{
    static const char *const codes[] = {"depart", "continue", "slight_right", "right", "sharp_right", "uturn",
                                        "sharp_left", "left", "slight_left", "roundabout", "merge", "off_ramp",
                                        "gate", "arrive"};
    return codes[maneuver];
}
