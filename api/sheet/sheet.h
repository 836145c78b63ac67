/* The printed sheet of a plan: what a checkpoint officer reads in seconds and an office files.
 *
 *   struct sheet_job job = {.plan = &plan, .vehicle_text = …, .ground = ground, .language = LANGUAGE_ZH};
 *   TRY(sheet_write(&job, SHEET_PDF, &out, &err));
 *
 * A4: head with places, times and whether it may be issued, a QR code of decision id and digest, the map, then tables of
 * gates, legs, zones, limits and warnings over as many pages as it takes; versions and digest at the foot of each. SVG and
 * PNG are one page as high as it must be. The same job gives the same bytes on one machine: no time of printing is in it.
 *
 * For workers: it draws a map. GLib, below Pango, ends the process when it gets no memory, so memory for a sheet is
 * asked for and given back before it is begun. */
#ifndef API_SHEET_SHEET_H
#define API_SHEET_SHEET_H

#include "api/sheet/sheet_map.h"
#include "geo/base/buffer.h"

enum sheet_form { SHEET_PDF, SHEET_SVG, SHEET_PNG };

enum { SHEET_PAGES_MAX = 60, SHEET_PNG_WIDTH = 1240, SHEET_PNG_WIDTH_MIN = 300, SHEET_PNG_WIDTH_MAX = 2480 };

struct sheet_job {
    const struct sheet_plan *plan;
    const struct vehicle *vehicle;  /* what was asked for; NULL when it is not known */
    bool loop;
    struct sheet_ground ground;
    enum language language;         /* of the sheet's own words */
    unsigned png_width;             /* pixels; 0: SHEET_PNG_WIDTH */
};

/** Appends the file. TOO_LARGE (pages, height of a picture, *out full), UNAVAILABLE (no font), OUT_OF_RANGE (a plan beyond
 *  the network's plane), NO_MEMORY. */
MUST_USE enum status sheet_write(const struct sheet_job *job, enum sheet_form form, struct buffer *out, struct error *err);

#endif
