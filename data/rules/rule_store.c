#include "data/rules/rule_store.h"

#include "data/pg/reason.h"
#include "data/pg/standing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[DESK_KIND_COUNT] = {"zone", "checkpoint", "closure"};
static const char *const acts[DESK_ACT_COUNT] = {"create", "replace", "submit", "approve", "reject", "lift", "delete"};

const char *desk_kind_name(enum desk_kind kind)
{
    return kinds[kind];
}

const char *desk_act_name(enum desk_act act)
{
    return acts[act];
}

/* ---- how it stands ----------------------------------------------------------------------------------------- */

static const char look_sql[] =
    "SELECT o.tag::text, o.state, o.physical,"
    " EXISTS (SELECT FROM baochang.rule_act a WHERE a.kind = $1 AND a.object = $2 AND a.act IN ('create', 'replace', 'submit')"
    "         AND (a.actor = $4 OR a.holder = $5)),"
    " baochang.level_rank(l.level)::int,"
    " CASE WHEN $3::text IS NULL THEN 99 ELSE COALESCE((SELECT baochang.level_rank(j.level) FROM baochang.jurisdiction j WHERE j.code = $3), 0) END::int,"
    " baochang.level_name(l.level, 'zh'), o.kind = 'closure' AND EXISTS (SELECT FROM baochang.closure_history h WHERE h.id = $2 AND h.physical),"
    " baochang.level_name(l.level, 'en')"
    " FROM baochang.desk_object o, LATERAL (SELECT baochang.authority_level($1, o.what) AS level) l"
    " WHERE o.kind = $1 AND o.id = $2 AND baochang.jurisdiction_covers($3, o.jurisdiction)";

enum status rule_look(struct write_tx *tx, enum desk_kind kind, const char *id, struct desk_state *out, struct error *err)
{
    const char *values[] = {kinds[kind], id, tx->actor->scope, tx->actor->id, tx->actor->holder};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, look_sql, 5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        *out = (struct desk_state){.physical = pg_bool(&rows, 0, 2), .was_physical = pg_bool(&rows, 0, 7), .drawn_by_actor = pg_bool(&rows, 0, 3),
                                   .level_needed = (int)pg_i64(&rows, 0, 4), .level_of_actor = (int)pg_i64(&rows, 0, 5)};
        snprintf(out->tag, sizeof out->tag, "%s", pg_text(&rows, 0, 0));
        snprintf(out->state, sizeof out->state, "%s", pg_text(&rows, 0, 1));
        snprintf(out->level_zh, sizeof out->level_zh, "%s", pg_text(&rows, 0, 6));
        snprintf(out->level_en, sizeof out->level_en, "%s", pg_text(&rows, 0, 8));
    }
    pg_result_clear(&rows);
    return status;
}

static bool state_allows(const struct desk_state *s, enum desk_kind kind, enum desk_act act)
{
    const char *state = s->state;
    bool draft = strcmp(state, "draft") == 0, submitted = strcmp(state, "submitted") == 0;
    bool rejected = strcmp(state, "rejected") == 0;
    bool binds = strcmp(state, kind == DESK_CHECKPOINT ? "active" : "approved") == 0;
    switch (act) {
    case DESK_CREATE: return true;
    case DESK_REPLACE: return draft || rejected;
    case DESK_SUBMIT: return draft;
    case DESK_APPROVE:
    case DESK_REJECT: return submitted;
    case DESK_LIFT: return binds || (s->physical && (draft || submitted));
    case DESK_DELETE: return (draft || rejected) && !s->was_physical; /* what has bound is lifted, so that it stays in the books */
    case DESK_ACT_COUNT: break;
    }
    return false;
}

enum status rule_may(const struct desk_state *state, enum desk_kind kind, enum desk_act act, struct error *err)
{
    if (!state_allows(state, kind, act))
        return standing_forbids(err, state->state, acts[act]);
    if (act == DESK_APPROVE && state->drawn_by_actor) return error_set(err, STATUS_FORBIDDEN, MESSAGE_OWN_DRAWING);
    return act == DESK_APPROVE ? rule_level(state, err) : STATUS_OK;
}

