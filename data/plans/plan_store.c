#include "data/plans/plan_store.h"

#include <stdio.h>
#include <string.h>

/* ---- writing ----------------------------------------------------------------------------------------------- */

static const char *number(struct arena *arena, int64_t value)
{
    return arena_printf(arena, "%lld", (long long)value);
}

/* bytea in its text form */
static const char *hex(struct arena *arena, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_take(arena, 2 * length + 3);
    if (text == NULL) return NULL;
    text[0] = '\\', text[1] = 'x';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = ((const unsigned char *)bytes)[i];
        text[2 + 2 * i] = digits[byte >> 4];
        text[3 + 2 * i] = digits[byte & 15];
    }
    text[2 + 2 * length] = '\0';
    return text;
}

/* int[] in its text form */
static const char *int_array(struct arena *arena, const uint32_t *values, uint32_t count)
{
    size_t size = (size_t)count * 11 + 3, length = 0;
    char *text = arena_take(arena, size);
    if (text == NULL) return NULL;
    text[length++] = '{';
    for (uint32_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%u", i ? "," : "", values[i]);
    text[length++] = '}';
    text[length] = '\0';
    return text;
}

enum status plan_store_put(struct write_tx *tx, const struct plan_new *plan, struct error *err)
{
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    const struct write_actor *a = tx->actor;
    const char *values[] = {
        plan->id, a->id, a->holder, a->role, plan->company, plan->county, plan->request_key, plan->replaces,
        plan->network_version, number(&arena, plan->rules_version), number(&arena, plan->as_of_ms), plan->digest,
        plan->vehicle_class, number(&arena, plan->depart_ms), number(&arena, plan->arrive_ms),
        number(&arena, plan->duration_ms), number(&arena, plan->distance_mm), plan->language, plan->request, plan->answer,
        hex(&arena, plan->record, plan->record_length), int_array(&arena, plan->arcs, plan->arc_count), plan->route};
    enum status status = STATUS_OK;
    static const unsigned char made_here[] = {9, 10, 13, 14, 15, 16, 20, 21};
    for (size_t i = 0; i < sizeof made_here; i++)
        if (values[made_here[i]] == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK)
        status = pg_query(tx->pg,
                          "INSERT INTO baochang.stored_plan (id, owner, holder, role, company, county, request_key, replaces,"
                          " network_version, rules_version, as_of, digest, vehicle_class, depart_at, arrive_at, duration_ms,"
                          " distance_mm, language, request, answer, record, arcs, route) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                          " $10::bigint, to_timestamp($11::bigint / 1000.0), $12, $13, to_timestamp($14::bigint / 1000.0),"
                          " to_timestamp($15::bigint / 1000.0), $16::bigint, $17::bigint, $18, $19, $20, $21::bytea, $22::int[],"
                          " ST_GeomFromText($23, 4490))"
                          " ON CONFLICT (id) DO NOTHING",
                          23, values, NULL, err);
    arena_clear(&arena);
    return status;
}

enum status plan_look(struct write_tx *tx, const char *id, const struct plan_reader *reader, char state[PLAN_STATE_SIZE],
                      char tag[PLAN_TAG_SIZE], struct error *err)
{
    const char *values[] = {id, reader->key, reader->role, reader->company, reader->county};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT p.state, 'r' || p.revision FROM baochang.stored_plan p"
                                  " WHERE p.id = $1 AND baochang.stored_plan_visible(p, $2, $3, $4, $5) FOR UPDATE",
                                  5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        snprintf(state, PLAN_STATE_SIZE, "%s", pg_text(&rows, 0, 0));
        snprintf(tag, PLAN_TAG_SIZE, "%s", pg_text(&rows, 0, 1));
    }
    pg_result_clear(&rows);
    return status;
}

enum status plan_replace(struct write_tx *tx, const char *id, const char *by, struct error *err)
{
    return pg_query(tx->pg, "UPDATE baochang.stored_plan SET state = 'replaced', replaced_by = $2 WHERE id = $1", 2,
                    (const char *[]){id, by}, NULL, err);
}

