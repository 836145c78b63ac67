#include "routing/rules/rules_copy.h"

#include <string.h>

/* Copies are made with one sticky failure, looked at once at the end. */
struct copier {
    struct arena *arena;
    bool failed;
};

static const void *bytes(struct copier *c, const void *from, size_t count, size_t size)
{
    if (count == 0 || c->failed) return NULL;
    void *made = arena_zero(c->arena, count, size);
    if (made == NULL)
        c->failed = true;
    else
        memcpy(made, from, count * size);
    return made;
}

static const char *text(struct copier *c, const char *from)
{
    if (from == NULL || from[0] == '\0') return "";
    const char *made = c->failed ? NULL : arena_strdup(c->arena, from);
    if (made == NULL) c->failed = true;
    return made;
}

#define COPY(c, array, count) ((array) = bytes((c), (array), (count), sizeof *(array)))

static const char *const *texts(struct copier *c, const char *const *from, uint32_t count)
{
    const char **made = (const char **)(uintptr_t)bytes(c, from, count, sizeof *from);
    for (uint32_t i = 0; made != NULL && i < count; i++) made[i] = text(c, from[i]);
    return made;
}

static void copy_subject(struct copier *c, struct subject *s)
{
    s->plate_prefixes = texts(c, s->plate_prefixes, s->plate_prefix_count);
    s->cargos = texts(c, s->cargos, s->cargo_count);
}

static void copy_schedule(struct copier *c, struct schedule *s)
{
    COPY(c, s->windows, s->window_count);
}

static void copy_area(struct copier *c, struct multipolygon *m)
{
    m->part_first_ring = (uint32_t *)(uintptr_t)bytes(c, m->part_first_ring, m->part_count == 0 ? 0 : m->part_count + 1,
                                                      sizeof *m->part_first_ring);
    m->ring_first_point = (uint32_t *)(uintptr_t)bytes(
        c, m->ring_first_point, m->part_count == 0 ? 0 : m->ring_count + 1, sizeof *m->ring_first_point);
    m->points = (struct point_e7 *)(uintptr_t)bytes(c, m->points, m->point_count, sizeof *m->points);
}

/* The copy of an array whose elements are then mended in place. */
#define MUTABLE(c, type, array, count) ((type *)(uintptr_t)bytes((c), (array), (count), sizeof *(array)))

static void copy_zone(struct copier *c, struct zone *z)
{
    z->id = text(c, z->id);
    z->name = text(c, z->name);
    z->class_code = text(c, z->class_code);
    z->class_name_zh = text(c, z->class_name_zh);
    z->class_name_en = text(c, z->class_name_en);
    z->county = text(c, z->county);
    z->document = text(c, z->document);
    z->authority = text(c, z->authority);
    copy_area(c, &z->area);
    COPY(c, z->layers, z->layer_count);
    copy_schedule(c, &z->schedule);
    struct zone_rule *rules = MUTABLE(c, struct zone_rule, z->rules, z->rule_count);
    for (uint32_t i = 0; rules != NULL && i < z->rule_count; i++) {
        copy_subject(c, &rules[i].subject);
        COPY(c, rules[i].exempt, rules[i].exempt_count);
        copy_schedule(c, &rules[i].hours);
    }
    z->rules = rules;
}

static void copy_checkpoint(struct copier *c, struct checkpoint *p)
{
    p->id = text(c, p->id);
    p->name = text(c, p->name);
    p->road_ref = text(c, p->road_ref);
    copy_schedule(c, &p->opening);
    struct requirement_group *groups = MUTABLE(c, struct requirement_group, p->groups, p->group_count);
    for (uint32_t i = 0; groups != NULL && i < p->group_count; i++)
        COPY(c, groups[i].requirements, groups[i].requirement_count);
    p->groups = groups;
    COPY(c, p->green, p->green_count);
    struct gate *gates = MUTABLE(c, struct gate, p->gates, p->gate_count);
    for (uint32_t i = 0; gates != NULL && i < p->gate_count; i++) COPY(c, gates[i].arcs, gates[i].arc_count);
    p->gates = gates;
}

static void copy_closure(struct copier *c, struct closure *l)
{
    l->id = text(c, l->id);
    l->name = text(c, l->name);
    l->cause = text(c, l->cause);
    l->document = text(c, l->document);
    l->authority = text(c, l->authority);
    copy_subject(c, &l->subject);
    copy_schedule(c, &l->schedule);
    COPY(c, l->exempt, l->exempt_count);
    COPY(c, l->arcs, l->arc_count);
}

enum status rules_copy(const struct rules_input *input, struct arena *arena, struct rules_input **out,
                       struct error *err)
{
    struct copier c = {.arena = arena};
    struct rules_input *made = (struct rules_input *)(uintptr_t)bytes(&c, input, 1, sizeof *input);
    *out = NULL;
    if (made == NULL) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, arena->maximum);
    COPY(&c, made->calendar.kind, made->calendar.day_count);
    struct credential_type *types =
        MUTABLE(&c, struct credential_type, made->credential_types, made->credential_type_count);
    for (uint32_t i = 0; types != NULL && i < made->credential_type_count; i++) {
        types[i].code = text(&c, types[i].code);
        types[i].name_zh = text(&c, types[i].name_zh);
        types[i].name_en = text(&c, types[i].name_en);
    }
    made->credential_types = types;
    struct zone *zones = MUTABLE(&c, struct zone, made->zones, made->zone_count);
    for (uint32_t i = 0; zones != NULL && i < made->zone_count; i++) copy_zone(&c, &zones[i]);
    made->zones = zones;
    struct checkpoint *checkpoints = MUTABLE(&c, struct checkpoint, made->checkpoints, made->checkpoint_count);
    for (uint32_t i = 0; checkpoints != NULL && i < made->checkpoint_count; i++) copy_checkpoint(&c, &checkpoints[i]);
    made->checkpoints = checkpoints;
    struct closure *closures = MUTABLE(&c, struct closure, made->closures, made->closure_count);
    for (uint32_t i = 0; closures != NULL && i < made->closure_count; i++) copy_closure(&c, &closures[i]);
    made->closures = closures;
    struct facility *facilities = MUTABLE(&c, struct facility, made->facilities, made->facility_count);
    for (uint32_t i = 0; facilities != NULL && i < made->facility_count; i++) {
        facilities[i].id = text(&c, facilities[i].id);
        facilities[i].kind = text(&c, facilities[i].kind);
        facilities[i].name = text(&c, facilities[i].name);
        facilities[i].name_en = text(&c, facilities[i].name_en);
    }
    made->facilities = facilities;
    COPY(&c, made->road_limits, made->road_limit_count);
    if (c.failed) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, arena->maximum);
    *out = made;
    return STATUS_OK;
}
