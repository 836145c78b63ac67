#include "routing/constraint/gates.h"

#include "geo/linear.h"
#include "routing/network/turn_cost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    LINK_WITHIN_MM = 50000,      /* an unnamed link this near is the checkpoint's road if no named one is */
    CARRIAGEWAY_APART_MM = 60000, /* how much farther the other carriageway may be */
    STEPS_MAX = 4096,            /* arcs followed one way */
    BEARING_UNIT = 1000000,
};

struct finding {
    const struct network *n;
    struct gate_part *parts;
    size_t count, room;
    bool failed;
};

static void add_part(struct finding *f, uint32_t gate, arc_id arc, uint8_t direction)
{
    if (f->count == f->room) {
        size_t wanted = f->room * 2 + 16;
        struct gate_part *grown = realloc(f->parts, wanted * sizeof *grown);
        if (grown == NULL) {
            f->failed = true;
            return;
        }
        f->parts = grown;
        f->room = wanted;
    }
    f->parts[f->count++] = (struct gate_part){gate, arc, direction};
}

/* ---- names of roads ---- */

static bool is_link(const struct network *n, road_index road)
{
    return road_class_is_link((enum road_class)n->road_class[road]);
}

/* The next of the numbers in "G40;S81", or NULL at the end. */
static const char *next_token(const char *at, size_t *length)
{
    at += strspn(at, ";,/ ");
    *length = strcspn(at, ";,/ ");
    return *length == 0 ? NULL : at;
}

static bool refs_meet(const char *a, const char *b)
{
    size_t a_length, b_length;
    for (const char *x = a; (x = next_token(x, &a_length)) != NULL; x += a_length)
        for (const char *y = b; (y = next_token(y, &b_length)) != NULL; y += b_length)
            if (a_length == b_length && memcmp(x, y, a_length) == 0) return true;
    return false;
}

static bool is_called(const struct network *n, road_index road, const char *label)
{
    return refs_meet(network_road_ref(n, road), label) || strcmp(network_road_name(n, road), label) == 0;
}

static bool is_nameless(const struct network *n, road_index road)
{
    return n->road_ref[road] == 0 && n->road_name[road] == 0;
}

static bool same_road(const struct network *n, road_index a, road_index b)
{
    return refs_meet(network_road_ref(n, a), network_road_ref(n, b)) ||
           (n->road_name[a] != 0 && strcmp(network_road_name(n, a), network_road_name(n, b)) == 0);
}

/* ---- the checkpoint's place ---- */

struct vector {
    int64_t x, y;
};

static struct vector bearing_vector(int bearing_deg)
{
    double angle = bearing_deg * (3.14159265358979323846 / 180);
    return (struct vector){llround(BEARING_UNIT * sin(angle)), llround(BEARING_UNIT * cos(angle))};
}

static __int128 dot(struct vector a, struct vector b)
{
    return (__int128)a.x * b.x + (__int128)a.y * b.y;
}

static __int128 cross(struct vector a, struct vector b)
{
    return (__int128)a.x * b.y - (__int128)a.y * b.x;
}

/* Direction of a road's geometry at an offset. */
static struct vector direction_at(const struct network *n, road_index road, uint32_t offset_mm)
{
    uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
    const struct point_mm *line = n->shape_plane + first;
    size_t segment = 0;
    (void)linear_point_at(line, count, spatial_to_plane_mm(n, road, linear_length_mm(line, count), offset_mm),
                          &segment);
    while (segment + 2 < count && point_mm_equal(line[segment], line[segment + 1])) segment++;
    return (struct vector){(int64_t)line[segment + 1].x_mm - line[segment].x_mm,
                           (int64_t)line[segment + 1].y_mm - line[segment].y_mm};
}

enum wanted { WANT_ANY, WANT_LABEL, WANT_NAMELESS_LINK, WANT_OTHER_CARRIAGEWAY };

struct search {
    const struct network *n;
    enum wanted wanted;
    const char *label;
    bool has_bearing;
    struct vector bearing; /* or, for the other carriageway, the direction of travel on this one */
    road_index beside;
};

/* Direction of travel of an arc of the road at an offset. */
static struct vector travel_at(const struct network *n, road_index road, bool backward, uint32_t offset_mm)
{
    struct vector v = direction_at(n, road, offset_mm);
    return backward ? (struct vector){-v.x, -v.y} : v;
}

