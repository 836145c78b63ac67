#include "api/parse/parse_rule.h"

#include "api/parse/parse_fields.h"
#include "api/wire/time_text.h"

#include <stdlib.h>
#include <string.h>

static const char *const borders[] = {"outside", "inside", NULL};
static const char *const checkpoint_kinds[] = {"epidemic", "animal_quarantine", "overload", "police", "factory_gate", "customs",
                                               "weather", "emission", "temporary", NULL};
static const char *const placements[] = {"toll_plaza_outside", "trunk_road", "county_road", "village_entry", "facility_gate",
                                         "port_gate", "service_area", "expressway_main", NULL};
static const char *const actions[] = {"closed", "entry_ban", "exit_ban", "limit", "speed_limit", "no_stopping", NULL};
static const char *const objects[] = {"segment", "road", "toll_station", "toll_station_range", "bridge", "tunnel", "ramp",
                                      "service_area", NULL};
static const char *const headings[] = {"both", "forward", "backward", NULL};
static const char *const limits[] = {"height", "width", "length", "gross_weight", "axle_load", "axles", "bridge", NULL};

#define COMMON_FIELDS                                                                                                \
    {"from", NULL, FIELD_SPAN, 0, 0, NULL, false}, {"until", NULL, FIELD_SPAN, 0, 0, NULL, false},                   \
        {"jurisdiction", "jurisdiction", FIELD_TEXT, 6, 20, NULL, false},                                            \
        {"authority", "authority", FIELD_TEXT, 1, 300, NULL, false}, {"note", "note", FIELD_TEXT, 1, 4000, NULL, false}

static const struct field zone_fields[] = {
    {"class", "class_code", FIELD_TEXT, 2, 20, NULL, true},
    {"name", "name", FIELD_TEXT, 1, 600, NULL, true},
    {"accuracy_m", "accuracy_m", FIELD_NUMBER, 0, 1000, NULL, false},
    {"border_roads", "border_roads", FIELD_CHOICE, 0, 0, borders, false},
    {"layers", "layers", FIELD_NUMBERS, -20, 20, NULL, false},
    {"windows", "windows", FIELD_ARRAY, 0, 0, NULL, false},
    {"rules", "rules", FIELD_ARRAY, 0, 0, NULL, false},
    {"severity", "severity", FIELD_WHOLE, 1, 4, NULL, false},
    {"incident", "incident", FIELD_TEXT, 1, 200, NULL, false},
    COMMON_FIELDS,
    {0},
};

static const struct field checkpoint_fields[] = {
    {"name", "name", FIELD_TEXT, 1, 600, NULL, true},
    {"kind", "kind", FIELD_CHOICE, 0, 0, checkpoint_kinds, false},
    {"placement", "placement", FIELD_CHOICE, 0, 0, placements, false},
    {"road", "road_ref", FIELD_TEXT, 1, 200, NULL, false},
    {"bearing_deg", "bearing_deg", FIELD_WHOLE, 0, 359, NULL, false},
    {"reach_m", "reach_m", FIELD_NUMBER, 0, 20000, NULL, false},
    {"opening", "opening", FIELD_ARRAY, 0, 0, NULL, false},
    {"normal_s", "normal_s", FIELD_WHOLE, 0, 86400, NULL, false},
    {"green_s", "green_s", FIELD_WHOLE, 0, 86400, NULL, false},
    {"lanes", "lanes", FIELD_WHOLE, 0, 100, NULL, false},
    {"green_lanes", "green_lanes", FIELD_WHOLE, 0, 100, NULL, false},
    {"capacity_h", "capacity_h", FIELD_WHOLE, 1, 100000, NULL, false},
    {"requirements", "requirements", FIELD_ARRAY, 0, 0, NULL, false},
    {"green_credentials", "green_credentials", FIELD_TEXTS, 0, 64, NULL, false},
    {"gates", NULL, FIELD_APART, 0, 0, NULL, false},
    COMMON_FIELDS,
    {0},
};

