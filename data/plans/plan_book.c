#include "data/plans/plan_book.h"

#include "geo/base/log.h"
#include "routing/plan/plan_index.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { POLL_MS = 5000, RETRY_MS = 1000, PAGE = 2000, CHAIN_MAX = 4 };

struct entry {
    struct plan_touched shown;
    char owner[20];
    char chain[CHAIN_MAX][24]; /* its county and what that lies in */
    uint32_t slot;             /* UINT32_MAX: not in */
};

struct plan_book {
    char *conninfo, *network_version;
    uint32_t arc_count;
    pthread_t thread;
    bool has_thread;
    int wake_fd;
    pthread_rwlock_t lock; /* of what follows */
    struct plan_index *index;
    struct entry **by_slot; /* [slot_capacity] */
    uint32_t slot_capacity;
    struct entry **by_number; /* [number_capacity]; numbers have few gaps */
    int64_t number_capacity;
    size_t entry_count;
    bool ready;
    uint64_t changes;
    void (*changed)(void *context); /* may be NULL */
    void *context;
    char horizon[24]; /* what has a smaller transaction is known; "" before the first reading */
};

/* ---- taking in --------------------------------------------------------------------------------------------- */

static bool number_room(struct plan_book *b, int64_t number)
{
    if (number < b->number_capacity) return true;
    int64_t capacity = b->number_capacity ? b->number_capacity : 1024;
    while (capacity <= number) capacity *= 2;
    struct entry **grown = realloc(b->by_number, (size_t)capacity * sizeof *grown);
    if (grown == NULL) return false;
    memset(grown + b->number_capacity, 0, (size_t)(capacity - b->number_capacity) * sizeof *grown);
    b->by_number = grown;
    b->number_capacity = capacity;
    return true;
}

static bool slot_room(struct plan_book *b, uint32_t slot)
{
    if (slot < b->slot_capacity) return true;
    uint32_t capacity = b->slot_capacity ? 2 * b->slot_capacity : 1024;
    struct entry **grown = realloc(b->by_slot, capacity * sizeof *grown);
    if (grown == NULL) return false;
    memset(grown + b->slot_capacity, 0, (capacity - b->slot_capacity) * sizeof *grown);
    b->by_slot = grown;
    b->slot_capacity = capacity;
    return true;
}

static void forget(struct plan_book *b, int64_t number)
{
    struct entry *e = number < b->number_capacity ? b->by_number[number] : NULL;
    if (e == NULL) return;
    plan_index_remove(b->index, e->slot);
    b->by_slot[e->slot] = NULL;
    b->by_number[number] = NULL;
    b->entry_count--;
    free(e);
}

enum { NUMBER, ID, OWNER, COMPANY, COUNTY, CHAIN, ACTIVE, ARCS };

/* One row that is new or has changed. */
static enum status take_in(struct plan_book *b, const struct pg_result *rows, int row, struct error *err)
{
    int64_t number = pg_i64(rows, row, NUMBER);
    struct pg_array arcs, chain;
    forget(b, number);
    b->changes++;
    if (!pg_bool(rows, row, ACTIVE)) return STATUS_OK;
    if (!pg_array_open(rows, row, ARCS, &arcs) || !pg_array_open(rows, row, CHAIN, &chain))
        return error_set(err, STATUS_CORRUPT, MESSAGE_PLAN_RECORD);
    struct entry *e = calloc(1, sizeof *e);
    arc_id *list = malloc((arcs.count + 1) * sizeof *list);
    enum status status = e && list && number >= 0 && number_room(b, number) ? STATUS_OK
                                                                            : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) {
        uint32_t count = arcs.count;
        for (uint32_t i = 0; i < count; i++) list[i] = (arc_id)pg_array_i64(&arcs);
        status = plan_index_add(b->index, list, count, &e->slot, err);
    }
    if (status == STATUS_OK && !slot_room(b, e->slot)) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    free(list);
    if (status != STATUS_OK) {
        free(e);
        return status;
    }
    e->shown.number = number;
    snprintf(e->shown.id, sizeof e->shown.id, "%s", pg_text(rows, row, ID));
    snprintf(e->shown.company, sizeof e->shown.company, "%s", pg_text(rows, row, COMPANY));
    snprintf(e->shown.county, sizeof e->shown.county, "%s", pg_text(rows, row, COUNTY));
    snprintf(e->owner, sizeof e->owner, "%s", pg_text(rows, row, OWNER));
    for (uint32_t i = 0, count = chain.count; i < count && i < CHAIN_MAX; i++) {
        size_t length;
        const char *code = pg_array_text(&chain, &length);
        snprintf(e->chain[i], sizeof e->chain[i], "%.*s", (int)length, code);
    }
    b->by_slot[e->slot] = e;
    b->by_number[number] = e;
    b->entry_count++;
    return STATUS_OK;
}

