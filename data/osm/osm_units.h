/* Values of OpenStreetMap tags with their units and common spellings.
 *
 *   length   "4.2", "4,2", "4.2 m", "420 cm", "13'6\"", "7'", "12 ft", "7 ft 6 in", "none", "default", "below_default"
 *   weight   "3.5", "3,5 t", "3.5t", "3500 kg", "40000 lbs", "10 st" (short tons), "none"
 *   speed    "50", "50 km/h", "30 mph", "10 knots", "none", "walk", "CN:urban", "DE:zone:30"
 *
 * A list ("3.5;7.5") gives its strictest value. A comma is a decimal sign when digits follow it to the end of the number,
 * never a separator of thousands: a restriction that is read too strictly costs a detour, the other error a bridge. */
#ifndef DATA_OSM_OSM_UNITS_H
#define DATA_OSM_OSM_UNITS_H

#include <stdbool.h>
#include <stdint.h>

enum osm_value {
    OSM_VALUE_NUMBER,        /* understood */
    OSM_VALUE_NONE,          /* says that there is no limit, or the legal one */
    OSM_VALUE_BELOW_DEFAULT, /* less than the legal maximum, unknown by how much */
    OSM_VALUE_UNKNOWN,       /* not understood */
};

/** Millimetres, 100 mm .. 1 km. Any thread, as all here. */
enum osm_value osm_length_mm(const char *text, uint32_t *mm);

/** Kilograms, 100 kg .. 10,000 t. */
enum osm_value osm_weight_kg(const char *text, uint32_t *kg);

/** A whole number 1 .. 1000 (axles). */
enum osm_value osm_count(const char *text, uint32_t *count);

/** km/h, 1 .. 400. Country codes use the general figures: urban 50, rural and trunk 80, motorway 120, living street 20. */
enum osm_value osm_speed_kmh(const char *text, double *kmh);

/** Minutes of a duration "00:15", "1:30:00", "15", "PT1H30M"; false if not understood. */
bool osm_duration_s(const char *text, uint32_t *seconds);

#endif
