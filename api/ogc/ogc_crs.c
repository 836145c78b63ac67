#include "api/ogc/ogc_crs.h"

#include "api/handlers/layers.h"
#include "api/json/reader.h"

#include <stdio.h>
#include <string.h>

#define CRS84 "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#define EPSG "http://www.opengis.net/def/crs/EPSG/0/"

/* Runs of codes: geographic and web grid; 3-degree zones by meridian, 75° to 135° E; 6-degree zones by meridian. */
static const struct {
    int first, last;
} codes[] = {{4490, 4490}, {4326, 4326}, {3857, 3857}, {4534, 4554}, {4502, 4512}};

bool ogc_crs_at(size_t index, char uri[OGC_CRS_URI_SIZE])
{
    snprintf(uri, OGC_CRS_URI_SIZE, CRS84);
    if (index-- == 0) return true;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        size_t count = (size_t)(codes[i].last - codes[i].first + 1);
        if (index < count) {
            snprintf(uri, OGC_CRS_URI_SIZE, EPSG "%d", codes[i].first + (int)index);
            return true;
        }
        index -= count;
    }
    return false;
}

static enum status blame(struct error *err, const char *key)
{
    error_pointer(err, "?%s", key);
    return err->status;
}

enum status ogc_crs_open(struct crs_cache *cache, const char *key, const char *uri, struct ogc_crs *out, struct error *err)
{
    *out = (struct ogc_crs){.uri = CRS84, .wire = WIRE_CRS_DEFAULT};
    if (uri == NULL || strcmp(uri, CRS84) == 0) return STATUS_OK;
    bool listed = false;
    for (size_t i = 0; !listed && ogc_crs_at(i, out->uri); i++) listed = strcmp(uri, out->uri) == 0;
    if (!listed) {
        error_set(err, STATUS_INVALID, MESSAGE_OGC_CRS, key);
        return blame(err, key);
    }
    char name[CRS_NAME_SIZE];
    snprintf(name, sizeof name, "EPSG:%s", out->uri + strlen(EPSG));
    if (wire_crs_open(cache, name, &out->wire, err) != STATUS_OK) return blame(err, key);
    out->flipped = out->wire.identity || crs_is_flipped(out->wire.crs);
    return STATUS_OK;
}

/* ---- out --------------------------------------------------------------------------------------------------- */

static enum status write_position(const struct ogc_crs *crs, const json_t *position, struct json_writer *w, struct error *err)
{
    double x, y;
    struct point_e7 point = point_to_e7((struct point){json_number_value(json_array_get(position, 0)), json_number_value(json_array_get(position, 1))});
    unsigned places = crs->wire.degrees ? 7 : 3;
    TRY(wire_crs_out(&crs->wire, point, &x, &y, err));
    writer_open_array(w);
    writer_number(w, crs->flipped ? y : x, places);
    writer_number(w, crs->flipped ? x : y, places);
    writer_close_array(w);
    return STATUS_OK;
}

static enum status write_positions(const struct ogc_crs *crs, const json_t *value, struct json_writer *w, struct error *err)
{
    if (json_is_number(json_array_get(value, 0))) return write_position(crs, value, w, err);
    writer_open_array(w);
    for (size_t i = 0; i < json_array_size(value); i++) TRY(write_positions(crs, json_array_get(value, i), w, err));
    writer_close_array(w);
    return STATUS_OK;
}

static enum status write_geometry(const struct ogc_crs *crs, const json_t *geometry, struct json_writer *w, struct error *err)
{
    const json_t *parts = json_object_get(geometry, "geometries");
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, json_string_value(json_object_get(geometry, "type")));
    if (parts) {
        writer_key(w, "geometries"), writer_open_array(w);
        for (size_t i = 0; i < json_array_size(parts); i++) TRY(write_geometry(crs, json_array_get(parts, i), w, err));
        writer_close_array(w);
    } else {
        writer_key(w, "coordinates");
        TRY(write_positions(crs, json_object_get(geometry, "coordinates"), w, err));
    }
    writer_close_object(w);
    return STATUS_OK;
}

