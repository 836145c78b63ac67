#include "api/command/command_serve.h"

#include "api/desk.h"
#include "api/process/config.h"
#include "api/process/metrics.h"
#include "api/process/notify.h"
#include "api/process/server.h"
#include "api/routes.h"
#include "api/service.h"
#include "geo/base/log.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { TURN_MS = 5000 }; /* an event thread that has not turned for so long is stuck */

static int complain(const struct error *err)
{
    char detail[600], why[600];
    log_event(LOG_ERROR, "start_failed", "code=%s detail=%s why=%s", status_code(err->status),
              log_quote(detail, sizeof detail, err->en), log_quote(why, sizeof why, err->log));
    return 1;
}

static void server_options_fill(struct server_options *options, const struct config *config)
{
    *options = (struct server_options)SERVER_OPTIONS_DEFAULT;
    options->address = config->address;
    options->port = (unsigned)config->port;
    options->socket_activation = config->socket_activation;
    options->threads = (unsigned)config->threads;
    options->workers = (unsigned)config->workers;
    options->queue_length = (unsigned)config->queue_length;
    options->queue_deadline_ms = (unsigned)config->queue_deadline_ms;
    options->connections_max = (unsigned)config->connections_max;
    options->requests_per_connection_max = (unsigned)config->requests_per_connection_max;
    options->pipelined_max = (unsigned)config->pipelined_max;
    options->head_ms = (unsigned)config->head_ms;
    options->body_ms = (unsigned)config->body_ms;
    options->idle_ms = (unsigned)config->idle_ms;
    options->write_ms = (unsigned)config->write_ms;
    options->request_ms = (unsigned)config->request_ms;
    options->stop_ms = (unsigned)config->stop_ms;
    options->body_rate_min = (unsigned)config->body_rate_min;
    options->bodies_max = (size_t)config->bodies_max_mib << 20;
    options->access_log = config->access_log && config->log_level <= LOG_INFO;
    options->turn_ms = (unsigned)config->turn_ms;
    options->rate_units = (uint64_t)config->rate_units;
    options->rate_burst = (uint64_t)config->rate_burst;
    options->trusted_proxies = config->trusted_proxies;
    options->cors_origins = config->cors_origins[0] ? config->cors_origins : NULL;
    options->language = config->language == 1 ? LANGUAGE_EN : LANGUAGE_ZH;
}

/* Metrics are arrays of megabytes that come and go. Left alone, glibc learns from the first ones freed to take such
 * arrays from its arenas, where each thread's holes add up to more than all that is in use. */
static void memory_settle(void)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

/* Descriptors for the connections that are allowed, and some for files and the database. */
static void descriptors_raise(unsigned connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t want = (rlim_t)connections + 256;
    if (limit.rlim_cur >= want) return;
    limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < want)
        log_event(LOG_WARN, "few_descriptors", "have=%llu want=%llu", (unsigned long long)limit.rlim_cur,
                  (unsigned long long)want);
}

/* Reads the sources again and takes over what may change. */
static void reload(struct config *config, int argc, char **argv)
{
    struct config fresh;
    struct error err = ERROR_INIT;
    config_init(&fresh);
    char *arguments[256];
    int count = argc < 255 ? argc : 255;
    memcpy(arguments, argv, (size_t)count * sizeof *arguments);
    arguments[count] = NULL;
    if (config_load(&fresh, &count, arguments, &err) != STATUS_OK) {
        char quoted[600];
        log_event(LOG_ERROR, "reload_failed", "detail=%s", log_quote(quoted, sizeof quoted, err.en));
    } else {
        unsigned left = config_reload(config, &fresh);
        log_level_set((enum log_level)config->log_level);
        log_event(LOG_INFO, "reloaded", "need_restart=%u", left);
    }
    config_clear(&fresh);
}

/* Takes signals and gives signs of life until one says to end; returns it. */
static int wait_for_end(struct server *server, const sigset_t *signals, struct config *config, int argc, char **argv)
{
    unsigned every_ms = notify_interval_ms();
    struct timespec pause = {.tv_sec = 3600};
    if (every_ms) pause = (struct timespec){.tv_sec = every_ms / 1000, .tv_nsec = (long)(every_ms % 1000) * 1000000};
    for (;;) {
        int taken = sigtimedwait(signals, NULL, &pause);
        if (taken == SIGTERM || taken == SIGINT) return taken;
        if (taken == SIGHUP) reload(config, argc, argv);
        else if (taken < 0 && errno == EAGAIN && every_ms && server_turning(server, TURN_MS)) notify_send("WATCHDOG=1");
        else if (taken < 0 && errno != EAGAIN && errno != EINTR) return SIGTERM;
    }
}

int command_serve(int argc, char **argv)
{
    int result = 1;
    struct config config;
    struct error err = ERROR_INIT;
    struct server *server = NULL;
    struct metrics *metrics = NULL;
    struct service *service = NULL;
    char *all[256];
    int all_count = argc < 255 ? argc : 255;
    memcpy(all, argv, (size_t)all_count * sizeof *all); /* config_load takes options out; SIGHUP wants them again */
    config_init(&config);
    if (config_load(&config, &argc, argv, &err) != STATUS_OK) {
        complain(&err);
        goto done;
    }
    if (argc > 1) {
        (void)error_set(&err, STATUS_UNKNOWN_MEMBER, MESSAGE_OPTION_UNKNOWN, argv[1]);
        complain(&err);
        goto done;
    }
    log_level_set((enum log_level)config.log_level);

    /* signals are taken by this thread alone, in sigwait below */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    memory_settle();
    descriptors_raise((unsigned)config.connections_max);
    if (!config.core_dumps) setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a dump would hold keys and positions */

    struct server_options options;
    server_options_fill(&options, &config);
    options.routes = app_routes;
    options.route_count = app_route_count;
    unsigned threads = server_threads(&options) + server_workers(&options);
    if (metrics_new(&metrics, threads, options.routes, options.route_count, &err) != STATUS_OK) {
        complain(&err);
        goto done;
    }
    options.metrics = metrics;
    metrics_gauge_set(metrics, GAUGE_STARTED, (double)time(NULL));
    if (*config.snapshot) {
        if (service_open(&service, &config, metrics, server_threads(&options), server_workers(&options), &err) != STATUS_OK) {
            complain(&err);
            goto done;
        }
        options.app = service_app(service);
        options.local_new = app_local_new;
        options.local_free = app_local_free;
        options.admit = desk_admit;
    }
    enum status status = server_open(&server, &options, &err);
    if (status == STATUS_OK) {
        if (service) app_server_set(service_app(service), server);
        status = server_start(server, &err);
    }
    if (status != STATUS_OK) {
        complain(&err);
        goto done;
    }
    log_event(LOG_INFO, "serving", "address=%s port=%u threads=%u workers=%u version=%s", config.address,
              server_port(server), server_threads(&options), server_workers(&options), BAOCHANG_VERSION);

    notify_send("READY=1");
    int taken = wait_for_end(server, &signals, &config, all_count, all);
    log_event(LOG_INFO, "stopping", "signal=%s", taken == SIGTERM ? "TERM" : "INT");
    notify_send("STOPPING=1");
    server_stop(server);
    if (!server_join(server)) {
        log_event(LOG_ERROR, "stop_incomplete", "reason=worker");
        return 3; /* a worker still uses what we would free */
    }
    log_event(LOG_INFO, "stopped", "reason=signal");
    result = 0;

done:
    if (service) app_server_set(service_app(service), NULL);
    server_close(server);
    service_close(service);
    metrics_free(metrics);
    config_clear(&config);
    return result;
}
