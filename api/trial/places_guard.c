#include "api/trial/places_guard.h"

#include "api/desk.h"
#include "api/handlers/common.h"
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

static enum status anything_protected(struct exchange *x, bool *any, struct error *err)
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
    return status;
}

/* ---- when it binds ------------------------------------------------------------------------------------------ */

static bool zone_known(const struct rules_input *input, const struct zone *zone)
{
    for (uint32_t i = 0; i < input->zone_count; i++)
        if (strcmp(input->zones[i].id, zone->id) == 0) return input->zones[i].schedule.from_ms == zone->schedule.from_ms;
    return false;
}

static bool closure_known(const struct rules_input *input, const struct closure *closure)
{
    for (uint32_t i = 0; i < input->closure_count; i++)
        if (strcmp(input->closures[i].id, closure->id) == 0) return input->closures[i].schedule.from_ms == closure->schedule.from_ms;
    return false;
}

/* The moment from which all that is new binds; 0: it does so now. */
static int64_t binds_from(const struct rules_input *before, const struct rules_input *after)
{
    int64_t now_ms = time_now_ms(), latest_ms = 0;
    for (uint32_t i = 0; i < after->zone_count; i++) {
        int64_t from_ms = after->zones[i].schedule.from_ms;
        if (from_ms > now_ms && from_ms > latest_ms && !zone_known(before, &after->zones[i])) latest_ms = from_ms;
    }
    for (uint32_t i = 0; i < after->closure_count; i++) {
        int64_t from_ms = after->closures[i].schedule.from_ms;
        if (from_ms > now_ms && from_ms > latest_ms && !closure_known(before, &after->closures[i])) latest_ms = from_ms;
    }
    return latest_ms;
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

static enum status compare(struct exchange *x, const struct rules_input *input, struct error *err)
{
    struct places_reach places = {0};
    struct view *before = view_before(x, input->version), *after = NULL;
    bool lost = false;
    if (before == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_NO_VIEW_YET);
    enum status status = trial_compile(x, input, before, &after, err);
    if (status == STATUS_OK)
        status = places_reach(x, before, after, true, binds_from(before->rules->input, input), &places, err);
    for (uint32_t i = 0; status == STATUS_OK && i < places.count; i++) lost |= places.places[i].is_protected && place_lost(&places, i);
    if (lost) status = cut_off(&places, err);
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
    struct arena arena;
    bool any;
    enum status status = anything_protected(x, &any, err);
    if (status != STATUS_OK || !any) return status;
    status = write_begin(exchange_desk(x)->writes, actor, name, &tx, err);
    if (status != STATUS_OK) return status;
    arena_init(&arena, RULES_BYTES_MAX);
    bool acted = act(context, &tx, &failed) == STATUS_OK;
    if (acted) status = load_rules_within(tx.pg, &arena, &input, err);
    write_abort(&tx);
    if (acted && status == STATUS_OK) status = compare(x, &input, err);
    arena_clear(&arena);
    return status;
}
