#include "routing/constraint/rules_compile.h"

#include "geo/projection.h"
#include "routing/constraint/gates.h"
#include "routing/constraint/rules_limits.h"
#include "routing/constraint/rules_members.h"
#include "routing/constraint/zone_set.h"
#include "routing/rules/rules_copy.h"

#include <stdlib.h>
#include <string.h>

#define RULES_BYTES_MAX ((size_t)2 << 30)

/* What the public part points into. */
struct compiled {
    struct rules rules; /* first: a struct rules is a struct compiled */
    uint32_t references; /* atomic */
    struct arena arena;  /* the copy of the input */
    char network_version[33];
    struct rules_members members;
    struct rules_limits limits;
    struct zone_set **zone_sets; /* by zone */
    struct gate_set **gate_sets; /* by checkpoint */
    uint32_t *zones_by_id;       /* zones sorted by id */
    struct zone_digest *zone_digests, *gate_digests; /* of the sets, side by side for looking through */
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- looking up ---- */

static bool digests_equal(struct zone_digest a, struct zone_digest b)
{
    return a.high == b.high && a.low == b.low;
}

static int by_id(const void *left, const void *right, void *context)
{
    const struct compiled *c = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = strcmp(c->rules.input->zones[a].id, c->rules.input->zones[b].id);
    return order != 0 ? order : (a > b) - (a < b);
}

/* Zones in order of their ids; mostly they come that way. */
static enum status sort_ids(struct compiled *c, struct error *err)
{
    const struct rules_input *input = c->rules.input;
    bool ascending = true;
    c->zones_by_id = malloc(((size_t)input->zone_count + 1) * sizeof *c->zones_by_id);
    if (c->zones_by_id == NULL) return no_memory(err);
    for (uint32_t i = 0; i < input->zone_count; i++) {
        c->zones_by_id[i] = i;
        ascending = ascending && (i == 0 || strcmp(input->zones[i - 1].id, input->zones[i].id) <= 0);
    }
    if (!ascending) qsort_r(c->zones_by_id, input->zone_count, sizeof *c->zones_by_id, by_id, c);
    return STATUS_OK;
}

/* Looks for digests among those of the version before: first at the place after the one found last, where it nearly always is, and
 * otherwise by a table of hashes that is made when it is first needed. */
struct lookup {
    const struct zone_digest *digests;
    uint32_t count, next;
    uint32_t *table, mask; /* of indices + 1, by the low bits of the digest */
};

static bool table_make(struct lookup *l)
{
    uint32_t size = 2;
    while (size < 2 * (uint64_t)l->count) size *= 2;
    l->table = calloc(size, sizeof *l->table);
    l->mask = size - 1;
    for (uint32_t i = 0; l->table != NULL && i < l->count; i++) {
        uint32_t at = (uint32_t)l->digests[i].low & l->mask;
        while (l->table[at] != 0 && !digests_equal(l->digests[l->table[at] - 1], l->digests[i])) at = (at + 1) & l->mask;
        if (l->table[at] == 0) l->table[at] = i + 1; /* of those that are alike the first */
    }
    return l->table != NULL;
}

/* *index: the first place where it was, or UINT32_MAX. */
static enum status look_up(struct lookup *l, struct zone_digest digest, uint32_t *index, struct error *err)
{
    *index = UINT32_MAX;
    if (l->count == 0) return STATUS_OK;
    if (l->next < l->count && digests_equal(l->digests[l->next], digest)) {
        *index = l->next++;
        return STATUS_OK;
    }
    if (l->table == NULL && !table_make(l)) return no_memory(err);
    for (uint32_t at = (uint32_t)digest.low & l->mask; l->table[at] != 0 && *index == UINT32_MAX; at = (at + 1) & l->mask)
        if (digests_equal(l->digests[l->table[at] - 1], digest)) *index = l->table[at] - 1;
    l->next = *index == UINT32_MAX ? l->next + 1 : *index + 1;
    return STATUS_OK;
}

/* ---- compiling ---- */

/* Opened when the first zone or checkpoint needs it. */
struct plane {
    const struct network *n;
    const struct spatial *spatial;
    struct projection *projection;
};

static enum status plane_open(struct plane *plane, struct error *err)
{
    return plane->projection != NULL ? STATUS_OK : projection_open(plane->n->projection, &plane->projection, err);
}

static enum status compile_zones(struct compiled *c, const struct compiled *previous, struct plane *plane,
                                 struct error *err)
{
    const struct rules_input *input = c->rules.input;
    struct lookup lookup = {0};
    enum status status = STATUS_OK;
    if (previous != NULL)
        lookup = (struct lookup){.digests = previous->zone_digests, .count = previous->rules.input->zone_count};
    for (uint32_t z = 0; z < input->zone_count; z++) {
        const struct zone *zone = &input->zones[z];
        uint32_t same;
        c->zone_digests[z] = zone_set_digest(zone);
        if ((status = look_up(&lookup, c->zone_digests[z], &same, err)) != STATUS_OK) break;
        if (same != UINT32_MAX) {
            c->zone_sets[z] = zone_set_get(previous->zone_sets[same]);
            continue;
        }
        if ((status = plane_open(plane, err)) != STATUS_OK) break;
        status = zone_set_new(plane->n, plane->spatial, plane->projection, zone, &c->zone_sets[z], err);
        if (status == STATUS_OK) continue;
        char reason[sizeof err->log] = "";
        if (err != NULL) memcpy(reason, err->en, sizeof reason);
        error_set(err, status, MESSAGE_ZONE_UNUSABLE, zone->id);
        error_log(err, "zone %s: %s", zone->id, reason);
        break;
    }
    free(lookup.table);
    return status;
}

static enum status compile_gates(struct compiled *c, const struct compiled *previous, struct plane *plane,
                                 struct error *err)
{
    const struct rules_input *input = c->rules.input;
    struct lookup lookup = {0};
    enum status status = STATUS_OK;
    if (previous != NULL)
        lookup = (struct lookup){.digests = previous->gate_digests, .count = previous->rules.input->checkpoint_count};
    for (uint32_t i = 0; i < input->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &input->checkpoints[i];
        uint32_t same;
        c->gate_digests[i] = gate_set_digest(input, checkpoint, c->zone_sets);
        if ((status = look_up(&lookup, c->gate_digests[i], &same, err)) != STATUS_OK) break;
        if (same != UINT32_MAX) {
            c->gate_sets[i] = gate_set_get(previous->gate_sets[same]);
            continue;
        }
        if ((status = plane_open(plane, err)) != STATUS_OK) break;
        status = gate_set_new(plane->n, plane->spatial, plane->projection, input, checkpoint, c->zone_sets,
                              &c->gate_sets[i], err);
        if (status != STATUS_OK) break;
    }
    free(lookup.table);
    return status;
}

/* Turns counts at first[key + 1] into offsets, so that first[key] is where the entries of `key` begin. */
static uint32_t offsets(uint32_t *first, uint32_t keys)
{
    for (uint32_t i = 0; i < keys; i++) first[i + 1] += first[i];
    return first[keys];
}

/* After filling with first[key]++ every offset has moved to the next key's: moves them back. */
static void offsets_back(uint32_t *first, uint32_t keys)
{
    for (uint32_t i = keys; i > 0; i--) first[i] = first[i - 1];
    first[0] = 0;
}

static enum status join_members(struct compiled *c, const struct network *n, const struct compiled *before,
                                struct error *err)
{
    enum status status =
        rules_members_join(n->arc_count, c->zone_sets, c->rules.input->zone_count,
                           before == NULL ? NULL : &before->members, before == NULL ? NULL : before->zone_sets,
                           before == NULL ? 0 : before->rules.input->zone_count, &c->members, err);
    c->rules.arc_first_member = c->members.arc_first_member;
    c->rules.member = c->members.member;
    c->rules.stretches = c->members.stretches;
    c->rules.zone_first_arc = c->members.zone_first_arc;
    c->rules.zone_arc = c->members.zone_arc;
    c->rules.member_count = c->members.member_count;
    c->rules.stretch_count = c->members.stretch_count;
    return status;
}

static int compare_gate_arcs(const void *left, const void *right)
{
    const struct gate_arc *a = left, *b = right;
    if (a->arc != b->arc) return a->arc < b->arc ? -1 : 1;
    if (a->zone != b->zone) return a->zone < b->zone ? -1 : 1;
    if (a->direction != b->direction) return a->direction < b->direction ? -1 : 1;
    return (a->checkpoint > b->checkpoint) - (a->checkpoint < b->checkpoint);
}

/* Of the gates of one arc into it, or out of it: which checkpoint is the last that can be chosen among, if there are more. */
static uint32_t last_chosen(const struct gate_arc *gates, uint32_t count, uint8_t direction)
{
    uint32_t lowest[RULES_GATES_MAX], known = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t checkpoint = gates[i].checkpoint;
        uint32_t at = known;
        if (gates[i].direction != direction) continue;
        while (at > 0 && lowest[at - 1] > checkpoint) at--;
        if ((at > 0 && lowest[at - 1] == checkpoint) || at == RULES_GATES_MAX) continue;
        known += known < RULES_GATES_MAX;
        memmove(lowest + at + 1, lowest + at, (known - at - 1) * sizeof *lowest);
        lowest[at] = checkpoint;
    }
    return known == RULES_GATES_MAX ? lowest[known - 1] : UINT32_MAX;
}

