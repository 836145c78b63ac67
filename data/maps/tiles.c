#include "data/maps/tiles.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* Classes by zoom; $4 is the number of classes to take, in their order of importance. */
static const char roads_sql[] =
    "WITH tile AS (SELECT ST_TileEnvelope($1::int, $2::int, $3::int) AS box),"
    "     wanted AS (SELECT (baochang.road_classes())[1:$4::int] AS classes),"
    "     rows AS ("
    "  SELECT r.id, r.class, coalesce(r.ref, '') AS ref, coalesce(r.name, '') AS name, r.bridge, r.tunnel, r.toll,"
    "         ST_AsMVTGeom(ST_Simplify(ST_Transform(r.geom, 3857), (ST_XMax(t.box) - ST_XMin(t.box)) / 4096 * 1.5, true),"
    "                      t.box, 4096, 64, true) AS geom"
    "  FROM baochang.road r, tile t, wanted w"
    "  WHERE r.geom && ST_Transform(t.box, 4490) AND r.class = ANY (w.classes)"
    "  ORDER BY r.id)"
    " SELECT (SELECT coalesce(ST_AsMVT(rows, 'roads', 4096, 'geom', 'id'), ''::bytea) FROM rows WHERE geom IS NOT NULL),"
    " baochang.map_layer_version('roads')";

/* $4 layer, $5 at the desk, $6 its county, $7 of areas. An area is cut at the tiles' borders and would be named in each; its name has
 * one place. */
static const char layer_sql[] =
    "WITH tile AS (SELECT ST_TileEnvelope($1::int, $2::int, $3::int) AS box),"
    "     seen AS ("
    "  SELECT f.id, f.properties - '{authority,document,note,rules,windows,opening,requirements,green_credentials,zones}'::text[]"
    "             || jsonb_strip_nulls(jsonb_build_object('from_s', floor(extract(epoch FROM lower(f.effective)))::bigint,"
    "                    'until_s', ceil(extract(epoch FROM upper(f.effective)))::bigint,"
    "                    'has_hours', nullif(f.properties ?| '{windows,opening}', false), 'draft', nullif(NOT f.open, false)))"
    "             AS properties, f.geom AS shape, t.box"
    "  FROM baochang.map_feature f, tile t"
    "  WHERE f.layer = $4 AND f.current AND (f.open OR ($5::boolean AND baochang.jurisdiction_covers($6, f.jurisdiction)))"
    "    AND f.geom && ST_Transform(t.box, 4490)"
    "  ORDER BY f.place, f.id COLLATE \"C\"),"
    "     rows AS ("
    "  SELECT id, properties, ST_AsMVTGeom(ST_Simplify(ST_Transform(shape, 3857), (ST_XMax(box) - ST_XMin(box)) / 4096, true),"
    "                                      box, 4096, 256, true) AS geom FROM seen),"
    "     names AS ("
    "  SELECT id, properties, ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(shape), 3857), box, 4096, 0, true) AS geom"
    "  FROM seen WHERE $7::boolean AND ST_Dimension(shape) = 2)"
    " SELECT (SELECT coalesce(ST_AsMVT(rows, $4, 4096, 'geom'), ''::bytea) FROM rows WHERE geom IS NOT NULL)"
    "     || (SELECT coalesce(ST_AsMVT(names, $4 || '_names', 4096, 'geom'), ''::bytea) FROM names WHERE geom IS NOT NULL),"
    " baochang.map_layer_version($4)";

/* $4 to $7 whose plans. */
static const char plans_sql[] =
    "WITH tile AS (SELECT ST_TileEnvelope($1::int, $2::int, $3::int) AS box),"
    "     rows AS ("
    "  SELECT f.id, f.properties - '{as_of,checked_version,digest,replaced_by}'::text[]"
    "             || jsonb_build_object('from_s', floor(extract(epoch FROM lower(f.effective)))::bigint,"
    "                    'until_s', ceil(extract(epoch FROM upper(f.effective)))::bigint) AS properties,"
    "         ST_AsMVTGeom(ST_Simplify(ST_Transform(f.geom, 3857), (ST_XMax(t.box) - ST_XMin(t.box)) / 4096, true),"
    "                      t.box, 4096, 64, true) AS geom"
    "  FROM baochang.plan_feature f, tile t"
    "  WHERE f.current AND f.geom && ST_Transform(t.box, 4490) AND baochang.stored_plan_visible(f.plan, $4, $5, $6, $7)"
    "  ORDER BY f.place)"
    " SELECT (SELECT coalesce(ST_AsMVT(rows, 'plans', 4096, 'geom'), ''::bytea) FROM rows WHERE geom IS NOT NULL),"
    " baochang.map_layer_version('plans')";

static const char version_sql[] = "SELECT baochang.map_layer_version($1)";