enum status ogc_crs_geometry(const struct ogc_crs *crs, const char *geojson, struct json_writer *w, struct error *err)
{
    json_t *geometry;
    if (geojson == NULL) writer_null(w);
    else if (crs->wire.identity && !crs->flipped) writer_raw(w, geojson, strlen(geojson));
    else {
        TRY(reader_parse(geojson, strlen(geojson), &geometry, err));
        enum status status = write_geometry(crs, geometry, w, err);
        json_decref(geometry);
        return status;
    }
    return STATUS_OK;
}

/* ---- in ---------------------------------------------------------------------------------------------------- */

static enum status bad_bbox(struct error *err)
{
    error_set(err, STATUS_INVALID, MESSAGE_OGC_BBOX);
    return blame(err, "bbox");
}

/* A box in degrees; one without width or height is a line or a point, which an area without inside would not meet. */
static void put_box(struct buffer *wkt, double w, double s, double e, double n)
{
    if (w == e && s == n) buffer_printf(wkt, "POINT(%.9f %.9f)", w, s);
    else if (w == e || s == n) buffer_printf(wkt, "LINESTRING(%.9f %.9f,%.9f %.9f)", w, s, e, n);
    else buffer_printf(wkt, "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", w, s, e, s, e, n, w, n, w, s);
}

/* The border of a box in a grid, point by point: its edges are no straight lines in degrees. */
static enum status put_grid_box(const struct ogc_crs *crs, const double low[2], const double high[2], struct buffer *wkt, struct error *err)
{
    enum { STEPS = 16 };
    const double corners[5][2] = {{low[0], low[1]}, {high[0], low[1]}, {high[0], high[1]}, {low[0], high[1]}, {low[0], low[1]}};
    buffer_text(wkt, "POLYGON((");
    for (int i = 0; i < 4 * STEPS + 1; i++) {
        const double *a = corners[i / STEPS], *b = corners[i / STEPS < 4 ? i / STEPS + 1 : 4], t = (double)(i % STEPS) / STEPS;
        struct point_e7 p;
        if (wire_crs_in(&crs->wire, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, &p, err) != STATUS_OK) return bad_bbox(err);
        buffer_printf(wkt, "%s%.7f %.7f", i ? "," : "", p.lon_e7 / 1e7, p.lat_e7 / 1e7);
    }
    buffer_text(wkt, "))");
    return STATUS_OK;
}

enum status ogc_crs_area(const struct ogc_crs *crs, const char *bbox, struct buffer *wkt, struct error *err)
{
    double side[6];
    int dimensions = numbers_parse(bbox, 4, side) ? 2 : numbers_parse(bbox, 6, side) ? 3 : 0;
    if (dimensions == 0) return bad_bbox(err);
    const double first[2] = {side[0], side[1]}, second[2] = {side[dimensions], side[dimensions + 1]};
    const double low[2] = {first[crs->flipped], first[!crs->flipped]}, high[2] = {second[crs->flipped], second[!crs->flipped]};
    if (low[1] > high[1] || (!crs->wire.degrees && low[0] > high[0])) return bad_bbox(err);
    if (!crs->wire.degrees) {
        if (low[0] == high[0] || low[1] == high[1]) return bad_bbox(err);
        return put_grid_box(crs, low, high, wkt, err);
    }
    if (!point_valid((struct point){low[0], low[1]}) || !point_valid((struct point){high[0], high[1]})) return bad_bbox(err);
    if (low[0] <= high[0]) {
        put_box(wkt, low[0], low[1], high[0], high[1]);
    } else {
        buffer_text(wkt, "GEOMETRYCOLLECTION(");
        put_box(wkt, low[0], low[1], 180, high[1]);
        buffer_char(wkt, ',');
        put_box(wkt, -180, low[1], high[0], high[1]);
        buffer_char(wkt, ')');
    }
    return STATUS_OK;
}
