#include "api/background/jobs.h"

#include "api/encode/encode_offence.h"
#include "api/handlers/common.h"
#include "api/plan_keep.h"
#include "api/wire/time_text.h"
#include "data/plans/job_store.h"
#include "geo/base/log.h"
#include "routing/planner/planner_route.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { POLL_MS = 2000, RETRY_MS = 1000, NICE = 10 };

struct jobs {
    struct app *app;
    struct app_local *local;
    char *conninfo;
    bool on_publication;
    int wake_fd;  /* readable when the thread is to end */
    int nudge_fd; /* readable when there is a publication to start a job for */
    pthread_t thread;
    bool has_thread;
    atomic_bool stopping;
    _Atomic int64_t published; /* newest version that has not started its job; −1: none */
};

/* ---- one plan ---------------------------------------------------------------------------------------------- */

/* What became of a plan, and the JSON that says why. */
struct outcome {
    const char *name;
    struct buffer detail;
};

static enum status settle(struct pg *pg, const struct job_item *item, const struct view *view, struct outcome *o, struct error *err)
{
    if (o->detail.length) buffer_char(&o->detail, '\0');
    if (o->detail.failed) return error_set(err, o->detail.failed, MESSAGE_NO_MEMORY);
    return job_settle(pg, item, o->name, view->rules->version, o->detail.length ? o->detail.data : NULL, err);
}

static void say_broken(struct outcome *o, const struct view *view, const struct vehicle *vehicle, const struct judgement *j,
                       enum status cause)
{
    struct json_writer w;
    writer_init(&w, &o->detail);
    writer_open_object(&w);
    writer_key(&w, "rules_version"), writer_integer(&w, view->rules->version);
    writer_key(&w, "alternative"), writer_text(&w, cause == STATUS_OK ? "detour" : "none");
    if (cause != STATUS_OK) writer_key(&w, "code"), writer_text(&w, status_code(cause));
    writer_key(&w, "offence"), encode_offence(&w, view, j, vehicle, NULL, LANGUAGE_ZH);
    writer_close_object(&w);
}

static void say_code(struct outcome *o, const char *name, const char *key, const char *value)
{
    struct json_writer w;
    o->name = name;
    buffer_reset(&o->detail);
    writer_init(&w, &o->detail);
    writer_open_object(&w);
    writer_key(&w, key), writer_text(&w, value);
    writer_close_object(&w);
}

/* Keeps the new plan in the place of the old one, in the transaction of the item. */
static enum status keep_new(struct jobs *jobs, struct pg *pg, const struct job_item *item, const struct view *view,
                            const struct route_question *question, const char *request, const struct answer *answer,
                            struct outcome *o, struct error *err)
{
    const struct write_actor actor = {.id = item->actor, .holder = item->holder, .role = item->role};
    struct write_tx tx = {.pg = pg, .actor = &actor};
    struct route_encoder encoder = {.view = view, .request = &question->route, .form = &question->form, .age = app_rules_age(jobs->app)};
    const struct plan_belonging to = {.company = item->stored.company[0] ? item->stored.company : NULL,
                                      .county = item->stored.county[0] ? item->stored.county : NULL, .replaces = item->plan};
    struct buffer text;
    buffer_init(&text, ANSWER_MAX);
    encode_decision(&encoder);
    encode_answer(&text, &encoder, answer);
    buffer_char(&text, '\0');
    enum status status = text.failed ? error_set(err, text.failed, MESSAGE_NO_MEMORY)
                                     : plan_keep(&tx, &encoder, answer->plans[0], &to, request, text.data, err);
    if (status == STATUS_OK) status = plan_replace(&tx, item->plan, encoder.decision_id, err);
    if (status == STATUS_OK) say_code(o, "replanned", "replaced_by", encoder.decision_id);
    buffer_clear(&text);
    return status;
}

