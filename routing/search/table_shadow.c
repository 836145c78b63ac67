#include "routing/search/table_shadow.h"

#include "routing/hierarchy/potential.h"
#include "routing/search/heap.h"
#include "routing/search/table_ends.h"
#include "routing/search/table_label.h"

#include <stdlib.h>

enum { STARTS_MAX = 2, LOOK_EVERY = 4096 /* nodes, then whether anybody still waits */ };

/* A node in a shadow. */
struct inside {
    arc_node node;
    uint32_t shadow;
    bool settled;
    struct table_label at; /* the first label, if that is known */
    uint64_t vague;        /* what some label, of which no more is known, costs at least; UINT64_MAX: there is none */
};

struct table_shadow {
    const struct base *base;
    struct table_row row;
    const struct constraint *c;
    uint32_t *inside_of; /* [node_count] index + 1, 0: in no shadow that is known */
    struct inside *insides;
    uint32_t inside_count, inside_capacity;
    bool *told; /* [shadow] all that can be said of it is known */
    uint32_t shadow_count, shadow_capacity;
    bool vague; /* something in some shadow of the row */
    struct heap heap;
    /* the source's own arcs, which are used in part */
    bool started;
    struct arc_use start_use[STARTS_MAX];
    struct table_label start[STARTS_MAX];
    /* when one can first be at a place */
    struct potential *soonest;
    struct table_ends from;
    bool measured;
};

enum status table_shadow_new(const struct base *base, struct table_shadow **out, struct error *err)
{
    struct table_shadow *s = calloc(1, sizeof *s);
    if (s) s->inside_of = calloc((size_t)base->turns.node_count + 1, sizeof *s->inside_of);
    if (!s || !s->inside_of) {
        table_shadow_free(s);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    s->base = base;
    *out = s;
    return STATUS_OK;
}

void table_shadow_free(struct table_shadow *s)
{
    if (!s) return;
    free(s->inside_of);
    free(s->insides);
    free(s->told);
    heap_clear(&s->heap);
    potential_free(s->soonest);
    table_ends_clear(&s->from);
    free(s);
}

void table_shadow_begin(struct table_shadow *s, const struct table_row *row)
{
    for (uint32_t i = 0; i < s->inside_count; i++) s->inside_of[s->insides[i].node] = 0;
    s->inside_count = s->shadow_count = 0;
    s->row = *row;
    s->c = row->c;
    s->started = s->measured = s->vague = false;
}

static bool by_time(const struct table_shadow *s)
{
    return s->c->request->prefer == PREFER_TIME;
}

static bool forbidden(const struct table_shadow *s, turn_id turn)
{
    return s->c->g->forbidden_to[turn] & s->c->subject;
}

/* ---- moves ----------------------------------------------------------------------------------------------------------- */

/* The moment before which nobody can be at the end of a node's arc. */
static enum status soonest_at(struct table_shadow *s, arc_node node, int64_t *at_ms, struct error *err)
{
    enum status status = STATUS_OK;
    *at_ms = s->c->depart_ms;
    if (!s->row.time) return STATUS_OK;
    if (!s->soonest && (status = potential_new(s->base->hierarchy, &s->soonest, err)) != STATUS_OK) return status;
    if (!s->measured) {
        s->measured = true;
        table_ends_reset(&s->from);
        if ((status = table_ends_leave(&s->from, s->row.by_time, s->row.source, err)) != STATUS_OK) return status;
        potential_reset_from(s->soonest, s->row.time);
        for (uint32_t e = 0; e < s->from.count; e++) potential_target(s->soonest, s->from.node[e], s->from.initial[e]);
    }
    *at_ms += potential_get(s->soonest, node); /* far off where there is no way */
    return STATUS_OK;
}

/* The first label after a move from the first label `u`; what else may come by it costs at least `*vague`. */
static enum status drive(struct table_shadow *s, const struct table_label *u, arc_node from, const struct table_ride *ride,
                         struct table_label *v, uint64_t *vague, struct error *err)
{
    int64_t limit, soonest;
    table_ride_first(s->c, ride, u, v, &limit);
    const struct table_label first = *v;
    *vague = table_ride_others(s->c, ride, u, limit, s->c->depart_ms, v);
    if (*vague == UINT64_MAX || by_time(s)) return STATUS_OK;
    enum status status = soonest_at(s, from, &soonest, err);
    if (status != STATUS_OK || soonest == s->c->depart_ms) return status;
    *v = first;
    *vague = table_ride_others(s->c, ride, u, limit, soonest, v);
    return STATUS_OK;
}

/* ---- which arcs ------------------------------------------------------------------------------------------------------ */

/* What is known at the end of a node's arc from outside of the shadow at hand. */
struct outside {
    bool dark, told;
    struct table_label at;
    uint64_t vague;
};

static enum status look_outside(struct table_shadow *s, arc_node node, struct outside *out, struct error *err)
{
    const struct inside *in = s->inside_of[node] ? &s->insides[s->inside_of[node] - 1] : NULL;
    const struct tree_slot *slot = NULL;
    *out = (struct outside){.dark = true, .told = true, .at.cost = UINT64_MAX, .vague = UINT64_MAX};
    if (in && in->shadow == s->shadow_count) return STATUS_OK;
    if (in) {
        out->dark = false;
        out->told = s->told[in->shadow];
        out->at = in->at;
        out->vague = in->vague;
        return STATUS_OK;
    }
    enum status status = table_tree_slot(s->row.tree, node, &slot, err);
    if (status != STATUS_OK) return status;
    if (!slot) {
        out->dark = !s->row.whole; /* else there is no way at all */
        return STATUS_OK;
    }
    if (!slot->lawful || slot->arrive_ms > s->c->loose_until_ms) return STATUS_OK;
    /* another way at the same cost may be there sooner, or the same after a wait: they are looked at one by one */
    if (!by_time(s) && (slot->unsure || slot->cut)) return STATUS_OK;
    const int64_t ms = slot->arrive_ms - s->c->depart_ms;
    out->dark = false;
    out->at = (struct table_label){.cost = by_time(s) ? (uint64_t)ms : slot->cost, .length_mm = slot->length_mm, .lo_ms = slot->arrive_ms,
                                   .hi_ms = slot->hi_ms, .moved_ms = ms, .till_ms = slot->till_ms, .sure = !slot->unsure && !slot->even};
    return STATUS_OK;
}

static bool room_for(void *array, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) return true;
    uint32_t wanted = *capacity ? 2 * *capacity : 256;
    void *more = realloc(*(void **)array, wanted * size);
    if (!more) return false;
    *(void **)array = more;
    *capacity = wanted;
    return true;
}

