#include "api/handlers/register_desk.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/layers.h"
#include "api/handlers/registers.h"
#include "api/handlers/rules.h"
#include "api/parse/parse_register.h"
#include "api/process/write_once.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <string.h>

const char *const facility_list_keys[] = {"bbox", "state", "county", "kind", "limit", "cursor", NULL};
const char *const jurisdiction_list_keys[] = {"bbox", "county", "level", "limit", "cursor", NULL};
const char *const zone_class_list_keys[] = {"state", "hazard", "limit", "cursor", NULL};
const char *const credential_type_list_keys[] = {"limit", "cursor", NULL};
const char *const road_list_keys[] = {"bbox", "state", "county", "class", "posted", "limit", "cursor", NULL};
const char *const calendar_list_keys[] = {"kind", "limit", "cursor", NULL};
const char *const authority_list_keys[] = {"kind", "limit", "cursor", NULL};
const char *const toll_rate_list_keys[] = {"road_class", "limit", "cursor", NULL};

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

/* How a register shows at the wire. */
static const struct shown {
    const char *segment;             /* of the path */
    const char *what;                /* query key that narrows a list */
    void (*all)(struct exchange *x); /* the answer without a page, or NULL */
} shown[REG_COUNT] = {
    [REG_FACILITY] = {"facilities", "kind", facilities_read},
    [REG_JURISDICTION] = {"jurisdictions", "level", jurisdictions_read},
    [REG_ZONE_CLASS] = {"zone-classes", "hazard", zone_classes_read},
    [REG_CREDENTIAL_TYPE] = {"credential-types", NULL, credential_types_read},
    [REG_ROAD] = {"roads", "class", NULL},
    [REG_CALENDAR_DAY] = {"calendar", "kind", NULL},
    [REG_AUTHORITY_RULE] = {"authority-rules", "kind", NULL},
    [REG_TOLL_RATE] = {"toll-rates", "road_class", NULL},
};

static enum register_kind kind_of(const struct exchange *x)
{
    for (int k = 0; k < REG_COUNT; k++)
        if (strcmp(x->target->segment[1], shown[k].segment) == 0) return (enum register_kind)k;
    return REG_FACILITY; /* no route leads here */
}

static const char *type_of(enum register_kind kind)
{
    return register_has_places(kind) ? "application/geo+json" : "application/json";
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static enum status page(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    enum register_kind kind = kind_of(x);
    const char *bbox = exchange_query(x, "bbox");
    struct box box;
    double sides[4];
    struct register_filter filter = {.state = exchange_query(x, "state"), .county = exchange_query(x, "county"),
                                     .what = shown[kind].what ? exchange_query(x, shown[kind].what) : NULL,
                                     .kept = exchange_query(x, "posted"), .after = exchange_query(x, "cursor")};
    (void)tag;
    TRY(handler_limit(x, LIMIT_DEFAULT, LIMIT_MAX, &filter.limit, err));
    if (filter.kept && strcmp(filter.kept, "true") != 0 && strcmp(filter.kept, "false") != 0) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TYPE_BOOLEAN, "posted");
        error_pointer(err, "/posted");
        return STATUS_INVALID;
    }
    if (bbox) {
        TRY(bbox_parse(bbox, &box, err));
        sides[0] = box.min_lon_deg, sides[1] = box.min_lat_deg, sides[2] = box.max_lon_deg, sides[3] = box.max_lat_deg;
        filter.bbox = sides;
    }
    return registered_list(pg, kind, &filter, out, err);
}

static void page_work(struct exchange *x)
{
    handler_read(x, page, type_of(kind_of(x)));
}

void register_page(struct exchange *x)
{
    static const char *const of_a_page[] = {"state", "county", "kind", "level", "hazard", "limit", "cursor"};
    enum register_kind kind = kind_of(x);
    bool paged = shown[kind].all == NULL || (kind == REG_JURISDICTION && exchange_query(x, "bbox"));
    for (size_t i = 0; i < sizeof of_a_page / sizeof *of_a_page; i++) paged = paged || exchange_query(x, of_a_page[i]);
    if (paged) exchange_submit(x, page_work);
    else shown[kind].all(x);
}

static enum status one(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    return registered_read(pg, kind_of(x), exchange_param(x, "id"), out, tag, err);
}

static void one_work(struct exchange *x)
{
    handler_read(x, one, type_of(kind_of(x)));
}

void register_one(struct exchange *x)
{
    exchange_submit(x, one_work);
}

static enum status versions(struct exchange *x, struct pg *pg, struct buffer *out, char tag[DESK_TAG_SIZE], struct error *err)
{
    (void)tag;
    return registered_history(pg, kind_of(x), exchange_param(x, "id"), out, err);
}

