#include "data/rules/rule_events.h"

#include <inttypes.h>
#include <stdio.h>

enum status rule_events_read(struct pg *pg, int64_t after, int64_t last,
                             enum status (*take)(void *context, int64_t version, const char *event), void *context,
                             struct error *err)
{
    char from[24], until[24];
    const char *values[] = {from, until};
    struct pg_result rows = {0};
    snprintf(from, sizeof from, "%" PRId64, after);
    snprintf(until, sizeof until, "%" PRId64, last);
    enum status status = pg_query(pg, "SELECT version, event FROM baochang.rules_events($1, $2)", 2, values, &rows, err);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) status = take(context, pg_i64(&rows, i, 0), pg_text(&rows, i, 1));
    pg_result_clear(&rows);
    return status;
}

enum status rule_versions_list(struct pg *pg, int64_t before, unsigned limit, struct buffer *out, struct error *err)
{
    char below[24], most[16];
    const char *values[] = {below, most};
    struct pg_result rows = {0};
    snprintf(below, sizeof below, "%" PRId64, before > 0 ? before : INT64_MAX);
    snprintf(most, sizeof most, "%u", limit);
    enum status status = pg_query(pg,
                                  "WITH page AS (SELECT version, committed_at FROM baochang.rules_version WHERE version < $1::bigint"
                                  "  ORDER BY version DESC LIMIT $2::int + 1),"
                                  " shown AS (SELECT * FROM page ORDER BY version DESC LIMIT $2::int)"
                                  " SELECT json_build_object('rules_version', (SELECT version FROM baochang.rules_state),"
                                  "  'versions', COALESCE((SELECT json_agg(json_build_object('rules_version', version,"
                                  "   'committed_at', baochang.wire_time(committed_at)) ORDER BY version DESC) FROM shown), '[]'),"
                                  "  'next', CASE WHEN (SELECT count(*) FROM page) > $2::int THEN (SELECT min(version) FROM shown) END)::text",
                                  2, values, &rows, err);
    if (status == STATUS_OK) {
        buffer_text(out, pg_text(&rows, 0, 0));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
