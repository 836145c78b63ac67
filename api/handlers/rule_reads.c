#include "api/handlers/rule_reads.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/layers.h"
#include "api/handlers/rules.h"
#include "api/json/reader.h"
#include "api/wire/time_text.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const rule_read_keys[] = {"as_of", NULL};
const char *const zone_list_keys[] = {"bbox", "at", "as_of", "state", "county", "class", "limit", "cursor", NULL};
const char *const checkpoint_list_keys[] = {"bbox", "at", "as_of", "state", "county", "kind", "limit", "cursor", NULL};
const char *const closure_list_keys[] = {"bbox", "at", "as_of", "state", "county", "object", "limit", "cursor", NULL};

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

struct rule_reader rule_reader_of(const struct exchange *x)
{
    const struct caller *caller = exchange_caller(x);
    return (struct rule_reader){
        .desk = (exchange_role(x) & (ROLE_OFFICER | ROLE_PLANNER | ROLE_APPROVER | ROLE_ADMIN)) != 0,
        .scope = caller && caller->key.county[0] ? caller->key.county : NULL,
    };
}

/* A connection for reading, or NULL with an error. */
static struct pg *take(struct exchange *x, struct error *err)
{
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    struct pg *pg = NULL;
    if (pool == NULL) (void)error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    else if (read_pool_take(pool, &pg, err) != STATUS_OK) pg = NULL;
    return pg;
}

static void give(struct exchange *x, struct pg *pg)
{
    read_pool_give(app_options_get(x->app)->reads, pg);
}

/* The version that is asked for into *version, or −1: the register as it stands. */
static enum status version_asked(const struct exchange *x, struct pg *pg, int64_t *version, struct error *err)
{
    struct rules_moment as_of;
    *version = -1;
    TRY(handler_as_of(x, &as_of, err));
    if (!rules_moment_is_past(&as_of)) return STATUS_OK;
    enum status status = load_rules_moment(pg, &as_of, version, err);
    if (status == STATUS_ROADS_CHANGED) *err = (struct error)ERROR_INIT, status = STATUS_OK; /* nothing here hangs on the roads */
    if (status != STATUS_OK) error_pointer(err, "/as_of");
    return status;
}

/* ---- a page ------------------------------------------------------------------------------------------------ */

static enum status filter_read(const struct exchange *x, struct rule_filter *filter, double sides[4], struct error *err)
{
    static const char *const what[DESK_KIND_COUNT] = {"class", "kind", "object"};
    const char *bbox = exchange_query(x, "bbox");
    int64_t at_ms;
    *filter = (struct rule_filter){.state = exchange_query(x, "state"), .county = exchange_query(x, "county"),
                                   .what = exchange_query(x, what[rule_kind_of(x)]), .at = exchange_query(x, "at"),
                                   .after = exchange_query(x, "cursor")};
    TRY(handler_limit(x, LIMIT_DEFAULT, LIMIT_MAX, &filter->limit, err));
    if (filter->at && !time_parse(filter->at, strlen(filter->at), &at_ms)) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        error_pointer(err, "/at");
        return STATUS_INVALID;
    }
    if (bbox == NULL) return STATUS_OK;
    struct box box;
    TRY(bbox_parse(bbox, &box, err));
    sides[0] = box.min_lon_deg, sides[1] = box.min_lat_deg, sides[2] = box.max_lon_deg, sides[3] = box.max_lat_deg;
    filter->bbox = sides;
    return STATUS_OK;
}

static void list_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rule_filter filter;
    struct buffer out;
    double sides[4];
    const struct rule_reader reader = rule_reader_of(x);
    buffer_init(&out, ANSWER_MAX);
    enum status status = filter_read(x, &filter, sides, &err);
    struct pg *pg = status == STATUS_OK ? take(x, &err) : NULL;
    if (pg) {
        status = version_asked(x, pg, &filter.version, &err);
        if (status == STATUS_OK) status = rule_list(pg, rule_kind_of(x), &reader, &filter, &out, &err);
        give(x, pg);
    }
    if (pg && status == STATUS_OK) exchange_reply(x, 200, "application/geo+json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void rules_list(struct exchange *x)
{
    static const char *const of_the_register[] = {"state", "county", "class", "kind", "object", "limit", "cursor"};
    static void (*const layers[DESK_KIND_COUNT])(struct exchange *x) = {zones_read, checkpoints_read, closures_read};
    for (size_t i = 0; i < sizeof of_the_register / sizeof *of_the_register; i++) {
        if (exchange_query(x, of_the_register[i]) == NULL) continue;
        exchange_submit(x, list_work);
        return;
    }
    layers[rule_kind_of(x)](x);
}

/* ---- one --------------------------------------------------------------------------------------------------- */

static void read_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    char tag[DESK_TAG_SIZE] = "";
    int64_t version;
    const struct rule_reader reader = rule_reader_of(x);
    enum status status = STATUS_UNAVAILABLE;
    buffer_init(&out, ANSWER_MAX);
    struct pg *pg = take(x, &err);
    if (pg) {
        status = version_asked(x, pg, &version, &err);
        if (status == STATUS_OK) status = rule_feature(pg, rule_kind_of(x), exchange_param(x, "id"), &reader, version, &out, tag, &err);
        give(x, pg);
    }
    if (status != STATUS_OK) exchange_problem(x, &err);
    else if (!exchange_not_modified(x, tag)) exchange_reply(x, 200, "application/geo+json", &out);
    buffer_clear(&out);
}

void rule_read(struct exchange *x)
{
    exchange_submit(x, read_work);
}

static void history_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    const struct rule_reader reader = rule_reader_of(x);
    enum status status = STATUS_UNAVAILABLE;
    buffer_init(&out, ANSWER_MAX);
    struct pg *pg = take(x, &err);
    if (pg) {
        status = rule_history(pg, rule_kind_of(x), exchange_param(x, "id"), &reader, &out, &err);
        give(x, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void rule_history_read(struct exchange *x)
{
    exchange_submit(x, history_work);
}
