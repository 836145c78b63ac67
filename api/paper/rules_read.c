#include "api/paper/rules_read.h"

#include "api/paper/rules_write.h"
#include "api/parse/parse_area.h"

#include <string.h>

enum { ITEMS_MAX = 1000000, TEXT_MAX = 4096, NAMES_MAX = 4096 };

struct reading {
    struct arena *arena;
    struct parse parse;
    struct rules_input *out;
    struct error *err;
};

static enum status no_memory(const struct reading *r)
{
    return error_set(r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status unknown(const struct reading *r, const struct json_at *at)
{
    error_set(r->err, STATUS_INVALID, MESSAGE_RULES_FILE_NAME);
    return reader_here(at, r->err);
}

/* ---- members ----------------------------------------------------------------------------------------------- */

static enum status text(const struct reading *r, const struct json_at *object, const char *name, const char **out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    return reader_text_dup(&at, 0, TEXT_MAX, r->arena, out, r->err);
}

static enum status integer(const struct reading *r, const struct json_at *object, const char *name, int64_t min, int64_t max,
                           int64_t *out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    return reader_integer(&at, min, max, out, r->err);
}

static enum status unsigned_of(const struct reading *r, const struct json_at *object, const char *name, uint32_t max,
                               uint32_t *out)
{
    int64_t value;
    TRY(integer(r, object, name, 0, max, &value));
    *out = (uint32_t)value;
    return STATUS_OK;
}

static enum status boolean(const struct reading *r, const struct json_at *object, const char *name, bool *out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    return reader_boolean(&at, out, r->err);
}

static enum status moment(const struct reading *r, const struct json_at *object, const char *name, int64_t open, int64_t *out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    *out = open;
    return json_is_null(at.value) ? STATUS_OK : reader_integer(&at, INT64_MIN + 1, INT64_MAX - 1, out, r->err);
}

/* An array member with room for its elements. */
static enum status list(const struct reading *r, const struct json_at *object, const char *name, size_t element, size_t most,
                        struct json_at *at, uint32_t *count, void *items)
{
    size_t n;
    TRY(reader_require(object, name, at, r->err));
    TRY(reader_array(at, 0, most, &n, r->err));
    void *room = arena_zero(r->arena, n + 1, element);
    if (room == NULL) return no_memory(r);
    memcpy(items, &room, sizeof room);
    *count = (uint32_t)n;
    return STATUS_OK;
}

static enum status schedule(const struct reading *r, const struct json_at *object, const char *name, struct schedule *out)
{
    static const char *const members[] = {"from_ms", "until_ms", "windows", NULL};
    static const int64_t least[] = {1, 1, 0, 1, 0}, most[] = {0x7F, 0x0F, 1439, 1440, 0x3FF};
    struct json_at at, windows;
    struct window *items;
    TRY(reader_require(object, name, &at, r->err));
    TRY(reader_members(&at, members, r->err));
    TRY(moment(r, &at, "from_ms", INT64_MIN, &out->from_ms));
    TRY(moment(r, &at, "until_ms", TIME_OPEN, &out->until_ms));
    TRY(list(r, &at, "windows", sizeof *items, NAMES_MAX, &windows, &out->window_count, &items));
    for (uint32_t i = 0; i < out->window_count; i++) {
        struct json_at window = reader_element(&windows, i);
        size_t count;
        int64_t v[5];
        TRY(reader_array(&window, 5, 5, &count, r->err));
        for (size_t k = 0; k < 5; k++) {
            struct json_at number = reader_element(&window, k);
            TRY(reader_integer(&number, k == 3 ? v[2] + 1 : least[k], most[k], &v[k], r->err));
        }
        items[i] = (struct window){.weekdays = (uint8_t)v[0], .day_kinds = (uint8_t)v[1], .from_min = (uint16_t)v[2],
                                   .until_min = (uint16_t)v[3], .plate_tails = (uint16_t)v[4]};
    }
    out->windows = items;
    return STATUS_OK;
}

static enum status texts(const struct reading *r, const struct json_at *object, const char *name, uint32_t *count,
                         const char *const **out)
{
    struct json_at at;
    const char **items;
    TRY(list(r, object, name, sizeof *items, NAMES_MAX, &at, count, &items));
    for (uint32_t i = 0; i < *count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(reader_text_dup(&element, 0, TEXT_MAX, r->arena, &items[i], r->err));
    }
    *out = items;
    return STATUS_OK;
}

static enum status type(const struct reading *r, const struct json_at *at, credential_type_index *out)
{
    const char *code;
    TRY(reader_text(at, 0, TEXT_MAX, &code, r->err));
    for (uint32_t i = 0; i < r->out->credential_type_count; i++)
        if (strcmp(r->out->credential_types[i].code, code) == 0) {
            *out = (credential_type_index)i;
            return STATUS_OK;
        }
    return unknown(r, at);
}

static enum status types(const struct reading *r, const struct json_at *object, const char *name, uint32_t *count,
                         const credential_type_index **out)
{
    struct json_at at;
    credential_type_index *items;
    TRY(list(r, object, name, sizeof *items, NAMES_MAX, &at, count, &items));
    for (uint32_t i = 0; i < *count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(type(r, &element, &items[i]));
    }
    *out = items;
    return STATUS_OK;
}

static enum status arcs(const struct reading *r, const struct json_at *object, uint32_t *count, const struct road_direction **out)
{
    struct json_at at;
    struct road_direction *items;
    TRY(list(r, object, "arcs", sizeof *items, ITEMS_MAX, &at, count, &items));
    for (uint32_t i = 0; i < *count; i++) {
        struct json_at pair = reader_element(&at, i);
        size_t two;
        TRY(reader_array(&pair, 2, 2, &two, r->err));
        struct json_at road = reader_element(&pair, 0), backward = reader_element(&pair, 1);
        TRY(reader_integer(&road, INT64_MIN, INT64_MAX, &items[i].road_id, r->err));
        TRY(reader_boolean(&backward, &items[i].backward, r->err));
    }
    *out = items;
    return STATUS_OK;
}

static enum status tristate(const struct reading *r, const struct json_at *object, const char *name, enum tristate *out)
{
    uint32_t value;
    TRY(unsigned_of(r, object, name, NO, &value));
    *out = (enum tristate)value;
    return STATUS_OK;
}

static enum status subject(const struct reading *r, const struct json_at *object, struct subject *s)
{
    static const char *const members[] = {"gross_min_kg", "gross_max_kg", "axles_min", "axles_max", "hazmat", "livestock",
                                          "lorry", "emissions", "plate_prefixes", "plate_prefixes_negated", "cargos", NULL};
    struct json_at at;
    TRY(reader_require(object, "subject", &at, r->err));
    TRY(reader_members(&at, members, r->err));
    TRY(unsigned_of(r, &at, "gross_min_kg", UINT32_MAX, &s->gross_min_kg));
    TRY(unsigned_of(r, &at, "gross_max_kg", UINT32_MAX, &s->gross_max_kg));
    TRY(unsigned_of(r, &at, "axles_min", UINT32_MAX, &s->axles_min));
    TRY(unsigned_of(r, &at, "axles_max", UINT32_MAX, &s->axles_max));
    TRY(tristate(r, &at, "hazmat", &s->hazmat));
    TRY(tristate(r, &at, "livestock", &s->livestock));
    TRY(tristate(r, &at, "lorry", &s->lorry));
    TRY(unsigned_of(r, &at, "emissions", UINT32_MAX, &s->emissions));
    TRY(texts(r, &at, "plate_prefixes", &s->plate_prefix_count, &s->plate_prefixes));
    TRY(boolean(r, &at, "plate_prefixes_negated", &s->plate_prefixes_negated));
    return texts(r, &at, "cargos", &s->cargo_count, &s->cargos);
}

/* ---- the objects ------------------------------------------------------------------------------------------- */

static enum status zone_rule(const struct reading *r, const struct json_at *at, struct zone_rule *rule)
{
    static const char *const members[] = {"subject", "rule", "open_classes", "transit_deny", "slow_permille", "exempt",
                                          "hours", NULL};
    struct json_at kind;
    const char *code;
    TRY(reader_members(at, members, r->err));
    TRY(subject(r, at, &rule->subject));
    TRY(reader_require(at, "rule", &kind, r->err));
    TRY(reader_text(&kind, 1, TEXT_MAX, &code, r->err));
    if (!rule_kind_parse(code, &rule->kind)) return unknown(r, &kind);
    TRY(unsigned_of(r, at, "open_classes", (1u << ROAD_CLASS_COUNT) - 1, &rule->open_classes));
    TRY(boolean(r, at, "transit_deny", &rule->transit_deny));
    TRY(unsigned_of(r, at, "slow_permille", 1000000, &rule->slow_permille));
    TRY(types(r, at, "exempt", &rule->exempt_count, &rule->exempt));
    return schedule(r, at, "hours", &rule->hours);
}

static enum status zone(struct reading *r, const struct json_at *at, struct zone *z)
{
    static const char *const members[] = {"id", "name", "class_code", "class_name_zh", "class_name_en", "county", "document",
                                          "authority", "area", "accuracy_mm", "border_roads_inside", "layers", "schedule",
                                          "rules", NULL};
    const struct multipolygon_limits limits = MULTIPOLYGON_LIMITS_DEFAULT;
    struct json_at area, layers, rules;
    int8_t *layer;
    struct zone_rule *items;
    TRY(reader_members(at, members, r->err));
    TRY(text(r, at, "id", &z->id));
    TRY(text(r, at, "name", &z->name));
    TRY(text(r, at, "class_code", &z->class_code));
    TRY(text(r, at, "class_name_zh", &z->class_name_zh));
    TRY(text(r, at, "class_name_en", &z->class_name_en));
    TRY(text(r, at, "county", &z->county));
    TRY(text(r, at, "document", &z->document));
    TRY(text(r, at, "authority", &z->authority));
    TRY(reader_require(at, "area", &area, r->err));
    TRY(parse_area(&r->parse, &area, &limits, &z->area, r->err));
    TRY(unsigned_of(r, at, "accuracy_mm", UINT32_MAX, &z->accuracy_mm));
    TRY(boolean(r, at, "border_roads_inside", &z->border_roads_inside));
    TRY(list(r, at, "layers", sizeof *layer, NAMES_MAX, &layers, &z->layer_count, &layer));
    for (uint32_t i = 0; i < z->layer_count; i++) {
        struct json_at element = reader_element(&layers, i);
        int64_t value;
        TRY(reader_integer(&element, INT8_MIN, INT8_MAX, &value, r->err));
        layer[i] = (int8_t)value;
    }
    z->layers = layer;
    TRY(schedule(r, at, "schedule", &z->schedule));
    TRY(list(r, at, "rules", sizeof *items, NAMES_MAX, &rules, &z->rule_count, &items));
    for (uint32_t i = 0; i < z->rule_count; i++) {
        struct json_at element = reader_element(&rules, i);
        TRY(zone_rule(r, &element, &items[i]));
    }
    z->rules = items;
    return STATUS_OK;
}

static enum status groups(const struct reading *r, const struct json_at *at, struct checkpoint *k)
{
    static const char *const members[] = {"type", "max_age_s", NULL};
    struct json_at all;
    struct requirement_group *items;
    TRY(list(r, at, "groups", sizeof *items, NAMES_MAX, &all, &k->group_count, &items));
    for (uint32_t g = 0; g < k->group_count; g++) {
        struct json_at group = reader_element(&all, g);
        size_t count;
        TRY(reader_array(&group, 0, NAMES_MAX, &count, r->err));
        struct requirement *needed = arena_zero(r->arena, count + 1, sizeof *needed);
        if (needed == NULL) return no_memory(r);
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&group, i), code;
            TRY(reader_members(&element, members, r->err));
            TRY(reader_require(&element, "type", &code, r->err));
            TRY(type(r, &code, &needed[i].type));
            TRY(integer(r, &element, "max_age_s", 0, INT32_MAX, &needed[i].max_age_s));
        }
        items[g] = (struct requirement_group){(uint32_t)count, needed};
    }
    k->groups = items;
    return STATUS_OK;
}

