#include "routing/constraint/constraint.h"

#include "geo/linear.h"
#include "routing/network/network_build.h"
#include "routing/rules/toll.h"

#include <stdlib.h>
#include <string.h>

/* ---- destination pieces -------------------------------------------------------------------------------------- */

static uint32_t root_of(uint32_t *parent, uint32_t x)
{
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

enum status pieces_init(struct pieces *p, const struct network *n, bool lorry, struct error *err)
{
    *p = (struct pieces){0};
    const uint8_t *access = lorry ? n->arc_access_lorry : n->arc_access_light;
    arc_id first = 0;
    while (first < n->arc_count && access[first] != ACCESS_DESTINATION) first++;
    if (first == n->arc_count) return STATUS_OK;
    uint32_t *parent = malloc((size_t)n->node_count * sizeof *parent);
    p->of_arc = calloc(n->arc_count, sizeof *p->of_arc);
    if (!parent || !p->of_arc) {
        free(parent);
        pieces_clear(p);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    for (uint32_t v = 0; v < n->node_count; v++) parent[v] = v;
    for (arc_id a = first; a < n->arc_count; a++) {
        if (access[a] != ACCESS_DESTINATION) continue;
        uint32_t x = root_of(parent, n->arc_tail[a]), y = root_of(parent, n->arc_head[a]);
        if (x != y) parent[x > y ? x : y] = x < y ? x : y;
    }
    for (arc_id a = first; a < n->arc_count; a++)
        if (access[a] == ACCESS_DESTINATION) p->of_arc[a] = root_of(parent, n->arc_tail[a]) + 1;
    p->count = 1;
    free(parent);
    return STATUS_OK;
}

void pieces_clear(struct pieces *p)
{
    free(p->of_arc);
    *p = (struct pieces){0};
}

/* ---- compiling ------------------------------------------------------------------------------------------------ */

const struct zone_state constraint_no_zone = {.slow_permille = 1000};

static size_t words_for(uint32_t bits)
{
    return (size_t)bits / 64 + 1;
}

const struct zone_state *constraint_avoided(const struct constraint *c, uint32_t zone)
{
    uint32_t low = 0, high = c->avoided_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->avoided[middle].zone < zone)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->avoided_count && c->avoided[low].zone == zone ? &c->avoided[low].state : NULL;
}

static enum status avoided_init(struct constraint *c, struct error *err)
{
    uint32_t count = c->request->avoid_zone_count;
    c->avoided = NULL;
    if (count == 0) return STATUS_OK;
    struct avoided_zone *made = arena_take(c->arena, count * sizeof *made);
    if (!made) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = rules_zone(c->rules, c->request->avoid_zones[i]), at = 0;
        if (id == UINT32_MAX) {
            error_set(err, STATUS_INVALID, MESSAGE_AVOID_ZONE_UNKNOWN, c->request->avoid_zones[i]);
            error_pointer(err, "/avoid/zones/%u", i);
            return STATUS_INVALID;
        }
        while (at < kept && made[at].zone < id) at++;
        if (at < kept && made[at].zone == id) continue;
        const struct zone_state *z = &c->zones[id];
        uint32_t rule = constraint_binds(c, z) ? z->rule : UINT32_MAX;
        memmove(&made[at + 1], &made[at], (kept++ - at) * sizeof *made);
        made[at] = (struct avoided_zone){id, {.bound = true, .avoided = true, .forbids = true, .kind = RULE_CLOSED,
                                              .rule = rule, .slow_permille = 1000, .force = FORCE_CLASS_ALWAYS}};
    }
    c->avoided = made;
    c->avoided_count = kept;
    return STATUS_OK;
}

