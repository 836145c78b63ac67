#include "api/background/export_jobs.h"

#include "api/encode/plan_export.h"
#include "api/handlers/layers.h"
#include "api/json/reader.h"
#include "api/wire/time_text.h"
#include "data/maps/export_layers.h"
#include "data/plans/plan_store.h"
#include "geo/base/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { POLL_MS = 2000, WATCH_MS = 100, NICE = 10, HOUR_MS = 3600000 };

struct export_jobs {
    char *folder, *conninfo;
    int64_t keep_ms;
    int wake_fd;
    pthread_t thread;
    bool has_thread, told;
    atomic_bool stopping;
};

/* ---- one export -------------------------------------------------------------------------------------------- */

/* A job being worked on: by a thread of its own, so that it can be told to stop. */
struct making {
    struct export_jobs *jobs;
    const struct spool_job *job;
    struct buffer out;
    struct error err;
    bool cancel;        /* polled between pages */
    atomic_bool over;
};

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* With the eyes of who asked. A plan that was withdrawn meanwhile is NOT_FOUND. */
static enum status put_plan(const struct spool_job *job, struct pg *pg, struct export *e, struct error *err)
{
    const struct plan_reader reader = {.key = job->actor, .role = job->role, .company = or_null(job->company), .county = or_null(job->scope)};
    struct stored_plan plan;
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    enum status status = plan_load(pg, job->plan, &reader, &arena, &plan, err);
    if (status == STATUS_OK) status = plan_export(plan.request, plan.answer, plan.answer_length, e, err);
    arena_clear(&arena);
    return status;
}

static enum status put_layer(const struct making *m, enum export_layer layer, const struct export_filter *filter, struct pg *pg, struct export *e,
                             struct error *err)
{
    const struct rule_reader reader = {.desk = m->job->desk, .scope = or_null(m->job->scope)};
    return export_layer_rows(pg, layer, &reader, filter, &m->cancel, e, err);
}

static enum status make(struct making *m)
{
    const struct spool_job *job = m->job;
    const struct pg_options connection = {.application = "baochang export", .connect_timeout_ms = 5000, .statement_timeout_ms = 60000,
                                          .lock_timeout_ms = 5000, .wake_fd = -1};
    struct export_options options = {.crs = job->crs, .zh_names = strcmp(job->names, "en") != 0, .gbk = strcmp(job->encoding, "gbk") == 0};
    struct export_filter filter = {.at = or_null(job->at), .state = or_null(job->filter_state)};
    enum export_layer layer = LAYER_ZONES;
    double sides[4];
    struct export *e = NULL;
    struct pg *pg = NULL;
    if ((!job->plan[0] && !export_layer_find(job->layer, &layer)) || !export_format_find(job->format, &options.format) ||
        (job->bbox[0] && !numbers_parse(job->bbox, 4, sides)))
        return error_set(&m->err, STATUS_CORRUPT, MESSAGE_EXPORT_FAILED);
    if (job->bbox[0]) filter.bbox = sides;
    TRY(export_open(&options, job->plan[0] ? "plan" : job->layer, &e, &m->err));
    enum status status = pg_open(&pg, m->jobs->conninfo, &connection, NULL, &m->err);
    if (status == STATUS_OK) status = job->plan[0] ? put_plan(job, pg, e, &m->err) : put_layer(m, layer, &filter, pg, e, &m->err);
    pg_close(pg);
    if (status == STATUS_OK) return export_close(e, &m->out, &m->err);
    export_abort(e);
    return status;
}

static void *make_thread(void *argument)
{
    struct making *m = argument;
    setpriority(PRIO_PROCESS, 0, NICE); /* of this thread alone; where it may not, it works all the same */
    (void)make(m);
    atomic_store(&m->over, true);
    return NULL;
}

/* Worth another try is what will be better by itself; anything else would hold up those behind it. */
static bool is_lasting(enum status status)
{
    return status != STATUS_UNAVAILABLE && status != STATUS_IO && status != STATUS_CANCELLED && status != STATUS_CONFLICT;
}

static enum status settle(struct export_jobs *jobs, const struct spool_job *job, struct making *m, struct error *err)
{
    enum status status = m->err.status;
    if (status == STATUS_OK) {
        status = spool_write(jobs->folder, job->id, m->out.data, m->out.length, err);
        if (status == STATUS_OK) status = spool_end(jobs->folder, job, SPOOL_DONE, (int64_t)m->out.length, NULL, time_now_ms(), err);
        return status == STATUS_CONFLICT ? STATUS_OK : status; /* cancelled in the last moment */
    }
    *err = m->err;
    if (!is_lasting(status) && !(status == STATUS_CONFLICT && job->plan[0])) return status; /* a plan never changes */
    status = spool_end(jobs->folder, job, SPOOL_FAILED, 0, status_code(status), time_now_ms(), err);
    return status == STATUS_CONFLICT ? STATUS_OK : status;
}

