#include "api/parse/parse_register.h"

#include "api/parse/parse_fields.h"

#include <string.h>

static const char *const facility_states[] = {"planned", "standby", "active", "closed", NULL};
static const char *const levels[] = {"nation", "province", "prefecture", "county", "township", "unit", NULL};
static const char *const hazards[] = {"epidemic", "flood", "geo", "weather", "hazmat", "animal_disease", "event", "pollution", "roadworks",
                                      "bridge", "city_traffic", "accident", "earthquake", "security", "other", NULL};
static const char *const ceilings[] = {"allow", "inform", "penalise", "gate", "deny", NULL};
static const char *const spares[] = {"hazmat", "livestock", NULL};
static const char *const road_classes[] = {
#define X(name, code, zh) code,
    ROAD_CLASS_LIST(X)
#undef X
    NULL};
static const char *const toll_roads[] = { /* *: all that have no rate of their own */
    "*",
#define X(name, code, zh) code,
    ROAD_CLASS_LIST(X)
#undef X
    NULL};
static const char *const yes_no[] = {"yes", "no", NULL}, *const bridge_states[] = {"open", "closed", NULL};
static const char *const day_kinds[] = {"workday", "weekend", "holiday", "makeup_workday", NULL};
static const char *const ruled[] = {"zone", "checkpoint", "closure", NULL};

#define SHOWN(name) {name, NULL, FIELD_SHOWN, 0, 0, NULL, false}
#define FLAT SHOWN("id"), SHOWN("version"), SHOWN("rules_version")

static const struct field facility_fields[] = {
    {"kind", "kind", FIELD_TEXT, 2, 40, NULL, true},
    {"name", "name", FIELD_TEXT, 1, 600, NULL, true},
    {"name_en", "name_en", FIELD_TEXT, 1, 600, NULL, false},
    {"jurisdiction", "jurisdiction", FIELD_TEXT, 6, 20, NULL, false},
    {"operator", "operator", FIELD_TEXT, 1, 64, NULL, false},
    {"state", "state", FIELD_CHOICE, 0, 0, facility_states, false},
    {"turning_place", "turning_place", FIELD_FLAG, 0, 0, NULL, false},
    {"protected", "protected", FIELD_FLAG, 0, 0, NULL, false},
    {"tags", "tags", FIELD_OBJECT, 0, 0, NULL, false},
    {0},
};

static const struct field jurisdiction_fields[] = {
    {"code", "code", FIELD_TEXT, 6, 20, NULL, false},
    {"name_zh", "name_zh", FIELD_TEXT, 1, 200, NULL, true},
    {"name_en", "name_en", FIELD_TEXT, 1, 200, NULL, false},
    {"level", "level", FIELD_CHOICE, 0, 0, levels, true},
    {"parent", "parent", FIELD_TEXT, 6, 20, NULL, false},
    {"seat", NULL, FIELD_POINT, 0, 0, NULL, false},
    {0},
};

static const struct field zone_class_fields[] = {
    {"code", "code", FIELD_TEXT, 2, 20, NULL, false},
    {"name_zh", "name_zh", FIELD_TEXT, 1, 200, NULL, true},
    {"name_en", "name_en", FIELD_TEXT, 1, 200, NULL, true},
    {"hazard", "hazard", FIELD_CHOICE, 0, 0, hazards, true},
    {"ceiling", "ceiling", FIELD_CHOICE, 0, 0, ceilings, true},
    {"ceiling_spares", "ceiling_spares", FIELD_CHOICES, 0, 0, spares, false},
    {"floor_classes", "floor_classes", FIELD_CHOICES, 0, 0, road_classes, false},
    {"default_rules", "default_rules", FIELD_ARRAY, 0, 0, NULL, true},
    {"enabled", "enabled", FIELD_FLAG, 0, 0, NULL, false},
    SHOWN("approval_level"),
    FLAT,
    {0},
};

static const struct field credential_type_fields[] = {
    {"code", "code", FIELD_TEXT, 2, 40, NULL, false},
    {"name_zh", "name_zh", FIELD_TEXT, 1, 200, NULL, true},
    {"name_en", "name_en", FIELD_TEXT, 1, 200, NULL, true},
    {"default_max_age_s", "default_max_age", FIELD_SECONDS, 1, 2e9, NULL, false},
    FLAT,
    {0},
};

