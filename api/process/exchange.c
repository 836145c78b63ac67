#include "api/process/exchange.h"

#include "api/http/fields.h"
#include "api/process/event_thread.h"
#include "api/process/metrics.h"
#include "api/process/problem.h"
#include "geo/base/log.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUSY_LINES = 1, FAULT_LINES = 50 }; /* log lines a second: an overload must not become a flood of lines */
enum { PROBLEM_MAX = 64 * 1024, PROBLEM_WITH_MAX = 16 * 1024 * 1024 };

struct server *exchange_server(const struct exchange *x)
{
    return x->private->thread->server;
}

const char *exchange_param(const struct exchange *x, const char *name)
{
    const struct route_params *params = &x->private->match.params;
    for (unsigned i = 0; i < params->count; i++)
        if (strcmp(params->name[i], name) == 0) return params->value[i];
    assert(!"a parameter that the pattern has");
    return "";
}

const char *exchange_query(const struct exchange *x, const char *key)
{
    return http_target_query(x->target, key);
}

const char *exchange_header(const struct exchange *x, const char *name)
{
    return http_head_header(x->head, name);
}

void exchange_header_add(struct exchange *x, const char *name, const char *value)
{
    struct exchange_answer *answer = &x->private->answer;
    for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
        assert(*p >= 0x20 && *p != 0x7F);
        if (*p < 0x20 || *p == 0x7F) return;
    }
    if (answer->extra_count == EXTRA_HEADERS_MAX) return;
    char *copy = arena_strdup(x->arena, value);
    if (copy == NULL) return; /* the answer itself will fail for want of memory too */
    answer->extra_name[answer->extra_count] = name;
    answer->extra_value[answer->extra_count++] = copy;
}

static bool has_extra(const struct exchange_answer *answer, const char *name)
{
    for (unsigned i = 0; i < answer->extra_count; i++)
        if (strcmp(answer->extra_name[i], name) == 0) return true;
    return false;
}

/* The answer stands in the slot. It is written by who called the handler, after it returned: until then the handler may
 * use the exchange and what it has in its arena. */
static void answered(struct exchange *x)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_RUNNING || p->state == EXCHANGE_WORKING);
    if (p->state == EXCHANGE_RUNNING) p->thread->outcome = OUTCOME_ANSWERED;
    p->state = EXCHANGE_ANSWERED;
}

/* From a worker through the inbox to the event thread: then x is no longer ours. */
static void hand_back(struct exchange *x)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_ANSWERED);
    p->message = (struct thread_message){.index = p->index, .generation = p->generation};
    event_thread_post(p->thread, &p->message);
}

void exchange_reply(struct exchange *x, int http_status, const char *content_type, struct buffer *body)
{
    struct exchange_answer *answer = &x->private->answer;
    if (body && body->failed != STATUS_OK) {
        struct error err = ERROR_INIT;
        if (body->failed == STATUS_NO_MEMORY) (void)error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        else (void)error_set(&err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        error_log(&err, "the answer is larger than %zu bytes", body->maximum);
        exchange_problem(x, &err);
        return;
    }
    answer->status = http_status;
    answer->content_type = content_type;
    answer->length = 0;
    answer->memory = body ? buffer_take(body, &answer->length) : NULL;
    answer->data = answer->memory;
    answered(x);
}

void exchange_reply_static(struct exchange *x, int http_status, const char *content_type, const void *data,
                           size_t length)
{
    struct exchange_answer *answer = &x->private->answer;
    answer->status = http_status;
    answer->content_type = content_type;
    answer->data = data;
    answer->length = length;
    answer->memory = NULL;
    answered(x);
}

void exchange_problem(struct exchange *x, const struct error *err)
{
    exchange_problem_with(x, err, NULL);
}

/* Whether one of `most` lines is left in this second. */
static bool line_left(_Atomic uint64_t *logged, unsigned most)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    uint64_t second = (uint64_t)now.tv_sec & UINT32_MAX, before = atomic_load_explicit(logged, memory_order_relaxed), after;
    do {
        bool same = before >> 32 == second;
        if (same && (before & UINT32_MAX) >= most) return false;
        after = same ? before + 1 : second << 32 | 1;
    } while (!atomic_compare_exchange_weak_explicit(logged, &before, after, memory_order_relaxed, memory_order_relaxed));
    return true;
}

