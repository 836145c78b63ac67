#include "data/rules/rule_lint.h"

#include "data/rules/load_rules.h"

enum status rule_lint(struct write_tx *tx, enum desk_kind kind, const char *id, struct arena *arena,
                      struct rule_finding **out, size_t *count, struct error *err)
{
    const char *values[] = {desk_kind_name(kind), id};
    struct pg_result rows = {0};
    *out = NULL;
    *count = 0;
    enum status status = pg_query(tx->pg, "SELECT code, severity, zh, en, place::text FROM baochang.desk_lint($1, $2)", 2, values,
                                  &rows, err);
    if (status != STATUS_OK) return status;
    struct rule_finding *found = arena_zero(arena, (size_t)rows.count + 1, sizeof *found);
    bool good = found != NULL;
    for (int i = 0; good && i < rows.count; i++) {
        const char **const texts[] = {&found[i].code, &found[i].severity, &found[i].zh, &found[i].en, &found[i].place};
        for (int column = 0; good && column < 5; column++) {
            if (pg_is_null(&rows, i, column)) continue;
            *texts[column] = arena_strdup(arena, pg_text(&rows, i, column));
            good = *texts[column] != NULL;
        }
    }
    *out = found;
    *count = good ? (size_t)rows.count : 0;
    pg_result_clear(&rows);
    return good ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status rule_whatif(struct write_tx *tx, enum desk_kind kind, const char *const *ids, size_t count, struct arena *arena,
                        struct rules_input *out, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *values[] = {desk_kind_name(kind), ids[i]};
        enum status status = pg_query(tx->pg, "SELECT baochang.desk_set_state($1, $2, 'approve', 'what if', 'what if')", 2, values, NULL, err);
        if (status != STATUS_OK) return status;
    }
    return load_rules_within(tx->pg, arena, out, err);
}
