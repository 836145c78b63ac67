#include "data/rules/county_store.h"

#include "data/pg/standing.h"
#include "geo/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const acts[COUNTY_ACT_COUNT] = {"submit", "approve", "reject", "retire", "activate", "stand-down", "drill", "delete", "replace"};

const char *county_act_name(enum county_act act)
{
    return acts[act];
}

/* ---- how it stands ----------------------------------------------------------------------------------------- */

struct standing {
    char state[16], tag[DESK_TAG_SIZE];
    bool drawn_by_actor;
};

static enum status look(struct write_tx *tx, const char *id, struct standing *out, struct error *err)
{
    const char *values[] = {id, tx->actor->scope, tx->actor->id, tx->actor->holder};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT p.state, p.tag::text, EXISTS (SELECT FROM baochang.county_switch s WHERE s.plan_id = p.id"
                                  " AND s.act IN ('create', 'replace', 'submit') AND (s.actor = $3 OR s.holder = $4))"
                                  " FROM baochang.county_plan p WHERE p.id = $1 AND baochang.jurisdiction_covers($2, p.jurisdiction)",
                                  4, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        snprintf(out->state, sizeof out->state, "%s", pg_text(&rows, 0, 0));
        snprintf(out->tag, sizeof out->tag, "%s", pg_text(&rows, 0, 1));
        out->drawn_by_actor = pg_bool(&rows, 0, 2);
    }
    pg_result_clear(&rows);
    return status;
}

enum status county_look(struct write_tx *tx, const char *id, char tag[DESK_TAG_SIZE], struct error *err)
{
    struct standing standing;
    enum status status = look(tx, id, &standing, err);
    if (status == STATUS_OK) snprintf(tag, DESK_TAG_SIZE, "%s", standing.tag);
    return status;
}

static enum status may(const struct standing *s, enum county_act act, struct error *err)
{
    static const char *const allowed[COUNTY_ACT_COUNT] = {
        [COUNTY_SUBMIT] = "draft ", [COUNTY_APPROVE] = "submitted ", [COUNTY_REJECT] = "submitted ",
        [COUNTY_RETIRE] = "submitted rejected prepared ", [COUNTY_ACTIVATE] = "prepared active ", [COUNTY_STAND_DOWN] = "active ",
        [COUNTY_DRILL] = "draft submitted prepared active ",
        [COUNTY_DELETE] = "draft ", [COUNTY_REPLACE] = "draft rejected prepared "};
    size_t length = strlen(s->state);
    for (const char *word = allowed[act]; *word; word += strcspn(word, " ") + 1)
        if (strncmp(word, s->state, length) == 0 && word[length] == ' ') {
            if (act == COUNTY_APPROVE && s->drawn_by_actor) return error_set(err, STATUS_FORBIDDEN, MESSAGE_OWN_DRAWING);
            return STATUS_OK;
        }
    return standing_forbids(err, s->state, acts[act]);
}

static enum status record(struct write_tx *tx, const char *id, const char *act, const struct county_words *words, struct error *err)
{
    const struct write_actor *a = tx->actor;
    const char *values[] = {id, act, words->start_at, words->parts, a->id, a->holder, a->role, words->said.authority,
                            words->said.document_no, words->said.opinion, words->said.force_reason};
    return pg_query(tx->pg,
                    "INSERT INTO baochang.county_switch (plan_id, act, start_at, parts, actor, holder, role, authority, document_no,"
                    " opinion, force_reason, rules_version) SELECT $1, $2, $3::timestamptz, $4::jsonb, $5, $6, $7, $8, $9, $10, $11, version"
                    " FROM baochang.rules_state",
                    11, values, NULL, err);
}

/* ---- making ------------------------------------------------------------------------------------------------ */

static enum status county_level(const char *code, const char *zh, const char *en, struct error *err)
{
    error_set(err, STATUS_INVALID, MESSAGE_COUNTY_LEVEL, code, en);
    if (err) message_format(err->zh, sizeof err->zh, MESSAGE_COUNTY_LEVEL, LANGUAGE_ZH, code, zh);
    return STATUS_INVALID;
}