static void log_problem(const struct exchange *x, const struct error *err, int http)
{
    struct server *server = x->private->thread->server;
    if (!(http == 503 ? line_left(&server->busy_logged, BUSY_LINES) : line_left(&server->fault_logged, FAULT_LINES))) {
        atomic_fetch_add_explicit(&server->log_suppressed, 1, memory_order_relaxed);
        return;
    }
    char quoted[600];
    log_event(http >= 500 ? LOG_WARN : LOG_INFO, "problem", "id=%s route=%s code=%s detail=%s suppressed=%u",
              x->request_id, x->route ? x->route->name : "none", status_code(err->status),
              log_quote(quoted, sizeof quoted, err->log[0] ? err->log : err->en),
              atomic_exchange_explicit(&server->log_suppressed, 0, memory_order_relaxed));
}

void exchange_problem_with(struct exchange *x, const struct error *err, const char *members)
{
    static const char no_memory[] = "{\"type\":\"urn:baochang:problem:no_memory\",\"title\":\"Service unavailable\","
                                    "\"status\":503,\"detail\":\"内存不足 out of memory\",\"code\":\"no_memory\"}\n";
    int http = status_http(err->status == STATUS_OK ? STATUS_INTERNAL : err->status);
    if (err->log[0] || http >= 500) log_problem(x, err, http);
    struct metrics *metrics = x->private->thread->server->options.metrics;
    if (err->status == STATUS_CHECKER_DISAGREES) metrics_count(metrics, x->thread, COUNTER_CHECKER_DISAGREEMENTS, 1);
    if (http == 422) metrics_count(metrics, x->thread, COUNTER_NO_ROUTE, 1);
    const struct exchange_answer *answer = &x->private->answer;
    if ((http == 429 || http == 503) && !has_extra(answer, "Retry-After")) exchange_header_add(x, "Retry-After", "1");
    if (http == 401 && !has_extra(answer, "WWW-Authenticate")) exchange_header_add(x, "WWW-Authenticate", "Bearer");
    if (!has_extra(answer, "Vary")) exchange_header_add(x, "Vary", "Accept-Language");
    struct buffer out;
    buffer_init(&out, members ? PROBLEM_WITH_MAX : PROBLEM_MAX);
    problem_encode(&out, err, x->language, x->request_id, members);
    if (out.failed == STATUS_OK) exchange_reply(x, http, "application/problem+json", &out);
    else exchange_reply_static(x, 503, "application/problem+json", no_memory, sizeof no_memory - 1);
    buffer_clear(&out);
}

bool exchange_not_modified(struct exchange *x, const char *tag)
{
    char quoted[140];
    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    exchange_header_add(x, "ETag", quoted);
    const char *list = exchange_header(x, "if-none-match");
    if (list == NULL || !http_tags_have(list, tag, true)) return false;
    exchange_reply(x, 304, NULL, NULL);
    return true;
}

enum status exchange_if_match(const struct exchange *x, const char *tag, struct error *err)
{
    const char *list = exchange_header(x, "if-match");
    if (list == NULL || http_tags_have(list, tag, false)) return STATUS_OK;
    return error_set(err, STATUS_PRECONDITION_FAILED, MESSAGE_ETAG_MISMATCH);
}

void exchange_charge(struct exchange *x, uint64_t units)
{
    x->private->charged += units;
}

