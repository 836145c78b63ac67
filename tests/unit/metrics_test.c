#include "api/process/metrics.h"

#include "api/process/router.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct route routes[] = {
    {HTTP_GET, "/a", "first", NULL, .roles = ROLE_ANYONE},
    {HTTP_GET, "/b", "second", NULL, .roles = ROLE_ANYONE},
};

static void figures_of_all_threads_are_added_up(void **state)
{
    (void)state;
    struct metrics *metrics;
    assert_int_equal(metrics_new(&metrics, 2, routes, 2, NULL), STATUS_OK);
    metrics_count(metrics, 0, COUNTER_NO_ROUTE, 2);
    metrics_count(metrics, 1, COUNTER_NO_ROUTE, 3);
    metrics_count(metrics, METRICS_SHARED, COUNTER_NO_ROUTE, 4);
    assert_int_equal(metrics_sum(metrics, COUNTER_NO_ROUTE), 9);
    metrics_request(metrics, 0, 0, 200, 40, 1000);
    metrics_request(metrics, 1, 0, 200, 60, 1000);
    metrics_request(metrics, 1, 0, 503, 90000000, 10);
    metrics_request(metrics, 1, SIZE_MAX, 404, 1, 10);
    metrics_gauge_set(metrics, GAUGE_RULES_VERSION, 418);
    metrics_observe(metrics, 1, HISTOGRAM_QUEUE_WAIT, 250);
    struct buffer out;
    buffer_init(&out, 1 << 20);
    metrics_render(metrics, &out);
    static const char *const lines[] = {
        "# TYPE baochang_no_route_total counter\nbaochang_no_route_total 9\n",
        "baochang_http_requests_total{route=\"first\",class=\"2xx\"} 2\n",
        "baochang_http_requests_total{route=\"first\",class=\"5xx\"} 1\n",
        "baochang_http_requests_total{route=\"none\",class=\"4xx\"} 1\n",
        "baochang_http_request_duration_seconds_bucket{route=\"first\",le=\"5e-05\"} 1\n",
        "baochang_http_request_duration_seconds_bucket{route=\"first\",le=\"0.0001\"} 2\n",
        "baochang_http_request_duration_seconds_bucket{route=\"first\",le=\"30\"} 2\n",
        "baochang_http_request_duration_seconds_bucket{route=\"first\",le=\"+Inf\"} 3\n",
        "baochang_http_request_duration_seconds_sum{route=\"first\"} 90.000100\n",
        "baochang_http_request_duration_seconds_count{route=\"first\"} 3\n",
        "baochang_http_response_bytes_total{route=\"first\"} 2010\n",
        "baochang_rules_version 418\n",
        "baochang_pool_wait_seconds_bucket{le=\"0.00025\"} 1\n",
        "baochang_pool_wait_seconds_bucket{le=\"0.0001\"} 0\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strstr(out.data, lines[i]) == NULL) fail_msg("missing: %s", lines[i]);
    assert_null(strstr(out.data, "route=\"second\""));
    assert_null(strstr(out.data, "network_arcs"));
    buffer_clear(&out);
    metrics_free(metrics);
}

static void without_metrics_nothing_is_counted(void **state)
{
    (void)state;
    metrics_count(NULL, 0, COUNTER_NO_ROUTE, 1);
    metrics_observe(NULL, 0, HISTOGRAM_QUEUE_WAIT, 1);
    metrics_gauge_set(NULL, GAUGE_RULES_AGE, 1);
    metrics_request(NULL, 0, 0, 200, 1, 1);
    metrics_free(NULL);
}

static void *count(void *context)
{
    for (int i = 0; i < 10000; i++) metrics_count(context, METRICS_SHARED, COUNTER_BUSY, 1);
    return NULL;
}

static void threads_may_share_a_block(void **state)
{
    (void)state;
    struct metrics *metrics;
    assert_int_equal(metrics_new(&metrics, 1, routes, 2, NULL), STATUS_OK);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, count, metrics), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    assert_int_equal(metrics_sum(metrics, COUNTER_BUSY), 40000);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_all_threads_are_added_up),
        cmocka_unit_test(without_metrics_nothing_is_counted),
        cmocka_unit_test(threads_may_share_a_block),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
