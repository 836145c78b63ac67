#include "data/ogr/ogr_export.h"

#include "geo/crs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef" /* GDAL's headers ask for clang's version */
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#pragma GCC diagnostic pop

static const struct {
    const char *name, *media_type, *driver, *ending;
    bool degrees; /* holds nothing but longitude and latitude */
    bool tables;  /* several sheets */
} formats[EXPORT_FORMAT_COUNT] = {
    [EXPORT_GEOJSON] = {"geojson", "application/geo+json", "GeoJSON", "geojson", false, false},
    [EXPORT_KML] = {"kml", "application/vnd.google-earth.kml+xml", "KML", "kml", true, true},
    [EXPORT_GPX] = {"gpx", "application/gpx+xml", "GPX", "gpx", true, true},
    [EXPORT_GPKG] = {"gpkg", "application/geopackage+sqlite3", "GPKG", "gpkg", false, true},
    [EXPORT_SHP_ZIP] = {"shp.zip", "application/zip", "ESRI Shapefile", NULL, false, true},
    [EXPORT_DXF] = {"dxf", "image/vnd.dxf", "DXF", "dxf", false, true},
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8", "CSV", "csv", false, false},
    [EXPORT_FGB] = {"fgb", "application/octet-stream", "FlatGeobuf", "fgb", false, false},
};

enum shape { SHAPE_POINT, SHAPE_LINE, SHAPE_AREA, SHAPE_ANY, SHAPE_COUNT };
static const char *const shape_names[SHAPE_COUNT] = {"_point", "_line", "_area", ""};
static const OGRwkbGeometryType shape_types[SHAPE_COUNT] = {wkbMultiPoint, wkbMultiLineString, wkbMultiPolygon, wkbUnknown};

/* A table that has been begun. */
struct table {
    const struct export_sheet *sheet;
    enum shape shape;
    OGRLayerH layer;
    int columns[EXPORT_FIELDS_MAX]; /* −1: the format has no place for it */
};

enum { TABLES_MAX = 24, LOOK_EVERY = 512 };

struct export {
    struct export_options options;
    char name[64], crs_name[24], folder[80], path[200];
    struct crs *crs;
    OGRSpatialReferenceH srs; /* NULL: the files cannot say it (gcj02, bd09) */
    GDALDatasetH data;
    struct table tables[TABLES_MAX];
    unsigned table_count;
    size_t features, points_held;
    struct crs_position *points;
    OGRFeatureH *held; /* tracks of a GPX file, which stand behind all its waypoints */
    size_t held_count, held_room;
};

static pthread_once_t registered = PTHREAD_ONCE_INIT;

const char *export_format_name(enum export_format format)
{
    return formats[format].name;
}

const char *export_format_media_type(enum export_format format)
{
    return formats[format].media_type;
}

