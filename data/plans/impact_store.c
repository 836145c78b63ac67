#include "data/plans/impact_store.h"

#include "geo/wkb.h"

#include <stdio.h>
#include <string.h>

enum { PLACES_MAX = 20000 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status plan_of(const struct pg_result *rows, int row, struct arena *arena, struct stored_plan *out, struct error *err)
{
    enum { ID, COMPANY, COUNTY, CLASS, NETWORK, RULES, DEPART, DURATION, DISTANCE, REQUEST, RECORD, NUMBER };
    *out = (struct stored_plan){.about = "{}", .answer = ""};
    snprintf(out->id, sizeof out->id, "%s", pg_text(rows, row, ID));
    out->company = arena_strdup(arena, pg_text(rows, row, COMPANY));
    out->county = arena_strdup(arena, pg_text(rows, row, COUNTY));
    out->vehicle_class = arena_strdup(arena, pg_text(rows, row, CLASS));
    out->network_version = arena_strdup(arena, pg_text(rows, row, NETWORK));
    out->rules_version = pg_i64(rows, row, RULES);
    out->depart_ms = pg_i64(rows, row, DEPART);
    out->duration_ms = pg_i64(rows, row, DURATION);
    out->distance_mm = pg_i64(rows, row, DISTANCE);
    out->request = arena_strdup(arena, pg_text(rows, row, REQUEST));
    out->number = pg_i64(rows, row, NUMBER);
    const unsigned char *record = pg_bytes(rows, row, RECORD, &out->record_length);
    out->record = arena_copy(arena, record, out->record_length);
    return out->company && out->county && out->vehicle_class && out->network_version && out->request && out->record ? STATUS_OK
                                                                                                                     : no_memory(err);
}

enum status impact_plans(struct pg *pg, const int64_t *numbers, uint32_t count, struct arena *arena, struct stored_plan **out,
                         uint32_t *out_count, struct error *err)
{
    struct pg_result rows = {0};
    struct buffer list;
    buffer_init(&list, 32 * (IMPACT_RUN_MAX + 1));
    buffer_char(&list, '{');
    for (uint32_t i = 0; i < count; i++) buffer_printf(&list, i ? ",%lld" : "%lld", (long long)numbers[i]);
    buffer_text(&list, "}");
    buffer_char(&list, '\0');
    *out_count = 0;
    *out = arena_zero(arena, (size_t)count + 1, sizeof **out);
    enum status status = *out && !list.failed ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK)
        status = pg_query(pg,
                          "SELECT p.id, COALESCE(p.company, ''), COALESCE(p.county, ''), p.vehicle_class, p.network_version, p.rules_version,"
                          " round(extract(epoch FROM p.depart_at) * 1000)::bigint, p.duration_ms, p.distance_mm, p.request, p.record, p.number"
                          " FROM baochang.stored_plan p WHERE p.number = ANY ($1::bigint[]) AND p.state = 'active' ORDER BY p.number",
                          1, (const char *[]){list.data}, &rows, err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) status = plan_of(&rows, i, arena, &(*out)[(*out_count)++], err);
    pg_result_clear(&rows);
    buffer_clear(&list);
    return status;
}

