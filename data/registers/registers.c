#include "data/registers/registers.h"

#include <stdio.h>
#include <stdlib.h>

enum { PLACES_MAX = 20000 };

static const char places_sql[] =
    "WITH places AS ("
    "  SELECT 'county_seat' AS kind, code AS id, name_zh AS name, coalesce(name_en, '') AS name_en, seat AS geom,"
    "         'active' AS state, code AS jurisdiction, false AS turning_place FROM baochang.jurisdiction WHERE seat IS NOT NULL"
    "  UNION ALL SELECT kind, id, name, coalesce(name_en, ''), geom, state, coalesce(jurisdiction, ''), turning_place"
    "         FROM baochang.facility"
    "  UNION ALL SELECT 'enterprise', id, name, coalesce(name_en, ''), geom, 'active', coalesce(jurisdiction, ''), false"
    "         FROM baochang.enterprise WHERE geom IS NOT NULL"
    "  UNION ALL SELECT 'toll_station', id::text, route || ' ' || name, '', geom, 'active', coalesce(county, ''), false"
    "         FROM baochang.toll_station WHERE geom IS NOT NULL),"
    " chosen AS (SELECT * FROM places WHERE $1::float8 IS NULL"
    "         OR geom && ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 4490)"
    "         ORDER BY kind, name, id LIMIT $5::int)"
    " SELECT count(*), coalesce(string_agg(json_build_object('type', 'Feature', 'id', id,"
    "         'geometry', ST_AsGeoJSON(geom, 7, 0)::json, 'properties', json_build_object('kind', kind, 'name', name,"
    "         'name_en', name_en, 'state', state, 'jurisdiction', jurisdiction, 'turning_place', turning_place))::text, ','"
    "         ORDER BY kind, name, id), '') FROM chosen";

enum status register_places(struct read_pool *pool, const double *bbox, struct buffer *out, struct error *err)
{
    char corner[4][32], limit[16];
    const char *values[5] = {NULL};
    for (int i = 0; bbox && i < 4; i++) {
        snprintf(corner[i], sizeof corner[i], "%.9f", bbox[i]);
        values[i] = corner[i];
    }
    snprintf(limit, sizeof limit, "%d", PLACES_MAX + 1);
    values[4] = limit;
    struct pg *pg;
    enum status status = read_pool_take(pool, &pg, err);
    if (status != STATUS_OK) return status;
    struct pg_result rows = {0};
    status = pg_query(pg, places_sql, 5, values, &rows, err);
    if (status == STATUS_OK && pg_i64(&rows, 0, 0) > PLACES_MAX) {
        status = error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_FEATURES, PLACES_MAX);
        error_bounds(err, PLACES_MAX, (double)pg_i64(&rows, 0, 0));
    } else if (status == STATUS_OK) {
        buffer_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
        buffer_text(out, pg_text(&rows, 0, 1));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    read_pool_give(pool, pg);
    return status;
}
