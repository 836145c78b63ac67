#include "routing/constraint/rule_kinds.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* At most half full. */
static uint32_t table_size(uint64_t items)
{
    uint32_t size = 16;
    while (size < 2 * items) size *= 2;
    return size;
}

/* ---- whom ---- */

static bool same_texts(const char *const *a, const char *const *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(a[i], b[i]) != 0) return false;
    return true;
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
    return a->gross_min_kg == b->gross_min_kg && a->gross_max_kg == b->gross_max_kg && a->axles_min == b->axles_min &&
           a->axles_max == b->axles_max && a->hazmat == b->hazmat && a->livestock == b->livestock && a->lorry == b->lorry &&
           a->emissions == b->emissions && a->plate_prefixes_negated == b->plate_prefixes_negated &&
           a->plate_prefix_count == b->plate_prefix_count && a->cargo_count == b->cargo_count &&
           same_texts(a->plate_prefixes, b->plate_prefixes, a->plate_prefix_count) &&
           same_texts(a->cargos, b->cargos, a->cargo_count);
}

static uint64_t subject_hash(const struct subject *s)
{
    const uint32_t numbers[] = {s->gross_min_kg, s->gross_max_kg, s->axles_min, s->axles_max, (uint32_t)s->hazmat,
                                (uint32_t)s->livestock, (uint32_t)s->lorry, s->emissions, s->plate_prefixes_negated};
    uint64_t hash = XXH3_64bits(numbers, sizeof numbers);
    for (uint32_t i = 0; i < s->plate_prefix_count; i++)
        hash = XXH3_64bits_withSeed(s->plate_prefixes[i], strlen(s->plate_prefixes[i]), hash);
    for (uint32_t i = 0; i < s->cargo_count; i++) hash = XXH3_64bits_withSeed(s->cargos[i], strlen(s->cargos[i]), hash + 1);
    return hash;
}

bool subject_pool_init(struct subject_pool *pool, uint64_t most)
{
    *pool = (struct subject_pool){.table_size = table_size(most)};
    pool->table = calloc(pool->table_size, sizeof *pool->table);
    pool->items = malloc((most + 1) * sizeof *pool->items);
    return pool->table && pool->items;
}

uint32_t subject_pool_index(struct subject_pool *pool, const struct subject *s)
{
    uint32_t slot = (uint32_t)subject_hash(s) & (pool->table_size - 1);
    while (pool->table[slot] && !same_subject(pool->items[pool->table[slot] - 1], s)) slot = (slot + 1) & (pool->table_size - 1);
    if (!pool->table[slot]) {
        pool->items[pool->count] = s;
        pool->table[slot] = ++pool->count;
    }
    return pool->table[slot] - 1;
}

void subject_pool_seal(struct subject_pool *pool)
{
    free(pool->table);
    pool->table = NULL;
}

void subject_pool_clear(struct subject_pool *pool)
{
    subject_pool_seal(pool);
    free(pool->items);
    pool->items = NULL;
}

/* ---- from when until when ---- */

bool moment_list_init(struct moment_list *list, uint64_t most)
{
    *list = (struct moment_list){.items = malloc((2 * most + 1) * sizeof *list->items)};
    return list->items != NULL;
}

/* Rules of one document begin and end together, and mostly come one after the other: what was just added need not be sorted again. */
static void add_moment(struct moment_list *list, int64_t at_ms)
{
    const uint32_t count = list->count;
    if ((count > 0 && list->items[count - 1] == at_ms) || (count > 1 && list->items[count - 2] == at_ms)) return;
    list->items[list->count++] = at_ms;
}

void moment_list_add(struct moment_list *list, const struct schedule *s)
{
    if (s->from_ms != INT64_MIN) add_moment(list, s->from_ms);
    if (s->until_ms != TIME_OPEN) add_moment(list, s->until_ms);
}

