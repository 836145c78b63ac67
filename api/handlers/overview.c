#include "api/handlers/overview.h"

#include "api/handlers/common.h"
#include "api/plan_keep.h"
#include "api/wire/time_text.h"
#include "data/plans/impact_store.h"

#include <stdlib.h>
#include <string.h>

const char *const overview_keys[] = {"at", "hours", NULL};

enum { HOURS_DEFAULT = 6, HOURS_MAX = 48, PLANS_MAX = 50000 };

#define HOUR_MS ((int64_t)3600 * 1000)

struct overview {
    struct exchange *x;
    struct view *view;
    int64_t from_ms; /* whole hours of the clock, the one that is running first */
    unsigned hours;
    struct impact_window window;
    uint32_t *passages; /* [checkpoint of the rules][hour] */
    uint32_t elsewhere; /* passages at checkpoints that the rules in force do not have */
    struct impact_capacity *capacities; /* by id */
    uint32_t capacity_count;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status query_read(struct overview *o, struct error *err)
{
    const char *at = exchange_query(o->x, "at"), *hours = exchange_query(o->x, "hours");
    int64_t at_ms = time_now_ms();
    if (at && !time_parse(at, strlen(at), &at_ms)) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        error_pointer(err, "/at");
        return STATUS_INVALID;
    }
    o->from_ms = at_ms - (at_ms % HOUR_MS + HOUR_MS) % HOUR_MS;
    o->hours = HOURS_DEFAULT;
    if (hours == NULL) return STATUS_OK;
    size_t length = strspn(hours, "0123456789");
    unsigned long value = length > 0 && length <= 2 && hours[length] == '\0' ? strtoul(hours, NULL, 10) : 0;
    if (value >= 1 && value <= HOURS_MAX) {
        o->hours = (unsigned)value;
        return STATUS_OK;
    }
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, "hours", 1.0, (double)HOURS_MAX);
    error_pointer(err, "/hours");
    return STATUS_OUT_OF_RANGE;
}

/* ---- what passes where -------------------------------------------------------------------------------------- */

static void count_gates(struct overview *o, const struct plan *plan)
{
    for (uint32_t l = 0; l < plan->leg_count; l++) {
        for (uint32_t g = 0; g < plan->legs[l].gate_count; g++) {
            const struct gate_passage *gate = &plan->legs[l].gates[g];
            int64_t since_ms = gate->at_ms - o->from_ms;
            if (since_ms < 0 || since_ms >= o->hours * HOUR_MS) continue;
            if (gate->checkpoint == UINT32_MAX) o->elsewhere++;
            else o->passages[(size_t)gate->checkpoint * o->hours + (size_t)(since_ms / HOUR_MS)]++;
        }
    }
}

/* A run of plans, each recalled in the memory of the one before. */
static enum status one_run(struct overview *o, struct pg *pg, const int64_t *numbers, uint32_t count, struct arena *run,
                           struct arena *one, struct error *err)
{
    struct stored_plan *plans;
    uint32_t plan_count;
    arena_reset(run);
    TRY(impact_plans(pg, numbers, count, run, &plans, &plan_count, err));
    for (uint32_t i = 0; i < plan_count; i++) {
        struct plan *plan;
        arena_reset(one);
        TRY(plan_recall(&plans[i], o->view, plans[i].depart_ms, one, &plan, err));
        count_gates(o, plan);
        exchange_charge(o->x, 10);
    }
    return atomic_load(&o->x->cancelled) ? error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED) : STATUS_OK;
}

static enum status read_all(struct overview *o, struct pg *pg, struct error *err)
{
    const struct plan_reader reader = plan_reader_of(o->x);
    struct arena *arena = o->x->arena, run, one;
    o->passages = arena_zero(arena, (size_t)o->view->rules->input->checkpoint_count * o->hours + 1, sizeof *o->passages);
    if (o->passages == NULL) return no_memory(err);
    TRY(impact_capacities(pg, arena, &o->capacities, &o->capacity_count, err));
    o->window = (struct impact_window){.network_version = o->view->base->network.version, .from_ms = o->from_ms,
                                       .until_ms = o->from_ms + o->hours * HOUR_MS, .most = PLANS_MAX};
    TRY(impact_window_read(pg, &reader, arena, &o->window, err));
    arena_init(&run, (size_t)512 << 20);
    arena_init(&one, (size_t)64 << 20);
    enum status status = STATUS_OK;
    for (uint32_t done = 0; done < o->window.count && status == STATUS_OK; done += IMPACT_RUN_MAX) {
        uint32_t count = o->window.count - done < IMPACT_RUN_MAX ? o->window.count - done : IMPACT_RUN_MAX;
        status = one_run(o, pg, o->window.numbers + done, count, &run, &one, err);
    }
    arena_clear(&run);
    arena_clear(&one);
    return status;
}

