#include "routing/explain/detour.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/leg_geometry.h"

#include <stdlib.h>
#include <string.h>

enum { LAYERS_MAX = 16, SEARCH_ROOM = 1 << 30 };

const char *detour_effect_code(enum detour_effect effect)
{
    static const char *const codes[] = {[DETOUR_FORBIDS] = "forbids", [DETOUR_SLOWS] = "slows",
                                        [DETOUR_INSPECTS] = "inspects", [DETOUR_WAITS] = "waits"};
    return codes[effect];
}

struct found {
    enum detour_effect effect;
    struct breach breach;
    struct point_e7 point;
};

struct detouring {
    struct constraint *c;
    const struct detour_tools *tools;
    const struct place *places;
    uint32_t place_count;
    struct found *found;
    uint32_t found_count;
    struct journey *journey; /* of the search at hand */
    const struct metric *metric; /* of the free reading: the same for every leg, whatever is set aside */
    struct arena room;           /* of one search, given back after it */
    uint32_t *settled;
    struct error *err;
};

/* ---- rules that are met --------------------------------------------------------------------------------------------------- */

static void add(struct detouring *x, enum detour_effect effect, const struct breach *b, const struct arc_use *use)
{
    for (uint32_t i = 0; i < x->found_count; i++)
        if (conflict_same(&x->found[i].breach, b)) return;
    if (x->found_count == DETOUR_FOUND_MAX) return;
    x->found[x->found_count++] = (struct found){effect, *b, leg_arc_point(x->c->n, use->arc, use->from_mm)};
}

static void add_zone(struct detouring *x, enum detour_effect effect, uint32_t zone, const struct arc_use *use)
{
    struct breach b = {.kind = constraint_zone(x->c, zone)->avoided ? CONFLICT_AVOID : CONFLICT_ZONE, .zone = zone,
                       .checkpoint = UINT32_MAX, .closure = UINT32_MAX, .road = x->c->n->arc_road[use->arc]};
    add(x, effect, &b, use);
}

static void visit(void *context, uint32_t leg, uint32_t index, const struct arc_use *use, int64_t begin_ms,
                  const struct move *m, const struct move_log *log)
{
    (void)m;
    struct detouring *x = context;
    const struct constraint *c = x->c;
    const struct rules *r = c->rules;
    const struct hop *hop = &x->journey->legs[leg].way.hops[index];
    int64_t never = TIME_OPEN;
    for (uint32_t i = 0; i < log->breach_count; i++) add(x, DETOUR_FORBIDS, &log->breaches[i], use);
    for (uint32_t i = 0; i < log->gate_count; i++) {
        const struct gate_event *gate = &log->gates[i];
        struct breach b = {.kind = CONFLICT_GATE, .zone = gate->zone, .checkpoint = gate->checkpoint,
                           .closure = UINT32_MAX, .road = c->n->arc_road[use->arc]};
        if (hop->wait_ms > 0) add(x, DETOUR_WAITS, &b, use);
        add_zone(x, DETOUR_INSPECTS, gate->zone, use);
    }
    for (uint32_t i = r->arc_first_member[use->arc]; i < r->arc_first_member[use->arc + 1]; i++) {
        const struct zone_state *z = constraint_zone(c, r->member[i].zone);
        if (!constraint_binds(c, z) || constraint_zone_lifted(c, r->member[i].zone) || z->kind != RULE_CAUTION || z->slow_permille <= 1000) continue;
        if (force_at(&constraint_force(c, z)->force, begin_ms, &never)) add_zone(x, DETOUR_SLOWS, r->member[i].zone, use);
    }
    for (uint32_t i = r->arc_first_closure[use->arc]; i < r->arc_first_closure[use->arc + 1]; i++) {
        uint32_t id = r->arc_closure[i];
        const struct rule_force *s = constraint_closure(c, id);
        if (!s || c->input->closures[id].action != CLOSURE_SPEED) continue;
        struct breach b = {.kind = CONFLICT_CLOSURE, .zone = UINT32_MAX, .checkpoint = UINT32_MAX, .closure = id,
                           .road = c->n->arc_road[use->arc]};
        if (force_at(&s->force, begin_ms, &never)) add(x, DETOUR_SLOWS, &b, use);
    }
}

