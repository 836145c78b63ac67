#include "api/parse/parse_lane.h"

#include "api/parse/parse_fields.h"

#include <string.h>

static const char *const states[] = {"proposed", "active", "suspended", NULL};
static const char *const loops[] = {"none", "return", NULL};

static const struct field fields[] = {
    {"company", "company", FIELD_TEXT, 1, 64, NULL, false},
    {"company_name", NULL, FIELD_SHOWN, 0, 0, NULL, false},
    {"name", "name", FIELD_TEXT, 1, 600, NULL, true},
    {"name_en", "name_en", FIELD_TEXT, 1, 600, NULL, false},
    {"jurisdiction", "jurisdiction", FIELD_TEXT, 6, 20, NULL, false},
    {"state", "state", FIELD_CHOICE, 0, 0, states, false},
    {"protected", "protected", FIELD_FLAG, 0, 0, NULL, false},
    {"vehicle", "vehicle", FIELD_OBJECT, 0, 0, NULL, false},
    {"credentials", "credentials", FIELD_TEXTS, 0, 40, NULL, false},
    {"loop", "loop", FIELD_CHOICE, 0, 0, loops, false},
    {"departs", "departs", FIELD_TEXT, 5, 5, NULL, false},
    {"note", "note", FIELD_TEXT, 1, 4000, NULL, false},
    {0},
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status refuse(const struct json_at *at, enum message message, struct error *err)
{
    error_set(err, STATUS_FORBIDDEN, message);
    return reader_here(at, err);
}

static bool set_text(json_t *columns, const char *column, const char *text)
{
    return json_object_set_new(columns, column, json_string(text)) == 0;
}

/* Whose it is and how it stands: a company's is its own and waits for the desk, a desk's is in force unless it says otherwise. */
static enum status read_owner(const struct json_at *properties, const struct lane_writer *writer, json_t *columns, struct error *err)
{
    struct json_at at;
    const char *company = json_string_value(json_object_get(columns, "company")), *state = json_string_value(json_object_get(columns, "state"));
    if (writer->company) {
        if (company && strcmp(company, writer->company) != 0 && reader_find(properties, "company", &at)) return refuse(&at, MESSAGE_LANE_COMPANY, err);
        if (state && strcmp(state, "active") == 0 && reader_find(properties, "state", &at)) return refuse(&at, MESSAGE_LANE_LISTED, err);
        if (json_is_true(json_object_get(columns, "protected")) && reader_find(properties, "protected", &at))
            return refuse(&at, MESSAGE_LANE_LISTED, err);
        if (!set_text(columns, "company", writer->company)) return no_memory(err);
    } else if (company == NULL) {
        return reader_require(properties, "company", &at, err) == STATUS_OK ? reader_type(&at, MESSAGE_JSON_TYPE_STRING, err)
                                                                           : STATUS_INVALID;
    }
    if (state == NULL && !set_text(columns, "state", writer->company ? "proposed" : "active")) return no_memory(err);
    bool placed = json_object_get(columns, "jurisdiction") != NULL || writer->scope == NULL;
    return placed || set_text(columns, "jurisdiction", writer->scope) ? STATUS_OK : no_memory(err);
}

/* What a route would refuse is refused here, where somebody can put it right. */
static enum status read_journey(struct parse *parse, const struct json_at *properties, struct error *err)
{
    struct json_at at;
    struct vehicle vehicle;
    size_t count;
    if (reader_find(properties, "vehicle", &at) && !json_is_null(at.value)) TRY(parse_vehicle(parse, &at, &vehicle, err));
    if (reader_find(properties, "credentials", &at) && !json_is_null(at.value)) TRY(reader_array(&at, 0, CREDENTIALS_MAX, &count, err));
    if (!reader_find(properties, "departs", &at) || json_is_null(at.value)) return STATUS_OK;
    const char *t = json_string_value(at.value);
    bool digits = t[0] >= '0' && t[0] <= '2' && t[1] >= '0' && t[1] <= '9' && t[3] >= '0' && t[3] <= '5' && t[4] >= '0' && t[4] <= '9';
    if (digits && t[2] == ':' && (t[0] != '2' || t[1] <= '3')) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_LANE_DEPARTS);
    return reader_here(&at, err);
}

static enum status read_line(struct parse *parse, const struct json_at *root, json_t *columns, struct error *err)
{
    static const char *const types[] = {"LineString", NULL};
    struct json_at at, member;
    unsigned type;
    size_t count;
    TRY(reader_require(root, "geometry", &at, err));
    if (!json_is_object(at.value)) return reader_type(&at, MESSAGE_JSON_TYPE_OBJECT, err);
    TRY(reader_require(&at, "type", &member, err));
    TRY(reader_choice(&member, types, &type, err));
    TRY(reader_require(&at, "coordinates", &member, err));
    TRY(reader_array(&member, 2, 2, &count, err));
    return parse_point_column(parse, &at, true, columns, err);
}

static enum status read_all(struct parse *parse, const struct json_at *root, const char *path_id, const struct lane_writer *writer,
                            json_t *columns, struct lane_in *out, struct error *err)
{
    static const char *const feature[] = {"type", "geometry", "properties", "crs", "id", "version", "recorded_from", "recorded_until", NULL};
    static const char *const types[] = {"Feature", NULL};
    struct json_at at, properties;
    unsigned type;
    TRY(reader_members(root, feature, err));
    TRY(reader_require(root, "type", &at, err));
    TRY(reader_choice(&at, types, &type, err));
    TRY(reader_require(root, "properties", &properties, err));
    TRY(parse_crs(parse, root, err));
    TRY(parse_fields(&properties, fields, columns, err));
    if (reader_find(root, "id", &at) && !json_is_null(at.value)) {
        TRY(reader_text_dup(&at, 1, 64, parse->arena, &out->id, err));
        if (path_id && strcmp(path_id, out->id) != 0) {
            error_set(err, STATUS_INVALID, MESSAGE_KEY_DIFFERS, path_id, out->id);
            return reader_here(&at, err);
        }
    }
    TRY(read_owner(&properties, writer, columns, err));
    TRY(read_journey(parse, &properties, err));
    TRY(read_line(parse, root, columns, err));
    out->columns = parse_dump(columns, parse->arena);
    return out->columns ? STATUS_OK : no_memory(err);
}

enum status parse_lane(const struct json_at *root, const char *path_id, const struct lane_writer *writer,
                       const struct parse_setting *setting, struct lane_in *out, struct error *err)
{
    *out = (struct lane_in){0};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos, .now_ms = setting->now_ms,
                          .crs = WIRE_CRS_DEFAULT};
    json_t *columns = json_object();
    if (columns == NULL) return no_memory(err);
    enum status status = read_all(&parse, root, path_id, writer, columns, out, err);
    json_decref(columns);
    return status;
}