static void versions_work(struct exchange *x)
{
    handler_read(x, versions, "application/json");
}

void register_versions(struct exchange *x)
{
    exchange_submit(x, versions_work);
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

/* One write on its way through. */
struct errand {
    struct exchange *x;
    enum register_kind kind;
    enum desk_act act; /* create, replace or delete */
    const char *id;    /* of the path, or NULL for a new one */
    struct register_in in;
    struct write_actor actor;
    struct write_tx tx;
    struct write_once once;
    struct buffer body;
};

static enum status read_body(struct errand *e, struct error *err)
{
    struct exchange *x = e->x;
    json_t *document;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    struct parse_setting setting = handler_setting(x);
    enum status status = parse_register(&root, e->kind, e->id, e->actor.scope, &setting, &e->in, err);
    json_decref(document);
    if (status == STATUS_OK) exchange_charge(x, e->in.point_count);
    return status;
}

/* Of a road every one is there to be posted on; of the others a key that is taken cannot be made again. */
static enum status create(struct errand *e, struct error *err)
{
    struct registered now = {0};
    char made[DESK_ID_SIZE];
    if (e->in.id == NULL) {
        TRY(registered_new_id(&e->tx, made, err));
        e->id = arena_strdup(e->x->arena, made);
    } else {
        struct error unused = ERROR_INIT;
        e->id = e->in.id;
        enum status status = registered_look(&e->tx, e->kind, e->id, &now, e->kind == REG_ROAD ? err : &unused);
        if (status != STATUS_OK && (e->kind == REG_ROAD || status != STATUS_NOT_FOUND)) {
            if (e->kind != REG_ROAD) *err = unused;
            return status;
        }
        if (status == STATUS_OK && now.kept) return error_set(err, STATUS_CONFLICT, MESSAGE_ALREADY_THERE, e->id);
    }
    if (e->id == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return registered_put(&e->tx, e->kind, e->id, true, e->in.columns, e->in.jurisdiction, err);
}

static enum status act(struct errand *e, struct error *err)
{
    struct registered now = {0};
    if (e->act == DESK_CREATE) return create(e, err);
    TRY(registered_look(&e->tx, e->kind, e->id, &now, err));
    TRY(exchange_if_match(e->x, now.tag, err));
    if (e->act == DESK_REPLACE) return registered_put(&e->tx, e->kind, e->id, !now.kept, e->in.columns, e->in.jurisdiction, err);
    if (!now.kept) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    return registered_delete(&e->tx, e->kind, e->id, err);
}

static enum status describe(struct errand *e, struct error *err)
{
    int64_t version = 0;
    snprintf(e->once.answer.object, sizeof e->once.answer.object, "%s", e->id);
    e->once.answer.status = e->act == DESK_CREATE ? 201 : 200;
    if (e->act != DESK_DELETE) return registered_read(e->tx.pg, e->kind, e->id, &e->body, e->once.answer.tag, err);
    TRY(load_rules_version(e->tx.pg, &version, err));
    buffer_printf(&e->body, "{\"rules_version\":%lld}", (long long)version);
    return STATUS_OK;
}

static enum status act_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    TRY(act(e, err));
    return describe(e, err);
}

static void run(struct exchange *x, enum desk_act act_)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct errand e = {.x = x, .kind = kind_of(x), .act = act_, .id = act_ == DESK_CREATE ? NULL : exchange_param(x, "id")};
    buffer_init(&e.body, ANSWER_MAX);
    enum status status = STATUS_OK;
    if (desk == NULL || exchange_caller(x) == NULL) {
        status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        e.actor = rule_actor(x);
        status = write_once_key(x, &e.once, &err);
    }
    if (status == STATUS_OK && act_ != DESK_DELETE) status = read_body(&e, &err);
    if (status == STATUS_OK) status = write_begin(desk->writes, &e.actor, desk_act_name(act_), &e.tx, &err);
    if (status == STATUS_OK) status = write_once_transact(x, &e.once, &e.tx, false, act_and_describe, &e, &e.body, &err);
    const char *type = act_ == DESK_DELETE ? "application/json" : type_of(e.kind);
    if (status == STATUS_OK) write_once_reply(x, &e.once, arena_printf(x->arena, "/v1/%s", shown[e.kind].segment), type, &e.body);
    else exchange_problem(x, &err);
    buffer_clear(&e.body);
}

HANDLER_ON_WORKER(register_create, run, DESK_CREATE)
HANDLER_ON_WORKER(register_replace, run, DESK_REPLACE)
HANDLER_ON_WORKER(register_remove, run, DESK_DELETE)