/* Throws everything away, so that it is read again. */
static enum status begin_anew(struct plan_book *b, struct error *err)
{
    struct plan_index *index;
    enum status status = plan_index_new(b->arc_count, &index, err);
    if (status != STATUS_OK) return status;
    for (int64_t n = 0; n < b->number_capacity; n++) {
        free(b->by_number[n]);
        b->by_number[n] = NULL;
    }
    plan_index_free(b->index);
    b->index = index;
    b->entry_count = 0;
    b->horizon[0] = '\0';
    return STATUS_OK;
}

/* The changes since the horizon, page by page, in one snapshot. */
static enum status read_changes(struct plan_book *b, struct pg *pg, struct error *err)
{
    struct pg_result rows = {0};
    char after[24] = "-1", next[24] = "", page[8];
    snprintf(page, sizeof page, "%d", PAGE);
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status == STATUS_OK)
        status = pg_query(pg, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text", 0, NULL, &rows, err);
    if (status == STATUS_OK) snprintf(next, sizeof next, "%s", pg_text(&rows, 0, 0));
    pg_result_clear(&rows);
    for (bool more = true; more && status == STATUS_OK;) {
        const char *values[] = {b->horizon[0] ? b->horizon : NULL, b->network_version, after, page};
        status = pg_query(pg,
                          "SELECT p.number, p.id, p.owner, COALESCE(p.company, ''), COALESCE(p.county, ''),"
                          " baochang.jurisdiction_chain(p.county), p.state = 'active' AND p.network_version = $2, COALESCE(p.arcs, '{}')"
                          " FROM baochang.stored_plan p WHERE p.number > $3::bigint"
                          " AND CASE WHEN $1::text IS NULL THEN p.state = 'active' ELSE p.xid >= $1::xid8 END"
                          " ORDER BY p.number LIMIT $4::int",
                          4, values, &rows, err);
        more = status == STATUS_OK && rows.count == PAGE;
        if (status == STATUS_OK && rows.count > 0) {
            snprintf(after, sizeof after, "%lld", (long long)pg_i64(&rows, rows.count - 1, NUMBER));
            pthread_rwlock_wrlock(&b->lock);
            for (int i = 0; i < rows.count && status == STATUS_OK; i++) status = take_in(b, &rows, i, err);
            pthread_rwlock_unlock(&b->lock);
        }
        pg_result_clear(&rows);
    }
    pg_try(pg, "ROLLBACK");
    if (status != STATUS_OK) return status;
    pthread_rwlock_wrlock(&b->lock);
    memcpy(b->horizon, next, sizeof next);
    b->ready = true;
    pthread_rwlock_unlock(&b->lock);
    return STATUS_OK;
}

static enum status follow(struct plan_book *b, struct pg *pg, struct error *err)
{
    enum status status = pg_exec(pg, "LISTEN baochang_plans", err);
    while (status == STATUS_OK) {
        uint32_t slots = plan_index_slots(b->index);
        if (slots > 4096 && plan_index_alive(b->index) < slots / 2) {
            pthread_rwlock_wrlock(&b->lock);
            status = begin_anew(b, err);
            pthread_rwlock_unlock(&b->lock);
        }
        bool known = b->ready; /* what the first reading finds is no news; both are written by this thread only */
        uint64_t before = b->changes;
        if (status == STATUS_OK) status = read_changes(b, pg, err);
        if (status == STATUS_OK && known && b->changes != before && b->changed) b->changed(b->context);
        unsigned count;
        if (status == STATUS_OK) status = pg_notifications(pg, POLL_MS, &count, NULL, 0, err);
    }
    return status;
}

static void *run(void *argument)
{
    struct plan_book *b = argument;
    const struct pg_options options = {.application = "baochang plans", .connect_timeout_ms = 5000,
                                       .statement_timeout_ms = 60000, .lock_timeout_ms = 10000,
                                       .idle_transaction_ms = 60000, .wake_fd = b->wake_fd};
    bool told = false;
    for (;;) {
        struct pg *pg = NULL;
        struct error err = ERROR_INIT;
        enum status status = pg_open(&pg, b->conninfo, &options, NULL, &err);
        if (status == STATUS_OK) {
            told = false;
            status = follow(b, pg, &err);
        }
        pg_close(pg);
        if (status == STATUS_CANCELLED) return NULL;
        if (!told) {
            char text[400];
            log_event(LOG_WARN, "plans_away", "code=%s why=%s", status_code(status),
                      log_quote(text, sizeof text, err.log[0] ? err.log : err.en));
            told = true;
        }
        struct pollfd fd = {.fd = b->wake_fd, .events = POLLIN};
        if (poll(&fd, 1, RETRY_MS) > 0) return NULL;
    }
}

