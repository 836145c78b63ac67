#include "data/keys/audit.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 1000, HASH_BYTES = 32, TEXT_FIELDS = 12, TEXT_MAX = 1 << 20 };

/* ---- checking ---------------------------------------------------------------------------------------------- */

/* The columns whose texts are hashed, in the order of audit_text() in the schema, then the two hashes. */
static const char rows_sql[] =
    "SELECT seq::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), actor, holder, role, request,"
    " db_role, act, kind, object, rules_version::text, detail::text, prev_hash, hash, seq"
    " FROM baochang.audit_log a WHERE a.seq > $1 ORDER BY a.seq LIMIT 1000";

static void field(struct buffer *text, const struct pg_result *rows, int row, int column)
{
    if (pg_is_null(rows, row, column)) {
        buffer_text(text, "-,");
        return;
    }
    const char *value = pg_text(rows, row, column);
    buffer_printf(text, "%zu:", strlen(value));
    buffer_text(text, value);
    buffer_char(text, ',');
}

static enum status broken(int64_t seq, const char *why, struct error *err)
{
    return error_set(err, STATUS_CORRUPT, MESSAGE_AUDIT_BROKEN, (long long)seq, why);
}

static enum status check_row(const struct pg_result *rows, int row, int64_t expected, unsigned char chain[HASH_BYTES],
                             struct buffer *text, struct error *err)
{
    size_t prev_length, hash_length;
    const unsigned char *prev = pg_bytes(rows, row, 12, &prev_length), *hash = pg_bytes(rows, row, 13, &hash_length);
    int64_t seq = pg_i64(rows, row, 14);
    if (seq != expected) return broken(expected, "rows are missing", err);
    if (prev_length != HASH_BYTES || hash_length != HASH_BYTES || memcmp(prev, chain, HASH_BYTES) != 0)
        return broken(seq, "it does not follow the row before it", err);
    buffer_reset(text);
    for (int column = 0; column < TEXT_FIELDS; column++) field(text, rows, row, column);
    if (text->failed) return error_set(err, text->failed, MESSAGE_NO_MEMORY);
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, chain, HASH_BYTES);
    crypto_hash_sha256_update(&state, (const unsigned char *)text->data, text->length);
    crypto_hash_sha256_final(&state, chain);
    return memcmp(chain, hash, HASH_BYTES) == 0 ? STATUS_OK : broken(seq, "its content was changed", err);
}

struct known_head {
    int64_t seq; /* −1: none */
    unsigned char hash[HASH_BYTES];
};

static enum status known_parse(const char *text, struct known_head *out, struct error *err)
{
    out->seq = -1;
    if (text == NULL) return STATUS_OK;
    size_t bytes = 0;
    int used = 0;
    int64_t seq;
    if (sscanf(text, "%18" SCNd64 ":%n", &seq, &used) == 1 && used > 0 && seq >= 0 &&
        sodium_hex2bin(out->hash, HASH_BYTES, text + used, strlen(text + used), NULL, &bytes, NULL) == 0 &&
        bytes == HASH_BYTES) {
        out->seq = seq;
        return STATUS_OK;
    }
    return error_set(err, STATUS_INVALID, MESSAGE_OPTION_VALUE, "--head", text);
}

static enum status check_rows(struct pg *pg, const struct known_head *known, unsigned char chain[HASH_BYTES],
                              int64_t *last, struct error *err)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    enum status status = STATUS_OK;
    bool more = true;
    while (status == STATUS_OK && more) {
        char after[24];
        snprintf(after, sizeof after, "%" PRId64, *last);
        struct pg_result rows = {0};
        status = pg_query(pg, rows_sql, 1, (const char *[]){after}, &rows, err);
        more = status == STATUS_OK && rows.count == BATCH;
        for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
            status = check_row(&rows, i, *last + 1, chain, &text, err);
            if (status != STATUS_OK) break;
            ++*last;
            if (*last == known->seq && memcmp(chain, known->hash, HASH_BYTES) != 0)
                status = broken(*last, "it is not the row of the earlier check", err);
        }
        pg_result_clear(&rows);
    }
    buffer_clear(&text);
    return status;
}

enum status audit_verify(struct pg *pg, const char *known_text, struct audit_head *head, struct error *err)
{
    unsigned char chain[HASH_BYTES] = {0};
    struct known_head known = {.seq = -1};
    struct pg_result rows = {0};
    int64_t last = 0;
    enum status status = known_parse(known_text, &known, err);
    if (status == STATUS_OK) status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status != STATUS_OK) return status;
    status = check_rows(pg, &known, chain, &last, err);
    if (status == STATUS_OK && known.seq > last) status = broken(last + 1, "rows were cut off the end", err);
    if (status == STATUS_OK) status = pg_query(pg, "SELECT seq, hash FROM baochang.audit_head", 0, NULL, &rows, err);
    if (status == STATUS_OK) {
        size_t length = 0;
        const unsigned char *hash = rows.count == 1 ? pg_bytes(&rows, 0, 1, &length) : NULL;
        if (hash == NULL || pg_i64(&rows, 0, 0) != last || length != HASH_BYTES || memcmp(hash, chain, HASH_BYTES) != 0)
            status = broken(last + 1, "the head of the chain is another", err);
    }
    pg_result_clear(&rows);
    pg_try(pg, "ROLLBACK");
    head->seq = last;
    sodium_bin2hex(head->hash, sizeof head->hash, chain, sizeof chain);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static const char page_sql[] =
    "WITH page AS (SELECT * FROM baochang.audit_log WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR object = $2)"
    "   AND ($3::text IS NULL OR actor = $3) AND ($4::bigint = 0 OR seq < $4::bigint) ORDER BY seq DESC LIMIT $5::int + 1),"
    " shown AS (SELECT * FROM page ORDER BY seq DESC LIMIT $5::int)"
    " SELECT json_build_object('rows', COALESCE((SELECT json_agg(json_build_object('seq', seq, 'at', baochang.wire_time(at),"
    "   'actor', actor, 'holder', holder, 'role', role, 'request', request, 'act', act, 'kind', kind, 'object', object,"
    "   'rules_version', rules_version, 'detail', detail, 'hash', encode(hash, 'hex')) ORDER BY seq DESC) FROM shown), '[]'),"
    " 'next', CASE WHEN (SELECT count(*) FROM page) > $5::int THEN (SELECT min(seq)::text FROM shown) END)::text";

enum status audit_page(struct pg *pg, const struct audit_filter *filter, struct buffer *out, struct error *err)
{
    char before[24], limit[16];
    snprintf(before, sizeof before, "%" PRId64, filter->before_seq);
    snprintf(limit, sizeof limit, "%u", filter->limit);
    const char *values[] = {filter->kind, filter->object, filter->actor, before, limit};
    struct pg_result rows = {0};
    enum status status = pg_query(pg, page_sql, 5, values, &rows, err);
    if (status == STATUS_OK) {
        buffer_text(out, pg_text(&rows, 0, 0));
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    return status;
}
