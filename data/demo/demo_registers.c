#include "data/demo/demo_registers.h"

#include "data/demo/demo_border.h"
#include "data/demo/demo_expressway.h"
#include "data/demo/demo_territory.h"
#include "geo/base/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { POINT_TEXT = 64 };

static const char *point_wkt(struct demo_point p, char text[POINT_TEXT])
{
    struct point_e7 e7 = demo_plane_to_e7(p);

    snprintf(text, POINT_TEXT, "SRID=4490;POINT(%.7f %.7f)", e7.lon_e7 / 1e7, e7.lat_e7 / 1e7);
    return text;
}

enum status demo_registers_clear(struct pg *pg, bool replace_all, struct error *err)
{
    if (replace_all)
        return pg_exec(pg,
                       "DELETE FROM county_plan; DELETE FROM gate; DELETE FROM checkpoint; DELETE FROM zone; DELETE FROM closure; "
                       "DELETE FROM lane; DELETE FROM facility; DELETE FROM enterprise; DELETE FROM route_alias; DELETE FROM calendar_day",
                       err);
    return pg_exec(pg,
                   "DELETE FROM county_plan WHERE id LIKE 'demo-%'; "
                   "DELETE FROM gate WHERE zone_id LIKE 'demo-%' OR checkpoint_id LIKE 'demo-%'; "
                   "DELETE FROM checkpoint WHERE id LIKE 'demo-%'; DELETE FROM zone WHERE id LIKE 'demo-%'; "
                   "DELETE FROM closure WHERE id LIKE 'demo-%'; DELETE FROM lane WHERE id LIKE 'demo-%'; "
                   "DELETE FROM facility WHERE id LIKE 'demo-%'; DELETE FROM enterprise WHERE id LIKE 'demo-%'",
                   err);
}

static enum status store_counties(struct pg *pg, struct demo_model *scratch, struct error *err)
{
    static const char upsert[] =
        "INSERT INTO jurisdiction (code, name_zh, name_en, level, parent, geom, seat) "
        "VALUES ($1, $2, $3, $4, $5, $6::geometry, $7::geometry) "
        "ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, geom = excluded.geom, "
        "seat = excluded.seat";
    enum status s = pg_query(pg, upsert, 7,
                             (const char *[]){"410000", "河南省", "Henan", "province", NULL, NULL, NULL}, NULL, err);

    if (s == STATUS_OK)
        s = pg_query(pg, upsert, 7,
                     (const char *[]){"411300", "南阳市", "Nanyang", "prefecture", "410000", NULL, "SRID=4490;POINT(112.53 33)"},
                     NULL, err);
    for (unsigned i = 0; s == STATUS_OK && i < DEMO_SEATS; i++) {
        struct demo_path ring = {0};
        const char *wkt = NULL;
        char seat[POINT_TEXT];

        s = demo_county_ring(i, &ring, err);
        if (s == STATUS_OK) s = demo_ring_wkt(scratch, &ring, &wkt, err);
        demo_path_clear(&ring);
        if (s == STATUS_OK)
            s = pg_query(pg, upsert, 7,
                         (const char *[]){demo_seats[i].code, demo_seats[i].zh, demo_seats[i].en, "county", "411300", wkt,
                                          point_wkt(demo_seat_point(i), seat)},
                         NULL, err);
    }
    return s;
}

/* Stations of others go; ours that are already there stay, so that ids do not change from one import to the next. */
static enum status remove_other_stations(struct pg *pg, const struct demo_model *m, struct error *err)
{
    struct buffer ours;
    enum status s;

