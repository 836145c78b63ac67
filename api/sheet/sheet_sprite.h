/* The pictures of the map style: a hatch for each rule of zones, told apart by direction and density as well as by colour,
 * side by side in one PNG. The same hatches and colours as the console draws (api/console/js/style.js). */
#ifndef API_SHEET_SHEET_SPRITE_H
#define API_SHEET_SHEET_SPRITE_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/** Edge of a picture, in units of the map. */
enum { SPRITE_SIZE = 16 };

struct sprite_hatch {
    const char *rule; /* "closed", …; the picture is called "hatch-" and this */
    uint32_t light, dark; /* 0xRRGGBB, on a light and on a dark ground */
};
/** From left to right; NULL behind the last. */
const struct sprite_hatch *sprite_hatch_at(unsigned index);

/** Appends the PNG with `scale` pixels to a unit (1 or 2), for a light or a dark ground. NO_MEMORY. Any thread. */
MUST_USE enum status sprite_png(unsigned scale, bool dark, struct buffer *out, struct error *err);

#endif