static enum status check_county(struct write_tx *tx, const char *document, struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {document, tx->actor->scope};
    enum status status = pg_query(tx->pg,
                                  "SELECT d.doc ->> 'jurisdiction', COALESCE(j.level, ''), baochang.jurisdiction_covers($2, j.code),"
                                  " baochang.level_name(j.level, 'zh'), baochang.level_name(j.level, 'en')"
                                  " FROM (SELECT $1::jsonb AS doc) d LEFT JOIN baochang.jurisdiction j ON j.code = d.doc ->> 'jurisdiction'",
                                  2, values, &rows, err);
    if (status == STATUS_OK && pg_text(&rows, 0, 1)[0] == '\0')
        status = error_set(err, STATUS_INVALID, MESSAGE_NO_JURISDICTION, pg_text(&rows, 0, 0));
    else if (status == STATUS_OK && strcmp(pg_text(&rows, 0, 1), "county") != 0)
        status = county_level(pg_text(&rows, 0, 0), pg_text(&rows, 0, 3), pg_text(&rows, 0, 4), err);
    else if (status == STATUS_OK && !pg_bool(&rows, 0, 2))
        status = error_set(err, STATUS_FORBIDDEN, MESSAGE_OTHER_COUNTY);
    if (status != STATUS_OK) error_pointer(err, "/jurisdiction");
    pg_result_clear(&rows);
    return status;
}

static enum status check_members(struct write_tx *tx, const char *document, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT r.place, r.reason, r.object FROM (SELECT $1::jsonb AS doc) d,"
                                  " LATERAL baochang.county_member_reason(d.doc ->> 'jurisdiction', d.doc -> 'members') r WHERE r.place IS NOT NULL",
                                  1, &document, &rows, err);
    if (status == STATUS_OK && rows.count > 0) {
        const char *reason = pg_text(&rows, 0, 1), *object = pg_text(&rows, 0, 2);
        status = strcmp(reason, "unknown") == 0     ? error_set(err, STATUS_INVALID, MESSAGE_MEMBER_UNKNOWN, object)
                 : strcmp(reason, "elsewhere") == 0 ? error_set(err, STATUS_INVALID, MESSAGE_MEMBER_ELSEWHERE, object)
                                                    : error_set(err, STATUS_INVALID, MESSAGE_MEMBER_PHYSICAL, object);
        error_pointer(err, "/members/%lld/id", (long long)pg_i64(&rows, 0, 0));
    }
    pg_result_clear(&rows);
    return status;
}

/* Enterprises and types of credentials that the plan names must be known. */
static enum status check_names(struct write_tx *tx, const char *document, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT q.member, q.i - 1, q.name, q.credential FROM (SELECT $1::jsonb AS doc) d, LATERAL ("
                                  " SELECT 'notify' AS member, i, name, false AS credential FROM jsonb_array_elements_text(COALESCE(d.doc -> 'notify', '[]')) WITH ORDINALITY n (name, i)"
                                  " UNION ALL SELECT 'fleet', i, f ->> 'enterprise', false FROM jsonb_array_elements(COALESCE(d.doc -> 'fleet', '[]')) WITH ORDINALITY n (f, i)"
                                  " UNION ALL SELECT 'credentials', i, name, true FROM jsonb_array_elements_text(COALESCE(d.doc -> 'credentials', '[]')) WITH ORDINALITY n (name, i)) q"
                                  " WHERE NOT CASE WHEN q.credential THEN EXISTS (SELECT FROM baochang.credential_type t WHERE t.code = q.name)"
                                  " ELSE EXISTS (SELECT FROM baochang.enterprise e WHERE e.id = q.name) END ORDER BY q.member, q.i LIMIT 1",
                                  1, &document, &rows, err);
    if (status == STATUS_OK && rows.count > 0) {
        status = pg_bool(&rows, 0, 3) ? error_set(err, STATUS_INVALID, MESSAGE_UNKNOWN_CREDENTIAL, pg_text(&rows, 0, 2))
                                      : error_set(err, STATUS_INVALID, MESSAGE_UNKNOWN_ENTERPRISE, pg_text(&rows, 0, 2));
        error_pointer(err, "/%s/%lld", pg_text(&rows, 0, 0), (long long)pg_i64(&rows, 0, 1));
    }
    pg_result_clear(&rows);
    return status;
}