/* Checkpoints beyond those open nothing there, and are told of. Returns how many gates stay. */
static uint32_t gates_few(struct gate_arc *gates, uint32_t count, bool *dead)
{
    uint32_t kept = 0;
    for (uint32_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && gates[end].arc == gates[i].arc;) end++;
        const uint32_t last[2] = {last_chosen(gates + i, end - i, GATE_ENTER), last_chosen(gates + i, end - i, GATE_EXIT)};
        for (uint32_t k = i; k < end; k++) {
            if (gates[k].checkpoint <= last[gates[k].direction == GATE_EXIT]) gates[kept++] = gates[k];
            else dead[gates[k].checkpoint] = true;
        }
    }
    return kept;
}

static enum status join_gates(struct compiled *c, const struct network *n, struct error *err)
{
    const struct rules_input *input = c->rules.input;
    uint64_t count = 0;
    for (uint32_t i = 0; i < input->checkpoint_count; i++) count += c->gate_sets[i]->count;
    if (count > INT32_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, (size_t)INT32_MAX);
    uint32_t *first = calloc((size_t)n->arc_count + 1, sizeof *first);
    struct gate_arc *arcs = malloc((count + 1) * sizeof *arcs);
    uint32_t *dead = malloc(((size_t)input->checkpoint_count + 1) * sizeof *dead);
    bool *is_dead = calloc((size_t)input->checkpoint_count + 1, sizeof *is_dead);
    c->rules.arc_first_gate = first;
    c->rules.gate_arcs = arcs;
    c->rules.dead_checkpoints = dead;
    if (first == NULL || arcs == NULL || dead == NULL || is_dead == NULL) {
        free(is_dead);
        return no_memory(err);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < input->checkpoint_count; i++) {
        const struct gate_set *set = c->gate_sets[i];
        for (uint32_t k = 0; k < set->count; k++)
            arcs[at++] = (struct gate_arc){set->parts[k].arc, input->checkpoints[i].gates[set->parts[k].gate].zone, i,
                                           set->parts[k].direction};
        is_dead[i] = set->dead;
    }
    qsort(arcs, at, sizeof *arcs, compare_gate_arcs);
    uint32_t kept = 0; /* a checkpoint may name a zone twice */
    for (uint32_t i = 0; i < at; i++)
        if (kept == 0 || compare_gate_arcs(&arcs[i], &arcs[kept - 1]) != 0) arcs[kept++] = arcs[i];
    kept = gates_few(arcs, kept, is_dead);
    for (uint32_t i = 0; i < input->checkpoint_count; i++)
        if (is_dead[i]) dead[c->rules.dead_checkpoint_count++] = i;
    free(is_dead);
    for (uint32_t i = 0; i < kept; i++) first[arcs[i].arc + 1]++;
    offsets(first, n->arc_count);
    c->rules.gate_arc_count = kept;
    return STATUS_OK;
}

