#include "data/maps/feature_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* $1 layer, $2 desk, $3 scope, $4 key, $5 role, $6 company, $7 county, $8 area, $9 timed, $10 from, $11 until,
 * $12 properties */
enum { CHOICE = 12 };
#define CHOSEN(source)                                                                                               \
    " FROM " source " f WHERE f.layer = $1 AND (f.open OR ($2::boolean AND baochang.jurisdiction_covers($3, f.jurisdiction))" \
    " OR (f.layer = 'plans' AND $4::text IS NOT NULL AND baochang.stored_plan_visible(f.plan, $4, $5, $6, $7)))"      \
    " AND ($8::text IS NULL OR (f.geom && ST_GeomFromText($8, 4490) AND ST_Intersects(f.geom, ST_GeomFromText($8, 4490))))" \
    " AND (NOT $9::boolean OR f.effective IS NULL OR f.effective && tstzrange($10::timestamptz, $11::timestamptz, '[]'))" \
    " AND ($12::jsonb IS NULL OR f.properties @> $12::jsonb)"
/* outer rings against the clock (RFC 7946); the function for that turns lines round as well */
#define RIGHT_HAND(geom) "CASE ST_Dimension(" geom ") WHEN 2 THEN ST_ForcePolygonCCW(" geom ") ELSE " geom " END"
#define ROW "SELECT f.place::bigint, f.id, ST_AsGeoJSON(" RIGHT_HAND("f.geom") ", 7, 0), f.properties::text"

/* Roads and plans may be many: their place is unique and indexed, and nothing else tells where a page goes on. */
#define MANY(source)                                                                                                 \
    {                                                                                                                \
        .count = "SELECT count(*)" CHOSEN(source),                                                                   \
        .page = ROW CHOSEN(source) " AND ($13::bigint IS NULL OR f.place > $13::bigint) AND ($14::text IS NULL OR true)" \
                                   " ORDER BY f.place LIMIT $15::int",                                               \
        .find = ROW CHOSEN(source) " AND f.id = $13 AND ($14::bigint IS NULL OR f.place = $14::bigint)",             \
        .extent = EXTENT(source),                                                                                    \
    }
#define SOME(source)                                                                                                 \
    {                                                                                                                \
        .count = "SELECT count(*)" CHOSEN(source),                                                                   \
        .page = ROW CHOSEN(source) " AND ($13::bigint IS NULL OR f.place > $13::bigint OR (f.place = $13::bigint AND f.id COLLATE \"C\" > $14))" \
                                   " ORDER BY f.place, f.id COLLATE \"C\" LIMIT $15::int",                           \
        .find = ROW CHOSEN(source) " AND f.id = $13 AND ($14::bigint IS NULL OR f.place = $14::bigint)",             \
        .extent = EXTENT(source),                                                                                    \
    }
#define EXTENT(source)                                                                                               \
    "SELECT ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box) FROM (SELECT ST_Extent(f.geom) AS box" CHOSEN(source) ") e"

struct statements {
    const char *count, *page, *find, *extent;
};
static const struct statements of_roads = MANY("(SELECT *, NULL::baochang.stored_plan AS plan FROM baochang.road_feature)");
static const struct statements of_plans = MANY("baochang.plan_feature");
static const struct statements of_others = SOME("(SELECT *, NULL::baochang.stored_plan AS plan FROM baochang.map_feature)");

static const struct statements *statements_of(const struct feature_choice *choice)
{
    return strcmp(choice->layer, "roads") == 0 ? &of_roads : strcmp(choice->layer, "plans") == 0 ? &of_plans : &of_others;
}

static void fill(const struct feature_choice *c, const char *values[CHOICE])
{
    static const struct plan_reader nobody;
    const struct plan_reader *owner = c->owner ? c->owner : &nobody;
    const char *const given[CHOICE] = {c->layer, c->reader->desk ? "true" : "false", c->reader->scope, owner->key, owner->role, owner->company,
                                       owner->county, c->area, c->timed ? "true" : "false", c->from, c->until, c->properties};
    memcpy(values, given, sizeof given);
}

enum status feature_count(struct pg *pg, const struct feature_choice *choice, int64_t *out, struct error *err)
{
    const char *values[CHOICE];
    struct pg_result rows = {0};
    fill(choice, values);
    enum status status = pg_query(pg, statements_of(choice)->count, CHOICE, values, &rows, err);
    *out = status == STATUS_OK ? pg_i64(&rows, 0, 0) : 0;
    pg_result_clear(&rows);
    return status;
}

enum status feature_page(struct pg *pg, const struct feature_choice *choice, const struct feature_after *after, unsigned limit,
                         struct pg_result *out, struct error *err)
{
    const char *values[CHOICE + 3];
    char place[24], most[16];
    fill(choice, values);
    snprintf(place, sizeof place, "%lld", after ? (long long)after->place : 0);
    snprintf(most, sizeof most, "%u", limit);
    values[CHOICE] = after ? place : NULL;
    values[CHOICE + 1] = after ? after->id : NULL;
    values[CHOICE + 2] = most;
    return pg_query(pg, statements_of(choice)->page, CHOICE + 3, values, out, err);
}

void feature_row(const struct pg_result *rows, int row, struct feature_row *out)
{
    *out = (struct feature_row){.place = pg_i64(rows, row, 0), .id = pg_text(rows, row, 1),
                                .geometry = pg_is_null(rows, row, 2) ? NULL : pg_text(rows, row, 2), .properties = pg_text(rows, row, 3)};
}

/* A road's id is its place, which is indexed; anything else that is asked for there is no road. */
static bool road_place(const char *id, char out[24])
{
    size_t sign = id[0] == '-', digits = strspn(id + sign, "0123456789");
    if (digits == 0 || digits > 18 || id[sign + digits] != '\0') return false;
    snprintf(out, 24, "%s", id);
    return true;
}

enum status feature_find(struct pg *pg, const struct feature_choice *choice, const char *id, struct pg_result *out, struct error *err)
{
    const char *values[CHOICE + 2];
    char place[24];
    fill(choice, values);
    values[CHOICE] = id;
    values[CHOICE + 1] = NULL;
    if (strcmp(choice->layer, "roads") == 0) {
        if (!road_place(id, place)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
        values[CHOICE + 1] = place;
    }
    enum status status = pg_query(pg, statements_of(choice)->find, CHOICE + 2, values, out, err);
    if (status == STATUS_OK && out->count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    return status;
}

enum status feature_extent(struct pg *pg, const struct feature_choice *choice, struct feature_extent *out, struct error *err)
{
    const char *values[CHOICE];
    struct pg_result rows = {0};
    fill(choice, values);
    enum status status = pg_query(pg, statements_of(choice)->extent, CHOICE, values, &rows, err);
    out->known = status == STATUS_OK && !pg_is_null(&rows, 0, 0);
    for (int i = 0; i < 4; i++) out->sides[i] = out->known ? pg_f64(&rows, 0, i) : 0;
    pg_result_clear(&rows);
    return status;
}