static bool bearing_fits(const struct search *s, road_index road, bool backward, uint32_t offset_mm)
{
    return !s->has_bearing || dot(travel_at(s->n, road, backward, offset_mm), s->bearing) > 0;
}

static bool suits(const void *context, road_index road, uint32_t offset_mm)
{
    const struct search *s = context;
    const struct network *n = s->n;
    if (s->wanted == WANT_LABEL && !is_called(n, road, s->label)) return false;
    if (s->wanted == WANT_NAMELESS_LINK && !(is_link(n, road) && is_nameless(n, road))) return false;
    if (s->wanted == WANT_OTHER_CARRIAGEWAY &&
        (road == s->beside || n->road_class[road] != n->road_class[s->beside] ||
         !(same_road(n, road, s->beside) || (is_nameless(n, road) && is_nameless(n, s->beside)))))
        return false;
    for (int backward = 0; backward < 2; backward++) {
        if (n->road_arc[2 * (size_t)road + (size_t)backward] == NO_ARC) continue;
        if (s->wanted != WANT_OTHER_CARRIAGEWAY) {
            if (bearing_fits(s, road, backward, offset_mm)) return true;
            continue;
        }
        struct vector v = travel_at(n, road, backward, offset_mm);
        __int128 along = dot(v, s->bearing), across = cross(v, s->bearing);
        if (along < 0 && (across < 0 ? -across : across) < -along) return true;
    }
    return false;
}

/* The roads at the checkpoint: none, one, or two carriageways. */
static uint32_t find_places(const struct spatial *spatial, const struct checkpoint *c, struct point_mm at,
                            struct search *s, struct road_place places[2])
{
    const struct network *n = s->n;
    struct road_place link;
    uint32_t count = 0;
    s->has_bearing = c->bearing_deg >= 0;
    if (s->has_bearing) s->bearing = bearing_vector(c->bearing_deg);
    s->label = c->road_ref;
    s->wanted = c->road_ref[0] == '\0' ? WANT_ANY : WANT_LABEL;
    count = spatial_nearest(spatial, at, c->reach_mm, suits, s, places, 1);
    if (s->wanted == WANT_LABEL && (count == 0 || places[0].distance_mm > LINK_WITHIN_MM)) {
        s->wanted = WANT_NAMELESS_LINK;
        uint32_t within = c->reach_mm < LINK_WITHIN_MM ? c->reach_mm : LINK_WITHIN_MM;
        if (spatial_nearest(spatial, at, within, suits, s, &link, 1) == 1) {
            places[0] = link;
            count = 1;
        }
    }
    if (count == 0 || s->has_bearing) return count;
    road_index road = places[0].road;
    bool one_way = n->road_arc[2 * (size_t)road] == NO_ARC || n->road_arc[2 * (size_t)road + 1] == NO_ARC;
    if (!one_way) return count;
    struct search other = {.n = n, .wanted = WANT_OTHER_CARRIAGEWAY, .beside = road};
    other.bearing = travel_at(n, road, n->road_arc[2 * (size_t)road] == NO_ARC, places[0].offset_mm);
    return count + spatial_nearest(spatial, at, places[0].distance_mm + CARRIAGEWAY_APART_MM, suits, &other,
                                   &places[1], 1);
}

/* ---- the controlled set ---- */

/* One gated rule of the zone a gate is for. */
struct border {
    const struct network *n;
    const struct zone_set *set;
    const struct zone_rule *rule;
};

/* The stretches of an arc in the controlled set; their number, 0 if it is not in it. */
static uint32_t controlled(const struct border *b, arc_id arc, const struct stretch **stretches)
{
    uint32_t i = zone_set_find(b->set, arc);
    if (i == UINT32_MAX || rules_arc_open(b->n, b->rule, arc)) return 0;
    *stretches = b->set->stretches + b->set->first_stretch[i];
    return b->set->first_stretch[i + 1] - b->set->first_stretch[i];
}

static bool starts_inside(const struct border *b, arc_id arc)
{
    const struct stretch *s;
    return controlled(b, arc, &s) > 0 && s[0].from_mm == 0;
}

static bool ends_inside(const struct border *b, arc_id arc)
{
    const struct stretch *s;
    uint32_t count = controlled(b, arc, &s);
    return count > 0 && s[count - 1].until_mm == network_arc_length_mm(b->n, arc);
}

/* ---- the way ---- */

