#include "data/ogr/ogr_layer.h"

#include "data/import/import_text.h"
#include "data/import/road_defaults.h"
#include "data/ogr/ogr_crs.h"
#include "data/osm/osm_units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef" /* GDAL's headers ask for clang's version */
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#pragma GCC diagnostic pop

struct reading {
    const char *path;
    const struct ogr_mapping *mapping;
    struct import_report *report;
    struct ogr_lines *out;
    struct ogr_crs crs;
    int columns[OGR_FIELD_COUNT];           /* −1 = not mapped */
    long long feature;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status refuse(const struct reading *r, const char *why, struct error *err)
{
    return error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, r->path, why);
}

void ogr_lines_clear(struct ogr_lines *lines)
{
    free(lines->lines);
    free(lines->points);
    arena_clear(&lines->arena);
    *lines = (struct ogr_lines){0};
}

static void *room(void *data, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 1024;
    void *bigger;

    if (count < *capacity) return data;
    bigger = realloc(data, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

/* The attribute's text (until the next call), the mapping's default where it is empty, NULL if neither. */
static const char *value_of(const struct reading *r, OGRFeatureH feature, enum ogr_field field)
{
    int column = r->columns[field];
    const char *text = column >= 0 && OGR_F_IsFieldSetAndNotNull(feature, column) ? OGR_F_GetFieldAsString(feature, column) : NULL;

    return text && *text ? text : r->mapping->defaults[field];
}

static void unknown(const struct reading *r, const char *reason, enum ogr_field field, const char *text)
{
    import_report_count(r->report, reason, "feature %lld: %s=%s", r->feature, ogr_field_key(field), text);
}

static bool flag(const struct reading *r, OGRFeatureH feature, enum ogr_field field)
{
    const char *text = value_of(r, feature, field);
    char *end;
    double number;
    int meaning;

    if (!text) return false;
    meaning = ogr_values_find(&r->mapping->flags, text);
    if (meaning >= 0) return meaning;
    if (strcmp(text, "yes") == 0) return true;
    if (strcmp(text, "no") == 0) return false;
    number = strtod(text, &end);
    if (end != text && !*end) return number > 0;
    unknown(r, "flag not mapped: taken as no", field, text);
    return false;
}

static enum access access_of(const struct reading *r, OGRFeatureH feature, enum ogr_field field)
{
    const char *text = value_of(r, feature, field);
    int meaning = text ? ogr_values_find(&r->mapping->access, text) : (int)ACCESS_YES;

    if (meaning >= 0) return (enum access)meaning;
    if (strcmp(text, "yes") == 0) return ACCESS_YES;
    if (strcmp(text, "destination") == 0) return ACCESS_DESTINATION;
    if (strcmp(text, "no") != 0) unknown(r, "access value not mapped: taken as no", field, text);
    return ACCESS_NO;
}

static void limit(const struct reading *r, OGRFeatureH feature, enum ogr_field field, enum limit_kind kind, uint32_t lowest,
                  uint32_t highest, uint32_t limits[LIMIT_COUNT])
{
    const char *text = value_of(r, feature, field), *unit = "";
    char with_unit[64], *end;
    enum osm_value v;
    uint32_t number = 0;

    if (!text || strlen(text) > 40) return;
    (void)strtod(text, &end);
    if (end != text && !*end) { /* a bare number takes the mapping's unit; 0 and less mean that there is no limit */
        if (strtod(text, NULL) <= 0) return;
        unit = kind == LIMIT_AXLES ? "" : kind <= LIMIT_LENGTH ? r->mapping->length_unit : r->mapping->weight_unit;
    }
    snprintf(with_unit, sizeof with_unit, "%s %s", text, unit);
    v = kind == LIMIT_AXLES ? osm_count(with_unit, &number) : kind <= LIMIT_LENGTH ? osm_length_mm(with_unit, &number) : osm_weight_kg(with_unit, &number);
    if (v == OSM_VALUE_NONE) return;
    if (v != OSM_VALUE_NUMBER || number < lowest || number > highest) {
        unknown(r, "limit not understood: no limit taken", field, text);
        return;
    }
    limits[kind] = number;
}

static void limits_of(const struct reading *r, OGRFeatureH feature, struct ogr_line *line)
{
    limit(r, feature, OGR_FIELD_HEIGHT, LIMIT_HEIGHT, 500, 30000, line->limits);
    limit(r, feature, OGR_FIELD_WIDTH, LIMIT_WIDTH, 500, 30000, line->limits);
    limit(r, feature, OGR_FIELD_LENGTH, LIMIT_LENGTH, 1000, 300000, line->limits);
    limit(r, feature, OGR_FIELD_GROSS, LIMIT_GROSS_WEIGHT, 100, 2000000, line->limits);
    limit(r, feature, OGR_FIELD_AXLE_LOAD, LIMIT_AXLE_LOAD, 100, 200000, line->limits);
    limit(r, feature, OGR_FIELD_AXLES, LIMIT_AXLES, 1, 100, line->limits);
    limit(r, feature, OGR_FIELD_BRIDGE_LIMIT, LIMIT_BRIDGE, 100, 2000000, line->limits);
}

/* False: the road is left out. */
static bool class_of(const struct reading *r, OGRFeatureH feature, struct ogr_line *line)
{
    const char *text = value_of(r, feature, OGR_FIELD_CLASS), *fallback = r->mapping->defaults[OGR_FIELD_CLASS];
    int meaning = text ? ogr_values_find(&r->mapping->classes, text) : -1;

    for (int pass = 0; meaning < 0 && pass < 2; pass++) { /* our own words are known without a map; then the default */
        const char *own = pass ? fallback : text;

        if (pass && text && text != fallback) unknown(r, "class not mapped: taken as the default class", OGR_FIELD_CLASS, text);
        for (int c = 0; own && meaning < 0 && c < ROAD_CLASS_COUNT; c++)
            if (strcmp(own, road_default_code((enum road_class)c)) == 0) meaning = c;
        if (pass && own && meaning < 0) meaning = ogr_values_find(&r->mapping->classes, own);
    }
    if (meaning < 0) {
        unknown(r, "no class: road left out", OGR_FIELD_CLASS, text ? text : "");
        return false;
    }
    line->class = (enum road_class)meaning;
    return true;
}

static bool direction_of(const struct reading *r, OGRFeatureH feature, struct ogr_line *line)
{
    static const char *const words[] = {"both", "forward", "backward", "none"};
    const char *text = value_of(r, feature, OGR_FIELD_ONEWAY);
    int meaning = text ? ogr_values_find(&r->mapping->directions, text) : OGR_BOTH;

    for (int i = 0; meaning < 0 && i < 4; i++)
        if (strcmp(text, words[i]) == 0) meaning = i;
    if (meaning < 0) {
        unknown(r, "direction not mapped: taken as two-way", OGR_FIELD_ONEWAY, text);
        meaning = OGR_BOTH;
    }
    if (meaning == OGR_CLOSED) unknown(r, "closed in both directions: road left out", OGR_FIELD_ONEWAY, text);
    line->forward = meaning == OGR_BOTH || meaning == OGR_FORWARD;
    line->backward = meaning == OGR_BOTH || meaning == OGR_BACKWARD;
    return meaning != OGR_CLOSED;
}

static const char *text_of(const struct reading *r, OGRFeatureH feature, enum ogr_field field, size_t most, enum status *status)
{
    const char *text = value_of(r, feature, field);

    if (text && !import_text_valid(text)) unknown(r, "text is not UTF-8 (wrong encoding?): left out", field, "?");
    return import_text_keep(&r->out->arena, text, most, status);
}

/* Everything but the shape. *kept false: left out and counted. */
static enum status attributes(const struct reading *r, OGRFeatureH feature, struct ogr_line *line, bool *kept, struct error *err)
{
    const char *speed, *layer; /* GDAL's text lives until the next attribute is read: each is used up first */
    enum status status = STATUS_OK;
    double kmh = 0;

    *line = (struct ogr_line){0};
    *kept = class_of(r, feature, line) && direction_of(r, feature, line);
    if (!*kept) return STATUS_OK;
    line->lorry = access_of(r, feature, OGR_FIELD_LORRY);
    line->light = access_of(r, feature, OGR_FIELD_LIGHT);
    line->bridge = flag(r, feature, OGR_FIELD_BRIDGE);
    line->tunnel = flag(r, feature, OGR_FIELD_TUNNEL);
    line->toll = flag(r, feature, OGR_FIELD_TOLL);
    line->roundabout = flag(r, feature, OGR_FIELD_ROUNDABOUT);
    line->hazmat_no = r->columns[OGR_FIELD_HAZMAT] >= 0 && value_of(r, feature, OGR_FIELD_HAZMAT) && !flag(r, feature, OGR_FIELD_HAZMAT);
    line->layer = line->bridge ? 1 : line->tunnel ? -1 : 0;
    layer = value_of(r, feature, OGR_FIELD_LAYER);
    if (layer) {
        char *end;
        long number = strtol(layer, &end, 10);

        if (end != layer && !*end && number >= -20 && number <= 20) line->layer = (int8_t)number;
        else unknown(r, "layer not understood: by bridge and tunnel", OGR_FIELD_LAYER, layer);
    }
    speed = value_of(r, feature, OGR_FIELD_SPEED);
    if (speed && osm_speed_kmh(speed, &kmh) == OSM_VALUE_UNKNOWN && strcmp(speed, "0") != 0)
        unknown(r, "speed not understood: lorry default of the class", OGR_FIELD_SPEED, speed);
    line->speed_kmh = road_default_speed_kmh(line->class, kmh);
    limits_of(r, feature, line);
    line->name = text_of(r, feature, OGR_FIELD_NAME, 1000, &status);
    line->ref = text_of(r, feature, OGR_FIELD_REF, 200, &status);
    line->id = text_of(r, feature, OGR_FIELD_ID, 200, &status);
    return status == STATUS_OK ? STATUS_OK : no_memory(err);
}

static enum status add_shape(struct reading *r, OGRGeometryH geometry, struct ogr_line line, struct error *err)
{
    struct ogr_lines *out = r->out;
    int count = OGR_G_GetPointCount(geometry);
    size_t first = out->point_count;
    void *bigger;

    if (out->line_count >= OGR_LINES_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_IMPORT_TOO_LARGE, "roads");
    for (int i = 0; i < count; i++) {
        double x = OGR_G_GetX(geometry, i), y = OGR_G_GetY(geometry, i);
        struct point_e7 p;

        if (!(isfinite(x) && isfinite(y) && fabs(x) <= 180 && fabs(y) <= 90))
            return refuse(r, "positions outside of the earth: is the CRS right, and are the axes in the order x, y?", err);
        p = (struct point_e7){(int32_t)llround(x * 1e7), (int32_t)llround(y * 1e7)};
        if (out->point_count > first && out->points[out->point_count - 1].lon_e7 == p.lon_e7 && out->points[out->point_count - 1].lat_e7 == p.lat_e7)
            continue;
        if (out->point_count >= OGR_POINTS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_IMPORT_TOO_LARGE, "points");
        bigger = room(out->points, &out->point_capacity, out->point_count, sizeof *out->points);
        if (!bigger) return no_memory(err);
        out->points = bigger;
        out->points[out->point_count++] = p;
    }
    if (out->point_count - first < 2) {
        out->point_count = first;
        import_report_count(r->report, "line without length: left out", "feature %lld", r->feature);
        return STATUS_OK;
    }
    line.first_point = first;
    line.point_count = (uint32_t)(out->point_count - first);
    bigger = room(out->lines, &out->line_capacity, out->line_count, sizeof *out->lines);
    if (!bigger) return no_memory(err);
    out->lines = bigger;
    out->lines[out->line_count++] = line;
    return STATUS_OK;
}

static enum status add_geometry(struct reading *r, OGRGeometryH geometry, const struct ogr_line *line, struct error *err)
{
    OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    enum status s = STATUS_OK;

    if (type == wkbLineString) return add_shape(r, geometry, *line, err);
    if (type != wkbMultiLineString) {
        import_report_count(r->report, "not a line: left out", "feature %lld: %s", r->feature, OGR_G_GetGeometryName(geometry));
        return STATUS_OK;
    }
    for (int i = 0; s == STATUS_OK && i < OGR_G_GetGeometryCount(geometry); i++) s = add_shape(r, OGR_G_GetGeometryRef(geometry, i), *line, err);
    return s;
}

static enum status read_feature(struct reading *r, OGRFeatureH feature, struct error *err)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature), straight;
    struct ogr_line line;
    bool kept;
    enum status s;

    r->feature = (long long)OGR_F_GetFID(feature);
    r->report->input_ways++;
    if (!geometry || OGR_G_IsEmpty(geometry)) {
        import_report_count(r->report, "no geometry: left out", "feature %lld", r->feature);
        return STATUS_OK;
    }
    s = attributes(r, feature, &line, &kept, err);
    if (s != STATUS_OK || !kept) return s;
    straight = OGR_G_GetLinearGeometry(geometry, 0, NULL); /* arcs of circles become segments */
    if (!straight) return no_memory(err);
    if (r->crs.transform && OGR_G_Transform(straight, r->crs.transform) != OGRERR_NONE)
        s = refuse(r, "a position cannot be transformed: is the CRS right?", err);
    if (s == STATUS_OK) s = add_geometry(r, straight, &line, err);
    OGR_G_DestroyGeometry(straight);
    return s;
}

