#include "geo/crs.h"

#include "geo/offset.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_BASE, KIND_GCJ02, KIND_BD09, KIND_PROJ };

struct crs {
    enum kind kind;
    bool geographic, flipped;
    char name[16];
    PJ_CONTEXT *context;
    PJ *transform; /* from base to it, x and y order */
};

static void no_message(void *data, int level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

/* "EPSG:" and 4 to 6 digits without leading zero; 0 otherwise. */
static int epsg_code(const char *name)
{
    if (strncmp(name, "EPSG:", 5) != 0 || name[5] == '0') return 0;
    int code = 0;
    size_t n = 0;
    for (const char *p = name + 5; *p != '\0'; p++, n++) {
        if (*p < '0' || *p > '9' || n == 6) return 0;
        code = code * 10 + (*p - '0');
    }
    return n >= 4 ? code : 0;
}

/* Two-dimensional, and not on a datum whose parameters are secret. */
static bool is_acceptable(PJ_CONTEXT *context, const PJ *target, bool *geographic)
{
    static const char *const refused[] = {"Xian 1980", "Beijing 1954", "New Beijing"};
    PJ_TYPE type = proj_get_type(target);
    *geographic = type == PJ_TYPE_GEOGRAPHIC_2D_CRS;
    if (type != PJ_TYPE_GEOGRAPHIC_2D_CRS && type != PJ_TYPE_PROJECTED_CRS) return false;
    PJ *geodetic = proj_crs_get_geodetic_crs(context, target);
    if (geodetic == NULL) return false;
    const char *name = proj_get_name(geodetic);
    bool acceptable = name != NULL;
    for (size_t i = 0; acceptable && i < sizeof refused / sizeof *refused; i++)
        if (strncmp(name, refused[i], strlen(refused[i])) == 0) acceptable = false;
    proj_destroy(geodetic);
    return acceptable;
}

/* Whether the first axis points north, south or up the page. */
static bool north_first(PJ_CONTEXT *context, const PJ *target)
{
    const char *direction = NULL;
    PJ *system = proj_crs_get_coordinate_system(context, target);
    bool known = system != NULL && proj_cs_get_axis_info(context, system, 0, NULL, NULL, &direction, NULL, NULL, NULL, NULL) == 1;
    bool north = known && direction != NULL && (strcmp(direction, "north") == 0 || strcmp(direction, "south") == 0);
    proj_destroy(system);
    return north;
}

/* A transformation with known parameters from `source` to `target` in x, y order, or NULL. */
static PJ *transform_between(PJ_CONTEXT *context, const char *source_name, const PJ *target)
{
    static const char *const options[] = {"ALLOW_BALLPARK=NO", NULL};
    PJ *source = proj_create(context, source_name), *plain = NULL, *out = NULL;
    if (source != NULL) plain = proj_create_crs_to_crs_from_pj(context, source, target, NULL, options);
    if (plain != NULL) out = proj_normalize_for_visualization(context, plain);
    proj_destroy(plain);
    proj_destroy(source);
    return out;
}

static enum status open_register(struct crs *crs, int code, struct error *err)
{
    crs->kind = KIND_PROJ;
    crs->context = proj_context_create();
    if (crs->context == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    proj_log_func(crs->context, NULL, no_message);
    proj_context_set_enable_network(crs->context, 0);
    char name[20];
    snprintf(name, sizeof name, "EPSG:%d", code);
    PJ *target = proj_create(crs->context, name);
    if (target != NULL && is_acceptable(crs->context, target, &crs->geographic)) {
        crs->flipped = north_first(crs->context, target);
        crs->transform = transform_between(crs->context, "EPSG:4490", target);
        if (crs->transform == NULL) crs->transform = transform_between(crs->context, "EPSG:4326", target);
    }
    proj_destroy(target);
    return crs->transform != NULL ? STATUS_OK : error_set(err, STATUS_INVALID, MESSAGE_CRS_NOT_ACCEPTED);
}

enum status crs_open(const char *name, struct crs **out, struct error *err)
{
    *out = NULL;
    int code = epsg_code(name);
    bool gcj02 = strcmp(name, "gcj02") == 0, bd09 = strcmp(name, "bd09") == 0;
    if (code == 0 && !gcj02 && !bd09) return error_set(err, STATUS_INVALID, MESSAGE_CRS_NOT_ACCEPTED);
    struct crs *crs = calloc(1, sizeof *crs);
    if (crs == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    snprintf(crs->name, sizeof crs->name, "%s", name);
    crs->geographic = true;
    enum status status = STATUS_OK;
    if (gcj02) crs->kind = KIND_GCJ02;
    else if (bd09) crs->kind = KIND_BD09;
    else if (code == 4490 || code == 4326) crs->kind = KIND_BASE, crs->flipped = true;
    else status = open_register(crs, code, err);
    if (status != STATUS_OK) {
        crs_close(crs);
        return status;
    }
    *out = crs;
    return STATUS_OK;
}

void crs_close(struct crs *crs)
{
    if (crs == NULL) return;
    proj_destroy(crs->transform);
    if (crs->context != NULL) proj_context_destroy(crs->context);
    free(crs);
}

const char *crs_name_get(const struct crs *crs)
{
    return crs->name;
}

bool crs_is_geographic(const struct crs *crs)
{
    return crs->geographic;
}

bool crs_is_flipped(const struct crs *crs)
{
    return crs->flipped;
}

bool crs_is_base(const struct crs *crs)
{
    return crs->kind == KIND_BASE;
}

static enum status outside(struct error *err, size_t index)
{
    enum status status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_OUTSIDE_CRS);
    error_log(err, "position %zu", index);
    return status;
}

static bool on_earth(const struct crs_position *p)
{
    return point_valid((struct point){p->x, p->y});
}

/* One position through PROJ; HUGE_VAL on failure. */
static void through_proj(const struct crs *crs, PJ_DIRECTION direction, struct crs_position *p)
{
    PJ_COORD c = proj_trans(crs->transform, direction, proj_coord(p->x, p->y, 0, HUGE_VAL));
    *p = (struct crs_position){c.xy.x, c.xy.y};
}

enum status crs_to_base(struct crs *crs, struct crs_position *positions, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct crs_position *p = &positions[i];
        if (!isfinite(p->x) || !isfinite(p->y) || (crs->geographic && !on_earth(p))) return outside(err, i);
        struct point q = {p->x, p->y};
        if (crs->kind == KIND_GCJ02) q = offset_wgs84_from_gcj02(q);
        if (crs->kind == KIND_BD09) q = offset_wgs84_from_bd09(q);
        *p = (struct crs_position){q.lon_deg, q.lat_deg};
        if (crs->kind == KIND_PROJ) through_proj(crs, PJ_INV, p);
        if (!on_earth(p)) return outside(err, i);
    }
    return STATUS_OK;
}

enum status crs_from_base(struct crs *crs, struct crs_position *positions, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct crs_position *p = &positions[i];
        if (!on_earth(p)) return outside(err, i);
        struct point q = {p->x, p->y};
        if (crs->kind == KIND_GCJ02) q = offset_gcj02_from_wgs84(q);
        if (crs->kind == KIND_BD09) q = offset_bd09_from_wgs84(q);
        *p = (struct crs_position){q.lon_deg, q.lat_deg};
        if (crs->kind == KIND_PROJ) through_proj(crs, PJ_FWD, p);
        if (!isfinite(p->x) || !isfinite(p->y)) return outside(err, i);
    }
    return STATUS_OK;
}