static enum status zones_init(struct constraint *c, const struct force_frame *frame, struct error *err)
{
    struct zone_binding *b;
    enum status status = zone_bindings_find(c->rules->bindings, &c->request->vehicle, &c->credentials, c->depart_ms, c->until_ms,
                                            &b, err);
    if (status != STATUS_OK) return status;
    c->bindings.zones = b;
    c->zones = b->zones;
    c->bound_arcs = c->request->avoid_zone_count ? NULL : b->bound_arcs; /* what is avoided by name binds, whatever it is */
    c->gated_arcs = b->gated_arcs;
    c->forces = force_classes_judge(b->classes.items, b->classes.count, frame, c->arena, &c->varying);
    return c->forces ? avoided_init(c, err) : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status closures_init(struct constraint *c, const struct force_frame *frame, struct error *err)
{
    struct closure_binding *b;
    if (c->input->closure_count == 0) return STATUS_OK;
    enum status status = closure_bindings_find(c->rules->closure_bindings, &c->request->vehicle, &c->credentials, c->depart_ms, c->until_ms,
                                               &b, err);
    if (status != STATUS_OK) return status;
    c->bindings.closures = b;
    c->closure_class = b->force;
    c->closure_forces = force_classes_judge(b->classes.items, b->classes.count, frame, c->arena, &c->varying);
    return c->closure_forces ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* Is a requirement met at some moment until then? */
static bool sometime_valid(const struct constraint *c, credential_type_index type, int64_t max_age_s, int64_t until_ms)
{
    for (uint32_t i = 0; i < c->credentials.count; i++) {
        if (c->credentials.type[i] != type) continue;
        for (int64_t at = c->depart_ms; at <= until_ms;) {
            int64_t change = TIME_OPEN;
            if (credential_valid(&c->credentials, i, max_age_s, at, &change)) return true;
            if (change == TIME_OPEN) break;
            at = change;
        }
    }
    return false;
}

static bool sometime_asked(const struct constraint *c, const struct checkpoint *checkpoint, int64_t until_ms)
{
    bool asked = checkpoint->group_count == 0;
    for (uint32_t k = 0; k < checkpoint->group_count && !asked; k++) {
        const struct requirement_group *group = &checkpoint->groups[k];
        asked = true;
        for (uint32_t r = 0; r < group->requirement_count && asked; r++)
            asked = sometime_valid(c, group->requirements[r].type, group->requirements[r].max_age_s, until_ms);
    }
    return asked;
}

static enum status checkpoints_init(struct constraint *c, const struct force_frame *frame, struct error *err)
{
    struct checkpoint_binding *b;
    if (c->input->checkpoint_count == 0) return STATUS_OK;
    enum status status = checkpoint_bindings_find(c->rules->checkpoint_bindings, c->depart_ms, c->until_ms, &b, err);
    if (status != STATUS_OK) return status;
    c->bindings.checkpoints = b;
    c->opening_class = b->opening;
    c->asks = checkpoint_bindings_asking(c->rules->checkpoint_bindings);
    c->earns = checkpoint_bindings_green(c->rules->checkpoint_bindings);
    struct force_frame opening = *frame;
    opening.plate_tail = plate_tail_for_opening(frame->plate_tail);
    c->openings = force_classes_judge(b->classes.items, b->classes.count, &opening, c->arena, &c->varying);
    struct asking *asking = arena_zero(c->arena, c->asks->count, sizeof *asking);
    bool *green = arena_zero(c->arena, c->earns->count, sizeof *green);
    if (!c->openings || !asking || !green) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t k = 0; k < c->asks->count; k++) {
        const struct checkpoint *one = &c->input->checkpoints[c->asks->first[k]];
        asking[k].loose = sometime_asked(c, one, c->loose_until_ms);
        asking[k].ever = sometime_asked(c, one, c->until_ms);
    }
    for (uint32_t k = 0; k < c->earns->count; k++) {
        const struct checkpoint *one = &c->input->checkpoints[c->earns->first[k]];
        for (uint32_t i = 0; i < one->green_count && !green[k]; i++) green[k] = sometime_valid(c, one->green[i], 0, c->loose_until_ms);
    }
    c->asking = asking;
    c->green = green;
    return STATUS_OK;
}

enum status constraint_init(struct constraint *c, const struct base *base, const struct rules *rules,
                            const struct route_request *request, const struct pieces *pieces,
                            int64_t loose_until_ms, int64_t until_ms, struct avoid_area *avoid, struct arena *arena,
                            struct error *err)
{
    const struct network *n = &base->network;
    *c = (struct constraint){.n = n, .g = &base->turns, .rules = rules, .input = rules->input, .request = request,
                             .pieces = pieces, .arena = arena, .depart_ms = request->depart_ms,
                             .loose_until_ms = loose_until_ms, .until_ms = until_ms, .avoid = avoid};
    const struct vehicle *v = &request->vehicle;
    c->lorry = vehicle_is_lorry(v);
    c->subject = (uint8_t)((c->lorry ? TURN_LORRY : TURN_LIGHT) | (v->hazmat ? TURN_HAZMAT : 0));
    c->toll_class = toll_class(v);
    c->unit_mm = network_distance_unit_mm(n);
    c->plate_tail = vehicle_plate_tail(v);
    c->capped = v->speed_limit_expressway_kmh > 0 || v->speed_limit_other_kmh > 0;
    enum status status = credential_set_init(&c->credentials, c->input, request, err);
    if (status != STATUS_OK) return status;
    c->row_fails = arena_zero(arena, rules->limits_count + 1, 1);
    c->zone_lifted = arena_zero(arena, words_for(c->input->zone_count), sizeof *c->zone_lifted);
    c->zone_open = arena_zero(arena, words_for(c->input->zone_count), sizeof *c->zone_open);
    c->leg_zones = arena_take(arena, ((size_t)c->input->zone_count + 1) * sizeof *c->leg_zones);
    c->closure_lifted = arena_zero(arena, words_for(c->input->closure_count), sizeof *c->closure_lifted);
    c->checkpoint_lifted = arena_zero(arena, words_for(c->input->checkpoint_count), sizeof *c->checkpoint_lifted);
    if (!c->row_fails || !c->zone_lifted || !c->zone_open || !c->leg_zones || !c->closure_lifted || !c->checkpoint_lifted)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t row = 0; row < rules->limits_count; row++)
        for (uint32_t k = 0; k < LIMIT_COUNT; k++) {
            uint32_t limit = rules->limits[(size_t)row * LIMIT_COUNT + k];
            if (limit > 0 && vehicle_value(v, (enum limit_kind)k) > limit) c->row_fails[row] |= (uint8_t)(1u << k);
        }
    const struct force_frame frame = {&c->input->calendar, &c->credentials, c->plate_tail, c->depart_ms, loose_until_ms, until_ms};
    status = zones_init(c, &frame, err);
    if (status == STATUS_OK) status = closures_init(c, &frame, err);
    if (status == STATUS_OK) status = checkpoints_init(c, &frame, err);
    if (status != STATUS_OK) constraint_done(c);
    c->varying = c->varying || (request->credential_count > 0 && c->input->checkpoint_count > 0) || request->end_before_ms;
    return status;
}