/* The arc that a row names: NO_ARC when the road cannot be driven that way; *known says whether the road is there. */
static arc_id named_arc(const struct network *n, const struct road_direction *named, bool *known)
{
    road_index road = network_road_find(n, named->road_id);
    *known = road != NO_ROAD;
    return *known ? n->road_arc[2 * (size_t)road + named->backward] : NO_ARC;
}

static enum status join_closures(struct compiled *c, const struct network *n, struct error *err)
{
    const struct rules_input *input = c->rules.input;
    uint64_t most = 0;
    for (uint32_t i = 0; i < input->closure_count; i++) most += input->closures[i].arc_count;
    if (most > INT32_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, (size_t)INT32_MAX);
    uint32_t *first = calloc((size_t)n->arc_count + 1, sizeof *first);
    uint32_t *closures = malloc((most + 1) * sizeof *closures);
    uint32_t *dead = malloc(((size_t)input->closure_count + 1) * sizeof *dead);
    arc_id *arcs = malloc((most + 1) * sizeof *arcs);
    uint32_t *begins = malloc(((size_t)input->closure_count + 1) * sizeof *begins);
    c->rules.arc_first_closure = first;
    c->rules.arc_closure = closures;
    c->rules.closure_first_arc = begins;
    c->rules.closure_arc = arcs;
    c->rules.dead_closures = dead;
    if (first == NULL || closures == NULL || dead == NULL || arcs == NULL || begins == NULL) return no_memory(err);
    uint32_t at = 0;
    for (uint32_t i = 0; i < input->closure_count; i++) {
        const struct closure *closure = &input->closures[i];
        bool all_known = true;
        begins[i] = at;
        for (uint32_t k = 0; k < closure->arc_count; k++) {
            bool known;
            arc_id a = named_arc(n, &closure->arcs[k], &known);
            all_known = all_known && known;
            if (a == NO_ARC) continue;
            arcs[at++] = a;
            first[a + 1]++;
        }
        if (begins[i] == at || !all_known) dead[c->rules.dead_closure_count++] = i;
    }
    begins[input->closure_count] = at;
    offsets(first, n->arc_count);
    for (uint32_t i = 0; i < input->closure_count; i++)
        for (uint32_t k = begins[i]; k < begins[i + 1]; k++) closures[first[arcs[k]]++] = i;
    offsets_back(first, n->arc_count);

