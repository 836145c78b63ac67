#include "routing/constraint/closure_binding.h"

#include <stdlib.h>
#include <string.h>

/* The different values that closures set as limits of one kind, ascending. */
struct limit_values {
    uint32_t *items, count;
};

struct closure_bindings {
    struct binding_cache cache;
    const struct rules_input *input;
    struct subject_pool subjects;
    uint32_t *subject; /* [closure_count] its index */
    struct moment_list moments;
    bool *exempting;   /* [credential_type_count] */
    struct limit_values limits[LIMIT_COUNT];
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static void binding_clear(struct binding *b)
{
    struct closure_binding *c = (struct closure_binding *)b;
    free((void *)(uintptr_t)c->force);
    force_classes_clear(&c->classes);
    free(c);
}

/* No credential opens what is washed away. */
static uint32_t exempt_count(const struct closure *c)
{
    return c->physical ? 0 : c->exempt_count;
}

/* ---- what is known of the closures beforehand ---- */

static int compare_values(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static bool limits_find(struct closure_bindings *all)
{
    const struct rules_input *in = all->input;
    uint32_t most[LIMIT_COUNT] = {0};
    for (uint32_t i = 0; i < in->closure_count; i++)
        if (in->closures[i].action == CLOSURE_LIMIT) most[in->closures[i].limit_kind]++;
    for (uint32_t k = 0; k < LIMIT_COUNT; k++) {
        struct limit_values *l = &all->limits[k];
        uint32_t kept = 0;
        l->items = malloc(((size_t)most[k] + 1) * sizeof *l->items);
        if (!l->items) return false;
        for (uint32_t i = 0; i < in->closure_count && most[k] > 0; i++)
            if (in->closures[i].action == CLOSURE_LIMIT && in->closures[i].limit_kind == k) l->items[l->count++] = in->closures[i].limit_value;
        qsort(l->items, l->count, sizeof *l->items, compare_values);
        for (uint32_t i = 0; i < l->count; i++)
            if (kept == 0 || l->items[i] != l->items[kept - 1]) l->items[kept++] = l->items[i];
        l->count = kept;
    }
    return true;
}

static enum status closures_look(struct closure_bindings *all, struct error *err)
{
    const struct rules_input *in = all->input;
    all->subject = malloc(((size_t)in->closure_count + 1) * sizeof *all->subject);
    all->exempting = calloc((size_t)in->credential_type_count + 1, sizeof *all->exempting);
    if (!subject_pool_init(&all->subjects, in->closure_count) || !moment_list_init(&all->moments, in->closure_count) || !all->subject ||
        !all->exempting || !limits_find(all))
        return no_memory(err);
    for (uint32_t i = 0; i < in->closure_count; i++) {
        const struct closure *c = &in->closures[i];
        all->subject[i] = subject_pool_index(&all->subjects, &c->subject);
        moment_list_add(&all->moments, &c->schedule);
        for (uint32_t e = 0; e < exempt_count(c); e++) all->exempting[c->exempt[e]] = true;
    }
    subject_pool_seal(&all->subjects);
    moment_list_sort(&all->moments);
    return STATUS_OK;
}

enum status closure_bindings_new(const struct rules_input *input, struct closure_bindings **out, struct error *err)
{
    struct closure_bindings *all = calloc(1, sizeof *all);
    *out = NULL;
    if (!all) return no_memory(err);
    binding_cache_init(&all->cache, binding_clear);
    all->input = input;
    enum status status = closures_look(all, err);
    if (status != STATUS_OK) {
        closure_bindings_free(all);
        return status;
    }
    *out = all;
    return STATUS_OK;
}

void closure_bindings_free(struct closure_bindings *all)
{
    if (!all) return;
    binding_cache_clear(&all->cache);
    subject_pool_clear(&all->subjects);
    moment_list_clear(&all->moments);
    for (uint32_t k = 0; k < LIMIT_COUNT; k++) free(all->limits[k].items);
    free(all->subject);
    free(all->exempting);
    free(all);
}

void closure_binding_release(struct closure_binding *binding)
{
    binding_release((struct binding *)binding);
}

/* ---- making one ---- */

/* What a binding is made for. */
struct asked {
    const struct closure_bindings *all;
    const bool *binds;                /* [subjects.count] */
    const bool *holds;                /* [credential_type_count] a credential of it is there, and it exempts */
    const uint32_t *exceeded;         /* [LIMIT_COUNT] so many of the limits' values, the least ones */
    int64_t from_ms, until_ms;
};

/* False when memory is out. */
static bool force_of(const struct asked *a, uint32_t i, struct force_classes *classes, uint32_t *force)
{
    const struct closure *c = &a->all->input->closures[i];
    *force = CLOSURE_UNBOUND;
    if (!a->binds[a->all->subject[i]]) return true;
    if (c->action == CLOSURE_LIMIT) {
        uint32_t exceeded = a->exceeded[c->limit_kind];
        if (exceeded == 0 || c->limit_value > a->all->limits[c->limit_kind].items[exceeded - 1]) return true;
    }
    struct force_class class = {&c->schedule, NULL, c->exempt, exempt_count(c)};
    enum force_when when = force_class_when(&class, a->holds, a->from_ms, a->until_ms);
    if (when == FORCE_NEVER) return true;
    *force = when == FORCE_ALWAYS ? FORCE_CLASS_ALWAYS : force_classes_index(classes, &class);
    return when == FORCE_ALWAYS || *force != FORCE_CLASS_ALWAYS;
}

static struct closure_binding *make(const struct asked *a)
{
    uint32_t count = a->all->input->closure_count;
    struct closure_binding *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    uint32_t *force = malloc(((size_t)count + 1) * sizeof *force);
    b->force = force;
    bool made = force_classes_init(&b->classes) && force;
    for (uint32_t i = 0; i < count && made; i++) made = force_of(a, i, &b->classes, &force[i]);
    force_classes_seal(&b->classes);
    if (made) return b;
    binding_clear(&b->binding);
    return NULL;
}

/* How many of the values lie below `value`. */
static uint32_t exceeded_by(const struct limit_values *l, uint32_t value)
{
    uint32_t low = 0, high = l->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->items[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum status closure_bindings_find(struct closure_bindings *all, const struct vehicle *v, const struct credential_set *credentials,
                                  int64_t from_ms, int64_t until_ms, struct closure_binding **out, struct error *err)
{
    uint32_t numbers[2 + LIMIT_COUNT] = {moment_list_until(&all->moments, from_ms), moment_list_until(&all->moments, until_ms)};
    for (uint32_t k = 0; k < LIMIT_COUNT; k++) numbers[2 + k] = exceeded_by(&all->limits[k], vehicle_value(v, (enum limit_kind)k));
    uint32_t types = all->input->credential_type_count;
    size_t size = sizeof numbers + types + all->subjects.count;
    unsigned char some[512], *key = size <= sizeof some ? some : malloc(size);
    *out = NULL;
    if (!key) return no_memory(err);
    memcpy(key, numbers, sizeof numbers);
    bool *holds = (bool *)(key + sizeof numbers), *binds = holds + types;
    memset(holds, 0, types);
    for (uint32_t i = 0; i < credentials->count; i++) holds[credentials->type[i]] = all->exempting[credentials->type[i]];
    for (uint32_t s = 0; s < all->subjects.count; s++) binds[s] = subject_matches(all->subjects.items[s], v);
    struct binding *b = binding_cache_find(&all->cache, key, size);
    if (!b) {
        const struct asked asked = {all, binds, holds, numbers + 2, from_ms, until_ms};
        struct closure_binding *made = make(&asked);
        if (made)
            b = binding_cache_keep(&all->cache, &made->binding, key, size,
                                   ((size_t)all->input->closure_count + 1) * sizeof *made->force +
                                       made->classes.capacity * sizeof *made->classes.items);
    }
    if (key != some) free(key);
    *out = (struct closure_binding *)b;
    return b ? STATUS_OK : no_memory(err);
}

/* ---- numbers ---- */

/* What else the loose reading asks of a closure is the same for all. */
static uint32_t *words_of(const struct binding *binding, const void *counts, size_t *count, uint32_t *note)
{
    const struct closure_binding *b = (const struct closure_binding *)binding;
    uint32_t closures = ((const struct closure_bindings *)binding->cache)->input->closure_count;
    const bool *on = counts;
    uint32_t *words = malloc(((size_t)closures + 1) * sizeof *words);
    *count = *note = 0;
    for (uint32_t i = 0; i < closures && words; i++)
        if (b->force[i] != CLOSURE_UNBOUND && on[b->force[i]]) words[(*count)++] = i;
    return words;
}

enum status closure_binding_number(struct closure_binding *binding, const bool *on, uint32_t *number, struct error *err)
{
    uint32_t note;
    return binding_number(&binding->binding, on, binding->classes.count * sizeof *on, words_of, number, &note, err);
}
