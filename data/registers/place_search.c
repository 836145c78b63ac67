#include "data/registers/place_search.h"

#include "data/registers/stake.h"

#include <stdio.h>

/* $1 what was typed, $2 and $3 the place it is asked near, $4 how many. Roads have an index on the beginning of their name
 * and on their numbers; everything else is a register of some thousand rows. Of a name that thousands of roads bear
 * (乡道), those nearest to the place asked from are looked at. */
static const char search_sql[] =
    "WITH asked AS (SELECT lower($1::text) AS q, ST_SetSRID(ST_MakePoint($2::float8, $3::float8), 4490) AS near),"
    " places AS ("
    "  SELECT 0 AS rank, 'county_seat' AS kind, code AS id, name_zh AS name, name_en, NULL AS detail, seat AS geom"
    "      FROM baochang.jurisdiction WHERE seat IS NOT NULL"
    "  UNION ALL SELECT 1, f.kind, f.id, f.name, f.name_en, j.name_zh, f.geom"
    "      FROM baochang.facility f LEFT JOIN baochang.jurisdiction j ON j.code = f.jurisdiction WHERE f.state <> 'closed'"
    "  UNION ALL SELECT 2, 'enterprise', e.id, e.name, e.name_en, j.name_zh, e.geom"
    "      FROM baochang.enterprise e LEFT JOIN baochang.jurisdiction j ON j.code = e.jurisdiction WHERE e.geom IS NOT NULL"
    "  UNION ALL SELECT 3, 'toll_station', id::text, name, NULL, route, geom FROM baochang.toll_station WHERE geom IS NOT NULL"
    "  UNION ALL SELECT 3, 'toll_station', id::text, route || ' ' || name, NULL, route, geom"
    "      FROM baochang.toll_station, asked WHERE geom IS NOT NULL AND strpos(lower(name), q) = 0"
    "  UNION ALL SELECT 4, 'checkpoint', id, name, NULL, road_ref, geom FROM baochang.checkpoint"
    "      WHERE state = 'active' AND COALESCE(upper(effective) > now(), true)),"
    " numbers AS (SELECT upper($1::text) AS ref UNION SELECT canonical FROM baochang.route_alias, asked"
    "      WHERE strpos(alias, q) = 1 AND valid @> CURRENT_DATE),"
    " pieces AS ("
    "  (SELECT id, name, ref, geom FROM baochang.road, asked WHERE right(class, 5) <> '_link' AND name LIKE"
    "      regexp_replace($1::text, '([\\\\%_])', '\\\\\\1', 'g') || '%' ORDER BY geom <-> near, id LIMIT 500)"
    "  UNION (SELECT r.id, r.name, r.ref, r.geom FROM baochang.road r, asked"
    "      WHERE right(r.class, 5) <> '_link' AND string_to_array(r.ref, ';') && ARRAY(SELECT ref FROM numbers)"
    "      ORDER BY r.geom <-> near, r.id LIMIT 500)),"
    " roads AS (SELECT DISTINCT ON (ref, name) 5 AS rank, 'road' AS kind, id::text AS id, COALESCE(name, ref) AS name,"
    "      NULL::text AS name_en, ref AS detail, COALESCE(ST_ClosestPoint(geom, near), ST_LineInterpolatePoint(geom, 0.5)) AS geom"
    "      FROM pieces, asked ORDER BY ref, name, geom <-> near, id),"
    " found AS (SELECT p.*, CASE WHEN q IN (lower(p.name), lower(p.name_en)) OR kind = 'road' AND q = lower(p.detail)"
    "          OR kind = 'county_seat' AND strpos(p.name, q) = 1 THEN 0"
    "      WHEN strpos(lower(p.name), q) = 1 OR strpos(lower(p.name_en), q) = 1 THEN 1 ELSE 2 END AS fit"
    "  FROM (SELECT * FROM places, asked WHERE strpos(lower(name), q) > 0 OR strpos(lower(name_en), q) > 0"
    "        UNION ALL SELECT * FROM roads, asked) p),"
    " best AS (SELECT * FROM found ORDER BY fit, rank, length(name), name, kind, id LIMIT $4::int)"
    " SELECT json_build_object('results', COALESCE(json_agg(json_build_object('kind', kind, 'id', id, 'name', name,"
    "      'name_en', name_en, 'detail', detail, 'location', ST_AsGeoJSON(geom, 7, 0)::json -> 'coordinates')"
    "      ORDER BY fit, rank, length(name), name, kind, id), '[]'))::text FROM best";

