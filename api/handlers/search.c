#include "api/handlers/search.h"

#include "api/handlers/common.h"
#include "api/handlers/layers.h"
#include "data/pg/read_pool.h"
#include "data/registers/place_search.h"

#include <string.h>

const char *const search_keys[] = {"q", "near", "limit", NULL};

struct search {
    const char *query;
    bool has_near;
    double near[2];
    unsigned limit;
};

static enum status search_parse(const struct exchange *x, struct search *out, struct error *err)
{
    const char *near = exchange_query(x, "near");
    *out = (struct search){.query = exchange_query(x, "q")};
    size_t length = out->query ? strlen(out->query) : 0;
    if (length == 0 || length > PLACE_QUERY_MAX) {
        error_set(err, STATUS_INVALID, MESSAGE_SEARCH_TEXT, PLACE_QUERY_MAX);
        error_pointer(err, "/q");
        error_bounds(err, PLACE_QUERY_MAX, (double)length);
        return STATUS_INVALID;
    }
    TRY(handler_limit(x, PLACE_LIMIT_DEFAULT, PLACE_LIMIT_MAX, &out->limit, err));
    if (near == NULL) return STATUS_OK;
    if (!numbers_parse(near, 2, out->near) || !point_valid((struct point){out->near[0], out->near[1]})) {
        error_set(err, STATUS_INVALID, MESSAGE_QUERY_POINT, "near");
        error_pointer(err, "/near");
        return STATUS_INVALID;
    }
    out->has_near = true;
    return STATUS_OK;
}

static void search_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct search search;
    struct buffer out;
    struct pg *pg = NULL;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    buffer_init(&out, 1 << 20);
    enum status status = search_parse(x, &search, &err);
    if (status == STATUS_OK)
        status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (pg) {
        status = place_search(pg, search.query, search.has_near ? search.near : NULL, search.limit, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void search_read(struct exchange *x)
{
    exchange_submit(x, search_work);
}