bool constraint_reads_alike(const struct constraint *a, const struct constraint *b)
{
    const struct rule_bindings *held = &a->bindings;
    if (a->rules != b->rules || a->request != b->request || !held->zones || memcmp(held, &b->bindings, sizeof *held) != 0) return false;
    for (uint32_t k = 0; k < held->zones->classes.count; k++)
        if (a->forces[k].const_on != b->forces[k].const_on) return false;
    for (uint32_t k = 0; held->closures && k < held->closures->classes.count; k++)
        if (a->closure_forces[k].const_on != b->closure_forces[k].const_on) return false;
    if (!held->checkpoints) return true;
    for (uint32_t k = 0; k < held->checkpoints->classes.count; k++)
        if (a->openings[k].sometime != b->openings[k].sometime) return false;
    for (uint32_t k = 0; k < a->asks->count; k++)
        if (a->asking[k].loose != b->asking[k].loose) return false;
    return memcmp(a->green, b->green, a->earns->count * sizeof *a->green) == 0;
}

void rule_bindings_release(struct rule_bindings *bindings)
{
    zone_binding_release(bindings->zones);
    closure_binding_release(bindings->closures);
    checkpoint_binding_release(bindings->checkpoints);
    *bindings = (struct rule_bindings){0};
}

void constraint_done(struct constraint *c)
{
    rule_bindings_release(&c->bindings);
}

