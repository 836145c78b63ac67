#include "routing/search/reach.h"

#include "routing/search/heap.h"

#include <stdlib.h>
#include <string.h>

enum { CLASS_ZONES_MAX = 14, CHANGES_MAX = 64, PARTS_MAX = 1 << 26, ENTRIES_MAX = 1 << 24 };

struct label {
    uint64_t cost;   /* ms since the departure, or mm */
    int64_t at_ms;   /* the moment */
};

/* What a position opens to a leg that ends there, beyond what the origin opens. All zero: nothing. */
struct class_key {
    uint32_t piece, zone_count, zones[CLASS_ZONES_MAX];
};

/* A stretch of an arc whose positions are of one class. */
struct entry {
    struct class_key key;
    arc_id arc;
    uint32_t from_mm, to_mm;
};

struct first {
    struct leg_seed seed;
    struct label label; /* at the end of its arc; cost UINT64_MAX: not reached */
};

struct parts {
    struct reach_part *items;
    size_t count, capacity;
};

struct reach {
    struct constraint *c;
    bool by_distance, exact, memory_out, too_many;
    uint64_t most;          /* the largest limit */
    int64_t horizon_ms;
    uint32_t budget, settled;
    struct road_position from;
    struct class_key origin; /* what the origin opens */
    struct label *base, *over;
    uint32_t *stamp;        /* [node] label in `over` is of this search */
    uint8_t *based;         /* [node] there is one in `base` */
    uint8_t *touched;       /* [arc] some move led here in the first search */
    uint32_t generation;    /* 0: the first search, which fills `base` */
    struct heap heap;
    struct first firsts[2];
    uint32_t first_count;
    struct entry *entries;
    size_t entry_count, entry_capacity;
    arc_id *piece_arcs;     /* by piece */
    uint32_t *piece_first;
    struct reach_answer *answer;
    struct parts parts[REACH_CONTOURS_MAX];
};

/* Room for one more; false when memory is out. */
static bool room(void **items, size_t count, size_t *capacity, size_t size, size_t max)
{
    if (count < *capacity) return true;
    size_t more = *capacity ? 2 * *capacity : 1024;
    void *grown = count < max ? realloc(*items, more * size) : NULL;
    if (!grown) return false;
    *items = grown;
    *capacity = more;
    return true;
}

/* ---- labels --------------------------------------------------------------------------------------------------------- */

static const struct label *label_get(const struct reach *r, arc_node v)
{
    if (r->generation > 0 && r->stamp[v] == r->generation) return &r->over[v];
    return r->based[v] ? &r->base[v] : NULL;
}

static void label_offer(struct reach *r, arc_node v, struct label l)
{
    const struct label *known = label_get(r, v);
    if (l.cost > r->most) return;
    if (known && (known->cost < l.cost || (known->cost == l.cost && known->at_ms <= l.at_ms))) return;
    if (r->generation > 0) {
        r->over[v] = l;
        r->stamp[v] = r->generation;
    } else {
        r->base[v] = l;
        r->based[v] = 1;
    }
    if (!heap_push(&r->heap, (struct heap_item){l.cost, v})) r->memory_out = true;
}

/* A move from a label; false when a rule forbids it. */
static bool move_make(struct reach *r, const struct arc_use *u, const struct label *from, turn_id turn,
                      const struct arc_use *v, struct label *to)
{
    struct move m;
    bool open = passage_move(r->c, u, turn, v, from->at_ms, MOVE_EXACT, &m, NULL);
    if (m.change_ms <= r->horizon_ms) r->exact = false;
    to->at_ms = m.arrive_ms;
    to->cost = r->by_distance ? from->cost + m.length_mm : (uint64_t)(m.arrive_ms - r->c->depart_ms);
    return open;
}

static void relax(struct reach *r, arc_node u, const struct arc_use *use, const struct label *from)
{
    const struct turn_graph *g = r->c->g;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++) {
        if (g->forbidden_to[t] & r->c->subject) continue;
        struct arc_use whole = arc_use_whole(r->c->n, g->node_arc[g->head[t]]);
        struct label to;
        if (r->generation == 0) r->touched[whole.arc] = 1;
        if (move_make(r, use, from, t, &whole, &to)) label_offer(r, g->head[t], to);
    }
}