enum status rule_level(const struct desk_state *state, struct error *err)
{
    if (state->level_of_actor >= state->level_needed) return STATUS_OK;
    error_set(err, STATUS_FORBIDDEN, MESSAGE_LEVEL_LACKS, state->level_en);
    if (err) message_format(err->zh, sizeof err->zh, MESSAGE_LEVEL_LACKS, LANGUAGE_ZH, state->level_zh);
    return STATUS_FORBIDDEN;
}

/* ---- making ------------------------------------------------------------------------------------------------ */

/* Where in the Feature the database's reason is about: its texts begin with, or name, the column. */
static void point_at_member(struct error *err)
{
    static const char *const members[] = {"rules[", "windows", "opening", "requirements", "subject", "arcs", "station", "road \"",
                                          "credential type", "geom"};
    static const char *const pointers[] = {"/properties/rules", "/properties/windows", "/properties/opening",
                                           "/properties/requirements", "/properties/subject", "/properties/gates",
                                           "/properties/from_station", "/properties/route", "/properties", "/geometry"};
    if (err == NULL || err->pointer[0]) return;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *found = strstr(err->en, members[i]);
        if (found == NULL) continue;
        unsigned index;
        if (i == 0 && sscanf(found, "rules[%u]", &index) == 1) error_pointer(err, "%s/%u", pointers[i], index);
        else error_pointer(err, "%s", pointers[i]);
        return;
    }
    error_pointer(err, "/properties");
}

/* The ceiling of the class is asked before the row is written, so that the refusal has a name of its own. */
static enum status check_ceiling(struct write_tx *tx, const char *columns, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT k.code, baochang.zone_ceiling_reason(k, d.doc -> 'rules') FROM (SELECT $1::jsonb AS doc) d"
                                  " JOIN baochang.zone_class k ON k.code = d.doc ->> 'class_code'"
                                  " WHERE baochang.zone_rules_reason(d.doc -> 'rules') IS NULL",
                                  1, &columns, &rows, err);
    if (status == STATUS_OK && rows.count == 1 && !pg_is_null(&rows, 0, 1)) {
        struct error zh = ERROR_INIT;
        char translated[600];
        (void)reason_translate(pg_text(&rows, 0, 1), translated, sizeof translated);
        error_set(&zh, STATUS_ABOVE_CEILING, MESSAGE_ABOVE_CEILING, pg_text(&rows, 0, 0), translated);
        status = error_set(err, STATUS_ABOVE_CEILING, MESSAGE_ABOVE_CEILING, pg_text(&rows, 0, 0), pg_text(&rows, 0, 1));
        if (err) memcpy(err->zh, zh.zh, sizeof err->zh);
        point_at_member(err);
    }
    pg_result_clear(&rows);
    return status;
}

static enum status check_scope(struct write_tx *tx, const char *jurisdiction, struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {tx->actor->scope, jurisdiction};
    enum status status = pg_query(tx->pg,
                                  "SELECT EXISTS (SELECT FROM baochang.jurisdiction WHERE code = $2),"
                                  " baochang.jurisdiction_covers($1, $2)",
                                  2, values, &rows, err);
    if (status == STATUS_OK && !pg_bool(&rows, 0, 0)) status = error_set(err, STATUS_INVALID, MESSAGE_NO_JURISDICTION, jurisdiction);
    else if (status == STATUS_OK && !pg_bool(&rows, 0, 1)) status = error_set(err, STATUS_FORBIDDEN, MESSAGE_OTHER_COUNTY);
    if (status != STATUS_OK) error_pointer(err, "/properties/jurisdiction");
    pg_result_clear(&rows);
    return status;
}

static enum status record(struct write_tx *tx, enum desk_kind kind, const char *id, enum desk_act act,
                          const struct rule_words *words, struct error *err)
{
    const struct write_actor *a = tx->actor;
    const char *values[] = {kinds[kind], id, acts[act], a->id, a->holder, a->role, words->opinion, words->authority, words->document_no,
                            words->force_reason};
    return pg_query(tx->pg,
                    "INSERT INTO baochang.rule_act (kind, object, act, actor, holder, role, opinion, authority, document_no, force_reason,"
                    " rules_version) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, version FROM baochang.rules_state",
                    10, values, NULL, err);
}