static const struct field road_fields[] = {
    {"road", NULL, FIELD_WHOLE, -9e15, 9e15, NULL, false},
    {"max_height_m", "max_height_m", FIELD_NUMBER, 0.5, 30, NULL, false},
    {"max_width_m", "max_width_m", FIELD_NUMBER, 0.5, 30, NULL, false},
    {"max_length_m", "max_length_m", FIELD_NUMBER, 1, 300, NULL, false},
    {"max_gross_t", "max_gross_t", FIELD_NUMBER, 0.1, 2000, NULL, false},
    {"max_axle_load_t", "max_axle_load_t", FIELD_NUMBER, 0.1, 200, NULL, false},
    {"max_axles", "max_axles", FIELD_WHOLE, 1, 100, NULL, false},
    {"bridge_limit_t", "bridge_limit_t", FIELD_NUMBER, 0.1, 2000, NULL, false},
    {"hazmat", "hazmat", FIELD_CHOICE, 0, 0, yes_no, false},
    {"bridge_state", "bridge_state", FIELD_CHOICE, 0, 0, bridge_states, false},
    {"authority", "authority", FIELD_TEXT, 1, 300, NULL, false},
    {"document_no", "document_no", FIELD_TEXT, 1, 200, NULL, false},
    {"note", "note", FIELD_TEXT, 1, 4000, NULL, false},
    SHOWN("name"), SHOWN("ref"), SHOWN("class"), SHOWN("bridge"), SHOWN("tunnel"), SHOWN("jurisdiction"), SHOWN("posted"), SHOWN("source"),
    {0},
};

static const struct field calendar_fields[] = {
    {"day", NULL, FIELD_DAY, 0, 0, NULL, false},
    {"kind", "kind", FIELD_CHOICE, 0, 0, day_kinds, true},
    FLAT,
    {0},
};

static const struct field authority_fields[] = {
    {"kind", NULL, FIELD_CHOICE, 0, 0, ruled, false},
    {"what", NULL, FIELD_TEXT, 1, 64, NULL, false},
    {"level", "level", FIELD_CHOICE, 0, 0, levels, true},
    FLAT,
    {0},
};

static const struct field toll_rate_fields[] = {
    {"vehicle_class", NULL, FIELD_WHOLE, 1, TOLL_CLASS_MAX, NULL, false},
    {"road_class", NULL, FIELD_CHOICE, 0, 0, toll_roads, false},
    {"cny_per_km", "cny_per_km", FIELD_NUMBER, 0, TOLL_RATE_MAX / 10000.0, NULL, true},
    {"document_no", "document_no", FIELD_TEXT, 1, 200, NULL, false},
    FLAT,
    {0},
};