    buffer_init(&ours, 1 << 20);
    for (size_t i = 0; i < m->station_count; i++)
        buffer_printf(&ours, "%s{\"route\":\"%s\",\"ordinal\":%d,\"name\":\"%s\"}", i ? "," : "[", m->stations[i].route,
                      m->stations[i].ordinal, m->stations[i].name);
    buffer_char(&ours, ']');
    s = ours.failed ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY)
                    : pg_query(pg,
                               "DELETE FROM toll_station t WHERE NOT EXISTS (SELECT FROM jsonb_to_recordset($1::jsonb) "
                               "AS o (route text, ordinal int, name text) WHERE (o.route, o.ordinal, o.name) = (t.route, t.ordinal, t.name))",
                               1, (const char *[]){ours.data}, NULL, err);
    buffer_clear(&ours);
    return s;
}

static enum status store_stations(struct pg *pg, const struct demo_model *m, bool replace_all, int64_t *ids, struct error *err)
{
    enum status s = replace_all ? remove_other_stations(pg, m, err) : STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < m->station_count; i++) {
        const struct demo_station *station = &m->stations[i];
        char ordinal[16], point[POINT_TEXT];
        struct pg_result r = {0};

        snprintf(ordinal, sizeof ordinal, "%d", station->ordinal);
        s = pg_query(pg,
                     "INSERT INTO toll_station (route, ordinal, name, geom, county) VALUES ($1, $2::int, $3, $4::geometry, $5) "
                     "ON CONFLICT (route, name) DO UPDATE SET ordinal = excluded.ordinal, geom = excluded.geom, "
                     "county = excluded.county RETURNING id",
                     5,
                     (const char *[]){station->route, ordinal, station->name, point_wkt(station->point, point),
                                      demo_seats[station->county].code},
                     &r, err);
        if (s == STATUS_OK) ids[i] = pg_i64(&r, 0, 0);
        pg_result_clear(&r);
        if (s == STATUS_OK && (i == 0 || strcmp(station->route, m->stations[i - 1].route) != 0)) {
            const char *name = demo_route_name(station->route);

            s = pg_query(pg, "INSERT INTO route_alias (alias, canonical) VALUES ($1, $2) ON CONFLICT DO NOTHING", 2,
                         (const char *[]){name, station->route}, NULL, err);
        }
    }
    /* names and numbers change: two dated ones of domain.md §4.5 */
    if (s == STATUS_OK)
        s = pg_exec(pg,
                    "INSERT INTO route_alias (alias, canonical, valid) VALUES ('栾西高速', 'S57', daterange(NULL, '2023-01-01')), "
                    "('渠口高速', 'S99', daterange(NULL, '2023-01-01')) ON CONFLICT DO NOTHING",
                    err);
    return s;
}

/* Holidays and make-up working days of 2026 as the State Council's office announced them in November 2025. */
static enum status store_calendar(struct pg *pg, struct error *err)
{
    static const struct {
        const char *from, *until, *kind;
    } ranges[] = {
        {"2026-01-01", "2026-01-03", "holiday"}, {"2026-01-04", "2026-01-04", "makeup_workday"}, /* 元旦 */
        {"2026-02-15", "2026-02-23", "holiday"}, {"2026-02-14", "2026-02-14", "makeup_workday"}, /* 春节 */
        {"2026-02-28", "2026-02-28", "makeup_workday"},
        {"2026-04-04", "2026-04-06", "holiday"},                                                 /* 清明 */
        {"2026-05-01", "2026-05-05", "holiday"}, {"2026-05-09", "2026-05-09", "makeup_workday"}, /* 劳动 */
        {"2026-06-19", "2026-06-21", "holiday"},                                                 /* 端午 */
        {"2026-09-25", "2026-09-27", "holiday"},                                                 /* 中秋 */
        {"2026-10-01", "2026-10-07", "holiday"}, {"2026-09-20", "2026-09-20", "makeup_workday"}, /* 国庆 */
        {"2026-10-10", "2026-10-10", "makeup_workday"},
    };
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < sizeof ranges / sizeof ranges[0]; i++)
        s = pg_query(pg,
                     "INSERT INTO calendar_day (day, kind) SELECT d::date, $3 FROM generate_series($1::date, $2::date, '1 day') d "
                     "ON CONFLICT (day) DO UPDATE SET kind = excluded.kind",
                     3, (const char *[]){ranges[i].from, ranges[i].until, ranges[i].kind}, NULL, err);
    return s;
}