static bool by_plate_tail(const struct schedule *s)
{
    for (uint32_t i = 0; i < s->window_count; i++)
        if (s->windows[i].plate_tails != 0) return true;
    return false;
}

bool constraint_zone_by_unknown_plate(const struct constraint *c, uint32_t zone)
{
    const struct zone *z = &c->input->zones[zone];
    uint32_t rule = constraint_zone(c, zone)->rule;
    if (c->plate_tail != PLATE_TAIL_UNKNOWN || rule == UINT32_MAX) return false;
    return by_plate_tail(&z->schedule) || by_plate_tail(&z->rules[rule].hours);
}

bool constraint_closure_by_unknown_plate(const struct constraint *c, uint32_t closure)
{
    return c->plate_tail == PLATE_TAIL_UNKNOWN && by_plate_tail(&c->input->closures[closure].schedule);
}

/* ---- places ---------------------------------------------------------------------------------------------------- */

/* One arc of the road, and the position along it. */
static arc_id position_arc(const struct network *n, struct road_position at, uint32_t *offset_mm)
{
    arc_id forward = n->road_arc[2 * (size_t)at.road];
    *offset_mm = at.offset_mm;
    if (forward != NO_ARC) return forward;
    *offset_mm = n->road_length_mm[at.road] - at.offset_mm;
    return n->road_arc[2 * (size_t)at.road + 1];
}

static bool member_holds(const struct rules *r, const struct membership *m, uint32_t offset_mm, uint32_t length_mm)
{
    for (uint32_t i = 0; i < m->stretch_count; i++) {
        const struct stretch *s = &r->stretches[m->first_stretch + i];
        if ((s->from_mm < offset_mm || (s->from_mm == 0 && offset_mm == 0)) &&
            (offset_mm < s->until_mm || (s->until_mm >= length_mm && offset_mm >= length_mm)))
            return true;
    }
    return false;
}

bool constraint_inside(const struct constraint *c, struct road_position at, const struct membership **m, uint32_t k)
{
    uint32_t offset, found = 0;
    arc_id a = position_arc(c->n, at, &offset);
    uint32_t length = network_arc_length_mm(c->n, a);
    for (uint32_t i = c->rules->arc_first_member[a]; i < c->rules->arc_first_member[a + 1]; i++)
        if (member_holds(c->rules, &c->rules->member[i], offset, length) && found++ == k) {
            *m = &c->rules->member[i];
            return true;
        }
    return false;
}

void constraint_leg(struct constraint *c, struct road_position from, struct road_position to)
{
    for (uint32_t i = 0; i < c->leg_zone_count; i++) c->zone_open[c->leg_zones[i] / 64] &= ~((uint64_t)1 << c->leg_zones[i] % 64);
    c->leg_zone_count = 0;
    const struct road_position ends[2] = {from, to};
    const struct membership *m;
    uint32_t piece[2] = {0, 0};
    for (int e = 0; e < 2; e++) {
        uint32_t offset;
        arc_id a = position_arc(c->n, ends[e], &offset);
        for (uint32_t k = 0; constraint_inside(c, ends[e], &m, k); k++) {
            const struct zone_state *z = constraint_zone(c, m->zone);
            if (!constraint_binds(c, z) || !z->leg_dependent || constraint_zone_open(c, m->zone) || !constraint_controls(c, z, a))
                continue;
            c->zone_open[m->zone / 64] |= (uint64_t)1 << m->zone % 64;
            c->leg_zones[c->leg_zone_count++] = m->zone;
        }
        for (uint32_t way = 0; way < 2 && c->pieces->of_arc; way++) {
            arc_id arc = c->n->road_arc[2 * (size_t)ends[e].road + way];
            if (arc != NO_ARC && c->pieces->of_arc[arc]) piece[e] = c->pieces->of_arc[arc];
        }
    }
    c->piece_from = piece[0];
    c->piece_to = piece[1];
    c->pieces_open = piece[0] || piece[1];
}