enum status county_put(struct write_tx *tx, const char *id, const char *document, char id_out[DESK_ID_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    struct standing standing;
    enum status status = id ? look(tx, id, &standing, err) : STATUS_OK;
    if (status == STATUS_OK && id) status = may(&standing, COUNTY_REPLACE, err);
    if (status == STATUS_OK) status = check_county(tx, document, err);
    if (status == STATUS_OK) status = check_members(tx, document, err);
    if (status == STATUS_OK) status = check_names(tx, document, err);
    if (status == STATUS_OK && id == NULL) status = pg_query(tx->pg, "SELECT gen_random_uuid()::text", 0, NULL, &rows, err);
    if (status == STATUS_OK) snprintf(id_out, DESK_ID_SIZE, "%s", id ? id : pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    if (status != STATUS_OK) return status;
    const char *values[] = {id_out, id ? "false" : "true", document};
    status = pg_query(tx->pg, "SELECT baochang.county_put($1, $2::boolean, $3::jsonb)", 3, values, NULL, err);
    return status == STATUS_OK ? record(tx, id_out, id ? "replace" : "create", &(struct county_words){0}, err) : status;
}

/* ---- the life of a plan ------------------------------------------------------------------------------------ */

static enum status set_state(struct write_tx *tx, const char *id, const char *state, const struct rule_words *said, struct error *err)
{
    const char *values[] = {id, state, said->authority, said->document_no};
    return pg_query(tx->pg,
                    "UPDATE baochang.county_plan SET state = $2, tag = tag + 1, approving_authority = CASE $2 WHEN 'prepared' THEN"
                    " COALESCE($3, approving_authority) ELSE approving_authority END,"
                    " document_no = CASE $2 WHEN 'prepared' THEN COALESCE($4, document_no) ELSE document_no END WHERE id = $1",
                    4, values, NULL, err);
}

/* Notes what the approver saw. A member that does not exist any more cannot have been seen. */
static enum status freeze(struct write_tx *tx, const char *id, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "UPDATE baochang.county_plan_member m SET reviewed = (SELECT o.version FROM baochang.county_object o"
                                  " WHERE o.kind = m.kind AND o.id = m.object) WHERE m.plan_id = $1 RETURNING m.object, reviewed IS NULL",
                                  1, &id, &rows, err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++)
        if (pg_bool(&rows, i, 1)) status = error_set(err, STATUS_CONFLICT, MESSAGE_MEMBER_UNKNOWN, pg_text(&rows, i, 0));
    pg_result_clear(&rows);
    return status;
}

/* ---- the switch -------------------------------------------------------------------------------------------- */

static bool kind_of(const char *name, enum desk_kind *out)
{
    for (int k = 0; k < DESK_KIND_COUNT; k++)
        if (strcmp(desk_kind_name((enum desk_kind)k), name) == 0) {
            *out = (enum desk_kind)k;
            return true;
        }
    return false; /* a facility */
}

/* Whether a member may be switched: as it was reviewed, in a state that it can be switched from, by this actor. */
static enum status check_member(struct write_tx *tx, const char *kind_name, const char *object, const char *name, enum county_act act,
                                const char *state, bool as_reviewed, struct error *err)
{
    enum desk_kind kind;
    struct desk_state standing;
    bool on = act != COUNTY_STAND_DOWN;
    if (act == COUNTY_ACTIVATE && !as_reviewed) return error_set(err, STATUS_CONFLICT, MESSAGE_MEMBER_CHANGED, name);
    if (!kind_of(kind_name, &kind)) {
        if (on && strcmp(state, "closed") == 0) return error_set(err, STATUS_CONFLICT, MESSAGE_MEMBER_STATE, name, state);
        return STATUS_OK;
    }
    bool waits = strcmp(state, "submitted") == 0 || strcmp(state, "lifted") == 0 || strcmp(state, "closed") == 0;
    if (act == COUNTY_DRILL) return STATUS_OK; /* also what is a draft as yet */
    if (on && !waits) return error_set(err, STATUS_CONFLICT, MESSAGE_MEMBER_STATE, name, state);
    enum status status = rule_look(tx, kind, object, &standing, err);
    if (status != STATUS_OK || !on) return status;
    if (standing.drawn_by_actor) return error_set(err, STATUS_FORBIDDEN, MESSAGE_OWN_DRAWING);
    return rule_level(&standing, err);
}

static enum status switch_member(struct write_tx *tx, const char *plan, const char *kind, const char *object, bool on,
                                 const struct county_words *words, struct error *err)
{
    const struct write_actor *a = tx->actor;
    const char *values[] = {plan, kind, object, on ? "true" : "false", words->said.authority, words->said.document_no, words->start_at};
    enum status status = pg_query(tx->pg, "SELECT baochang.county_switch_member($1, $2, $3, $4::boolean, $5, $6, COALESCE($7::timestamptz, now()))", 7,
                                  values, NULL, err);
    enum desk_kind desk;
    if (status != STATUS_OK || !kind_of(kind, &desk)) return status;
    const char *row[] = {kind, object, on ? "approve" : "lift", a->id, a->holder, a->role, words->said.opinion, words->said.authority,
                         words->said.document_no};
    return pg_query(tx->pg,
                    "INSERT INTO baochang.rule_act (kind, object, act, actor, holder, role, opinion, authority, document_no, rules_version)"
                    " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, version FROM baochang.rules_state",
                    9, row, NULL, err);
}

/* A part that no member belongs to is a mistake of the caller's, not an empty switch. */
static enum status check_parts(struct write_tx *tx, const char *id, const char *parts, struct error *err)
{
    if (parts == NULL) return STATUS_OK;
    struct pg_result rows = {0};
    const char *values[] = {id, parts};
    enum status status = pg_query(tx->pg,
                                  "SELECT q.i - 1, q.name FROM jsonb_array_elements_text($2::jsonb) WITH ORDINALITY q (name, i) WHERE NOT EXISTS"
                                  " (SELECT FROM baochang.county_plan_member m WHERE m.plan_id = $1 AND m.part = q.name) ORDER BY q.i LIMIT 1",
                                  2, values, &rows, err);
    if (status == STATUS_OK && rows.count > 0) {
        status = error_set(err, STATUS_INVALID, MESSAGE_COUNTY_PART, pg_text(&rows, 0, 1));
        error_pointer(err, "/parts/%lld", (long long)pg_i64(&rows, 0, 0));
    }
    pg_result_clear(&rows);
    return status;
}

/* Another plan of the county that is on must go off first: one mode at a time. */
static enum status check_alone(struct write_tx *tx, const char *id, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT q.name FROM baochang.county_plan p JOIN baochang.county_plan q ON q.jurisdiction = p.jurisdiction"
                                  " AND q.id <> p.id AND q.state = 'active' WHERE p.id = $1",
                                  1, &id, &rows, err);
    if (status == STATUS_OK && rows.count > 0) status = error_set(err, STATUS_CONFLICT, MESSAGE_COUNTY_BUSY, pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    return status;
}

static enum status switch_all(struct write_tx *tx, const char *id, enum county_act act, const struct county_words *words, struct error *err)
{
    struct pg_result rows = {0};
    bool on = act != COUNTY_STAND_DOWN;
    const char *values[] = {id, on ? "activate" : "stand-down", words->parts};
    enum status status = check_parts(tx, id, words->parts, err);
    if (status == STATUS_OK && act == COUNTY_ACTIVATE) status = check_alone(tx, id, err);
    if (status == STATUS_OK)
        status = pg_query(tx->pg,
                          "SELECT m.kind, m.object, COALESCE(o.name, m.object), COALESCE(o.state, ''), COALESCE(o.version = m.reviewed, false), o.id IS NULL"
                          " FROM baochang.county_members($1, $2, $3::jsonb) m"
                          " LEFT JOIN baochang.county_object o ON o.kind = m.kind AND o.id = m.object ORDER BY m.place",
                          3, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_CONFLICT, MESSAGE_COUNTY_NOTHING);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        if (pg_bool(&rows, i, 5)) status = error_set(err, STATUS_CONFLICT, MESSAGE_MEMBER_UNKNOWN, pg_text(&rows, i, 1));
        else status = check_member(tx, pg_text(&rows, i, 0), pg_text(&rows, i, 1), pg_text(&rows, i, 2), act, pg_text(&rows, i, 3),
                                   pg_bool(&rows, i, 4), err);
        if (status == STATUS_OK) status = switch_member(tx, id, pg_text(&rows, i, 0), pg_text(&rows, i, 1), on, words, err);
    }
    pg_result_clear(&rows);
    if (status != STATUS_OK) return status;
    if (act == COUNTY_DRILL) return STATUS_OK; /* another plan of the county may be active */
    status = pg_query(tx->pg,
                      "UPDATE baochang.county_plan p SET tag = tag + 1, state = CASE WHEN EXISTS (SELECT FROM baochang.county_plan_member m"
                      " WHERE m.plan_id = p.id AND m.active) THEN 'active' ELSE 'prepared' END WHERE p.id = $1",
                      1, &id, NULL, err);
    return status;
}

