#include "data/maps/export_layers.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 2000 };

#define TEXT(en, zh, brief) {en, zh, brief, EXPORT_TEXT}
#define WHOLE(en, zh, brief) {en, zh, brief, EXPORT_INTEGER}
#define REAL(en, zh, brief) {en, zh, brief, EXPORT_REAL}
#define FLAG(en, zh, brief) {en, zh, brief, EXPORT_BOOLEAN}

/* ---- columns, in the order of the statements below -------------------------------------------------------------- */

static const struct export_field zone_fields[] = {
    TEXT("id", "编号", "id"), TEXT("name", "名称", "name"), TEXT("class", "类别", "class"), TEXT("rule", "规则", "rule"),
    TEXT("state", "状态", "state"), WHOLE("severity", "等级", "severity"), TEXT("county", "行政区划", "county"),
    TEXT("from", "开始时间", "from"), TEXT("until", "结束时间", "until"), TEXT("authority", "发布机关", "authority"),
    TEXT("approving_authority", "批准机关", "approver"), TEXT("document_no", "文号", "doc_no"), TEXT("note", "备注", "note"),
};
static const struct export_field checkpoint_fields[] = {
    TEXT("id", "编号", "id"), TEXT("name", "名称", "name"), TEXT("kind", "类型", "kind"), TEXT("placement", "位置类型", "placement"),
    TEXT("state", "状态", "state"), TEXT("road", "道路", "road"), WHOLE("normal_s", "普通查验秒数", "normal_s"),
    WHOLE("green_s", "绿色通道秒数", "green_s"), WHOLE("lanes", "车道数", "lanes"), WHOLE("capacity_h", "每小时通行能力", "capacity_h"),
    TEXT("county", "行政区划", "county"), TEXT("from", "开始时间", "from"), TEXT("until", "结束时间", "until"),
    TEXT("authority", "管理机关", "authority"), TEXT("document_no", "文号", "doc_no"),
};
static const struct export_field closure_fields[] = {
    TEXT("id", "编号", "id"), TEXT("name", "名称", "name"), TEXT("cause", "原因", "cause"), TEXT("action", "措施", "action"),
    TEXT("object", "对象", "object"), TEXT("route", "路线", "route"), TEXT("from_station", "起始站", "from_stn"),
    TEXT("to_station", "终止站", "to_stn"), FLAG("physical", "实体中断", "physical"), REAL("limit_value", "限值", "limit"),
    TEXT("state", "状态", "state"), TEXT("county", "行政区划", "county"), TEXT("from", "开始时间", "from"),
    TEXT("until", "结束时间", "until"), TEXT("approving_authority", "批准机关", "approver"), TEXT("document_no", "文号", "doc_no"),
};
static const struct export_field facility_fields[] = {
    TEXT("id", "编号", "id"), TEXT("name", "名称", "name"), TEXT("name_en", "英文名称", "name_en"), TEXT("kind", "类型", "kind"),
    TEXT("state", "状态", "state"), TEXT("county", "行政区划", "county"), FLAG("turning_place", "可掉头", "turning"),
};
static const struct export_field jurisdiction_fields[] = {
    TEXT("id", "区划代码", "code"), TEXT("name", "名称", "name"), TEXT("name_en", "英文名称", "name_en"), TEXT("level", "级别", "level"),
    TEXT("parent", "上级", "parent"),
};
static const struct export_field road_fields[] = {
    TEXT("id", "编号", "id"), TEXT("name", "名称", "name"), TEXT("ref", "路线编号", "ref"), TEXT("class", "等级", "class"),
    FLAG("forward", "正向通行", "forward"), FLAG("backward", "反向通行", "backward"), WHOLE("speed_kmh", "货车速度", "speed_kmh"),
    REAL("max_height_m", "限高米", "max_hgt_m"), REAL("max_width_m", "限宽米", "max_wid_m"), REAL("max_gross_t", "限重吨", "max_gro_t"),
    REAL("max_axle_load_t", "轴荷限值吨", "max_axl_t"), REAL("bridge_limit_t", "桥梁限重吨", "bridge_t"), FLAG("bridge", "桥梁", "bridge"),
    FLAG("tunnel", "隧道", "tunnel"), FLAG("toll", "收费", "toll"), TEXT("lorry", "货车通行", "lorry"),
};

