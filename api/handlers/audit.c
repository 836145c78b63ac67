#include "api/handlers/audit.h"

#include "api/app.h"
#include "api/handlers/common.h"
#include "api/json/writer.h"
#include "data/keys/audit.h"
#include "data/pg/read_pool.h"

#include <stdlib.h>
#include <string.h>

const char *const audit_keys[] = {"kind", "object", "actor", "limit", "cursor", NULL};
const char *const audit_verify_keys[] = {"head", NULL};

/* Digits only, low..high; `fallback` when absent. */
static enum status whole(const struct exchange *x, const char *key, int64_t low, int64_t high, int64_t fallback, int64_t *out,
                         struct error *err)
{
    const char *text = exchange_query(x, key);
    *out = fallback;
    if (text == NULL) return STATUS_OK;
    size_t length = strspn(text, "0123456789");
    if (length > 0 && length <= 18 && text[length] == '\0') *out = strtoll(text, NULL, 10);
    if (length > 0 && length <= 18 && text[length] == '\0' && *out >= low && *out <= high) return STATUS_OK;
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, key, (double)low, (double)high);
    error_pointer(err, "/%s", key);
    return STATUS_OUT_OF_RANGE;
}

static enum status page(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    struct audit_filter filter = {.kind = exchange_query(x, "kind"), .object = exchange_query(x, "object"),
                                  .actor = exchange_query(x, "actor")};
    int64_t limit;
    enum status status = whole(x, "limit", 1, 1000, 100, &limit, err);
    if (status == STATUS_OK) status = whole(x, "cursor", 1, INT64_C(999999999999999999), 0, &filter.before_seq, err);
    filter.limit = (unsigned)limit;
    return status == STATUS_OK ? audit_page(pg, &filter, out, err) : status;
}

/* A broken chain is what was asked for, not a failure of the question. */
static enum status verify(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err)
{
    struct audit_head head = {0};
    struct json_writer w;
    enum status status = audit_verify(pg, exchange_query(x, "head"), &head, err);
    if (status != STATUS_OK && status != STATUS_CORRUPT) return status;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "intact"), writer_boolean(&w, status == STATUS_OK);
    writer_key(&w, "rows"), writer_integer(&w, head.seq);
    writer_key(&w, "head");
    if (status == STATUS_OK) buffer_printf(out, "\"%lld:%s\"", (long long)head.seq, head.hash), w.follows = true;
    else writer_null(&w);
    writer_key(&w, "reason"), writer_text(&w, status == STATUS_OK ? NULL : x->language == LANGUAGE_ZH ? err->zh : err->en);
    writer_close_object(&w);
    return STATUS_OK;
}

static void with_connection(struct exchange *x,
                            enum status (*read)(struct exchange *x, struct pg *pg, struct buffer *out, struct error *err))
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        status = read(x, pg, &out, &err);
        read_pool_give(pool, pg);
    }
    exchange_header_add(x, "Cache-Control", "no-store");
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

static void page_work(struct exchange *x)
{
    with_connection(x, page);
}

void audit_read(struct exchange *x)
{
    exchange_submit(x, page_work);
}

static void verify_work(struct exchange *x)
{
    with_connection(x, verify);
}

void audit_verify_read(struct exchange *x)
{
    exchange_submit(x, verify_work);
}
