/* From the CRS of a layer to EPSG:4490, longitude before latitude. */
#ifndef DATA_OGR_OGR_CRS_H
#define DATA_OGR_OGR_CRS_H

#include <stdbool.h>

/* What GDAL calls OGRLayerH and OGRCoordinateTransformationH; its headers stay out of ours. */
struct ogr_crs {
    void *transform;     /* NULL: is in EPSG:4490 already */
    bool own_was_used;   /* the layer has a CRS, and `fallback_epsg` was not needed */
};

/** Opens the transformation from a layer's own CRS, which is believed, or else from `fallback_epsg` (0: none). NULL when
 *  it is open, otherwise why not, in English. */
const char *ogr_crs_open(void *layer, int fallback_epsg, struct ogr_crs *out);
void ogr_crs_close(struct ogr_crs *crs);

#endif