    /* an arc named twice by one closure: its entries are neighbours */
    uint32_t kept = 0, begin = 0;
    for (arc_id a = 0; a < n->arc_count; a++) {
        uint32_t end = first[a + 1], start = kept;
        for (uint32_t i = begin; i < end; i++)
            if (kept == start || closures[kept - 1] != closures[i]) closures[kept++] = closures[i];
        first[a] = start;
        begin = end;
    }
    first[n->arc_count] = kept;
    return STATUS_OK;
}

static enum status join_limits(struct compiled *c, const struct network *n, struct error *err)
{
    const struct rules_input *input = c->rules.input;
    enum status status = rules_limits_join(n, input->road_limits, input->road_limit_count, &c->limits, err);
    c->rules.road_limits = c->limits.road_limits;
    c->rules.limits = c->limits.limits;
    c->rules.limits_count = c->limits.limits_count;
    c->rules.road_flags = c->limits.road_flags;
    c->rules.dead_road_limit_count = c->limits.dead_count;
    return status;
}

static void compiled_free(struct compiled *c)
{
    if (c == NULL) return;
    const struct rules_input *input = c->rules.input;
    for (uint32_t i = 0; c->zone_sets != NULL && i < input->zone_count; i++) zone_set_release(c->zone_sets[i]);
    for (uint32_t i = 0; c->gate_sets != NULL && i < input->checkpoint_count; i++) gate_set_release(c->gate_sets[i]);
    free(c->zone_sets);
    free(c->gate_sets);
    free(c->zones_by_id);
    free(c->zone_digests);
    free(c->gate_digests);
    rules_members_clear(&c->members);
    zone_index_clear(&c->rules.near);
    zone_bindings_free(c->rules.bindings);
    closure_bindings_free(c->rules.closure_bindings);
    checkpoint_bindings_free(c->rules.checkpoint_bindings);
    rules_limits_clear(&c->limits);
#define FREE(array) free((void *)(uintptr_t)c->rules.array)
    FREE(gate_arcs);
    FREE(arc_first_gate);
    FREE(arc_first_closure);
    FREE(closure_first_arc);
    FREE(closure_arc);
    FREE(arc_closure);
    FREE(dead_checkpoints);
    FREE(dead_closures);
#undef FREE
    arena_clear(&c->arena);
    free(c);
}

