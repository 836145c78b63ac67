#include "data/pg/pg.h"

#include "data/pg/reason.h"
#include "geo/base/log.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_MAX = 32 };

struct pg {
    PGconn *conn;
    int wake_fd, nudge_fd;
    bool broken;
    uint32_t statement_timeout_ms, patience_ms;
    char sqlstate[6];
    const char *kept[KEPT_MAX]; /* statement k<i> of the server */
    uint32_t kept_count;
    bool kept_stale;            /* one of them failed: none counts until all are given back */
};

/* How long past the server's own statement timeout we wait before we call the connection dead. */
enum { GRACE_MS = 5000 };

/* libpq takes an answer it had no memory for as one that has not come whole, and would have us wait for the rest for
 * ever. Asked again it tries again. */
enum { LOOK_AGAIN_MS = 1000 };

int64_t pg_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void *pg_raw(struct pg *pg)
{
    return pg->conn;
}

bool pg_alive(const struct pg *pg)
{
    return !pg->broken && PQstatus(pg->conn) == CONNECTION_OK;
}

const char *pg_sqlstate(const struct pg *pg)
{
    return pg->sqlstate;
}

/* ---- errors ------------------------------------------------------------------------------------------------ */

/* The first line of what libpq says, without the line end. */
static void first_line(char *out, size_t size, const char *text)
{
    size_t length = strcspn(text, "\r\n");
    snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), text);
}

static enum status broken(struct pg *pg, struct error *err)
{
    pg->broken = true;
    char line[200];
    first_line(line, sizeof line, PQerrorMessage(pg->conn));
    enum status status = error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    error_log(err, "%s", line[0] ? line : "connection lost");
    return status;
}

/* The reason of a refusal in both languages. */
static enum status refused(enum status status, enum message message, const char *reason, struct error *err)
{
    struct error zh = ERROR_INIT;
    char translated[600];
    error_set(err, status, message, reason);
    if (err && reason_translate(reason, translated, sizeof translated)) {
        error_set(&zh, status, message, translated);
        memcpy(err->zh, zh.zh, sizeof err->zh);
    }
    return status;
}

enum status pg_failure(struct pg *pg, const void *result, struct error *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    snprintf(pg->sqlstate, sizeof pg->sqlstate, "%s", state ? state : "");
    if (state == NULL) return broken(pg, err);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (primary == NULL) primary = "";
    enum status status;
    if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0) {
        bool conflict = strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0;
        status = conflict ? refused(STATUS_CONFLICT, MESSAGE_DATABASE_CONFLICT, primary, err)
                          : refused(STATUS_INVALID, MESSAGE_DATABASE_REFUSED, primary, err);
    } else if (strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0) {
        status = error_set(err, STATUS_CONFLICT, MESSAGE_DATABASE_CONFLICT, primary);
    } else if (strcmp(state, "57014") == 0) {
        status = error_set(err, STATUS_TIMEOUT, MESSAGE_DATABASE_TIMEOUT);
    } else if (strncmp(state, "57", 2) == 0 || strncmp(state, "08", 2) == 0 || strncmp(state, "53", 2) == 0) {
        /* shutting down, starting up, too many connections, disk full */
        pg->broken = pg->broken || strncmp(state, "53", 2) != 0;
        status = error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        status = error_set(err, STATUS_INTERNAL, MESSAGE_DATABASE_FAILED);
    }
    error_log(err, "%s %s", state, primary);
    return status;
}

static void notice(void *unused, const PGresult *result)
{
    (void)unused;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char quoted[300];
    log_event(LOG_DEBUG, "database_notice", "text=%s", log_quote(quoted, sizeof quoted, text ? text : ""));
}

/* ---- waiting ----------------------------------------------------------------------------------------------- */

