#include "api/handlers/lanes.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/layers.h"
#include "api/handlers/rules.h"
#include "api/parse/parse_lane.h"
#include "api/plan_keep.h"
#include "api/process/write_once.h"
#include "api/wire/time_text.h"
#include "data/registers/lane_store.h"

#include <stdio.h>
#include <string.h>

const char *const lane_list_keys[] = {"bbox", "company", "state", "county", "as_of", "limit", "cursor", NULL};
const char *const lane_read_keys[] = {"as_of", NULL};

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };
#define LANE_TYPE "application/geo+json"

/* ---- reading ----------------------------------------------------------------------------------------------- */

/* An instant: lanes have no versions of the rules. INT64_MIN: as they stand. */
static enum status moment_read(const struct exchange *x, int64_t *at_ms, struct error *err)
{
    const char *text = exchange_query(x, "as_of");
    *at_ms = INT64_MIN;
    if (text == NULL) return STATUS_OK;
    enum status status = STATUS_OK;
    const int64_t now_ms = time_now_ms();
    if (!time_parse(text, strlen(text), at_ms)) status = error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "as_of");
    if (status == STATUS_OK && *at_ms > now_ms) {
        char now[TIME_TEXT_SIZE], asked[TIME_TEXT_SIZE];
        time_format(now_ms, now);
        time_format(*at_ms, asked);
        status = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_LANE_FUTURE, asked, now);
        snprintf(err->limit, sizeof err->limit, "%s", now);
        snprintf(err->actual, sizeof err->actual, "%s", asked);
    }
    if (status != STATUS_OK) error_pointer(err, "/as_of");
    return status;
}

static enum status page(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    const struct plan_reader reader = plan_reader_of(x);
    const char *bbox = exchange_query(x, "bbox");
    struct lane_filter filter = {.company = exchange_query(x, "company"), .state = exchange_query(x, "state"), .county = exchange_query(x, "county"),
                                 .after = exchange_query(x, "cursor")};
    struct box box;
    double sides[4];
    int64_t at_ms;
    (void)tag;
    TRY(handler_limit(x, LIMIT_DEFAULT, LIMIT_MAX, &filter.limit, err));
    TRY(moment_read(x, &at_ms, err));
    if (bbox) {
        TRY(bbox_parse(bbox, &box, err));
        sides[0] = box.min_lon_deg, sides[1] = box.min_lat_deg, sides[2] = box.max_lon_deg, sides[3] = box.max_lat_deg;
        filter.bbox = sides;
    }
    return lane_list(pg, &reader, at_ms, &filter, out, err);
}

static enum status one(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    const struct plan_reader reader = plan_reader_of(x);
    int64_t at_ms;
    TRY(moment_read(x, &at_ms, err));
    return lane_read(pg, &reader, exchange_param(x, "id"), at_ms, out, tag, err);
}

static enum status versions(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    const struct plan_reader reader = plan_reader_of(x);
    (void)tag;
    return lane_history(pg, &reader, exchange_param(x, "id"), out, err);
}

static void read_with(struct exchange *x, handler_read_work *work)
{
    handler_read(x, work, work == versions ? "application/json" : LANE_TYPE);
}

HANDLER_ON_WORKER(lanes_read, read_with, page)
HANDLER_ON_WORKER(lane_read_one, read_with, one)
HANDLER_ON_WORKER(lane_versions, read_with, versions)

/* ---- writing ----------------------------------------------------------------------------------------------- */

struct errand {
    struct exchange *x;
    enum desk_act act; /* create, replace or delete */
    struct plan_reader reader;
    struct lane_in in;
    struct write_actor actor;
    struct write_tx tx;
    struct write_once once;
    struct buffer body;
};

static enum status read_body(struct errand *e, struct error *err)
{
    struct exchange *x = e->x;
    struct parse_setting setting = handler_setting(x);
    const struct lane_writer writer = {.company = exchange_role(x) == ROLE_COMPANY ? e->reader.company : NULL, .scope = e->actor.scope};
    json_t *document;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_lane(&root, e->act == DESK_CREATE ? NULL : exchange_param(x, "id"), &writer, &setting, &e->in, err);
    json_decref(document);
    return status;
}

static enum status act_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    struct kept_answer *answer = &e->once.answer;
    const char *id = e->act == DESK_CREATE ? e->in.id : exchange_param(e->x, "id");
    char tag[DESK_TAG_SIZE];
    if (e->act != DESK_CREATE) {
        TRY(lane_look(&e->tx, &e->reader, id, tag, err));
        TRY(exchange_if_match(e->x, tag, err));
    }
    if (e->act == DESK_DELETE) {
        answer->status = 204;
        return lane_delete(&e->tx, id, err);
    }
    TRY(lane_put(&e->tx, id, e->act == DESK_CREATE, e->in.columns, answer->object, err));
    answer->status = e->act == DESK_CREATE ? 201 : 200;
    return lane_read(e->tx.pg, &e->reader, answer->object, INT64_MIN, &e->body, answer->tag, err);
}

static void run(struct exchange *x, enum desk_act act)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct errand e = {.x = x, .act = act};
    buffer_init(&e.body, ANSWER_MAX);
    enum status status = STATUS_OK;
    if (desk == NULL || exchange_caller(x) == NULL) {
        status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        e.actor = rule_actor(x);
        e.reader = plan_reader_of(x);
        status = write_once_key(x, &e.once, &err);
    }
    if (status == STATUS_OK && act != DESK_DELETE) status = read_body(&e, &err);
    if (status == STATUS_OK) status = write_begin_aside(desk->writes, &e.actor, desk_act_name(act), &e.tx, &err);
    if (status == STATUS_OK) status = write_once_transact(x, &e.once, &e.tx, false, act_and_describe, &e, &e.body, &err);
    if (status == STATUS_OK && e.once.answer.status == 204) exchange_reply(x, 204, NULL, NULL);
    else if (status == STATUS_OK) write_once_reply(x, &e.once, "/v1/lanes", LANE_TYPE, &e.body);
    else exchange_problem(x, &err);
    buffer_clear(&e.body);
}

HANDLER_ON_WORKER(lane_create, run, DESK_CREATE)
HANDLER_ON_WORKER(lane_replace, run, DESK_REPLACE)
HANDLER_ON_WORKER(lane_remove, run, DESK_DELETE)