/* All that leads to a node: what is in the dark joins the shadow. */
static enum status look_behind(struct table_shadow *s, arc_node node, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1] && *told; i++) {
        arc_node tail = g->tail[i];
        struct outside out;
        if (forbidden(s, g->in_turn[i])) continue;
        enum status status = look_outside(s, tail, &out, err);
        if (status != STATUS_OK) return status;
        *told = out.told;
        if (!out.dark || s->inside_of[tail]) continue;
        if (!room_for(&s->insides, s->inside_count, &s->inside_capacity, sizeof *s->insides))
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        s->insides[s->inside_count++] = (struct inside){.node = tail, .shadow = s->shadow_count, .at.cost = UINT64_MAX, .vague = UINT64_MAX};
        s->inside_of[tail] = s->inside_count;
    }
    return STATUS_OK;
}

/* ---- what one comes there by ----------------------------------------------------------------------------------------- */

static enum status queue(struct table_shadow *s, const struct inside *in, uint64_t cost, struct error *err)
{
    return heap_push(&s->heap, (struct heap_item){cost, in->node}) ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* A way to a node. What is settled already costs less, but for moves that cost nothing. */
static enum status arrive(struct table_shadow *s, struct inside *in, const struct table_label *label, uint64_t vague, bool *told, struct error *err)
{
    enum status status = STATUS_OK;
    const uint64_t first = in->at.cost < in->vague ? in->at.cost : in->vague;
    if (in->settled && (label->cost <= first || vague <= first)) *told = false;
    if (in->settled) return STATUS_OK;
    if (table_label_take(&in->at, label)) status = queue(s, in, label->cost, err);
    if (vague < in->vague) {
        in->vague = vague;
        s->vague = true;
        if (status == STATUS_OK) status = queue(s, in, vague, err);
    }
    return status;
}

/* The move from the end of a node's arc to that of another, which is in the shadow. */
static enum status reach(struct table_shadow *s, arc_node from, const struct table_label *at, uint64_t vague, turn_id turn, struct inside *in,
                         bool *told, struct error *err)
{
    const struct arc_use before = arc_use_whole(s->c->n, s->c->g->node_arc[from]);
    const struct table_ride ride = {.before = &before, .turn = turn, .use = arc_use_whole(s->c->n, s->c->g->node_arc[in->node]),
                                    .least = s->row.whole ? s->row.metric->edge[turn] : 0};
    struct table_label after = {.cost = UINT64_MAX};
    if (vague <= at->cost) { /* vague, or nothing */
        const weight least = s->row.metric->edge[turn];
        return vague == UINT64_MAX || least >= WEIGHT_INFINITY ? STATUS_OK : arrive(s, in, &after, vague + least, told, err);
    }
    enum status status = drive(s, at, from, &ride, &after, &vague, err);
    return status == STATUS_OK ? arrive(s, in, &after, vague, told, err) : status;
}

/* From the source's own arcs. */
static enum status start(struct table_shadow *s, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    const struct place *source = s->row.source;
    const int64_t latest = s->c->depart_ms + s->c->request->max_wait_ms;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < source->start_count && !s->started; i++) {
        const struct leg_seed seed = {.node = source->starts[i].node, .offset_mm = source->starts[i].offset_mm};
        const struct table_label here = {.lo_ms = s->c->depart_ms, .hi_ms = s->c->depart_ms, .till_ms = s->c->depart_ms, .sure = true};
        const struct table_ride ride = {.use = leg_first_use(s->c, &seed), .leaves = &source->at};
        int64_t limit;
        s->start_use[i] = ride.use;
        table_ride_first(s->c, &ride, &here, &s->start[i], &limit);
    }
    s->started = true;
    for (uint32_t i = 0; i < source->start_count; i++) {
        const arc_node node = source->starts[i].node;
        if (s->start[i].cost == UINT64_MAX) continue;
        for (turn_id turn = g->first_out[node]; turn < g->first_out[node + 1] && *told && status == STATUS_OK; turn++) {
            struct inside *in = s->inside_of[g->head[turn]] ? &s->insides[s->inside_of[g->head[turn]] - 1] : NULL;
            if (forbidden(s, turn) || !in || in->shadow != s->shadow_count) continue;
            const struct table_ride ride = {.before = &s->start_use[i], .turn = turn, .use = arc_use_whole(s->c->n, g->node_arc[in->node])};
            struct table_label after;
            int64_t limit;
            table_ride_first(s->c, &ride, &s->start[i], &after, &limit);
            const bool all = s->start[i].hi_ms - s->start[i].moved_ms == latest && s->start[i].lo_ms - s->start[i].moved_ms == s->c->depart_ms;
            uint64_t vague = all ? UINT64_MAX : table_ride_others(s->c, &ride, &s->start[i], limit, s->start[i].lo_ms, &after);
            status = arrive(s, in, &after, vague, told, err);
        }
    }
    return status;
}