/* A file's own CRS is believed, one without any needs the mapping's. */
static enum status open_transform(struct reading *r, OGRLayerH layer, struct error *err)
{
    const char *why = ogr_crs_open(layer, r->mapping->crs, &r->crs);

    if (why) return refuse(r, why, err);
    if (r->crs.own_was_used && r->mapping->crs)
        import_report_count(r->report, "the file's own CRS was used, not the mapping's", "EPSG:%d", r->mapping->crs);
    return STATUS_OK;
}

static enum status find_columns(struct reading *r, OGRLayerH layer, struct error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);

    for (int f = 0; f < OGR_FIELD_COUNT; f++) {
        char why[200];

        r->columns[f] = r->mapping->fields[f] ? OGR_FD_GetFieldIndex(definition, r->mapping->fields[f]) : -1;
        if (!r->mapping->fields[f] || r->columns[f] >= 0) continue;
        snprintf(why, sizeof why, "it has no attribute \"%.80s\" (mapped to %s)", r->mapping->fields[f], ogr_field_key((enum ogr_field)f));
        return refuse(r, why, err);
    }
    return STATUS_OK;
}

enum status ogr_lines_read(const char *path, const struct ogr_mapping *mapping, struct import_report *report,
                           struct ogr_lines *out, struct error *err)
{
    struct reading r = {.path = path, .mapping = mapping, .report = report, .out = out};
    char encoding[80];
    const char *options[2] = {NULL, NULL};
    GDALDatasetH data;
    OGRLayerH layer;
    OGRFeatureH feature;
    enum status s = STATUS_OK;

