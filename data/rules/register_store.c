#include "data/rules/register_store.h"

#include "data/pg/reason.h"

#include <stdio.h>
#include <string.h>

static const char *const names[REG_COUNT] = {"facility", "jurisdiction", "zone_class", "credential_type", "road", "calendar_day",
                                             "authority_rule", "toll_rate"};

const char *register_kind_name(enum register_kind kind)
{
    return names[kind];
}

bool register_has_places(enum register_kind kind)
{
    return kind == REG_FACILITY || kind == REG_JURISDICTION || kind == REG_ROAD;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

/* Roads are found by their number, so that the view need not look through all of them. */
#define ONE "o.kind = $1 AND o.id = $2 AND o.place = CASE WHEN $1 = 'road' THEN $2::text::numeric::bigint ELSE 0 END"

/* The number of a road, or false: then there is no such road. */
static bool plausible(enum register_kind kind, const char *id)
{
    if (kind != REG_ROAD) return true;
    size_t sign = id[0] == '-', length = strlen(id) - sign;
    return length > 0 && length <= 18 && strspn(id + sign, "0123456789") == length;
}

enum status registered_look(struct write_tx *tx, enum register_kind kind, const char *id, struct registered *out,
                            struct error *err)
{
    const char *values[] = {names[kind], id, tx->actor->scope};
    struct pg_result rows = {0};
    if (!plausible(kind, id)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    enum status status = pg_query(tx->pg,
                                  "SELECT o.tag, o.kept FROM baochang.register_object o WHERE " ONE
                                  " AND baochang.jurisdiction_covers($3, o.jurisdiction)",
                                  3, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        snprintf(out->tag, sizeof out->tag, "%s", pg_text(&rows, 0, 0));
        out->kept = pg_bool(&rows, 0, 1);
    }
    pg_result_clear(&rows);
    return status;
}

static enum status check_scope(struct write_tx *tx, enum register_kind kind, const char *jurisdiction, struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {tx->actor->scope, jurisdiction};
    enum status status = pg_query(tx->pg,
                                  "SELECT EXISTS (SELECT FROM baochang.jurisdiction WHERE code = $2), baochang.jurisdiction_covers($1, $2)",
                                  2, values, &rows, err);
    if (status == STATUS_OK && !pg_bool(&rows, 0, 0)) status = error_set(err, STATUS_INVALID, MESSAGE_NO_JURISDICTION, jurisdiction);
    else if (status == STATUS_OK && !pg_bool(&rows, 0, 1)) status = error_set(err, STATUS_FORBIDDEN, MESSAGE_OTHER_COUNTY);
    if (status != STATUS_OK) error_pointer(err, kind == REG_JURISDICTION ? "/properties/parent" : "/properties/jurisdiction");
    pg_result_clear(&rows);
    return status;
}

/* Where the database's reason is about. */
static void point_at_member(enum register_kind kind, struct error *err)
{
    static const char *const words[] = {"rules[", "would make passing traffic", "floor", "bridge_state", "parent", "cannot lie in", "operator", "geometry",
                                        "road ", "class \"", "level", "cny_per_km"};
    static const char *const members[] = {"default_rules", "default_rules", "floor_classes", "bridge_state", "parent", "parent", "operator", NULL,
                                          "road", "what", "level", "cny_per_km"};
    const char *folder = register_has_places(kind) ? "/properties" : "";
    if (err == NULL || err->pointer[0]) return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(err->en, words[i]) == NULL) continue;
        if (members[i]) error_pointer(err, "%s/%s", folder, members[i]);
        else error_pointer(err, "/geometry");
        return;
    }
    if (folder[0]) error_pointer(err, "%s", folder);
}

static enum status record(struct write_tx *tx, enum register_kind kind, const char *id, const char *act, struct error *err)
{
    const struct write_actor *a = tx->actor;
    const char *values[] = {names[kind], id, act, a->id, a->holder, a->role};
    return pg_query(tx->pg,
                    "INSERT INTO baochang.rule_act (kind, object, act, actor, holder, role, rules_version)"
                    " SELECT $1, $2, $3, $4, $5, $6, version FROM baochang.rules_state",
                    6, values, NULL, err);
}

