/* A connection to PostgreSQL: libpq without its surprises.
 *
 *   struct pg *pg;
 *   struct pg_result rows;
 *   pg_open(&pg, "host=/run/postgresql dbname=baochang", &PG_OPTIONS_COMMAND, NULL, &err);
 *   pg_query(pg, "SELECT id, name FROM zone WHERE state = $1", 1, (const char *[]){"approved"}, &rows, &err);
 *   for (int i = 0; i < rows.count; i++) … pg_text(&rows, i, 1) …
 *   pg_result_clear(&rows);
 *   pg_close(pg);
 *
 * Every wait has an end: connecting has its own timer (libpq's does not cover everything), a statement ends at the
 * server's statement_timeout, and a cut network is noticed within ten seconds by keepalives, tcp_user_timeout and a
 * deadline on the socket. Another thread can end a wait through the connection's wake descriptor. SQL is always a
 * constant of the program and values are always parameters; results come in binary form.
 *
 * A connection belongs to one thread at a time. It is set up with search_path `baochang, public`, client encoding
 * UTF-8, and errors that libpq prints go to our log. */
#ifndef DATA_PG_H
#define DATA_PG_H

#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg;

struct pg_options {
    const char *application;        /* application_name, so that the administrator sees who is there */
    uint32_t connect_timeout_ms;    /* until the connection is ready for its first statement */
    uint32_t statement_timeout_ms;  /* at the server; 0 = none */
    uint32_t lock_timeout_ms;       /* at the server; 0 = none */
    uint32_t idle_transaction_ms;   /* idle_in_transaction_session_timeout; 0 = none */
    int wake_fd;                    /* readable = give up waiting with STATUS_CANCELLED; −1 = none. Borrowed */
};

/* For commands run by a person: long statements are normal, a lock that is not given is not. */
#define PG_OPTIONS_COMMAND \
    ((struct pg_options){.application = "baochang", .connect_timeout_ms = 10000, .lock_timeout_ms = 30000, \
                         .idle_transaction_ms = 600000, .wake_fd = -1})

/** Connects. STATUS_UNAVAILABLE (not there, not in time, or not let in: the log part says which), STATUS_INVALID for
 *  a connection string that is none, STATUS_CANCELLED, STATUS_NO_MEMORY. Blocks for connect_timeout_ms at most, apart
 *  from name look-ups: give hostaddr where that matters. `lasting` (may be NULL) tells whether trying again soon is
 *  of no use: wrong password, no such database or role, malformed connection string. */
MUST_USE enum status pg_open(struct pg **out, const char *conninfo, const struct pg_options *options, bool *lasting,
                             struct error *err);
void pg_close(struct pg *pg);

/** From now on waits at most `ms` for the server's answer to a statement (0: for statement_timeout_ms and a grace, or
 *  without end if that is 0). A server that hangs is noticed by this and by nothing else. */
void pg_patience_set(struct pg *pg, uint32_t ms);

/** Whether the connection is still usable. After STATUS_UNAVAILABLE or STATUS_CANCELLED it is not. */
bool pg_alive(const struct pg *pg);

/** SQLSTATE of the last statement that failed on this connection, "" if it was none of the server's. */
const char *pg_sqlstate(const struct pg *pg);

/* ---- statements -------------------------------------------------------------------------------------------- */

/* A result in binary form. Rows and columns count from 0. All zero bytes is an empty one. */
struct pg_result {
    void *raw; /* PGresult */
    int count, column_count;
    uint64_t affected; /* rows an INSERT, UPDATE, DELETE or COPY touched */
};

void pg_result_clear(struct pg_result *result);

/** Runs a constant statement (or several, separated by semicolons) without parameters or result. */
MUST_USE enum status pg_exec(struct pg *pg, const char *sql, struct error *err);

/** The same where the outcome does not matter, e.g. ROLLBACK. */
void pg_try(struct pg *pg, const char *sql);

