#include "data/pg/pg_copy.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static const char signature[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (char)0xFF, '\r', '\n', '\0'};

enum { WRITE_CHUNK = 256 << 10, WRITE_ROW_MAX = 64 << 20 };

static uint64_t big_endian(const unsigned char *p, size_t length)
{
    uint64_t v = 0;
    for (size_t i = 0; i < length; i++) v = v << 8 | p[i];
    return v;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

/* Sends a COPY statement and sees that the server is ready for it. */
static enum status begin(struct pg *pg, const char *sql, ExecStatusType wanted, struct error *err)
{
    if (!pg_alive(pg) || !PQsendQuery(pg_raw(pg), sql)) return pg_failure(pg, NULL, err);
    void *result;
    enum status status = pg_next_result(pg, &result, err);
    if (status != STATUS_OK) return status;
    if (result == NULL) return pg_failure(pg, NULL, err);
    if (PQresultStatus(result) != wanted) {
        status = pg_failure(pg, result, err);
        PQclear(result);
        pg_drain(pg);
        return status;
    }
    PQclear(result);
    return STATUS_OK;
}

enum status pg_copy_read_begin(struct pg *pg, const char *sql, unsigned field_count, struct pg_copy_reader *reader,
                               struct error *err)
{
    *reader = (struct pg_copy_reader){.pg = pg, .field_count = field_count, .ended = true};
    if (field_count > PG_FIELDS_MAX) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    enum status status = begin(pg, sql, PGRES_COPY_OUT, err);
    if (status == STATUS_OK) reader->ended = false;
    return status;
}

static enum status malformed(struct error *err, const char *why)
{
    return error_set(err, STATUS_CORRUPT, MESSAGE_DATABASE_COPY, why);
}

/* The server's last word after the data. */
static enum status read_result(struct pg_copy_reader *reader, struct error *err)
{
    void *result;
    enum status status = pg_next_result(reader->pg, &result, err);
    if (status != STATUS_OK) return status;
    if (result == NULL || PQresultStatus(result) != PGRES_COMMAND_OK) status = pg_failure(reader->pg, result, err);
    PQclear(result);
    pg_drain(reader->pg);
    reader->ended = true;
    return status;
}

/* One row lies in one message: libpq promises that for COPY … TO STDOUT. */
static enum status parse_row(struct pg_copy_reader *reader, const unsigned char *p, size_t size, bool *row,
                             struct error *err)
{
    *row = false;
    const unsigned char *end = p + size;
    if (!reader->started) {
        if (size < 19 || memcmp(p, signature, sizeof signature) != 0) return malformed(err, "no signature");
        uint64_t extension = big_endian(p + 15, 4);
        if (extension > size - 19) return malformed(err, "header");
        p += 19 + extension;
        reader->started = true;
        if (p == end) return STATUS_OK;
    }
    if (end - p < 2) return malformed(err, "short row");
    uint64_t count = big_endian(p, 2);
    p += 2;
    if (count == 0xFFFF) return STATUS_OK; /* the trailer */
    if (count != reader->field_count) return malformed(err, "number of columns");
    for (unsigned i = 0; i < count; i++) {
        if (end - p < 4) return malformed(err, "short field");
        uint64_t length = big_endian(p, 4);
        p += 4;
        reader->fields[i] = (struct pg_field){0};
        if (length == UINT32_MAX) continue;
        if (length > (uint64_t)(end - p)) return malformed(err, "long field");
        reader->fields[i] = (struct pg_field){p, length};
        p += length;
    }
    if (p != end) return malformed(err, "bytes after a row");
    *row = true;
    return STATUS_OK;
}

enum status pg_copy_read_row(struct pg_copy_reader *reader, bool *more, struct error *err)
{
    *more = false;
    if (reader->ended) return STATUS_OK;
    PGconn *conn = pg_raw(reader->pg);
    while (!*more) {
        PQfreemem(reader->message);
        reader->message = NULL;
        int size = PQgetCopyData(conn, &reader->message, 1);
        if (size == 0) {
            enum status status = pg_wait_input(reader->pg, INT64_MAX, err);
            if (status != STATUS_OK) return status;
            if (!PQconsumeInput(conn)) return pg_failure(reader->pg, NULL, err);
            continue;
        }
        if (size == -2) return pg_failure(reader->pg, NULL, err);
        if (size == -1) return read_result(reader, err);
        enum status status = parse_row(reader, (const unsigned char *)reader->message, (size_t)size, more, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

void pg_copy_read_end(struct pg_copy_reader *reader)
{
    PQfreemem(reader->message);
    reader->message = NULL;
    if (reader->pg && !reader->ended) {
        (void)pg_failure(reader->pg, NULL, NULL); /* marks it broken */
        reader->ended = true;
    }
}

int64_t pg_field_i64(const struct pg_field *f)
{
    uint64_t v = f->length <= 8 ? big_endian(f->bytes, f->length) : 0;
    if (f->length == 2) return (int16_t)v;
    if (f->length == 4) return (int32_t)v;
    return f->length == 8 ? (int64_t)v : 0;
}

double pg_field_f64(const struct pg_field *f)
{
    if (f->length == 4) {
        uint32_t bits = (uint32_t)big_endian(f->bytes, 4);
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (f->length != 8) return 0;
    uint64_t bits = big_endian(f->bytes, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool pg_field_bool(const struct pg_field *f)
{
    return f->length == 1 && f->bytes[0] != 0;
}

bool pg_field_is(const struct pg_field *f, const char *text)
{
    size_t length = strlen(text);
    return f->bytes && f->length == length && memcmp(f->bytes, text, length) == 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

enum status pg_copy_write_begin(struct pg *pg, const char *sql, struct pg_copy_writer *w, struct error *err)
{
    *w = (struct pg_copy_writer){0};
    enum status status = begin(pg, sql, PGRES_COPY_IN, err);
    if (status != STATUS_OK) return status;
    w->pg = pg;
    buffer_init(&w->buffer, WRITE_CHUNK + WRITE_ROW_MAX);
    buffer_bytes(&w->buffer, signature, sizeof signature);
    buffer_bytes(&w->buffer, "\0\0\0\0\0\0\0\0", 8);
    return STATUS_OK;
}

static void put_integer(struct pg_copy_writer *w, uint64_t value, size_t length)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)(value >> (8 * (length - 1 - i)));
    buffer_bytes(&w->buffer, bytes, length);
}

/* Hands what is buffered to libpq, waiting while the socket is full. */
static enum status send_buffer(struct pg_copy_writer *w, struct error *err)
{
    PGconn *conn = pg_raw(w->pg);
    if (w->failed == STATUS_OK && w->buffer.failed != STATUS_OK) {
        w->failed = w->buffer.failed == STATUS_NO_MEMORY
                        ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY)
                        : error_set(err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, "COPY", (size_t)WRITE_ROW_MAX);
    }
    if (w->failed != STATUS_OK) return w->failed;
    int taken = 0;
    while ((taken = PQputCopyData(conn, w->buffer.data, (int)w->buffer.length)) == 0) {
        w->failed = pg_wait(w->pg, true, INT64_MAX, err);
        if (w->failed != STATUS_OK) return w->failed;
        if (!PQconsumeInput(conn)) return w->failed = pg_failure(w->pg, NULL, err);
    }
    if (taken < 0) return w->failed = pg_failure(w->pg, NULL, err);
    /* do not let libpq's own buffer grow: wait until the socket has taken it */
    int left;
    while ((left = PQflush(conn)) > 0) {
        w->failed = pg_wait(w->pg, true, INT64_MAX, err);
        if (w->failed != STATUS_OK) return w->failed;
        if (!PQconsumeInput(conn)) return w->failed = pg_failure(w->pg, NULL, err);
    }
    if (left < 0) return w->failed = pg_failure(w->pg, NULL, err);
    buffer_reset(&w->buffer);
    return STATUS_OK;
}

void pg_write_row(struct pg_copy_writer *w, unsigned field_count)
{
    if (w->buffer.length >= WRITE_CHUNK && w->failed == STATUS_OK) (void)send_buffer(w, NULL);
    put_integer(w, field_count, 2);
}

void pg_write_null(struct pg_copy_writer *w)
{
    put_integer(w, UINT32_MAX, 4);
}

static void put_sized(struct pg_copy_writer *w, uint64_t value, size_t length)
{
    put_integer(w, length, 4);
    put_integer(w, value, length);
}

void pg_write_bool(struct pg_copy_writer *w, bool value)
{
    put_sized(w, value, 1);
}

void pg_write_i16(struct pg_copy_writer *w, int16_t value)
{
    put_sized(w, (uint16_t)value, 2);
}

void pg_write_i32(struct pg_copy_writer *w, int32_t value)
{
    put_sized(w, (uint32_t)value, 4);
}

void pg_write_i64(struct pg_copy_writer *w, int64_t value)
{
    put_sized(w, (uint64_t)value, 8);
}

void pg_write_f32(struct pg_copy_writer *w, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_sized(w, bits, 4);
}

void pg_write_f64(struct pg_copy_writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_sized(w, bits, 8);
}

void pg_write_bytes(struct pg_copy_writer *w, const void *bytes, size_t length)
{
    put_integer(w, length, 4);
    buffer_bytes(&w->buffer, bytes, length);
}

void pg_write_text_n(struct pg_copy_writer *w, const char *text, size_t length)
{
    if (text == NULL) pg_write_null(w);
    else pg_write_bytes(w, text, length);
}

void pg_write_text(struct pg_copy_writer *w, const char *text)
{
    pg_write_text_n(w, text, text ? strlen(text) : 0);
}

void pg_write_jsonb(struct pg_copy_writer *w, const char *json)
{
    if (json == NULL) {
        pg_write_null(w);
        return;
    }
    size_t length = strlen(json);
    put_integer(w, length + 1, 4);
    buffer_char(&w->buffer, 1); /* version of the binary form of jsonb */
    buffer_bytes(&w->buffer, json, length);
}

/* Head of a one-dimensional array of `count` elements whose values take `bytes` in all. */
static void put_array(struct pg_copy_writer *w, uint32_t element_type, uint32_t count, size_t bytes)
{
    if (count == 0) {
        put_integer(w, 12, 4);
        put_integer(w, 0, 4);
        put_integer(w, 0, 4);
        put_integer(w, element_type, 4);
        return;
    }
    put_integer(w, 20 + 4 * (uint64_t)count + bytes, 4);
    put_integer(w, 1, 4);
    put_integer(w, 0, 4);
    put_integer(w, element_type, 4);
    put_integer(w, count, 4);
    put_integer(w, 1, 4);
}

void pg_write_i64_array(struct pg_copy_writer *w, const int64_t *values, uint32_t count)
{
    put_array(w, 20 /* int8 */, count, 8 * (size_t)count);
    for (uint32_t i = 0; i < count; i++) put_sized(w, (uint64_t)values[i], 8);
}

void pg_write_text_array(struct pg_copy_writer *w, const char *const *values, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += strlen(values[i]);
    put_array(w, 25 /* text */, count, bytes);
    for (uint32_t i = 0; i < count; i++) pg_write_text(w, values[i]);
}

/* EWKB in the byte order of the network, so that put_integer serves. */
enum { EWKB_POINT = 1, EWKB_LINE = 2, EWKB_HAS_SRID = 0x20000000, SRID_CGCS2000 = 4490 };

static void put_coordinate(struct pg_copy_writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_integer(w, bits, 8);
}

void pg_write_line(struct pg_copy_writer *w, const double (*lon_lat_deg)[2], uint32_t count)
{
    put_integer(w, 13 + 16 * (uint64_t)count, 4);
    put_integer(w, 0, 1);
    put_integer(w, EWKB_LINE | EWKB_HAS_SRID, 4);
    put_integer(w, SRID_CGCS2000, 4);
    put_integer(w, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        put_coordinate(w, lon_lat_deg[i][0]);
        put_coordinate(w, lon_lat_deg[i][1]);
    }
}

void pg_write_point(struct pg_copy_writer *w, double lon_deg, double lat_deg)
{
    put_integer(w, 25, 4);
    put_integer(w, 0, 1);
    put_integer(w, EWKB_POINT | EWKB_HAS_SRID, 4);
    put_integer(w, SRID_CGCS2000, 4);
    put_coordinate(w, lon_deg);
    put_coordinate(w, lat_deg);
}

/* Ends the COPY at the server, with a reason to undo it or NULL, and reads its word. */
static enum status finish(struct pg_copy_writer *w, const char *reason, uint64_t *rows, struct error *err)
{
    PGconn *conn = pg_raw(w->pg);
    int ended;
    while ((ended = PQputCopyEnd(conn, reason)) == 0) {
        enum status status = pg_wait(w->pg, true, INT64_MAX, err);
        if (status != STATUS_OK) return status;
    }
    if (ended < 0) return pg_failure(w->pg, NULL, err);
    void *result;
    enum status status = pg_next_result(w->pg, &result, err);
    if (status != STATUS_OK) return status;
    if (result == NULL || PQresultStatus(result) != PGRES_COMMAND_OK) status = pg_failure(w->pg, result, err);
    else if (rows) *rows = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    pg_drain(w->pg);
    return status;
}

enum status pg_copy_write_end(struct pg_copy_writer *w, uint64_t *rows, struct error *err)
{
    if (rows) *rows = 0;
    put_integer(w, 0xFFFF, 2);
    enum status sent = w->failed == STATUS_OK ? send_buffer(w, err) : w->failed;
    enum status status;
    if (sent == STATUS_OK) {
        status = finish(w, NULL, rows, err);
    } else {
        /* The server's own reason, if it has one, says more than "the socket is full". */
        struct error reason = ERROR_INIT;
        status = pg_alive(w->pg) ? finish(w, "given up", NULL, &reason) : sent;
        if (status == STATUS_OK) status = sent;
        if (err && reason.status != STATUS_OK) *err = reason;
        else if (err && err->status == STATUS_OK) error_set(err, status, MESSAGE_DATABASE_FAILED);
    }
    w->pg = NULL;
    buffer_clear(&w->buffer);
    return status;
}

void pg_copy_write_abort(struct pg_copy_writer *w)
{
    if (w->pg && pg_alive(w->pg)) (void)finish(w, "given up", NULL, NULL);
    w->pg = NULL;
    buffer_clear(&w->buffer);
}