static enum status gates(const struct reading *r, const struct json_at *at, struct checkpoint *k)
{
    static const char *const members[] = {"zone", "direction", "arcs", NULL};
    struct json_at all;
    struct gate *items;
    TRY(list(r, at, "gates", sizeof *items, NAMES_MAX, &all, &k->gate_count, &items));
    for (uint32_t i = 0; i < k->gate_count; i++) {
        struct json_at gate = reader_element(&all, i), name;
        const char *id;
        int64_t direction;
        uint32_t z = 0;
        TRY(reader_members(&gate, members, r->err));
        TRY(reader_require(&gate, "zone", &name, r->err));
        TRY(reader_text(&name, 1, TEXT_MAX, &id, r->err));
        while (z < r->out->zone_count && strcmp(r->out->zones[z].id, id) != 0) z++;
        if (z == r->out->zone_count) return unknown(r, &name);
        TRY(integer(r, &gate, "direction", GATE_ENTER, GATE_BOTH, &direction));
        items[i] = (struct gate){.zone = z, .direction = (enum gate_direction)direction};
        TRY(arcs(r, &gate, &items[i].arc_count, &items[i].arcs));
    }
    k->gates = items;
    return STATUS_OK;
}

static enum status checkpoint(struct reading *r, const struct json_at *at, struct checkpoint *k)
{
    static const char *const members[] = {"id", "name", "point", "road_ref", "bearing_deg", "reach_mm", "opening", "normal_ms",
                                          "green_ms", "groups", "green", "gates", NULL};
    struct json_at point;
    int64_t bearing;
    TRY(reader_members(at, members, r->err));
    TRY(text(r, at, "id", &k->id));
    TRY(text(r, at, "name", &k->name));
    TRY(reader_require(at, "point", &point, r->err));
    TRY(parse_location(&r->parse, &point, &k->point, r->err));
    TRY(text(r, at, "road_ref", &k->road_ref));
    TRY(integer(r, at, "bearing_deg", -1, 359, &bearing));
    k->bearing_deg = (int16_t)bearing;
    TRY(unsigned_of(r, at, "reach_mm", UINT32_MAX, &k->reach_mm));
    TRY(schedule(r, at, "opening", &k->opening));
    TRY(unsigned_of(r, at, "normal_ms", UINT32_MAX, &k->normal_ms));
    TRY(unsigned_of(r, at, "green_ms", UINT32_MAX, &k->green_ms));
    TRY(groups(r, at, k));
    TRY(types(r, at, "green", &k->green_count, &k->green));
    return gates(r, at, k);
}

