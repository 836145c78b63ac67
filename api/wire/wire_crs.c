#include "api/wire/wire_crs.h"

#include <stdio.h>
#include <string.h>

void crs_cache_clear(struct crs_cache *cache)
{
    for (unsigned i = 0; i < cache->count; i++) crs_close(cache->entries[i].crs);
    *cache = (struct crs_cache){.quick = cache->quick};
}

/* Systems that need the register, and so time. */
static bool costs_time(const char *name)
{
    return strncmp(name, "EPSG:", 5) == 0;
}

static struct crs *cached(struct crs_cache *cache, const char *name)
{
    for (unsigned i = 0; i < cache->count; i++) {
        if (strcmp(crs_name_get(cache->entries[i].crs), name) != 0) continue;
        cache->entries[i].used = ++cache->clock;
        return cache->entries[i].crs;
    }
    return NULL;
}

static void keep(struct crs_cache *cache, struct crs *crs)
{
    unsigned at = cache->count;
    if (at == CRS_CACHE_SIZE) {
        at = 0;
        for (unsigned i = 1; i < CRS_CACHE_SIZE; i++)
            if (cache->entries[i].used < cache->entries[at].used) at = i;
        crs_close(cache->entries[at].crs);
    } else {
        cache->count++;
    }
    cache->entries[at].crs = crs;
    cache->entries[at].used = ++cache->clock;
}

enum status wire_crs_open(struct crs_cache *cache, const char *name, struct wire_crs *out, struct error *err)
{
    *out = WIRE_CRS_DEFAULT;
    if (strcmp(name, "EPSG:4490") == 0) return STATUS_OK;
    if (strcmp(name, "EPSG:4326") == 0) {
        memcpy(out->name, name, sizeof "EPSG:4326");
        return STATUS_OK;
    }
    if (strlen(name) >= sizeof out->name) return error_set(err, STATUS_INVALID, MESSAGE_CRS_NAME_LONG);
    struct crs *crs = cached(cache, name);
    if (crs == NULL) {
        if (cache->quick && costs_time(name)) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_INTERNAL);
        enum status status = crs_open(name, &crs, err);
        if (status != STATUS_OK) return status;
        keep(cache, crs);
    }
    *out = (struct wire_crs){.identity = crs_is_base(crs), .degrees = crs_is_geographic(crs), .crs = crs};
    snprintf(out->name, sizeof out->name, "%s", name);
    return STATUS_OK;
}

enum status wire_crs_in(const struct wire_crs *crs, double x, double y, struct point_e7 *out, struct error *err)
{
    struct crs_position position = {x, y};
    if (!crs->identity) {
        enum status status = crs_to_base(crs->crs, &position, 1, err);
        if (status != STATUS_OK) return status;
    }
    struct point point = {position.x, position.y};
    if (!point_valid(point)) return error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_LATITUDE_RANGE);
    *out = point_to_e7(point);
    return STATUS_OK;
}

enum status wire_crs_out(const struct wire_crs *crs, struct point_e7 point, double *x, double *y, struct error *err)
{
    struct point degrees = point_from_e7(point);
    struct crs_position position = {degrees.lon_deg, degrees.lat_deg};
    if (!crs->identity) {
        enum status status = crs_from_base(crs->crs, &position, 1, err);
        if (status != STATUS_OK) return status;
    }
    *x = position.x;
    *y = position.y;
    return STATUS_OK;
}