static enum status enter(struct table_shadow *s, struct inside *in, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    enum status status = STATUS_OK;
    for (uint32_t i = g->first_in[in->node]; i < g->first_in[in->node + 1] && *told && status == STATUS_OK; i++) {
        struct outside out;
        if (forbidden(s, g->in_turn[i])) continue;
        if ((status = look_outside(s, g->tail[i], &out, err)) != STATUS_OK) return status;
        *told = out.told;
        if (out.told && !out.dark) status = reach(s, g->tail[i], &out.at, out.vague, g->in_turn[i], in, told, err);
    }
    return status;
}

static enum status spread(struct table_shadow *s, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    enum status status = STATUS_OK;
    while (s->heap.count > 0 && *told && status == STATUS_OK) {
        struct inside *in = &s->insides[s->inside_of[heap_pop(&s->heap).node] - 1];
        if (in->settled) continue;
        in->settled = true;
        for (turn_id turn = g->first_out[in->node]; turn < g->first_out[in->node + 1] && *told && status == STATUS_OK; turn++) {
            uint32_t index = s->inside_of[g->head[turn]];
            if (forbidden(s, turn) || !index || s->insides[index - 1].shadow != in->shadow) continue;
            status = reach(s, in->node, &in->at, in->vague, turn, &s->insides[index - 1], told, err);
        }
    }
    s->heap.count = 0;
    return status;
}