bool export_format_find(const char *name, enum export_format *out)
{
    for (int f = 0; f < EXPORT_FORMAT_COUNT; f++)
        if (strcmp(formats[f].name, name) == 0) {
            *out = (enum export_format)f;
            return true;
        }
    return false;
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* What GDAL says when something cannot be written is not for the caller's eyes. */
static enum status failed(struct error *err)
{
    enum status status = error_set(err, STATUS_INTERNAL, MESSAGE_EXPORT_FAILED);
    error_log(err, "%.180s", CPLGetLastErrorMsg());
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------------------- */

static enum status open_crs(struct export *e, struct error *err)
{
    enum status status = crs_open(e->crs_name, &e->crs, err);
    if (status != STATUS_OK) return status;
    if (formats[e->options.format].degrees && !crs_is_base(e->crs))
        return error_set(err, STATUS_INVALID, MESSAGE_EXPORT_DEGREES, formats[e->options.format].name, e->crs_name);
    if (strncmp(e->crs_name, "EPSG:", 5) != 0) return STATUS_OK;
    e->srs = OSRNewSpatialReference(NULL);
    int code = formats[e->options.format].degrees ? 4326 : (int)strtol(e->crs_name + 5, NULL, 10);
    if (e->srs == NULL || OSRImportFromEPSG(e->srs, code) != OGRERR_NONE) return no_memory(err);
    OSRSetAxisMappingStrategy(e->srs, OAMS_TRADITIONAL_GIS_ORDER);
    return STATUS_OK;
}

static enum status open_file(struct export *e, struct error *err)
{
    static const char *const none[] = {NULL}, *const gpx[] = {"GPX_USE_EXTENSIONS=YES", NULL};
    enum export_format format = e->options.format;
    GDALDriverH driver = GDALGetDriverByName(formats[format].driver);
    if (formats[format].ending) snprintf(e->path, sizeof e->path, "%s/%s.%s", e->folder, e->name, formats[format].ending);
    else snprintf(e->path, sizeof e->path, "%s", e->folder);
    VSIMkdir(e->folder, 0700);
    e->data = driver ? GDALCreate(driver, e->path, 0, 0, 0, GDT_Unknown, (char **)(format == EXPORT_GPX ? gpx : none)) : NULL;
    return e->data ? STATUS_OK : failed(err);
}

enum status export_open(const struct export_options *options, const char *name, struct export **out, struct error *err)
{
    struct export *e = calloc(1, sizeof *e);
    *out = NULL;
    if (e == NULL) return no_memory(err);
    pthread_once(&registered, GDALAllRegister);
    e->options = *options;
    snprintf(e->name, sizeof e->name, "%s", name);
    snprintf(e->crs_name, sizeof e->crs_name, "%s", options->crs);
    snprintf(e->folder, sizeof e->folder, "/vsimem/export-%p", (void *)e);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    enum status status = open_crs(e, err);
    if (status == STATUS_OK) status = open_file(e, err);
    CPLPopErrorHandler();
    if (status == STATUS_OK) *out = e;
    else export_abort(e);
    return status;
}

/* ---- tables ------------------------------------------------------------------------------------------------ */

static const char *field_name(const struct export *e, const struct export_field *field)
{
    if (e->options.format == EXPORT_SHP_ZIP) return field->brief;
    return e->options.zh_names ? field->zh : field->en;
}

static bool add_column(struct export *e, struct table *t, unsigned i)
{
    static const OGRFieldType types[] = {[EXPORT_TEXT] = OFTString, [EXPORT_INTEGER] = OFTInteger64, [EXPORT_REAL] = OFTReal, [EXPORT_BOOLEAN] = OFTInteger};
    const struct export_field *field = &t->sheet->fields[i];
    const char *name = field_name(e, field);
    t->columns[i] = -1;
    if (e->options.format == EXPORT_DXF) return true; /* a drawing has layers, no columns */
    OGRFieldDefnH column = OGR_Fld_Create(name, types[field->type]);
    if (column == NULL) return false;
    if (field->type == EXPORT_BOOLEAN) OGR_Fld_SetSubType(column, OFSTBoolean);
    if (field->type == EXPORT_TEXT && e->options.format == EXPORT_SHP_ZIP) OGR_Fld_SetWidth(column, 254);
    bool made = OGR_L_CreateField(t->layer, column, TRUE) == OGRERR_NONE;
    OGR_Fld_Destroy(column);
    /* by its number: GPX and KML have columns of their own in front */
    t->columns[i] = made ? OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(t->layer), name) : -1;
    return made;
}

static char **layer_options(const struct export *e, enum shape shape)
{
    char **options = NULL;
    switch (e->options.format) {
    case EXPORT_SHP_ZIP: return CSLSetNameValue(options, "ENCODING", e->options.gbk ? "CP936" : "UTF-8");
    case EXPORT_CSV:
        options = CSLSetNameValue(options, "GEOMETRY", "AS_WKT");
        return CSLSetNameValue(options, "WRITE_BOM", "YES"); /* or spreadsheets take it for GBK */
    case EXPORT_GEOJSON: return CSLSetNameValue(options, "COORDINATE_PRECISION", crs_is_geographic(e->crs) ? "9" : "4");
    case EXPORT_GPX: return shape == SHAPE_LINE || shape == SHAPE_AREA ? CSLSetNameValue(options, "FORCE_GPX_TRACK", "YES") : NULL;
    case EXPORT_KML: case EXPORT_GPKG: case EXPORT_DXF: case EXPORT_FGB: case EXPORT_FORMAT_COUNT: break;
    }
    return options;
}

/* The table for a sheet and a shape, begun when first needed. */
static struct table *table_of(struct export *e, const struct export_sheet *sheet, enum shape shape, struct error *err)
{
    enum export_format format = e->options.format;
    if (format != EXPORT_SHP_ZIP && format != EXPORT_GPX) shape = SHAPE_ANY;
    for (unsigned i = 0; i < e->table_count; i++)
        if (!formats[format].tables || (e->tables[i].sheet == sheet && e->tables[i].shape == shape)) return &e->tables[i];
    /* a drawing has one table of entities, and GPX one for points and one for tracks */
    for (unsigned i = 0; i < e->table_count; i++)
        if (format == EXPORT_DXF || (format == EXPORT_GPX && (e->tables[i].shape == SHAPE_POINT) == (shape == SHAPE_POINT))) return &e->tables[i];
    if (e->table_count == TABLES_MAX) {
        (void)failed(err);
        return NULL;
    }
    struct table *t = &e->tables[e->table_count];
    char name[120];
    snprintf(name, sizeof name, "%s%s", e->options.zh_names && format != EXPORT_SHP_ZIP ? sheet->zh : sheet->name, shape_names[shape]);
    if (format == EXPORT_GPX) snprintf(name, sizeof name, "%s", shape == SHAPE_POINT ? "waypoints" : "tracks");
    if (format == EXPORT_DXF) snprintf(name, sizeof name, "entities");
    char **options = layer_options(e, shape);
    *t = (struct table){.sheet = sheet, .shape = shape};
    OGRwkbGeometryType type = format == EXPORT_GPX ? (shape == SHAPE_POINT ? wkbPoint : wkbMultiLineString) : shape_types[shape];
    t->layer = GDALDatasetCreateLayer(e->data, name, e->srs, type, options);
    CSLDestroy(options);
    bool good = t->layer != NULL;
    for (unsigned i = 0; good && i < sheet->field_count; i++) good = add_column(e, t, i);
    if (!good) {
        (void)failed(err);
        return NULL;
    }
    e->table_count++;
    return t;
}

/* ---- geometries ---------------------------------------------------------------------------------------------- */

static enum status move_points(struct export *e, OGRGeometryH geometry, struct error *err)
{
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++) {
        enum status status = move_points(e, OGR_G_GetGeometryRef(geometry, i), err);
        if (status != STATUS_OK) return status;
    }
    int count = OGR_G_GetGeometryCount(geometry) > 0 ? 0 : OGR_G_GetPointCount(geometry);
    if ((size_t)count > e->points_held) {
        struct crs_position *more = realloc(e->points, (size_t)count * sizeof *more);
        if (more == NULL) return no_memory(err);
        e->points = more;
        e->points_held = (size_t)count;
    }
    for (int i = 0; i < count; i++) e->points[i] = (struct crs_position){OGR_G_GetX(geometry, i), OGR_G_GetY(geometry, i)};
    enum status status = count > 0 ? crs_from_base(e->crs, e->points, (size_t)count, err) : STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < count; i++) OGR_G_SetPoint_2D(geometry, i, e->points[i].x, e->points[i].y);
    return status;
}

