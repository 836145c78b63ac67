#include "api/handlers/common.h"

#include "api/process/server.h"
#include "api/trial/past.h"
#include "api/wire/time_text.h"
#include "data/pg/read_pool.h"
#include "routing/constraint/rules_compile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum status no_view(struct error *err)
{
    return error_set(err, STATUS_UNAVAILABLE, MESSAGE_NO_VIEW_YET);
}

static enum status not_reached(struct error *err, int64_t asked, int64_t current)
{
    error_set(err, STATUS_RULES_VERSION_NOT_REACHED, MESSAGE_RULES_VERSION_NOT_REACHED, (long long)asked,
              (long long)current);
    error_bounds(err, (double)asked, (double)current);
    error_pointer(err, "/min_rules_version");
    return STATUS_RULES_VERSION_NOT_REACHED;
}

/* Whether the rules are as fresh as a strict caller wants them. A version that could not be taken over is as bad as a
 * database that is away: newer rules exist and are not obeyed. */
static enum status fresh(const struct exchange *x, const struct rules_hold *hold, struct error *err)
{
    struct rules_age age = app_rules_age(x->app);
    if (hold->demand.max_age_ms < 0 || (age.rejected < 0 && age.contact_ms <= hold->demand.max_age_ms)) return STATUS_OK;
    error_set(err, STATUS_RULES_STALE, MESSAGE_RULES_STALE);
    error_bounds(err, (double)hold->demand.max_age_ms / 1000, (double)age.contact_ms / 1000);
    error_pointer(err, "/max_rules_age_s");
    return STATUS_RULES_STALE;
}

bool handler_ready(struct exchange *x)
{
    if (x->app) return true;
    struct error err = ERROR_INIT;
    (void)no_view(&err);
    exchange_problem(x, &err);
    return false;
}

bool handler_wants_past(const struct rules_hold *hold)
{
    return rules_moment_is_past(&hold->demand.as_of);
}

struct view *handler_view(struct exchange *x, struct rules_hold *hold, void (*again)(struct exchange *x))
{
    assert(!handler_wants_past(hold)); /* never answered from the rules of now */
    struct error err = ERROR_INIT;
    struct app_local *local = x->local;
    struct view *view = app_view(local);
    if (view == NULL) {
        (void)no_view(&err);
    } else if (fresh(x, hold, &err) != STATUS_OK) {
        ; /* said */
    } else if (view->rules->version >= hold->demand.min_version) {
        return view;
    } else if (hold->held) {
        (void)not_reached(&err, hold->demand.min_version, view->rules->version);
    } else {
        hold->held = true;
        if (app_wait_version(x->app, x, hold->demand.min_version, VERSION_WAIT_MS, again, &err) == STATUS_OK) {
            view_release(view);
            return NULL;
        }
    }
    if (view) view_release(view);
    exchange_problem(x, &err);
    return NULL;
}

/* The view, when it is what is asked for; NULL with the reason otherwise. */
static struct view *suitable(struct exchange *x, const struct rules_hold *hold, struct error *err)
{
    struct view *view = app_view(x->local);
    if (view == NULL) {
        (void)no_view(err);
        return NULL;
    }
    if (fresh(x, hold, err) == STATUS_OK) {
        if (view->rules->version >= hold->demand.min_version) return view;
        (void)not_reached(err, hold->demand.min_version, view->rules->version);
    }
    view_release(view);
    return NULL;
}

struct view *handler_view_on_worker(struct exchange *x, struct rules_hold *hold)
{
    const struct timespec nap = {.tv_nsec = 20000000};
    struct error err = ERROR_INIT;
    if (rules_moment_is_past(&hold->demand.as_of)) {
        struct view *past = NULL;
        if (past_view(x, &hold->demand.as_of, &past, &err) == STATUS_OK) return past;
        if (err.pointer[0] && hold->as_of_pointer) error_pointer(&err, "%s", hold->as_of_pointer);
        exchange_problem(x, &err);
        return NULL;
    }
    struct view *view = suitable(x, hold, &err);
    if (view == NULL && err.status == STATUS_RULES_VERSION_NOT_REACHED && !hold->held && app_wait_begin(x->app)) {
        hold->held = true;
        for (int waited_ms = 0; view == NULL && waited_ms < VERSION_WAIT_MS && !atomic_load(&x->cancelled);
             waited_ms += 20) {
            nanosleep(&nap, NULL);
            view = suitable(x, hold, &err);
        }
        app_wait_end(x->app);
    }
    if (view == NULL) exchange_problem(x, &err);
    return view;
}

