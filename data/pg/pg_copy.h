/* COPY in binary form, both ways, row by row.
 *
 *   pg_copy_read_begin(pg, "COPY (SELECT id, name FROM road) TO STDOUT (FORMAT binary)", 2, &rows, &err);
 *   while ((status = pg_copy_read_row(&rows, &more, &err)) == STATUS_OK && more) … pg_field_i64(&rows.fields[0]) …
 *   pg_copy_read_end(&rows);
 *
 *   pg_copy_write_begin(pg, "COPY road (id, name) FROM STDIN (FORMAT binary)", &w, &err);
 *   pg_write_row(&w, 2); pg_write_i64(&w, 7); pg_write_text(&w, "G40");
 *   status = pg_copy_write_end(&w, &rows_written, &err);      // or pg_copy_write_abort(&w)
 *
 * About a million road rows in a second each way. */
#ifndef DATA_PG_COPY_H
#define DATA_PG_COPY_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

enum { PG_FIELDS_MAX = 64 };

/* A value in the network form of its type; bytes NULL = SQL NULL. Valid until the next row is read. */
struct pg_field {
    const unsigned char *bytes;
    size_t length;
};

struct pg_copy_reader {
    struct pg *pg;
    unsigned field_count;
    struct pg_field fields[PG_FIELDS_MAX];
    /* private */
    char *message;
    bool started, ended;
};

/** `sql` is a constant COPY … TO STDOUT (FORMAT binary) that gives `field_count` columns. */
MUST_USE enum status pg_copy_read_begin(struct pg *pg, const char *sql, unsigned field_count,
                                        struct pg_copy_reader *reader, struct error *err);

/** Reads one row into reader->fields; *more false at the end. CORRUPT when what came is no such COPY. */
MUST_USE enum status pg_copy_read_row(struct pg_copy_reader *reader, bool *more, struct error *err);

/** Frees what the reader holds. Before the end of the data it also closes the connection (what is left of a big
 *  table is not worth reading). */
void pg_copy_read_end(struct pg_copy_reader *reader);

/* NULL reads as 0, false or 0.0; so does a value of the wrong size. */
int64_t pg_field_i64(const struct pg_field *f); /* int2, int4, int8 */
double pg_field_f64(const struct pg_field *f);  /* float4, float8 */
bool pg_field_bool(const struct pg_field *f);
bool pg_field_is(const struct pg_field *f, const char *text);

/* ---- writing ----------------------------------------------------------------------------------------------- */

struct pg_copy_writer {
    struct pg *pg;
    struct buffer buffer;
    enum status failed; /* sticky: write many rows, look at the end (or now and then) */
};

MUST_USE enum status pg_copy_write_begin(struct pg *pg, const char *sql, struct pg_copy_writer *writer,
                                         struct error *err);

/** Starts a row of `field_count` values; as many pg_write_* calls must follow, each of the type of its column. */
void pg_write_row(struct pg_copy_writer *w, unsigned field_count);
void pg_write_null(struct pg_copy_writer *w);
void pg_write_bool(struct pg_copy_writer *w, bool value);
void pg_write_i16(struct pg_copy_writer *w, int16_t value); /* smallint */
void pg_write_i32(struct pg_copy_writer *w, int32_t value); /* integer */
void pg_write_i64(struct pg_copy_writer *w, int64_t value); /* bigint */
void pg_write_f32(struct pg_copy_writer *w, float value);   /* real */
void pg_write_f64(struct pg_copy_writer *w, double value);  /* double precision */
void pg_write_text(struct pg_copy_writer *w, const char *text); /* text, varchar; NULL = SQL NULL */
void pg_write_text_n(struct pg_copy_writer *w, const char *text, size_t length);
void pg_write_jsonb(struct pg_copy_writer *w, const char *json); /* NULL = SQL NULL */
void pg_write_bytes(struct pg_copy_writer *w, const void *bytes, size_t length); /* bytea; geometry as EWKB */
void pg_write_i64_array(struct pg_copy_writer *w, const int64_t *values, uint32_t count);     /* bigint[] */
void pg_write_text_array(struct pg_copy_writer *w, const char *const *values, uint32_t count); /* text[] */

/** A line or point of EPSG:4490 as EWKB, points in degrees, longitude first. */
void pg_write_line(struct pg_copy_writer *w, const double (*lon_lat_deg)[2], uint32_t count);
void pg_write_point(struct pg_copy_writer *w, double lon_deg, double lat_deg);

/** Sends the rest and waits for the server's word. `rows` may be NULL. The first failure of the whole COPY. */
MUST_USE enum status pg_copy_write_end(struct pg_copy_writer *writer, uint64_t *rows, struct error *err);

/** Ends the COPY without effect and frees what the writer holds. Also after pg_copy_write_end (then it does nothing). */
void pg_copy_write_abort(struct pg_copy_writer *writer);

#endif
