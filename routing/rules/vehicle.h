/* A vehicle as rules see it. Missing attributes are taken at the legal maximum for the axle count (GB 1589), never
 * at a small car's, and the plan says which were assumed. */
#ifndef ROUTING_VEHICLE_H
#define ROUTING_VEHICLE_H

#include "geo/base/error.h"
#include "routing/network/network.h"

/* Emission stage of the engine, 国0 … 国六, and new-energy vehicles. */
enum emission { EMISSION_UNKNOWN, EMISSION_0, EMISSION_1, EMISSION_2, EMISSION_3, EMISSION_4, EMISSION_5, EMISSION_6,
                EMISSION_NEW_ENERGY };

enum vehicle_attribute { /* bits of `assumed` */
    VEHICLE_HEIGHT = 1 << 0, VEHICLE_WIDTH = 1 << 1, VEHICLE_LENGTH = 1 << 2, VEHICLE_GROSS = 1 << 3,
    VEHICLE_AXLE_LOAD = 1 << 4, VEHICLE_AXLES = 1 << 5,
};

/* What a value must lie between, in the order of the bits above. A value of the struct divided by `scale` is one of the member. */
enum { VEHICLE_RANGE_COUNT = 6 };
extern const struct vehicle_range {
    const char *member;
    uint32_t least, most;
    double scale;
} VEHICLE_RANGES[VEHICLE_RANGE_COUNT];

struct vehicle {
    char class_code[24]; /* "truck_6_axle", or "" */
    uint32_t height_mm, width_mm, length_mm, gross_kg, axle_load_kg, axles;
    bool hazmat, livestock;
    enum emission emission;
    char plate[24];  /* UTF-8, may be "" */
    char cargo[32];  /* cargo code, may be "" */
    uint16_t speed_limit_expressway_kmh, speed_limit_other_kmh; /* 0 = none; hazmat 80 / 60 */
    uint8_t assumed; /* enum vehicle_attribute: values not given but taken */
};

/** Fills what is 0 from the class and the axle count, sets `assumed`, checks ranges and that class and axles agree.
 *  Known classes: truck_2_axle … truck_6_axle (six and more), light_truck (4.5 t, 6 m), van (3.5 t, 6 m), or "".
 *
 *  Taken where nothing is given (GB 1589, 令2016年第62号): 6 axles; gross 18, 25, 31, 43, 49 t for 2, 3, 4, 5, 6 and
 *  more axles; height 4.0 m, width 2.55 m; length 12 m up to 4 axles, 18.1 m beyond; axle load 11.5 t (a drive axle)
 *  or the gross weight if that is less. Hazardous goods: at most 80 km/h on expressways, 60 elsewhere.
 *
 *  Errors point at the member: "/class", "/axles", "/height_m", "/width_m", "/length_m", "/gross_weight_t",
 *  "/axle_load_t". STATUS_INVALID, STATUS_OUT_OF_RANGE. Completing twice changes nothing. */
MUST_USE enum status vehicle_complete(struct vehicle *v, struct error *err);

/** The value that a limit of this kind is compared with (mm, kg or count). LIMIT_BRIDGE compares the gross weight. */
uint32_t vehicle_value(const struct vehicle *v, enum limit_kind kind);

/** Over 3.5 t gross. */
bool vehicle_is_lorry(const struct vehicle *v);

/** The last digit of the plate (what is not a digit is skipped from the end), or -1. */
int vehicle_plate_tail(const struct vehicle *v);

#endif