/* The first arcs, from the origin to their ends. */
static void begin(struct reach *r)
{
    const struct constraint *c = r->c;
    for (uint32_t i = 0; i < r->first_count; i++) {
        struct first *f = &r->firsts[i];
        struct arc_use use = leg_first_use(c, &f->seed);
        struct label start = {0, c->depart_ms};
        int64_t change = TIME_OPEN;
        bool open = constraint_call_open(c, r->from, false, c->depart_ms, c->depart_ms, &change, NULL);
        if (change <= r->horizon_ms) r->exact = false;
        f->label.cost = UINT64_MAX;
        if (r->generation == 0) r->touched[use.arc] = 1;
        if (!open || !move_make(r, NULL, &start, 0, &use, &f->label)) f->label.cost = UINT64_MAX;
        if (f->label.cost <= r->most) relax(r, f->seed.node, &use, &f->label);
    }
}

static enum status search(struct reach *r, struct error *err)
{
    const struct constraint *c = r->c;
    while (r->heap.count > 0 && !r->memory_out) {
        struct heap_item top = heap_pop(&r->heap);
        struct label l = *label_get(r, top.node);
        if (l.cost != top.cost) continue;
        if (++r->settled > r->budget)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, r->budget);
        if (r->settled % 1024 == 0 && c->request->cancelled && __atomic_load_n(c->request->cancelled, __ATOMIC_RELAXED))
            return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        struct arc_use whole = arc_use_whole(c->n, c->g->node_arc[top.node]);
        relax(r, top.node, &whole, &l);
    }
    return r->memory_out ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : STATUS_OK;
}

/* ---- classes -------------------------------------------------------------------------------------------------------- */

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static struct road_position position(const struct network *n, arc_id a, uint32_t offset_mm)
{
    road_index road = n->arc_road[a];
    return (struct road_position){road, n->arc_reversed[a] ? n->road_length_mm[road] - offset_mm : offset_mm};
}

/* The class of a position; leaves the constraint set to a leg that ends there. */
static struct class_key class_of(struct reach *r, struct road_position at)
{
    struct constraint *c = r->c;
    struct class_key key = {0};
    constraint_leg(c, r->from, at);
    if (c->piece_to != c->piece_from) key.piece = c->piece_to;
    for (uint32_t i = 0; i < c->leg_zone_count; i++) {
        bool known = false;
        for (uint32_t k = 0; k < r->origin.zone_count; k++) known = known || r->origin.zones[k] == c->leg_zones[i];
        if (known) continue;
        if (key.zone_count == CLASS_ZONES_MAX) {
            r->too_many = true;
            break;
        }
        key.zones[key.zone_count++] = c->leg_zones[i];
    }
    qsort(key.zones, key.zone_count, sizeof *key.zones, compare_u32);
    return key;
}

/* Where the next stretch of a zone that binds begins or ends on an arc, after `at_mm`. */
static uint32_t next_border(const struct constraint *c, arc_id a, uint32_t at_mm)
{
    const struct rules *rules = c->rules;
    uint32_t next = network_arc_length_mm(c->n, a);
    for (uint32_t i = rules->arc_first_member[a]; i < rules->arc_first_member[a + 1]; i++) {
        const struct membership *m = &rules->member[i];
        if (!constraint_binds(c, constraint_zone(c, m->zone))) continue;
        for (uint32_t k = 0; k < m->stretch_count; k++) {
            const struct stretch *s = &rules->stretches[m->first_stretch + k];
            if (s->from_mm > at_mm && s->from_mm < next) next = s->from_mm;
            if (s->until_mm > at_mm && s->until_mm < next) next = s->until_mm;
        }
    }
    return next;
}

static bool key_empty(const struct class_key *key)
{
    return key->piece == 0 && key->zone_count == 0;
}

/* The stretches of an arc that open something. */
static void entries_add(struct reach *r, arc_id a)
{
    uint32_t length = network_arc_length_mm(r->c->n, a);
    for (uint32_t from = 0, to; from < length; from = to) {
        to = next_border(r->c, a, from);
        struct class_key key = class_of(r, position(r->c->n, a, from + (to - from) / 2));
        if (key_empty(&key)) continue;
        void *items = r->entries;
        if (!room(&items, r->entry_count, &r->entry_capacity, sizeof *r->entries, ENTRIES_MAX)) {
            r->memory_out = true;
            return;
        }
        r->entries = items;
        r->entries[r->entry_count++] = (struct entry){key, a, from, to};
    }
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = memcmp(&x->key, &y->key, sizeof x->key);
    if (order) return order;
    if (x->arc != y->arc) return x->arc < y->arc ? -1 : 1;
    return (x->from_mm > y->from_mm) - (x->from_mm < y->from_mm);
}

