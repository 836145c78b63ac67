#include "api/app.h"

#include "api/background/events.h"
#include "api/background/workshop.h"
#include "api/process/version_wait.h"
#include "api/trial/past.h"
#include "api/trial/trial.h"
#include "data/rules/feed.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* One per thread, on a cache line of its own: announcing a view must not slow down the neighbours. */
struct slot {
    _Alignas(64) _Atomic(struct view *) announced;
};

struct app {
    struct base *base;
    struct app_options options;
    struct box_e7 extent;
    _Atomic(struct view *) current; /* owns one reference */
    struct slot *slots;
    pthread_mutex_t publishing; /* one publisher at a time */
    atomic_bool connected;
    _Atomic int64_t contact_ms; /* monotonic: when the database was last known to be there */
    _Atomic int64_t version, rejected;
    struct version_wait *wait;
    struct trials *trials;
    struct pasts *pasts;
    struct workshop *workshop; /* makes metrics while planners answer */
    atomic_uint waiting; /* workers that wait for a version */
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum status app_new(struct app **out, struct base *base, const struct app_options *options, struct error *err)
{
    *out = NULL;
    struct app *app = calloc(1, sizeof *app);
    if (app == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    app->base = base;
    app->options = *options;
    app->extent = box_e7_of(base->network.node_point, base->network.node_count);
    atomic_init(&app->contact_ms, monotonic_ms());
    atomic_init(&app->version, -1);
    atomic_init(&app->rejected, -1);
    pthread_mutex_init(&app->publishing, NULL);
    unsigned slots = options->threads_max + options->background;
    size_t bytes = (slots ? slots : 1) * sizeof *app->slots;
    app->slots = aligned_alloc(_Alignof(struct slot), bytes);
    enum status status = app->slots ? version_wait_new(&app->wait, err)
                                    : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) status = trials_new(&app->trials, base, options->metric_bytes_max, err);
    if (status == STATUS_OK) status = pasts_new(&app->pasts, base, options->metric_bytes_max, err);
    if (status == STATUS_OK) status = workshop_new(&app->workshop, base, options->metric_bytes_max, err);
    if (status != STATUS_OK) {
        app_free(app);
        return status;
    }
    for (unsigned i = 0; i < slots; i++) atomic_init(&app->slots[i].announced, NULL);
    *out = app;
    return STATUS_OK;
}

void app_free(struct app *app)
{
    if (app == NULL) return;
    version_wait_free(app->wait);
    workshop_free(app->workshop); /* it may hold views */
    trials_free(app->trials);
    pasts_free(app->pasts);
    struct view *view = atomic_exchange(&app->current, NULL);
    if (view) view_release(view);
    pthread_mutex_destroy(&app->publishing);
    free(app->slots);
    free(app);
}

const struct base *app_base(const struct app *app)
{
    return app->base;
}

struct box_e7 app_extent(const struct app *app)
{
    return app->extent;
}

const struct app_options *app_options_get(const struct app *app)
{
    return &app->options;
}

struct trials *app_trials(const struct app *app)
{
    return app->trials;
}

struct pasts *app_pasts(const struct app *app)
{
    return app->pasts;
}

/* ---- the view ---------------------------------------------------------------------------------------------- */

struct view *app_view(struct app_local *local)
{
    struct app *app = local->app;
    _Atomic(struct view *) *slot = &app->slots[local->thread].announced;
    struct view *view = atomic_load(&app->current);
    /* announce, then look again: if it is still current now, a publisher that replaces it later sees the slot */
    for (;;) {
        atomic_store(slot, view);
        struct view *again = atomic_load(&app->current);
        if (again == view) break;
        view = again;
    }
    if (view) view_get(view);
    atomic_store(slot, NULL);
    return view;
}

static void retire(struct app *app, struct view *old)
{
    if (old == NULL) return;
    for (unsigned i = 0; i < app->options.threads_max + app->options.background; i++)
        while (atomic_load(&app->slots[i].announced) == old) sched_yield(); /* a reader between two instructions */
    view_release(old);
}

enum status app_publish(struct app *app, const struct rules_input *input, struct error *err)
{
    struct rules *rules = NULL;
    struct view *view = NULL;
    pthread_mutex_lock(&app->publishing);
    struct view *before = atomic_load(&app->current); /* only this thread lets go of it */
    enum status status = rules_compile(&app->base->network, app->base->spatial, input, before ? before->rules : NULL,
                                       &rules, err);
    if (status != STATUS_OK) goto done;
    status = view_new(app->base, rules, app->options.metric_bytes_max, &view, err);
    if (status != STATUS_OK) goto done;
    if (before) view_inherit(view, before);
    /* Rules that were read show that the database is there; whoever is answered by them must not be told that they are stale, and
     * the feed tells its state only after this. */
    atomic_store(&app->rejected, -1);
    atomic_store(&app->connected, true);
    retire(app, atomic_exchange(&app->current, view));
    atomic_store(&app->version, input->version);
    version_wait_reached(app->wait, input->version);
done:
    rules_release(rules);
    pthread_mutex_unlock(&app->publishing);
    return status;
}

/* ---- the feed ---------------------------------------------------------------------------------------------- */

void app_feed_state(struct app *app, const struct feed_state *state)
{
    if (state->contact_mono_ms >= 0) atomic_store(&app->contact_ms, state->contact_mono_ms);
    atomic_store(&app->rejected, state->rejected);
    atomic_store(&app->connected, state->connected);
}

struct rules_age app_rules_age(const struct app *app)
{
    struct rules_age age = {.version = atomic_load(&app->version)}; /* first: app_publish sets it last */
    age.connected = atomic_load(&app->connected);
    age.rejected = atomic_load(&app->rejected);
    age.ready = age.version >= 0;
    if (!age.connected) age.contact_ms = monotonic_ms() - atomic_load(&app->contact_ms);
    age.stale = age.rejected >= 0 || age.contact_ms > (int64_t)app->options.rules_stale_ms;
    return age;
}

bool app_settled(const struct app *app)
{
    return workshop_settled(app->workshop);
}

/* ---- threads ----------------------------------------------------------------------------------------------- */

void *app_local_new(void *app_pointer, unsigned thread)
{
    struct app *app = app_pointer;
    assert(thread < app->options.threads_max + app->options.background);
    struct app_local *local = calloc(1, sizeof *local);
    if (local == NULL) return NULL;
    local->app = app;
    local->thread = thread;
    local->systems.quick = thread < app->options.event_threads;
    struct error err = ERROR_INIT;
    if (planner_new(app->base, &local->planner, &err) == STATUS_OK && geos_open(&local->geos, &err) == STATUS_OK) {
        const struct metric_maker maker = workshop_maker(app->workshop);
        if (thread < app->options.threads_max) planner_maker_set(local->planner, &maker); /* the others outlive the pool */
        return local;
    }
    app_local_free(app, local);
    return NULL;
}

void app_local_free(void *app, void *local_pointer)
{
    (void)app;
    struct app_local *local = local_pointer;
    if (local == NULL) return;
    planner_free(local->planner);
    geos_close(local->geos);
    crs_cache_clear(&local->systems);
    free(local);
}

/* ---- waiting ----------------------------------------------------------------------------------------------- */

void app_server_set(struct app *app, struct server *server)
{
    version_wait_server_set(app->wait, server);
    workshop_server_set(app->workshop, server);
    if (app->options.events) events_server_set(app->options.events, server);
}

enum status app_wait_version(struct app *app, struct exchange *x, int64_t version, uint32_t wait_ms,
                             void (*again)(struct exchange *x), struct error *err)
{
    return version_wait_add(app->wait, x, version, wait_ms, again, err);
}

bool app_wait_begin(struct app *app)
{
    unsigned workers = app->options.threads_max - app->options.event_threads;
    unsigned most = workers / 2, now = atomic_load(&app->waiting);
    while (now < most)
        if (atomic_compare_exchange_weak(&app->waiting, &now, now + 1)) return true;
    return false;
}

void app_wait_end(struct app *app)
{
    atomic_fetch_sub(&app->waiting, 1);
}
