#include "data/ogr/ogr_upload.h"

#include "data/import/import_text.h"
#include "data/ogr/ogr_crs.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
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

static pthread_once_t registered = PTHREAD_ONCE_INIT;

static enum status refuse(const char *why, struct error *err)
{
    return error_set(err, STATUS_INVALID, MESSAGE_UPLOAD_FORMAT, why);
}

/* ---- as JSON ----------------------------------------------------------------------------------------------- */

static enum status write_attribute(struct buffer *out, OGRFeatureH feature, int i, OGRFieldDefnH field, struct error *err)
{
    const char *text;
    double number;
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger:
        if (OGR_Fld_GetSubType(field) == OFSTBoolean) buffer_text(out, OGR_F_GetFieldAsInteger(feature, i) ? "true" : "false");
        else buffer_printf(out, "%d", OGR_F_GetFieldAsInteger(feature, i));
        return STATUS_OK;
    case OFTInteger64: buffer_printf(out, "%lld", (long long)OGR_F_GetFieldAsInteger64(feature, i)); return STATUS_OK;
    case OFTReal:
        number = OGR_F_GetFieldAsDouble(feature, i);
        if (isfinite(number)) buffer_printf(out, "%.15g", number);
        else buffer_text(out, "null");
        return STATUS_OK;
    default:
        text = OGR_F_GetFieldAsString(feature, i);
        if (!import_text_valid(text)) return refuse("its texts are not in the encoding that it says: name it with encoding=GBK", err);
        import_text_json(out, text);
        return STATUS_OK;
    }
}