static enum status closure(const struct reading *r, const struct json_at *at, struct closure *c)
{
    static const char *const members[] = {"id", "name", "cause", "document", "authority", "action", "physical", "limit_kind",
                                          "limit_value", "subject", "schedule", "exempt", "arcs", NULL};
    const char *actions[CLOSURE_ACTION_COUNT + 1] = {NULL}, *kinds[LIMIT_COUNT + 1] = {NULL};
    struct json_at member;
    unsigned choice;
    for (int i = 0; i < CLOSURE_ACTION_COUNT; i++) actions[i] = closure_action_code((enum closure_action)i);
    for (int i = 0; i < LIMIT_COUNT; i++) kinds[i] = limit_kind_code((enum limit_kind)i);
    TRY(reader_members(at, members, r->err));
    TRY(text(r, at, "id", &c->id));
    TRY(text(r, at, "name", &c->name));
    TRY(text(r, at, "cause", &c->cause));
    TRY(text(r, at, "document", &c->document));
    TRY(text(r, at, "authority", &c->authority));
    TRY(reader_require(at, "action", &member, r->err));
    TRY(reader_choice(&member, actions, &choice, r->err));
    c->action = (enum closure_action)choice;
    TRY(boolean(r, at, "physical", &c->physical));
    TRY(reader_require(at, "limit_kind", &member, r->err));
    TRY(reader_choice(&member, kinds, &choice, r->err));
    c->limit_kind = (enum limit_kind)choice;
    TRY(unsigned_of(r, at, "limit_value", UINT32_MAX, &c->limit_value));
    TRY(subject(r, at, &c->subject));
    TRY(schedule(r, at, "schedule", &c->schedule));
    TRY(types(r, at, "exempt", &c->exempt_count, &c->exempt));
    return arcs(r, at, &c->arc_count, &c->arcs);
}

