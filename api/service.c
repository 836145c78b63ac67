#include "api/service.h"

#include "api/background/events.h"
#include "api/background/export_jobs.h"
#include "api/background/jobs.h"
#include "api/basemap.h"
#include "api/desk.h"
#include "api/http/cors.h"
#include "api/public_url.h"
#include "data/maps/tile_cache.h"
#include "data/network/snapshot.h"
#include "data/pg/migrate.h"
#include "data/pg/read_pool.h"
#include "data/rules/feed.h"
#include "geo/base/log.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

enum { FIRST_RULES_MS = 2000, READS_PER_WORKER = 2, WRITERS = 4, FIRST_KEYS_MS = 500 };
#define TILES_BYTES_MAX ((size_t)12 << 20)
#define GLYPHS_BYTES_MAX ((size_t)16 << 20) /* some 70 ranges of Chinese: what labels of a prefecture need */
#define FEED_THREAD UINT_MAX /* counted with what belongs to no thread of the server */

struct service {
    struct metrics *metrics;
    struct base *base;
    struct read_pool *reads;
    struct tile_cache *tiles, *glyphs;
    struct desk *desk;
    struct events *events;
    struct export_jobs *exports;
    struct app *app;
    struct jobs *jobs;
    struct feed *feed;
    char basemap_origin[BASEMAP_ORIGIN_SIZE];
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static enum status publish(void *context, const struct rules_input *input, struct error *err)
{
    struct service *service = context;
    enum status status = app_publish(service->app, input, err);
    if (status != STATUS_OK) {
        char detail[600], why[600];
        log_event(LOG_ERROR, "rules_refused", "version=%lld code=%s detail=%s why=%s", (long long)input->version,
                  status_code(status), log_quote(detail, sizeof detail, err ? err->en : ""),
                  log_quote(why, sizeof why, err ? err->log : ""));
        return status;
    }
    events_rules_reached(service->events, input->version);
    jobs_published(service->jobs, input->version);
    double delay_s = now_s() - (double)input->as_of_ms / 1e3;
    metrics_gauge_set(service->metrics, GAUGE_RULES_VERSION, (double)input->version);
    metrics_count(service->metrics, FEED_THREAD, COUNTER_PUBLICATIONS, 1);
    /* the first view after a start tells nothing about how fast a commit becomes visible */
    if (delay_s >= 0 && delay_s < 60) metrics_observe(service->metrics, FEED_THREAD, HISTOGRAM_PUBLICATION, (uint64_t)(delay_s * 1e6));
    log_event(LOG_INFO, "rules_published", "version=%lld zones=%u checkpoints=%u closures=%u delay_ms=%.0f",
              (long long)input->version, input->zone_count, input->checkpoint_count, input->closure_count, delay_s * 1e3);
    return STATUS_OK;
}

static void state(void *context, const struct feed_state *seen)
{
    struct service *service = context;

    app_feed_state(service->app, seen);
    events_state(service->events, seen->connected, app_rules_age(service->app).stale);
    metrics_gauge_set(service->metrics, GAUGE_DATABASE_UP, seen->connected);
    metrics_gauge_set(service->metrics, GAUGE_RULES_REJECTED, seen->rejected >= 0);
    metrics_gauge_set(service->metrics, GAUGE_DATABASE_RECONNECTS, (double)seen->reconnects);
}

enum status service_open(struct service **out, const struct config *config, struct metrics *metrics,
                         unsigned event_threads, unsigned workers, struct error *err)
{
    struct service *service = calloc(1, sizeof *service);
    if (service == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    service->metrics = metrics;

    enum status status = migrate_check_at_start(config->database, err);
    if (status != STATUS_OK) goto done;
    status = snapshot_open(config->snapshot, &service->base, err);
    if (status != STATUS_OK) goto done;
    metrics_gauge_set(metrics, GAUGE_NETWORK_ARCS, service->base->network.arc_count);

    status = read_pool_new(&service->reads, config->database, workers * READS_PER_WORKER, err);
    if (status != STATUS_OK) goto done;

    status = tile_cache_new(TILES_BYTES_MAX, &service->tiles, err);
    if (status != STATUS_OK) goto done;
    status = tile_cache_new(GLYPHS_BYTES_MAX, &service->glyphs, err);
    if (status != STATUS_OK) goto done;

    const struct events_options listening = {.listeners_max = (unsigned)config->events_max,
                                             .heartbeat_ms = (unsigned)config->events_heartbeat_ms};
    status = events_new(&service->events, service->reads, &listening, err);
    if (status != STATUS_OK) goto done;

    status = desk_open(&service->desk, config->database, config->pepper_file, WRITERS, &service->base->network, service->events, err);
    if (status != STATUS_OK) goto done;

    status = basemap_origin(config->basemap, service->basemap_origin, err);
    if (status != STATUS_OK) goto done;

    status = public_url_check(config->public_url, err);
    if (status != STATUS_OK) goto done;

    status = cors_check(config->cors_origins, err);
    if (status != STATUS_OK) goto done;

    if (config->export_dir[0]) {
        status = export_jobs_open(&service->exports, config->export_dir, config->database, (unsigned)config->export_keep_h, err);
        if (status != STATUS_OK) goto done;
    }

    struct app_options options = {
        .event_threads = event_threads,
        .threads_max = event_threads + workers,
        .background = 1,
        .metric_bytes_max = (size_t)config->metrics_mib << 20,
        .rules_stale_ms = (uint32_t)config->rules_stale_ms,
        .reads = service->reads,
        .tiles = service->tiles,
        .glyphs = service->glyphs,
        .desk = service->desk,
        .events = service->events,
        .exports = service->exports,
        .name = config->region_name,
        .attribution = config->attribution,
        .basemap = config->basemap,
        .basemap_attribution = config->basemap_attribution,
        .basemap_origin = service->basemap_origin,
        .basemap_shifted = config->basemap_crs == 1,
        .public_url = config->public_url,
        .schematic = config->schematic,
    };
    status = app_new(&service->app, service->base, &options, err);
    if (status != STATUS_OK) goto done;

    status = jobs_open(&service->jobs, service->app, config->database, event_threads + workers, config->replan_on_publication, err);
    if (status != STATUS_OK) goto done;

    struct feed_options feed = FEED_OPTIONS_DEFAULT;
    feed.conninfo = config->database;
    feed.network_version = service->base->network.version;
    feed.publish = publish;
    feed.state = state;
    feed.context = service;
    status = feed_open(&service->feed, &feed, err);
    if (status != STATUS_OK) goto done;
    if (!feed_wait(service->feed, FIRST_RULES_MS)) log_event(LOG_WARN, "rules_awaited", "reason=database");
    (void)keyring_wait(service->desk->keyring, FIRST_KEYS_MS);
    *out = service;
    return STATUS_OK;

done:
    service_close(service);
    return status;
}

void service_close(struct service *service)
{
    if (service == NULL) return;
    feed_close(service->feed); /* first: it publishes into the application */
    jobs_close(service->jobs);
    export_jobs_close(service->exports);
    app_free(service->app);
    desk_close(service->desk); /* before the events: it tells them of plans */
    events_free(service->events);
    tile_cache_free(service->glyphs);
    tile_cache_free(service->tiles);
    read_pool_free(service->reads);
    snapshot_close(service->base);
    free(service);
}

struct app *service_app(struct service *service)
{
    return service->app;
}
