#include "data/ogr/ogr_crs.h"

#include <stddef.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef" /* GDAL's headers ask for clang's version */
#include <ogr_api.h>
#include <ogr_srs_api.h>
#pragma GCC diagnostic pop

static const char *prepare(OGRSpatialReferenceH from, OGRSpatialReferenceH to, struct ogr_crs *out)
{
    if (from == NULL || to == NULL || OSRImportFromEPSG(to, 4490) != OGRERR_NONE) return "out of memory";
    OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
    if (OSRIsSame(from, to)) return NULL;
    out->transform = OCTNewCoordinateTransformation(from, to);
    return out->transform ? NULL : "PROJ has no transformation from its CRS to EPSG:4490";
}

const char *ogr_crs_open(void *layer, int fallback_epsg, struct ogr_crs *out)
{
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(layer), from = NULL, to = OSRNewSpatialReference(NULL);
    const char *why = NULL;
    *out = (struct ogr_crs){.own_was_used = own != NULL};
    if (own) {
        from = OSRClone(own);
    } else if (fallback_epsg) {
        from = OSRNewSpatialReference(NULL);
        if (from && OSRImportFromEPSG(from, fallback_epsg) != OGRERR_NONE) why = "PROJ does not know the EPSG code that was given for it";
    } else {
        why = "it has no CRS: say which EPSG code it is in";
    }
    if (why == NULL) why = prepare(from, to, out);
    if (from) OSRDestroySpatialReference(from);
    if (to) OSRDestroySpatialReference(to);
    return why;
}

void ogr_crs_close(struct ogr_crs *crs)
{
    if (crs->transform) OCTDestroyCoordinateTransformation(crs->transform);
    *crs = (struct ogr_crs){0};
}