/* Makes one and waits for it, looking whether it was cancelled meanwhile, by whatever process. */
static enum status one(struct export_jobs *jobs, const struct spool_job *job, struct error *err)
{
    struct making m = {.jobs = jobs, .job = job};
    pthread_t thread;
    buffer_init(&m.out, EXPORT_BYTES_MAX);
    if (pthread_create(&thread, NULL, make_thread, &m) != 0) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    while (!atomic_load(&m.over)) {
        struct timespec pause = {.tv_nsec = WATCH_MS * 1000000L};
        if (atomic_load(&jobs->stopping) || spool_is_over(jobs->folder, job->id)) __atomic_store_n(&m.cancel, true, __ATOMIC_RELAXED);
        nanosleep(&pause, NULL);
    }
    pthread_join(thread, NULL);
    enum status status = __atomic_load_n(&m.cancel, __ATOMIC_RELAXED) ? STATUS_OK : settle(jobs, job, &m, err);
    buffer_clear(&m.out);
    return status;
}

/* ---- the round --------------------------------------------------------------------------------------------- */

/* The oldest that is to be done; and those to forget, as they come. */
struct looking {
    struct export_jobs *jobs;
    int64_t now_ms;
    bool found;
    struct spool_job job;
};

static bool look(void *context, const struct spool_job *job)
{
    struct looking *l = context;
    if (job->state != SPOOL_RUNNING) {
        if (job->finished_ms + l->jobs->keep_ms < l->now_ms) spool_remove(l->jobs->folder, job->id);
    } else if (!l->found || job->created_ms < l->job.created_ms || (job->created_ms == l->job.created_ms && strcmp(job->id, l->job.id) < 0)) {
        int lock;
        if (spool_claim(l->jobs->folder, job->id, &lock)) {
            close(lock); /* taken again below, by whoever is first then */
            l->found = true;
            l->job = *job;
        }
    }
    return !atomic_load(&l->jobs->stopping);
}

static bool work_once(struct export_jobs *jobs, struct error *err)
{
    struct looking l = {.jobs = jobs, .now_ms = time_now_ms()};
    int lock;
    if (spool_each(jobs->folder, look, &l, err) != STATUS_OK || !l.found) return false;
    if (!spool_claim(jobs->folder, l.job.id, &lock)) return true;
    enum status status = one(jobs, &l.job, err);
    close(lock);
    return status == STATUS_OK;
}

static void *run(void *argument)
{
    struct export_jobs *jobs = argument;
    setpriority(PRIO_PROCESS, 0, NICE);
    while (!atomic_load(&jobs->stopping)) {
        struct error err = ERROR_INIT;
        char text[400];
        if (work_once(jobs, &err)) {
            jobs->told = false;
            continue;
        }
        if (err.status != STATUS_OK && !jobs->told) {
            log_event(LOG_WARN, "export_waits", "code=%s why=%s", status_code(err.status), log_quote(text, sizeof text, err.log[0] ? err.log : err.en));
            jobs->told = true;
        }
        spool_tidy(jobs->folder, time_now_ms() / 1000);
        struct pollfd fd = {.fd = jobs->wake_fd, .events = POLLIN};
        uint64_t value;
        if (poll(&fd, 1, POLL_MS) > 0) {
            ssize_t got = read(jobs->wake_fd, &value, sizeof value);
            (void)got; /* drained by nobody else */
        }
    }
    return NULL;
}

/* ---- life -------------------------------------------------------------------------------------------------- */

enum status export_jobs_open(struct export_jobs **out, const char *folder, const char *conninfo, unsigned keep_hours, struct error *err)
{
    *out = NULL;
    TRY(spool_prepare(folder, err));
    struct export_jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    jobs->folder = strdup(folder);
    jobs->conninfo = strdup(conninfo);
    jobs->keep_ms = (int64_t)keep_hours * HOUR_MS;
    jobs->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (jobs->folder == NULL || jobs->conninfo == NULL || jobs->wake_fd < 0 || pthread_create(&jobs->thread, NULL, run, jobs) != 0) {
        export_jobs_close(jobs);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    jobs->has_thread = true;
    *out = jobs;
    return STATUS_OK;
}

void export_jobs_close(struct export_jobs *jobs)
{
    if (jobs == NULL) return;
    atomic_store(&jobs->stopping, true);
    if (jobs->has_thread) {
        export_jobs_wake(jobs);
        pthread_join(jobs->thread, NULL);
    }
    if (jobs->wake_fd >= 0) close(jobs->wake_fd);
    free(jobs->folder);
    free(jobs->conninfo);
    free(jobs);
}

const char *export_jobs_folder(const struct export_jobs *jobs)
{
    return jobs->folder;
}

int64_t export_jobs_expiry(const struct export_jobs *jobs, int64_t finished_ms)
{
    return finished_ms + jobs->keep_ms;
}

void export_jobs_wake(struct export_jobs *jobs)
{
    uint64_t one = 1;
    ssize_t written = write(jobs->wake_fd, &one, sizeof one);
    (void)written; /* a counter that is full wakes as well */
}
