#include "routing/planner/metric_supply.h"

#include "routing/constraint/loose.h"
#include "routing/hierarchy/pages.h"

#include <stdlib.h>
#include <string.h>

/* A search meanwhile may settle so many arcs of the network, then it waits: what it takes is to be little beside a
 * customization. */
enum { MEANWHILE_SHARE = 4 };

void metric_supply_clear(struct metric_supply *s)
{
    metric_supply_done(s);
    loose_room_clear(&s->room);
    guided_free(s->guided);
}

void metric_supply_begin(struct metric_supply *s, const struct view *view, bool quick)
{
    s->view = view;
    s->quick = quick;
    s->budget = s->base->turns.node_count / MEANWHILE_SHARE;
    s->meanwhile = s->waited = false;
}

void metric_supply_done(struct metric_supply *s)
{
    for (uint32_t i = 0; i < s->metric_count; i++) shared_metric_release(s->metrics[i]);
    s->metric_count = 0;
    metric_making_release(s->making);
    s->making = NULL;
    metric_supply_forget(s);
}

void metric_supply_forget(struct metric_supply *s)
{
    s->signature = NULL;
}

void metric_supply_thin(struct metric_supply *s)
{
    for (uint32_t m = 0; m + 1 < s->metric_count; m++) shared_metric_release(s->metrics[m]);
    if (s->metric_count > 1) s->metrics[0] = s->metrics[s->metric_count - 1], s->metric_count = 1;
}

static const struct metric *last_with(const struct metric_supply *s, const void *signature, size_t size)
{
    if (!s->signature || s->signature_size != size || memcmp(s->signature, signature, size) != 0) return NULL;
    return s->metrics[s->metric_count - 1]->metric;
}

static const struct metric *keep(struct metric_supply *s, const void *signature, size_t size, struct shared_metric *shared)
{
    if (s->metric_count == METRIC_SUPPLY_MAX) {
        for (uint32_t i = 0; i < s->metric_count; i++) shared_metric_release(s->metrics[i]);
        s->metric_count = 0;
    }
    s->metrics[s->metric_count++] = shared;
    s->signature = signature;
    s->signature_size = size;
    return shared->metric;
}

/* The metric, or it in the making. Exactly one of the two is set when OK. */
static enum status look(struct metric_supply *s, const struct constraint *c, const void *signature, size_t size,
                        struct shared_metric **shared, struct metric_making **making, struct error *err)
{
    const struct turn_graph *g = &s->base->turns;
    *making = NULL;
    *shared = metric_cache_find(s->view->metrics, signature, size);
    if (*shared) return STATUS_OK;
    if (s->quick) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    *making = s->making && metric_making_is(s->making, signature, size)
                  ? metric_making_get(s->making)
                  : metric_making_find(s->view->makings, signature, size);
    if (*making) return STATUS_OK;
    weight *weights = pages_take((size_t)g->turn_count + 1, sizeof *weights); /* to be filled: by small pages that is half of the time */
    if (!weights) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = loose_make(&s->room, s->view->bare, c, loose_limits_of(c->n), weights, err);
    if (status != STATUS_OK) {
        free(weights);
        return status;
    }
    return metric_making_begin(s->view->makings, s->base->hierarchy, signature, size, weights, shared, making, err);
}

enum status metric_supply_get(void *context, const struct constraint *c, const struct metric **out, struct error *err)
{
    struct metric_supply *s = context;
    size_t size;
    const void *signature = loose_signature(c, &size);
    if (!signature) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *out = last_with(s, signature, size);
    if (*out) return STATUS_OK;
    struct shared_metric *shared;
    struct metric_making *making;
    enum status status = look(s, c, signature, size, &shared, &making, err);
    if (status != STATUS_OK) return status;
    if (making) {
        s->waited = true;
        status = metric_making_finish(making, &shared, err);
        metric_making_release(making);
        if (status != STATUS_OK) return status;
    }
    *out = keep(s, signature, size, shared);
    return STATUS_OK;
}

enum status metric_supply_get_free(void *context, const struct constraint *c, const struct metric **out, struct error *err)
{
    struct constraint free_reading;
    enum status status = constraint_free_reading(c, &free_reading, err);
    if (status != STATUS_OK) return status;
    return metric_supply_get(context, &free_reading, out, err);
}

/* ---- meanwhile ------------------------------------------------------------------------------------------------------------ */

static enum status guided_make(struct metric_supply *s, struct error *err)
{
    const struct turn_graph *g = &s->base->turns;
    const struct guided_graph graph = {g->first_out, g->head, g->first_in, g->tail, g->in_turn};
    return s->guided ? STATUS_OK : guided_new(s->base->hierarchy, &graph, &s->guided, err);
}

/* Whether another thread makes it. */
static bool made_elsewhere(struct metric_supply *s, struct metric_making *making)
{
    enum metric_making_hand hand = metric_making_hand(making);
    if (hand == METRIC_MAKING_YOURS && !s->maker.begin(s->maker.context, s->view, making)) {
        metric_making_take_back(making);
        return false;
    }
    return hand != METRIC_MAKING_FULL;
}

enum status metric_supply_meanwhile(void *context, const struct constraint *c, const struct metric **out,
                                    struct leg_guide *guide, struct error *err)
{
    struct metric_supply *s = context;
    const struct metric *free = NULL;
    size_t size;
    if (!s->quick && s->maker.begin && s->budget > 0) free = s->maker.guide(s->maker.context, c->request->prefer);
    if (!free) return metric_supply_get(s, c, out, err);
    const void *signature = loose_signature(c, &size);
    if (!signature) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *out = last_with(s, signature, size);
    if (*out) return STATUS_OK;
    struct shared_metric *shared;
    struct metric_making *making;
    enum status status = look(s, c, signature, size, &shared, &making, err);
    if (status != STATUS_OK) return status;
    if (shared) {
        *out = keep(s, signature, size, shared);
        return STATUS_OK;
    }
    metric_making_release(s->making);
    s->making = making;
    if (!made_elsewhere(s, making)) return metric_supply_get(s, c, out, err);
    status = guided_make(s, err);
    if (status == STATUS_OK) *guide = (struct leg_guide){s->guided, free, metric_making_weights(making), &s->budget};
    s->meanwhile = true;
    return status;
}

void metric_supply_answered(struct metric_supply *s)
{
    if (s->meanwhile && !s->waited && s->maker.answered) s->maker.answered(s->maker.context);
}