enum status rule_put(struct write_tx *tx, enum desk_kind kind, const char *id, const struct rule_document *document,
                     char id_out[DESK_ID_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    enum status status = STATUS_OK;
    if (document->jurisdiction) status = check_scope(tx, document->jurisdiction, err);
    if (status == STATUS_OK && kind == DESK_ZONE) status = check_ceiling(tx, document->columns, err);
    if (status != STATUS_OK) return status;
    if (id == NULL) {
        status = pg_query(tx->pg, "SELECT gen_random_uuid()::text", 0, NULL, &rows, err);
        if (status == STATUS_OK) snprintf(id_out, DESK_ID_SIZE, "%s", pg_text(&rows, 0, 0));
        pg_result_clear(&rows);
    } else {
        snprintf(id_out, DESK_ID_SIZE, "%s", id);
    }
    if (status == STATUS_OK) {
        const char *values[] = {kinds[kind], id_out, id ? "false" : "true", document->columns};
        status = pg_query(tx->pg, "SELECT baochang.desk_put($1, $2, $3::boolean, $4::jsonb)", 4, values, NULL, err);
    }
    if (status == STATUS_OK && document->gates) {
        const char *values[] = {id_out, document->gates, tx->actor->scope};
        status = pg_query(tx->pg, "SELECT baochang.desk_put_gates($1, $2::jsonb, $3)", 3, values, NULL, err);
        if (status == STATUS_INVALID) error_pointer(err, "/properties/gates");
    }
    if (status == STATUS_INVALID) point_at_member(err);
    if (status != STATUS_OK) return status;
    return record(tx, kind, id_out, id ? DESK_REPLACE : DESK_CREATE, &(struct rule_words){0}, err);
}

enum status rule_put_apart(struct write_tx *tx, enum desk_kind kind, const struct rule_document *document,
                           char id_out[DESK_ID_SIZE], struct error *err)
{
    struct error lost = ERROR_INIT;
    enum status status = pg_exec(tx->pg, "SAVEPOINT apart", err);
    if (status != STATUS_OK) return status;
    status = rule_put(tx, kind, NULL, document, id_out, err);
    enum status back = pg_exec(tx->pg, status == STATUS_OK ? "RELEASE SAVEPOINT apart" : "ROLLBACK TO SAVEPOINT apart", &lost);
    if (back == STATUS_OK) return status;
    *err = lost;
    return back;
}

/* ---- acting ------------------------------------------------------------------------------------------------ */

enum status rule_act(struct write_tx *tx, enum desk_kind kind, const char *id, enum desk_act act,
                     const struct rule_words *words, struct error *err)
{
    enum status status;
    if (act == DESK_DELETE) {
        const char *values[] = {kinds[kind], id};
        status = pg_query(tx->pg, "SELECT baochang.desk_delete($1, $2)", 2, values, NULL, err);
    } else {
        const char *values[] = {kinds[kind], id, acts[act], words->authority, words->document_no};
        status = pg_query(tx->pg, "SELECT baochang.desk_set_state($1, $2, $3, $4, $5)", 5, values, NULL, err);
    }
    return status == STATUS_OK ? record(tx, kind, id, act, words, err) : status;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

/* $2 whether the reader sits at the desk, $3 the scope. What binds or has bound is public. */
#define VISIBLE                                                                                                      \
    " (o.state IN ('approved', 'active', 'lifted', 'closed', 'expired') OR o.physical"                               \
    "  OR ($2::boolean AND baochang.jurisdiction_covers($3, o.jurisdiction)))"

static const char feature_sql[] =
    "SELECT baochang.desk_feature(o, $2::boolean)::text, o.tag::text, (SELECT version::text FROM baochang.rules_state)"
    " FROM baochang.desk_object o WHERE o.kind = $1 AND o.id = $4 AND" VISIBLE;
static const char feature_at_sql[] =
    "SELECT baochang.desk_feature_at(o, $2::boolean, $5::bigint)::text, o.tag::text, $5::text"
    " FROM baochang.desk_object_at($5::bigint) o WHERE o.kind = $1 AND o.id = $4 AND" VISIBLE;

enum status rule_feature(struct pg *pg, enum desk_kind kind, const char *id, const struct rule_reader *reader,
                         int64_t version, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    char at[24];
    const char *values[] = {kinds[kind], reader->desk ? "true" : "false", reader->scope, id, at};
    struct pg_result rows = {0};
    snprintf(at, sizeof at, "%lld", (long long)version);
    enum status status = version < 0 ? pg_query(pg, feature_sql, 4, values, &rows, err) : pg_query(pg, feature_at_sql, 5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_printf(out, "{\"rules_version\":%s,", pg_text(&rows, 0, 2));
        buffer_text(out, pg_text(&rows, 0, 0) + 1); /* the rest of the object, after its brace */
        if (tag) snprintf(tag, DESK_TAG_SIZE, "%s", pg_text(&rows, 0, 1));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* `objects` the register, `version` of it. */
#define LIST_SQL(objects, version) \
"WITH page AS (SELECT o FROM baochang." objects " o WHERE o.kind = $1 AND" VISIBLE \
    "   AND ($4::text IS NULL OR o.state = $4) AND ($5::text IS NULL OR baochang.jurisdiction_covers($5, o.jurisdiction))" \
    "   AND ($6::text IS NULL OR o.what = $6)" \
    "   AND ($7::float8 IS NULL OR o.geom && ST_MakeEnvelope($7::float8, $8::float8, $9::float8, $10::float8, 4490))" \
    "   AND ($11::timestamptz IS NULL OR o.effective @> $11::timestamptz) AND ($12::text IS NULL OR o.id COLLATE \"C\" > $12)" \
    "   ORDER BY o.id COLLATE \"C\" LIMIT $13::int + 1)," \
    " shown AS (SELECT * FROM page ORDER BY (o).id COLLATE \"C\" LIMIT $13::int)" \
    " SELECT COALESCE((SELECT string_agg(baochang.desk_feature(o, false)::text, ',' ORDER BY (o).id COLLATE \"C\") FROM shown), '')," \
    " (SELECT to_json((o).id)::text FROM shown ORDER BY (o).id COLLATE \"C\" DESC LIMIT 1), (SELECT count(*) FROM page)," \
    " (SELECT " version ")"

static const char list_sql[] = LIST_SQL("desk_object", "version::text FROM baochang.rules_state");
static const char list_at_sql[] = LIST_SQL("desk_object_at($14::bigint)", "$14::text");

enum status rule_list(struct pg *pg, enum desk_kind kind, const struct rule_reader *reader, const struct rule_filter *filter,
                      struct buffer *out, struct error *err)
{
    char side[4][32], limit[16], at[24];
    const char *values[14] = {kinds[kind], reader->desk ? "true" : "false", reader->scope, filter->state, filter->county, filter->what};
    for (int i = 0; filter->bbox && i < 4; i++) {
        snprintf(side[i], sizeof side[i], "%.9f", filter->bbox[i]);
        values[6 + i] = side[i];
    }
    snprintf(limit, sizeof limit, "%u", filter->limit);
    values[10] = filter->at;
    values[11] = filter->after;
    values[12] = limit;
    snprintf(at, sizeof at, "%lld", (long long)filter->version);
    values[13] = at;
    struct pg_result rows = {0};
    enum status status = filter->version < 0 ? pg_query(pg, list_sql, 13, values, &rows, err) : pg_query(pg, list_at_sql, 14, values, &rows, err);
    if (status == STATUS_OK) {
        bool more = pg_i64(&rows, 0, 2) > (int64_t)filter->limit;
        buffer_printf(out, "{\"type\":\"FeatureCollection\",\"rules_version\":%s,\"next\":%s,\"features\":[", pg_text(&rows, 0, 3),
                      more ? pg_text(&rows, 0, 1) : "null");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* One statement for each kind: the tables differ, and SQL is never put together. */
#define HISTORY_SQL(table, call)                                                                                     \
    "SELECT (SELECT count(*) FROM baochang.desk_object o WHERE o.kind = $1 AND o.id = $4 AND" VISIBLE ") AS seen,"    \
    " COALESCE((SELECT json_agg(v.j ORDER BY v.version_from DESC) FROM (SELECT h.version_from, json_build_object("    \
    "  'version_from', h.version_from, 'version_until', h.version_until,"                                            \
    "  'from', baochang.wire_time(a.committed_at), 'until', baochang.wire_time(b.committed_at), 'state', h.state,"   \
    "  'properties', (" call "), 'geometry', baochang.geojson(h.geom)) AS j"                                        \
    "  FROM baochang." table "_history h LEFT JOIN baochang.rules_version a ON a.version = h.version_from"           \
    "  LEFT JOIN baochang.rules_version b ON b.version = h.version_until WHERE h.id = $4"                            \
    "  ORDER BY h.version_from DESC LIMIT 200) v), '[]')::text"
#define OF_HISTORY(table)                                                                                            \
    "SELECT baochang." table "_properties(p) FROM jsonb_populate_record(NULL::baochang." table ", to_jsonb(h) - 'geom') p"

static const char *const history_sql[DESK_KIND_COUNT] = {
    HISTORY_SQL("zone", OF_HISTORY("zone")),
    HISTORY_SQL("checkpoint", OF_HISTORY("checkpoint")),
    HISTORY_SQL("closure", OF_HISTORY("closure")),
};

enum status rule_history(struct pg *pg, enum desk_kind kind, const char *id, const struct rule_reader *reader,
                         struct buffer *out, struct error *err)
{
    const char *values[] = {kinds[kind], reader->desk ? "true" : "false", reader->scope, id};
    struct pg_result rows = {0};
    enum status status = pg_query(pg, history_sql[kind], 4, values, &rows, err);
    if (status == STATUS_OK && pg_i64(&rows, 0, 0) == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_text(out, "{\"versions\":");
        buffer_text(out, pg_text(&rows, 0, 1));
        buffer_char(out, '}');
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- Idempotency-Key --------------------------------------------------------------------------------------- */

enum status rule_answer_find(struct write_tx *tx, const char *key, const char *digest, struct kept_answer *kept,
                             struct buffer *body, struct error *err)
{
    *kept = (struct kept_answer){0};
    struct pg_result rows = {0};
    enum status status = pg_exec(tx->pg, "DELETE FROM baochang.idempotent_answer WHERE at < now() - interval '1 day'", err);
    const char *values[] = {tx->actor->id, key, digest};
    if (status == STATUS_OK)
        status = pg_query(tx->pg,
                          "INSERT INTO baochang.idempotent_answer (actor, key, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3,
                          values, &rows, err);
    bool taken = status == STATUS_OK && rows.affected == 1;
    pg_result_clear(&rows);
    if (status != STATUS_OK || taken) return status;
    status = pg_query(tx->pg,
                      "SELECT digest = $3, status, COALESCE(tag, ''), COALESCE(object, ''), COALESCE(body, '')"
                      " FROM baochang.idempotent_answer WHERE actor = $1 AND key = $2",
                      3, values, &rows, err);
    if (status == STATUS_OK && (rows.count != 1 || !pg_bool(&rows, 0, 0)))
        status = error_set(err, STATUS_CONFLICT, MESSAGE_KEY_USED);
    if (status == STATUS_OK) {
        kept->status = (int)pg_i64(&rows, 0, 1);
        snprintf(kept->tag, sizeof kept->tag, "%s", pg_text(&rows, 0, 2));
        snprintf(kept->object, sizeof kept->object, "%s", pg_text(&rows, 0, 3));
        buffer_text(body, pg_text(&rows, 0, 4));
        if (body->failed) status = error_set(err, body->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status rule_answer_keep(struct write_tx *tx, const char *key, const struct kept_answer *kept, const char *body,
                             struct error *err)
{
    char code[16];
    snprintf(code, sizeof code, "%d", kept->status);
    const char *values[] = {tx->actor->id, key, code, kept->tag, kept->object, body};
    return pg_query(tx->pg,
                    "UPDATE baochang.idempotent_answer SET status = $3::int, tag = $4, object = $5, body = $6 WHERE actor = $1 AND key = $2",
                    6, values, NULL, err);
}
