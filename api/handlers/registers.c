#include "api/handlers/registers.h"

#include "api/app.h"
#include "api/handlers/common.h"
#include "api/json/writer.h"
#include "api/process/admit.h"
#include "data/pg/read_pool.h"
#include "data/registers/desk_registers.h"

typedef enum status register_work(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err);

static void with_connection(struct exchange *x, register_work *work)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        status = work(x, pg, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

static enum status classes(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    (void)x;
    return register_read(pg, REGISTER_ZONE_CLASSES, out, err);
}

static enum status types(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    (void)x;
    return register_read(pg, REGISTER_CREDENTIAL_TYPES, out, err);
}

static enum status territory(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    (void)x;
    return register_read(pg, REGISTER_JURISDICTIONS, out, err);
}

/* Ids of what resolves to no road under the current view. */
static void write_dead(struct buffer *out, const struct view *view)
{
    struct json_writer w;
    const struct rules *rules = view->rules;
    writer_init(&w, out);
    buffer_printf(out, "{\"compiled\":{\"rules_version\":%lld,\"checkpoints_without_gate\":", (long long)rules->version);
    writer_open_array(&w);
    for (uint32_t i = 0; i < rules->dead_checkpoint_count; i++) writer_text(&w, rules->input->checkpoints[rules->dead_checkpoints[i]].id);
    writer_close_array(&w);
    buffer_text(out, ",\"closures_without_road\":");
    w.follows = false;
    writer_open_array(&w);
    for (uint32_t i = 0; i < rules->dead_closure_count; i++) writer_text(&w, rules->input->closures[rules->dead_closures[i]].id);
    writer_close_array(&w);
    buffer_text(out, "},\"database\":");
}

static enum status quality(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    const struct caller *caller = exchange_caller(x);
    struct app_local *local = x->local;
    struct view *view = app_view(local);
    if (view) write_dead(out, view);
    else buffer_text(out, "{\"compiled\":null,\"database\":");
    if (view) view_release(view);
    enum status status = quality_read(pg, caller->key.county[0] ? caller->key.county : NULL, out, err);
    buffer_char(out, '}');
    return status;
}

#define HANDLER(name, work)                                                                                          \
    static void name##_work(struct exchange *x)                                                                      \
    {                                                                                                                \
        with_connection(x, work);                                                                                    \
    }                                                                                                                \
    void name(struct exchange *x)                                                                                    \
    {                                                                                                                \
        exchange_submit(x, name##_work);                                                                             \
    }

HANDLER(zone_classes_read, classes)
HANDLER(credential_types_read, types)
HANDLER(jurisdictions_read, territory)
HANDLER(quality_report_read, quality)