enum status impact_window_read(struct pg *pg, const struct plan_reader *reader, struct arena *arena, struct impact_window *window,
                               struct error *err)
{
    struct pg_result rows = {0};
    char from[24], until[24], most[16];
    snprintf(from, sizeof from, "%lld", (long long)window->from_ms);
    snprintf(until, sizeof until, "%lld", (long long)window->until_ms);
    snprintf(most, sizeof most, "%u", window->most);
    const char *values[] = {reader->key, reader->role, reader->company, reader->county, window->network_version, from, until, most};
    /* one row more than may be is enough to know that there are too many */
    enum status status = pg_query(pg,
                                  "WITH seen AS (SELECT p.number, p.state, p.network_version = $5 AS own,"
                                  " p.depart_at < to_timestamp($7::bigint / 1000.0) AS begun FROM baochang.stored_plan p"
                                  " WHERE p.state IN ('active', 'broken') AND p.arrive_at >= to_timestamp($6::bigint / 1000.0)"
                                  " AND " PLAN_NEAR("$1", "$2", "$4") " AND baochang.stored_plan_visible(p, $1, $2, $3, $4))"
                                  " SELECT (SELECT count(*) FROM seen WHERE state = 'broken'),"
                                  " (SELECT count(*) FROM seen WHERE state = 'active' AND begun AND NOT own),"
                                  " ARRAY(SELECT number FROM seen WHERE state = 'active' AND begun AND own ORDER BY number LIMIT $8::int + 1)",
                                  8, values, &rows, err);
    struct pg_array numbers = {0};
    if (status == STATUS_OK && !pg_array_open(&rows, 0, 2, &numbers)) status = error_set(err, STATUS_CORRUPT, MESSAGE_PLAN_RECORD);
    if (status == STATUS_OK && numbers.count > window->most) status = error_set(err, STATUS_TOO_LARGE, MESSAGE_PLANS_ON_THEIR_WAY, window->most);
    if (status == STATUS_OK) {
        window->broken = (uint32_t)pg_i64(&rows, 0, 0);
        window->other_network = (uint32_t)pg_i64(&rows, 0, 1);
        window->numbers = arena_zero(arena, (size_t)numbers.count + 1, sizeof *window->numbers);
        if (window->numbers == NULL) status = no_memory(err);
    }
    for (uint32_t count = numbers.count; status == STATUS_OK && window->count < count;) window->numbers[window->count++] = pg_array_i64(&numbers);
    pg_result_clear(&rows);
    return status;
}

enum status impact_places(struct pg *pg, bool only_protected, struct arena *arena, struct impact_place **out, uint32_t *count,
                          struct error *err)
{
    enum { KIND, ID, NAME, COUNTY, GEOM, SOURCE, PROTECTED };
    struct pg_result rows = {0};
    *count = 0;
    enum status status = pg_query(pg,
                                  "SELECT kind, id, name, jurisdiction, geom, source, protected FROM baochang.impact_place"
                                  " WHERE source OR protected OR NOT $1::boolean ORDER BY source DESC, kind, id COLLATE \"C\"",
                                  1, (const char *[]){only_protected ? "true" : "false"}, &rows, err);
    if (status == STATUS_OK && rows.count > PLACES_MAX) status = error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_ITEMS);
    if (status == STATUS_OK && (*out = arena_zero(arena, (size_t)rows.count + 1, sizeof **out)) == NULL) status = no_memory(err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        struct impact_place *p = &(*out)[(*count)++];
        size_t size;
        const unsigned char *bytes = pg_bytes(&rows, i, GEOM, &size);
        p->kind = arena_strdup(arena, pg_text(&rows, i, KIND));
        p->id = arena_strdup(arena, pg_text(&rows, i, ID));
        p->name = arena_strdup(arena, pg_text(&rows, i, NAME));
        p->county = arena_strdup(arena, pg_text(&rows, i, COUNTY));
        p->source = pg_bool(&rows, i, SOURCE);
        p->is_protected = pg_bool(&rows, i, PROTECTED);
        status = wkb_read_point(bytes, size, &p->point, err);
        if (status == STATUS_OK && (!p->kind || !p->id || !p->name || !p->county)) status = no_memory(err);
    }
    pg_result_clear(&rows);
    return status;
}

enum status impact_capacities(struct pg *pg, struct arena *arena, struct impact_capacity **out, uint32_t *count, struct error *err)
{
    struct pg_result rows = {0};
    *count = 0;
    enum status status = pg_query(pg, "SELECT id, capacity_h FROM baochang.checkpoint WHERE capacity_h IS NOT NULL ORDER BY id COLLATE \"C\"",
                                  0, NULL, &rows, err);
    if (status == STATUS_OK && (*out = arena_zero(arena, (size_t)rows.count + 1, sizeof **out)) == NULL) status = no_memory(err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        (*out)[*count].id = arena_strdup(arena, pg_text(&rows, i, 0));
        (*out)[*count].per_hour = pg_i64(&rows, i, 1);
        if ((*out)[(*count)++].id == NULL) status = no_memory(err);
    }
    pg_result_clear(&rows);
    return status;
}