struct walk {
    struct finding *f;
    struct border border;
    uint32_t gate;
    uint8_t direction;
    int64_t reach_mm;
};

static void passage(struct walk *w, arc_id arc, uint8_t direction, int64_t at_mm)
{
    if ((w->direction & direction) != 0 && at_mm <= w->reach_mm && at_mm >= -w->reach_mm)
        add_part(w->f, w->gate, arc, direction);
}

/* Passages on an arc that starts `start_mm` after (before, if negative) the checkpoint. */
static void look_along(struct walk *w, arc_id arc, int64_t start_mm)
{
    const struct stretch *s;
    uint32_t count = controlled(&w->border, arc, &s), length = network_arc_length_mm(w->border.n, arc);
    for (uint32_t i = 0; i < count; i++) {
        if (s[i].from_mm > 0) passage(w, arc, GATE_ENTER, start_mm + s[i].from_mm);
        if (s[i].until_mm < length) passage(w, arc, GATE_EXIT, start_mm + s[i].until_mm);
    }
}

/* Passages at the node between two arcs. */
static void look_between(struct walk *w, arc_id from, arc_id to, int64_t at_mm)
{
    bool before = ends_inside(&w->border, from), after = starts_inside(&w->border, to);
    if (!before && after) passage(w, to, GATE_ENTER, at_mm);
    if (before && !after) passage(w, from, GATE_EXIT, at_mm);
}

/* How well `next` goes on from `arc` along the same road at node `via`; 0: not at all. */
static int likeness(const struct network *n, arc_id arc, arc_id next, node_id via, enum turn_angle angle, bool only)
{
    road_index a = n->arc_road[arc], b = n->arc_road[next];
    if (same_road(n, a, b)) return 3;
    /* the other ramp of a toll plaza, or of a junction with an ordinary road, is another way */
    if (is_link(n, a) && is_link(n, b) && !only &&
        (((n->node_flags[via] & NODE_TOLL_BOOTH) != 0 && angle != TURN_STRAIGHT) || network_node_is_ordinary(n, via)))
        return 0;
    if (is_nameless(n, a) && is_nameless(n, b) && n->road_class[a] == n->road_class[b]) return 2;
    return only ? 1 : 0;
}

/* The node ahead (behind, if backward), and the arcs out of it (into it, as places in in_arc). */
struct joint {
    node_id via;
    uint32_t first, last;
};

static struct joint joint_of(const struct network *n, arc_id arc, bool backward)
{
    node_id via = backward ? n->arc_tail[arc] : n->arc_head[arc];
    if (backward) return (struct joint){via, n->node_first_in[via], n->node_first_in[via + 1]};
    return (struct joint){via, n->node_first_arc[via], n->node_first_arc[via + 1]};
}

/* The next arc along the same road, forwards or backwards; NO_ARC where it ends. */
static arc_id follow(const struct network *n, arc_id arc, bool backward)
{
    struct joint j = joint_of(n, arc, backward);
    uint32_t choices = 0;
    for (uint32_t i = j.first; i < j.last; i++) choices += (backward ? n->in_arc[i] : i) != network_opposite(n, arc);
    arc_id best = NO_ARC;
    int best_likeness = 0;
    enum turn_angle best_angle = TURN_ROUND;
    for (uint32_t i = j.first; i < j.last; i++) {
        arc_id next = backward ? n->in_arc[i] : i;
        if (next == network_opposite(n, arc)) continue;
        enum turn_angle angle = backward ? turn_angle(n, next, arc) : turn_angle(n, arc, next);
        int like = likeness(n, arc, next, j.via, angle, choices == 1);
        if (like < best_likeness || like == 0) continue;
        if (like == best_likeness && (angle > best_angle || (angle == best_angle && next >= best))) continue;
        best = next;
        best_likeness = like;
        best_angle = angle;
    }
    return best;
}

/* Where the road ends, or changes between a ramp and another kind, whoever was checked may turn into any of those. */
static void look_around(struct walk *w, arc_id arc, bool backward, bool ends, int64_t at_mm)
{
    const struct network *n = w->border.n;
    struct joint j = joint_of(n, arc, backward);
    for (uint32_t i = j.first; i < j.last; i++) {
        arc_id next = backward ? n->in_arc[i] : i;
        if (next == network_opposite(n, arc)) continue;
        if (!ends && is_link(n, n->arc_road[next]) == is_link(n, n->arc_road[arc])) continue;
        look_between(w, backward ? next : arc, backward ? arc : next, at_mm);
    }
}