/* What forbids a call there at that time. */
static void visit_call(struct detouring *x, const struct place *place, int64_t from_ms, int64_t until_ms)
{
    int64_t never = TIME_OPEN;
    struct breach b;
    if (constraint_call_open(x->c, place->at, false, from_ms, until_ms, &never, &b)) return;
    struct arc_use at = {.arc = x->c->g->node_arc[place->states[0].node], .from_mm = place->states[0].offset_mm};
    add(x, DETOUR_FORBIDS, &b, &at);
}

static void meet(struct detouring *x, struct journey *j, enum move_reading reading)
{
    struct journey_visitor visitor = {visit, x};
    uint64_t cost;
    bool lawful;
    x->journey = j;
    journey_replay(x->c, x->places, j, reading, &visitor, &cost, &lawful);
    for (uint32_t k = 0; k <= j->leg_count; k++) {
        int64_t at = k ? j->legs[k - 1].arrive_ms : j->legs[0].begin_ms;
        visit_call(x, &x->places[k], at, at + (k > 0 && k < j->leg_count ? x->places[k].call->service_ms : 0));
    }
}

/* ---- measuring ---------------------------------------------------------------------------------------------------------------- */

static void measure_hop(void *context, uint32_t leg, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                        const struct move *m, const struct move_log *log)
{
    (void)leg, (void)hop, (void)use, (void)begin_ms, (void)log;
    *(uint64_t *)context += m->length_mm;
}

static struct detour_measure measure(struct constraint *c, const struct place *places, struct journey *j)
{
    struct detour_measure m = {0};
    struct journey_visitor visitor = {measure_hop, &m.distance_mm};
    bool lawful;
    journey_replay(c, places, j, MOVE_EXACT, &visitor, &m.cost, &lawful);
    m.duration_ms = (uint64_t)(j->legs[j->leg_count - 1].arrive_ms - c->depart_ms);
    return m;
}

static enum status metric_known(void *context, const struct constraint *c, const struct metric **out, struct error *err)
{
    (void)c, (void)err;
    const struct detouring *x = context;
    *out = x->metric;
    return STATUS_OK;
}

/* The best journey as things are set aside now. The lawful one remains lawful; it is the better where an earlier arrival
 * would have to drive in circles until a gate opens (SEARCH_DAWDLE_MS). */
static enum status search(struct detouring *x, const struct detour_measure *lawful, struct detour_measure *out)
{
    bool late;
    struct metric_source known = {.get = metric_known, .context = x, .free = true};
    struct arena *before = x->c->arena;
    x->c->arena = &x->room;
    enum status status = journey_search(x->c, x->tools->search, &known, x->places, x->place_count, x->tools->budget,
                                        x->settled, x->journey, &late, x->err);
    *out = *lawful;
    if (status == STATUS_OK && x->journey->cost < lawful->cost) *out = measure(x->c, x->places, x->journey);
    x->c->arena = before;
    arena_reset(&x->room);
    return status;
}

static void lift_all(struct detouring *x, uint32_t count, uint32_t but)
{
    conflict_restore(x->c);
    for (uint32_t i = 0; i < count; i++)
        if (i != but) conflict_lift(x->c, &x->found[i].breach, true);
}

static int64_t gain(const struct detour *d, const struct detour_rule *r)
{
    return (int64_t)(d->lawful.cost - r->without.cost);
}

static int64_t burden(const struct detour *d, const struct detour_rule *r)
{
    return (int64_t)(r->only.cost - d->together.cost);
}

/* Dearest first: by what setting it aside gains, then by what it costs alone; otherwise as they are met. */
static void sort(const struct detour *d, struct detour_rule *rules)
{
    for (uint32_t i = 1; i < d->rule_count; i++) {
        struct detour_rule r = rules[i];
        uint32_t k = i;
        for (; k > 0; k--) {
            int64_t a = gain(d, &rules[k - 1]), b = gain(d, &r);
            if (a > b || (a == b && burden(d, &rules[k - 1]) >= burden(d, &r))) break;
            rules[k] = rules[k - 1];
        }
        rules[k] = r;
    }
}

