/* Any bytes as the area of a request: valid geometry whose inside is closed to the request, or an error that points
 * into it. What was taken must be valid by GEOS and the same after being written and read again. */
#include "api/parse/parse_area.h"
#include "geo/geojson.h"
#include "geo/geos.h"
#include "geo/validity.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct geos *geos;

static enum status read_area(const char *text, size_t size, struct arena *arena, struct multipolygon *out)
{
    struct error err = ERROR_INIT;
    json_t *document;
    struct parse parse = {.arena = arena, .crs = WIRE_CRS_DEFAULT, .geos = geos};
    const struct multipolygon_limits limits = {.points = 2000, .rings = 200, .parts = 100};
    if (reader_parse(text, size, &document, &err) != STATUS_OK) return err.status;
    struct json_at root = {.value = document}, at = {.value = document, .up = &root, .key = "polygons"};
    enum status status = parse_area(&parse, &at, &limits, out, &err);
    if (status != STATUS_OK && strncmp(err.pointer, "/polygons", 9) != 0) abort();
    json_decref(document);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct multipolygon area, again;
    if (size > 65536) return 0;
    if (geos == NULL && geos_open(&geos, NULL) != STATUS_OK) abort();
    arena_init(&arena, 16 << 20);
    if (read_area((const char *)data, size, &arena, &area) == STATUS_OK && area.part_count > 0) {
        struct error err = ERROR_INIT;
        struct buffer out;
        buffer_init(&out, 4 << 20);
        if (multipolygon_check(geos, &area, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, &err) != STATUS_OK) abort();
        geojson_multipolygon(&out, &area);
        if (read_area(out.data, out.length, &arena, &again) != STATUS_OK) abort();
        if (again.part_count != area.part_count || again.ring_count != area.ring_count ||
            again.point_count != area.point_count)
            abort();
        buffer_clear(&out);
    }
    arena_clear(&arena);
    return 0;
}
