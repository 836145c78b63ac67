/* A zone, checkpoint or closure as a GeoJSON Feature in a request, read into what the database takes.
 *
 *   {"type": "Feature", "geometry": …, "properties": {"class": "FL-CUT", "name": "…", …}, "crs": "EPSG:4490"}
 *
 * `crs` may be left out. `id`, `life` and `rules_version`, which an answer has, are taken and ignored, so that what was
 * read can be changed and sent back. Members and types are checked here and named by pointer; what rules, hours and
 * requirements may say, the database checks. Coordinates are validated and never repaired. */
#ifndef API_PARSE_RULE_H
#define API_PARSE_RULE_H

#include "api/parse/parse_route.h"
#include "data/rules/rule_store.h"
#include "geo/multipolygon.h"

struct rule_feature_in {
    struct rule_document document; /* texts in the arena */
    struct multipolygon area;      /* of a zone, in the arena */
};

/** Reads a Feature of `kind`. `scope` is the jurisdiction of an object that names none, or NULL. On a worker: a CRS may
 *  have to be opened. Errors: those of the reader, INVALID_GEOMETRY with reason and place, TOO_LARGE, NO_MEMORY. */
MUST_USE enum status parse_rule(const struct json_at *root, enum desk_kind kind, const char *scope,
                                const struct parse_setting *setting, struct rule_feature_in *out, struct error *err);

/** Reads the words of an act: {"authority", "document_no", "opinion", "force_reason"}; approving needs the
 *  first two; the last belongs to what may cut a place off: approving and lifting. Copies into the arena. */
MUST_USE enum status parse_rule_words(const struct json_at *root, enum desk_act act, struct arena *arena,
                                      struct rule_words *out, struct error *err);

#endif