void handler_submit(struct exchange *x, struct rules_hold *hold, void (*again)(struct exchange *x),
                    void (*work)(struct exchange *x))
{
    if (handler_wants_past(hold)) {
        exchange_submit(x, work);
        return;
    }
    struct view *view = handler_view(x, hold, again);
    if (view == NULL) return;
    view_release(view);
    exchange_submit(x, work);
}

enum status handler_check_names(const struct view *view, const struct route_request *request, struct error *err)
{
    for (uint32_t i = 0; i < request->credential_count; i++) {
        const char *code = request->credentials[i].type_code;
        if (rules_credential_type(view->rules, code) != NO_CREDENTIAL_TYPE) continue;
        error_set(err, STATUS_UNKNOWN_CREDENTIAL_TYPE, MESSAGE_UNKNOWN_CREDENTIAL, code);
        error_pointer(err, "/credentials/%u/type", i);
        return STATUS_UNKNOWN_CREDENTIAL_TYPE;
    }
    for (uint32_t i = 0; i < request->avoid_zone_count; i++) {
        if (rules_zone(view->rules, request->avoid_zones[i]) != UINT32_MAX) continue;
        error_set(err, STATUS_INVALID, MESSAGE_UNKNOWN_ZONE, request->avoid_zones[i]);
        error_pointer(err, "/avoid/zones/%u", i);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status handler_limit(const struct exchange *x, unsigned otherwise, unsigned most, unsigned *out, struct error *err)
{
    const char *text = exchange_query(x, "limit");
    *out = otherwise;
    if (text == NULL) return STATUS_OK;
    size_t length = strspn(text, "0123456789");
    unsigned long value = length > 0 && length <= 4 && text[length] == '\0' ? strtoul(text, NULL, 10) : 0;
    if (value >= 1 && value <= most) {
        *out = (unsigned)value;
        return STATUS_OK;
    }
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, "limit", 1.0, (double)most);
    error_pointer(err, "/limit");
    if (length > 0 && text[length] == '\0') error_bounds(err, value == 0 && length <= 4 ? 1 : most, strtod(text, NULL));
    return STATUS_OUT_OF_RANGE;
}

enum status handler_as_of(const struct exchange *x, struct rules_moment *out, struct error *err)
{
    const char *text = exchange_query(x, "as_of");
    *out = RULES_MOMENT_NOW;
    if (text == NULL) return STATUS_OK;
    enum status status = parse_as_of_text(text, out, err);
    if (status != STATUS_OK) error_pointer(err, "/as_of");
    return status;
}

void handler_count(struct exchange *x, enum metric_counter counter)
{
    const struct app_local *local = x->local;
    metrics_count(server_metrics(exchange_server(x)), local->thread, counter, 1);
}

struct parse_setting handler_setting(const struct exchange *x)
{
    struct app_local *local = x->local;
    return (struct parse_setting){
        .arena = x->arena, .systems = &local->systems, .now_ms = time_now_ms(), .language = x->language,
        .geos = local->geos};
}

struct parse_setting handler_setting_past(const struct exchange *x)
{
    struct parse_setting setting = handler_setting(x);
    setting.past = true;
    return setting;
}

const bool *handler_cancelled(const struct exchange *x)
{
    _Static_assert(sizeof(atomic_bool) == sizeof(bool), "the planner polls it as a bool");
    return (const bool *)(const void *)&x->cancelled;
}

void handler_read(struct exchange *x, handler_read_work *work, const char *type)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    char tag[DESK_TAG_SIZE] = "";
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        status = work(x, pg, &out, tag, &err);
        read_pool_give(pool, pg);
    }
    if (status != STATUS_OK) exchange_problem(x, &err);
    else if (tag[0] == '\0' || !exchange_not_modified(x, tag)) exchange_reply(x, 200, type, &out);
    buffer_clear(&out);
}