/* $1 a road's number or name, $2 metres, $3 and $4 the place it is asked near, $5 how many. A carriageway is a place of its
 * own: `direction` says whether stakes grow with its traffic (up), fall (down), or both where both ways share the road. */
static const char stake_sql[] =
    "WITH asked AS (SELECT $1::text AS road, $2::float8 AS metre, ST_SetSRID(ST_MakePoint($3::float8, $4::float8), 4490) AS near),"
    " numbers AS (SELECT upper(road) AS ref FROM asked UNION SELECT canonical FROM baochang.route_alias, asked"
    "      WHERE alias = road AND valid @> CURRENT_DATE"
    "      UNION SELECT unnest(string_to_array(r.ref, ';')) FROM baochang.road r, asked WHERE r.name = road),"
    " pieces AS (SELECT r.id, r.ref, r.name, r.geom, r.forward, r.backward, (r.tags ->> 'stake_from_km')::float8 * 1000 AS first,"
    "      (r.tags ->> 'stake_to_km')::float8 * 1000 AS last FROM baochang.road r"
    "      WHERE string_to_array(r.ref, ';') && ARRAY(SELECT ref FROM numbers) AND right(r.class, 5) <> '_link'"
    "      AND jsonb_typeof(r.tags -> 'stake_from_km') = 'number' AND jsonb_typeof(r.tags -> 'stake_to_km') = 'number'),"
    " hits AS (SELECT id, name, CASE WHEN forward AND backward THEN 'both' WHEN (last > first) = forward THEN 'up' ELSE 'down' END AS direction,"
    "      ST_LineInterpolatePoint(geom, (metre - first) / (last - first)) AS geom FROM pieces, asked"
    "      WHERE first <> last AND metre BETWEEN least(first, last) AND greatest(first, last)),"
    " best AS (SELECT DISTINCT ON (direction) h.*, near FROM hits h, asked ORDER BY direction, h.geom <-> near, id LIMIT $5::int)"
    " SELECT json_build_object('results', json_agg(json_build_object('kind', 'stake', 'id', id::text,"
    "      'name', (SELECT upper(road) || ' K' || div(metre::numeric, 1000) || '+' || lpad(mod(metre::numeric, 1000)::text, 3, '0') FROM asked),"
    "      'name_en', NULL, 'detail', name, 'direction', direction, 'location', ST_AsGeoJSON(geom, 7, 0)::json -> 'coordinates')"
    "      ORDER BY direction DESC))::text, count(*) FROM best";

/* Whether the text was a stake that some road has; then it is answered. */
static enum status stake_search(struct pg *pg, const char *query, const char *lon, const char *lat, const char *most, bool *found,
                                struct buffer *out, struct error *err)
{
    struct stake stake;
    char metre[16];
    struct pg_result rows = {0};
    *found = false;
    if (!stake_parse(query, &stake)) return STATUS_OK;
    snprintf(metre, sizeof metre, "%u", stake.metre);
    enum status status = pg_query(pg, stake_sql, 5, (const char *[]){stake.road, metre, lon, lat, most}, &rows, err);
    if (status == STATUS_OK && pg_i64(&rows, 0, 1) > 0) {
        *found = true;
        buffer_text(out, pg_text(&rows, 0, 0));
    }
    pg_result_clear(&rows);
    return status;
}

enum status place_search(struct pg *pg, const char *query, const double *near, unsigned limit, struct buffer *out,
                         struct error *err)
{
    char lon[32], lat[32], most[16];
    const char *values[4] = {query, NULL, NULL, most};
    if (near) {
        snprintf(lon, sizeof lon, "%.7f", near[0]);
        snprintf(lat, sizeof lat, "%.7f", near[1]);
        values[1] = lon, values[2] = lat;
    }
    snprintf(most, sizeof most, "%u", limit);
    struct pg_result rows = {0};
    bool found;
    enum status status = stake_search(pg, query, values[1], values[2], most, &found, out, err);
    if (status == STATUS_OK && !found) status = pg_query(pg, search_sql, 4, values, &rows, err);
    if (status == STATUS_OK && !found) buffer_text(out, pg_text(&rows, 0, 0));
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    pg_result_clear(&rows);
    return status;
}
