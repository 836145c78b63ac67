#include "geo/prepared.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>

/* How exactly two pieces must meet to be one stretch: well above GEOS's rounding, well below what matters. */
#define JOIN_M 1e-5

struct prepared {
    struct geos *geos;
    GEOSGeometry *shape; /* eroded or grown */
    const GEOSPreparedGeometry *index;
    bool empty;
    double min_x_m, min_y_m, max_x_m, max_y_m;
};

static enum status make(struct geos *geos, const struct multipolygon_mm *shape, double margin_m, struct prepared **out,
                        struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    *out = NULL;
    struct prepared *prepared = calloc(1, sizeof *prepared);
    if (prepared == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    prepared->geos = geos;
    GEOSGeometry *whole = geos_multipolygon_m(geos, shape);
    if (whole != NULL) prepared->shape = GEOSBuffer_r(handle, whole, margin_m, 8);
    GEOSGeom_destroy_r(handle, whole);
    if (prepared->shape == NULL) goto failed;
    char empty = GEOSisEmpty_r(handle, prepared->shape);
    if (empty != 0 && empty != 1) goto failed;
    prepared->empty = empty == 1;
    if (!prepared->empty) {
        if (!GEOSGeom_getXMin_r(handle, prepared->shape, &prepared->min_x_m) ||
            !GEOSGeom_getYMin_r(handle, prepared->shape, &prepared->min_y_m) ||
            !GEOSGeom_getXMax_r(handle, prepared->shape, &prepared->max_x_m) ||
            !GEOSGeom_getYMax_r(handle, prepared->shape, &prepared->max_y_m))
            goto failed;
        prepared->index = GEOSPrepare_r(handle, prepared->shape);
        if (prepared->index == NULL) goto failed;
    }
    *out = prepared;
    return STATUS_OK;
failed:
    prepared_free(prepared);
    return geos_failed(geos, err);
}

enum status prepared_new(struct geos *geos, const struct multipolygon_mm *shape, struct prepared **out, struct error *err)
{
    return make(geos, shape, -PREPARED_EROSION_M, out, err);
}

enum status prepared_grown_new(struct geos *geos, const struct multipolygon_mm *shape, struct prepared **out, struct error *err)
{
    return make(geos, shape, PREPARED_EROSION_M, out, err);
}

void prepared_free(struct prepared *prepared)
{
    if (prepared == NULL) return;
    GEOSContextHandle_t handle = geos_handle(prepared->geos);
    GEOSPreparedGeom_destroy_r(handle, prepared->index);
    GEOSGeom_destroy_r(handle, prepared->shape);
    free(prepared);
}

/* ---- one segment ---- */

struct piece {
    double from_m, to_m; /* along the segment */
};

struct stretch_state {
    double open_m;    /* length of the stretch that reaches the end of the segment before, 0 when none does */
    double longest_m;
};

static double distance(double ax, double ay, double bx, double by)
{
    double x = bx - ax, y = by - ay;
    return sqrt(x * x + y * y);
}

static int compare_pieces(const void *a, const void *b)
{
    double x = ((const struct piece *)a)->from_m, y = ((const struct piece *)b)->from_m;
    return (x > y) - (x < y);
}

/* The pieces of a two-point line inside the polygon, by overlay. NULL when GEOS fails or memory is out. */
static struct piece *overlay(struct prepared *prepared, const GEOSGeometry *segment, struct point_mm start, size_t *count)
{
    GEOSContextHandle_t handle = geos_handle(prepared->geos);
    GEOSGeometry *common = GEOSIntersection_r(handle, prepared->shape, segment);
    struct piece *pieces = NULL;
    bool failed = true;
    *count = 0;
    if (common == NULL) return NULL;
    int parts = GEOSGetNumGeometries_r(handle, common);
    if (parts < 0) goto done;
    pieces = malloc(((size_t)parts + 1) * sizeof *pieces);
    if (pieces == NULL) goto done;
    for (int i = 0; i < parts; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(handle, common, i);
        if (part == NULL) goto done;
        if (GEOSGeomTypeId_r(handle, part) != GEOS_LINESTRING) continue; /* a touching point has no length */
        const GEOSCoordSequence *coordinates = GEOSGeom_getCoordSeq_r(handle, part);
        unsigned n = 0;
        if (coordinates == NULL || !GEOSCoordSeq_getSize_r(handle, coordinates, &n)) goto done;
        if (n < 2) continue;
        double x0, y0, x1, y1;
        if (!GEOSCoordSeq_getXY_r(handle, coordinates, 0, &x0, &y0) ||
            !GEOSCoordSeq_getXY_r(handle, coordinates, n - 1, &x1, &y1))
            goto done;
        double a = distance(start.x_mm / 1000.0, start.y_mm / 1000.0, x0, y0);
        double b = distance(start.x_mm / 1000.0, start.y_mm / 1000.0, x1, y1);
        pieces[(*count)++] = (struct piece){fmin(a, b), fmax(a, b)};
    }
    qsort(pieces, *count, sizeof *pieces, compare_pieces);
    failed = false;
done:
    GEOSGeom_destroy_r(handle, common);
    if (failed) {
        free(pieces);
        pieces = NULL;
    }
    return pieces;
}

static void add_piece(struct stretch_state *state, double *last_m, double from_m, double to_m)
{
    /* *last_m is where the open stretch ends on this segment */
    if (from_m > *last_m + JOIN_M) state->open_m = 0;
    if (to_m > *last_m) {
        state->open_m += to_m - fmax(from_m, state->open_m > 0 ? *last_m : from_m);
        *last_m = to_m;
    }
    if (state->open_m > state->longest_m) state->longest_m = state->open_m;
}

/* False when GEOS fails. */
static bool add_segment(struct prepared *prepared, struct point_mm a, struct point_mm b, struct stretch_state *state)
{
    GEOSContextHandle_t handle = geos_handle(prepared->geos);
    double length_m = distance(a.x_mm / 1000.0, a.y_mm / 1000.0, b.x_mm / 1000.0, b.y_mm / 1000.0), last_m = 0;
    struct point_mm ends[2] = {a, b};
    GEOSGeometry *segment = geos_line_m(prepared->geos, ends, 2);
    struct piece *pieces = NULL;
    size_t count = 0;
    bool ok = false;
    if (segment == NULL) return false;
    char meets = GEOSPreparedIntersects_r(handle, prepared->index, segment);
    if (meets == 0) {
        state->open_m = 0;
        ok = true;
        goto done;
    }
    if (meets != 1) goto done;
    char all = GEOSPreparedCovers_r(handle, prepared->index, segment);
    if (all == 1) {
        add_piece(state, &last_m, 0, length_m);
        ok = true;
        goto done;
    }
    if (all != 0) goto done;
    pieces = overlay(prepared, segment, a, &count);
    if (pieces == NULL) goto done;
    for (size_t i = 0; i < count; i++) add_piece(state, &last_m, pieces[i].from_m, pieces[i].to_m);
    if (last_m < length_m - JOIN_M) state->open_m = 0;
    ok = true;
done:
    free(pieces);
    GEOSGeom_destroy_r(handle, segment);
    return ok;
}

/* prepared_stretch that stops as soon as a stretch is longer than `enough_m`. */
static enum status measure(struct prepared *prepared, const struct point_mm *line, size_t count, double enough_m,
                           double *longest_m, struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(prepared->geos);
    *longest_m = 0;
    if (prepared->empty || count < 2) return STATUS_OK;
    struct box_mm box = box_mm_of(line, count);
    if (box.max_x_mm / 1000.0 < prepared->min_x_m || box.min_x_mm / 1000.0 > prepared->max_x_m ||
        box.max_y_mm / 1000.0 < prepared->min_y_m || box.min_y_mm / 1000.0 > prepared->max_y_m)
        return STATUS_OK;

    /* Segment by segment: an overlay of the whole line would be cut up where the line meets itself. */
    GEOSGeometry *whole = geos_line_m(prepared->geos, line, count);
    if (whole == NULL) return geos_failed(prepared->geos, err);
    char meets = GEOSPreparedIntersects_r(handle, prepared->index, whole);
    GEOSGeom_destroy_r(handle, whole);
    if (meets == 0) return STATUS_OK;
    if (meets != 1) return geos_failed(prepared->geos, err);
    struct stretch_state state = {0, 0};
    for (size_t i = 0; i + 1 < count && state.longest_m <= enough_m; i++) {
        if (point_mm_equal(line[i], line[i + 1])) continue;
        if (!add_segment(prepared, line[i], line[i + 1], &state)) return geos_failed(prepared->geos, err);
    }
    *longest_m = state.longest_m;
    return STATUS_OK;
}

enum status prepared_stretch(struct prepared *prepared, const struct point_mm *line, size_t count, double *longest_m,
                             struct error *err)
{
    return measure(prepared, line, count, INFINITY, longest_m, err);
}

bool prepared_offends(struct prepared *prepared, const struct point_mm *line, size_t count, double threshold_m)
{
    double longest_m = 0, most_m = threshold_m + PREPARED_SLACK_M;
    if (measure(prepared, line, count, most_m, &longest_m, NULL) != STATUS_OK) return true;
    return longest_m > most_m;
}
