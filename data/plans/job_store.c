#include "data/plans/job_store.h"

#include "data/pg/standing.h"

#include <stdio.h>
#include <string.h>

enum status job_start(struct pg *pg, const char *kind, const char *plans, const struct plan_reader *reader, const char *holder,
                      int64_t publication, char id[JOB_ID_SIZE], struct error *err)
{
    char number[24];
    struct pg_result rows = {0};
    snprintf(number, sizeof number, "%lld", (long long)publication);
    const char *values[] = {kind, plans, reader->key, holder, reader->role, reader->company, reader->county, publication < 0 ? NULL : number};
    enum status status = pg_query(pg, "SELECT COALESCE(baochang.job_start($1, $2, $3, $4, $5, $6, $7, $8::bigint), '')", 8, values, &rows, err);
    snprintf(id, JOB_ID_SIZE, "%s", status == STATUS_OK ? pg_text(&rows, 0, 0) : "");
    pg_result_clear(&rows);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static enum status text_of(const struct pg_result *rows, struct buffer *out, struct error *err)
{
    if (rows->count == 0) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    buffer_text(out, pg_text(rows, 0, 0));
    return out->failed ? error_set(err, out->failed, MESSAGE_NO_MEMORY) : STATUS_OK;
}

enum status job_read(struct pg *pg, const char *id, const struct plan_reader *reader, struct buffer *out, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, "SELECT baochang.job_json(j)::text FROM baochang.job j WHERE j.id = $1 AND (j.actor = $2 OR $3 = 'admin')",
                                  3, (const char *[]){id, reader->key, reader->role}, &rows, err);
    if (status == STATUS_OK) status = text_of(&rows, out, err);
    pg_result_clear(&rows);
    return status;
}

