/* The application behind the handlers: one network, the current view of the rules, a planner for each thread.
 *
 *   struct app *app;
 *   struct app_options options = {.threads_max = threads + workers, .metric_bytes_max = …};
 *   app_new(&app, base, &options, &err);          // base from the snapshot; borrowed until app_free
 *   app_publish(app, &rules_input, &err);         // from the feed's thread, for each version of the rules
 *   app_feed_state(app, &state);                  // … and whenever the database comes or goes
 *   server_options: .app = app, .local_new = app_local_new, .local_free = app_local_free,
 *                   .routes = app_routes, .route_count = app_route_count
 *   app_server_set(app, server);                  // so that waiting requests can be resumed
 *   …
 *   app_free(app);                                // after server_close and feed_close
 *
 * Readers of the view take no lock: a thread announces the view it is about to take a reference on in a slot of its
 * own, and a publisher lets go of the old view only when no slot names it (hazard pointers: Michael 2004). */
#ifndef API_APP_H
#define API_APP_H

#include "api/wire/wire_crs.h"
#include "geo/base/error.h"
#include "geo/geos.h"
#include "routing/constraint/view.h"
#include "routing/planner/planner.h"
#include "routing/rules/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct server;
struct exchange;
struct read_pool;
struct tile_cache;
struct desk;
struct events;
struct export_jobs;
struct feed_state;
struct trials;
struct pasts;

struct app_options {
    unsigned event_threads;   /* threads 0 … event_threads − 1 must not block */
    unsigned threads_max;     /* event threads + workers: slots for readers */
    unsigned background;      /* further slots, after those, for threads that answer nobody */
    size_t metric_bytes_max;  /* of customized metrics, per view */
    uint32_t rules_stale_ms;  /* age of the last contact with the database from which rules count as stale */
    struct read_pool *reads;  /* for tiles and registers; borrowed, NULL: those answer 503 */
    struct tile_cache *tiles; /* borrowed; NULL: every tile is made anew */
    struct tile_cache *glyphs; /* the same for glyph files */
    struct desk *desk;        /* who may write, and how; borrowed, NULL: nobody may */
    struct events *events;    /* for those who listen; borrowed, NULL: nobody may */
    struct export_jobs *exports; /* made in the background; borrowed, NULL: none are */
    const char *name;         /* of the region, for the map page; borrowed, may be NULL */
    const char *attribution;  /* of the road data; borrowed, may be NULL */
    const char *basemap, *basemap_attribution, *basemap_origin; /* api/basemap.h; borrowed, may be NULL or "" */
    bool basemap_shifted;                                       /* it is in GCJ-02 */
    const char *public_url;   /* api/public_url.h; borrowed, may be NULL or "" */
    bool schematic;           /* the demo: labelled so wherever it is shown */
};

MUST_USE enum status app_new(struct app **out, struct base *base, const struct app_options *options,
                             struct error *err);
void app_free(struct app *app);

const struct base *app_base(const struct app *app);

/** The box around the network's nodes. */
struct box_e7 app_extent(const struct app *app);

const struct app_options *app_options_get(const struct app *app);

/** Views under changes that are never published (api/trial/trial.h). */
struct trials *app_trials(const struct app *app);

/** Views of the rules as they were (api/trial/past.h). */
struct pasts *app_pasts(const struct app *app);

/** Compiles one version of the rules and makes it current; from then on the rules are known to be current too
 *  (app_rules_age), whatever was known before. On failure the last good view stays. One thread at a time (the feed's);
 *  readers are never held up. Requests that wait for this version go on. */
MUST_USE enum status app_publish(struct app *app, const struct rules_input *input, struct error *err);

/** What the change feed knows. From its thread. */
void app_feed_state(struct app *app, const struct feed_state *state);

struct rules_age {
    bool ready;         /* there is a view */
    bool connected;     /* to the database */
    bool stale;         /* not known to be current: last contact longer ago than rules_stale_ms, or a newer version
                           could not be taken over */
    int64_t version;    /* −1 before the first view */
    int64_t rejected;   /* newest version that could not be taken over, or −1 */
    int64_t contact_ms; /* how long ago the database was last heard of; 0 while connected */
};

struct rules_age app_rules_age(const struct app *app);

/** Whether first questions need not wait for what is made once at the start (workshop_settled). */
bool app_settled(const struct app *app);

/* ---- workspace of a thread --------------------------------------------------------------------------------- */

struct app_local {
    struct app *app;
    unsigned thread;         /* its slot */
    struct planner *planner;
    struct crs_cache systems;
    struct geos *geos;
};

/** For struct server_options. NULL when memory is out. */
void *app_local_new(void *app, unsigned thread);
void app_local_free(void *app, void *local);

/** The current view with a reference of its own (view_release), or NULL before the first. Lock-free. */
MUST_USE struct view *app_view(struct app_local *local);

/* ---- waiting for a version --------------------------------------------------------------------------------- */

/** The server whose exchanges may wait. Before server_start; NULL again before server_close. */
void app_server_set(struct app *app, struct server *server);

/** Parks `x` until the rules reach `version` or `wait_ms` have passed, then runs `again(x)` on its event thread.
 *  TOO_MANY_REQUESTS when too many wait already (then x is not parked). */
MUST_USE enum status app_wait_version(struct app *app, struct exchange *x, int64_t version, uint32_t wait_ms,
                                      void (*again)(struct exchange *x), struct error *err);

/** A worker that wants to wait for a version asks first: at most half of them may, so that questions about the future
 *  cannot stop those about now. app_wait_end after a true answer. */
MUST_USE bool app_wait_begin(struct app *app);
void app_wait_end(struct app *app);

#endif