static bool pieces_sort(struct reach *r)
{
    const struct pieces *p = r->c->pieces;
    uint32_t arcs = r->c->n->arc_count, keys = r->c->n->node_count + 3; /* a piece is named by one of its nodes */
    if (!p->of_arc) return true;
    r->piece_first = calloc(keys, sizeof *r->piece_first);
    r->piece_arcs = malloc(((size_t)arcs + 1) * sizeof *r->piece_arcs);
    if (!r->piece_first || !r->piece_arcs) return false;
    for (arc_id a = 0; a < arcs; a++) r->piece_first[p->of_arc[a] + 2]++;
    for (uint32_t i = 2; i < keys; i++) r->piece_first[i] += r->piece_first[i - 1];
    for (arc_id a = 0; a < arcs; a++) r->piece_arcs[r->piece_first[p->of_arc[a] + 1]++] = a;
    return true;
}

static void entries_make(struct reach *r)
{
    const struct constraint *c = r->c;
    const struct network *n = c->n;
    for (arc_id a = 0; a < n->arc_count && !r->memory_out; a++) {
        /* a piece is that of either direction */
        bool opens = false;
        arc_id other = network_opposite(n, a);
        if (c->pieces->of_arc) opens = c->pieces->of_arc[a] || (other != NO_ARC && c->pieces->of_arc[other]);
        for (uint32_t i = c->rules->arc_first_member[a]; i < c->rules->arc_first_member[a + 1] && !opens; i++) {
            const struct zone_state *z = constraint_zone(c, c->rules->member[i].zone);
            opens = z->leg_dependent && constraint_binds(c, z);
        }
        if (opens) entries_add(r, a);
    }
    if (r->entry_count) qsort(r->entries, r->entry_count, sizeof *r->entries, compare_entries);
}

/* ---- parts ---------------------------------------------------------------------------------------------------------- */

/* A way onto an arc. */
struct entrance {
    const struct arc_use *use; /* NULL: the journey begins on the arc */
    struct label from;
    turn_id turn;
    struct arc_use on;
};

/* May the journey end there, within the limit? `at_ms` is the moment, `change_ms` when the end, not the way to it, may be
 * judged otherwise. */
static bool ends_within(struct reach *r, const struct entrance *e, uint32_t at_mm, uint64_t limit, int64_t *at_ms,
                        int64_t *change_ms)
{
    const struct constraint *c = r->c;
    struct arc_use v = e->on;
    struct move m;
    v.to_mm = at_mm;
    v.last = true;
    bool open = passage_move(c, e->use, e->turn, &v, e->from.at_ms, MOVE_EXACT, &m, NULL);
    uint64_t cost = r->by_distance ? e->from.cost + m.length_mm : (uint64_t)(m.arrive_ms - c->depart_ms);
    if (m.change_ms <= r->horizon_ms) r->exact = false;
    *at_ms = m.arrive_ms;
    *change_ms = m.end_change_ms;
    if (!open || cost > limit) return false;
    open = constraint_call_open(c, position(c->n, v.arc, at_mm), false, m.arrive_ms, m.arrive_ms, change_ms, NULL);
    if (*change_ms <= r->horizon_ms) r->exact = false;
    return open;
}

static void part_add(struct reach *r, uint32_t contour, arc_id a, uint32_t from_mm, uint32_t to_mm)
{
    struct parts *p = &r->parts[contour];
    void *items = p->items;
    if (from_mm >= to_mm) return;
    if (!room(&items, p->count, &p->capacity, sizeof *p->items, PARTS_MAX)) {
        r->memory_out = true;
        return;
    }
    p->items = items;
    p->items[p->count++] = (struct reach_part){a, from_mm, to_mm};
}

/* The last place of [low, high] where one is before `until_ms`; low if one is at none. */
static uint32_t last_before(struct reach *r, const struct entrance *e, uint32_t low, uint32_t high, uint64_t limit,
                            int64_t until_ms)
{
    int64_t at_ms, change_ms;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        (void)ends_within(r, e, middle, limit, &at_ms, &change_ms);
        if (at_ms < until_ms) low = middle;
        else high = middle - 1;
    }
    return low;
}

/* The way there stays lawful as one comes farther, but where stopping is forbidden by the hour, or a gate at the end has
 * hours, the end does not: emits the parts of (low, far) between the changes. */