enum status county_act_on(struct write_tx *tx, const char *id, enum county_act act, const struct county_words *words, struct error *err)
{
    static const char *const states[COUNTY_ACT_COUNT] = {[COUNTY_SUBMIT] = "submitted", [COUNTY_APPROVE] = "prepared",
                                                         [COUNTY_REJECT] = "rejected", [COUNTY_RETIRE] = "retired"};
    struct standing standing;
    enum status status = look(tx, id, &standing, err);
    if (status == STATUS_OK) status = may(&standing, act, err);
    if (status == STATUS_OK && act == COUNTY_DELETE)
        return pg_query(tx->pg, "DELETE FROM baochang.county_plan WHERE id = $1", 1, &id, NULL, err);
    if (status == STATUS_OK && act == COUNTY_APPROVE) status = freeze(tx, id, err);
    if (status == STATUS_OK)
        status = states[act] ? set_state(tx, id, states[act], &words->said, err)
                             : switch_all(tx, id, act, words, err);
    return status == STATUS_OK && act != COUNTY_DRILL ? record(tx, id, acts[act], words, err) : status;
}

enum status county_begin(struct pg *pg, int64_t *wait_ms, struct error *err)
{
    struct pg_result rows = {0};
    *wait_ms = -1;
    enum status status = pg_query(pg, "SELECT begun, wait_ms FROM baochang.county_begin()", 0, NULL, &rows, err);
    if (status == STATUS_OK && rows.count > 0) {
        if (!pg_is_null(&rows, 0, 1)) *wait_ms = pg_i64(&rows, 0, 1);
        if (pg_i64(&rows, 0, 0) > 0) log_event(LOG_INFO, "county_started", "switches=%lld", (long long)pg_i64(&rows, 0, 0));
    }
    pg_result_clear(&rows);
    return status;
}

