#include "api/handlers/impact.h"

#include "api/desk.h"
#include "api/encode/encode_offence.h"
#include "api/handlers/common.h"
#include "api/parse/parse_changes.h"
#include "api/plan_keep.h"
#include "api/trial/binding.h"
#include "api/trial/gate_load.h"
#include "api/trial/lanes_impact.h"
#include "api/trial/places_reach.h"
#include "api/trial/trial.h"
#include "api/wire/time_text.h"

#include <stdlib.h>
#include <string.h>

const char *const impact_keys[] = {"touched_only", NULL};

enum { SHOWN_MAX = 1000, PLANS_MAX = 50000, GROUPS_MAX = 2000 };

/* Counts for one county or one company. */
struct group {
    const char *name;
    uint32_t kinds[IMPACT_KIND_COUNT];
    int64_t duration_ms, distance_mm; /* of the detours, all together */
};

struct groups {
    struct group *of;
    uint32_t count;
};

struct impact_question {
    struct exchange *x;
    struct json_at root, at;
    struct rule_changes changes;
    bool touched_only, facilities, lanes;
    struct view *before, *after;
    struct plan_touched *touched;
    uint32_t touched_count, visible_count, arc_count;
    /* what becomes of them */
    struct arena run; /* of one run of plans */
    struct group all;
    struct groups counties, companies;
    struct gate_load load;
    int64_t *affected; /* numbers of the plans that are, ascending */
    uint32_t affected_count;
    struct buffer shown;
    struct json_writer w; /* into shown */
    uint32_t shown_count;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- the request ------------------------------------------------------------------------------------------- */

static enum status read_request(struct impact_question *q, struct error *err)
{
    static const char *const members[] = {"changes", "facilities", "lanes", NULL};
    struct parse_setting setting = handler_setting(q->x);
    struct json_at at;
    const char *quick = exchange_query(q->x, "touched_only");
    if (quick && strcmp(quick, "true") != 0 && strcmp(quick, "false") != 0) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TYPE_BOOLEAN, "touched_only");
        error_pointer(err, "/touched_only");
        return STATUS_INVALID;
    }
    q->touched_only = quick && strcmp(quick, "true") == 0;
    q->facilities = q->lanes = true;
    TRY(reader_members(&q->root, members, err));
    if (reader_find(&q->root, "facilities", &at)) TRY(reader_boolean(&at, &q->facilities, err));
    if (reader_find(&q->root, "lanes", &at)) TRY(reader_boolean(&at, &q->lanes, err));
    TRY(reader_require(&q->root, "changes", &q->at, err));
    TRY(parse_changes(&q->at, &setting, &q->changes, err));
    exchange_charge(q->x, q->changes.point_count);
    return STATUS_OK;
}

/* ---- who is touched ---------------------------------------------------------------------------------------- */

/* Where the changes act. Zones that are drawn and what is lifted say it by themselves; anything else is read and compiled. */
static enum status find_arcs(struct impact_question *q, arc_id **arcs, struct error *err)
{
    struct app_local *local = q->x->local;
    struct arena *arena = q->x->arena;
    if (q->after) return impact_arcs(q->before, q->after, &q->changes.names, arena, arcs, &q->arc_count, err);
    TRY(impact_arcs(q->before, q->before, &q->changes.names, arena, arcs, &q->arc_count, err));
    for (uint32_t i = 0; i < q->changes.area_count; i++) {
        arc_id *more;
        uint32_t count;
        TRY(planner_area_arcs(local->planner, &q->changes.areas[i], arena, &more, &count, err));
        arc_id *both = arena_zero(arena, (size_t)q->arc_count + count + 1, sizeof *both);
        if (both == NULL) return no_memory(err);
        if (q->arc_count) memcpy(both, *arcs, q->arc_count * sizeof *both);
        if (count) memcpy(both + q->arc_count, more, count * sizeof *both);
        *arcs = both;
        q->arc_count += count;
    }
    return STATUS_OK;
}