/* ---- life -------------------------------------------------------------------------------------------------- */

enum status plan_book_open(struct plan_book **out, const char *conninfo, const char *network_version, uint32_t arc_count,
                           void (*changed)(void *context), void *context, struct error *err)
{
    *out = NULL;
    struct plan_book *b = calloc(1, sizeof *b);
    if (b == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pthread_rwlock_init(&b->lock, NULL);
    b->arc_count = arc_count;
    b->changed = changed;
    b->context = context;
    b->conninfo = strdup(conninfo);
    b->network_version = strdup(network_version);
    b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = plan_index_new(arc_count, &b->index, err);
    if (status == STATUS_OK && (b->conninfo == NULL || b->network_version == NULL || b->wake_fd < 0 ||
                                pthread_create(&b->thread, NULL, run, b) != 0))
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) {
        plan_book_close(b);
        return status;
    }
    b->has_thread = true;
    *out = b;
    return STATUS_OK;
}

void plan_book_close(struct plan_book *b)
{
    if (b == NULL) return;
    if (b->has_thread) {
        uint64_t one = 1;
        ssize_t written = write(b->wake_fd, &one, sizeof one);
        (void)written; /* the counter of an eventfd that is added to once cannot be full */
        pthread_join(b->thread, NULL);
    }
    if (b->wake_fd >= 0) close(b->wake_fd);
    for (int64_t n = 0; n < b->number_capacity; n++) free(b->by_number[n]);
    plan_index_free(b->index);
    pthread_rwlock_destroy(&b->lock);
    free(b->by_number);
    free(b->by_slot);
    free(b->conninfo);
    free(b->network_version);
    free(b);
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

struct plan_book_state plan_book_state(struct plan_book *b)
{
    pthread_rwlock_rdlock(&b->lock);
    struct plan_book_state state = {
        .ready = b->ready, .plans = plan_index_alive(b->index), .changes = b->changes,
        .bytes = plan_index_bytes(b->index) + b->entry_count * sizeof(struct entry) +
                 b->slot_capacity * sizeof *b->by_slot + (size_t)b->number_capacity * sizeof *b->by_number};
    pthread_rwlock_unlock(&b->lock);
    return state;
}

/* As baochang.stored_plan_visible. */
static bool visible(const struct entry *e, const struct plan_reader *reader)
{
    static const char *const desks[] = {"officer", "planner", "approver", "admin"};
    bool own = strcmp(e->owner, reader->key) == 0, desk = false;
    if (strcmp(reader->role, "company") == 0) return reader->company && strcmp(e->shown.company, reader->company) == 0;
    for (size_t i = 0; i < sizeof desks / sizeof *desks; i++) desk |= strcmp(reader->role, desks[i]) == 0;
    if (own || !desk || reader->county == NULL) return own || desk;
    for (int i = 0; i < CHAIN_MAX && e->chain[i][0]; i++)
        if (strcmp(e->chain[i], reader->county) == 0) return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct plan_touched *)a)->number, y = ((const struct plan_touched *)b)->number;
    return (x > y) - (x < y);
}

static enum status collect(struct plan_book *b, const arc_id *arcs, uint32_t count, const struct plan_reader *reader,
                           struct arena *arena, struct plan_touched **out, uint32_t *out_count, struct error *err)
{
    uint32_t *slots = NULL, slot_count = plan_index_slots(b->index);
    if (!b->ready) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (arcs) {
        enum status status = plan_index_touched(b->index, arcs, count, arena, &slots, &slot_count, err);
        if (status != STATUS_OK) return status;
    }
    *out = arena_zero(arena, (size_t)(arcs ? slot_count : plan_index_alive(b->index)) + 1, sizeof **out);
    if (*out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < slot_count; i++) {
        const struct entry *e = b->by_slot[slots ? slots[i] : i];
        if (e && visible(e, reader)) (*out)[(*out_count)++] = e->shown;
    }
    return STATUS_OK;
}

enum status plan_book_touched(struct plan_book *b, const arc_id *arcs, uint32_t count, const struct plan_reader *reader,
                              struct arena *arena, struct plan_touched **out, uint32_t *out_count, struct error *err)
{
    *out = NULL;
    *out_count = 0;
    pthread_rwlock_rdlock(&b->lock);
    enum status status = collect(b, arcs, count, reader, arena, out, out_count, err);
    pthread_rwlock_unlock(&b->lock);
    if (status == STATUS_OK) qsort(*out, *out_count, sizeof **out, by_number);
    return status;
}