static enum status write_geometry(struct buffer *out, OGRGeometryH geometry, const struct ogr_crs *crs, size_t *points, struct error *err)
{
    if (geometry == NULL || OGR_G_IsEmpty(geometry)) {
        buffer_text(out, "null");
        return STATUS_OK;
    }
    OGRGeometryH plain = OGR_G_GetLinearGeometry(geometry, 0, NULL); /* arcs of circles become segments */
    if (plain == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    OGR_G_FlattenTo2D(plain);
    enum status status = STATUS_OK;
    size_t bytes = (size_t)OGR_G_WkbSize(plain);
    *points += bytes / 16; /* a little more than there are */
    if (*points > UPLOAD_POINTS_MAX) status = error_set(err, STATUS_TOO_LARGE, MESSAGE_UPLOAD_MOST, "points", (long long)UPLOAD_POINTS_MAX);
    else if (crs->transform && OGR_G_Transform(plain, crs->transform) != OGRERR_NONE)
        status = refuse("a position cannot be transformed: is its CRS right?", err);
    if (status == STATUS_OK) {
        char **options = CSLSetNameValue(NULL, "COORDINATE_PRECISION", "9");
        char *json = OGR_G_ExportToJsonEx(plain, options);
        CSLDestroy(options);
        if (json) buffer_text(out, json);
        else status = refuse("a geometry cannot be written", err);
        CPLFree(json);
    }
    OGR_G_DestroyGeometry(plain);
    return status;
}

static enum status write_feature(struct buffer *out, OGRFeatureH feature, const struct ogr_crs *crs, size_t *points, struct error *err)
{
    OGRFeatureDefnH definition = OGR_F_GetDefnRef(feature);
    const char *separator = "";
    buffer_text(out, "{\"type\":\"Feature\",\"geometry\":");
    enum status status = write_geometry(out, OGR_F_GetGeometryRef(feature), crs, points, err);
    buffer_text(out, ",\"properties\":{");
    for (int i = 0; status == STATUS_OK && i < OGR_FD_GetFieldCount(definition); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        const char *name = OGR_Fld_GetNameRef(field);
        if (!OGR_F_IsFieldSetAndNotNull(feature, i)) continue;
        if (!import_text_valid(name)) return refuse("its attribute names are not in the encoding that it says: name it with encoding=GBK", err);
        buffer_text(out, separator);
        separator = ",";
        import_text_json(out, name);
        buffer_char(out, ':');
        status = write_attribute(out, feature, i, field, err);
    }
    buffer_text(out, "}}");
    return status;
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

static enum status read_layer(const struct upload *u, GDALDatasetH data, struct buffer *out, struct error *err)
{
    struct ogr_crs crs;
    size_t points = 0, count = 0;
    if (u->layer == NULL && GDALDatasetGetLayerCount(data) > 1) return refuse("it has several layers: name one with layer=", err);
    OGRLayerH layer = u->layer ? GDALDatasetGetLayerByName(data, u->layer) : GDALDatasetGetLayer(data, 0);
    if (layer == NULL) return refuse("it has no such layer", err);
    const char *why = ogr_crs_open(layer, u->epsg, &crs);
    enum status status = why ? refuse(why, err) : STATUS_OK;
    buffer_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
    CPLErrorReset();
    for (OGRFeatureH feature; status == STATUS_OK && (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature)) {
        if (count++ == UPLOAD_FEATURES_MAX)
            status = error_set(err, STATUS_TOO_LARGE, MESSAGE_UPLOAD_MOST, "features", (long long)UPLOAD_FEATURES_MAX);
        if (count > 1) buffer_char(out, ',');
        if (status == STATUS_OK) status = write_feature(out, feature, &crs, &points, err);
        if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_LIMIT_BYTES, "upload", out->maximum);
    }
    buffer_text(out, "]}");
    if (status == STATUS_OK && CPLGetLastErrorType() == CE_Failure) status = refuse(CPLGetLastErrorMsg(), err); /* it breaks off */
    ogr_crs_close(&crs);
    return status;
}

/* What the archive says it unpacks to; and the one shapefile in it. */
static enum status look_into(const char *archive, char *shape, size_t size, struct error *err)
{
    char folder[120], **names;
    uint64_t total = 0;
    enum status status = STATUS_OK;
    snprintf(folder, sizeof folder, "/vsizip/{%s}", archive);
    shape[0] = '\0';
    names = VSIReadDirRecursive(folder);
    if (names == NULL) return refuse("not a zip archive", err);
    for (int i = 0; status == STATUS_OK && names[i]; i++) {
        char path[600];
        VSIStatBufL stat;
        size_t length = strlen(names[i]);
        if (i >= 1000 || length > 400) status = refuse("the archive holds too many files, or too long names", err);
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (status == STATUS_OK && VSIStatL(path, &stat) == 0) total += (uint64_t)stat.st_size;
        if (length > 4 && strcasecmp(names[i] + length - 4, ".shp") == 0) {
            if (shape[0]) status = refuse("there are several shapefiles in the archive", err);
            snprintf(shape, size, "%s", path);
        }
    }
    CSLDestroy(names);
    if (status == STATUS_OK && total > UPLOAD_UNPACKED_MAX)
        status = error_set(err, STATUS_TOO_LARGE, MESSAGE_UPLOAD_MOST, "bytes", (long long)UPLOAD_UNPACKED_MAX);
    if (status == STATUS_OK && !shape[0]) status = refuse("there is no shapefile (.shp) in the archive", err);
    return status;
}

enum status ogr_upload_read(const struct upload *u, struct buffer *out, struct error *err)
{
    static const char *const drivers[][2] = {{"ESRI Shapefile", NULL}, {"GPKG", NULL}};
    static const char *const endings[] = {"zip", "gpkg"};
    char name[80], path[800], encoding[80];
    const char *options[2] = {NULL, NULL};
    pthread_once(&registered, GDALAllRegister);
    snprintf(name, sizeof name, "/vsimem/upload-%p.%s", (const void *)u, endings[u->format]);
    VSILFILE *file = VSIFileFromMemBuffer(name, (GByte *)u->bytes, (vsi_l_offset)u->length, FALSE);
    if (file == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    VSIFCloseL(file);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* its messages are in what we return */
    snprintf(path, sizeof path, "%s", name);
    enum status status = u->format == UPLOAD_SHAPEFILE_ZIP ? look_into(name, path, sizeof path, err) : STATUS_OK;
    if (status == STATUS_OK && u->encoding && u->format == UPLOAD_SHAPEFILE_ZIP) {
        snprintf(encoding, sizeof encoding, "ENCODING=%.60s", u->encoding);
        options[0] = encoding;
    }
    GDALDatasetH data = status == STATUS_OK ? GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers[u->format], options, NULL) : NULL;
    if (status == STATUS_OK && data == NULL)
        status = refuse(CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "not a file of that format", err);
    if (status == STATUS_OK) status = read_layer(u, data, out, err);
    if (data) GDALClose(data);
    CPLPopErrorHandler();
    VSIUnlink(name);
    return status;
}