enum status plan_withdraw(struct write_tx *tx, const char *id, struct error *err)
{
    return pg_query(tx->pg,
                    "UPDATE baochang.stored_plan SET state = 'withdrawn', request = NULL, answer = NULL, record = NULL,"
                    " arcs = NULL WHERE id = $1",
                    1, &id, NULL, err);
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

/* Columns of a whole plan, in the order that `take` reads them. */
#define WHOLE                                                                                                        \
    "SELECT p.id, 'r' || p.revision, p.state, baochang.stored_plan_json(p)::text, p.network_version,"                 \
    " COALESCE(p.company, ''), COALESCE(p.county, ''), p.vehicle_class, p.language = 'en', p.rules_version,"          \
    " round(extract(epoch FROM p.depart_at) * 1000)::bigint, p.duration_ms, p.distance_mm, p.request, p.answer, p.record, COALESCE(p.replaces, '')" \
    " FROM baochang.stored_plan p WHERE "

static enum status take(const struct pg_result *rows, int row, struct arena *arena, struct stored_plan *out, struct error *err)
{
    enum { ID, TAG, STATE, ABOUT, NETWORK, COMPANY, COUNTY, CLASS, ENGLISH, RULES, DEPART, DURATION, DISTANCE, REQUEST, ANSWER,
           RECORD, REPLACES };
    *out = (struct stored_plan){0};
    snprintf(out->id, sizeof out->id, "%s", pg_text(rows, row, ID));
    snprintf(out->tag, sizeof out->tag, "%s", pg_text(rows, row, TAG));
    snprintf(out->state, sizeof out->state, "%s", pg_text(rows, row, STATE));
    snprintf(out->replaces, sizeof out->replaces, "%s", pg_text(rows, row, REPLACES));
    out->about = arena_strdup(arena, pg_text(rows, row, ABOUT));
    out->network_version = arena_strdup(arena, pg_text(rows, row, NETWORK));
    out->company = arena_strdup(arena, pg_text(rows, row, COMPANY));
    out->county = arena_strdup(arena, pg_text(rows, row, COUNTY));
    out->vehicle_class = arena_strdup(arena, pg_text(rows, row, CLASS));
    out->english = pg_bool(rows, row, ENGLISH);
    out->rules_version = pg_i64(rows, row, RULES);
    out->depart_ms = pg_i64(rows, row, DEPART);
    out->duration_ms = pg_i64(rows, row, DURATION);
    out->distance_mm = pg_i64(rows, row, DISTANCE);
    out->request = arena_strdup(arena, pg_text(rows, row, REQUEST));
    out->answer = arena_strdup(arena, pg_text(rows, row, ANSWER));
    const unsigned char *record = pg_bytes(rows, row, RECORD, &out->record_length);
    out->record = arena_copy(arena, record, out->record_length);
    if (!out->about || !out->network_version || !out->company || !out->county || !out->vehicle_class || !out->request ||
        !out->answer || !out->record)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    out->answer_length = strlen(out->answer);
    return STATUS_OK;
}

static enum status load_one(struct pg *pg, const char *sql, const char *const values[5], struct arena *arena,
                            struct stored_plan *out, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, sql, 5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) status = take(&rows, 0, arena, out, err);
    pg_result_clear(&rows);
    return status;
}

enum status plan_load(struct pg *pg, const char *id, const struct plan_reader *reader, struct arena *arena,
                      struct stored_plan *out, struct error *err)
{
    const char *values[] = {id, reader->key, reader->role, reader->company, reader->county};
    return load_one(pg, WHOLE "p.id = $1 AND baochang.stored_plan_visible(p, $2, $3, $4, $5)", values, arena, out, err);
}

enum status plan_load_by_key(struct pg *pg, const struct plan_reader *reader, const char *request_key, struct arena *arena,
                             struct stored_plan *out, struct error *err)
{
    const char *values[] = {request_key, reader->key, reader->role, reader->company, reader->county};
    return load_one(pg, WHOLE "p.request_key = $1 AND p.owner = $2 AND baochang.stored_plan_visible(p, $2, $3, $4, $5)", values,
                    arena, out, err);
}

enum status plan_list(struct pg *pg, const struct plan_reader *reader, const struct plan_filter *filter, struct buffer *out,
                      struct error *err)
{
    char limit[16];
    snprintf(limit, sizeof limit, "%u", filter->limit);
    const char *values[] = {reader->key, reader->role, reader->company, reader->county, filter->state, filter->before, limit};
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "WITH page AS (SELECT p FROM baochang.stored_plan p WHERE"
                                  "   " PLAN_NEAR("$1", "$2", "$4") " AND baochang.stored_plan_visible(p, $1, $2, $3, $4) AND ($5::text IS NULL OR p.state = $5)"
                                  "   AND ($6::bigint IS NULL OR p.number < $6::bigint) ORDER BY p.number DESC LIMIT $7::int + 1),"
                                  " shown AS (SELECT * FROM page ORDER BY (p).number DESC LIMIT $7::int)"
                                  " SELECT COALESCE((SELECT string_agg(baochang.stored_plan_json(p)::text, ',' ORDER BY (p).number DESC)"
                                  "   FROM shown), ''), (SELECT min((p).number) FROM shown), (SELECT count(*) FROM page)",
                                  7, values, &rows, err);
    if (status == STATUS_OK) {
        buffer_text(out, "{\"plans\":[");
        buffer_text(out, pg_text(&rows, 0, 0));
        if (pg_i64(&rows, 0, 2) > (int64_t)filter->limit) buffer_printf(out, "],\"next\":\"%lld\"}", (long long)pg_i64(&rows, 0, 1));
        else buffer_text(out, "],\"next\":null}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