enum status county_note_drill(struct write_tx *tx, const char *id, const struct county_words *words, struct error *err)
{
    enum status status = pg_query(tx->pg, "UPDATE baochang.county_plan SET drilled_at = now() WHERE id = $1", 1, &id, NULL, err);
    return status == STATUS_OK ? record(tx, id, "drill", words, err) : status;
}

enum status county_active_members(struct write_tx *tx, const char *id, struct arena *arena, struct county_member **out, size_t *count,
                                  struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT kind, object FROM baochang.county_plan_member WHERE plan_id = $1 AND active ORDER BY place",
                                  1, &id, &rows, err);
    *count = 0;
    *out = status == STATUS_OK ? arena_zero(arena, (size_t)rows.count + 1, sizeof **out) : NULL;
    if (status == STATUS_OK && *out == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        struct county_member *m = &(*out)[(*count)++];
        m->kind = arena_strdup(arena, pg_text(&rows, i, 0));
        m->id = arena_strdup(arena, pg_text(&rows, i, 1));
        if (m->kind == NULL || m->id == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

enum status county_read(struct pg *pg, const char *id, const char *scope, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT baochang.county_plan_json(p, true)::text, p.tag::text, (SELECT version::text FROM baochang.rules_state)"
                                  " FROM baochang.county_plan p WHERE p.id = $1 AND baochang.jurisdiction_covers($2, p.jurisdiction)",
                                  2, (const char *[]){id, scope}, &rows, err);
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

enum status county_list(struct pg *pg, const char *scope, const char *county, const char *state, const char *after, unsigned limit,
                        struct buffer *out, struct error *err)
{
    char most[16];
    snprintf(most, sizeof most, "%u", limit);
    const char *values[] = {scope, county, state, after, most};
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "WITH page AS (SELECT p FROM baochang.county_plan p WHERE baochang.jurisdiction_covers($1, p.jurisdiction)"
                                  "  AND ($2::text IS NULL OR p.jurisdiction = $2) AND ($3::text IS NULL OR p.state = $3)"
                                  "  AND ($4::text IS NULL OR p.id COLLATE \"C\" > $4) ORDER BY p.id COLLATE \"C\" LIMIT $5::int + 1),"
                                  " shown AS (SELECT * FROM page ORDER BY (p).id COLLATE \"C\" LIMIT $5::int)"
                                  " SELECT COALESCE((SELECT string_agg(baochang.county_plan_json(p, false)::text, ',' ORDER BY (p).id COLLATE \"C\") FROM shown), ''),"
                                  " (SELECT to_json((p).id)::text FROM shown ORDER BY (p).id COLLATE \"C\" DESC LIMIT 1), (SELECT count(*) FROM page),"
                                  " (SELECT version::text FROM baochang.rules_state)",
                                  5, values, &rows, err);
    if (status == STATUS_OK) {
        bool more = pg_i64(&rows, 0, 2) > (int64_t)limit;
        buffer_printf(out, "{\"rules_version\":%s,\"next\":%s,\"plans\":[", pg_text(&rows, 0, 3), more ? pg_text(&rows, 0, 1) : "null");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
