#include "routing/constraint/bare_weights.h"

#include "routing/constraint/loose.h"
#include "routing/constraint/loose_patch.h"
#include "routing/hierarchy/pages.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Of those kept so many are looked at; made from one of them if one road in DERIVED_SHARE or fewer differ. */
enum { LOOKED_AT_MAX = 8, DERIVED_SHARE = 4 };

/* What they depend on beside the network and `shut`. Compared as bytes: zeroed first. */
struct key {
    uint32_t prefer, subject, pieces_open, lift_arcs, avoid_classes, avoid_tolls, expressway_kmh, other_kmh;
    uint32_t centifen_per_km[ROAD_CLASS_COUNT];
};

struct entry {
    struct bare_weights weights; /* first: a struct bare_weights is a struct entry */
    struct entry *newer, *older; /* by use */
    atomic_uint references;
    size_t bytes;
    struct key key;
};

struct bare_store {
    pthread_mutex_t lock;
    atomic_uint references;
    struct entry *newest, *oldest;
    size_t bytes, bytes_max, entries;
    uint64_t hits, misses, derived;
};

static void key_of(const struct constraint *c, struct key *key)
{
    const struct route_request *r = c->request;
    const bool heeds = !c->lift_arcs; /* what binds arcs whatever the time */
    memset(key, 0, sizeof *key);
    key->prefer = (uint32_t)r->prefer;
    key->subject = c->subject;
    key->lift_arcs = c->lift_arcs;
    key->pieces_open = heeds && c->pieces_open;
    key->avoid_classes = heeds && !c->lift_avoid ? r->avoid_classes : 0;
    key->avoid_tolls = heeds && !c->lift_avoid && r->avoid_tolls;
    if (r->prefer != PREFER_DISTANCE) {
        key->expressway_kmh = r->vehicle.speed_limit_expressway_kmh;
        key->other_kmh = r->vehicle.speed_limit_other_kmh;
    }
    for (int class = 0; class < ROAD_CLASS_COUNT && r->prefer == PREFER_COST; class++)
        key->centifen_per_km[class] = c->input->tolls.centifen_per_km[class][c->toll_class];
}

void bare_shut(const struct constraint *c, uint64_t *shut)
{
    const struct rules *r = c->rules;
    const uint32_t roads = c->n->road_count;
    const bool hazmat = c->request->vehicle.hazmat;
    bool any = hazmat;
    memset(shut, 0, bare_shut_words(c->n) * sizeof *shut);
    for (uint32_t row = 0; row < r->limits_count; row++) any = any || c->row_fails[row];
    if (c->lift_arcs || !any) return;
    for (road_index road = 0; road < roads; road++) {
        bool s = c->row_fails[r->road_limits[road]] || (hazmat && (r->road_flags[road] & ROAD_HAZMAT_NO));
        shut[road / 64] |= (uint64_t)s << road % 64;
    }
}

/* ---- the store ---- */

enum status bare_store_new(size_t bytes_max, struct bare_store **out, struct error *err)
{
    struct bare_store *store = calloc(1, sizeof *store);
    if (!store) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    store->bytes_max = bytes_max;
    atomic_init(&store->references, 1);
    pthread_mutex_init(&store->lock, NULL);
    *out = store;
    return STATUS_OK;
}

struct bare_store *bare_store_get(struct bare_store *store)
{
    atomic_fetch_add(&store->references, 1);
    return store;
}

void bare_weights_release(struct bare_weights *weights)
{
    struct entry *e = (struct entry *)weights;
    if (e && atomic_fetch_sub(&e->references, 1) == 1) free(e);
}

static void list_out(struct bare_store *store, struct entry *e)
{
    *(e->newer ? &e->newer->older : &store->newest) = e->older;
    *(e->older ? &e->older->newer : &store->oldest) = e->newer;
}

static void list_in(struct bare_store *store, struct entry *e)
{
    e->newer = NULL;
    e->older = store->newest;
    *(store->newest ? &store->newest->newer : &store->oldest) = e;
    store->newest = e;
}

static void drop_oldest(struct bare_store *store)
{
    struct entry *e = store->oldest;
    list_out(store, e);
    store->bytes -= e->bytes;
    store->entries--;
    bare_weights_release(&e->weights);
}

void bare_store_release(struct bare_store *store)
{
    if (!store || atomic_fetch_sub(&store->references, 1) != 1) return;
    while (store->oldest) drop_oldest(store);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* How many bits differ, counted no further than just beyond `most`. */
static uint32_t differing(const uint64_t *a, const uint64_t *b, size_t words, uint32_t most)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < words && sum <= most; i++)
        if (a[i] != b[i]) sum += (uint32_t)__builtin_popcountll(a[i] ^ b[i]);
    return sum;
}

