#include "routing/rules/vehicle.h"

#include <stdio.h>
#include <string.h>

enum {
    HEIGHT_MM = 4000, WIDTH_MM = 2550, LENGTH_RIGID_MM = 12000, LENGTH_TRAIN_MM = 18100, AXLE_LOAD_KG = 11500,
    LORRY_OVER_KG = 3500, AXLES_ASSUMED = 6, HAZMAT_EXPRESSWAY_KMH = 80, HAZMAT_OTHER_KMH = 60,
};

const struct vehicle_range VEHICLE_RANGES[VEHICLE_RANGE_COUNT] = {
    {"height_m", 500, 10000, 1000},         {"width_m", 500, 10000, 1000},       {"length_m", 1000, 100000, 1000},
    {"gross_weight_t", 200, 1000000, 1000}, {"axle_load_t", 100, 100000, 1000}, {"axles", 2, 40, 1},
};

static const struct vehicle_class {
    const char *code;
    uint32_t axles, gross_kg, length_mm; /* gross and length 0: by axles */
} classes[] = {
    {"truck_2_axle", 2, 0, 0}, {"truck_3_axle", 3, 0, 0}, {"truck_4_axle", 4, 0, 0},      {"truck_5_axle", 5, 0, 0},
    {"truck_6_axle", 6, 0, 0}, {"van", 2, 3500, 6000},    {"light_truck", 2, 4500, 6000},
};

static enum status class_find(const char *code, const struct vehicle_class **found, struct error *err)
{
    *found = NULL;
    if (code[0] == '\0') return STATUS_OK;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(classes[i].code, code) == 0) *found = &classes[i];
    if (*found != NULL) return STATUS_OK;
    char list[160] = "";
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", classes[i].code);
    }
    enum status status = error_set(err, STATUS_INVALID, MESSAGE_VEHICLE_CLASS, list);
    error_pointer(err, "/class");
    return status;
}

static uint32_t legal_gross_kg(uint32_t axles)
{
    static const uint32_t by_axles[] = {18000, 18000, 18000, 25000, 31000, 43000, 49000};
    return by_axles[axles < 6 ? axles : 6];
}

/* 0 is "not given" and in range. */
static enum status check(uint32_t value, const struct vehicle_range *r, struct error *err)
{
    if (value == 0 || (value >= r->least && value <= r->most)) return STATUS_OK;
    enum status status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_VEHICLE_RANGE, r->member, r->least / r->scale, r->most / r->scale);
    error_pointer(err, "/%s", r->member);
    error_bounds(err, (value < r->least ? r->least : r->most) / r->scale, value / r->scale);
    return status;
}

static enum status check_all(const struct vehicle *v, struct error *err)
{
    const uint32_t values[VEHICLE_RANGE_COUNT] = {v->height_mm, v->width_mm, v->length_mm, v->gross_kg, v->axle_load_kg, v->axles};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < VEHICLE_RANGE_COUNT && status == STATUS_OK; i++) status = check(values[i], &VEHICLE_RANGES[i], err);
    if (status != STATUS_OK) return status;
    if (v->axle_load_kg > 0 && v->gross_kg > 0 && v->axle_load_kg > v->gross_kg) {
        status = error_set(err, STATUS_INVALID, MESSAGE_VEHICLE_AXLE_LOAD);
        error_pointer(err, "/axle_load_t");
        error_bounds(err, v->gross_kg / 1000.0, v->axle_load_kg / 1000.0);
    }
    return status;
}

static void assume(struct vehicle *v, uint32_t *value, uint32_t legal, enum vehicle_attribute attribute)
{
    if (*value != 0) return;
    *value = legal;
    v->assumed |= (uint8_t)attribute;
}

static void slow(uint16_t *limit_kmh, uint16_t at_most_kmh)
{
    if (*limit_kmh == 0 || *limit_kmh > at_most_kmh) *limit_kmh = at_most_kmh;
}

enum status vehicle_complete(struct vehicle *v, struct error *err)
{
    const struct vehicle_class *class = NULL;
    enum status status = class_find(v->class_code, &class, err);
    if (status != STATUS_OK || (status = check_all(v, err)) != STATUS_OK) return status;
    if (class != NULL && v->axles == 0) v->axles = class->axles;
    if (class != NULL && v->axles != class->axles && !(class->axles == 6 && v->axles > 6)) {
        status = error_set(err, STATUS_INVALID, MESSAGE_VEHICLE_AXLES, v->axles);
        error_pointer(err, "/axles");
        error_bounds(err, class->axles, v->axles);
        return status;
    }
    assume(v, &v->axles, AXLES_ASSUMED, VEHICLE_AXLES);
    assume(v, &v->gross_kg, class != NULL && class->gross_kg != 0 ? class->gross_kg : legal_gross_kg(v->axles),
           VEHICLE_GROSS);
    assume(v, &v->height_mm, HEIGHT_MM, VEHICLE_HEIGHT);
    assume(v, &v->width_mm, WIDTH_MM, VEHICLE_WIDTH);
    assume(v, &v->length_mm,
           class != NULL && class->length_mm != 0 ? class->length_mm
           : v->axles <= 4                        ? LENGTH_RIGID_MM
                                                  : LENGTH_TRAIN_MM,
           VEHICLE_LENGTH);
    assume(v, &v->axle_load_kg, v->gross_kg < AXLE_LOAD_KG ? v->gross_kg : AXLE_LOAD_KG, VEHICLE_AXLE_LOAD);
    if (v->axle_load_kg > v->gross_kg) v->gross_kg = v->axle_load_kg; /* the gross was assumed, the load given */
    if (v->hazmat) {
        slow(&v->speed_limit_expressway_kmh, HAZMAT_EXPRESSWAY_KMH);
        slow(&v->speed_limit_other_kmh, HAZMAT_OTHER_KMH);
    }
    return STATUS_OK;
}

uint32_t vehicle_value(const struct vehicle *v, enum limit_kind kind)
{
    switch (kind) {
    case LIMIT_HEIGHT: return v->height_mm;
    case LIMIT_WIDTH: return v->width_mm;
    case LIMIT_LENGTH: return v->length_mm;
    case LIMIT_GROSS_WEIGHT:
    case LIMIT_BRIDGE: return v->gross_kg;
    case LIMIT_AXLE_LOAD: return v->axle_load_kg;
    case LIMIT_AXLES: return v->axles;
    case LIMIT_COUNT: break;
    }
    return 0;
}

bool vehicle_is_lorry(const struct vehicle *v)
{
    return v->gross_kg > LORRY_OVER_KG;
}

int vehicle_plate_tail(const struct vehicle *v)
{
    for (size_t i = strlen(v->plate); i-- > 0;)
        if (v->plate[i] >= '0' && v->plate[i] <= '9') return v->plate[i] - '0';
    return -1;
}