static void walk_from(struct walk *w, arc_id start, uint32_t offset_mm)
{
    const struct network *n = w->border.n;
    look_along(w, start, -(int64_t)offset_mm);
    for (int backward = 0; backward < 2; backward++) {
        arc_id at = start;
        int64_t start_mm = -(int64_t)offset_mm;
        for (int step = 0; step < STEPS_MAX; step++) {
            int64_t end_mm = start_mm + network_arc_length_mm(n, at);
            if (backward ? -start_mm > w->reach_mm : end_mm > w->reach_mm) break;
            arc_id next = follow(n, at, backward);
            if (next == NO_ARC || is_link(n, n->arc_road[at]) != is_link(n, n->arc_road[next])) {
                look_around(w, at, backward, next == NO_ARC, backward ? start_mm : end_mm);
                break;
            }
            if (next == start) break;
            look_between(w, backward ? next : at, backward ? at : next, backward ? start_mm : end_mm);
            start_mm = backward ? start_mm - network_arc_length_mm(n, next) : end_mm;
            look_along(w, next, start_mm);
            at = next;
        }
    }
}

/* ---- gates by hand ---- */

static bool enters(const struct border *b, arc_id arc)
{
    const struct stretch *s;
    const struct network *n = b->n;
    uint32_t count = controlled(b, arc, &s);
    if (count == 0) return false;
    if (s[0].from_mm > 0 || count > 1) return true;
    node_id tail = n->arc_tail[arc];
    for (uint32_t i = n->node_first_in[tail]; i < n->node_first_in[tail + 1]; i++)
        if (n->in_arc[i] != network_opposite(n, arc) && !ends_inside(b, n->in_arc[i])) return true;
    return false;
}

static bool leaves(const struct border *b, arc_id arc)
{
    const struct stretch *s;
    const struct network *n = b->n;
    uint32_t count = controlled(b, arc, &s);
    if (count == 0) return false;
    if (s[count - 1].until_mm < network_arc_length_mm(n, arc) || count > 1) return true;
    node_id head = n->arc_head[arc];
    for (arc_id next = n->node_first_arc[head]; next < n->node_first_arc[head + 1]; next++)
        if (next != network_opposite(n, arc) && !starts_inside(b, next)) return true;
    return false;
}

/* ---- */

static bool is_gated_anew(const struct zone *z, uint32_t rule)
{
    if (z->rules[rule].kind != RULE_GATED) return false;
    for (uint32_t i = 0; i < rule; i++)
        if (z->rules[i].kind == RULE_GATED && z->rules[i].open_classes == z->rules[rule].open_classes) return false;
    return true;
}

static void by_hand(struct finding *f, const struct zone *z, const struct zone_set *set, const struct gate *gate,
                    uint32_t gate_index, bool *dead)
{
    const struct network *n = f->n;
    for (uint32_t i = 0; i < gate->arc_count; i++) {
        road_index road = network_road_find(n, gate->arcs[i].road_id);
        arc_id arc = road == NO_ROAD ? NO_ARC : n->road_arc[2 * (size_t)road + gate->arcs[i].backward];
        size_t before = f->count;
        for (uint32_t k = 0; arc != NO_ARC && k < z->rule_count; k++) {
            if (!is_gated_anew(z, k)) continue;
            struct border b = {n, set, &z->rules[k]};
            if ((gate->direction & GATE_ENTER) != 0 && enters(&b, arc)) add_part(f, gate_index, arc, GATE_ENTER);
            if ((gate->direction & GATE_EXIT) != 0 && leaves(&b, arc)) add_part(f, gate_index, arc, GATE_EXIT);
        }
        if (f->count == before) *dead = true;
    }
}

static void derived(struct finding *f, const struct zone *z, const struct zone_set *set, const struct checkpoint *c,
                    uint32_t gate_index, const struct search *s, const struct road_place *places, uint32_t place_count)
{
    const struct network *n = f->n;
    for (uint32_t k = 0; k < z->rule_count; k++) {
        if (!is_gated_anew(z, k)) continue;
        struct walk w = {.f = f, .border = {n, set, &z->rules[k]}, .gate = gate_index,
                         .direction = (uint8_t)c->gates[gate_index].direction, .reach_mm = c->reach_mm};
        for (uint32_t p = 0; p < place_count; p++)
            for (int backward = 0; backward < 2; backward++) {
                road_index road = places[p].road;
                arc_id arc = n->road_arc[2 * (size_t)road + (size_t)backward];
                if (arc == NO_ARC || !bearing_fits(s, road, backward, places[p].offset_mm)) continue;
                walk_from(&w, arc, backward ? n->road_length_mm[road] - places[p].offset_mm : places[p].offset_mm);
            }
    }
}