enum status registered_put(struct write_tx *tx, enum register_kind kind, const char *id, bool is_new, const char *columns,
                           const char *jurisdiction, struct error *err)
{
    const char *values[] = {names[kind], id, is_new ? "true" : "false", columns};
    enum status status = jurisdiction ? check_scope(tx, kind, jurisdiction, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = pg_query(tx->pg, "SELECT baochang.register_put($1, $2, $3::boolean, $4::jsonb)", 4, values, NULL, err);
    if (status == STATUS_INVALID) point_at_member(kind, err);
    return status == STATUS_OK ? record(tx, kind, id, is_new ? "create" : "replace", err) : status;
}

/* Something still needs it: its name is the reason. */
static enum status still_used(const char *by, struct error *err)
{
    struct error zh = ERROR_INIT;
    char translated[600];
    (void)reason_translate(by, translated, sizeof translated);
    error_set(&zh, STATUS_CONFLICT, MESSAGE_STILL_USED, translated);
    enum status status = error_set(err, STATUS_CONFLICT, MESSAGE_STILL_USED, by);
    if (err) memcpy(err->zh, zh.zh, sizeof err->zh);
    return status;
}

enum status registered_delete(struct write_tx *tx, enum register_kind kind, const char *id, struct error *err)
{
    const char *values[] = {names[kind], id};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT baochang.register_used_by($1, $2)", 2, values, &rows, err);
    if (status == STATUS_OK && !pg_is_null(&rows, 0, 0)) status = still_used(pg_text(&rows, 0, 0), err);
    pg_result_clear(&rows);
    if (status == STATUS_OK) status = pg_query(tx->pg, "SELECT baochang.register_delete($1, $2)", 2, values, NULL, err);
    return status == STATUS_OK ? record(tx, kind, id, "delete", err) : status;
}

enum status registered_new_id(struct write_tx *tx, char id[DESK_ID_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT gen_random_uuid()::text", 0, NULL, &rows, err);
    if (status == STATUS_OK) snprintf(id, DESK_ID_SIZE, "%s", pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

enum status registered_read(struct pg *pg, enum register_kind kind, const char *id, struct buffer *out,
                            char tag[DESK_TAG_SIZE], struct error *err)
{
    const char *values[] = {names[kind], id};
    struct pg_result rows = {0};
    if (!plausible(kind, id)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    enum status status = pg_query(pg,
                                  "SELECT baochang.register_json(o), o.tag, (SELECT version::text FROM baochang.rules_state)"
                                  " FROM baochang.register_object o WHERE " ONE,
                                  2, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_printf(out, "{\"rules_version\":%s,", pg_text(&rows, 0, 2));
        buffer_text(out, pg_text(&rows, 0, 0) + 1); /* the rest of the object, after its brace */
        snprintf(tag, DESK_TAG_SIZE, "%s", pg_text(&rows, 0, 1));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

static const char list_sql[] =
    "WITH page AS (SELECT o, row_number() OVER () AS n FROM baochang.register_page($1, $2, $3, $4, $5::boolean, $6::float8, $7::float8, $8::float8,"
    "   $9::float8, $10, $11::int + 1) o)"
    " SELECT COALESCE((SELECT string_agg(baochang.register_json(o), ',' ORDER BY n) FROM page WHERE n <= $11::int), ''),"
    " (SELECT to_json((o).id)::text FROM page WHERE n = $11::int), (SELECT count(*) FROM page), (SELECT version::text FROM baochang.rules_state)";

enum status registered_list(struct pg *pg, enum register_kind kind, const struct register_filter *filter, struct buffer *out,
                            struct error *err)
{
    char side[4][32], limit[16];
    const char *values[11] = {names[kind], filter->state, filter->county, filter->what, filter->kept};
    for (int i = 0; filter->bbox && i < 4; i++) {
        snprintf(side[i], sizeof side[i], "%.9f", filter->bbox[i]);
        values[5 + i] = side[i];
    }
    snprintf(limit, sizeof limit, "%u", filter->limit);
    values[9] = filter->after;
    values[10] = limit;
    struct pg_result rows = {0};
    enum status status = pg_query(pg, list_sql, 11, values, &rows, err);
    if (status == STATUS_OK) {
        bool more = pg_i64(&rows, 0, 2) > (int64_t)filter->limit;
        bool places = register_has_places(kind);
        buffer_printf(out, "{%s\"rules_version\":%s,\"next\":%s,\"%s\":[", places ? "\"type\":\"FeatureCollection\"," : "", pg_text(&rows, 0, 3),
                      more ? pg_text(&rows, 0, 1) : "null", places ? "features" : "items");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    } else if (status == STATUS_INVALID) {
        error_pointer(err, "/cursor");
    }
    pg_result_clear(&rows);
    return status;
}

enum status registered_history(struct pg *pg, enum register_kind kind, const char *id, struct buffer *out, struct error *err)
{
    const char *values[] = {names[kind], id};
    struct pg_result rows = {0};
    if (!plausible(kind, id)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    enum status status = pg_query(pg, "SELECT baochang.register_history($1, $2)", 2, values, &rows, err);
    if (status == STATUS_INVALID || (status == STATUS_OK && pg_is_null(&rows, 0, 0)))
        status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_text(out, "{\"versions\":");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_char(out, '}');
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