enum status pg_wait(struct pg *pg, bool for_write, int64_t deadline_ms, struct error *err)
{
    struct pollfd fds[2] = {{.fd = PQsocket(pg->conn), .events = (short)(POLLIN | (for_write ? POLLOUT : 0))},
                            {.fd = pg->wake_fd, .events = POLLIN}};
    if (fds[0].fd < 0) return broken(pg, err);
    for (;;) {
        int64_t left = deadline_ms == INT64_MAX ? -1 : deadline_ms - pg_now_ms();
        if (deadline_ms != INT64_MAX && left < 0) left = 0;
        int timeout = left > 1000000 ? 1000000 : (int)left;
        int n = poll(fds, pg->wake_fd >= 0 ? 2 : 1, timeout);
        if (n < 0 && errno != EINTR) return broken(pg, err);
        if (n < 0) continue;
        if (pg->wake_fd >= 0 && fds[1].revents != 0) {
            pg->broken = true; /* a statement may be half way */
            return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        }
        if (fds[0].revents != 0) return STATUS_OK;
        if (deadline_ms != INT64_MAX && pg_now_ms() >= deadline_ms)
            return error_set(err, STATUS_TIMEOUT, MESSAGE_DATABASE_TIMEOUT);
    }
}

enum status pg_wait_input(struct pg *pg, int64_t deadline_ms, struct error *err)
{
    int64_t look_again_ms = pg_now_ms() + LOOK_AGAIN_MS;
    if (deadline_ms <= look_again_ms) return pg_wait(pg, false, deadline_ms, err);
    enum status status = pg_wait(pg, false, look_again_ms, err);
    return status == STATUS_TIMEOUT ? STATUS_OK : status;
}

/* ---- connecting -------------------------------------------------------------------------------------------- */

/* Five letters or digits after "FATAL:  " in a verbose message; libpq has no other way to tell. */
static void connect_sqlstate(const char *message, char state[6])
{
    state[0] = '\0';
    for (const char *p = strstr(message, ":  "); p; p = strstr(p + 1, ":  ")) {
        size_t n = strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n != 5 || p[8] != ':') continue;
        memcpy(state, p + 3, 5);
        state[5] = '\0';
        return;
    }
}

static bool state_is_lasting(const char *state)
{
    return strncmp(state, "28", 2) == 0 || strncmp(state, "3D", 2) == 0 || strcmp(state, "42501") == 0;
}

static enum status connect_start(struct pg *pg, const char *conninfo, const struct pg_options *o, bool *lasting,
                                 struct error *err)
{
    char *why = NULL;
    PQconninfoOption *given = PQconninfoParse(conninfo, &why);
    if (given == NULL) {
        char line[160];
        first_line(line, sizeof line, why ? why : "");
        PQfreemem(why);
        *lasting = true;
        return error_set(err, STATUS_INVALID, MESSAGE_DATABASE_CONNINFO, line);
    }
    const char *given_options = "";
    for (const PQconninfoOption *g = given; g->keyword; g++)
        if (strcmp(g->keyword, "options") == 0 && g->val) given_options = g->val;
    char session[1024];
    int length = snprintf(session, sizeof session,
                          "-c search_path=baochang,public -c statement_timeout=%u -c lock_timeout=%u "
                          "-c idle_in_transaction_session_timeout=%u -c tcp_user_timeout=5000 "
                          "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 %s",
                          o->statement_timeout_ms, o->lock_timeout_ms, o->idle_transaction_ms, given_options);
    enum status status = STATUS_OK;
    if (length < 0 || (size_t)length >= sizeof session) {
        *lasting = true;
        status = error_set(err, STATUS_INVALID, MESSAGE_DATABASE_CONNINFO, "options");
        goto done;
    }
    /* Ours first, then the given string, which may override all but the last ones. */
    const char *const keys[] = {"application_name", "keepalives", "keepalives_idle", "keepalives_interval",
                                "keepalives_count", "tcp_user_timeout", "dbname", "options", "client_encoding", NULL};
    const char *const values[] = {o->application, "1", "3", "1", "3", "5000", conninfo, session, "UTF8", NULL};
    pg->conn = PQconnectStartParams(keys, values, 1);
    if (pg->conn == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
done:
    PQconninfoFree(given);
    return status;
}

static enum status connect_finish(struct pg *pg, int64_t deadline_ms, bool *lasting, struct error *err)
{
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (PQstatus(pg->conn) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        struct pollfd fds[2] = {{.fd = PQsocket(pg->conn), .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT},
                                {.fd = pg->wake_fd, .events = POLLIN}};
        int64_t left = deadline_ms - pg_now_ms();
        int n = left > 0 ? poll(fds, pg->wake_fd >= 0 ? 2 : 1, (int)left) : 0;
        if (n < 0 && errno == EINTR) continue;
        if (n > 0 && pg->wake_fd >= 0 && fds[1].revents != 0)
            return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        if (n <= 0) {
            enum status status = error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
            error_log(err, "not connected in time");
            return status;
        }
        next = PQconnectPoll(pg->conn);
    }
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        connect_sqlstate(PQerrorMessage(pg->conn), pg->sqlstate);
        *lasting = state_is_lasting(pg->sqlstate) || PQconnectionNeedsPassword(pg->conn);
        return broken(pg, err);
    }
    PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
    PQsetNoticeReceiver(pg->conn, notice, NULL);
    if (PQsetnonblocking(pg->conn, 1) != 0) return broken(pg, err);
    return STATUS_OK;
}