static void parts_between_changes(struct reach *r, uint32_t contour, const struct entrance *e, uint32_t from_mm, uint32_t low,
                                  uint32_t far, uint64_t limit, int64_t far_ms)
{
    for (uint32_t p = low, k = 0; p <= far && k < CHANGES_MAX; k++) {
        int64_t at_ms, change_ms;
        bool open = ends_within(r, e, p, limit, &at_ms, &change_ms);
        uint32_t q = change_ms > far_ms ? far : last_before(r, e, p, far, limit, change_ms);
        if (open) part_add(r, contour, e->on.arc, p == low ? from_mm : p, q);
        p = q + 1;
    }
}

/* How far into [from_mm, to_mm], a stretch of one class, one can come; from_mm if not at all. Where the verdict on the end
 * changes meanwhile the parts are emitted here, and from_mm is returned. */
static uint32_t extent(struct reach *r, uint32_t contour, const struct entrance *e, uint32_t from_mm, uint32_t to_mm)
{
    /* positions on a border belong to either side: only those between are asked for */
    uint32_t low = from_mm + 1, high = to_mm == network_arc_length_mm(r->c->n, e->on.arc) ? to_mm : to_mm - 1, far = low;
    uint64_t limit = r->answer->contours[contour].limit;
    int64_t at_ms, far_ms, first_change_ms, change_ms;
    if (e->from.cost > limit || low > high || !ends_within(r, e, low, limit, &at_ms, &first_change_ms)) return from_mm;
    far_ms = at_ms;
    if (ends_within(r, e, high, limit, &at_ms, &change_ms)) {
        far = high;
        far_ms = at_ms;
    }
    while (far != high && high - far > 1) {
        uint32_t middle = far + (high - far) / 2;
        if (ends_within(r, e, middle, limit, &at_ms, &change_ms)) {
            far = middle;
            far_ms = at_ms;
        } else {
            high = middle;
        }
    }
    if (first_change_ms > far_ms) return far == high ? to_mm : far;
    parts_between_changes(r, contour, e, from_mm, low, far, limit, far_ms);
    return from_mm;
}

/* The farthest that any arc before it lets one come into a stretch. */
static uint32_t extent_from_before(struct reach *r, uint32_t contour, arc_node v, uint32_t from_mm, uint32_t to_mm)
{
    const struct turn_graph *g = r->c->g;
    uint32_t best = from_mm;
    for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1] && best < to_mm; i++) {
        arc_node u = g->tail[i];
        struct entrance e = {.turn = g->in_turn[i], .on = arc_use_whole(r->c->n, g->node_arc[v])};
        if (g->forbidden_to[e.turn] & r->c->subject) continue;
        const struct label *l = label_get(r, u);
        struct arc_use use = arc_use_whole(r->c->n, g->node_arc[u]);
        if (l) {
            e.use = &use;
            e.from = *l;
            uint32_t to = extent(r, contour, &e, from_mm, to_mm);
            if (to > best) best = to;
        }
        for (uint32_t k = 0; k < r->first_count; k++) {
            if (r->firsts[k].seed.node != u) continue;
            use = leg_first_use(r->c, &r->firsts[k].seed);
            e.use = &use;
            e.from = r->firsts[k].label;
            uint32_t to = extent(r, contour, &e, from_mm, to_mm);
            if (to > best) best = to;
        }
    }
    return best;
}

static void stretch_emit(struct reach *r, arc_id a, uint32_t from_mm, uint32_t to_mm)
{
    const struct turn_graph *g = r->c->g;
    for (uint32_t k = 0; k < r->answer->contour_count; k++) {
        uint32_t best = extent_from_before(r, k, a, from_mm, to_mm);
        for (uint32_t i = g->first_copy[a]; i < g->first_copy[a + 1] && best < to_mm; i++) {
            uint32_t to = extent_from_before(r, k, g->copy[i], from_mm, to_mm);
            if (to > best) best = to;
        }
        part_add(r, k, a, from_mm, best);
        for (uint32_t i = 0; i < r->first_count; i++) {
            const struct leg_seed *seed = &r->firsts[i].seed;
            if (seed->node != a || seed->offset_mm >= to_mm) continue;
            struct entrance e = {.from = {0, r->c->depart_ms}, .on = leg_first_use(r->c, seed)};
            int64_t change = TIME_OPEN;
            if (!constraint_call_open(r->c, r->from, false, r->c->depart_ms, r->c->depart_ms, &change, NULL)) continue;
            uint32_t from = seed->offset_mm > from_mm ? seed->offset_mm : from_mm;
            part_add(r, k, a, from, extent(r, k, &e, from, to_mm));
        }
    }
}

