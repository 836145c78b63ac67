#include "data/registers/lane_store.h"

#include "geo/wkb.h"

#include <stdio.h>
#include <string.h>

#define VISIBLE(row, role, company, county) "baochang.lane_visible(" row ".company, " row ".jurisdiction, " role ", " company ", " county ")"

/* ---- reading ----------------------------------------------------------------------------------------------- */

static const char *moment_text(int64_t at_ms, char text[24])
{
    if (at_ms == INT64_MIN) return NULL;
    snprintf(text, 24, "%lld", (long long)at_ms);
    return text;
}

#define MOMENT(n) "timestamptz 'epoch' + $" n "::bigint * interval '1 millisecond'"

static const char list_sql[] =
    "WITH page AS (SELECT h, row_number() OVER (ORDER BY h.id COLLATE \"C\") AS n FROM baochang.lane_at(" MOMENT("4") ") h"
    " WHERE " VISIBLE("h", "$1", "$2", "$3") " AND ($5::text IS NULL OR h.company = $5) AND ($6::text IS NULL OR h.state = $6)"
    " AND ($7::text IS NULL OR baochang.jurisdiction_covers($7, h.jurisdiction))"
    " AND ($8::float8 IS NULL OR h.geom && ST_MakeEnvelope($8::float8, $9::float8, $10::float8, $11::float8, 4490))"
    " AND ($12::text IS NULL OR h.id COLLATE \"C\" > $12) ORDER BY h.id COLLATE \"C\" LIMIT $13::int + 1)"
    " SELECT COALESCE((SELECT string_agg(baochang.lane_json(h), ',' ORDER BY n) FROM page WHERE n <= $13::int), ''),"
    " (SELECT to_json((h).id)::text FROM page WHERE n = $13::int), (SELECT count(*) FROM page)";

