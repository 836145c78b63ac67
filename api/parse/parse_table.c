#include "api/parse/parse_table.h"

#include <string.h>

enum { SNAP_LOCATIONS_MAX = 1000 };

/* A place of a matrix: a call, or just its [x, y]. */
static enum status parse_place(struct parse *parse, const struct json_at *at, struct call *out, struct error *err)
{
    if (!json_is_array(at->value)) return parse_call(parse, at, out, err);
    *out = (struct call){0};
    return parse_location(parse, at, &out->point, err);
}

static enum status parse_places(struct parse *parse, const struct json_at *at, struct call **out, uint32_t *out_count,
                                struct error *err)
{
    size_t count;
    TRY(reader_array(at, 1, TABLE_SIDE_MAX, &count, err));
    *out = arena_zero(parse->arena, count, sizeof **out);
    if (*out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i);
        TRY(parse_place(parse, &element, &(*out)[i], err));
    }
    *out_count = (uint32_t)count;
    return STATUS_OK;
}

static enum status parse_annotations(const struct json_at *root, struct table_question *out, struct error *err)
{
    static const char *const codes[] = {"durations", "distances", NULL};
    struct json_at at;
    if (!reader_find(root, "annotations", &at)) {
        out->want_durations = out->want_distances = true;
        return STATUS_OK;
    }
    size_t count;
    TRY(reader_array(&at, 1, 2, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&at, i);
        unsigned which;
        TRY(reader_choice(&element, codes, &which, err));
        if (which == 0) out->want_durations = true;
        else out->want_distances = true;
    }
    return STATUS_OK;
}

enum status parse_table(const struct json_at *root, const struct parse_setting *setting,
                        struct table_question *out, struct error *err)
{
    static const char *const members[] = {"sources", "targets", "annotations", "prefer", "max_wait_s", CONSTRAINT_MEMBERS, NULL};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos,
                          .now_ms = (setting->now_ms + 999) / 1000 * 1000,
                          .past = setting->past};
    struct json_at member;
    memset(out, 0, sizeof *out);
    TRY(reader_members(root, members, err));
    TRY(parse_crs(&parse, root, err));
    out->form = (struct wire_form){.geometry = GEOMETRY_NONE, .crs = parse.crs, .language = setting->language};
    TRY(reader_require(root, "sources", &member, err));
    TRY(parse_places(&parse, &member, &out->sources, &out->source_count, err));
    out->targets = out->sources;
    out->target_count = out->source_count;
    if (reader_find(root, "targets", &member))
        TRY(parse_places(&parse, &member, &out->targets, &out->target_count, err));
    uint64_t cells = (uint64_t)out->source_count * out->target_count;
    if (cells > TABLE_CELLS_MAX) {
        error_set(err, STATUS_TOO_LARGE, MESSAGE_MATRIX_TOO_LARGE, (size_t)cells, (size_t)TABLE_CELLS_MAX);
        error_bounds(err, TABLE_CELLS_MAX, (double)cells);
        error_pointer(err, "/sources");
        return STATUS_TOO_LARGE;
    }
    TRY(parse_annotations(root, out, err));
    TRY(parse_preference(root, &out->constraints, err));
    return parse_constraints(&parse, root, &out->constraints, &out->demand, err);
}

enum status parse_table_text(const char *text, size_t length, const struct parse_setting *setting,
                             struct table_question *out, struct error *err)
{
    json_t *document;
    TRY(reader_parse(text, length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_table(&root, setting, out, err);
    json_decref(document);
    return status;
}

enum status parse_snap(const struct json_at *root, const struct parse_setting *setting, struct snap_question *out,
                       struct error *err)
{
    static const char *const members[] = {"location", "locations", "vehicle", "number", "max_snap_m", "crs",
                                          "min_rules_version", "max_rules_age_s", "as_of", NULL};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos,
                          .now_ms = setting->now_ms,
                          .past = setting->past};
    struct arena *arena = setting->arena;
    struct json_at member;
    memset(out, 0, sizeof *out);
    TRY(reader_members(root, members, err));
    TRY(parse_crs(&parse, root, err));
    out->form = (struct wire_form){.geometry = GEOMETRY_NONE, .crs = parse.crs, .language = setting->language};
    size_t count = 1;
    out->listed = reader_find(root, "locations", &member);
    if (out->listed) {
        struct json_at one;
        if (reader_find(root, "location", &one)) {
            error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "location", "locations");
            return reader_here(&one, err);
        }
        TRY(reader_array(&member, 1, SNAP_LOCATIONS_MAX, &count, err));
    } else {
        TRY(reader_require(root, "location", &member, err));
    }
    out->locations = arena_zero(arena, count, sizeof *out->locations);
    if (out->locations == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    out->location_count = (uint32_t)count;
    if (!out->listed) {
        TRY(parse_location(&parse, &member, &out->locations[0], err));
    } else {
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&member, i);
            TRY(parse_location(&parse, &element, &out->locations[i], err));
        }
    }
    struct route_request *rest = arena_zero(arena, 1, sizeof *rest);
    if (rest == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    TRY(parse_constraints(&parse, root, rest, &out->demand, err));
    out->vehicle = rest->vehicle;
    out->max_snap_mm = rest->max_snap_mm;
    int64_t number = 1;
    if (reader_find(root, "number", &member)) TRY(reader_integer(&member, 1, SNAP_COUNT_MAX, &number, err));
    out->number = (uint32_t)number;
    return STATUS_OK;
}

enum status parse_snap_text(const char *text, size_t length, const struct parse_setting *setting,
                            struct snap_question *out, struct error *err)
{
    json_t *document;
    TRY(reader_parse(text, length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_snap(&root, setting, out, err);
    json_decref(document);
    return status;
}