static enum status store_places(struct pg *pg, const struct demo_places *places, struct error *err)
{
    enum status s = STATUS_OK;
    char point[POINT_TEXT];

    for (size_t i = 0; s == STATUS_OK && i < places->enterprise_count; i++) {
        const struct demo_enterprise *e = &places->enterprises[i];

        s = pg_query(pg,
                     "INSERT INTO enterprise (id, name, name_en, sector, geom, jurisdiction) VALUES ($1, $2, $3, $4, $5::geometry, $6)", 6,
                     (const char *[]){e->id, e->name, e->name_en, e->sector, point_wkt(e->point, point), e->jurisdiction}, NULL, err);
    }
    for (size_t i = 0; s == STATUS_OK && i < places->facility_count; i++) {
        const struct demo_facility *f = &places->facilities[i];

        s = pg_query(pg,
                     "INSERT INTO facility (id, kind, name, name_en, geom, jurisdiction, operator, state, turning_place) "
                     "VALUES ($1, $2, $3, $4, $5::geometry, $6, $7, $8, $9::boolean)",
                     9,
                     (const char *[]){f->id, f->kind, f->name, f->name_en, point_wkt(f->point, point), f->jurisdiction,
                                      f->operator_id, f->state, f->turning_place ? "true" : "false"},
                     NULL, err);
    }
    return s;
}

/* From each enterprise to where its goods go, or from where its coal comes. */
static enum status store_lanes(struct pg *pg, struct error *err)
{
    static const struct {
        const char *enterprise, *hub, *zh, *en, *vehicle, *loop, *departs;
        bool inbound;
    } lanes[] = {
        {"1", "4", "生猪调运线", "pigs to town", "{\"class\": \"truck_3_axle\"}", "return", "05:30", false},
        {"2", "3", "粮油铁路发运线", "grain to the railway", "{\"class\": \"truck_6_axle\"}", "none", NULL, false},
        {"3", "3", "装备铁路发运线", "machinery to the railway", "{\"class\": \"truck_6_axle\"}", "none", NULL, false},
        {"4", "4", "化工产品外运线", "chemicals to the park", "{\"class\": \"truck_4_axle\"}", "none", "09:00", false},
        {"5", "7", "电煤保供线", "coal for the power plant", "{\"class\": \"truck_6_axle\"}", "return", NULL, true},
        {"6", "2", "药品航空发运线", "medicines to the airport", "{\"class\": \"light_truck\"}", "none", "07:00", false},
        {"7", "4", "水泥配送线", "cement to the park", "{\"class\": \"truck_4_axle\"}", "return", NULL, false},
        {"8", "1", "纺织品出口线", "textiles to the bonded zone", "{\"class\": \"truck_3_axle\"}", "none", NULL, false},
        {"9", "4", "蔬菜进城线", "vegetables to town", "{\"class\": \"light_truck\"}", "return", "04:00", false},
    };
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < sizeof lanes / sizeof lanes[0]; i++)
        s = pg_query(pg,
                     "INSERT INTO lane (id, company, name, name_en, jurisdiction, state, geom, vehicle, loop, departs)"
                     " SELECT 'demo-lane-' || $1, e.id, $3 || '（示意）', $4 || ' (schematic)', e.jurisdiction, 'active',"
                     " CASE WHEN $8::boolean THEN ST_MakeLine(f.geom, e.geom) ELSE ST_MakeLine(e.geom, f.geom) END, $5::jsonb, $6, $7"
                     " FROM enterprise e, facility f WHERE e.id = 'demo-enterprise-' || $1 AND f.id = 'demo-facility-' || $2",
                     8,
                     (const char *[]){lanes[i].enterprise, lanes[i].hub, lanes[i].zh, lanes[i].en, lanes[i].vehicle, lanes[i].loop,
                                      lanes[i].departs, lanes[i].inbound ? "true" : "false"},
                     NULL, err);
    return s;
}

