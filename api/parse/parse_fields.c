#include "api/parse/parse_fields.h"

#include "api/parse/parse_area.h"
#include "api/wire/time_text.h"
#include "geo/wkb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 32, LINE_POINTS_MAX = 20000, ROADS_MAX = 100000 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status list_check(const struct json_at *at, const struct field *field, struct error *err)
{
    size_t count;
    TRY(reader_array(at, field->type == FIELD_NUMBERS ? 1 : 0, field->type == FIELD_NUMBERS ? ROADS_MAX : 64, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i);
        const char *text;
        int64_t number;
        unsigned choice;
        if (field->type == FIELD_CHOICES) TRY(reader_choice(&element, field->choices, &choice, err));
        else if (field->type == FIELD_TEXTS) TRY(reader_text(&element, 1, (size_t)field->high, &text, err));
        else TRY(reader_integer(&element, (int64_t)field->low, (int64_t)field->high, &number, err));
    }
    return STATUS_OK;
}

/* A day of the calendar that there is. */
static enum status day_check(const struct json_at *at, struct error *err)
{
    const char *text;
    char moment[40];
    int64_t ms;
    TRY(reader_text(at, 1, 64, &text, err));
    snprintf(moment, sizeof moment, "%sT00:00:00+08:00", text);
    if (time_parse(moment, strlen(moment), &ms)) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_JSON_DAY, text);
    return reader_here(at, err);
}

/* Checks one member by its type. */
static enum status field_check(const struct json_at *at, const struct field *field, struct error *err)
{
    const char *text;
    double number;
    int64_t whole;
    bool flag;
    unsigned choice;
    size_t count;
    switch (field->type) {
    case FIELD_TEXT: return reader_text(at, (size_t)field->low, (size_t)field->high, &text, err);
    case FIELD_NUMBER: return reader_number(at, field->low, field->high, &number, err);
    case FIELD_WHOLE: return reader_integer(at, (int64_t)field->low, (int64_t)field->high, &whole, err);
    case FIELD_FLAG: return reader_boolean(at, &flag, err);
    case FIELD_CHOICE: return reader_choice(at, field->choices, &choice, err);
    case FIELD_TEXTS:
    case FIELD_CHOICES:
    case FIELD_NUMBERS: return list_check(at, field, err);
    case FIELD_SECONDS: return reader_integer(at, (int64_t)field->low, (int64_t)field->high, &whole, err);
    case FIELD_DAY: return day_check(at, err);
    case FIELD_POINT:
    case FIELD_SHOWN: return STATUS_OK;
    case FIELD_APART:
    case FIELD_ARRAY: return reader_array(at, 0, 1000, &count, err);
    case FIELD_OBJECT: return json_is_object(at->value) ? STATUS_OK : reader_type(at, MESSAGE_JSON_TYPE_OBJECT, err);
    case FIELD_TIME:
    case FIELD_SPAN: return reader_time(at, &whole, err);
    }
    return STATUS_INTERNAL;
}

/* One member as its column. */
static bool column_set(json_t *columns, const struct field *field, json_t *value)
{
    char text[40];
    if (field->type != FIELD_SECONDS) return json_object_set(columns, field->column, value) == 0;
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT " seconds", json_integer_value(value));
    return json_object_set_new(columns, field->column, json_string(text)) == 0;
}