static enum status find_touched(struct impact_question *q, struct error *err)
{
    struct exchange *x = q->x;
    struct desk *desk = exchange_desk(x);
    const struct plan_reader reader = plan_reader_of(x);
    struct plan_touched *all;
    arc_id *arcs;
    if (desk == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(find_arcs(q, &arcs, err));
    TRY(plan_book_touched(desk->plans, NULL, 0, &reader, x->arena, &all, &q->visible_count, err));
    q->touched = all;
    q->touched_count = q->visible_count;
    /* what is lifted may shorten a way that does not lead there yet */
    if (!q->changes.relaxing || q->touched_only)
        TRY(plan_book_touched(desk->plans, arcs, q->arc_count, &reader, x->arena, &q->touched, &q->touched_count, err));
    if (q->touched_count <= PLANS_MAX || q->touched_only) return STATUS_OK;
    return error_set(err, STATUS_TOO_LARGE, MESSAGE_IMPACT_PLANS, (unsigned)PLANS_MAX);
}

/* ---- what becomes of them ---------------------------------------------------------------------------------- */

static struct group *group_of(struct impact_question *q, struct groups *groups, const char *name)
{
    for (uint32_t i = 0; i < groups->count; i++)
        if (strcmp(groups->of[i].name, name) == 0) return &groups->of[i];
    if (groups->of == NULL) groups->of = arena_zero(q->x->arena, GROUPS_MAX, sizeof *groups->of);
    char *copy = arena_strdup(q->x->arena, name);
    if (groups->of == NULL || copy == NULL || groups->count == GROUPS_MAX) return NULL;
    groups->of[groups->count].name = copy;
    return &groups->of[groups->count++];
}

static void count_in(struct group *g, const struct impact *impact)
{
    g->kinds[impact->kind]++;
    if (impact->kind == IMPACT_DETOUR) g->duration_ms += impact->duration_ms, g->distance_mm += impact->distance_mm;
}

static void show(struct impact_question *q, const struct stored_plan *stored, const struct impact *impact)
{
    struct json_writer *w = &q->w;
    if (q->shown_count++ >= SHOWN_MAX) return;
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, stored->id);
    writer_key(w, "company"), writer_text(w, stored->company[0] ? stored->company : NULL);
    writer_key(w, "county"), writer_text(w, stored->county[0] ? stored->county : NULL);
    writer_key(w, "vehicle_class"), writer_text(w, stored->vehicle_class);
    writer_key(w, "impact"), writer_text(w, impact_kind_code(impact->kind));
    if (impact->kind == IMPACT_DETOUR) {
        writer_key(w, "duration_s"), writer_milli(w, impact->duration_ms);
        writer_key(w, "distance_m"), writer_milli(w, impact->distance_mm);
    } else {
        writer_key(w, "code"), writer_text(w, status_code(impact->cause));
    }
    writer_key(w, "already"), writer_boolean(w, impact->already);
    writer_key(w, "why");
    if (impact->why.kind != OFFENCE_NONE) encode_offence(w, q->after, &impact->why, NULL, NULL, q->x->language);
    else writer_null(w);
    writer_close_object(w);
}