enum status demo_registers_store(struct pg *pg, const struct demo_model *m, const struct demo_places *places,
                                 bool replace_all, int64_t *station_ids, struct error *err)
{
    struct demo_model scratch;
    enum status s;

    demo_model_init(&scratch, m->seed, m->scale); /* texts of areas */
    s = store_counties(pg, &scratch, err);
    demo_model_clear(&scratch);
    if (s == STATUS_OK) s = store_stations(pg, m, replace_all, station_ids, err);
    if (s == STATUS_OK) s = store_calendar(pg, err);
    if (s == STATUS_OK) s = store_places(pg, places, err);
    if (s == STATUS_OK) s = store_lanes(pg, err);
    return s;
}

static enum status store_zone(struct pg *pg, const struct demo_zone *z, struct error *err)
{
    return pg_query(pg,
                    "INSERT INTO zone (id, class_code, name, geom, rules, windows, effective, severity, jurisdiction, incident, "
                    "authority, approving_authority, document_no, approved_at, state, note) VALUES ($1, $2, $3, $4::geometry, "
                    "COALESCE($5::jsonb, (SELECT default_rules FROM zone_class WHERE code = $2)), $6::jsonb, $7::tstzrange, "
                    "$8::smallint, $9, $10, $11, $12, $13, $14::timestamptz, $15, $16)",
                    16,
                    (const char *[]){z->id, z->class_code, z->name, z->area_wkt, z->rules_json, z->windows_json, z->effective,
                                     z->severity, z->jurisdiction, z->incident, z->authority, z->approving_authority,
                                     z->document_no, z->approved_at, z->state, z->note},
                    NULL, err);
}

static enum status store_checkpoint(struct pg *pg, const struct demo_checkpoint *c, int64_t road_offset, struct error *err)
{
    char arcs[256] = "[", point[POINT_TEXT], numbers[5][16];
    const int values[5] = {c->normal_s, c->green_s, c->lanes, c->green_lanes, c->capacity_h};
    enum status s;

    for (int i = 0; i < 5; i++) snprintf(numbers[i], sizeof numbers[i], "%d", values[i]);
    s = pg_query(pg,
                 "INSERT INTO checkpoint (id, name, kind, placement, geom, road_ref, opening, requirements, green_credentials, "
                 "state, jurisdiction, document_no, normal_s, green_s, lanes, green_lanes, capacity_h, effective) VALUES ($1, $2, $3, $4, "
                 "$5::geometry, $6, $7::jsonb, $8::jsonb, $9::text[], $10, $11, $12, $13::int, $14::int, $15::smallint, "
                 "$16::smallint, $17::int, '[2025-01-01 00:00:00+08,)')",
                 17,
                 (const char *[]){c->id, c->name, c->kind, c->placement, point_wkt(c->point, point), c->road_ref, c->opening_json,
                                  c->requirements_json, c->green_credentials, c->state, c->jurisdiction, c->document_no,
                                  numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]},
                 NULL, err);
    for (unsigned i = 0; i < c->gate_road_count; i++) {
        size_t n = strlen(arcs);

        snprintf(arcs + n, sizeof arcs - n, "%s{\"road\":%" PRId64 ",\"backward\":false}%s", i ? "," : "",
                 road_offset + c->gate_roads[i], i + 1 == c->gate_road_count ? "]" : "");
    }
    if (s == STATUS_OK && c->zone_id)
        s = pg_query(pg, "INSERT INTO gate (zone_id, checkpoint_id, direction, arcs) VALUES ($1, $2, 'both', $3::jsonb)", 3,
                     (const char *[]){c->zone_id, c->id, c->gate_road_count ? arcs : NULL}, NULL, err);
    return s;
}

static enum status store_closure(struct pg *pg, const struct demo_closure *c, int64_t road_offset, struct error *err)
{
    bool approved = strcmp(c->state, "approved") == 0;
    char roads[40];