/* With the lock held. The caller gets a reference. */
static struct entry *nearest(struct bare_store *store, const struct key *key, const uint64_t *shut, size_t words, uint32_t most)
{
    struct entry *found = NULL;
    uint32_t left = LOOKED_AT_MAX;
    for (struct entry *e = store->newest; e && left > 0; e = e->older) {
        if (memcmp(&e->key, key, sizeof *key) != 0) continue;
        uint32_t count = differing(e->weights.shut, shut, words, most);
        left--;
        if (count > most || (found && count == most)) continue;
        found = e;
        most = count;
        if (count == 0) break;
    }
    if (!found) return NULL;
    list_out(store, found);
    list_in(store, found);
    atomic_fetch_add(&found->references, 1);
    return found;
}

struct bare_weights *bare_weights_find(struct bare_store *store, const struct constraint *c, const uint64_t *shut, uint32_t most)
{
    struct key key;
    key_of(c, &key);
    pthread_mutex_lock(&store->lock);
    struct entry *e = nearest(store, &key, shut, bare_shut_words(c->n), most);
    store->hits += e != NULL;
    store->misses += e == NULL;
    pthread_mutex_unlock(&store->lock);
    return e ? &e->weights : NULL;
}

/* ---- making them ---- */

/* The same vehicle, and nothing in force. */
static struct constraint bare_reading(const struct constraint *c)
{
    struct constraint bare = *c;
    bare.bindings = (struct rule_bindings){0}; /* c's */
    bare.zones = NULL;
    bare.closure_class = NULL;
    bare.avoided_count = bare.leg_zone_count = bare.lifted_count = 0;
    return bare;
}

/* A copy of others of the same key, with the roads that differ. */
static enum status derive(const struct constraint *bare, const struct entry *from, const uint64_t *shut, weight *arcs, weight *turns,
                          struct error *err)
{
    struct touched_arcs differing;
    enum status status = touched_init(&differing, bare->n->arc_count, err);
    if (status != STATUS_OK) return status;
    touched_add_differing(&differing, bare->n, shut, from->weights.shut);
    memcpy(arcs, from->weights.arcs, bare->n->arc_count * sizeof *arcs);
    memcpy(turns, from->weights.turns, bare->g->turn_count * sizeof *turns);
    loose_patch(bare, &differing, arcs, arcs, turns);
    touched_clear(&differing);
    return STATUS_OK;
}

/* Adds it, unless another thread has made the same meanwhile. Which one it is then, with a reference for the caller. */
static struct entry *keep(struct bare_store *store, struct entry *e, size_t words, bool derived)
{
    pthread_mutex_lock(&store->lock);
    struct entry *theirs = nearest(store, &e->key, e->weights.shut, words, 0);
    if (!theirs) {
        while (store->bytes + e->bytes > store->bytes_max) drop_oldest(store);
        list_in(store, e);
        store->bytes += e->bytes;
        store->entries++;
        store->derived += derived;
        atomic_fetch_add(&e->references, 1);
    }
    pthread_mutex_unlock(&store->lock);
    if (theirs) free(e);
    return theirs ? theirs : e;
}

enum status bare_weights_make(struct bare_store *store, const struct constraint *c, const uint64_t *shut, struct bare_weights **out,
                              struct error *err)
{
    const size_t arcs = (size_t)c->n->arc_count + 1, turns = (size_t)c->g->turn_count + 1, words = bare_shut_words(c->n);
    const size_t bytes = sizeof(struct entry) + words * sizeof *shut + (arcs + turns) * sizeof(weight);
    enum status status = STATUS_OK;
    *out = NULL;
    if (bytes > store->bytes_max) return STATUS_OK;
    const struct constraint bare = bare_reading(c);
    struct entry *e = pages_take(bytes, 1);
    if (!e) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint64_t *own_shut = (uint64_t *)(e + 1);
    weight *arc_weight = (weight *)(own_shut + words), *turn_weight = arc_weight + arcs;
    *e = (struct entry){.weights = {arc_weight, turn_weight, own_shut}, .bytes = bytes};
    atomic_init(&e->references, 1);
    memcpy(own_shut, shut, words * sizeof *shut);
    key_of(c, &e->key);
    pthread_mutex_lock(&store->lock);
    struct entry *from = nearest(store, &e->key, shut, words, c->n->road_count / DERIVED_SHARE);
    pthread_mutex_unlock(&store->lock);
    if (from) {
        status = derive(&bare, from, shut, arc_weight, turn_weight, err);
        bare_weights_release(&from->weights);
    } else {
        loose_weights(&bare, arc_weight, turn_weight);
    }
    if (status == STATUS_OK)
        *out = &keep(store, e, words, from != NULL)->weights;
    else
        free(e);
    return status;
}

struct bare_figures bare_store_figures(struct bare_store *store)
{
    pthread_mutex_lock(&store->lock);
    struct bare_figures f = {store->bytes, store->entries, store->hits, store->misses, store->derived};
    pthread_mutex_unlock(&store->lock);
    return f;
}
