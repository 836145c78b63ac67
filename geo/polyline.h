/* Encoded polylines: the format of Google's maps, OSRM and Valhalla, latitude first inside, 5 or 6 decimals.
 *
 * Source: "Encoded Polyline Algorithm Format", developers.google.com/maps/documentation/utilities. Pure functions. */
#ifndef GEO_POLYLINE_H
#define GEO_POLYLINE_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"
#include "geo/point.h"

enum polyline_precision { POLYLINE_5 = 5, POLYLINE_6 = 6 };

/** Appends the code of `points`. Each coordinate is rounded by itself (halves away from zero), so errors do not add
 *  up. The text may hold backslashes: a JSON writer must escape it. */
void polyline_encode(struct buffer *out, const struct point_e7 *points, size_t count,
                     enum polyline_precision precision);

/** The same with every backslash doubled, ready to stand between the quotes of a JSON string. */
void polyline_encode_json(struct buffer *out, const struct point_e7 *points, size_t count,
                          enum polyline_precision precision);

/** Reads `length` bytes into `out`; a capacity of length / 2 is always enough. Strict: only bytes 63..126, no broken
 *  or overlong number, an even count of numbers, every point on the earth. STATUS_INVALID (the error's log names the
 *  byte), STATUS_TOO_LARGE when `capacity` is too small. */
MUST_USE enum status polyline_decode(const char *text, size_t length, enum polyline_precision precision,
                                     struct point_e7 *out, size_t capacity, size_t *count, struct error *err);

#endif
