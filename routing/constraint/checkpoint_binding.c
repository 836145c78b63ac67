#include "routing/constraint/checkpoint_binding.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct checkpoint_bindings {
    struct binding_cache cache;
    const struct rules_input *input;
    struct moment_list moments;
    struct checkpoint_classes asking, green;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static void binding_clear(struct binding *b)
{
    struct checkpoint_binding *c = (struct checkpoint_binding *)b;
    free((void *)(uintptr_t)c->opening);
    force_classes_clear(&c->classes);
    free(c);
}

/* ---- what is known of the checkpoints beforehand ---- */

static uint64_t asking_hash(const struct checkpoint *k)
{
    uint64_t hash = k->group_count;
    for (uint32_t g = 0; g < k->group_count; g++) {
        hash = XXH3_64bits_withSeed(&k->groups[g].requirement_count, sizeof k->groups[g].requirement_count, hash);
        for (uint32_t r = 0; r < k->groups[g].requirement_count; r++) {
            const int64_t words[2] = {k->groups[g].requirements[r].type, k->groups[g].requirements[r].max_age_s};
            hash = XXH3_64bits_withSeed(words, sizeof words, hash);
        }
    }
    return hash;
}

static bool asking_same(const struct checkpoint *a, const struct checkpoint *b)
{
    if (a->group_count != b->group_count) return false;
    for (uint32_t g = 0; g < a->group_count; g++) {
        if (a->groups[g].requirement_count != b->groups[g].requirement_count) return false;
        for (uint32_t r = 0; r < a->groups[g].requirement_count; r++)
            if (a->groups[g].requirements[r].type != b->groups[g].requirements[r].type ||
                a->groups[g].requirements[r].max_age_s != b->groups[g].requirements[r].max_age_s)
                return false;
    }
    return true;
}

static uint64_t green_hash(const struct checkpoint *k)
{
    return k->green_count ? XXH3_64bits(k->green, k->green_count * sizeof *k->green) : 0;
}

static bool green_same(const struct checkpoint *a, const struct checkpoint *b)
{
    return a->green_count == b->green_count &&
           (a->green_count == 0 || memcmp(a->green, b->green, a->green_count * sizeof *a->green) == 0);
}

/* False when memory is out. */
static bool classes_find(const struct rules_input *in, uint64_t (*hash)(const struct checkpoint *),
                         bool (*same)(const struct checkpoint *, const struct checkpoint *), struct checkpoint_classes *out)
{
    uint32_t size = 16;
    while (size < 2 * (uint64_t)in->checkpoint_count) size *= 2;
    uint32_t *table = calloc(size, sizeof *table); /* class + 1 */
    out->of = malloc(((size_t)in->checkpoint_count + 1) * sizeof *out->of);
    out->first = malloc(((size_t)in->checkpoint_count + 1) * sizeof *out->first);
    bool made = table && out->of && out->first;
    for (uint32_t i = 0; i < in->checkpoint_count && made; i++) {
        const struct checkpoint *k = &in->checkpoints[i];
        uint32_t slot = (uint32_t)hash(k) & (size - 1);
        while (table[slot] && !same(&in->checkpoints[out->first[table[slot] - 1]], k)) slot = (slot + 1) & (size - 1);
        if (!table[slot]) {
            out->first[out->count] = i;
            table[slot] = ++out->count;
        }
        out->of[i] = table[slot] - 1;
    }
    free(table);
    return made;
}

enum status checkpoint_bindings_new(const struct rules_input *input, struct checkpoint_bindings **out, struct error *err)
{
    struct checkpoint_bindings *all = calloc(1, sizeof *all);
    *out = NULL;
    if (!all) return no_memory(err);
    binding_cache_init(&all->cache, binding_clear);
    all->input = input;
    if (!moment_list_init(&all->moments, input->checkpoint_count) || !classes_find(input, asking_hash, asking_same, &all->asking) ||
        !classes_find(input, green_hash, green_same, &all->green)) {
        checkpoint_bindings_free(all);
        return no_memory(err);
    }
    for (uint32_t i = 0; i < input->checkpoint_count; i++) moment_list_add(&all->moments, &input->checkpoints[i].opening);
    moment_list_sort(&all->moments);
    *out = all;
    return STATUS_OK;
}