enum status lane_list(struct pg *pg, const struct plan_reader *reader, int64_t at_ms, const struct lane_filter *filter,
                      struct buffer *out, struct error *err)
{
    char at[24], side[4][32], limit[16];
    const char *values[13] = {reader->role, reader->company, reader->county, moment_text(at_ms, at), filter->company, filter->state, filter->county};
    for (int i = 0; filter->bbox && i < 4; i++) {
        snprintf(side[i], sizeof side[i], "%.9f", filter->bbox[i]);
        values[7 + i] = side[i];
    }
    snprintf(limit, sizeof limit, "%u", filter->limit);
    values[11] = filter->after;
    values[12] = limit;
    struct pg_result rows = {0};
    enum status status = pg_query(pg, list_sql, 13, values, &rows, err);
    if (status == STATUS_OK) {
        bool more = pg_i64(&rows, 0, 2) > (int64_t)filter->limit;
        buffer_printf(out, "{\"type\":\"FeatureCollection\",\"next\":%s,\"features\":[", more ? pg_text(&rows, 0, 1) : "null");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status lane_read(struct pg *pg, const struct plan_reader *reader, const char *id, int64_t at_ms, struct buffer *out,
                      char tag[DESK_TAG_SIZE], struct error *err)
{
    char at[24];
    const char *values[] = {reader->role, reader->company, reader->county, moment_text(at_ms, at), id};
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT baochang.lane_json(h), h.revision::text FROM baochang.lane_at(" MOMENT("4") ") h"
                                  " WHERE h.id COLLATE \"C\" = $5 AND " VISIBLE("h", "$1", "$2", "$3"),
                                  5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_text(out, pg_text(&rows, 0, 0));
        snprintf(tag, DESK_TAG_SIZE, "%s", pg_text(&rows, 0, 1));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status lane_history(struct pg *pg, const struct plan_reader *reader, const char *id, struct buffer *out, struct error *err)
{
    const char *values[] = {reader->role, reader->company, reader->county, id};
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT string_agg(x.text, ',' ORDER BY x.revision DESC) FROM (SELECT baochang.lane_json(h) AS text, h.revision"
                                  " FROM baochang.lane_history h WHERE h.id COLLATE \"C\" = $4 AND " VISIBLE("h", "$1", "$2", "$3")
                                  " ORDER BY h.revision DESC LIMIT 200) x",
                                  4, values, &rows, err);
    if (status == STATUS_OK && pg_is_null(&rows, 0, 0)) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        buffer_text(out, "{\"versions\":[");
        buffer_text(out, pg_text(&rows, 0, 0));
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

enum status lane_look(struct write_tx *tx, const struct plan_reader *reader, const char *id, char tag[DESK_TAG_SIZE], struct error *err)
{
    const char *values[] = {reader->role, reader->company, reader->county, id};
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg,
                                  "SELECT l.revision::text FROM baochang.lane l WHERE l.id = $4 AND " VISIBLE("l", "$1", "$2", "$3") " FOR UPDATE OF l", 4,
                                  values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) snprintf(tag, DESK_TAG_SIZE, "%s", pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    return status;
}

/* What was written must lie where the actor may write; what does not is undone with the transaction. */
static enum status check_county(struct write_tx *tx, const char *id, struct error *err)
{
    const char *values[] = {id, tx->actor->scope};
    struct pg_result rows = {0};
    if (tx->actor->scope == NULL) return STATUS_OK;
    enum status status = pg_query(tx->pg, "SELECT COALESCE(baochang.jurisdiction_covers($2, l.jurisdiction), false) FROM baochang.lane l WHERE l.id = $1",
                                  2, values, &rows, err);
    if (status == STATUS_OK && (rows.count != 1 || !pg_bool(&rows, 0, 0))) {
        status = error_set(err, STATUS_FORBIDDEN, MESSAGE_OTHER_COUNTY);
        error_pointer(err, "/properties/jurisdiction");
    }
    pg_result_clear(&rows);
    return status;
}

static void point_at_member(struct error *err)
{
    static const char *const words[] = {"credential type", "jurisdiction", "different places", "geometry"};
    static const char *const pointers[] = {"/properties/credentials", "/properties/jurisdiction", "/geometry", "/geometry"};
    if (err == NULL || err->pointer[0]) return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(err->en, words[i])) {
            error_pointer(err, "%s", pointers[i]);
            return;
        }
}

enum status lane_put(struct write_tx *tx, const char *id, bool is_new, const char *columns, char made[DESK_ID_SIZE], struct error *err)
{
    struct pg_result rows = {0};
    enum status status = STATUS_OK;
    if (id) snprintf(made, DESK_ID_SIZE, "%s", id);
    if (is_new) {
        status = pg_query(tx->pg, "SELECT COALESCE($1, gen_random_uuid()::text), EXISTS (SELECT FROM baochang.lane WHERE id = $1)", 1,
                          (const char *[]){id}, &rows, err);
        if (status == STATUS_OK) snprintf(made, DESK_ID_SIZE, "%s", pg_text(&rows, 0, 0));
        if (status == STATUS_OK && pg_bool(&rows, 0, 1)) status = error_set(err, STATUS_CONFLICT, MESSAGE_ALREADY_THERE, id);
        pg_result_clear(&rows);
    }
    const char *values[] = {made, is_new ? "true" : "false", columns};
    if (status == STATUS_OK) status = pg_query(tx->pg, "SELECT baochang.lane_put($1, $2::boolean, $3::jsonb)", 3, values, NULL, err);
    if (status == STATUS_INVALID) point_at_member(err);
    return status == STATUS_OK ? check_county(tx, made, err) : status;
}

enum status lane_delete(struct write_tx *tx, const char *id, struct error *err)
{
    return pg_query(tx->pg, "DELETE FROM baochang.lane WHERE id = $1", 1, (const char *[]){id}, NULL, err);
}

/* ---- to be judged ------------------------------------------------------------------------------------------ */

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status lane_of(const struct pg_result *rows, int row, struct arena *arena, struct lane *out, struct error *err)
{
    enum { ID, NAME, COMPANY, COUNTY, PROTECTED, VEHICLE, CREDENTIALS, LOOP, DEPARTS, FROM, TO };
    struct pg_array types;
    size_t size;
    out->id = arena_strdup(arena, pg_text(rows, row, ID));
    out->name = arena_strdup(arena, pg_text(rows, row, NAME));
    out->company = arena_strdup(arena, pg_text(rows, row, COMPANY));
    out->county = arena_strdup(arena, pg_text(rows, row, COUNTY));
    out->is_protected = pg_bool(rows, row, PROTECTED);
    out->vehicle = arena_strdup(arena, pg_text(rows, row, VEHICLE));
    out->loop = pg_bool(rows, row, LOOP);
    out->departs_min = (int)pg_i64(rows, row, DEPARTS);
    if (!pg_array_open(rows, row, CREDENTIALS, &types)) return error_set(err, STATUS_CORRUPT, MESSAGE_RULES_UNUSABLE, "lane", out->id ? out->id : "");
    out->credentials = arena_zero(arena, (size_t)types.count + 1, sizeof *out->credentials);
    if (!out->id || !out->name || !out->company || !out->county || !out->vehicle || !out->credentials) return no_memory(err);
    for (uint32_t count = types.count; out->credential_count < count; out->credential_count++) {
        const char *text = pg_array_text(&types, &size);
        out->credentials[out->credential_count] = arena_printf(arena, "%.*s", (int)size, text);
        if (out->credentials[out->credential_count] == NULL) return no_memory(err);
    }
    const unsigned char *bytes = pg_bytes(rows, row, FROM, &size);
    enum status status = wkb_read_point(bytes, size, &out->origin, err);
    if (status != STATUS_OK) return status;
    bytes = pg_bytes(rows, row, TO, &size);
    return wkb_read_point(bytes, size, &out->destination, err);
}

enum status lanes_active(struct pg *pg, const struct plan_reader *reader, bool only_protected, struct arena *arena, struct lane **out,
                         uint32_t *count, struct error *err)
{
    const char *values[] = {reader ? reader->role : "admin", reader ? reader->company : NULL, reader ? reader->county : NULL,
                            only_protected ? "true" : "false"};
    struct pg_result rows = {0};
    *count = 0;
    enum status status = pg_query(pg,
                                  "SELECT l.id, l.name, l.company, COALESCE(l.jurisdiction, ''), l.protected, l.vehicle::text, l.credentials, l.loop = 'return',"
                                  " COALESCE(extract(epoch FROM l.departs::time)::int / 60, -1)::bigint, ST_StartPoint(l.geom), ST_EndPoint(l.geom)"
                                  " FROM baochang.lane l WHERE l.state = 'active' AND (l.protected OR NOT $4::boolean) AND " VISIBLE("l", "$1", "$2", "$3")
                                  " ORDER BY l.id COLLATE \"C\"",
                                  4, values, &rows, err);
    if (status == STATUS_OK && rows.count > LANES_MAX) status = error_set(err, STATUS_TOO_LARGE, MESSAGE_LANES_MANY, (unsigned)LANES_MAX);
    if (status == STATUS_OK && (*out = arena_zero(arena, (size_t)rows.count + 1, sizeof **out)) == NULL) status = no_memory(err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) status = lane_of(&rows, i, arena, &(*out)[(*count)++], err);
    pg_result_clear(&rows);
    return status;
}