static const struct field closure_fields[] = {
    {"name", "name", FIELD_TEXT, 1, 600, NULL, true},
    {"cause", "cause", FIELD_TEXT, 1, 300, NULL, false},
    {"action", "action", FIELD_CHOICE, 0, 0, actions, true},
    {"physical", "physical", FIELD_FLAG, 0, 0, NULL, false},
    {"object", "object", FIELD_CHOICE, 0, 0, objects, true},
    {"road_ids", "road_ids", FIELD_NUMBERS, -9e15, 9e15, NULL, false},
    {"heading", "heading", FIELD_CHOICE, 0, 0, headings, false},
    {"route", "route", FIELD_TEXT, 1, 100, NULL, false},
    {"from_station", "from_station", FIELD_TEXT, 1, 100, NULL, false},
    {"to_station", "to_station", FIELD_TEXT, 1, 100, NULL, false},
    {"limit_kind", "limit_kind", FIELD_CHOICE, 0, 0, limits, false},
    {"limit_value", "limit_value", FIELD_NUMBER, 0, 4000, NULL, false},
    {"subject", "subject", FIELD_OBJECT, 0, 0, NULL, false},
    {"exempt", "exempt", FIELD_TEXTS, 0, 64, NULL, false},
    {"windows", "windows", FIELD_ARRAY, 0, 0, NULL, false},
    {"expected_reopen", "expected_reopen", FIELD_TIME, 0, 0, NULL, false},
    {"incident", "incident", FIELD_TEXT, 1, 200, NULL, false},
    COMMON_FIELDS,
    {0},
};

static const struct field *const fields_of[DESK_KIND_COUNT] = {zone_fields, checkpoint_fields, closure_fields};

/* ---- properties -------------------------------------------------------------------------------------------- */

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* [from, until) as the database writes ranges. */
static enum status read_span(const struct json_at *properties, int64_t now_ms, json_t *columns, struct arena *arena,
                             struct error *err)
{
    struct json_at from_at, until_at;
    int64_t from_ms = now_ms / 1000 * 1000, until_ms = 0;
    bool has_from = reader_find(properties, "from", &from_at) && !json_is_null(from_at.value);
    bool has_until = reader_find(properties, "until", &until_at) && !json_is_null(until_at.value);
    if (!has_from && !has_until) return STATUS_OK;
    if (has_from) TRY(reader_time(&from_at, &from_ms, err));
    if (has_until) TRY(reader_time(&until_at, &until_ms, err));
    if (has_until && until_ms <= from_ms) {
        error_set(err, STATUS_INVALID, MESSAGE_VALIDITY_ORDER);
        return reader_here(&until_at, err);
    }
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE] = "";
    time_format(from_ms, from);
    if (has_until) time_format(until_ms, until);
    const char *text = arena_printf(arena, has_until ? "[\"%s\",\"%s\")" : "[\"%s\",)", from, until);
    if (text == NULL || json_object_set_new(columns, "effective", json_string(text)) != 0) return no_memory(err);
    return STATUS_OK;
}

static enum status read_properties(const struct json_at *properties, enum desk_kind kind, int64_t now_ms, json_t *columns,
                                   struct arena *arena, struct error *err)
{
    TRY(parse_fields(properties, fields_of[kind], columns, err));
    return read_span(properties, now_ms, columns, arena, err);
}

/* ---- geometry ---------------------------------------------------------------------------------------------- */

