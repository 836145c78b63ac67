#include "api/handlers/events.h"

#include "api/background/events.h"
#include "api/handlers/common.h"
#include "data/pg/read_pool.h"
#include "data/rules/rule_events.h"

#include <stdlib.h>
#include <string.h>

const char *const event_keys[] = {"after", NULL};
const char *const version_list_keys[] = {"before", "limit", NULL};

enum { VERSIONS_DEFAULT = 100, VERSIONS_MAX = 1000, DIGITS_MAX = 18 };

/* The number of a version, −1 when it is not given. */
static enum status version_read_text(const char *text, const char *pointer, int64_t *out, struct error *err)
{
    *out = -1;
    if (text == NULL) return STATUS_OK;
    size_t length = strlen(text);
    if (length > 0 && length <= DIGITS_MAX && strspn(text, "0123456789") == length) {
        *out = strtoll(text, NULL, 10);
        return STATUS_OK;
    }
    error_set(err, STATUS_INVALID, MESSAGE_EVENT_ID);
    error_pointer(err, "%s", pointer);
    return STATUS_INVALID;
}

void events_read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct events *events = x->app ? app_options_get(x->app)->events : NULL;
    int64_t header, query;
    if (!handler_ready(x)) return;
    enum status status = events ? STATUS_OK : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = version_read_text(exchange_header(x, "last-event-id"), "Last-Event-ID", &header, &err);
    if (status == STATUS_OK) status = version_read_text(exchange_query(x, "after"), "/after", &query, &err);
    if (status == STATUS_OK) {
        exchange_header_add(x, "Cache-Control", "no-store");
        exchange_header_add(x, "X-Accel-Buffering", "no"); /* a proxy in front hands events on as they come */
        status = events_listen(events, x, header >= 0 ? header : query, &err);
    }
    if (status != STATUS_OK) exchange_problem(x, &err);
}

static void versions_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    int64_t before;
    unsigned limit;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    buffer_init(&out, 1 << 20);
    enum status status = version_read_text(exchange_query(x, "before"), "/before", &before, &err);
    if (status == STATUS_OK) status = handler_limit(x, VERSIONS_DEFAULT, VERSIONS_MAX, &limit, &err);
    if (status == STATUS_OK)
        status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (pg) {
        status = rule_versions_list(pg, before, limit, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void versions_read(struct exchange *x)
{
    exchange_submit(x, versions_work);
}