    snprintf(roads, sizeof roads, "{%" PRId64 "}", road_offset + c->road);
    return pg_query(pg,
                    "INSERT INTO closure (id, name, cause, action, physical, object, road_ids, route, from_station, to_station, "
                    "limit_kind, limit_value, subject, exempt, windows, effective, state, document_no, authority, "
                    "approving_authority, approved_at, note) VALUES ($1, $2, $3, $4, $5::boolean, $6, $7::bigint[], $8, $9, $10, $11, "
                    "$12::float8, $13::jsonb, COALESCE($14, '{}')::text[], $15::jsonb, $16::tstzrange, $17, $18, $19, $20, "
                    "$21::timestamptz, $22)",
                    22,
                    (const char *[]){c->id, c->name, c->cause, c->action, c->physical ? "true" : "false", c->object,
                                     c->road ? roads : NULL, c->route, c->from_station, c->to_station, c->limit_kind,
                                     c->limit_value, c->subject_json, c->exempt, c->windows_json, c->effective, c->state,
                                     c->document_no, c->authority, approved ? c->authority : NULL,
                                     approved ? "2025-01-01 00:00:00+08" : NULL, c->note},
                    NULL, err);
}

/* A county's plan, approved and ready: a zone that does not bind as yet, and the station that stands by. */
static enum status store_county_plan(struct pg *pg, struct error *err)
{
    static const char demands[] =
        "[{\"name\": \"生活物资进县城 supplies to the county town\", \"request\": {\"origin\": {\"location\": [112.53, 33.0]},"
        " \"destination\": {\"location\": [111.48, 33.3]}, \"vehicle\": {\"class\": \"truck_3_axle\"}}},"
        " {\"name\": \"过境货运 freight passing through\", \"request\": {\"origin\": {\"location\": [112.23, 33.04]},"
        " \"destination\": {\"location\": [111.48, 33.14]}, \"vehicle\": {\"class\": \"truck_6_axle\"}}}]";
    enum status s = pg_query(pg,
                             "INSERT INTO county_plan (id, jurisdiction, name, note, fleet, notify, demands, state, approving_authority, document_no)"
                             " SELECT 'demo-xixia', '411323', '西峡县山洪平急转换方案（示意）', 'Flash floods: Xixia switches to emergency (schematic)',"
                             " jsonb_build_array(jsonb_build_object('enterprise', e.id, 'vehicles', 20)), jsonb_build_array(e.id), $1::jsonb,"
                             " 'prepared', '南阳市防汛抗旱指挥部（示意）', '宛汛示〔2026〕15号' FROM enterprise e"
                             " WHERE e.id LIKE 'demo-%' AND e.jurisdiction = '411323' ORDER BY e.id LIMIT 1",
                             1, (const char *[]){demands}, NULL, err);
    if (s == STATUS_OK)
        s = pg_exec(pg,
                    "INSERT INTO county_plan_member (plan_id, place, kind, object, reviewed)"
                    " SELECT p.id, row_number() OVER (ORDER BY o.kind DESC) - 1, o.kind, o.id, o.version FROM county_plan p, county_object o"
                    " WHERE p.id = 'demo-xixia' AND (o.id = 'demo-xixia-plan' OR (o.kind = 'facility' AND o.jurisdiction = p.jurisdiction"
                    " AND o.state = 'standby' AND o.id LIKE 'demo-%'))",
                    err);
    return s;
}

enum status demo_rules_store(struct pg *pg, const struct demo_rules *rules, int64_t road_offset, struct error *err)
{
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < rules->zone_count; i++) s = store_zone(pg, &rules->zones[i], err);
    for (size_t i = 0; s == STATUS_OK && i < rules->checkpoint_count; i++) s = store_checkpoint(pg, &rules->checkpoints[i], road_offset, err);
    for (size_t i = 0; s == STATUS_OK && i < rules->closure_count; i++) s = store_closure(pg, &rules->closures[i], road_offset, err);
    return s == STATUS_OK ? store_county_plan(pg, err) : s;
}
