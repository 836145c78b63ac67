#include "geo/projection.h"

#include <assert.h>
#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, EPSG_FIRST = 4502, EPSG_LAST = 4512 };

/* Half the plane's width that int32 millimetres leave, less a margin for what lies around the network. */
#define REACH_M 2000000.0
#define WIDTH_MAX_DEG 40.0
#define ZONE_OVERLAP_DEG 0.5
#define ORIGIN_STEP_M 10000.0

struct projection {
    PJ_CONTEXT *context;
    PJ *transform;
    double origin_x_m, origin_y_m;
    char text[PROJECTION_TEXT_MAX];
};

static void no_message(void *data, int level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

/* Reads the strict forms of the header. The EPSG zones are taken by definition (central meridian 75 + 6k, x0
 * 500 km, k 1, GRS 80) rather than from PROJ's database: a snapshot must open where that file is missing, and the
 * database's axis order (northing first) cannot get in. A unit test compares the two. */
static bool text_parse(const char *text, int *lon_0_deg, long *x_m, long *y_m)
{
    int code = 0, used = 0;
    char again[PROJECTION_TEXT_MAX];
    if (strlen(text) >= sizeof again) return false;
    if (sscanf(text, "EPSG:%d origin=%ld,%ld%n", &code, x_m, y_m, &used) == 3) {
        if (code < EPSG_FIRST || code > EPSG_LAST) return false;
        *lon_0_deg = 75 + 6 * (code - EPSG_FIRST);
        snprintf(again, sizeof again, "EPSG:%d origin=%ld,%ld", code, *x_m, *y_m);
    } else if (sscanf(text, "+proj=tmerc +lon_0=%d +k=1 +x_0=500000 +ellps=GRS80 +units=m origin=%ld,%ld%n",
                      lon_0_deg, x_m, y_m, &used) == 3) {
        if (*lon_0_deg < -180 || *lon_0_deg > 180) return false;
        snprintf(again, sizeof again, "+proj=tmerc +lon_0=%d +k=1 +x_0=500000 +ellps=GRS80 +units=m origin=%ld,%ld",
                 *lon_0_deg, *x_m, *y_m);
    } else {
        return false;
    }
    if (labs(*x_m) > 20000000 || labs(*y_m) > 20000000) return false;
    return strcmp(again, text) == 0; /* no blanks, signs or leading zeros that the writer would not have made */
}

enum status projection_open(const char *text, struct projection **out, struct error *err)
{
    *out = NULL;
    int lon_0_deg = 0;
    long x_m = 0, y_m = 0;
    if (!text_parse(text, &lon_0_deg, &x_m, &y_m)) {
        enum status status = error_set(err, STATUS_INVALID, MESSAGE_PROJECTION_TEXT);
        error_log(err, "projection text: %s", text);
        return status;
    }
    struct projection *made = calloc(1, sizeof *made);
    if (made == NULL) goto no_memory;
    snprintf(made->text, sizeof made->text, "%s", text);
    made->origin_x_m = (double)x_m;
    made->origin_y_m = (double)y_m;
    made->context = proj_context_create();
    if (made->context == NULL) goto no_memory;
    proj_log_func(made->context, NULL, no_message);
    proj_context_set_enable_network(made->context, 0);
    char pipeline[120];
    snprintf(pipeline, sizeof pipeline, "+proj=tmerc +lon_0=%d +k=1 +x_0=500000 +ellps=GRS80", lon_0_deg);
    made->transform = proj_create(made->context, pipeline);
    if (made->transform == NULL) goto no_memory; /* the pipeline is ours and right: only memory can fail */
    *out = made;
    return STATUS_OK;
no_memory:
    projection_close(made);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void projection_close(struct projection *projection)
{
    if (projection == NULL) return;
    if (projection->transform != NULL) proj_destroy(projection->transform);
    if (projection->context != NULL) proj_context_destroy(projection->context);
    free(projection);
}

const char *projection_text_get(const struct projection *projection)
{
    return projection->text;
}

static enum status outside(struct error *err, size_t index)
{
    enum status status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_OUTSIDE_PLANE);
    error_log(err, "point %zu does not fit the plane", index);
    return status;
}

/* Millimetres from the origin, or false when they do not fit (also for PROJ's infinity on failure). */
static bool to_mm(double metres, double origin_m, int32_t *out)
{
    double mm = round((metres - origin_m) * 1000.0);
    if (!(mm >= (double)INT32_MIN && mm <= (double)INT32_MAX)) return false;
    *out = (int32_t)mm;
    return true;
}

enum status projection_forward(struct projection *projection, const struct point_e7 *in, size_t count,
                               struct point_mm *out, struct error *err)
{
    PJ_COORD chunk[CHUNK];
    for (size_t done = 0; done < count;) {
        size_t n = count - done < CHUNK ? count - done : CHUNK;
        for (size_t i = 0; i < n; i++) {
            struct point p = point_from_e7(in[done + i]);
            chunk[i] = proj_coord(proj_torad(p.lon_deg), proj_torad(p.lat_deg), 0, 0);
        }
        if (proj_trans_array(projection->transform, PJ_FWD, n, chunk) != 0) return outside(err, done);
        for (size_t i = 0; i < n; i++)
            if (!to_mm(chunk[i].xy.x, projection->origin_x_m, &out[done + i].x_mm) ||
                !to_mm(chunk[i].xy.y, projection->origin_y_m, &out[done + i].y_mm))
                return outside(err, done + i);
        done += n;
    }
    return STATUS_OK;
}

enum status projection_inverse(struct projection *projection, const struct point_mm *in, size_t count,
                               struct point_e7 *out, struct error *err)
{
    PJ_COORD chunk[CHUNK];
    for (size_t done = 0; done < count;) {
        size_t n = count - done < CHUNK ? count - done : CHUNK;
        for (size_t i = 0; i < n; i++)
            chunk[i] = proj_coord((double)in[done + i].x_mm / 1000.0 + projection->origin_x_m,
                                  (double)in[done + i].y_mm / 1000.0 + projection->origin_y_m, 0, 0);
        if (proj_trans_array(projection->transform, PJ_INV, n, chunk) != 0) return outside(err, done);
        for (size_t i = 0; i < n; i++) {
            struct point p = {proj_todeg(chunk[i].lp.lam), proj_todeg(chunk[i].lp.phi)};
            if (!point_valid(p)) return outside(err, done + i);
            out[done + i] = point_to_e7(p);
        }
        done += n;
    }
    return STATUS_OK;
}

/* The plane's text without origin; false when no zone or meridian suits. */
static void crs_of(const struct box *extent, char *text, size_t size)
{
    double centre_deg = (extent->min_lon_deg + extent->max_lon_deg) / 2;
    bool china = extent->min_lon_deg >= 72 && extent->max_lon_deg <= 138 && extent->min_lat_deg >= 15 &&
                 extent->max_lat_deg <= 55;
    int zone = (int)floor((centre_deg - 72) / 6);
    if (zone > EPSG_LAST - EPSG_FIRST) zone = EPSG_LAST - EPSG_FIRST;
    double meridian_deg = 75 + 6 * zone;
    if (china && extent->min_lon_deg >= meridian_deg - 3 - ZONE_OVERLAP_DEG &&
        extent->max_lon_deg <= meridian_deg + 3 + ZONE_OVERLAP_DEG) {
        snprintf(text, size, "EPSG:%d", EPSG_FIRST + zone);
        return;
    }
    snprintf(text, size, "+proj=tmerc +lon_0=%d +k=1 +x_0=500000 +ellps=GRS80 +units=m",
             (int)(3 * round(centre_deg / 3)));
}

enum status projection_choose(const struct box *extent, char *text, size_t size, struct error *err)
{
    assert(size >= PROJECTION_TEXT_MAX);
    struct projection *plane = NULL;
    if (!box_valid(extent)) return error_set(err, STATUS_INVALID, MESSAGE_EXTENT_INVALID);
    double width_deg = extent->max_lon_deg - extent->min_lon_deg;
    if (width_deg > WIDTH_MAX_DEG) {
        enum status wide = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_EXTENT_TOO_WIDE, width_deg, WIDTH_MAX_DEG);
        error_bounds(err, WIDTH_MAX_DEG, width_deg);
        return wide;
    }
    char crs[100];
    crs_of(extent, crs, sizeof crs);

    /* The origin is the middle of the projected outline, sampled because its sides are curved. */
    enum { STEPS = 16 };
    snprintf(text, size, "%s origin=0,0", crs);
    enum status status = projection_open(text, &plane, err);
    if (status != STATUS_OK) return status;
    double min_x = HUGE_VAL, min_y = HUGE_VAL, max_x = -HUGE_VAL, max_y = -HUGE_VAL;
    for (int i = 0; i <= STEPS; i++) {
        for (int j = 0; j <= STEPS; j++) {
            double lon = extent->min_lon_deg + width_deg * i / STEPS;
            double lat = extent->min_lat_deg + (extent->max_lat_deg - extent->min_lat_deg) * j / STEPS;
            PJ_COORD c = proj_trans(plane->transform, PJ_FWD, proj_coord(proj_torad(lon), proj_torad(lat), 0, 0));
            min_x = fmin(min_x, c.xy.x);
            max_x = fmax(max_x, c.xy.x);
            min_y = fmin(min_y, c.xy.y);
            max_y = fmax(max_y, c.xy.y);
        }
    }
    double reach = fmax(max_x - min_x, max_y - min_y) / 2;
    if (!(reach <= REACH_M)) {
        status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_EXTENT_TOO_LARGE, reach / 1000, REACH_M / 1000);
        error_bounds(err, REACH_M, reach);
        goto done;
    }
    snprintf(text, size, "%s origin=%ld,%ld", crs,
             (long)(ORIGIN_STEP_M * round((min_x + max_x) / 2 / ORIGIN_STEP_M)),
             (long)(ORIGIN_STEP_M * round((min_y + max_y) / 2 / ORIGIN_STEP_M)));
done:
    projection_close(plane);
    return status;
}