static enum shape shape_of(OGRGeometryH geometry)
{
    if (geometry == NULL) return SHAPE_POINT;
    switch (OGR_G_GetDimension(geometry)) {
    case 0: return SHAPE_POINT;
    case 1: return SHAPE_LINE;
    default: return SHAPE_AREA;
    }
}

/* Shapefiles hold shapes of many parts, GPX tracks of lines; an area is drawn by its border there. */
static OGRGeometryH fitting(const struct export *e, enum shape shape, OGRGeometryH geometry)
{
    if (geometry == NULL) return NULL;
    OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (e->options.format == EXPORT_GPX && shape == SHAPE_AREA) {
        OGRGeometryH border = OGR_G_Boundary(geometry);
        OGR_G_DestroyGeometry(geometry);
        return border ? OGR_G_ForceToMultiLineString(border) : NULL;
    }
    if (e->options.format == EXPORT_GPX && shape == SHAPE_LINE) return OGR_G_ForceToMultiLineString(geometry);
    if (e->options.format == EXPORT_GPX && type == wkbMultiPoint) {
        OGRGeometryH first = OGR_G_Clone(OGR_G_GetGeometryRef(geometry, 0));
        OGR_G_DestroyGeometry(geometry);
        return first;
    }
    if (e->options.format != EXPORT_SHP_ZIP) return geometry;
    return shape == SHAPE_POINT ? OGR_G_ForceToMultiPoint(geometry) : shape == SHAPE_LINE ? OGR_G_ForceToMultiLineString(geometry)
                                                                                          : OGR_G_ForceToMultiPolygon(geometry);
}

/* ---- features ---------------------------------------------------------------------------------------------- */