/* ---- arcs -------------------------------------------------------------------------------------------------------- */

uint32_t constraint_arc_ms(const struct constraint *c, arc_id a)
{
    uint32_t ms = c->n->arc_time_ms[a];
    if (!c->capped) return ms;
    road_index road = c->n->arc_road[a];
    bool expressway = c->n->road_class[road] <= ROAD_MOTORWAY_LINK;
    uint32_t cap = expressway ? c->request->vehicle.speed_limit_expressway_kmh : c->request->vehicle.speed_limit_other_kmh;
    if (cap == 0 || c->n->arc_speed_kmh[a] <= cap) return ms;
    uint32_t slow = (uint32_t)((uint64_t)c->n->road_length_mm[road] * 18 / (5 * (uint64_t)cap));
    return slow > ms ? slow : ms;
}

static bool road_lifted(const struct constraint *c, road_index road)
{
    for (uint32_t i = 0; i < c->lifted_count; i++)
        if (c->lifted_roads[i] == road) return true;
    return false;
}

static uint32_t breach_add(struct breach *b, uint32_t count, uint32_t max, enum conflict_kind kind, enum status cause,
                           road_index road, enum limit_kind limit)
{
    if (b && count < max)
        b[count] = (struct breach){.kind = kind, .cause = cause, .zone = UINT32_MAX, .checkpoint = UINT32_MAX,
                                   .closure = UINT32_MAX, .road = road, .limit_kind = limit};
    return count + 1;
}

static uint32_t arc_breaches(const struct constraint *c, arc_id a, bool loose, struct breach *b, uint32_t max)
{
    const struct network *n = c->n;
    road_index road = n->arc_road[a];
    uint32_t count = 0;
    if (c->lift_arcs) return 0;
    uint8_t access = (c->lorry ? n->arc_access_lorry : n->arc_access_light)[a];
    if (access != ACCESS_YES) {
        bool open = access == ACCESS_DESTINATION &&
                    ((loose && c->pieces_open) || c->pieces->of_arc[a] == c->piece_from ||
                     c->pieces->of_arc[a] == c->piece_to);
        if (!open) count = breach_add(b, count, max, CONFLICT_ACCESS, STATUS_VEHICLE_LIMIT, road, 0);
    }
    uint8_t fails = c->row_fails[c->rules->road_limits[road]];
    for (uint32_t k = 0; fails; k++, fails >>= 1)
        if (fails & 1) count = breach_add(b, count, max, CONFLICT_LIMIT, STATUS_VEHICLE_LIMIT, road, (enum limit_kind)k);
    if ((c->rules->road_flags[road] & ROAD_HAZMAT_NO) && c->request->vehicle.hazmat)
        count = breach_add(b, count, max, CONFLICT_ACCESS, STATUS_VEHICLE_LIMIT, road, 0);
    if (count > 0 && c->lifted_count > 0 && road_lifted(c, road)) count = 0;
    if (!c->lift_avoid && ((c->request->avoid_classes >> n->road_class[road] & 1) ||
                           (c->request->avoid_tolls && (n->road_flags[road] & ROAD_TOLL))))
        count = breach_add(b, count, max, CONFLICT_AVOID, STATUS_ROAD_CLOSED, road, 0);
    return count;
}

bool constraint_arc_open(const struct constraint *c, arc_id a, bool loose, struct breach *b)
{
    return arc_breaches(c, a, loose, b, 1) == 0;
}