enum status parse_fields(const struct json_at *properties, const struct field *fields, json_t *columns, struct error *err)
{
    const char *names[FIELDS_MAX + 1];
    size_t count = 0;
    for (; fields[count].name; count++) names[count] = fields[count].name;
    names[count] = NULL;
    TRY(reader_members(properties, names, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at at;
        if (!reader_find(properties, fields[i].name, &at) || json_is_null(at.value)) {
            if (fields[i].required) TRY(reader_require(properties, fields[i].name, &at, err));
            if (fields[i].required) return reader_type(&at, MESSAGE_JSON_TYPE_STRING, err);
            continue;
        }
        TRY(field_check(&at, &fields[i], err));
        if (fields[i].column && !column_set(columns, &fields[i], at.value)) return no_memory(err);
    }
    return STATUS_OK;
}

/* ---- geometry ---------------------------------------------------------------------------------------------- */

static enum status set_geometry(json_t *columns, const char *column, struct buffer *wkb, struct error *err)
{
    struct buffer hex;
    buffer_init(&hex, 64 << 20);
    wkb_hex(&hex, wkb->data, wkb->length);
    enum status status = STATUS_OK;
    if (wkb->failed || hex.failed || json_object_set_new(columns, column, json_stringn(hex.data, hex.length)) != 0)
        status = no_memory(err);
    buffer_clear(&hex);
    return status;
}

enum status parse_area_column(struct parse *parse, const struct json_at *geometry, json_t *columns, struct multipolygon *area,
                             struct error *err)
{
    static const char *const types[] = {"Polygon", "MultiPolygon", NULL};
    struct json_at at;
    unsigned type;
    if (!json_is_object(geometry->value)) return reader_type(geometry, MESSAGE_JSON_TYPE_OBJECT, err);
    TRY(reader_require(geometry, "type", &at, err));
    TRY(reader_choice(&at, types, &type, err));
    TRY(parse_area(parse, geometry, &MULTIPOLYGON_LIMITS_DEFAULT, area, err));
    if (area->part_count == 0) {
        error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_AREA_EMPTY);
        return reader_here(geometry, err);
    }
    struct buffer wkb;
    buffer_init(&wkb, 32 << 20);
    wkb_write_multipolygon(&wkb, area);
    enum status status = set_geometry(columns, "geom", &wkb, err);
    buffer_clear(&wkb);
    return status;
}

enum status parse_point_column(struct parse *parse, const struct json_at *geometry, bool line, json_t *columns,
                                      struct error *err)
{
    static const char *const members[] = {"type", "coordinates", NULL};
    static const char *const types[] = {"Point", "LineString", NULL}, *const point_types[] = {"Point", NULL};
    struct json_at at, coordinates;
    unsigned type;
    size_t count = 0;
    TRY(reader_members(geometry, members, err));
    TRY(reader_require(geometry, "type", &at, err));
    TRY(reader_choice(&at, line ? types : point_types, &type, err));
    TRY(reader_require(geometry, "coordinates", &coordinates, err));
    struct point_e7 *points = arena_zero(parse->arena, 1, sizeof *points);
    if (points == NULL) return no_memory(err);
    if (type == 1) {
        TRY(reader_array(&coordinates, 2, LINE_POINTS_MAX, &count, err));
        points = arena_zero(parse->arena, count, sizeof *points);
        if (points == NULL) return no_memory(err);
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&coordinates, i);
            TRY(parse_location(parse, &element, &points[i], err));
        }
    } else {
        TRY(parse_location(parse, &coordinates, points, err));
    }
    struct buffer wkb;
    buffer_init(&wkb, 4 << 20);
    if (type == 1) wkb_write_line(&wkb, points, count);
    else wkb_write_point(&wkb, *points);
    enum status status = set_geometry(columns, "geom", &wkb, err);
    buffer_clear(&wkb);
    return status;
}

enum status parse_place_column(struct parse *parse, const struct json_at *at, const char *column, json_t *columns, struct error *err)
{
    struct point_e7 point;
    struct buffer wkb;
    TRY(parse_location(parse, at, &point, err));
    buffer_init(&wkb, 4096);
    wkb_write_point(&wkb, point);
    enum status status = set_geometry(columns, column, &wkb, err);
    buffer_clear(&wkb);
    return status;
}

const char *parse_dump(const json_t *value, struct arena *arena)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = text ? arena_strdup(arena, text) : NULL;
    free(text);
    return copy;
}