enum status pg_open(struct pg **out, const char *conninfo, const struct pg_options *options, bool *lasting,
                    struct error *err)
{
    bool ignored;
    if (lasting == NULL) lasting = &ignored;
    *lasting = false;
    *out = NULL;
    struct pg *pg = calloc(1, sizeof *pg);
    if (pg == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pg->wake_fd = options->wake_fd;
    pg->nudge_fd = -1;
    pg->statement_timeout_ms = options->statement_timeout_ms;
    enum status status = connect_start(pg, conninfo, options, lasting, err);
    if (status == STATUS_OK) status = connect_finish(pg, pg_now_ms() + options->connect_timeout_ms, lasting, err);
    if (status != STATUS_OK) {
        pg_close(pg);
        return status;
    }
    *out = pg;
    return STATUS_OK;
}

void pg_close(struct pg *pg)
{
    if (pg == NULL) return;
    PQfinish(pg->conn);
    free(pg);
}

/* ---- statements -------------------------------------------------------------------------------------------- */

static enum status flush(struct pg *pg, int64_t deadline_ms, struct error *err)
{
    for (;;) {
        int left = PQflush(pg->conn);
        if (left < 0) return broken(pg, err);
        if (left == 0) return STATUS_OK;
        enum status status = pg_wait(pg, true, deadline_ms, err);
        if (status != STATUS_OK) return status;
        if (!PQconsumeInput(pg->conn)) return broken(pg, err);
    }
}

void pg_patience_set(struct pg *pg, uint32_t ms)
{
    pg->patience_ms = ms;
}

static int64_t statement_deadline(const struct pg *pg)
{
    if (pg->patience_ms) return pg_now_ms() + pg->patience_ms;
    return pg->statement_timeout_ms ? pg_now_ms() + pg->statement_timeout_ms + GRACE_MS : INT64_MAX;
}

enum status pg_next_result(struct pg *pg, void **result, struct error *err)
{
    *result = NULL;
    int64_t deadline = statement_deadline(pg);
    enum status status = flush(pg, deadline, err);
    while (status == STATUS_OK && PQisBusy(pg->conn)) {
        status = pg_wait_input(pg, deadline, err);
        if (status == STATUS_OK && !PQconsumeInput(pg->conn)) status = broken(pg, err);
    }
    if (status != STATUS_OK) {
        pg->broken = true; /* whatever was under way is of no use any more */
        return status;
    }
    *result = PQgetResult(pg->conn);
    return STATUS_OK;
}

void pg_drain(struct pg *pg)
{
    void *result = NULL;
    while (!pg->broken && pg_next_result(pg, &result, NULL) == STATUS_OK && result) PQclear(result);
}

/* Reads all results of what was sent; keeps the last one if `out` is given. */
static enum status collect(struct pg *pg, struct pg_result *out, struct error *err)
{
    PGresult *kept = NULL;
    enum status status = STATUS_OK;
    for (;;) {
        void *raw = NULL;
        struct error *first = status == STATUS_OK ? err : NULL;
        enum status next = pg_next_result(pg, &raw, first);
        if (next != STATUS_OK) {
            if (status == STATUS_OK) status = next;
            break;
        }
        if (raw == NULL) break;
        ExecStatusType kind = PQresultStatus(raw);
        if (kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK && status == STATUS_OK) {
            status = pg_failure(pg, raw, err);
            if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH) pg->broken = true;
        }
        PQclear(kept);
        kept = raw;
        if (pg->broken) break;
    }
    if (status == STATUS_OK && PQstatus(pg->conn) != CONNECTION_OK) status = broken(pg, err);
    if (status == STATUS_OK && out) {
        *out = (struct pg_result){.raw = kept, .count = PQntuples(kept), .column_count = PQnfields(kept),
                                  .affected = strtoull(PQcmdTuples(kept), NULL, 10)};
        return STATUS_OK;
    }
    PQclear(kept);
    return status;
}