static enum status facility(struct reading *r, const struct json_at *at, struct facility *f)
{
    static const char *const members[] = {"id", "kind", "name", "name_en", "point", "uses", "turning_place", NULL};
    struct json_at point;
    TRY(reader_members(at, members, r->err));
    TRY(text(r, at, "id", &f->id));
    TRY(text(r, at, "kind", &f->kind));
    TRY(text(r, at, "name", &f->name));
    TRY(text(r, at, "name_en", &f->name_en));
    TRY(reader_require(at, "point", &point, r->err));
    TRY(parse_location(&r->parse, &point, &f->point, r->err));
    TRY(unsigned_of(r, at, "uses", FACILITY_REST | FACILITY_TRANSFER, &f->uses));
    return boolean(r, at, "turning_place", &f->turning_place);
}

static enum status journeys(const struct reading *r, const struct json_at *root)
{
    static const char *const members[] = {"max_drive_ms", "rest_ms", "hand_over_ms", NULL};
    struct journey_default *j = &r->out->journeys;
    struct json_at at;
    TRY(reader_require(root, "journeys", &at, r->err));
    TRY(reader_members(&at, members, r->err));
    TRY(unsigned_of(r, &at, "max_drive_ms", UINT32_MAX, &j->max_drive_ms));
    TRY(unsigned_of(r, &at, "rest_ms", UINT32_MAX, &j->rest_ms));
    return unsigned_of(r, &at, "hand_over_ms", UINT32_MAX, &j->hand_over_ms);
}

