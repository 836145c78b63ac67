#include "api/operation.h"

#include "api/app.h"
#include "api/background/events.h"
#include "api/process/exchange.h"
#include "api/process/metrics.h"
#include "api/process/server.h"

enum { METRICS_MAX = 8 << 20 };

void livez_read(struct exchange *x)
{
    static const char alive[] = "{\"status\":\"alive\"}\n";
    exchange_reply_static(x, 200, "application/json", alive, sizeof alive - 1);
}

void readyz_read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_age age = {0};
    if (x->app) age = app_rules_age(x->app);
    if (x->app == NULL || !age.ready || !app_settled(x->app)) {
        (void)error_set(&err, STATUS_UNAVAILABLE, MESSAGE_NOT_READY, !x->app ? "network" : !age.ready ? "rules" : "guide");
        exchange_problem(x, &err);
        return;
    }
    struct buffer out;
    buffer_init(&out, 1024);
    buffer_printf(&out,
                  "{\"status\":\"ready\",\"network_version\":\"%s\",\"rules_version\":%lld,\"database\":\"%s\","
                  "\"rules_age_s\":%.3f,\"rules_stale\":%s}\n",
                  app_base(x->app)->network.version, (long long)age.version, age.connected ? "connected" : "away",
                  (double)age.contact_ms / 1e3, age.stale ? "true" : "false");
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}

void metrics_read(struct exchange *x)
{
    struct server *server = exchange_server(x);
    struct buffer out;
    buffer_init(&out, METRICS_MAX);
    server_gauges(server);
    if (x->app && server_metrics(server))
        metrics_gauge_set(server_metrics(server), GAUGE_RULES_AGE, (double)app_rules_age(x->app).contact_ms / 1e3);
    if (x->app && app_options_get(x->app)->events)
        metrics_gauge_set(server_metrics(server), GAUGE_LISTENERS, events_figures_get(app_options_get(x->app)->events).listeners);
    if (server_metrics(server)) metrics_render(server_metrics(server), &out);
    exchange_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
    buffer_clear(&out);
}

void version_read(struct exchange *x)
{
    static const char version[] = "{\"name\":\"baochang\",\"version\":\"" BAOCHANG_VERSION "\"}\n";
    exchange_reply_static(x, 200, "application/json", version, sizeof version - 1);
}
