#include "data/registers/desk_registers.h"

static const char *const register_sql[REGISTER_COUNT] = {
    [REGISTER_ZONE_CLASSES] =
        "SELECT json_build_object('items', COALESCE(json_agg(json_build_object('code', k.code, 'name_zh', k.name_zh, 'name_en', k.name_en,"
        " 'hazard', k.hazard, 'ceiling', k.ceiling, 'ceiling_spares', k.ceiling_spares, 'floor_classes', k.floor_classes,"
        " 'default_rules', k.default_rules, 'enabled', k.enabled, 'approval_level', baochang.authority_level('zone', k.code))"
        " ORDER BY k.code), '[]'))::text FROM baochang.zone_class k",
    [REGISTER_CREDENTIAL_TYPES] =
        "SELECT json_build_object('items', COALESCE(json_agg(json_build_object('code', t.code, 'name_zh', t.name_zh, 'name_en', t.name_en,"
        " 'default_max_age_s', extract(epoch FROM t.default_max_age)::bigint) ORDER BY t.code), '[]'))::text FROM baochang.credential_type t",
    [REGISTER_JURISDICTIONS] =
        "SELECT json_build_object('items', COALESCE(json_agg(json_build_object('code', j.code, 'name_zh', j.name_zh, 'name_en', j.name_en,"
        " 'level', j.level, 'parent', j.parent, 'seat', ST_AsGeoJSON(j.seat, 7, 0)::json) ORDER BY j.code), '[]'))::text"
        " FROM baochang.jurisdiction j",
};

static enum status one_text(struct pg *pg, const char *sql, int count, const char *const *values, struct buffer *out,
                            struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, sql, count, values, &rows, err);
    if (status == STATUS_OK) {
        buffer_text(out, pg_text(&rows, 0, 0));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status register_read(struct pg *pg, enum desk_register which, struct buffer *out, struct error *err)
{
    return one_text(pg, register_sql[which], 0, NULL, out, err);
}

enum status quality_read(struct pg *pg, const char *scope, struct buffer *out, struct error *err)
{
    return one_text(pg,
                    "SELECT json_build_object('rules_version', (SELECT version FROM baochang.rules_state), 'findings',"
                    " COALESCE((SELECT json_agg(q ORDER BY q.code, q.kind, q.id) FROM"
                    " (SELECT * FROM baochang.quality_findings() f WHERE baochang.jurisdiction_covers($1, f.jurisdiction)"
                    "  ORDER BY f.code, f.kind, f.id LIMIT 1000) q), '[]'))::text",
                    1, &scope, out, err);
}