/* What a register takes, and the members that are its key (none: an id is made). */
static const struct form {
    const struct field *fields;
    const char *key[2];
    const char *scoped; /* member whose jurisdiction the writer must cover */
} forms[REG_COUNT] = {
    [REG_FACILITY] = {facility_fields, {NULL, NULL}, "jurisdiction"},
    [REG_JURISDICTION] = {jurisdiction_fields, {"code", NULL}, "parent"},
    [REG_ZONE_CLASS] = {zone_class_fields, {"code", NULL}, NULL},
    [REG_CREDENTIAL_TYPE] = {credential_type_fields, {"code", NULL}, NULL},
    [REG_ROAD] = {road_fields, {"road", NULL}, NULL},
    [REG_CALENDAR_DAY] = {calendar_fields, {"day", NULL}, NULL},
    [REG_AUTHORITY_RULE] = {authority_fields, {"kind", "what"}, NULL},
    [REG_TOLL_RATE] = {toll_rate_fields, {"vehicle_class", "road_class"}, NULL},
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* The entry's own key as one text: its members joined by a colon. NULL when it brings none. `last` is where it stood. */
static enum status read_key(const struct json_at *members, const struct form *form, bool required, struct arena *arena,
                            const char **out, struct json_at *last, struct error *err)
{
    const char *parts[2] = {NULL};
    *out = NULL;
    for (int i = 0; i < 2 && form->key[i]; i++) {
        bool there = reader_find(members, form->key[i], last) && !json_is_null(last->value);
        if (!there && !required) return STATUS_OK;
        if (!there) TRY(reader_require(members, form->key[i], last, err));
        parts[i] = json_is_integer(last->value) ? arena_printf(arena, "%lld", (long long)json_integer_value(last->value))
                   : json_is_string(last->value) ? arena_strdup(arena, json_string_value(last->value)) : NULL;
        if (parts[i] == NULL && json_is_null(last->value)) return reader_type(last, MESSAGE_JSON_TYPE_STRING, err);
        if (parts[i] == NULL) return no_memory(err);
    }
    *out = parts[1] ? arena_printf(arena, "%s:%s", parts[0], parts[1]) : parts[0];
    return parts[1] && *out == NULL ? no_memory(err) : STATUS_OK;
}

static enum status read_geometry(struct parse *parse, const struct json_at *root, const struct json_at *properties, enum register_kind kind,
                                 json_t *columns, struct register_in *out, struct error *err)
{
    struct json_at at;
    struct multipolygon area = {0};
    if (kind == REG_FACILITY) {
        TRY(reader_require(root, "geometry", &at, err));
        return parse_point_column(parse, &at, false, columns, err);
    }
    if (kind != REG_JURISDICTION) return STATUS_OK; /* of a road it is the source's */
    if (reader_find(properties, "seat", &at) && !json_is_null(at.value)) TRY(parse_place_column(parse, &at, "seat", columns, err));
    if (!reader_find(root, "geometry", &at) || json_is_null(at.value)) return STATUS_OK;
    TRY(parse_area_column(parse, &at, columns, &area, err));
    out->point_count = area.point_count;
    return STATUS_OK;
}

static enum status read_all(struct parse *parse, const struct json_at *root, enum register_kind kind, const char *path_id, const char *scope,
                            json_t *columns, struct register_in *out, struct error *err)
{
    static const char *const feature[] = {"type", "geometry", "properties", "crs", "id", "version", "rules_version", NULL};
    static const char *const types[] = {"Feature", NULL};
    const struct form *form = &forms[kind];
    struct json_at members = *root, at;
    unsigned type;
    if (register_has_places(kind)) {
        TRY(reader_members(root, feature, err));
        TRY(reader_require(root, "type", &at, err));
        TRY(reader_choice(&at, types, &type, err));
        TRY(reader_require(root, "properties", &members, err));
        TRY(parse_crs(parse, root, err));
    }
    TRY(parse_fields(&members, form->fields, columns, err));
    TRY(read_key(&members, form, path_id == NULL, parse->arena, &out->id, &at, err));
    if (path_id && out->id && strcmp(path_id, out->id) != 0) {
        error_set(err, STATUS_INVALID, MESSAGE_KEY_DIFFERS, path_id, out->id);
        return reader_here(&at, err);
    }
    TRY(read_geometry(parse, root, &members, kind, columns, out, err));
    json_t *within = form->scoped ? json_object_get(columns, form->scoped) : NULL;
    if (kind == REG_FACILITY && within == NULL && scope) {
        if (json_object_set_new(columns, "jurisdiction", json_string(scope)) != 0) return no_memory(err);
    } else if (within) {
        out->jurisdiction = arena_strdup(parse->arena, json_string_value(within));
        if (out->jurisdiction == NULL) return no_memory(err);
    }
    out->columns = parse_dump(columns, parse->arena);
    return out->columns ? STATUS_OK : no_memory(err);
}

enum status parse_register(const struct json_at *root, enum register_kind kind, const char *path_id, const char *scope,
                           const struct parse_setting *setting, struct register_in *out, struct error *err)
{
    *out = (struct register_in){0};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos, .now_ms = setting->now_ms,
                          .crs = WIRE_CRS_DEFAULT};
    json_t *columns = json_object();
    if (columns == NULL) return no_memory(err);
    enum status status = read_all(&parse, root, kind, path_id, scope, columns, out, err);
    json_decref(columns);
    return status;
}
