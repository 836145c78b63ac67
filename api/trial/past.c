#include "api/trial/past.h"

#include "api/app.h"
#include "api/json/reader.h"
#include "data/pg/read_pool.h"
#include "data/rules/load_rules.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct past {
    struct view *view;
    uint64_t used; /* when last, in uses */
};

struct pasts {
    struct base *base;
    size_t metric_bytes_max; /* of one view */
    pthread_mutex_t mutex, making;
    struct past kept[PASTS_MAX];
    uint64_t uses;
};

enum status pasts_new(struct pasts **out, struct base *base, size_t metric_bytes_max, struct error *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    (*out)->base = base;
    (*out)->metric_bytes_max = metric_bytes_max;
    pthread_mutex_init(&(*out)->mutex, NULL);
    pthread_mutex_init(&(*out)->making, NULL);
    return STATUS_OK;
}

void pasts_free(struct pasts *pasts)
{
    if (pasts == NULL) return;
    for (int i = 0; i < PASTS_MAX; i++) view_release(pasts->kept[i].view);
    pthread_mutex_destroy(&pasts->mutex);
    pthread_mutex_destroy(&pasts->making);
    free(pasts);
}

static struct view *find(struct pasts *pasts, int64_t version)
{
    struct view *view = NULL;
    pthread_mutex_lock(&pasts->mutex);
    for (int i = 0; i < PASTS_MAX && view == NULL; i++) {
        struct past *p = &pasts->kept[i];
        if (p->view == NULL || p->view->rules->version != version) continue;
        p->used = ++pasts->uses;
        view = view_get(p->view);
    }
    pthread_mutex_unlock(&pasts->mutex);
    return view;
}

static void keep(struct pasts *pasts, struct view *view)
{
    pthread_mutex_lock(&pasts->mutex);
    struct past *oldest = &pasts->kept[0];
    for (int i = 1; i < PASTS_MAX; i++)
        if (pasts->kept[i].used < oldest->used) oldest = &pasts->kept[i];
    struct view *gone = oldest->view;
    oldest->view = view_get(view);
    oldest->used = ++pasts->uses;
    pthread_mutex_unlock(&pasts->mutex);
    view_release(gone);
}

/* What is the version in force needs no view of its own. */
static struct view *ready(struct exchange *x, struct pasts *pasts, int64_t version)
{
    struct view *current = app_view(x->local);
    if (current && current->rules->version == version) return current;
    view_release(current);
    return find(pasts, version);
}

/* ---- making one -------------------------------------------------------------------------------------------- */

static enum status compile(struct pasts *pasts, const struct rules_input *input, struct view *current, struct view **out,
                           struct error *err)
{
    struct rules *rules = NULL;
    enum status status = rules_compile(&pasts->base->network, pasts->base->spatial, input, current->rules, &rules, err);
    if (status == STATUS_OK) status = view_new(pasts->base, rules, pasts->metric_bytes_max, out, err);
    if (status == STATUS_OK) view_inherit(*out, current);
    rules_release(rules);
    return status;
}

static enum status make(struct exchange *x, struct pasts *pasts, const struct rules_moment *moment, struct view **out, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct view *current = app_view(x->local);
    struct rules_input input;
    struct arena arena;
    struct pg *pg;
    if (current == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_NO_VIEW_YET);
    arena_init(&arena, RULES_BYTES_MAX);
    enum status status = read_pool_take(pool, &pg, err);
    if (status == STATUS_OK) {
        status = load_rules_past(pg, moment, &arena, &input, err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) status = compile(pasts, &input, current, out, err);
    if (status == STATUS_OK) exchange_charge(x, (uint64_t)input.zone_count + input.checkpoint_count + input.closure_count);
    arena_clear(&arena);
    view_release(current);
    return status;
}

/* Comes to its turn of making, unless another makes what is wanted meanwhile. */
static enum status make_in_turn(struct exchange *x, struct pasts *pasts, int64_t version, const struct rules_moment *moment,
                                struct view **out, struct error *err)
{
    const struct timespec nap = {.tv_nsec = 5000000};
    bool waits = false, mine;
    enum status status = STATUS_OK;
    *out = NULL;
    while (!(mine = pthread_mutex_trylock(&pasts->making) == 0) && status == STATUS_OK && (*out = find(pasts, version)) == NULL) {
        if (!waits && !(waits = app_wait_begin(x->app))) status = error_set(err, STATUS_TOO_MANY_REQUESTS, MESSAGE_WAITERS_FULL);
        else if (atomic_load(&x->cancelled)) status = error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        else nanosleep(&nap, NULL);
    }
    if (waits) app_wait_end(x->app);
    if (!mine) return status;
    if ((*out = find(pasts, version)) == NULL) status = make(x, pasts, moment, out, err);
    if (status == STATUS_OK) keep(pasts, *out);
    pthread_mutex_unlock(&pasts->making);
    return status;
}

enum status past_view(struct exchange *x, const struct rules_moment *moment, struct view **out, struct error *err)
{
    struct pasts *pasts = app_pasts(x->app);
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct pg *pg;
    int64_t version;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(read_pool_take(pool, &pg, err));
    enum status status = load_rules_moment(pg, moment, &version, err);
    read_pool_give(pool, pg);
    if (status == STATUS_OK && (*out = ready(x, pasts, version)) == NULL) status = make_in_turn(x, pasts, version, moment, out, err);
    if (status == STATUS_OUT_OF_RANGE || status == STATUS_BEFORE_HISTORY || status == STATUS_ROADS_CHANGED) error_pointer(err, "/as_of");
    return status;
}