static enum status weigh(struct detouring *x, struct arena *arena, struct detour *d)
{
    uint32_t count = x->found_count < DETOUR_RULES_MAX ? x->found_count : DETOUR_RULES_MAX;
    struct detour_rule *rules = arena_zero(arena, count + 1, sizeof *rules);
    if (!rules) return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    d->found = x->found_count;
    d->rule_count = count;
    d->rules = rules;
    lift_all(x, count, UINT32_MAX);
    enum status status = search(x, &d->lawful, &d->together);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct found *f = &x->found[i];
        rules[i] = (struct detour_rule){.effect = f->effect, .breach = f->breach,
                                        .conflict = conflict_of(x->c, &f->breach, f->point)};
        conflict_restore(x->c);
        conflict_lift(x->c, &f->breach, true);
        if ((status = search(x, &d->lawful, &rules[i].without)) != STATUS_OK) break;
        lift_all(x, count, i);
        status = search(x, &d->lawful, &rules[i].only);
    }
    conflict_restore(x->c);
    if (status == STATUS_OK) sort(d, rules);
    return status;
}

/* ---- the unrestricted journey ----------------------------------------------------------------------------------------------- */

static enum status unrestricted(struct detouring *x, struct constraint *open, struct journey *j)
{
    const struct metric_source *metrics = x->tools->free_metrics;
    enum status status = constraint_free_reading(x->c, open, x->err);
    if (status == STATUS_OK) status = metrics->get(metrics->context, open, &x->metric, x->err);
    if (status == STATUS_OK)
        status = journey_loose(open, x->tools->query, x->tools->free_metrics, x->places, x->place_count, j, x->err);
    if (status == STATUS_OK && j->cost == UINT64_MAX) {
        status = error_set(x->err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        error_log(x->err, "detour: a lawful way, but none without rules");
    }
    return status;
}

static enum status plan_take(struct detouring *x, struct constraint *open, struct journey *j, struct arena *arena,
                             struct detour *d)
{
    struct plan *plan;
    enum status status = plan_build(open, &x->tools->plan, x->places, x->place_count, j, MOVE_EXACT, arena, &plan, x->err);
    if (status != STATUS_OK) return status;
    struct conflict *broken = arena_zero(arena, d->rule_count + 1, sizeof *broken);
    if (!broken) return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    plan->issuable = false;
    plan->violations = broken;
    for (uint32_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].effect == DETOUR_FORBIDS) broken[plan->violation_count++] = d->rules[i].conflict;
    d->plan = plan;
    return STATUS_OK;
}

enum status detour_find(struct constraint *c, const struct detour_tools *tools, const struct place *places,
                        uint32_t place_count, struct journey *lawful, struct arena *arena, struct detour *detour,
                        uint32_t *settled, struct error *err)
{
    struct detouring x = {.c = c, .tools = tools, .places = places, .place_count = place_count, .settled = settled,
                          .err = err};
    struct constraint *open = arena_zero(c->arena, 1, sizeof *open);
    struct journey *way = arena_zero(c->arena, 1, sizeof *way), *tried = arena_zero(c->arena, 1, sizeof *tried);
    x.found = arena_zero(c->arena, DETOUR_FOUND_MAX, sizeof *x.found);
    *detour = (struct detour){0};
    if (!open || !way || !tried || !x.found) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = unrestricted(&x, open, way);
    if (status != STATUS_OK) return status;
    detour->lawful = measure(c, places, lawful);
    detour->unrestricted = measure(open, places, way);
    for (uint32_t round = 0, before = UINT32_MAX; round < LAYERS_MAX && x.found_count != before; round++) {
        before = x.found_count; /* a gate set aside may show a second rule behind it */
        lift_all(&x, before < DETOUR_RULES_MAX ? before : DETOUR_RULES_MAX, UINT32_MAX);
        meet(&x, way, MOVE_RELAX);
    }
    conflict_restore(c);
    meet(&x, lawful, MOVE_EXACT);
    x.journey = tried;
    arena_init(&x.room, SEARCH_ROOM);
    status = weigh(&x, arena, detour);
    arena_clear(&x.room);
    return status == STATUS_OK ? plan_take(&x, open, way, arena, detour) : status;
}