static enum status read_geometry(struct parse *parse, const struct json_at *root, enum desk_kind kind, json_t *columns,
                                 struct multipolygon *area, struct error *err)
{
    struct json_at geometry;
    bool there = reader_find(root, "geometry", &geometry);
    if (kind == DESK_CLOSURE && (!there || json_is_null(geometry.value))) return STATUS_OK;
    TRY(reader_require(root, "geometry", &geometry, err));
    if (kind == DESK_ZONE) return parse_area_column(parse, &geometry, columns, area, err);
    return parse_point_column(parse, &geometry, kind == DESK_CLOSURE, columns, err);
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static enum status gates_check(const struct json_at *gates, struct error *err)
{
    static const char *const members[] = {"zone", "direction", "arcs", NULL};
    static const char *const directions[] = {"enter", "exit", "both", NULL};
    for (size_t i = 0; i < json_array_size(gates->value); i++) {
        struct json_at gate = reader_element(gates, i), at;
        const char *text;
        unsigned choice;
        size_t count;
        TRY(reader_members(&gate, members, err));
        TRY(reader_require(&gate, "zone", &at, err));
        TRY(reader_text(&at, 1, DESK_ID_SIZE - 1, &text, err));
        if (reader_find(&gate, "direction", &at)) TRY(reader_choice(&at, directions, &choice, err));
        if (reader_find(&gate, "arcs", &at)) TRY(reader_array(&at, 1, 1000, &count, err));
    }
    return STATUS_OK;
}

static enum status read_all(struct parse *parse, const struct json_at *root, enum desk_kind kind, const char *scope,
                            json_t *columns, struct rule_feature_in *out, struct error *err)
{
    static const char *const members[] = {"type", "geometry", "properties", "crs", "id", "life", "rules_version", NULL};
    static const char *const types[] = {"Feature", NULL};
    struct json_at at, properties;
    unsigned type;
    TRY(reader_members(root, members, err));
    TRY(reader_require(root, "type", &at, err));
    TRY(reader_choice(&at, types, &type, err));
    TRY(reader_require(root, "properties", &properties, err));
    TRY(parse_crs(parse, root, err));
    TRY(read_properties(&properties, kind, parse->now_ms, columns, parse->arena, err));
    TRY(read_geometry(parse, root, kind, columns, &out->area, err));
    bool set = true;
    if (kind == DESK_ZONE) set = json_object_set_new(columns, "source_crs", json_string(parse->crs.name)) == 0;
    json_t *jurisdiction = json_object_get(columns, "jurisdiction");
    if (jurisdiction == NULL && scope) {
        set = set && json_object_set_new(columns, "jurisdiction", json_string(scope)) == 0;
    } else if (jurisdiction) {
        out->document.jurisdiction = arena_strdup(parse->arena, json_string_value(jurisdiction));
        set = set && out->document.jurisdiction;
    }
    if (kind == DESK_CHECKPOINT) {
        out->document.gates = "[]";
        if (reader_find(&properties, "gates", &at) && !json_is_null(at.value)) {
            TRY(gates_check(&at, err));
            out->document.gates = parse_dump(at.value, parse->arena);
        }
    }
    out->document.columns = parse_dump(columns, parse->arena);
    return set && out->document.columns && (kind != DESK_CHECKPOINT || out->document.gates) ? STATUS_OK : no_memory(err);
}

enum status parse_rule(const struct json_at *root, enum desk_kind kind, const char *scope, const struct parse_setting *setting,
                       struct rule_feature_in *out, struct error *err)
{
    *out = (struct rule_feature_in){0};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos, .now_ms = setting->now_ms};
    json_t *columns = json_object();
    if (columns == NULL) return no_memory(err);
    enum status status = read_all(&parse, root, kind, scope, columns, out, err);
    json_decref(columns);
    return status;
}

enum status parse_rule_words(const struct json_at *root, enum desk_act act, struct arena *arena, struct rule_words *out,
                             struct error *err)
{
    static const char *const members[] = {"authority", "document_no", "opinion", "force_reason", NULL};
    struct json_at at;
    *out = (struct rule_words){0};
    TRY(reader_members(root, members, err));
    bool approving = act == DESK_APPROVE;
    if ((approving || act == DESK_LIFT) && reader_find(root, "force_reason", &at)) TRY(reader_text_dup(&at, 1, 1000, arena, &out->force_reason, err));
    if (approving) TRY(reader_require(root, "authority", &at, err));
    if (approving) TRY(reader_require(root, "document_no", &at, err));
    if (reader_find(root, "authority", &at)) TRY(reader_text_dup(&at, 1, 300, arena, &out->authority, err));
    if (reader_find(root, "document_no", &at)) TRY(reader_text_dup(&at, 1, 200, arena, &out->document_no, err));
    if (reader_find(root, "opinion", &at)) TRY(reader_text_dup(&at, 1, 4000, arena, &out->opinion, err));
    return STATUS_OK;
}