static enum status plan_again(struct jobs *jobs, struct pg *pg, const struct job_item *item, const struct view *view,
                              struct route_question *question, const char *request, const struct judgement *j, struct arena *arena,
                              struct outcome *o, struct error *err)
{
    struct answer answer = {0};
    struct error why = ERROR_INIT;
    if (!item->replan) {
        question->route.want_geometry = question->route.want_steps = false;
        question->route.corridor_mm = question->route.alternatives = 0;
    }
    enum status status = handler_check_names(view, &question->route, &why);
    if (status == STATUS_OK)
        status = planner_route(jobs->local->planner, view, &question->route, PLANNER_BRIEF, arena, &answer, &why);
    enum status cause = status == STATUS_OK ? answer.cause : status;
    if (status != STATUS_OK && status_http(status) >= 500) {
        if (err) *err = why;
        return status;
    }
    if (cause == STATUS_OK && item->replan) return keep_new(jobs, pg, item, view, question, request, &answer, o, err);
    o->name = "broken";
    say_broken(o, view, &question->route.vehicle, j, cause);
    return STATUS_OK;
}

static enum status judge(struct jobs *jobs, struct pg *pg, const struct job_item *item, const struct view *view, struct arena *arena,
                         struct outcome *o, struct error *err)
{
    struct app_local *local = jobs->local;
    const struct stored_plan *stored = &item->stored;
    int64_t now_ms = time_now_ms(), depart_ms = plan_departure(stored, now_ms);
    struct parse_setting setting = {.arena = arena, .systems = &local->systems, .now_ms = now_ms, .language = LANGUAGE_ZH, .geos = local->geos};
    struct route_question *question = arena_zero(arena, 1, sizeof *question);
    const char *request;
    struct judgement j;
    struct plan *plan;
    if (question == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (strcmp(stored->state, "active") != 0) {
        say_code(o, "skipped", "state", stored->state);
        return STATUS_OK;
    }
    TRY(plan_question(stored, depart_ms, &setting, question, &request, err));
    TRY(plan_recall(stored, view, depart_ms, arena, &plan, err));
    TRY(planner_judge(local->planner, view, &question->route, plan, &j, err));
    o->name = "lawful";
    if (j.kind == OFFENCE_NONE) return STATUS_OK;
    return plan_again(jobs, pg, item, view, question, request, &j, arena, o, err);
}

/* One item. What fails with one plan fails that plan; a database that is away ends the run. */
static enum status one(struct jobs *jobs, struct pg *pg, const struct job_item *item, const struct view *view, struct error *err)
{
    struct outcome o = {.name = "failed"};
    struct error why = ERROR_INIT;
    struct arena arena;
    arena_init(&arena, (size_t)256 << 20);
    buffer_init(&o.detail, 64 << 10);
    enum status status = judge(jobs, pg, item, view, &arena, &o, &why);
    if (status != STATUS_OK && pg_sqlstate(pg)[0] == '\0' && pg_alive(pg)) { /* the transaction is good: the plan is not */
        say_code(&o, "failed", "code", status_code(status));
        status = STATUS_OK;
    } else if (status != STATUS_OK) {
        *err = why;
    }
    if (status == STATUS_OK) status = settle(pg, item, view, &o, err);
    buffer_clear(&o.detail);
    arena_clear(&arena);
    return status;
}

/* ---- a run ------------------------------------------------------------------------------------------------- */

/* A few items in one transaction. *count 0: there was nothing to take. */
static enum status run_some(struct jobs *jobs, struct pg *pg, uint32_t *count, struct error *err)
{
    struct job_item items[JOB_TAKE];
    struct arena arena;
    *count = 0;
    struct view *view = app_view(jobs->local);
    if (view == NULL) return STATUS_OK;
    arena_init(&arena, (size_t)256 << 20);
    enum status status = pg_exec(pg, "BEGIN", err);
    if (status == STATUS_OK) status = job_take(pg, view->rules->version, &arena, items, count, err);
    for (uint32_t i = 0; i < *count && status == STATUS_OK; i++) {
        if (atomic_load(&jobs->stopping)) status = error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        else status = one(jobs, pg, &items[i], view, err);
    }
    if (status == STATUS_OK) status = pg_exec(pg, "COMMIT", err);
    if (status != STATUS_OK) pg_try(pg, "ROLLBACK");
    arena_clear(&arena);
    view_release(view);
    return status;
}

/* The version is forgotten only once its job is there: the database may go away meanwhile. */
static enum status start_after_publication(struct jobs *jobs, struct pg *pg, struct error *err)
{
    int64_t version = atomic_load(&jobs->published);
    const struct plan_reader everyone = {.key = "publication", .role = "admin"};
    char id[JOB_ID_SIZE];
    if (version < 0) return STATUS_OK;
    enum status status = job_start(pg, "check", "due", &everyone, "publication", version, id, err);
    if (status == STATUS_OK) (void)atomic_compare_exchange_strong(&jobs->published, &version, -1);
    return status;
}

static enum status follow(struct jobs *jobs, struct pg *pg, struct error *err)
{
    enum status status = pg_exec(pg, "LISTEN baochang_jobs", err);
    while (status == STATUS_OK && !atomic_load(&jobs->stopping)) {
        uint32_t count = 0;
        unsigned notified;
        status = start_after_publication(jobs, pg, err);
        if (status == STATUS_OK) status = run_some(jobs, pg, &count, err);
        if (status == STATUS_OK && count == 0) status = job_close(pg, err);
        if (status == STATUS_OK && count == 0) status = pg_notifications(pg, POLL_MS, &notified, NULL, 0, err);
    }
    return status;
}

static void *run(void *argument)
{
    struct jobs *jobs = argument;
    const struct pg_options options = {.application = "baochang jobs", .connect_timeout_ms = 5000, .statement_timeout_ms = 60000,
                                       .lock_timeout_ms = 5000, .idle_transaction_ms = 300000, .wake_fd = jobs->wake_fd};
    setpriority(PRIO_PROCESS, 0, NICE); /* of this thread alone; where it may not, it works all the same */
    bool told = false;
    while (!atomic_load(&jobs->stopping)) {
        struct pg *pg = NULL;
        struct error err = ERROR_INIT;
        enum status status = pg_open(&pg, jobs->conninfo, &options, NULL, &err);
        if (status == STATUS_OK) pg_nudge_set(pg, jobs->nudge_fd);
        if (status == STATUS_OK) status = follow(jobs, pg, &err);
        pg_close(pg);
        if (status == STATUS_OK) {
            told = false;
            continue;
        }
        if (!told && !atomic_load(&jobs->stopping)) { /* called away is not kept away */
            char text[400];
            log_event(LOG_WARN, "jobs_away", "code=%s why=%s", status_code(status), log_quote(text, sizeof text, err.log[0] ? err.log : err.en));
            told = true;
        }
        struct pollfd fd = {.fd = jobs->wake_fd, .events = POLLIN};
        (void)poll(&fd, 1, RETRY_MS);
    }
    return NULL;
}

/* ---- life -------------------------------------------------------------------------------------------------- */

enum status jobs_open(struct jobs **out, struct app *app, const char *conninfo, unsigned slot, bool on_publication, struct error *err)
{
    *out = NULL;
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    jobs->app = app;
    jobs->on_publication = on_publication;
    atomic_init(&jobs->published, -1);
    jobs->conninfo = strdup(conninfo);
    jobs->local = app_local_new(app, slot);
    jobs->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    jobs->nudge_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (jobs->conninfo == NULL || jobs->local == NULL || jobs->wake_fd < 0 || jobs->nudge_fd < 0 || pthread_create(&jobs->thread, NULL, run, jobs) != 0) {
        jobs_close(jobs);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    jobs->has_thread = true;
    *out = jobs;
    return STATUS_OK;
}

static void ring(int fd)
{
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable as well */
}

void jobs_close(struct jobs *jobs)
{
    if (jobs == NULL) return;
    atomic_store(&jobs->stopping, true);
    if (jobs->has_thread) {
        ring(jobs->wake_fd);
        pthread_join(jobs->thread, NULL);
    }
    if (jobs->wake_fd >= 0) close(jobs->wake_fd);
    if (jobs->nudge_fd >= 0) close(jobs->nudge_fd);
    app_local_free(jobs->app, jobs->local);
    free(jobs->conninfo);
    free(jobs);
}

void jobs_published(struct jobs *jobs, int64_t version)
{
    if (jobs == NULL || !jobs->on_publication) return;
    atomic_store(&jobs->published, version);
    ring(jobs->nudge_fd);
}