static void set_value(OGRFeatureH feature, int column, enum export_type type, const char *value)
{
    if (column < 0 || value == NULL) return;
    if (type == EXPORT_BOOLEAN) OGR_F_SetFieldInteger(feature, column, value[0] == 't');
    else OGR_F_SetFieldString(feature, column, value);
}

/* What formats show without looking into columns: the name. */
static void set_label(const struct export *e, OGRFeatureH feature, const struct export_sheet *sheet, const char *const *values)
{
    const char *label = NULL;
    for (unsigned i = 0; i < sheet->field_count && !label; i++)
        if (strcmp(sheet->fields[i].en, "name") == 0) label = values[i];
    if (e->options.format == EXPORT_DXF) {
        OGR_F_SetFieldString(feature, OGR_F_GetFieldIndex(feature, "Layer"), sheet->name);
        return;
    }
    if (e->options.format != EXPORT_KML && e->options.format != EXPORT_GPX) return;
    int column = OGR_F_GetFieldIndex(feature, e->options.format == EXPORT_KML ? "Name" : "name");
    if (column >= 0 && label && !OGR_F_IsFieldSet(feature, column)) OGR_F_SetFieldString(feature, column, label);
}

static enum status within_limits(const struct export *e, struct error *err)
{
    VSIStatBufL stat;
    if (e->features > EXPORT_FEATURES_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_EXPORT_MOST, (long long)EXPORT_FEATURES_MAX, "features");
    if (e->features % LOOK_EVERY != 0 || e->options.format == EXPORT_SHP_ZIP || VSIStatL(e->path, &stat) != 0) return STATUS_OK;
    if ((uint64_t)stat.st_size <= EXPORT_BYTES_MAX) return STATUS_OK;
    return error_set(err, STATUS_TOO_LARGE, MESSAGE_EXPORT_MOST, (long long)EXPORT_BYTES_MAX, "bytes");
}

/* Keeps a track until the waypoints are written. */
static enum status hold(struct export *e, OGRFeatureH feature, struct error *err)
{
    if (e->held_count == e->held_room) {
        size_t room = e->held_room ? e->held_room * 2 : 64;
        OGRFeatureH *more = realloc(e->held, room * sizeof *more);
        if (more == NULL) {
            OGR_F_Destroy(feature);
            return no_memory(err);
        }
        e->held = more;
        e->held_room = room;
    }
    e->held[e->held_count++] = feature;
    return STATUS_OK;
}

static enum status write_held(struct export *e, struct error *err)
{
    bool written = true;
    for (size_t i = 0; i < e->held_count; i++) {
        OGRLayerH layer = GDALDatasetGetLayerByName(e->data, "tracks");
        written = written && OGR_L_CreateFeature(layer, e->held[i]) == OGRERR_NONE;
        OGR_F_Destroy(e->held[i]);
    }
    e->held_count = 0;
    return written ? STATUS_OK : failed(err);
}