enum status pg_exec(struct pg *pg, const char *sql, struct error *err)
{
    pg->sqlstate[0] = '\0';
    if (!pg_alive(pg) || !PQsendQuery(pg->conn, sql)) return broken(pg, err);
    return collect(pg, NULL, err);
}

void pg_try(struct pg *pg, const char *sql)
{
    if (!pg_alive(pg)) return;
    enum status ignored = pg_exec(pg, sql, NULL);
    (void)ignored;
}

enum status pg_query(struct pg *pg, const char *sql, int count, const char *const *values, struct pg_result *out,
                     struct error *err)
{
    pg->sqlstate[0] = '\0';
    if (out) *out = (struct pg_result){0};
    if (!pg_alive(pg) || !PQsendQueryParams(pg->conn, sql, count, NULL, values, NULL, NULL, 1))
        return broken(pg, err);
    return collect(pg, out, err);
}

/* Sets *number to that of a statement at the server, made now if it was not; KEPT_MAX: it is not kept. */
static enum status kept_find(struct pg *pg, const char *sql, uint32_t *number, struct error *err)
{
    char name[16];
    *number = KEPT_MAX;
    if (pg->kept_stale) { /* in a transaction that has failed that fails, too: then a later one does it */
        pg_try(pg, "DEALLOCATE ALL");
        if (pg->sqlstate[0]) return STATUS_OK;
        pg->kept_stale = false;
        pg->kept_count = 0;
    }
    uint32_t i = 0;
    while (i < pg->kept_count && strcmp(pg->kept[i], sql) != 0) i++;
    *number = i;
    if (i < pg->kept_count || i == KEPT_MAX) return STATUS_OK;
    snprintf(name, sizeof name, "k%u", i);
    pg->sqlstate[0] = '\0';
    if (!pg_alive(pg) || !PQsendPrepare(pg->conn, name, sql, 0, NULL)) return broken(pg, err);
    enum status status = collect(pg, NULL, err);
    if (status != STATUS_OK) return status; /* the server has none of that name */
    pg->kept[pg->kept_count++] = sql;
    return STATUS_OK;
}

enum status pg_query_kept(struct pg *pg, const char *sql, int count, const char *const *values, struct pg_result *out,
                          struct error *err)
{
    char name[16];
    uint32_t number;
    if (out) *out = (struct pg_result){0};
    enum status status = kept_find(pg, sql, &number, err);
    if (status != STATUS_OK) return status;
    if (number == KEPT_MAX) return pg_query(pg, sql, count, values, out, err);
    snprintf(name, sizeof name, "k%u", number);
    pg->sqlstate[0] = '\0';
    if (!pg_alive(pg) || !PQsendQueryPrepared(pg->conn, name, count, values, NULL, NULL, 1)) return broken(pg, err);
    status = collect(pg, out, err);
    pg->kept_stale = pg->kept_stale || status != STATUS_OK;
    return status;
}