uint32_t constraint_arc_breaches(const struct constraint *c, arc_id a, struct breach *b, uint32_t max)
{
    uint32_t count = arc_breaches(c, a, false, b, max);
    return count < max ? count : max;
}

bool constraint_avoids(const struct constraint *c, arc_id a, uint32_t from_mm, uint32_t to_mm)
{
    struct avoid_area *avoid = c->avoid;
    if (!avoid || c->lift_avoid) return false;
    const struct network *n = c->n;
    road_index road = n->arc_road[a];
    uint32_t length = n->road_length_mm[road];
    bool whole = from_mm == 0 && to_mm == length;
    uint32_t known = avoid->stamp[road];
    if (known >> 1 == avoid->generation && (whole || !(known & 1))) return known & 1;
    struct area_rule rule = AREA_RULE_DEFAULT;
    const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
    size_t count = n->road_first_shape[road + 1] - n->road_first_shape[road];
    const struct box_mm box = box_mm_of(line, count), near_box = box_mm_grow(&box, rule.border_mm);
    const enum area_place place = area_cells_place(avoid->cells, &near_box);
    const int64_t across = (int64_t)box.max_x_mm - box.min_x_mm; /* a line is no shorter, to the millimetre */
    if (place == AREA_OUTSIDE || (place == AREA_INSIDE && whole && across > rule.longer_than_mm + (int64_t)count)) {
        avoid->stamp[road] = avoid->generation << 1 | (place == AREA_INSIDE);
        return place == AREA_INSIDE;
    }
    if (area_clip(avoid->area, line, count, &rule, &avoid->stretches, NULL) != STATUS_OK) return true;
    avoid->stamp[road] = avoid->generation << 1 | (avoid->stretches.count > 0);
    if (whole || avoid->stretches.count == 0) return avoid->stretches.count > 0;
    int64_t plane = linear_length_mm(line, count);
    for (size_t i = 0; i < avoid->stretches.count; i++) {
        uint32_t from = spatial_from_plane_mm(n, road, plane, avoid->stretches.items[i].from_mm);
        uint32_t to = spatial_from_plane_mm(n, road, plane, avoid->stretches.items[i].to_mm);
        if (n->arc_reversed[a]) {
            uint32_t swap = length - to;
            to = length - from;
            from = swap;
        }
        if (to > from_mm && from < to_mm) return true;
    }
    return false;
}

/* ---- calls -------------------------------------------------------------------------------------------------------- */

static bool binds(const struct force *f, bool const_on, bool loose, int64_t from_ms, int64_t until_ms, int64_t *change_ms)
{
    return loose ? const_on : force_meets(f, from_ms, 0, until_ms - from_ms, change_ms);
}

bool constraint_call_open(const struct constraint *c, struct road_position at, bool loose, int64_t from_ms,
                          int64_t until_ms, int64_t *change_ms, struct breach *b)
{
    const struct membership *m;
    bool open = true;
    struct breach breach = {.zone = UINT32_MAX, .checkpoint = UINT32_MAX, .closure = UINT32_MAX, .road = at.road};
    for (uint32_t k = 0; constraint_inside(c, at, &m, k); k++) {
        const struct zone_state *z = constraint_zone(c, m->zone);
        if (!constraint_binds(c, z) || !z->forbids || constraint_zone_lifted(c, m->zone)) continue;
        const struct rule_force *f = constraint_force(c, z);
        if (!binds(&f->force, f->const_on, loose, from_ms, until_ms, change_ms)) continue;
        if (open) {
            breach.kind = z->avoided ? CONFLICT_AVOID : CONFLICT_ZONE;
            breach.cause = STATUS_DESTINATION_IN_CLOSED_ZONE;
            breach.zone = m->zone;
        }
        open = false;
    }
    for (uint32_t way = 0; way < 2; way++) {
        arc_id a = c->n->road_arc[2 * (size_t)at.road + way];
        if (a == NO_ARC) continue;
        for (uint32_t i = c->rules->arc_first_closure[a]; i < c->rules->arc_first_closure[a + 1]; i++) {
            uint32_t id = c->rules->arc_closure[i];
            const struct rule_force *s = constraint_closure(c, id);
            if (!s || c->input->closures[id].action != CLOSURE_NO_STOPPING) continue;
            if (!binds(&s->force, s->const_on, loose, from_ms, until_ms, change_ms)) continue;
            if (open) breach.kind = CONFLICT_CLOSURE, breach.cause = STATUS_ROAD_CLOSED, breach.closure = id;
            open = false;
        }
    }
    if (b && !open) *b = breach;
    return open;
}