/* ---- all of it -------------------------------------------------------------------------------------------------------- */

static enum status first_search(struct reach *r, struct error *err)
{
    const struct network *n = r->c->n;
    constraint_leg(r->c, r->from, r->from);
    begin(r);
    enum status status = search(r, err);
    if (status != STATUS_OK) return status;
    for (arc_id a = 0; a < n->arc_count && !r->memory_out; a++) {
        if (!r->touched[a]) continue;
        uint32_t length = network_arc_length_mm(n, a);
        for (uint32_t from = 0, to; from < length; from = to) {
            to = next_border(r->c, a, from);
            struct class_key key = class_of(r, position(n, a, from + (to - from) / 2));
            constraint_leg(r->c, r->from, r->from);
            if (key_empty(&key)) stretch_emit(r, a, from, to);
        }
    }
    return r->memory_out ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : STATUS_OK;
}

/* Lets the labels before the arcs that a class opens go on into them. */
static void resume(struct reach *r, const arc_id *arcs, uint32_t count)
{
    const struct turn_graph *g = r->c->g;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k <= g->first_copy[arcs[i] + 1] - g->first_copy[arcs[i]]; k++) {
            arc_node v = k ? g->copy[g->first_copy[arcs[i]] + k - 1] : arcs[i];
            struct arc_use whole = arc_use_whole(r->c->n, arcs[i]);
            for (uint32_t j = g->first_in[v]; j < g->first_in[v + 1]; j++) {
                if (!r->based[g->tail[j]] || (g->forbidden_to[g->in_turn[j]] & r->c->subject)) continue;
                struct arc_use use = arc_use_whole(r->c->n, g->node_arc[g->tail[j]]);
                struct label to;
                if (move_make(r, &use, &r->base[g->tail[j]], g->in_turn[j], &whole, &to)) label_offer(r, v, to);
            }
        }
}

static enum status class_search(struct reach *r, const struct entry *entries, size_t count, struct error *err)
{
    const struct constraint *c = r->c;
    const struct class_key *key = &entries[0].key;
    r->generation++;
    r->heap.count = 0;
    (void)class_of(r, position(c->n, entries[0].arc, entries[0].from_mm + (entries[0].to_mm - entries[0].from_mm) / 2));
    begin(r);
    for (uint32_t i = 0; i < key->zone_count; i++)
        resume(r, c->rules->zone_arc + c->rules->zone_first_arc[key->zones[i]],
               c->rules->zone_first_arc[key->zones[i] + 1] - c->rules->zone_first_arc[key->zones[i]]);
    if (key->piece)
        resume(r, r->piece_arcs + r->piece_first[key->piece], r->piece_first[key->piece + 1] - r->piece_first[key->piece]);
    enum status status = search(r, err);
    for (size_t i = 0; i < count && status == STATUS_OK && !r->memory_out; i++)
        stretch_emit(r, entries[i].arc, entries[i].from_mm, entries[i].to_mm);
    if (status == STATUS_OK && r->memory_out) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return status;
}

static int compare_parts(const void *a, const void *b)
{
    const struct reach_part *x = a, *y = b;
    if (x->arc != y->arc) return x->arc < y->arc ? -1 : 1;
    return (x->from_mm > y->from_mm) - (x->from_mm < y->from_mm);
}

/* Joins parts that touch, into the arena. */
static bool parts_take(struct parts *p, struct arena *arena, struct reach_contour *contour)
{
    uint32_t count = 0;
    if (p->count) qsort(p->items, p->count, sizeof *p->items, compare_parts);
    for (size_t i = 0; i < p->count; i++) {
        struct reach_part *last = count ? &p->items[count - 1] : NULL;
        if (last && last->arc == p->items[i].arc && last->to_mm >= p->items[i].from_mm) {
            if (p->items[i].to_mm > last->to_mm) last->to_mm = p->items[i].to_mm;
        } else {
            p->items[count++] = p->items[i];
        }
    }
    contour->part_count = count;
    contour->parts = arena_take(arena, (count + 1) * sizeof *contour->parts);
    if (contour->parts && count) memcpy(contour->parts, p->items, count * sizeof *contour->parts);
    return contour->parts != NULL;
}

