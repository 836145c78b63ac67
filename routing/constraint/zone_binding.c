#include "routing/constraint/zone_binding.h"

#include "routing/constraint/rules_compile.h"

#include <stdlib.h>
#include <string.h>

struct zone_bindings {
    struct binding_cache cache;
    const struct rules_input *input;
    struct subject_pool subjects;
    uint32_t *first_rule;   /* [zone_count + 1] into rule_subject */
    uint32_t *rule_subject; /* its index in subjects */
    struct moment_list moments; /* when a zone or the hours of a rule begin or end for good */
    bool *exempting;        /* [credential_type_count] */
    const uint32_t *zone_first_arc; /* borrowed, or NULL */
    const arc_id *zone_arc;
    uint32_t arc_count;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static void binding_clear(struct binding *b)
{
    struct zone_binding *z = (struct zone_binding *)b;
    free((void *)(uintptr_t)z->zones);
    free((void *)(uintptr_t)z->bound_arcs); /* with the other */
    force_classes_clear(&z->classes);
    free(z);
}

/* ---- what is known of the rules beforehand ---- */

static enum status rules_look(struct zone_bindings *all, struct error *err)
{
    const struct rules_input *in = all->input;
    uint64_t rules = 0;
    uint32_t at = 0;
    for (uint32_t z = 0; z < in->zone_count; z++) rules += in->zones[z].rule_count;
    if (rules > INT32_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, (size_t)INT32_MAX);
    all->first_rule = malloc(((size_t)in->zone_count + 1) * sizeof *all->first_rule);
    all->rule_subject = malloc((rules + 1) * sizeof *all->rule_subject);
    all->exempting = calloc((size_t)in->credential_type_count + 1, sizeof *all->exempting);
    if (!subject_pool_init(&all->subjects, rules) || !moment_list_init(&all->moments, in->zone_count + rules) || !all->first_rule ||
        !all->rule_subject || !all->exempting)
        return no_memory(err);
    for (uint32_t z = 0; z < in->zone_count; z++) {
        all->first_rule[z] = at;
        moment_list_add(&all->moments, &in->zones[z].schedule);
        for (uint32_t r = 0; r < in->zones[z].rule_count; r++) {
            const struct zone_rule *rule = &in->zones[z].rules[r];
            all->rule_subject[at++] = subject_pool_index(&all->subjects, &rule->subject);
            moment_list_add(&all->moments, &rule->hours);
            for (uint32_t e = 0; e < rule->exempt_count; e++) all->exempting[rule->exempt[e]] = true;
        }
    }
    all->first_rule[in->zone_count] = at;
    subject_pool_seal(&all->subjects);
    moment_list_sort(&all->moments);
    return STATUS_OK;
}

enum status zone_bindings_new(const struct rules_input *input, struct zone_bindings **out, struct error *err)
{
    struct zone_bindings *all = calloc(1, sizeof *all);
    *out = NULL;
    if (!all) return no_memory(err);
    binding_cache_init(&all->cache, binding_clear);
    all->input = input;
    enum status status = rules_look(all, err);
    if (status != STATUS_OK) {
        zone_bindings_free(all);
        return status;
    }
    *out = all;
    return STATUS_OK;
}

void zone_bindings_arcs(struct zone_bindings *all, const uint32_t *zone_first_arc, const arc_id *zone_arc, uint32_t arc_count)
{
    all->zone_first_arc = zone_first_arc;
    all->zone_arc = zone_arc;
    all->arc_count = arc_count;
}

void zone_bindings_free(struct zone_bindings *all)
{
    if (!all) return;
    binding_cache_clear(&all->cache);
    subject_pool_clear(&all->subjects);
    moment_list_clear(&all->moments);
    free(all->first_rule);
    free(all->rule_subject);
    free(all->exempting);
    free(all);
}

void zone_binding_release(struct zone_binding *binding)
{
    binding_release((struct binding *)binding);
}

/* ---- making one ---- */

/* What a binding is made for. */
struct asked {
    const struct zone_bindings *all;
    const unsigned char *verdicts; /* [subjects.count] enum subject_match */
    const bool *holds;             /* [credential_type_count] a credential of it is there, and it exempts */
    int64_t from_ms, until_ms;
};

/* As rules_zone_rule, from what the subjects say. */
static uint32_t rule_of(const struct asked *a, uint32_t zone)
{
    const struct zone *z = &a->all->input->zones[zone];
    const uint32_t *subject = a->all->rule_subject + a->all->first_rule[zone];
    uint32_t strictest = UINT32_MAX;
    for (uint32_t i = 0; i < z->rule_count; i++) {
        unsigned char match = a->verdicts[subject[i]];
        if (match == SUBJECT_NO) continue;
        if (strictest == UINT32_MAX || z->rules[i].kind < z->rules[strictest].kind) strictest = i;
        if (match == SUBJECT_YES) break;
    }
    return strictest;
}

static bool state_make(const struct asked *a, uint32_t i, struct force_classes *classes, struct zone_state *z)
{
    const struct zone *zone = &a->all->input->zones[i];
    *z = (struct zone_state){.slow_permille = 1000, .rule = rule_of(a, i)};
    if (z->rule == UINT32_MAX) return true;
    const struct zone_rule *rule = &zone->rules[z->rule];
    z->kind = (uint8_t)rule->kind;
    z->forbids = rule->kind == RULE_CLOSED || rule->kind == RULE_THROUGH_ONLY;
    z->gated = rule->kind == RULE_GATED;
    z->leg_dependent = rule->kind == RULE_DESTINATION_ONLY || (z->gated && rule->transit_deny);
    if (rule->kind != RULE_CLOSED && rule->kind != RULE_CAUTION) z->open = rule->open_classes;
    if (rule->kind == RULE_CAUTION && rule->slow_permille > 1000) z->slow_permille = rule->slow_permille;
    struct force_class c = {&zone->schedule, &rule->hours, rule->exempt, rule->exempt_count};
    enum force_when when = force_class_when(&c, a->holds, a->from_ms, a->until_ms);
    z->bound = when != FORCE_NEVER;
    if (when != FORCE_DEPENDS) return true;
    z->force = force_classes_index(classes, &c);
    return z->force != FORCE_CLASS_ALWAYS;
}

static size_t arc_words(const struct zone_bindings *all)
{
    return all->zone_first_arc ? (size_t)all->arc_count / 64 + 1 : 0;
}

/* False when memory is out. */
static bool arcs_mark(const struct zone_bindings *all, struct zone_binding *b)
{
    size_t words = arc_words(all);
    if (words == 0) return true;
    uint64_t *bound = calloc(2 * words, sizeof *bound), *gated = bound + words;
    if (!bound) return false;
    for (uint32_t z = 0; z < all->input->zone_count; z++) {
        if (!b->zones[z].bound) continue;
        for (uint32_t i = all->zone_first_arc[z]; i < all->zone_first_arc[z + 1]; i++) {
            uint64_t bit = (uint64_t)1 << all->zone_arc[i] % 64;
            bound[all->zone_arc[i] / 64] |= bit;
            if (b->zones[z].gated) gated[all->zone_arc[i] / 64] |= bit;
        }
    }
    b->bound_arcs = bound;
    b->gated_arcs = gated;
    return true;
}

static struct zone_binding *make(const struct asked *a)
{
    const struct rules_input *in = a->all->input;
    struct zone_binding *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    struct zone_state *zones = malloc(((size_t)in->zone_count + 1) * sizeof *zones);
    b->zones = zones;
    bool made = force_classes_init(&b->classes) && zones;
    for (uint32_t i = 0; i < in->zone_count && made; i++) made = state_make(a, i, &b->classes, &zones[i]);
    force_classes_seal(&b->classes);
    made = made && arcs_mark(a->all, b);
    if (made) return b;
    binding_clear(&b->binding);
    return NULL;
}

enum status zone_bindings_find(struct zone_bindings *all, const struct vehicle *v, const struct credential_set *credentials,
                               int64_t from_ms, int64_t until_ms, struct zone_binding **out, struct error *err)
{
    const uint32_t ends[2] = {moment_list_until(&all->moments, from_ms), moment_list_until(&all->moments, until_ms)};
    uint32_t types = all->input->credential_type_count;
    size_t size = sizeof ends + types + all->subjects.count;
    unsigned char some[512], *key = size <= sizeof some ? some : malloc(size);
    *out = NULL;
    if (!key) return no_memory(err);
    memcpy(key, ends, sizeof ends);
    bool *holds = (bool *)(key + sizeof ends);
    unsigned char *verdicts = key + sizeof ends + types;
    memset(holds, 0, types);
    for (uint32_t i = 0; i < credentials->count; i++) holds[credentials->type[i]] = all->exempting[credentials->type[i]];
    for (uint32_t s = 0; s < all->subjects.count; s++) verdicts[s] = (unsigned char)subject_match(all->subjects.items[s], v);
    struct binding *b = binding_cache_find(&all->cache, key, size);
    if (!b) {
        const struct asked asked = {all, verdicts, holds, from_ms, until_ms};
        struct zone_binding *made = make(&asked);
        if (made)
            b = binding_cache_keep(&all->cache, &made->binding, key, size,
                                   ((size_t)all->input->zone_count + 1) * sizeof *made->zones +
                                       2 * arc_words(all) * sizeof(uint64_t) + made->classes.capacity * sizeof *made->classes.items);
    }
    if (key != some) free(key);
    *out = (struct zone_binding *)b;
    return b ? STATUS_OK : no_memory(err);
}

/* ---- numbers ---- */

/* The zones that bind all through, in words that say all that the loose reading asks of them. */
static uint32_t *words_of(const struct binding *binding, const void *counts, size_t *count, uint32_t *gated)
{
    const struct zone_binding *b = (const struct zone_binding *)binding;
    const struct zone_bindings *all = (const struct zone_bindings *)binding->cache;
    uint32_t zones = all->input->zone_count;
    const bool *on = counts;
    uint32_t *words = malloc((4 * (size_t)zones + 1) * sizeof *words);
    size_t at = 0;
    *gated = false;
    for (uint32_t i = 0; i < zones && words; i++) {
        const struct zone_state *z = &b->zones[i];
        if (!z->bound || !on[z->force]) continue;
        words[at++] = i;
        words[at++] = (uint32_t)z->forbids | (uint32_t)z->gated << 1 | (uint32_t)z->leg_dependent << 2 | (uint32_t)z->kind << 4;
        words[at++] = z->open;
        words[at++] = z->slow_permille;
        *gated = *gated || z->gated;
    }
    *count = at;
    return words;
}

enum status zone_binding_number(struct zone_binding *binding, const bool *on, uint32_t *number, bool *gated, struct error *err)
{
    uint32_t note = 0;
    enum status status = binding_number(&binding->binding, on, binding->classes.count * sizeof *on, words_of, number, &note, err);
    *gated = note;
    return status;
}