static int compare_parts(const void *left, const void *right)
{
    const struct gate_part *a = left, *b = right;
    if (a->gate != b->gate) return a->gate < b->gate ? -1 : 1;
    if (a->arc != b->arc) return a->arc < b->arc ? -1 : 1;
    return a->direction - b->direction;
}

enum status gate_set_new(const struct network *n, const struct spatial *spatial, struct projection *projection,
                         const struct rules_input *input, const struct checkpoint *c, struct zone_set *const *sets,
                         struct gate_set **out, struct error *err)
{
    struct finding f = {.n = n};
    struct search s = {.n = n};
    struct road_place places[2];
    struct point_mm at;
    *out = NULL;
    struct gate_set *set = calloc(1, sizeof *set);
    if (set == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    set->references = 1;
    set->digest = gate_set_digest(input, c, sets);
    set->dead = c->gate_count == 0;
    uint32_t place_count = 0;
    if (projection_forward(projection, &c->point, 1, &at, NULL) == STATUS_OK)
        place_count = find_places(spatial, c, at, &s, places);
    for (uint32_t i = 0; i < c->gate_count; i++) {
        const struct gate *gate = &c->gates[i];
        size_t before = f.count;
        if (gate->zone < input->zone_count) {
            const struct zone *z = &input->zones[gate->zone];
            if (gate->arc_count > 0)
                by_hand(&f, z, sets[gate->zone], gate, i, &set->dead);
            else
                derived(&f, z, sets[gate->zone], c, i, &s, places, place_count);
        }
        if (f.count == before) set->dead = true;
    }
    if (f.failed) {
        free(f.parts);
        free(set);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    if (f.count > 0) qsort(f.parts, f.count, sizeof *f.parts, compare_parts);
    for (size_t i = 0; i < f.count; i++)
        if (set->count == 0 || compare_parts(&f.parts[i], &f.parts[set->count - 1]) != 0)
            f.parts[set->count++] = f.parts[i];
    set->parts = f.parts;
    *out = set;
    return STATUS_OK;
}

static XXH128_hash_t mix(XXH128_hash_t h, const void *data, size_t size)
{
    XXH128_hash_t both[] = {h, XXH3_128bits(data, size)};
    return XXH3_128bits(both, sizeof both);
}

struct zone_digest gate_set_digest(const struct rules_input *input, const struct checkpoint *c,
                                   struct zone_set *const *sets)
{
    int64_t place[] = {c->point.lon_e7, c->point.lat_e7, c->bearing_deg, c->reach_mm, c->gate_count};
    XXH128_hash_t h = XXH3_128bits(place, sizeof place);
    h = mix(h, c->road_ref, strlen(c->road_ref));
    for (uint32_t i = 0; i < c->gate_count; i++) {
        const struct gate *gate = &c->gates[i];
        int64_t numbers[] = {gate->direction, gate->arc_count, gate->zone < input->zone_count};
        h = mix(h, numbers, sizeof numbers);
        for (uint32_t k = 0; k < gate->arc_count; k++) {
            int64_t arc[] = {gate->arcs[k].road_id, gate->arcs[k].backward};
            h = mix(h, arc, sizeof arc);
        }
        if (gate->zone >= input->zone_count) continue;
        const struct zone *z = &input->zones[gate->zone];
        h = mix(h, &sets[gate->zone]->digest, sizeof sets[gate->zone]->digest);
        for (uint32_t k = 0; k < z->rule_count; k++)
            if (is_gated_anew(z, k)) h = mix(h, &z->rules[k].open_classes, sizeof z->rules[k].open_classes);
    }
    return (struct zone_digest){h.high64, h.low64};
}

struct gate_set *gate_set_get(struct gate_set *set)
{
    __atomic_add_fetch(&set->references, 1, __ATOMIC_RELAXED);
    return set;
}

void gate_set_release(struct gate_set *set)
{
    if (set == NULL || __atomic_sub_fetch(&set->references, 1, __ATOMIC_ACQ_REL) > 0) return;
    free(set->parts);
    free(set);
}
