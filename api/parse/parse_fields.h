/* Members of what is drawn or registered, read by a table: names, types and bounds of each, and the column that it goes to.
 * What rules, hours and requirements may say, the database checks. */
#ifndef API_PARSE_FIELDS_H
#define API_PARSE_FIELDS_H

#include "api/parse/parse_common.h"
#include "geo/multipolygon.h"

enum field_type {
    FIELD_TEXT, FIELD_NUMBER, FIELD_WHOLE, FIELD_FLAG, FIELD_CHOICE, FIELD_TEXTS, FIELD_NUMBERS, FIELD_ARRAY, FIELD_OBJECT, FIELD_TIME,
    FIELD_SPAN,    /* one end of a validity */
    FIELD_APART,   /* an array that the caller reads */
    FIELD_SECONDS, /* whole seconds that become an interval */
    FIELD_CHOICES, /* texts, each one of the choices */
    FIELD_DAY,     /* "2026-10-01" */
    FIELD_POINT,   /* a place: the caller reads it */
    FIELD_SHOWN,   /* in answers only: taken and ignored */
};

struct field {
    const char *name, *column;
    enum field_type type;
    double low, high;           /* of numbers; of a text, bytes */
    const char *const *choices; /* up to NULL */
    bool required;
};

/** Reads an object that has no members but those of `fields` (up to one without a name, at most 32) into columns, each by
 *  its column's name. null counts as absent. Errors: those of the reader. */
MUST_USE enum status parse_fields(const struct json_at *properties, const struct field *fields, json_t *columns,
                                  struct error *err);

/** A Polygon or MultiPolygon as the column `geom`, validated and never repaired. */
MUST_USE enum status parse_area_column(struct parse *parse, const struct json_at *geometry, json_t *columns,
                                       struct multipolygon *area, struct error *err);

/** A Point, or, where `line` may be, a LineString as the column `geom`. */
MUST_USE enum status parse_point_column(struct parse *parse, const struct json_at *geometry, bool line, json_t *columns,
                                        struct error *err);

/** [x, y] as a point in the column of that name. */
MUST_USE enum status parse_place_column(struct parse *parse, const struct json_at *at, const char *column, json_t *columns,
                                        struct error *err);

/** A JSON value as text in the arena, or NULL when memory is out. */
const char *parse_dump(const json_t *value, struct arena *arena);

#endif