static int compare_moments(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void moment_list_sort(struct moment_list *list)
{
    uint32_t kept = 0;
    qsort(list->items, list->count, sizeof *list->items, compare_moments);
    for (uint32_t i = 0; i < list->count; i++)
        if (kept == 0 || list->items[i] != list->items[kept - 1]) list->items[kept++] = list->items[i];
    list->count = kept;
}

void moment_list_clear(struct moment_list *list)
{
    free(list->items);
    list->items = NULL;
}

uint32_t moment_list_until(const struct moment_list *list, int64_t at_ms)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->items[middle] <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- at what times ---- */

static bool same_hours(const struct schedule *a, const struct schedule *b)
{
    return a && b ? schedule_same(a, b) : a == b;
}

static bool same_class(const struct force_class *a, const struct force_class *b)
{
    return schedule_same(a->schedule, b->schedule) && same_hours(a->hours, b->hours) && a->exempt_count == b->exempt_count &&
           (a->exempt_count == 0 || memcmp(a->exempt, b->exempt, a->exempt_count * sizeof *a->exempt) == 0);
}

static uint64_t schedule_hash(const struct schedule *s, uint64_t seed)
{
    int64_t ends[2] = {s->from_ms, s->until_ms};
    uint64_t hash = XXH3_64bits_withSeed(ends, sizeof ends, seed);
    return s->window_count ? XXH3_64bits_withSeed(s->windows, s->window_count * sizeof *s->windows, hash) : hash;
}

static uint64_t class_hash(const struct force_class *c)
{
    uint64_t hash = schedule_hash(c->schedule, 0);
    if (c->hours) hash = schedule_hash(c->hours, hash);
    return c->exempt_count ? XXH3_64bits_withSeed(c->exempt, c->exempt_count * sizeof *c->exempt, hash) : hash;
}

bool force_classes_init(struct force_classes *all)
{
    *all = (struct force_classes){.items = calloc(1, sizeof *all->items), .count = 1, .capacity = 1};
    return all->items != NULL;
}

static bool class_room(struct force_classes *all)
{
    if (all->count < all->capacity) return true;
    uint32_t capacity = 2 * all->capacity < 16 ? 16 : 2 * all->capacity, size = table_size(capacity);
    struct force_class *items = realloc(all->items, capacity * sizeof *items);
    if (items) all->items = items;
    uint32_t *table = items ? calloc(size, sizeof *table) : NULL;
    if (!table) return false;
    free(all->table);
    all->table = table;
    all->table_size = size;
    all->capacity = capacity;
    for (uint32_t i = 1; i < all->count; i++) {
        uint32_t slot = (uint32_t)class_hash(&all->items[i]) & (size - 1);
        while (table[slot]) slot = (slot + 1) & (size - 1);
        table[slot] = i;
    }
    return true;
}

uint32_t force_classes_index(struct force_classes *all, const struct force_class *c)
{
    if (!class_room(all)) return FORCE_CLASS_ALWAYS;
    uint32_t slot = (uint32_t)class_hash(c) & (all->table_size - 1);
    while (all->table[slot] && !same_class(&all->items[all->table[slot]], c)) slot = (slot + 1) & (all->table_size - 1);
    if (!all->table[slot]) {
        all->items[all->count] = *c;
        all->table[slot] = all->count++;
    }
    return all->table[slot];
}

void force_classes_seal(struct force_classes *all)
{
    free(all->table);
    all->table = NULL;
}

void force_classes_clear(struct force_classes *all)
{
    force_classes_seal(all);
    free(all->items);
    all->items = NULL;
}

enum force_when force_class_when(struct force_class *c, const bool *holds, int64_t from_ms, int64_t until_ms)
{
    const struct schedule *s[2] = {c->schedule, c->hours};
    bool on = true, change = false, exempt = false;
    for (uint32_t e = 0; e < c->exempt_count && !exempt; e++) exempt = holds[c->exempt[e]];
    if (exempt) return FORCE_DEPENDS;
    c->exempt = NULL;
    c->exempt_count = 0;
    for (int i = 0; i < 2 && s[i]; i++) {
        if (s[i]->window_count > 0) return FORCE_DEPENDS;
        on = on && s[i]->from_ms <= from_ms && from_ms < s[i]->until_ms;
        change = change || from_ms < s[i]->from_ms;
        change = change || (from_ms < s[i]->until_ms && s[i]->until_ms != TIME_OPEN);
        if (on && s[i]->until_ms <= until_ms) return FORCE_DEPENDS;
    }
    return on ? FORCE_ALWAYS : change ? FORCE_DEPENDS : FORCE_NEVER;
}

struct rule_force *force_classes_judge(const struct force_class *classes, uint32_t count, const struct force_frame *frame,
                                       struct arena *arena, bool *varying)
{
    struct rule_force *forces = arena_take(arena, count * sizeof *forces);
    if (!forces) return NULL;
    forces[FORCE_CLASS_ALWAYS] = (struct rule_force){{.initial = true}, true, true, true};
    for (uint32_t k = 1; k < count; k++) {
        const struct force_class *class = &classes[k];
        struct rule_force *f = &forces[k];
        if (force_init(&f->force, class->schedule, class->hours, frame->calendar, frame->plate_tail, class->exempt, class->exempt_count,
                       frame->credentials, frame->depart_ms, frame->until_ms, arena) != STATUS_OK)
            return NULL;
        f->ever = f->force.flip_count > 0 || f->force.initial;
        f->const_on = f->ever && force_throughout(&f->force, frame->depart_ms, frame->loose_until_ms);
        f->sometime = f->ever && force_sometime(&f->force, frame->depart_ms, frame->loose_until_ms);
        *varying = *varying || f->force.flip_count > 0;
    }
    return forces;
}