static enum status one_plan(struct impact_question *q, const struct stored_plan *stored, int64_t now_ms, struct arena *arena, struct error *err)
{
    struct exchange *x = q->x;
    struct app_local *local = x->local;
    struct parse_setting setting = handler_setting(x);
    struct route_question *question = arena_zero(arena, 1, sizeof *question);
    struct plan *plan, *plan_before;
    struct impact impact;
    int64_t depart_ms = plan_departure(stored, now_ms);
    if (question == NULL) return no_memory(err);
    setting.arena = arena;
    TRY(plan_recall(stored, q->after, depart_ms, arena, &plan, err));
    TRY(plan_question(stored, depart_ms, &setting, question, NULL, err));
    question->route.cancelled = handler_cancelled(x);
    /* a gate is named by its place in the rules: read once for each of the two */
    TRY(plan_recall(stored, q->before, depart_ms, arena, &plan_before, err));
    TRY(impact_plan(local->planner, q->before, q->after, &question->route, plan, plan_before, q->changes.relaxing, arena, &impact, err));
    exchange_charge(x, impact.settled + 100);
    struct group *county = group_of(q, &q->counties, stored->county), *company = group_of(q, &q->companies, stored->company);
    if (county == NULL || company == NULL) return no_memory(err);
    count_in(&q->all, &impact), count_in(county, &impact), count_in(company, &impact);
    if (impact.kind == IMPACT_UNAFFECTED) return STATUS_OK;
    show(q, stored, &impact);
    q->affected[q->affected_count++] = stored->number;
    TRY(gate_load_moved(&q->load, plan_before, false, err));
    return gate_load_moved(&q->load, impact.plan, true, err);
}

/* One that is not affected counts at the gates that others come to or leave. */
static enum status one_that_stays(struct impact_question *q, const struct stored_plan *stored, int64_t now_ms, struct arena *arena,
                                  struct error *err)
{
    struct plan *plan;
    exchange_charge(q->x, 10);
    TRY(plan_recall(stored, q->before, plan_departure(stored, now_ms), arena, &plan, err));
    return gate_load_stays(&q->load, plan, err);
}

/* A run of plans: read, then looked at one by one, each in the memory of the one before. */
static enum status one_run(struct impact_question *q, const int64_t *numbers, uint32_t count, int64_t now_ms,
                           enum status (*look)(struct impact_question *q, const struct stored_plan *stored, int64_t now_ms,
                                               struct arena *arena, struct error *err),
                           struct error *err)
{
    struct read_pool *pool = app_options_get(q->x->app)->reads;
    struct stored_plan *plans;
    struct arena arena;
    uint32_t plan_count = 0;
    struct pg *pg;
    TRY(read_pool_take(pool, &pg, err));
    arena_reset(&q->run);
    enum status status = impact_plans(pg, numbers, count, &q->run, &plans, &plan_count, err);
    read_pool_give(pool, pg);
    arena_init(&arena, (size_t)256 << 20);
    for (uint32_t i = 0; i < plan_count && status == STATUS_OK; i++) {
        arena_reset(&arena);
        status = look(q, &plans[i], now_ms, &arena, err);
        if (status == STATUS_OK && atomic_load(&q->x->cancelled)) status = error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
    }
    arena_clear(&arena);
    return status;
}

static enum status all_plans(struct impact_question *q, struct error *err)
{
    int64_t numbers[IMPACT_RUN_MAX], now_ms = time_now_ms();
    q->affected = arena_zero(q->x->arena, (size_t)q->touched_count + 1, sizeof *q->affected);
    if (q->affected == NULL) return no_memory(err);
    TRY(gate_load_init(&q->load, q->before->rules, q->after->rules, q->x->arena, err));
    for (uint32_t done = 0; done < q->touched_count;) {
        uint32_t count = 0;
        while (count < IMPACT_RUN_MAX && done < q->touched_count) numbers[count++] = q->touched[done++].number;
        TRY(one_run(q, numbers, count, now_ms, one_plan, err));
    }
    return STATUS_OK;
}

