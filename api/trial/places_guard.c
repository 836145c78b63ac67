#include "api/trial/places_guard.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/trial/binding.h"
#include "api/trial/lanes_impact.h"
#include "api/trial/places_reach.h"
#include "api/trial/trial.h"
#include "api/wire/time_text.h"
#include "data/plans/impact_store.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Names the lost places in an error; there is one at least. */
static enum status cut_off(const struct places_reach *r, struct error *err)
{
    char names[240] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < r->count && length < sizeof names - 80; i++) {
        if (!r->places[i].is_protected || !place_lost(r, i)) continue;
        int wrote = snprintf(names + length, sizeof names - length, "%s%.60s", length ? ", " : "", r->places[i].name);
        length += wrote > 0 ? (size_t)wrote : 0;
    }
    error_set(err, STATUS_CONFLICT, MESSAGE_CUTS_OFF, names);
    error_pointer(err, "/force_reason");
    return STATUS_CONFLICT;
}

/* The same of lanes. */
static enum status breaks(const struct lanes_impact *lanes, struct error *err)
{
    char names[240] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < lanes->count && length < sizeof names - 80; i++) {
        if (!lane_lost(&lanes->impacts[i])) continue;
        int wrote = snprintf(names + length, sizeof names - length, "%s%.60s", length ? ", " : "", lanes->lanes[i].name);
        length += wrote > 0 ? (size_t)wrote : 0;
    }
    error_set(err, STATUS_CONFLICT, MESSAGE_BREAKS_LANE, names);
    error_pointer(err, "/force_reason");
    return STATUS_CONFLICT;
}

static enum status anything_protected(struct exchange *x, struct lanes_impact *lanes, bool *any, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct impact_place *places;
    uint32_t count = 0;
    struct pg *pg;
    *any = false;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    enum status status = read_pool_take(pool, &pg, err);
    if (status != STATUS_OK) return status;
    status = impact_places(pg, true, x->arena, &places, &count, err);
    read_pool_give(pool, pg);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) *any |= places[i].is_protected;
    if (status == STATUS_OK) status = lanes_read_active(x, NULL, true, lanes, err); /* also those that the caller may not see */
    *any |= lanes->count > 0;
    return status;
}

/* ---- the guard ----------------------------------------------------------------------------------------------- */

/* The view that stood before the transaction: the one in force may still follow what was committed last. */
static struct view *view_before(struct exchange *x, int64_t version)
{
    enum { ATTEMPTS = 50 };
    const struct timespec nap = {.tv_nsec = 20000000};
    struct view *view = app_view(x->local);
    for (int attempt = 0; attempt < ATTEMPTS && view && view->rules->version < version - 1; attempt++) {
        view_release(view);
        nanosleep(&nap, NULL);
        view = app_view(x->local);
    }
    return view;
}

static enum status compare(struct exchange *x, const struct rules_input *input, struct lanes_impact *lanes, struct error *err)
{
    struct places_reach places = {0};
    bool broken = false;
    struct view *before = view_before(x, input->version), *after = NULL;
    bool lost = false;
    if (before == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_NO_VIEW_YET);
    enum status status = trial_compile(x, input, before, &after, err);
    int64_t from_ms = binding_from(before->rules->input, input);
    if (status == STATUS_OK) status = places_reach(x, before, after, true, from_ms, &places, err);
    for (uint32_t i = 0; status == STATUS_OK && i < places.count; i++) lost |= places.places[i].is_protected && place_lost(&places, i);
    if (lost) status = cut_off(&places, err);
    if (status == STATUS_OK) status = lanes_judge(x, before, after, false, from_ms ? from_ms : time_now_ms(), lanes, err);
    for (uint32_t i = 0; status == STATUS_OK && i < lanes->count; i++) broken |= lane_lost(&lanes->impacts[i]);
    if (broken) status = breaks(lanes, err);
    view_release(before);
    view_release(after);
    return status;
}

enum status places_guard(struct exchange *x, const struct write_actor *actor, const char *name, guarded_act *act, void *context,
                         struct error *err)
{
    struct error failed = ERROR_INIT;
    struct rules_input input;
    struct write_tx tx = {0};
    struct lanes_impact lanes;
    struct arena arena;
    bool any;
    enum status status = anything_protected(x, &lanes, &any, err);
    if (status != STATUS_OK || !any) return status;
    status = write_begin(exchange_desk(x)->writes, actor, name, &tx, err);
    if (status != STATUS_OK) return status;
    arena_init(&arena, RULES_BYTES_MAX);
    bool acted = act(context, &tx, &failed) == STATUS_OK;
    if (acted) status = load_rules_within(tx.pg, &arena, &input, err);
    write_abort(&tx);
    if (acted && status == STATUS_OK) status = compare(x, &input, &lanes, err);
    arena_clear(&arena);
    return status;
}