/** Runs one statement with `count` parameters in text form (NULL = SQL NULL); `out` may be NULL. Errors: INVALID (the
 *  server refused a value: its message is in both texts), CONFLICT (unique, serialisation, lock not given), TIMEOUT,
 *  UNAVAILABLE, CANCELLED, NO_MEMORY, INTERNAL (anything else; the log part has the server's message). */
MUST_USE enum status pg_query(struct pg *pg, const char *sql, int count, const char *const *values,
                              struct pg_result *out, struct error *err);

/** The same for a statement that this connection will run again: the server parses it once, and plans it once where its values
 *  make no difference. `sql` must last as long as the connection, and comes back as it was after the tables have changed; at most 32 of
 *  them are kept, what is more is run as by pg_query. In a transaction a failure ends that, as any does. */
MUST_USE enum status pg_query_kept(struct pg *pg, const char *sql, int count, const char *const *values,
                                   struct pg_result *out, struct error *err);

/* Values of a result; NULL reads as 0, false, "" or no bytes. The column must have the type that the name says. */
bool pg_is_null(const struct pg_result *r, int row, int column);
int64_t pg_i64(const struct pg_result *r, int row, int column); /* int2, int4 or int8 */
double pg_f64(const struct pg_result *r, int row, int column);  /* float4 or float8 */
bool pg_bool(const struct pg_result *r, int row, int column);
const char *pg_text(const struct pg_result *r, int row, int column); /* NUL-terminated, until pg_result_clear */
const unsigned char *pg_bytes(const struct pg_result *r, int row, int column, size_t *length);

/* A one-dimensional array of int2, int4, int8 or text without NULLs, in place. */
struct pg_array {
    const unsigned char *next, *end;
    uint32_t count;
};
/** Whether the column holds such an array; `out` is then ready for count calls of pg_array_*. An empty array or NULL
 *  gives count 0. */
MUST_USE bool pg_array_open(const struct pg_result *r, int row, int column, struct pg_array *out);
/** The same from raw bytes, as in a COPY row. */
MUST_USE bool pg_array_parse(const unsigned char *bytes, size_t length, struct pg_array *out);
int64_t pg_array_i64(struct pg_array *a);
/** The next element and its length; not NUL-terminated. */
const char *pg_array_text(struct pg_array *a, size_t *length);

/* ---- notifications ----------------------------------------------------------------------------------------- */

/** Waits until the server sends something or `timeout_ms` have passed, reads it and counts the notifications that
 *  have come since the last call (LISTEN first). The payload of the newest is copied to `payload` (may be NULL).
 *  Returns early, with a count of 0, when nudged. UNAVAILABLE when the connection broke, CANCELLED when woken. */
MUST_USE enum status pg_notifications(struct pg *pg, uint32_t timeout_ms, unsigned *count, char *payload, size_t size,
                                      struct error *err);

/** An eventfd that ends a wait in pg_notifications when it becomes readable, which drains it. No statement and no connecting
 *  heeds it, so that whoever nudges cuts off no work. Borrowed; −1: none. */
void pg_nudge_set(struct pg *pg, int fd);

/* ---- for the rest of the data folder ------------------------------------------------------------------------- */

/** The libpq connection, in non-blocking mode. */
void *pg_raw(struct pg *pg);

/** Waits for the socket. `deadline_ms` is on the monotonic clock, INT64_MAX for none. */
MUST_USE enum status pg_wait(struct pg *pg, bool for_write, int64_t deadline_ms, struct error *err);

/** The same for input, but returns STATUS_OK after a second at the latest: libpq must be asked again now and then. */
MUST_USE enum status pg_wait_input(struct pg *pg, int64_t deadline_ms, struct error *err);

/** Turns a failed PGresult (or the connection's state when NULL) into an error. Never STATUS_OK. */
enum status pg_failure(struct pg *pg, const void *result, struct error *err);

/** The next result of a statement that was sent, waiting for it; *result NULL when there is none left. */
MUST_USE enum status pg_next_result(struct pg *pg, void **result, struct error *err);

/** Reads results until there are none left. */
void pg_drain(struct pg *pg);

/** Milliseconds of the monotonic clock. */
int64_t pg_now_ms(void);

#endif