/* ---- rows: $1 desk, $2 scope, $3..$6 bbox, $7 at, $8 state, $9 after, $10 how many ----------------------------------
 * The first two columns are the cursor and the geometry; what binds or has bound is public. */

#define VISIBLE(t)                                                                                                   \
    "(" t ".state IN ('approved', 'active', 'lifted', 'closed', 'expired') OR ($1::boolean AND baochang.jurisdiction_covers($2, " t ".jurisdiction)))"
#define BOX(geom) "($3::float8 IS NULL OR " geom " && ST_MakeEnvelope($3::float8, $4::float8, $5::float8, $6::float8, 4490))"
#define EVERYONE " ($1::boolean IS NOT NULL) AND ($2::text IS NULL OR true) AND ($7::timestamptz IS NULL OR true) "
#define ID_AFTER(id) "($9::text IS NULL OR " id " COLLATE \"C\" > $9) ORDER BY " id " COLLATE \"C\" LIMIT $10::int"

static const char zones_sql[] =
    "SELECT z.id, ST_AsGeoJSON(ST_ForcePolygonCCW(z.geom::geometry), 7, 0), z.id, z.name, z.class_code, z.rules -> 0 ->> 'rule', z.state,"
    " z.severity::text, z.jurisdiction, baochang.wire_time(lower(z.effective)), baochang.wire_time(upper(z.effective)), z.authority, z.approving_authority, z.document_no, z.note"
    " FROM baochang.zone z WHERE " VISIBLE("z") " AND " BOX("z.geom") " AND ($7::timestamptz IS NULL OR z.effective @> $7::timestamptz)"
    " AND ($8::text IS NULL OR z.state = $8) AND " ID_AFTER("z.id");
static const char checkpoints_sql[] =
    "SELECT c.id, ST_AsGeoJSON(c.geom, 7, 0), c.id, c.name, c.kind, c.placement, c.state, c.road_ref, c.normal_s::text, c.green_s::text,"
    " c.lanes::text, c.capacity_h::text, c.jurisdiction, baochang.wire_time(lower(c.effective)), baochang.wire_time(upper(c.effective)),"
    " c.authority, c.document_no"
    " FROM baochang.checkpoint c WHERE " VISIBLE("c") " AND " BOX("c.geom") " AND ($7::timestamptz IS NULL OR c.effective @> $7::timestamptz)"
    " AND ($8::text IS NULL OR c.state = $8) AND " ID_AFTER("c.id");
static const char closures_sql[] =
    "SELECT c.id, ST_AsGeoJSON(g.geom, 7, 0), c.id, c.name, c.cause, c.action, c.object, c.route, c.from_station, c.to_station, c.physical::text,"
    " c.limit_value::text, c.state, c.jurisdiction, baochang.wire_time(lower(c.effective)), baochang.wire_time(upper(c.effective)),"
    " c.approving_authority, c.document_no"
    " FROM baochang.closure c, LATERAL (SELECT COALESCE(c.geom, (SELECT ST_Collect(r.geom ORDER BY r.id) FROM"
    "  (SELECT DISTINCT a.road_id FROM baochang.closure_arcs(c) a) a JOIN baochang.road r ON r.id = a.road_id)) AS geom) g"
    " WHERE (" VISIBLE("c") " OR c.physical) AND " BOX("g.geom") " AND ($7::timestamptz IS NULL OR c.effective @> $7::timestamptz)"
    " AND ($8::text IS NULL OR c.state = $8) AND " ID_AFTER("c.id");
static const char facilities_sql[] =
    "SELECT f.id, ST_AsGeoJSON(f.geom, 7, 0), f.id, f.name, f.name_en, f.kind, f.state, f.jurisdiction, f.turning_place::text"
    " FROM baochang.facility f WHERE " EVERYONE " AND " BOX("f.geom") " AND ($8::text IS NULL OR f.state = $8) AND " ID_AFTER("f.id");
static const char jurisdictions_sql[] =
    "SELECT j.code, ST_AsGeoJSON(ST_ForcePolygonCCW(j.geom::geometry), 7, 0), j.code, j.name_zh, j.name_en, j.level, j.parent"
    " FROM baochang.jurisdiction j WHERE " EVERYONE " AND j.geom IS NOT NULL AND " BOX("j.geom") " AND $8::text IS NULL AND " ID_AFTER("j.code");