void exchange_silent(struct exchange *x)
{
    struct error err = ERROR_INIT;
    (void)error_set(&err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    error_log(&err, "the handler gave no answer");
    metrics_count(x->private->thread->server->options.metrics, x->thread, COUNTER_HANDLER_SILENT, 1);
    exchange_problem(x, &err);
}

static struct exchange *of_job(struct pool_job *job)
{
    char *private = (char *)job - offsetof(struct exchange_private, job);
    return &((struct slot *)(void *)(private - offsetof(struct slot, private)))->x;
}

static void busy(struct exchange *x)
{
    struct error err = ERROR_INIT;
    (void)error_set(&err, STATUS_UNAVAILABLE, MESSAGE_QUEUE_FULL);
    metrics_count(x->private->thread->server->options.metrics, METRICS_SHARED, COUNTER_BUSY, 1);
    exchange_problem(x, &err);
}

static void job_run(struct pool_job *job, void *workspace)
{
    struct exchange *x = of_job(job);
    if (atomic_load_explicit(&x->cancelled, memory_order_relaxed)) {
        exchange_reply(x, 503, NULL, NULL); /* nobody reads it */
        hand_back(x);
        return;
    }
    struct server *server = x->private->thread->server;
    const struct worker_local *worker = workspace;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    metrics_observe(server->options.metrics, server->thread_count + worker->number, HISTOGRAM_QUEUE_WAIT,
                    (uint64_t)((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - job->queued_us));
    x->local = worker->local;
    x->thread = server->thread_count + worker->number;
    x->private->work(x);
    if (x->private->state == EXCHANGE_WORKING) exchange_silent(x);
    hand_back(x);
}

static void job_refused(struct pool_job *job)
{
    struct exchange *x = of_job(job);
    busy(x);
    hand_back(x);
}

void exchange_submit(struct exchange *x, void (*work)(struct exchange *x))
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_RUNNING);
    p->work = work;
    p->job.run = job_run;
    p->job.refused = job_refused;
    p->job.kind = (unsigned)(router_index(p->thread->server->router, x->route) % POOL_KIND_BACKGROUND);
    p->thread->outcome = OUTCOME_HANDED;
    p->handed = true;
    p->state = EXCHANGE_WORKING; /* once submitted, the worker may be done with it before we return */
    if (pool_submit(p->thread->server->pool, &p->job)) return;
    p->state = EXCHANGE_RUNNING;
    p->handed = false;
    busy(x);
}

struct exchange_token exchange_park(struct exchange *x)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_RUNNING);
    p->state = EXCHANGE_PARKED;
    p->thread->outcome = OUTCOME_PARKED;
    return (struct exchange_token){p->thread->number, p->index, p->generation};
}

struct exchange_token exchange_stream(struct exchange *x, const char *content_type,
                                      const struct exchange_stream_hooks *hooks)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_RUNNING);
    p->state = EXCHANGE_STREAMING;
    p->stream = *hooks;
    p->streamed = 0;
    p->stream_ends = p->stream_cut = false;
    p->thread->outcome = OUTCOME_STREAMED;
    event_thread_stream(x, content_type);
    return (struct exchange_token){p->thread->number, p->index, p->generation};
}

void exchange_stream_write(struct exchange *x, const void *data, size_t length)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_STREAMING);
    if (p->stream_ends || p->connection == NULL || length == 0) return;
    if (evbuffer_add(http_connection_out(p->connection), data, length) == 0) p->streamed += length;
    else p->stream_ends = p->stream_cut = true;
}

size_t exchange_stream_queued(const struct exchange *x)
{
    return x->private->connection ? http_connection_queued(x->private->connection) : 0;
}

void exchange_stream_end(struct exchange *x, bool cut)
{
    struct exchange_private *p = x->private;
    assert(p->state == EXCHANGE_STREAMING);
    p->stream_ends = true;
    if (cut) p->stream_cut = true;
}

enum status exchange_resume(struct server *server, struct exchange_token token, void (*again)(struct exchange *x))
{
    assert(token.thread < server->thread_count);
    struct thread_message *message = malloc(sizeof *message);
    if (message == NULL) return STATUS_NO_MEMORY;
    *message = (struct thread_message){.index = token.index, .generation = token.generation, .again = again};
    event_thread_post(&server->threads[token.thread], message);
    return STATUS_OK;
}