enum status rules_compile(const struct network *n, const struct spatial *spatial, const struct rules_input *input,
                          const struct rules *previous, struct rules **out, struct error *err)
{
    struct plane plane = {.n = n, .spatial = spatial};
    const struct compiled *before = (const struct compiled *)previous;
    struct rules_input *copy = NULL;
    enum status status;
    *out = NULL;
    struct compiled *c = calloc(1, sizeof *c);
    if (c == NULL) return no_memory(err);
    c->references = 1;
    arena_init(&c->arena, RULES_BYTES_MAX);
    if ((status = rules_copy(input, &c->arena, &copy, err)) != STATUS_OK) goto done;
    c->rules.input = copy;
    c->rules.version = copy->version;
    c->rules.as_of_ms = copy->as_of_ms;
    memcpy(c->network_version, n->version, sizeof c->network_version);
    if (before != NULL && strcmp(before->network_version, n->version) != 0) before = NULL;
    c->zone_sets = calloc((size_t)copy->zone_count + 1, sizeof *c->zone_sets);
    c->gate_sets = calloc((size_t)copy->checkpoint_count + 1, sizeof *c->gate_sets);
    c->zone_digests = malloc(((size_t)copy->zone_count + 1) * sizeof *c->zone_digests);
    c->gate_digests = malloc(((size_t)copy->checkpoint_count + 1) * sizeof *c->gate_digests);
    if (c->zone_sets == NULL || c->gate_sets == NULL || c->zone_digests == NULL || c->gate_digests == NULL) {
        status = no_memory(err);
        goto done;
    }
    if ((status = sort_ids(c, err)) != STATUS_OK) goto done;
    if ((status = zone_bindings_new(copy, &c->rules.bindings, err)) != STATUS_OK) goto done;
    if ((status = closure_bindings_new(copy, &c->rules.closure_bindings, err)) != STATUS_OK) goto done;
    if ((status = checkpoint_bindings_new(copy, &c->rules.checkpoint_bindings, err)) != STATUS_OK) goto done;
    if ((status = zone_index_init(&c->rules.near, copy->zones, copy->zone_count, err)) != STATUS_OK) goto done;
    if ((status = compile_zones(c, before, &plane, err)) != STATUS_OK) goto done;
    if ((status = compile_gates(c, before, &plane, err)) != STATUS_OK) goto done;
    if ((status = join_members(c, n, before, err)) != STATUS_OK) goto done;
    zone_bindings_arcs(c->rules.bindings, c->rules.zone_first_arc, c->rules.zone_arc, n->arc_count);
    if ((status = join_gates(c, n, err)) != STATUS_OK) goto done;
    if ((status = join_limits(c, n, err)) != STATUS_OK) goto done;
    status = join_closures(c, n, err);
done:
    projection_close(plane.projection);
    if (status != STATUS_OK) {
        compiled_free(c);
        return status;
    }
    *out = &c->rules;
    return STATUS_OK;
}

struct rules *rules_get(struct rules *r)
{
    __atomic_add_fetch(&((struct compiled *)r)->references, 1, __ATOMIC_RELAXED);
    return r;
}

void rules_release(struct rules *r)
{
    struct compiled *c = (struct compiled *)r;
    if (c != NULL && __atomic_sub_fetch(&c->references, 1, __ATOMIC_ACQ_REL) == 0) compiled_free(c);
}

/* ---- questions ---- */

credential_type_index rules_credential_type(const struct rules *r, const char *code)
{
    for (uint32_t i = 0; i < r->input->credential_type_count && i < NO_CREDENTIAL_TYPE; i++)
        if (strcmp(r->input->credential_types[i].code, code) == 0) return (credential_type_index)i;
    return NO_CREDENTIAL_TYPE;
}

uint32_t rules_zone(const struct rules *r, const char *id)
{
    const struct compiled *c = (const struct compiled *)r;
    uint32_t low = 0, high = r->input->zone_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(r->input->zones[c->zones_by_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == r->input->zone_count || strcmp(r->input->zones[c->zones_by_id[low]].id, id) != 0) return UINT32_MAX;
    return c->zones_by_id[low];
}

bool rules_membership(const struct rules *r, arc_id a, uint32_t zone, const struct membership **m)
{
    uint32_t low = r->arc_first_member[a], high = r->arc_first_member[a + 1], end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->member[middle].zone < zone)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || r->member[low].zone != zone) return false;
    if (m != NULL) *m = &r->member[low];
    return true;
}

uint32_t rules_zone_rule(const struct zone *z, const struct vehicle *v)
{
    uint32_t strictest = UINT32_MAX;
    for (uint32_t i = 0; i < z->rule_count; i++) {
        enum subject_match match = subject_match(&z->rules[i].subject, v);
        if (match == SUBJECT_NO) continue;
        if (strictest == UINT32_MAX || z->rules[i].kind < z->rules[strictest].kind) strictest = i;
        if (match == SUBJECT_YES) break;
    }
    return strictest;
}

bool rules_arc_open(const struct network *n, const struct zone_rule *rule, arc_id a)
{
    if (rule->kind == RULE_CLOSED || rule->kind == RULE_CAUTION) return false;
    road_index road = n->arc_road[a];
    if ((rule->open_classes >> n->road_class[road] & 1) != 0) return true;
    return (rule->open_classes >> ROAD_MOTORWAY & 1) != 0 && (n->road_flags[road] & ROAD_THROUGH_RAMP) != 0;
}
