/* The map beneath ours, from somebody else's tile service, as the operator configures it (Tianditu, any XYZ or WMTS in the
 * web's tile grid). Of a map in GCJ-02 the page moves the tiles (api/console/js/gcj02.js): it would lie 500 m beside our
 * roads. */
#ifndef API_BASEMAP_H
#define API_BASEMAP_H

#include "geo/base/error.h"

enum { BASEMAP_ORIGIN_SIZE = 160 };

/** Checks a template such as "https://tiles.example/{z}/{x}/{y}.png" and writes its origin ("https://tiles.example"), which
 *  the page's content security policy must name; "" for no template. INVALID: neither https nor this machine, a place
 *  that is missing, characters that would end the policy's word. */
MUST_USE enum status basemap_origin(const char *tiles, char out[BASEMAP_ORIGIN_SIZE], struct error *err);

#endif