static bool given_up(const struct table_shadow *s)
{
    const bool *flag = s->c->request->cancelled;
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/* The shadow around a place, if it is not known yet. */
static enum status shadow_of(struct table_shadow *s, const struct place *place, bool *told, struct error *err)
{
    uint32_t first = s->inside_count, done = first;
    enum status status = STATUS_OK;
    *told = true;
    if (!room_for(&s->told, s->shadow_count, &s->shadow_capacity, sizeof *s->told)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t k = 0; k < place->state_count && *told && status == STATUS_OK; k++)
        status = look_behind(s, place->states[k].node, told, err);
    for (; done < s->inside_count && *told && status == STATUS_OK; done++) {
        status = look_behind(s, s->insides[done].node, told, err);
        if (s->inside_count > s->row.arcs_max) *told = false;
        if ((done - first) % LOOK_EVERY == LOOK_EVERY - 1 && given_up(s)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
    }
    if (*told && status == STATUS_OK && s->inside_count > first) status = start(s, told, err);
    for (uint32_t i = first; i < s->inside_count && *told && status == STATUS_OK; i++) status = enter(s, &s->insides[i], told, err);
    if (status == STATUS_OK) status = spread(s, told, err);
    s->told[s->shadow_count++] = *told;
    return status;
}

/* ---- cells ----------------------------------------------------------------------------------------------------------- */

static void decide(const struct table_shadow *s, const struct table_label *best, uint64_t vague, struct table_cell *cell)
{
    if (vague != UINT64_MAX && vague <= best->cost) return;
    /* What is vague is bounded by the loose reading, as long as that lasts. */
    if (s->vague && !s->row.whole && (best->cost == UINT64_MAX || best->lo_ms > s->c->loose_until_ms)) return;
    if (best->cost == UINT64_MAX) {
        cell->verdict = TABLE_REFUTED;
        return;
    }
    if (!by_time(s) && best->lo_ms > s->c->loose_until_ms) return;
    if (cell->verdict == TABLE_TIED && best->cost == cell->cost) return; /* the planner has its own choice among those */
    const bool told = s->c->request->prefer == PREFER_DISTANCE && s->c->unit_mm == 1; /* the cost is its length, and how soon it is there is known */
    /* with leave to wait a first label is an interval, and which of the ways within it the route takes is the planner's to say */
    if ((!best->sure && !told) || s->c->request->max_wait_ms > 0) {
        cell->verdict = TABLE_TIED;
        return;
    }
    cell->verdict = TABLE_LAWFUL;
    cell->duration_ms = (uint32_t)(best->lo_ms - s->c->depart_ms);
    cell->cost = best->cost;
    cell->length_mm = best->length_mm;
}

enum status table_shadow_cell(struct table_shadow *s, const struct place *place, struct table_cell *cell, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    struct table_label best = {.cost = UINT64_MAX};
    uint64_t vague = UINT64_MAX;
    bool told;
    enum status status = shadow_of(s, place, &told, err);
    for (uint32_t k = 0; k < place->state_count && told && status == STATUS_OK; k++) {
        arc_node node = place->states[k].node;
        for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1] && told && status == STATUS_OK; i++) {
            struct outside out;
            struct table_label after;
            uint64_t others;
            if (forbidden(s, g->in_turn[i])) continue;
            if ((status = look_outside(s, g->tail[i], &out, err)) != STATUS_OK) break;
            told = out.told;
            if (out.vague < vague && out.vague <= out.at.cost) vague = out.vague;
            if (!told || out.vague <= out.at.cost) continue; /* vague, or nothing comes there */
            const struct arc_use before = arc_use_whole(s->c->n, g->node_arc[g->tail[i]]);
            const struct table_ride last = {.before = &before, .turn = g->in_turn[i], .use = leg_last_use(s->c, &place->states[k]), .ends = &place->at};
            status = drive(s, &out.at, g->tail[i], &last, &after, &others, err);
            if (status != STATUS_OK) break;
            (void)table_label_take(&best, &after);
            if (others < vague) vague = others;
        }
    }
    if (status == STATUS_OK && told) decide(s, &best, vague, cell);
    return status;
}