static int classes_at(unsigned zoom)
{
    if (zoom < 7) return 4;   /* motorways and trunk roads */
    if (zoom < 9) return 8;   /* … secondary */
    if (zoom < 11) return 10; /* … tertiary */
    if (zoom < 13) return 12; /* … residential */
    return 16;
}

bool tile_exists(unsigned z, unsigned x, unsigned y)
{
    return z <= TILE_ZOOM_MAX && x < 1u << z && y < 1u << z;
}

/* What everybody sees has the same name for everybody: a desk's tile of a layer with drafts is its own, and a plan is for
 * whoever has the same key with the same scope. */
void tile_sight(const struct tile_name *name, char out[TILE_SIGHT_SIZE])
{
    out[0] = '\0';
    if (name->layer->owned) {
        char text[400];
        const struct plan_reader *o = &name->owner;
        int length = snprintf(text, sizeof text, "%s\n%s\n%s\n%s", o->key ? o->key : "", o->role ? o->role : "", o->company ? o->company : "",
                              o->county ? o->county : "");
        snprintf(out, TILE_SIGHT_SIZE, "k%016llx", (unsigned long long)XXH3_64bits(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1));
    } else if (name->reader.desk && name->layer->dated) {
        snprintf(out, TILE_SIGHT_SIZE, "desk%s", name->reader.scope ? name->reader.scope : "");
    }
}

static void name_key(const struct tile_name *name, char out[TILE_KEY_SIZE])
{
    char sight[TILE_SIGHT_SIZE];
    tile_sight(name, sight);
    snprintf(out, TILE_KEY_SIZE, "%s/%u/%u/%u/%s", name->layer->name, name->z, name->x, name->y, sight);
}

static enum status version_now(struct pg *pg, const struct map_layer *layer, char version[TILE_VERSION_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, version_sql, 1, (const char *[]){layer->name}, &rows, err);
    if (status == STATUS_OK) snprintf(version, TILE_VERSION_SIZE, "%s", pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    return status;
}

static enum status make(struct pg *pg, const struct tile_name *name, char version[TILE_VERSION_SIZE], struct buffer *out,
                        struct error *err)
{
    char zs[12], xs[12], ys[12], classes[12];
    bool roads = strcmp(name->layer->name, "roads") == 0;
    snprintf(zs, sizeof zs, "%u", name->z);
    snprintf(xs, sizeof xs, "%u", name->x);
    snprintf(ys, sizeof ys, "%u", name->y);
    snprintf(classes, sizeof classes, "%d", classes_at(name->z));
    const struct plan_reader *owner = &name->owner;
    const char *of_roads[] = {zs, xs, ys, classes}, *of_plans[] = {zs, xs, ys, owner->key, owner->role, owner->company, owner->county};
    const char *of_layer[] = {zs, xs, ys, name->layer->name, name->reader.desk ? "true" : "false", name->reader.scope,
                              name->layer->areas ? "true" : "false"};
    struct pg_result rows = {0};
    enum status status = roads                ? pg_query(pg, roads_sql, 4, of_roads, &rows, err)
                         : name->layer->owned ? pg_query(pg, plans_sql, 7, of_plans, &rows, err)
                                              : pg_query(pg, layer_sql, 7, of_layer, &rows, err);
    if (status == STATUS_OK) {
        size_t length;
        const unsigned char *bytes = pg_bytes(&rows, 0, 0, &length);
        buffer_bytes(out, bytes, length);
        if (pg_is_null(&rows, 0, 1))
            snprintf(version, TILE_VERSION_SIZE, "d%016llx", (unsigned long long)XXH3_64bits(bytes, length));
        else
            snprintf(version, TILE_VERSION_SIZE, "%s", pg_text(&rows, 0, 1));
    }
    pg_result_clear(&rows);
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_LIMIT_BYTES, name->layer->name, out->maximum);
    return status;
}

enum status tile_read(struct read_pool *pool, struct tile_cache *cache, const struct tile_name *name, const char *known,
                      char version[TILE_VERSION_SIZE], struct buffer *out, struct error *err)
{
    char key[TILE_KEY_SIZE];
    struct pg *pg;
    version[0] = '\0';
    name_key(name, key);
    enum status status = read_pool_take(pool, &pg, err);
    if (status != STATUS_OK) return status;
    status = version_now(pg, name->layer, version, err);
    bool counted = version[0] != '\0';
    bool has = status == STATUS_OK && counted && known && strcmp(known, version) == 0;
    bool found = status == STATUS_OK && counted && !has && tile_cache_find(cache, key, version, out);
    if (status == STATUS_OK && !has && !found) {
        status = make(pg, name, version, out, err);
        if (status == STATUS_OK && counted) tile_cache_keep(cache, key, version, out->data, out->length);
    }
    read_pool_give(pool, pg);
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    return status;
}