/* ---- the answer --------------------------------------------------------------------------------------------- */

static int by_id(const void *id, const void *capacity)
{
    return strcmp(id, ((const struct impact_capacity *)capacity)->id);
}

static void encode_gate(const struct overview *o, struct json_writer *w, uint32_t checkpoint)
{
    const struct checkpoint *c = &o->view->rules->input->checkpoints[checkpoint];
    const uint32_t *hours = &o->passages[(size_t)checkpoint * o->hours];
    const struct impact_capacity *capacity =
        o->capacity_count ? bsearch(c->id, o->capacities, o->capacity_count, sizeof *o->capacities, by_id) : NULL;
    uint32_t all = 0, busiest = 0;
    for (unsigned h = 0; h < o->hours; h++) {
        all += hours[h];
        if (hours[h] > hours[busiest]) busiest = h;
    }
    writer_open_object(w);
    writer_key(w, "checkpoint"), writer_text(w, c->id);
    writer_key(w, "name"), writer_text(w, c->name);
    writer_key(w, "capacity_h");
    if (capacity) writer_integer(w, capacity->per_hour);
    else writer_null(w);
    writer_key(w, "passages"), writer_integer(w, all);
    writer_key(w, "by_hour"), writer_open_array(w);
    for (unsigned h = 0; h < o->hours; h++) writer_integer(w, hours[h]);
    writer_close_array(w);
    writer_key(w, "busiest");
    if (all) {
        writer_open_object(w);
        writer_key(w, "from"), writer_time(w, o->from_ms + busiest * HOUR_MS);
        writer_key(w, "passages"), writer_integer(w, hours[busiest]);
        writer_close_object(w);
    } else {
        writer_null(w);
    }
    writer_close_object(w);
}

static void encode(const struct overview *o, struct buffer *out)
{
    const struct rules *rules = o->view->rules;
    struct rules_age age = app_rules_age(o->x->app);
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "network_version"), writer_text(&w, o->view->base->network.version);
    writer_key(&w, "rules_version"), writer_integer(&w, rules->version);
    writer_key(&w, "as_of"), writer_time(&w, rules->as_of_ms);
    writer_key(&w, "rules_age_s"), writer_integer(&w, age.contact_ms / 1000);
    writer_key(&w, "rules_stale"), writer_boolean(&w, age.stale);
    writer_key(&w, "database_connected"), writer_boolean(&w, age.connected);
    writer_key(&w, "from"), writer_time(&w, o->from_ms);
    writer_key(&w, "hours"), writer_integer(&w, o->hours);
    writer_key(&w, "plans"), writer_open_object(&w);
    writer_key(&w, "on_their_way"), writer_integer(&w, o->window.count);
    writer_key(&w, "broken"), writer_integer(&w, o->window.broken);
    writer_key(&w, "other_network"), writer_integer(&w, o->window.other_network);
    writer_close_object(&w);
    writer_key(&w, "gates"), writer_open_array(&w);
    for (uint32_t i = 0; i < rules->input->checkpoint_count; i++) encode_gate(o, &w, i);
    writer_close_array(&w);
    writer_key(&w, "passages_elsewhere"), writer_integer(&w, o->elsewhere);
    writer_close_object(&w);
}

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct overview o = {.x = x};
    struct buffer out;
    struct pg *pg;
    struct read_pool *pool = app_options_get(x->app)->reads;
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? query_read(&o, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK && (o.view = handler_view_on_worker(x, &hold)) == NULL) return; /* answered */
    if (status == STATUS_OK) status = read_pool_take(pool, &pg, &err);
    if (status == STATUS_OK) {
        status = read_all(&o, pg, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) {
        encode(&o, &out);
        exchange_header_add(x, "Cache-Control", "no-store");
        exchange_reply(x, 200, "application/json", &out);
    } else {
        exchange_problem(x, &err);
    }
    view_release(o.view);
    buffer_clear(&out);
}

void overview_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, work);
}