static enum status write_feature(struct export *e, const struct export_sheet *sheet, OGRGeometryH geometry, const char *const *values,
                                 struct error *err)
{
    enum shape shape = shape_of(geometry);
    struct table *t = table_of(e, sheet, shape, err);
    OGRFeatureH feature = t ? OGR_F_Create(OGR_L_GetLayerDefn(t->layer)) : NULL;
    geometry = fitting(e, shape, geometry);
    if (feature == NULL) {
        if (geometry) OGR_G_DestroyGeometry(geometry);
        return t ? no_memory(err) : STATUS_INTERNAL;
    }
    bool own = t->sheet == sheet;
    for (unsigned i = 0; i < sheet->field_count; i++) {
        int column = own ? t->columns[i] : OGR_F_GetFieldIndex(feature, field_name(e, &sheet->fields[i]));
        set_value(feature, column, sheet->fields[i].type, values[i]);
    }
    set_label(e, feature, sheet, values);
    if (geometry) OGR_F_SetGeometryDirectly(feature, geometry);
    if (e->options.format == EXPORT_GPX && t->shape != SHAPE_POINT) return hold(e, feature, err);
    bool written = OGR_L_CreateFeature(t->layer, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return written ? STATUS_OK : failed(err);
}

enum status export_feature(struct export *e, const struct export_sheet *sheet, const char *geometry, const char *const *values,
                           struct error *err)
{
    OGRGeometryH shape = NULL;
    e->features++;
    enum status status = within_limits(e, err);
    if (status != STATUS_OK) return status;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (geometry && (shape = OGR_G_CreateGeometryFromJson(geometry)) == NULL) status = failed(err);
    if (status == STATUS_OK && shape) status = move_points(e, shape, err);
    if (status == STATUS_OK) status = write_feature(e, sheet, shape, values, err);
    else if (shape) OGR_G_DestroyGeometry(shape);
    CPLPopErrorHandler();
    return status;
}

/* ---- closing ----------------------------------------------------------------------------------------------- */

static enum status take_file(const char *path, struct buffer *out, struct error *err)
{
    vsi_l_offset length = 0;
    GByte *bytes = VSIGetMemFileBuffer(path, &length, FALSE);
    if (bytes == NULL) return failed(err);
    if (length > EXPORT_BYTES_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_EXPORT_MOST, (long long)EXPORT_BYTES_MAX, "bytes");
    buffer_bytes(out, bytes, length);
    return out->failed ? error_set(err, out->failed, MESSAGE_NO_MEMORY) : STATUS_OK;
}

/* What the short names of the columns mean, as a table with a byte order mark. */
static void explain_columns(const struct export *e, struct buffer *out)
{
    buffer_text(out, "\xef\xbb\xbf" "table,column,en,zh\r\n");
    for (unsigned i = 0; i < e->table_count; i++)
        for (unsigned f = 0; f < e->tables[i].sheet->field_count; f++) {
            const struct export_field *field = &e->tables[i].sheet->fields[f];
            buffer_printf(out, "%s%s,%s,%s,%s\r\n", e->tables[i].sheet->name, shape_names[e->tables[i].shape], field->brief, field->en, field->zh);
        }
}

static bool put_into(void *zip, const char *name, const void *bytes, size_t length)
{
    if (CPLCreateFileInZip(zip, name, NULL) != CE_None) return false;
    bool written = true;
    for (size_t at = 0; written && at < length; at += 1 << 28) {
        size_t piece = length - at < (size_t)1 << 28 ? length - at : (size_t)1 << 28;
        written = CPLWriteFileInZip(zip, (const char *)bytes + at, (int)piece) == CE_None;
    }
    return CPLCloseFileInZip(zip) == CE_None && written;
}

/* All parts of the shapefiles in one archive. */
static enum status pack(struct export *e, struct buffer *out, struct error *err)
{
    char archive[120];
    struct buffer columns;
    char **names = VSIReadDir(e->folder);
    snprintf(archive, sizeof archive, "%s.zip", e->folder);
    buffer_init(&columns, 1 << 20);
    explain_columns(e, &columns);
    void *zip = CPLCreateZip(archive, NULL);
    bool good = zip != NULL && !columns.failed && put_into(zip, "columns.csv", columns.data, columns.length);
    for (int i = 0; good && names && names[i]; i++) {
        char path[300];
        vsi_l_offset length = 0;
        if (names[i][0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", e->folder, names[i]);
        GByte *bytes = VSIGetMemFileBuffer(path, &length, FALSE);
        good = bytes != NULL && put_into(zip, names[i], bytes, length);
    }
    if (zip) good = CPLCloseZip(zip) == CE_None && good;
    CSLDestroy(names);
    buffer_clear(&columns);
    enum status status = good ? take_file(archive, out, err) : failed(err);
    VSIUnlink(archive);
    return status;
}

void export_abort(struct export *e)
{
    if (e == NULL) return;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (size_t i = 0; i < e->held_count; i++) OGR_F_Destroy(e->held[i]);
    if (e->data) GDALClose(e->data);
    CPLPopErrorHandler();
    VSIRmdirRecursive(e->folder);
    if (e->srs) OSRDestroySpatialReference(e->srs);
    crs_close(e->crs);
    free(e->held);
    free(e->points);
    free(e);
}

enum status export_close(struct export *e, struct buffer *out, struct error *err)
{
    static const struct export_sheet nothing = {.name = "empty", .zh = "empty"};
    enum status status = STATUS_OK;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (e->table_count == 0 && table_of(e, &nothing, SHAPE_POINT, err) == NULL) status = STATUS_INTERNAL;
    if (status == STATUS_OK) status = write_held(e, err);
    CPLErrorReset();
    GDALClose(e->data);
    e->data = NULL;
    if (status == STATUS_OK && CPLGetLastErrorType() == CE_Failure) status = failed(err);
    if (status == STATUS_OK) status = e->options.format == EXPORT_SHP_ZIP ? pack(e, out, err) : take_file(e->path, out, err);
    CPLPopErrorHandler();
    export_abort(e);
    return status;
}