enum status job_list(struct pg *pg, const struct plan_reader *reader, struct buffer *out, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT json_build_object('jobs', COALESCE((SELECT json_agg(baochang.job_json(j) ORDER BY j.number DESC) FROM"
                                  " (SELECT * FROM baochang.job WHERE actor = $1 OR $2 = 'admin' ORDER BY number DESC LIMIT 100) q"
                                  " JOIN baochang.job j ON j.id = q.id), '[]'))::text",
                                  2, (const char *[]){reader->key, reader->role}, &rows, err);
    if (status == STATUS_OK) status = text_of(&rows, out, err);
    pg_result_clear(&rows);
    return status;
}

enum status job_results(struct pg *pg, const char *id, const struct plan_reader *reader, const char *after, unsigned limit,
                        struct buffer *out, struct error *err)
{
    char most[16];
    struct pg_result rows = {0};
    snprintf(most, sizeof most, "%u", limit);
    enum status status = pg_query(pg,
                                  "SELECT json_build_object('results', COALESCE(r.list, '[]'), 'next', CASE WHEN r.n = $5::int THEN r.last END)::text"
                                  " FROM baochang.job j, LATERAL (SELECT json_agg(json_build_object('plan', i.plan, 'outcome', i.outcome,"
                                  "  'detail', i.detail, 'at', baochang.wire_time(i.at)) ORDER BY i.plan) AS list, count(*) AS n, max(i.plan) AS last FROM"
                                  "  (SELECT * FROM baochang.job_item i WHERE i.job = j.id AND i.outcome IS NOT NULL"
                                  "    AND ($4::text IS NULL OR i.plan > $4) ORDER BY i.plan LIMIT $5::int) i) r"
                                  " WHERE j.id = $1 AND (j.actor = $2 OR $3 = 'admin')",
                                  5, (const char *[]){id, reader->key, reader->role, after, most}, &rows, err);
    if (status == STATUS_OK) status = text_of(&rows, out, err);
    pg_result_clear(&rows);
    return status;
}

enum status job_cancel(struct write_tx *tx, const char *id, const struct plan_reader *reader, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "SELECT j.state FROM baochang.job j WHERE j.id = $1 AND (j.actor = $2 OR $3 = 'admin') FOR UPDATE",
                                  3, (const char *[]){id, reader->key, reader->role}, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK && strcmp(pg_text(&rows, 0, 0), "running") != 0)
        status = standing_forbids(err, pg_text(&rows, 0, 0), "cancel");
    pg_result_clear(&rows);
    if (status != STATUS_OK) return status;
    return pg_query(tx->pg, "UPDATE baochang.job SET state = 'cancelled', finished_at = now() WHERE id = $1", 1, &id, NULL, err);
}

/* ---- working off ------------------------------------------------------------------------------------------- */

enum status job_take(struct pg *pg, int64_t rules_version, struct arena *arena, struct job_item *items, uint32_t *count,
                     struct error *err)
{
    enum { JOB, PLAN, REPLAN, ACTOR, HOLDER, ROLE, STATE, COMPANY, COUNTY, NETWORK, CLASS, DEPART, DURATION, DISTANCE, REQUEST, RECORD };
    struct pg_result rows = {0};
    char most[8], version[24];
    *count = 0;
    snprintf(most, sizeof most, "%d", JOB_TAKE);
    snprintf(version, sizeof version, "%lld", (long long)rules_version);
    /* the plan's row is locked as well: who plans it again by hand waits for us, or we leave it for later */
    enum status status = pg_query(pg,
                                  "SELECT i.job, i.plan, j.kind = 'replan', j.actor, j.holder, j.role, p.state, COALESCE(p.company, ''),"
                                  " COALESCE(p.county, ''), p.network_version, p.vehicle_class, round(extract(epoch FROM p.depart_at) * 1000)::bigint,"
                                  " p.duration_ms, p.distance_mm, COALESCE(p.request, ''), COALESCE(p.record, '')"
                                  " FROM baochang.job_item i JOIN baochang.job j ON j.id = i.job AND j.state = 'running' AND j.rules_version <= $2::bigint"
                                  " JOIN baochang.stored_plan p ON p.id = i.plan WHERE i.outcome IS NULL"
                                  " ORDER BY j.number, i.plan LIMIT $1::int FOR UPDATE OF i, p SKIP LOCKED",
                                  2, (const char *[]){most, version}, &rows, err);
    for (int r = 0; status == STATUS_OK && r < rows.count; r++) {
        struct job_item *i = &items[(*count)++];
        struct stored_plan *s = &i->stored;
        *i = (struct job_item){.replan = pg_bool(&rows, r, REPLAN)};
        snprintf(i->job, sizeof i->job, "%s", pg_text(&rows, r, JOB));
        snprintf(i->plan, sizeof i->plan, "%s", pg_text(&rows, r, PLAN));
        snprintf(s->id, sizeof s->id, "%s", i->plan);
        snprintf(s->state, sizeof s->state, "%s", pg_text(&rows, r, STATE));
        i->actor = arena_strdup(arena, pg_text(&rows, r, ACTOR));
        i->holder = arena_strdup(arena, pg_text(&rows, r, HOLDER));
        i->role = arena_strdup(arena, pg_text(&rows, r, ROLE));
        s->company = arena_strdup(arena, pg_text(&rows, r, COMPANY));
        s->county = arena_strdup(arena, pg_text(&rows, r, COUNTY));
        s->network_version = arena_strdup(arena, pg_text(&rows, r, NETWORK));
        s->vehicle_class = arena_strdup(arena, pg_text(&rows, r, CLASS));
        s->depart_ms = pg_i64(&rows, r, DEPART), s->duration_ms = pg_i64(&rows, r, DURATION), s->distance_mm = pg_i64(&rows, r, DISTANCE);
        s->request = arena_strdup(arena, pg_text(&rows, r, REQUEST));
        const unsigned char *record = pg_bytes(&rows, r, RECORD, &s->record_length);
        s->record = arena_copy(arena, record, s->record_length);
        if (!i->actor || !i->holder || !i->role || !s->company || !s->county || !s->network_version || !s->vehicle_class || !s->request || !s->record)
            status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status job_settle(struct pg *pg, const struct job_item *item, const char *outcome, int64_t rules_version, const char *detail,
                       struct error *err)
{
    char version[24];
    snprintf(version, sizeof version, "%lld", (long long)rules_version);
    enum status status = pg_query(pg, "UPDATE baochang.job_item SET outcome = $3, detail = $4::jsonb, at = clock_timestamp() WHERE job = $1 AND plan = $2",
                                  4, (const char *[]){item->job, item->plan, outcome, detail}, NULL, err);
    if (status == STATUS_OK && strcmp(outcome, "lawful") == 0)
        status = pg_query(pg, "UPDATE baochang.stored_plan SET checked_version = $2::bigint WHERE id = $1 AND state = 'active'", 2,
                          (const char *[]){item->plan, version}, NULL, err);
    if (status == STATUS_OK && strcmp(outcome, "broken") == 0)
        status = pg_query(pg,
                          "UPDATE baochang.stored_plan SET checked_version = $2::bigint, state = 'broken', reason = $3::jsonb"
                          " WHERE id = $1 AND state = 'active'",
                          3, (const char *[]){item->plan, version, detail}, NULL, err);
    return status;
}

enum status job_close(struct pg *pg, struct error *err)
{
    return pg_exec(pg,
                   "UPDATE baochang.job j SET state = 'done', finished_at = now() WHERE j.state = 'running'"
                   " AND NOT EXISTS (SELECT FROM baochang.job_item i WHERE i.job = j.id AND i.outcome IS NULL)",
                   err);
}
