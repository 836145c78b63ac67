#include "routing/constraint/conflict.h"

#include <stdio.h>
#include <string.h>

/* ---- lifting ---------------------------------------------------------------------------------------------------------- */

void conflict_lift(struct constraint *c, const struct breach *b, bool on)
{
    switch (b->kind) {
    case CONFLICT_ZONE: constraint_lift(c, c->zone_lifted, b->zone, on); break;
    case CONFLICT_GATE:
    case CONFLICT_CREDENTIAL: constraint_lift(c, c->checkpoint_lifted, b->checkpoint, on); break;
    case CONFLICT_CLOSURE: constraint_lift(c, c->closure_lifted, b->closure, on); break;
    case CONFLICT_AVOID:
        if (b->zone != UINT32_MAX)
            constraint_lift(c, c->zone_lifted, b->zone, on);
        else
            c->lift_avoid = on;
        break;
    case CONFLICT_LIMIT:
    case CONFLICT_ACCESS:
        if (on && c->lifted_count < LIFTED_ROADS_MAX) c->lifted_roads[c->lifted_count++] = b->road;
        for (uint32_t i = 0; !on && i < c->lifted_count; i++)
            if (c->lifted_roads[i] == b->road) {
                memmove(&c->lifted_roads[i], &c->lifted_roads[i + 1],
                        (c->lifted_count - i - 1) * sizeof *c->lifted_roads);
                c->lifted_count--;
                break;
            }
        break;
    }
}

void conflict_restore(struct constraint *c)
{
    memset(c->zone_lifted, 0, ((size_t)c->input->zone_count / 64 + 1) * sizeof *c->zone_lifted);
    memset(c->closure_lifted, 0, ((size_t)c->input->closure_count / 64 + 1) * sizeof *c->closure_lifted);
    memset(c->checkpoint_lifted, 0, ((size_t)c->input->checkpoint_count / 64 + 1) * sizeof *c->checkpoint_lifted);
    c->rules_lifted = false;
    c->lifted_count = 0;
    c->lift_avoid = false;
}

bool conflict_same(const struct breach *a, const struct breach *b)
{
    if (a->kind == CONFLICT_LIMIT || a->kind == CONFLICT_ACCESS)
        return (b->kind == CONFLICT_LIMIT || b->kind == CONFLICT_ACCESS) && a->road == b->road;
    if ((a->kind == CONFLICT_GATE || a->kind == CONFLICT_CREDENTIAL))
        return (b->kind == CONFLICT_GATE || b->kind == CONFLICT_CREDENTIAL) && a->checkpoint == b->checkpoint;
    return a->kind == b->kind && a->zone == b->zone && a->closure == b->closure;
}

/* ---- texts -------------------------------------------------------------------------------------------------------------- */

static const char *credential_names(const struct constraint *c, uint32_t checkpoint, bool zh, char *out, size_t size)
{
    const struct checkpoint *k = &c->input->checkpoints[checkpoint];
    size_t used = 0;
    out[0] = 0;
    for (uint32_t g = 0; g < k->group_count && used + 1 < size; g++)
        for (uint32_t i = 0; i < k->groups[g].requirement_count && used + 1 < size; i++) {
            const struct credential_type *t = &c->input->credential_types[k->groups[g].requirements[i].type];
            const char *join = i > 0 ? (zh ? "和" : " and ") : g > 0 ? (zh ? "，或" : ", or ") : "";
            int n = snprintf(out + used, size - used, "%s%s", join, zh ? t->name_zh : t->name_en);
            if (n < 0) break;
            used += (size_t)n;
        }
    return out;
}

/* What would open it, in one language: the catalogue's text with the rule's name. */
static void needed_text(const struct constraint *c, const struct conflict *k, enum language language, char *out, size_t size)
{
    const struct rules_input *in = c->input;
    bool zh = language == LANGUAGE_ZH;
    switch (k->kind) {
    case CONFLICT_ZONE:
        message_format(out, size,
                       k->cause == STATUS_NO_OPEN_GATE                      ? MESSAGE_NEEDED_CHECKPOINT
                       : constraint_zone_by_unknown_plate(c, k->zone) ? MESSAGE_NEEDED_PLATE
                                                                            : MESSAGE_NEEDED_ZONE,
                       language, in->zones[k->zone].name);
        break;
    case CONFLICT_GATE:
        message_format(out, size, MESSAGE_NEEDED_OPENING, language, in->checkpoints[k->checkpoint].name);
        break;
    case CONFLICT_CREDENTIAL: {
        char names[240];
        message_format(out, size, MESSAGE_NEEDED_CREDENTIAL, language, in->checkpoints[k->checkpoint].name,
                       credential_names(c, k->checkpoint, zh, names, sizeof names));
        break;
    }
    case CONFLICT_LIMIT: {
        double unit = k->limit_kind == LIMIT_AXLES ? 1 : 1000;
        message_format(out, size, MESSAGE_NEEDED_LIMIT, language,
                       zh ? limit_kind_zh(k->limit_kind) : limit_kind_code(k->limit_kind), k->limit / unit, k->vehicle / unit);
        break;
    }
    case CONFLICT_CLOSURE:
        message_format(out, size, constraint_closure_by_unknown_plate(c, k->closure) ? MESSAGE_NEEDED_PLATE : MESSAGE_NEEDED_CLOSURE,
                       language, in->closures[k->closure].name);
        break;
    case CONFLICT_ACCESS: message_format(out, size, MESSAGE_NEEDED_ACCESS, language); break;
    case CONFLICT_AVOID: message_format(out, size, MESSAGE_NEEDED_AVOID, language); break;
    }
}

static void needed(const struct constraint *c, struct conflict *k)
{
    needed_text(c, k, LANGUAGE_ZH, k->needed_zh, sizeof k->needed_zh);
    needed_text(c, k, LANGUAGE_EN, k->needed_en, sizeof k->needed_en);
}

struct conflict conflict_of(const struct constraint *c, const struct breach *b, struct point_e7 point)
{
    struct conflict k = {.kind = b->kind, .cause = b->cause, .zone = b->zone, .checkpoint = b->checkpoint,
                         .closure = b->closure, .road = b->road, .limit_kind = b->limit_kind, .point = point};
    if (b->kind == CONFLICT_LIMIT) {
        k.limit = rules_limits(c->rules, b->road)[b->limit_kind];
        k.vehicle = vehicle_value(&c->request->vehicle, b->limit_kind);
    }
    if (b->kind == CONFLICT_CLOSURE && c->input->closures[b->closure].action == CLOSURE_LIMIT) {
        k.limit_kind = c->input->closures[b->closure].limit_kind;
        k.limit = c->input->closures[b->closure].limit_value;
        k.vehicle = vehicle_value(&c->request->vehicle, k.limit_kind);
    }
    needed(c, &k);
    return k;
}
