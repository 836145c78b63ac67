#include "data/plans/ogc_route_store.h"

#define VISIBLE "baochang.stored_plan_visible(p, $1, $2, $3, $4)"

enum status ogc_route_put(struct write_tx *tx, const char *plan, const char *name, const char *definition, struct error *err)
{
    return pg_query(tx->pg, "INSERT INTO baochang.ogc_route (plan_id, name, definition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3,
                    (const char *[]){plan, name, definition}, NULL, err);
}

enum status ogc_route_forget(struct write_tx *tx, const char *plan, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(tx->pg, "DELETE FROM baochang.ogc_route WHERE plan_id = $1", 1, &plan, &rows, err);
    if (status == STATUS_OK && rows.affected == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    pg_result_clear(&rows);
    return status;
}

enum status ogc_route_load(struct pg *pg, const char *plan, const struct plan_reader *reader, struct arena *arena, const char **name,
                           const char **definition, struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {reader->key, reader->role, reader->company, reader->county, plan};
    enum status status = pg_query(pg,
                                  "SELECT o.name, o.definition FROM baochang.ogc_route o JOIN baochang.stored_plan p ON p.id = o.plan_id"
                                  " WHERE o.plan_id = $5 AND " VISIBLE,
                                  5, values, &rows, err);
    if (status == STATUS_OK && rows.count == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (status == STATUS_OK) {
        *name = arena_strdup(arena, pg_text(&rows, 0, 0));
        *definition = arena_strdup(arena, pg_text(&rows, 0, 1));
        if (*name == NULL || *definition == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}

enum status ogc_route_list(struct pg *pg, const struct plan_reader *reader, void (*each)(void *context, const char *plan, const char *name),
                           void *context, struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {reader->key, reader->role, reader->company, reader->county};
    _Static_assert(OGC_ROUTES_LISTED == 1000, "the statement says so too");
    enum status status = pg_query(pg,
                                  "SELECT o.plan_id, o.name FROM baochang.ogc_route o JOIN baochang.stored_plan p ON p.id = o.plan_id"
                                  " WHERE " VISIBLE " ORDER BY p.number DESC LIMIT 1000",
                                  4, values, &rows, err);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) each(context, pg_text(&rows, i, 0), pg_text(&rows, i, 1));
    pg_result_clear(&rows);
    return status;
}