void checkpoint_bindings_free(struct checkpoint_bindings *all)
{
    if (!all) return;
    binding_cache_clear(&all->cache);
    moment_list_clear(&all->moments);
    free(all->asking.of);
    free(all->asking.first);
    free(all->green.of);
    free(all->green.first);
    free(all);
}

const struct checkpoint_classes *checkpoint_bindings_asking(const struct checkpoint_bindings *all)
{
    return &all->asking;
}

const struct checkpoint_classes *checkpoint_bindings_green(const struct checkpoint_bindings *all)
{
    return &all->green;
}

void checkpoint_binding_release(struct checkpoint_binding *binding)
{
    binding_release((struct binding *)binding);
}

/* ---- making one ---- */

static struct checkpoint_binding *make(const struct checkpoint_bindings *all, int64_t from_ms, int64_t until_ms)
{
    static const struct schedule never = {.from_ms = INT64_MIN, .until_ms = INT64_MIN};
    uint32_t count = all->input->checkpoint_count;
    struct checkpoint_binding *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    uint32_t *opening = malloc(((size_t)count + 1) * sizeof *opening);
    b->opening = opening;
    bool made = force_classes_init(&b->classes) && opening;
    for (uint32_t i = 0; i < count && made; i++) {
        struct force_class class = {&all->input->checkpoints[i].opening, NULL, NULL, 0};
        enum force_when when = force_class_when(&class, NULL, from_ms, until_ms);
        if (when == FORCE_NEVER) class.schedule = &never;
        opening[i] = when == FORCE_ALWAYS ? FORCE_CLASS_ALWAYS : force_classes_index(&b->classes, &class);
        made = when == FORCE_ALWAYS || opening[i] != FORCE_CLASS_ALWAYS;
    }
    force_classes_seal(&b->classes);
    if (made) return b;
    binding_clear(&b->binding);
    return NULL;
}

enum status checkpoint_bindings_find(struct checkpoint_bindings *all, int64_t from_ms, int64_t until_ms, struct checkpoint_binding **out,
                                     struct error *err)
{
    const uint32_t key[2] = {moment_list_until(&all->moments, from_ms), moment_list_until(&all->moments, until_ms)};
    struct binding *b = binding_cache_find(&all->cache, key, sizeof key);
    if (!b) {
        struct checkpoint_binding *made = make(all, from_ms, until_ms);
        if (made)
            b = binding_cache_keep(&all->cache, &made->binding, key, sizeof key,
                                   ((size_t)all->input->checkpoint_count + 1) * sizeof *made->opening +
                                       made->classes.capacity * sizeof *made->classes.items);
    }
    *out = (struct checkpoint_binding *)b;
    return b ? STATUS_OK : no_memory(err);
}

/* ---- numbers ---- */

static uint32_t *words_of(const struct binding *binding, const void *counts, size_t *count, uint32_t *note)
{
    const struct checkpoint_binding *b = (const struct checkpoint_binding *)binding;
    const struct checkpoint_bindings *all = (const struct checkpoint_bindings *)binding->cache;
    const bool *open = counts, *met = open + b->classes.count, *earned = met + all->asking.count;
    uint32_t checkpoints = all->input->checkpoint_count;
    uint32_t *words = malloc((2 * (size_t)checkpoints + 1) * sizeof *words);
    *count = *note = 0;
    for (uint32_t i = 0; i < checkpoints && words; i++) {
        if (!open[b->opening[i]] || !met[all->asking.of[i]]) continue;
        words[(*count)++] = i;
        words[(*count)++] = checkpoint_inspection_ms(&all->input->checkpoints[i], earned[all->green.of[i]]);
    }
    return words;
}

enum status checkpoint_binding_number(struct checkpoint_binding *binding, const bool *counts, uint32_t *number, struct error *err)
{
    const struct checkpoint_bindings *all = (const struct checkpoint_bindings *)binding->binding.cache;
    uint32_t note;
    return binding_number(&binding->binding, counts, (size_t)binding->classes.count + all->asking.count + all->green.count, words_of, number,
                          &note, err);
}
