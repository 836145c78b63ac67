#include "routing/constraint/zone_binding.h"

#include "routing/constraint/rules_compile.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { BYTES_MAX = 32 << 20, LISTS_MAX = 64, NUMBERS_MAX = 8 };

/* Which number stands for a binding whose classes are on or off like this. */
struct numbered {
    uint32_t number;
    bool gated;
    bool *on; /* [class_count] */
};

struct entry {
    struct zone_binding binding; /* first: a struct zone_binding is a struct entry */
    struct zone_bindings *all;
    struct entry *newer, *older;
    uint32_t references;         /* with the lock held */
    uint64_t hash;
    size_t key_size, bytes;
    unsigned char *key;
    struct numbered numbers[NUMBERS_MAX]; /* the last used first */
    uint32_t number_count;
};

/* What a number stands for. Numbers are not given twice, so one that was forgotten does no harm. */
struct list {
    uint32_t number;
    uint64_t hash;
    size_t count;
    uint32_t *words;
};

struct zone_bindings {
    pthread_mutex_t lock;
    const struct rules_input *input;
    const struct subject **subjects; /* each different one */
    uint32_t subject_count;
    uint32_t *first_rule;            /* [zone_count + 1] into rule_subject */
    uint32_t *rule_subject;          /* its index in subjects */
    int64_t *moments;                /* ascending: when a zone or the hours of a rule begin or end for good */
    uint32_t moment_count;
    bool *exempting;                 /* [credential_type_count] */
    struct entry *newest, *oldest;
    size_t bytes;
    struct list lists[LISTS_MAX];    /* the last used first */
    uint32_t list_count, next_number;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- what is known of the rules beforehand ---- */

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

static uint32_t table_size(uint64_t items)
{
    uint32_t size = 16;
    while (size < 2 * items) size *= 2;
    return size;
}

static enum status subjects_find(struct zone_bindings *all, struct error *err)
{
    const struct rules_input *in = all->input;
    uint64_t rules = 0;
    for (uint32_t z = 0; z < in->zone_count; z++) rules += in->zones[z].rule_count;
    if (rules > INT32_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_RULES_TOO_LARGE, (size_t)INT32_MAX);
    uint32_t size = table_size(rules), at = 0;
    uint32_t *table = calloc(size, sizeof *table); /* index + 1 into subjects */
    all->first_rule = malloc(((size_t)in->zone_count + 1) * sizeof *all->first_rule);
    all->rule_subject = malloc((rules + 1) * sizeof *all->rule_subject);
    all->subjects = malloc((rules + 1) * sizeof *all->subjects);
    if (!table || !all->first_rule || !all->rule_subject || !all->subjects) {
        free(table);
        return no_memory(err);
    }
    for (uint32_t z = 0; z < in->zone_count; z++) {
        all->first_rule[z] = at;
        for (uint32_t r = 0; r < in->zones[z].rule_count; r++) {
            const struct subject *s = &in->zones[z].rules[r].subject;
            uint32_t slot = (uint32_t)subject_hash(s) & (size - 1);
            while (table[slot] && !same_subject(all->subjects[table[slot] - 1], s)) slot = (slot + 1) & (size - 1);
            if (!table[slot]) {
                all->subjects[all->subject_count] = s;
                table[slot] = ++all->subject_count;
            }
            all->rule_subject[at++] = table[slot] - 1;
        }
    }
    all->first_rule[in->zone_count] = at;
    free(table);
    return STATUS_OK;
}

static int compare_moments(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void moments_of(struct zone_bindings *all, const struct schedule *s)
{
    if (s->from_ms != INT64_MIN) all->moments[all->moment_count++] = s->from_ms;
    if (s->until_ms != TIME_OPEN) all->moments[all->moment_count++] = s->until_ms;
}

static enum status moments_find(struct zone_bindings *all, struct error *err)
{
    const struct rules_input *in = all->input;
    size_t most = 2 * ((size_t)in->zone_count + all->first_rule[in->zone_count]);
    uint32_t kept = 0;
    all->moments = malloc((most + 1) * sizeof *all->moments);
    all->exempting = calloc((size_t)in->credential_type_count + 1, sizeof *all->exempting);
    if (!all->moments || !all->exempting) return no_memory(err);
    for (uint32_t z = 0; z < in->zone_count; z++) {
        moments_of(all, &in->zones[z].schedule);
        for (uint32_t r = 0; r < in->zones[z].rule_count; r++) {
            const struct zone_rule *rule = &in->zones[z].rules[r];
            moments_of(all, &rule->hours);
            for (uint32_t e = 0; e < rule->exempt_count; e++) all->exempting[rule->exempt[e]] = true;
        }
    }
    qsort(all->moments, all->moment_count, sizeof *all->moments, compare_moments);
    for (uint32_t i = 0; i < all->moment_count; i++)
        if (kept == 0 || all->moments[i] != all->moments[kept - 1]) all->moments[kept++] = all->moments[i];
    all->moment_count = kept;
    return STATUS_OK;
}

enum status zone_bindings_new(const struct rules_input *input, struct zone_bindings **out, struct error *err)
{
    struct zone_bindings *all = calloc(1, sizeof *all);
    *out = NULL;
    if (!all) return no_memory(err);
    pthread_mutex_init(&all->lock, NULL);
    all->input = input;
    all->next_number = 1;
    enum status status = subjects_find(all, err);
    if (status == STATUS_OK) status = moments_find(all, err);
    if (status != STATUS_OK) {
        zone_bindings_free(all);
        return status;
    }
    *out = all;
    return STATUS_OK;
}

/* ---- keeping ---- */

static void entry_free(struct entry *e)
{
    if (!e) return;
    for (uint32_t i = 0; i < e->number_count; i++) free(e->numbers[i].on);
    free((void *)(uintptr_t)e->binding.zones);
    free((void *)(uintptr_t)e->binding.classes);
    free(e->key);
    free(e);
}

/* The following three with the lock held. */
static void let_go(struct entry *e)
{
    if (--e->references == 0) entry_free(e);
}

static void list_out(struct zone_bindings *all, struct entry *e)
{
    *(e->newer ? &e->newer->older : &all->newest) = e->older;
    *(e->older ? &e->older->newer : &all->oldest) = e->newer;
}

static void list_in(struct zone_bindings *all, struct entry *e)
{
    e->newer = NULL;
    e->older = all->newest;
    *(all->newest ? &all->newest->newer : &all->oldest) = e;
    all->newest = e;
}

static struct entry *known(struct zone_bindings *all, uint64_t hash, const unsigned char *key, size_t size)
{
    struct entry *e = all->newest;
    while (e && (e->hash != hash || e->key_size != size || memcmp(e->key, key, size) != 0)) e = e->older;
    if (!e) return NULL;
    list_out(all, e);
    list_in(all, e);
    e->references++;
    return e;
}

void zone_bindings_free(struct zone_bindings *all)
{
    if (!all) return;
    while (all->oldest) {
        struct entry *e = all->oldest;
        list_out(all, e);
        let_go(e);
    }
    for (uint32_t i = 0; i < all->list_count; i++) free(all->lists[i].words);
    pthread_mutex_destroy(&all->lock);
    free(all->subjects);
    free(all->first_rule);
    free(all->rule_subject);
    free(all->moments);
    free(all->exempting);
    free(all);
}

void zone_binding_release(struct zone_binding *binding)
{
    if (!binding) return;
    struct zone_bindings *all = ((struct entry *)binding)->all;
    pthread_mutex_lock(&all->lock);
    let_go((struct entry *)binding);
    pthread_mutex_unlock(&all->lock);
}

/* ---- making one ---- */

/* What a binding is made for. */
struct asked {
    const struct zone_bindings *all;
    const unsigned char *verdicts; /* [subject_count] enum subject_match */
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

enum when { NEVER, ALWAYS, IT_DEPENDS };

/* Only what hangs on nothing but the moments beside each other in the key may be answered for good. */
static enum when when_of(const struct asked *a, const struct zone *zone, const struct zone_rule *rule)
{
    const struct schedule *s[2] = {&zone->schedule, &rule->hours};
    bool on = true, change = false;
    for (uint32_t e = 0; e < rule->exempt_count; e++)
        if (a->holds[rule->exempt[e]]) return IT_DEPENDS;
    for (int i = 0; i < 2; i++) {
        if (s[i]->window_count > 0) return IT_DEPENDS;
        on = on && s[i]->from_ms <= a->from_ms && a->from_ms < s[i]->until_ms;
        change = change || a->from_ms < s[i]->from_ms;
        change = change || (a->from_ms < s[i]->until_ms && s[i]->until_ms != TIME_OPEN);
        if (on && s[i]->until_ms <= a->until_ms) return IT_DEPENDS;
    }
    return on ? ALWAYS : change ? IT_DEPENDS : NEVER;
}

static uint64_t schedule_hash(const struct schedule *s, uint64_t seed)
{
    int64_t ends[2] = {s->from_ms, s->until_ms};
    uint64_t hash = XXH3_64bits_withSeed(ends, sizeof ends, seed);
    return s->window_count ? XXH3_64bits_withSeed(s->windows, s->window_count * sizeof *s->windows, hash) : hash;
}

struct classes {
    struct force_class *items;
    uint32_t count, capacity;
    uint32_t *table, size; /* index or 0 */
};

static bool same_class(const struct force_class *a, const struct force_class *b)
{
    return schedule_same(a->schedule, b->schedule) && schedule_same(a->hours, b->hours) && a->exempt_count == b->exempt_count &&
           (a->exempt_count == 0 || memcmp(a->exempt, b->exempt, a->exempt_count * sizeof *a->exempt) == 0);
}

static uint64_t class_hash(const struct force_class *c)
{
    uint64_t hash = schedule_hash(c->hours, schedule_hash(c->schedule, 0));
    return c->exempt_count ? XXH3_64bits_withSeed(c->exempt, c->exempt_count * sizeof *c->exempt, hash) : hash;
}

/* 0 when memory is out. */
static uint32_t class_index(struct classes *all, const struct force_class *c)
{
    if (all->count + 1 >= all->capacity) { /* grow both: the table is kept at most half full */
        uint32_t capacity = all->capacity ? 2 * all->capacity : 16, size = 4 * capacity;
        struct force_class *items = realloc(all->items, capacity * sizeof *items);
        if (items) all->items = items;
        uint32_t *table = items ? calloc(size, sizeof *table) : NULL;
        if (!table) return 0;
        free(all->table);
        all->table = table;
        all->size = size;
        all->capacity = capacity;
        if (all->count == 0) all->items[all->count++] = (struct force_class){0};
        for (uint32_t i = 1; i < all->count; i++) {
            uint32_t slot = (uint32_t)class_hash(&all->items[i]) & (size - 1);
            while (table[slot]) slot = (slot + 1) & (size - 1);
            table[slot] = i;
        }
    }
    uint32_t slot = (uint32_t)class_hash(c) & (all->size - 1);
    while (all->table[slot] && !same_class(&all->items[all->table[slot]], c)) slot = (slot + 1) & (all->size - 1);
    if (!all->table[slot]) {
        all->items[all->count] = *c;
        all->table[slot] = all->count++;
    }
    return all->table[slot];
}

static bool state_make(const struct asked *a, uint32_t i, struct classes *classes, struct zone_state *z)
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
    enum when when = when_of(a, zone, rule);
    z->bound = when != NEVER;
    if (when != IT_DEPENDS) return true;
    const struct force_class c = {&zone->schedule, &rule->hours, rule->exempt, rule->exempt_count};
    z->force = class_index(classes, &c);
    return z->force != ZONE_FORCE_ALWAYS;
}

static struct entry *entry_make(const struct asked *a, unsigned char *key, size_t key_size, uint64_t hash)
{
    const struct rules_input *in = a->all->input;
    struct classes classes = {0};
    struct entry *e = calloc(1, sizeof *e);
    struct zone_state *zones = malloc(((size_t)in->zone_count + 1) * sizeof *zones);
    bool made = e && zones;
    for (uint32_t i = 0; i < in->zone_count && made; i++) made = state_make(a, i, &classes, &zones[i]);
    if (made && !classes.items) {
        classes.items = calloc(1, sizeof *classes.items);
        classes.count = 1;
        made = classes.items != NULL;
    }
    free(classes.table);
    if (!made) {
        free(e);
        free(zones);
        free(classes.items);
        return NULL;
    }
    e->binding = (struct zone_binding){zones, classes.items, classes.count};
    e->all = (struct zone_bindings *)(uintptr_t)a->all;
    e->references = 1;
    e->hash = hash;
    e->key = key;
    e->key_size = key_size;
    e->bytes = sizeof *e + key_size + ((size_t)in->zone_count + 1) * sizeof *zones + classes.count * sizeof *classes.items;
    return e;
}

/* The first moment after at_ms, as an index. */
static uint32_t moments_until(const struct zone_bindings *all, int64_t at_ms)
{
    uint32_t low = 0, high = all->moment_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (all->moments[middle] <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum status zone_bindings_find(struct zone_bindings *all, const struct vehicle *v, const struct credential_set *credentials,
                               int64_t from_ms, int64_t until_ms, struct zone_binding **out, struct error *err)
{
    const uint32_t ends[2] = {moments_until(all, from_ms), moments_until(all, until_ms)};
    uint32_t types = all->input->credential_type_count;
    size_t size = sizeof ends + types + all->subject_count;
    unsigned char some[512], *key = size <= sizeof some ? some : malloc(size);
    *out = NULL;
    if (!key) return no_memory(err);
    memcpy(key, ends, sizeof ends);
    bool *holds = (bool *)(key + sizeof ends);
    unsigned char *verdicts = key + sizeof ends + types;
    memset(holds, 0, types);
    for (uint32_t i = 0; i < credentials->count; i++) holds[credentials->type[i]] = all->exempting[credentials->type[i]];
    for (uint32_t s = 0; s < all->subject_count; s++) verdicts[s] = (unsigned char)subject_match(all->subjects[s], v);
    uint64_t hash = XXH3_64bits(key, size);
    pthread_mutex_lock(&all->lock);
    struct entry *e = known(all, hash, key, size);
    pthread_mutex_unlock(&all->lock);
    if (e) {
        if (key != some) free(key);
        *out = &e->binding;
        return STATUS_OK;
    }
    unsigned char *kept = malloc(size);
    if (kept) memcpy(kept, key, size);
    if (key != some) free(key);
    if (!kept) return no_memory(err);
    const struct asked asked = {all, kept + sizeof ends + types, (const bool *)(kept + sizeof ends), from_ms, until_ms};
    e = entry_make(&asked, kept, size, hash);
    if (!e) {
        free(kept);
        return no_memory(err);
    }
    pthread_mutex_lock(&all->lock);
    struct entry *theirs = known(all, hash, kept, size); /* meanwhile */
    if (theirs) {
        let_go(e);
        e = theirs;
    } else {
        while (all->oldest && all->bytes + e->bytes > BYTES_MAX) {
            struct entry *old = all->oldest;
            list_out(all, old);
            all->bytes -= old->bytes;
            let_go(old);
        }
        list_in(all, e);
        all->bytes += e->bytes;
        e->references++; /* the cache's */
    }
    pthread_mutex_unlock(&all->lock);
    *out = &e->binding;
    return STATUS_OK;
}

/* ---- numbers ---- */

/* The zones that bind all through, in words that say all that the loose reading asks of them. NULL when memory is out. */
static uint32_t *words_of(const struct entry *e, const bool *on, size_t *count, bool *gated)
{
    uint32_t zones = e->all->input->zone_count;
    uint32_t *words = malloc((4 * (size_t)zones + 1) * sizeof *words);
    size_t at = 0;
    *gated = false;
    for (uint32_t i = 0; i < zones && words; i++) {
        const struct zone_state *z = &e->binding.zones[i];
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

/* The number of a list, new if it is; takes the words. With the lock held. */
static uint32_t number_of(struct zone_bindings *all, uint32_t *words, size_t count)
{
    struct list l = {.hash = XXH3_64bits(words, count * sizeof *words), .count = count, .words = words};
    uint32_t i = 0;
    while (i < all->list_count && (all->lists[i].hash != l.hash || all->lists[i].count != count ||
                                   memcmp(all->lists[i].words, words, count * sizeof *words) != 0))
        i++;
    if (i < all->list_count) {
        l = all->lists[i];
        free(words);
    } else {
        l.number = all->next_number++;
        if (all->list_count == LISTS_MAX)
            free(all->lists[--i].words);
        else
            all->list_count++;
    }
    memmove(&all->lists[1], &all->lists[0], i * sizeof l);
    all->lists[0] = l;
    return l.number;
}

enum status zone_binding_number(struct zone_binding *binding, const bool *on, uint32_t *number, bool *gated, struct error *err)
{
    struct entry *e = (struct entry *)binding;
    struct zone_bindings *all = e->all;
    size_t size = binding->class_count * sizeof *on, count;
    bool found = false;
    pthread_mutex_lock(&all->lock);
    for (uint32_t i = 0; i < e->number_count && !found; i++) {
        if (memcmp(e->numbers[i].on, on, size) != 0) continue;
        struct numbered n = e->numbers[i];
        memmove(&e->numbers[1], &e->numbers[0], i * sizeof n);
        e->numbers[0] = n;
        *number = n.number;
        *gated = n.gated;
        found = true;
    }
    pthread_mutex_unlock(&all->lock);
    if (found) return STATUS_OK;
    uint32_t *words = words_of(e, on, &count, gated);
    struct numbered n = {.gated = *gated, .on = malloc(size)};
    if (!words || !n.on) {
        free(words);
        free(n.on);
        return no_memory(err);
    }
    memcpy(n.on, on, size);
    pthread_mutex_lock(&all->lock);
    *number = n.number = number_of(all, words, count);
    uint32_t last = e->number_count < NUMBERS_MAX ? e->number_count++ : NUMBERS_MAX - 1;
    if (last == NUMBERS_MAX - 1 && e->numbers[last].on) free(e->numbers[last].on);
    memmove(&e->numbers[1], &e->numbers[0], last * sizeof n);
    e->numbers[0] = n;
    pthread_mutex_unlock(&all->lock);
    return STATUS_OK;
}
