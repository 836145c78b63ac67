/* A lane in a request: a GeoJSON Feature whose geometry is a LineString from origin to destination.
 *
 * What an answer has beside (`id`, `version`, when it was recorded, the company's name) is taken and ignored, so that what was
 * read can be changed and sent back. */
#ifndef API_PARSE_LANE_H
#define API_PARSE_LANE_H

#include "api/parse/parse_route.h"

struct lane_in {
    const char *id;      /* that the lane brings, or NULL: one is made */
    const char *columns; /* JSON for the database */
};

/* For whom it is read: what is left out goes by that. */
struct lane_writer {
    const char *company; /* a company's key writes lanes of its own that it proposes or suspends; NULL: a desk, which lists them */
    const char *scope;   /* the county of a lane that names none, or NULL */
};

/** Reads a lane. `path_id`: of the address, or NULL for a new one. Errors: those of the reader; FORBIDDEN with a pointer for
 *  what a company may not say. On a worker: a CRS may have to be opened. */
MUST_USE enum status parse_lane(const struct json_at *root, const char *path_id, const struct lane_writer *writer,
                                const struct parse_setting *setting, struct lane_in *out, struct error *err);

#endif