/* Even-odd count of the rings around a point, in whole numbers; points on an edge may fall either way. */
static bool polygon_holds(const struct multipolygon *area, struct point_e7 p)
{
    bool inside = false;
    for (uint32_t r = 0; r < area->ring_count; r++) {
        uint32_t end = area->ring_first_point[r + 1];
        for (uint32_t i = area->ring_first_point[r]; i + 1 < end; i++) {
            struct point_e7 a = area->points[i], b = area->points[i + 1];
            if ((a.lat_e7 > p.lat_e7) == (b.lat_e7 > p.lat_e7)) continue;
            __int128 cross = (__int128)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)p.lat_e7 - a.lat_e7) -
                             (__int128)((int64_t)p.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);
            if ((b.lat_e7 > a.lat_e7) == (cross > 0)) inside = !inside;
        }
    }
    return inside;
}

struct point_search {
    const struct constraint *c;
    struct point_e7 point;
    road_index beside;
    uint32_t zone;
};

static bool point_zone(void *context, uint32_t zone)
{
    struct point_search *s = context;
    const struct zone_state *z = constraint_zone(s->c, zone);
    if (zone > s->zone || !z->forbids || !constraint_binds_throughout(s->c, z) || constraint_zone_lifted(s->c, zone)) return true;
    if (s->beside != NO_ROAD && !zone_has_layer(&s->c->input->zones[zone], s->c->n->road_layer[s->beside])) return true;
    if (polygon_holds(&s->c->input->zones[zone].area, s->point)) s->zone = zone;
    return true;
}

uint32_t constraint_point_zone(const struct constraint *c, struct point_e7 point, road_index beside)
{
    struct point_search s = {c, point, beside, UINT32_MAX};
    struct box_e7 box = {point.lon_e7, point.lat_e7, point.lon_e7, point.lat_e7};
    zone_index_near(&c->rules->near, box, point_zone, &s);
    if (s.zone != UINT32_MAX) return s.zone;
    if (c->avoid && !c->lift_avoid && polygon_holds(&c->request->avoid_area, point)) return UINT32_MAX - 1;
    return UINT32_MAX;
}

enum status constraint_free_reading(const struct constraint *c, struct constraint *out, struct error *err)
{
    *out = *c;
    out->bindings = (struct rule_bindings){0}; /* c's */
    out->zones = NULL;
    out->closure_class = NULL;
    out->avoided_count = 0;
    out->zone_lifted = arena_zero(c->arena, words_for(c->input->zone_count), sizeof *out->zone_lifted);
    out->zone_open = arena_zero(c->arena, words_for(c->input->zone_count), sizeof *out->zone_open);
    out->closure_lifted = arena_zero(c->arena, words_for(c->input->closure_count), sizeof *out->closure_lifted);
    out->row_fails = arena_zero(c->arena, c->rules->limits_count + 1, 1);
    if (!out->zone_lifted || !out->zone_open || !out->closure_lifted || !out->row_fails)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    out->lift_arcs = out->lift_avoid = true;
    out->avoid = NULL;
    out->leg_zone_count = out->lifted_count = 0;
    out->pieces_open = false;
    return STATUS_OK;
}