    *out = (struct ogr_lines){0};
    arena_init(&out->arena, (size_t)8 << 30);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* its messages are in what we return */
    GDALAllRegister();
    if (mapping->encoding) {
        snprintf(encoding, sizeof encoding, "ENCODING=%.60s", mapping->encoding);
        options[0] = encoding;
    }
    data = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, options, NULL);
    if (!data) {
        s = refuse(&r, CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "not a vector file that GDAL knows", err);
        CPLPopErrorHandler();
        return s;
    }
    layer = mapping->layer ? GDALDatasetGetLayerByName(data, mapping->layer) : GDALDatasetGetLayer(data, 0);
    if (!layer) s = refuse(&r, "it has no such layer", err);
    if (s == STATUS_OK && !mapping->layer && GDALDatasetGetLayerCount(data) > 1)
        import_report_count(report, "several layers: the first was taken", "%s", OGR_L_GetName(layer));
    if (s == STATUS_OK) s = find_columns(&r, layer, err);
    if (s == STATUS_OK) s = open_transform(&r, layer, err);
    CPLErrorReset();
    while (s == STATUS_OK && (feature = OGR_L_GetNextFeature(layer)) != NULL) {
        s = read_feature(&r, feature, err);
        OGR_F_Destroy(feature);
    }
    if (s == STATUS_OK && CPLGetLastErrorType() == CE_Failure) s = refuse(&r, CPLGetLastErrorMsg(), err);
    ogr_crs_close(&r.crs);
    GDALClose(data);
    CPLPopErrorHandler();
    return s;
}