static enum status road_limit(const struct reading *r, const struct json_at *at, struct road_limit *l)
{
    static const char *const members[] = {"road", "limits", "hazmat_no", NULL};
    struct json_at limits;
    size_t count;
    int64_t value;
    TRY(reader_members(at, members, r->err));
    TRY(integer(r, at, "road", INT64_MIN, INT64_MAX, &l->road_id));
    TRY(reader_require(at, "limits", &limits, r->err));
    TRY(reader_array(&limits, LIMIT_COUNT, LIMIT_COUNT, &count, r->err));
    for (size_t k = 0; k < count; k++) {
        struct json_at element = reader_element(&limits, k);
        TRY(reader_integer(&element, 0, UINT32_MAX, &value, r->err));
        l->limits[k] = (uint32_t)value;
    }
    return boolean(r, at, "hazmat_no", &l->hazmat_no);
}

/* ---- the document ------------------------------------------------------------------------------------------- */

static enum status calendar(const struct reading *r, const struct json_at *root)
{
    static const char *const members[] = {"first_day", "kinds", NULL};
    struct json_at at, kinds;
    int64_t value;
    uint8_t *kind;
    TRY(reader_require(root, "calendar", &at, r->err));
    TRY(reader_members(&at, members, r->err));
    TRY(integer(r, &at, "first_day", INT32_MIN, INT32_MAX, &value));
    r->out->calendar.first_day = (int32_t)value;
    TRY(list(r, &at, "kinds", 1, 100000, &kinds, &r->out->calendar.day_count, &kind));
    for (uint32_t i = 0; i < r->out->calendar.day_count; i++) {
        struct json_at element = reader_element(&kinds, i);
        TRY(reader_integer(&element, 0, DAY_MAKEUP_WORKDAY, &value, r->err));
        kind[i] = (uint8_t)value;
    }
    r->out->calendar.kind = kind;
    return STATUS_OK;
}

static enum status tolls(const struct reading *r, const struct json_at *root)
{
    static const char *const members[] = {
#define X(name, code, zh) code,
        ROAD_CLASS_LIST(X)
#undef X
        NULL};
    struct json_at at, rates;
    size_t count;
    int64_t value;
    TRY(reader_require(root, "tolls", &at, r->err));
    TRY(reader_members(&at, members, r->err));
    for (int road = 0; road < ROAD_CLASS_COUNT; road++) {
        TRY(reader_require(&at, members[road], &rates, r->err));
        TRY(reader_array(&rates, TOLL_CLASS_MAX, TOLL_CLASS_MAX, &count, r->err));
        for (size_t k = 0; k < count; k++) {
            struct json_at element = reader_element(&rates, k);
            TRY(reader_integer(&element, 0, TOLL_RATE_MAX, &value, r->err));
            r->out->tolls.centifen_per_km[road][k + 1] = (uint32_t)value;
        }
    }
    return STATUS_OK;
}

