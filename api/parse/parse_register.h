/* An entry of a register in a request: a GeoJSON Feature where the register has places, else the members themselves.
 *
 * What an answer has beside (`id`, `version`, `rules_version`, of a road what its source says) is taken and ignored, so
 * that what was read can be changed and sent back. One table per register says what it takes. */
#ifndef API_PARSE_REGISTER_H
#define API_PARSE_REGISTER_H

#include "api/parse/parse_route.h"
#include "data/rules/register_store.h"

struct register_in {
    const char *id;           /* that the entry brings, or NULL: one is made */
    const char *columns;      /* JSON for the database */
    const char *jurisdiction; /* that its writer's scope must cover, or NULL */
    uint32_t point_count;
};

/** Reads an entry. `path_id`: of the address, or NULL for a new one; `scope`: the jurisdiction of an entry that names none,
 *  or NULL. Errors: those of the reader, INVALID_GEOMETRY, INVALID when the entry's own key is another than the
 *  address's. On a worker: a CRS may have to be opened. */
MUST_USE enum status parse_register(const struct json_at *root, enum register_kind kind, const char *path_id, const char *scope,
                                    const struct parse_setting *setting, struct register_in *out, struct error *err);

#endif