void pg_result_clear(struct pg_result *result)
{
    PQclear(result->raw);
    *result = (struct pg_result){0};
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static uint64_t big_endian(const unsigned char *p, size_t length)
{
    uint64_t v = 0;
    for (size_t i = 0; i < length; i++) v = v << 8 | p[i];
    return v;
}

static int64_t integer(const unsigned char *p, size_t length)
{
    uint64_t v = big_endian(p, length);
    if (length == 2) return (int16_t)v;
    if (length == 4) return (int32_t)v;
    return length == 8 ? (int64_t)v : 0;
}

bool pg_is_null(const struct pg_result *r, int row, int column)
{
    return PQgetisnull(r->raw, row, column);
}

const unsigned char *pg_bytes(const struct pg_result *r, int row, int column, size_t *length)
{
    *length = (size_t)PQgetlength(r->raw, row, column);
    return (const unsigned char *)PQgetvalue(r->raw, row, column);
}

int64_t pg_i64(const struct pg_result *r, int row, int column)
{
    size_t length;
    const unsigned char *p = pg_bytes(r, row, column, &length);
    return integer(p, length);
}

double pg_f64(const struct pg_result *r, int row, int column)
{
    size_t length;
    const unsigned char *p = pg_bytes(r, row, column, &length);
    if (length == 4) {
        uint32_t bits = (uint32_t)big_endian(p, 4);
        float f;
        memcpy(&f, &bits, sizeof f);
        return f;
    }
    if (length != 8) return 0;
    uint64_t bits = big_endian(p, 8);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

bool pg_bool(const struct pg_result *r, int row, int column)
{
    size_t length;
    const unsigned char *p = pg_bytes(r, row, column, &length);
    return length == 1 && p[0] != 0;
}

const char *pg_text(const struct pg_result *r, int row, int column)
{
    return PQgetvalue(r->raw, row, column);
}

bool pg_array_parse(const unsigned char *bytes, size_t length, struct pg_array *out)
{
    *out = (struct pg_array){bytes, bytes + length, 0};
    if (length == 0) return true;
    /* dimensions, flags, element type; then for the one dimension its size and lower bound */
    if (length < 12) return false;
    uint64_t dimensions = big_endian(bytes, 4);
    if (dimensions == 0) return true;
    if (dimensions != 1 || length < 20) return false;
    uint64_t count = big_endian(bytes + 12, 4);
    const unsigned char *p = bytes + 20, *end = bytes + length;
    if (count > length) return false;
    for (uint64_t i = 0; i < count; i++) {
        if (end - p < 4) return false;
        uint64_t n = big_endian(p, 4);
        if (n == UINT32_MAX || n > (uint64_t)(end - p - 4)) return false; /* NULL, or past the end */
        p += 4 + n;
    }
    *out = (struct pg_array){bytes + 20, end, (uint32_t)count};
    return true;
}

bool pg_array_open(const struct pg_result *r, int row, int column, struct pg_array *out)
{
    size_t length;
    const unsigned char *p = pg_bytes(r, row, column, &length);
    return pg_array_parse(p, length, out);
}

const char *pg_array_text(struct pg_array *a, size_t *length)
{
    *length = (size_t)big_endian(a->next, 4);
    const unsigned char *text = a->next + 4;
    a->next = text + *length;
    return (const char *)text;
}

int64_t pg_array_i64(struct pg_array *a)
{
    size_t length;
    const char *p = pg_array_text(a, &length);
    return integer((const unsigned char *)p, length);
}

/* ---- notifications ----------------------------------------------------------------------------------------- */

void pg_nudge_set(struct pg *pg, int fd)
{
    pg->nudge_fd = fd;
}

/* Whether whoever waits for notifications has been nudged; waits for the server, a nudge, the wake or the deadline. */
static enum status wait_nudged(struct pg *pg, int64_t deadline_ms, bool *nudged, struct error *err)
{
    struct pollfd fds[3] = {{.fd = PQsocket(pg->conn), .events = POLLIN}, {.fd = pg->wake_fd, .events = POLLIN},
                            {.fd = pg->nudge_fd, .events = POLLIN}}; /* poll passes over those that are negative */
    int64_t left = deadline_ms - pg_now_ms();
    *nudged = false;
    if (pg->nudge_fd >= 0 && fds[0].fd >= 0 && poll(fds, 3, left > 0 ? (int)left : 0) > 0 && fds[1].revents == 0 && fds[2].revents != 0) {
        uint64_t value;
        ssize_t got = read(pg->nudge_fd, &value, sizeof value);
        (void)got; /* drained by somebody else would be as good */
        *nudged = true;
        return STATUS_OK;
    }
    return pg_wait(pg, false, deadline_ms, err);
}

enum status pg_notifications(struct pg *pg, uint32_t timeout_ms, unsigned *count, char *payload, size_t size,
                             struct error *err)
{
    *count = 0;
    if (payload && size) payload[0] = '\0';
    int64_t deadline = pg_now_ms() + timeout_ms;
    for (;;) {
        for (PGnotify *n; (n = PQnotifies(pg->conn)); PQfreemem(n)) {
            ++*count;
            if (payload && size) snprintf(payload, size, "%s", n->extra);
        }
        if (*count) return STATUS_OK;
        bool nudged;
        enum status status = wait_nudged(pg, deadline, &nudged, err);
        if (status == STATUS_TIMEOUT || nudged) return STATUS_OK;
        if (status != STATUS_OK) return status;
        if (!PQconsumeInput(pg->conn) || PQstatus(pg->conn) != CONNECTION_OK) return broken(pg, err);
    }
}
