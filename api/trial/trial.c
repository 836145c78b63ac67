#include "api/trial/trial.h"

#include "api/app.h"
#include "api/process/admit.h"
#include "data/rules/load_rules.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct trial {
    char digest[CHANGES_DIGEST_SIZE];
    struct view *view;
    uint64_t used; /* when last, in uses */
};

struct trials {
    struct base *base;
    size_t metric_bytes_max; /* of one view */
    pthread_mutex_t mutex;
    struct trial kept[TRIALS_MAX];
    uint64_t uses;
};

enum status trials_new(struct trials **out, struct base *base, size_t metric_bytes_max, struct error *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    (*out)->base = base;
    (*out)->metric_bytes_max = metric_bytes_max;
    pthread_mutex_init(&(*out)->mutex, NULL);
    return STATUS_OK;
}

void trials_free(struct trials *trials)
{
    if (trials == NULL) return;
    for (int i = 0; i < TRIALS_MAX; i++) view_release(trials->kept[i].view);
    pthread_mutex_destroy(&trials->mutex);
    free(trials);
}

static struct view *find(struct trials *trials, const char *digest, int64_t version)
{
    struct view *view = NULL;
    pthread_mutex_lock(&trials->mutex);
    for (int i = 0; i < TRIALS_MAX && view == NULL; i++) {
        struct trial *t = &trials->kept[i];
        if (t->view == NULL || t->view->rules->version != version || strcmp(t->digest, digest) != 0) continue;
        t->used = ++trials->uses;
        view = view_get(t->view);
    }
    pthread_mutex_unlock(&trials->mutex);
    return view;
}

static void keep(struct trials *trials, const char *digest, struct view *view)
{
    pthread_mutex_lock(&trials->mutex);
    struct trial *oldest = &trials->kept[0];
    for (int i = 1; i < TRIALS_MAX; i++)
        if (trials->kept[i].used < oldest->used) oldest = &trials->kept[i];
    struct view *gone = oldest->view;
    memcpy(oldest->digest, digest, sizeof oldest->digest);
    oldest->view = view_get(view);
    oldest->used = ++trials->uses;
    pthread_mutex_unlock(&trials->mutex);
    view_release(gone);
}

/* ---- making one -------------------------------------------------------------------------------------------- */

/* Asked each time, also for a view that is kept: another caller's must not tell this one what it may not see. */
static enum status check_ids(struct exchange *x, const struct rule_changes *changes, const struct json_at *root, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct pg *pg;
    if (changes->id_count == 0) return STATUS_OK;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(read_pool_take(pool, &pg, err));
    const struct caller *caller = exchange_caller(x);
    bool desk = (exchange_role(x) & (ROLE_OFFICER | ROLE_PLANNER | ROLE_APPROVER | ROLE_ADMIN)) != 0;
    char place[48];
    const char *scope = caller && caller->key.county[0] ? caller->key.county : NULL;
    enum status status = load_changes_unknown(pg, changes->json, desk, scope, place, sizeof place, err);
    read_pool_give(pool, pg);
    if (status != STATUS_OK) return status;
    if (place[0] == '\0') return STATUS_OK;
    error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    return changes_point_at(root, place, err);
}

static enum status compile(struct trials *trials, const struct rules_input *input, const struct view *current,
                           struct view **out, struct error *err)
{
    struct rules *rules = NULL;
    enum status status = rules_compile(&trials->base->network, trials->base->spatial, input, current->rules, &rules, err);
    if (status == STATUS_OK) status = view_new(trials->base, rules, trials->metric_bytes_max, out, err);
    if (status == STATUS_OK) view_inherit(*out, current);
    rules_release(rules);
    return status;
}

/* Reads and compiles once. CONFLICT: what was read is of another version than *current. */
static enum status make(struct exchange *x, struct trials *trials, const struct rule_changes *changes, const struct json_at *root,
                        const struct view *current, struct view **out, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct arena arena;
    struct rules_input input;
    struct pg *pg;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(read_pool_take(pool, &pg, err));
    arena_init(&arena, RULES_BYTES_MAX);
    enum status status = load_rules_changed(pg, changes->json, &arena, &input, err);
    if (status == STATUS_INVALID) (void)reader_here(root, err);
    read_pool_give(pool, pg);
    if (status == STATUS_OK && input.version != current->rules->version)
        status = error_set(err, STATUS_CONFLICT, MESSAGE_RULES_MOVING);
    if (status == STATUS_OK) status = compile(trials, &input, current, out, err);
    arena_clear(&arena);
    return status;
}

enum status trial_view(struct exchange *x, const struct rule_changes *changes, const struct json_at *root,
                       struct view **current, struct view **out, struct error *err)
{
    enum { ATTEMPTS = 50 };
    const struct timespec nap = {.tv_nsec = 20000000};
    struct trials *trials = app_trials(x->app);
    TRY(check_ids(x, changes, root, err));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        *out = find(trials, changes->digest, (*current)->rules->version);
        if (*out) return STATUS_OK;
        enum status status = make(x, trials, changes, root, *current, out, err);
        if (status == STATUS_OK) keep(trials, changes->digest, *out);
        if (status != STATUS_CONFLICT || atomic_load(&x->cancelled)) return status;
        nanosleep(&nap, NULL); /* the view follows the database within milliseconds */
        struct view *newer = app_view(x->local);
        if (newer == NULL) return status;
        view_release(*current);
        *current = newer;
        *err = (struct error)ERROR_INIT;
    }
    return error_set(err, STATUS_CONFLICT, MESSAGE_RULES_MOVING);
}

enum status trial_compile(struct exchange *x, const struct rules_input *input, const struct view *current, struct view **out,
                          struct error *err)
{
    return compile(app_trials(x->app), input, current, out, err);
}