static enum status credential_types(const struct reading *r, const struct json_at *root)
{
    static const char *const members[] = {"code", "name_zh", "name_en", "default_max_age_s", NULL};
    struct json_at at;
    struct credential_type *items;
    TRY(list(r, root, "credential_types", sizeof *items, NO_CREDENTIAL_TYPE, &at, &r->out->credential_type_count, &items));
    for (uint32_t i = 0; i < r->out->credential_type_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(reader_members(&element, members, r->err));
        TRY(text(r, &element, "code", &items[i].code));
        TRY(text(r, &element, "name_zh", &items[i].name_zh));
        TRY(text(r, &element, "name_en", &items[i].name_en));
        TRY(integer(r, &element, "default_max_age_s", 0, INT32_MAX, &items[i].default_max_age_s));
    }
    r->out->credential_types = items;
    return STATUS_OK;
}

static enum status document(struct reading *r, const struct json_at *root)
{
    static const char *const members[] = {"format", "version", "as_of_ms", "calendar", "credential_types", "zones",
                                          "checkpoints", "closures", "facilities", "journeys", "road_limits", "tolls", NULL};
    struct json_at at;
    const char *format;
    struct zone *zones;
    struct checkpoint *checkpoints;
    struct closure *closures;
    struct facility *facilities;
    struct road_limit *limits;
    TRY(reader_members(root, members, r->err));
    TRY(reader_require(root, "format", &at, r->err));
    TRY(reader_text(&at, 0, TEXT_MAX, &format, r->err));
    if (strcmp(format, RULES_FILE_FORMAT) != 0) return unknown(r, &at);
    TRY(integer(r, root, "version", 0, INT64_MAX, &r->out->version));
    TRY(integer(r, root, "as_of_ms", INT64_MIN, INT64_MAX, &r->out->as_of_ms));
    TRY(calendar(r, root));
    TRY(credential_types(r, root));
    TRY(list(r, root, "zones", sizeof *zones, ITEMS_MAX, &at, &r->out->zone_count, &zones));
    r->out->zones = zones;
    for (uint32_t i = 0; i < r->out->zone_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(zone(r, &element, &zones[i]));
    }
    TRY(list(r, root, "checkpoints", sizeof *checkpoints, ITEMS_MAX, &at, &r->out->checkpoint_count, &checkpoints));
    r->out->checkpoints = checkpoints;
    for (uint32_t i = 0; i < r->out->checkpoint_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(checkpoint(r, &element, &checkpoints[i]));
    }
    TRY(list(r, root, "closures", sizeof *closures, ITEMS_MAX, &at, &r->out->closure_count, &closures));
    r->out->closures = closures;
    for (uint32_t i = 0; i < r->out->closure_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(closure(r, &element, &closures[i]));
    }
    TRY(list(r, root, "facilities", sizeof *facilities, ITEMS_MAX, &at, &r->out->facility_count, &facilities));
    r->out->facilities = facilities;
    for (uint32_t i = 0; i < r->out->facility_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(facility(r, &element, &facilities[i]));
    }
    TRY(journeys(r, root));
    TRY(list(r, root, "road_limits", sizeof *limits, ITEMS_MAX, &at, &r->out->road_limit_count, &limits));
    r->out->road_limits = limits;
    for (uint32_t i = 0; i < r->out->road_limit_count; i++) {
        struct json_at element = reader_element(&at, i);
        TRY(road_limit(r, &element, &limits[i]));
    }
    return tolls(r, root);
}

enum status rules_read(const char *text_bytes, size_t length, struct arena *arena, struct geos *geos, struct rules_input *out,
                       struct error *err)
{
    json_t *root;
    *out = (struct rules_input){0};
    struct reading r = {.arena = arena, .out = out, .err = err,
                        .parse = {.arena = arena, .geos = geos, .crs = WIRE_CRS_DEFAULT}};
    TRY(reader_parse(text_bytes, length, &root, err));
    struct json_at at = {.value = root};
    enum status status = document(&r, &at);
    json_decref(root);
    return status;
}