static const char roads_sql[] =
    "SELECT r.id::text, ST_AsGeoJSON(r.geom, 7, 0), r.id::text, r.name, r.ref, r.class, r.forward::text, r.backward::text,"
    " CASE WHEN r.forward THEN r.speed_forward_kmh ELSE r.speed_backward_kmh END::text, r.max_height_m::text, r.max_width_m::text,"
    " r.max_gross_t::text, r.max_axle_load_t::text, r.bridge_limit_t::text, r.bridge::text, r.tunnel::text, r.toll::text,"
    " CASE WHEN r.forward THEN r.access_lorry_forward ELSE r.access_lorry_backward END"
    " FROM baochang.road r WHERE " EVERYONE " AND " BOX("r.geom") " AND $8::text IS NULL AND r.id > COALESCE($9::bigint, -9223372036854775808)"
    " ORDER BY r.id LIMIT $10::int";

#define FIELDS(array) array, sizeof array / sizeof *array
static const struct {
    struct export_sheet sheet;
    const char *sql;
} layers[LAYER_COUNT] = {
    [LAYER_ZONES] = {{"zones", "区域", FIELDS(zone_fields)}, zones_sql},
    [LAYER_CHECKPOINTS] = {{"checkpoints", "卡点", FIELDS(checkpoint_fields)}, checkpoints_sql},
    [LAYER_CLOSURES] = {{"closures", "管制", FIELDS(closure_fields)}, closures_sql},
    [LAYER_FACILITIES] = {{"facilities", "设施", FIELDS(facility_fields)}, facilities_sql},
    [LAYER_JURISDICTIONS] = {{"jurisdictions", "行政区划", FIELDS(jurisdiction_fields)}, jurisdictions_sql},
    [LAYER_ROADS] = {{"roads", "道路", FIELDS(road_fields)}, roads_sql},
};

bool export_layer_find(const char *name, enum export_layer *out)
{
    for (int l = 0; l < LAYER_COUNT; l++)
        if (strcmp(layers[l].sheet.name, name) == 0) {
            *out = (enum export_layer)l;
            return true;
        }
    return false;
}

const char *export_layer_name(enum export_layer layer)
{
    return layers[layer].sheet.name;
}

static enum status write_page(const struct pg_result *rows, const struct export_sheet *sheet, struct export *e, struct error *err)
{
    const char *values[EXPORT_FIELDS_MAX];
    for (int r = 0; r < rows->count; r++) {
        for (unsigned f = 0; f < sheet->field_count; f++) values[f] = pg_is_null(rows, r, 2 + (int)f) ? NULL : pg_text(rows, r, 2 + (int)f);
        enum status status = export_feature(e, sheet, pg_is_null(rows, r, 1) ? NULL : pg_text(rows, r, 1), values, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

enum status export_layer_rows(struct pg *pg, enum export_layer layer, const struct rule_reader *reader, const struct export_filter *filter,
                              const bool *cancelled, struct export *e, struct error *err)
{
    char side[4][32], after[80], limit[16];
    const char *values[10] = {reader->desk ? "true" : "false", reader->scope};
    for (int i = 0; filter->bbox && i < 4; i++) {
        snprintf(side[i], sizeof side[i], "%.9f", filter->bbox[i]);
        values[2 + i] = side[i];
    }
    snprintf(limit, sizeof limit, "%d", PAGE);
    values[6] = filter->at;
    values[7] = filter->state;
    values[9] = limit;
    for (int count = PAGE; count == PAGE;) {
        struct pg_result rows = {0};
        if (cancelled && __atomic_load_n(cancelled, __ATOMIC_RELAXED)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        enum status status = pg_query(pg, layers[layer].sql, 10, values, &rows, err);
        count = rows.count;
        if (status == STATUS_OK && count > 0) {
            snprintf(after, sizeof after, "%s", pg_text(&rows, count - 1, 0));
            values[8] = after;
            status = write_page(&rows, &layers[layer].sheet, e, err);
        }
        pg_result_clear(&rows);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}