/* Who else passes the gates that affected plans pass, now or then. */
static enum status all_that_stay(struct impact_question *q, struct error *err)
{
    struct exchange *x = q->x;
    const struct plan_reader reader = plan_reader_of(x);
    int64_t numbers[IMPACT_RUN_MAX], now_ms = time_now_ms();
    struct plan_touched *there;
    uint32_t arc_count, there_count = 0, known = 0;
    arc_id *arcs;
    if (q->load.gate_count == 0) return STATUS_OK;
    TRY(gate_load_arcs(&q->load, x->arena, &arcs, &arc_count, err));
    TRY(plan_book_touched(exchange_desk(x)->plans, arcs, arc_count, &reader, x->arena, &there, &there_count, err));
    if (there_count > PLANS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_IMPACT_PLANS, (unsigned)PLANS_MAX);
    for (uint32_t done = 0; done < there_count;) {
        uint32_t count = 0;
        for (; count < IMPACT_RUN_MAX && done < there_count; done++) { /* both ascend */
            while (known < q->affected_count && q->affected[known] < there[done].number) known++;
            if (known == q->affected_count || q->affected[known] != there[done].number) numbers[count++] = there[done].number;
        }
        TRY(one_run(q, numbers, count, now_ms, one_that_stays, err));
    }
    return STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static void encode_counts(struct json_writer *w, const struct group *g)
{
    for (int k = 0; k < IMPACT_KIND_COUNT; k++) writer_key(w, impact_kind_code((enum impact_kind)k)), writer_integer(w, g->kinds[k]);
    writer_key(w, "duration_s"), writer_milli(w, g->duration_ms);
    writer_key(w, "distance_m"), writer_milli(w, g->distance_mm);
}

static void encode_groups(struct json_writer *w, const char *key, const char *member, const struct groups *groups)
{
    writer_key(w, key), writer_open_array(w);
    for (uint32_t i = 0; i < groups->count; i++) {
        writer_open_object(w);
        writer_key(w, member), writer_text(w, groups->of[i].name[0] ? groups->of[i].name : NULL);
        encode_counts(w, &groups->of[i]);
        writer_close_object(w);
    }
    writer_close_array(w);
}

static enum status encode_loads(struct impact_question *q, struct json_writer *w, struct error *err)
{
    struct read_pool *pool = app_options_get(q->x->app)->reads;
    struct impact_capacity *capacities = NULL;
    uint32_t count = 0;
    struct pg *pg;
    if (q->load.gate_count > 0) {
        TRY(read_pool_take(pool, &pg, err));
        enum status status = impact_capacities(pg, q->x->arena, &capacities, &count, err);
        read_pool_give(pool, pg);
        if (status != STATUS_OK) return status;
    }
    writer_key(w, "gates"), gate_load_encode(&q->load, w, capacities, count);
    return STATUS_OK;
}

static enum status encode_places(struct impact_question *q, struct json_writer *w, struct error *err)
{
    struct places_reach reach;
    uint32_t lost = 0, later = 0;
    TRY(places_reach(q->x, q->before, q->after, false, binding_from(q->before->rules->input, q->after->rules->input), &reach, err));
    writer_key(w, "facilities"), writer_open_array(w);
    for (uint32_t i = 0; i < reach.count; i++) {
        bool is_lost = place_lost(&reach, i), is_later = place_later(&reach, i);
        lost += is_lost;
        later += !is_lost && is_later;
        if (is_lost || is_later || place_gained(&reach, i)) encode_place(w, &reach, i);
    }
    writer_close_array(w);
    writer_key(w, "facilities_looked_at"), writer_integer(w, reach.count);
    writer_key(w, "facilities_cut_off"), writer_integer(w, lost);
    writer_key(w, "facilities_later"), writer_integer(w, later);
    return STATUS_OK;
}

static enum status encode_lanes(struct impact_question *q, struct json_writer *w, struct error *err)
{
    const struct plan_reader reader = plan_reader_of(q->x);
    struct lanes_impact lanes;
    int64_t from_ms = binding_from(q->before->rules->input, q->after->rules->input);
    TRY(lanes_read_active(q->x, &reader, false, &lanes, err));
    TRY(lanes_judge(q->x, q->before, q->after, q->changes.relaxing, from_ms ? from_ms : time_now_ms(), &lanes, err));
    lanes_encode(&lanes, w, q->after, q->x->language);
    return STATUS_OK;
}

static void encode_head(struct impact_question *q, struct json_writer *w)
{
    const struct rules *rules = q->before->rules;
    writer_open_object(w);
    writer_key(w, "network_version"), writer_text(w, q->before->base->network.version);
    writer_key(w, "rules_version"), writer_integer(w, rules->version);
    writer_key(w, "as_of"), writer_time(w, rules->as_of_ms);
    writer_key(w, "digest"), writer_text(w, q->changes.digest);
    writer_key(w, "arcs"), writer_integer(w, q->arc_count);
    writer_key(w, "plans_active"), writer_integer(w, q->visible_count);
}

static void encode_touched(struct impact_question *q, struct json_writer *w)
{
    encode_head(q, w);
    writer_key(w, "touched"), writer_integer(w, q->touched_count);
    writer_key(w, "plans"), writer_open_array(w);
    for (uint32_t i = 0; i < q->touched_count && i < SHOWN_MAX; i++) writer_text(w, q->touched[i].id);
    writer_close_array(w);
    writer_close_object(w);
}

static enum status encode_full(struct impact_question *q, struct json_writer *w, struct error *err)
{
    encode_head(q, w);
    q->all.kinds[IMPACT_UNAFFECTED] += q->visible_count > q->touched_count ? q->visible_count - q->touched_count : 0;
    writer_key(w, "plans"), writer_open_object(w);
    writer_key(w, "looked_at"), writer_integer(w, q->touched_count);
    encode_counts(w, &q->all);
    writer_close_object(w);
    writer_key(w, "affected"), writer_raw(w, q->shown.data, q->shown.length);
    writer_key(w, "affected_left_out"), writer_integer(w, q->shown_count > SHOWN_MAX ? q->shown_count - SHOWN_MAX : 0);
    encode_groups(w, "counties", "county", &q->counties);
    encode_groups(w, "companies", "company", &q->companies);
    TRY(encode_loads(q, w, err));
    if (q->lanes) TRY(encode_lanes(q, w, err));
    if (q->facilities) TRY(encode_places(q, w, err));
    writer_close_object(w);
    return STATUS_OK;
}

static enum status answer(struct impact_question *q, struct buffer *out, struct error *err)
{
    struct json_writer w;
    writer_init(&w, out);
    if (!q->touched_only || !q->changes.by_area) TRY(trial_view(q->x, &q->changes, &q->at, &q->before, &q->after, err));
    TRY(find_touched(q, err));
    if (q->touched_only) {
        encode_touched(q, &w);
        return STATUS_OK;
    }
    writer_init(&q->w, &q->shown);
    writer_open_array(&q->w);
    TRY(all_plans(q, err));
    TRY(all_that_stay(q, err));
    writer_close_array(&q->w);
    if (q->shown.failed) return error_set(err, q->shown.failed, MESSAGE_NO_MEMORY);
    return encode_full(q, &w, err);
}

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct impact_question *q = arena_zero(x->arena, 1, sizeof *q);
    json_t *document = NULL;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    enum status status = q ? reader_parse(x->body, x->body_length, &document, &err) : no_memory(&err);
    if (q) {
        q->x = x;
        q->root = (struct json_at){.value = document};
        arena_init(&q->run, (size_t)512 << 20);
        buffer_init(&q->shown, ANSWER_MAX);
    }
    if (status == STATUS_OK) status = read_request(q, &err);
    if (status == STATUS_OK) {
        q->before = handler_view_on_worker(x, &hold);
        if (q->before == NULL) goto done; /* answered */
        status = answer(q, &out, &err);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
done:
    if (q) {
        view_release(q->before);
        view_release(q->after);
        arena_clear(&q->run);
        gate_load_clear(&q->load);
        buffer_clear(&q->shown);
    }
    json_decref(document);
    buffer_clear(&out);
}

void impact_post(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, work);
}