static enum status searches(struct reach *r, struct error *err)
{
    struct constraint *c = r->c;
    constraint_leg(c, r->from, r->from);
    if (c->leg_zone_count > CLASS_ZONES_MAX) r->too_many = true;
    for (uint32_t i = 0; i < c->leg_zone_count && i < CLASS_ZONES_MAX; i++)
        r->origin.zones[r->origin.zone_count++] = c->leg_zones[i];
    if (!pieces_sort(r)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    entries_make(r);
    if (r->memory_out) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (r->too_many)
        return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)CLASS_ZONES_MAX);
    enum status status = first_search(r, err);
    for (size_t i = 0, end; i < r->entry_count && status == STATUS_OK; i = end) {
        for (end = i + 1; end < r->entry_count; end++)
            if (memcmp(&r->entries[i].key, &r->entries[end].key, sizeof r->entries[i].key)) break;
        status = class_search(r, r->entries + i, end - i, err);
    }
    return status;
}

enum status reach_run(struct constraint *c, const struct place *origin, bool by_distance, uint32_t budget,
                      struct arena *arena, struct reach_answer *answer, struct error *err)
{
    size_t nodes = (size_t)c->g->node_count + 1;
    enum status status = STATUS_OK;
    struct reach *r = calloc(1, sizeof *r);
    if (!r) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    /* by distance the shortest way to an arc is kept, and a longer one may be there before the credentials end */
    bool exact = !(by_distance && c->request->end_before_ms);
    *r = (struct reach){.c = c, .by_distance = by_distance, .exact = exact, .budget = budget, .from = origin->at,
                        .answer = answer};
    for (uint32_t k = 0; k < answer->contour_count; k++)
        if (answer->contours[k].limit > r->most) r->most = answer->contours[k].limit;
    r->horizon_ms = by_distance ? TIME_OPEN - 1 : c->depart_ms + (int64_t)r->most;
    for (uint32_t i = 0; i < origin->start_count; i++)
        r->firsts[r->first_count++].seed = (struct leg_seed){.node = origin->starts[i].node,
            .offset_mm = origin->starts[i].offset_mm, .lo_ms = c->depart_ms, .hi_ms = c->depart_ms};
    r->base = malloc(nodes * sizeof *r->base);
    r->over = malloc(nodes * sizeof *r->over);
    r->stamp = calloc(nodes, sizeof *r->stamp);
    r->based = calloc(nodes, 1);
    r->touched = calloc((size_t)c->n->arc_count + 1, 1);
    if (!r->base || !r->over || !r->stamp || !r->based || !r->touched)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else
        status = searches(r, err);
    for (uint32_t k = 0; k < answer->contour_count && status == STATUS_OK; k++)
        if (!parts_take(&r->parts[k], arena, &answer->contours[k]))
            status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    answer->exact = r->exact;
    answer->settled = r->settled;
    for (uint32_t k = 0; k < REACH_CONTOURS_MAX; k++) free(r->parts[k].items);
    free(r->base);
    free(r->over);
    free(r->stamp);
    free(r->based);
    free(r->touched);
    heap_clear(&r->heap);
    free(r->entries);
    free(r->piece_arcs);
    free(r->piece_first);
    free(r);
    return status;
}

enum status reach_merge(struct reach_answer *into, const struct reach_answer *more, bool first, struct arena *arena,
                        struct error *err)
{
    into->exact = more->exact && (first || into->exact);
    into->settled = more->settled + (first ? 0 : into->settled);
    if (first) into->origin = more->origin;
    for (uint32_t k = 0; k < into->contour_count; k++) {
        struct reach_contour *a = &into->contours[k];
        const struct reach_contour *b = &more->contours[k];
        struct parts all = {.count = (first ? 0 : a->part_count) + (size_t)b->part_count};
        if (first) a->parts = NULL;
        all.items = arena_take(arena, (all.count + 1) * sizeof *all.items);
        if (!all.items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        if (b->part_count) memcpy(all.items, b->parts, b->part_count * sizeof *b->parts);
        if (all.count > b->part_count) memcpy(all.items + b->part_count, a->parts, a->part_count * sizeof *a->parts);
        if (!parts_take(&all, arena, a)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    return STATUS_OK;
}

void reach_answer_clear(struct reach_answer *answer)
{
    for (uint32_t k = 0; k < answer->contour_count; k++) multipolygon_clear(&answer->contours[k].area);
}
