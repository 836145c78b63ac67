#include "api/encode/encode_geometry.h"

#include "geo/geojson.h"
#include "geo/polyline.h"

/* Metres get millimetres, degrees the seventh place. */
static void encode_xy(struct json_writer *w, const struct wire_crs *crs, struct point_e7 point)
{
    double x, y;
    struct error err = ERROR_INIT;
    unsigned decimals = crs->degrees ? 7 : 3;
    if (wire_crs_out(crs, point, &x, &y, &err) != STATUS_OK) {
        writer_null(w); /* the CRS does not reach there; the reader sees that rather than a wrong place */
        return;
    }
    writer_open_array(w);
    writer_number(w, x, decimals);
    writer_number(w, y, decimals);
    writer_close_array(w);
}

void encode_point(struct json_writer *w, const struct wire_crs *crs, struct point_e7 point)
{
    if (crs->identity) writer_point_e7(w, point);
    else encode_xy(w, crs, point);
}

static void encode_points(struct json_writer *w, const struct wire_crs *crs, const struct point_e7 *points,
                          size_t count)
{
    if (crs->identity) {
        writer_points_e7(w, points, count);
        return;
    }
    writer_open_array(w);
    for (size_t i = 0; i < count; i++) encode_xy(w, crs, points[i]);
    writer_close_array(w);
}

/* ---- polyline ---------------------------------------------------------------------------------------------- */

void encode_polyline(struct json_writer *w, const struct point_e7 *points, size_t count, unsigned decimals)
{
    writer_raw(w, "\"", 1);
    polyline_encode_json(w->out, points, count, decimals == 5 ? POLYLINE_5 : POLYLINE_6);
    buffer_char(w->out, '"');
}

/* Only for degrees other than ours (gcj02, bd09): into a copy, then as above. */
static void encode_polyline_in(struct json_writer *w, const struct wire_crs *crs, const struct point_e7 *points,
                               size_t count, unsigned decimals)
{
    struct buffer copy;
    buffer_init(&copy, count * sizeof *points + 1);
    struct point_e7 *out = (struct point_e7 *)(void *)buffer_room(&copy, count * sizeof *points);
    if (out == NULL) {
        w->out->failed = copy.failed;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        double x, y;
        struct error err = ERROR_INIT;
        if (wire_crs_out(crs, points[i], &x, &y, &err) != STATUS_OK || !point_valid((struct point){x, y})) {
            buffer_clear(&copy);
            writer_null(w);
            return;
        }
        out[i] = point_to_e7((struct point){x, y});
    }
    encode_polyline(w, out, count, decimals);
    buffer_clear(&copy);
}

/* ---- shapes ------------------------------------------------------------------------------------------------ */

void encode_line(struct json_writer *w, const struct wire_form *form, const struct point_e7 *points, size_t count)
{
    struct point_e7 twice[2];
    if (form->geometry == GEOMETRY_NONE || count == 0) {
        writer_null(w);
        return;
    }
    if (count == 1) {
        twice[0] = twice[1] = points[0];
        points = twice, count = 2;
    }
    if (form->geometry != GEOMETRY_GEOJSON) {
        unsigned decimals = form->geometry == GEOMETRY_POLYLINE5 ? 5 : 6;
        if (form->crs.identity) encode_polyline(w, points, count, decimals);
        else encode_polyline_in(w, &form->crs, points, count, decimals);
        return;
    }
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "LineString");
    writer_key(w, "coordinates"), encode_points(w, &form->crs, points, count);
    writer_close_object(w);
}

void encode_area(struct json_writer *w, const struct wire_crs *crs, const struct multipolygon *area)
{
    if (area->part_count == 0) {
        writer_null(w);
        return;
    }
    if (crs->identity) {
        writer_raw(w, "", 0);
        geojson_multipolygon(w->out, area);
        return;
    }
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "MultiPolygon");
    writer_key(w, "coordinates"), writer_open_array(w);
    for (uint32_t p = 0; p < area->part_count; p++) {
        writer_open_array(w);
        for (uint32_t r = area->part_first_ring[p]; r < area->part_first_ring[p + 1]; r++) {
            uint32_t first = area->ring_first_point[r];
            encode_points(w, crs, area->points + first, area->ring_first_point[r + 1] - first);
        }
        writer_close_array(w);
    }
    writer_close_array(w);
    writer_close_object(w);
}
