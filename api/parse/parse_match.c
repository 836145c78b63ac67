#include "api/parse/parse_match.h"

#include <string.h>

enum { ACCURACY_DEFAULT_MM = 10000, ACCURACY_MAX_M = 1000, GAP_DEFAULT_S = 180, GAP_MAX_S = 86400, BUDGET = 8000000 };

/* As long as rules that change can be judged to the moment (routing/planner/planner.c). */
static const int64_t SPAN_MAX_MS = 3ll * 86400 * 1000;

static enum status parse_position(struct parse *parse, const struct json_at *at, struct match_position *out, struct error *err)
{
    static const char *const members[] = {"location", "at", "accuracy_m", NULL};
    struct json_at member;
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "location", &member, err));
    TRY(parse_location(parse, &member, &out->point, err));
    out->at_ms = MATCH_NO_TIME;
    if (reader_find(at, "at", &member)) TRY(parse_moment(&member, &out->at_ms, err));
    out->sigma_mm = ACCURACY_DEFAULT_MM;
    if (reader_find(at, "accuracy_m", &member)) TRY(parse_milli(&member, 1, ACCURACY_MAX_M, &out->sigma_mm, err));
    return STATUS_OK;
}

static void span(const struct match_position *first, const struct match_position *last, struct error *err)
{
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_MATCH_TIMES_SPAN);
    error_bounds(err, (double)SPAN_MAX_MS / 1000, (double)(last->at_ms - first->at_ms) / 1000);
}

static enum status parse_positions(struct parse *parse, const struct json_at *root, struct match_question *out,
                                   struct error *err)
{
    struct json_at list;
    size_t count;
    TRY(reader_require(root, "positions", &list, err));
    TRY(reader_array(&list, 2, MATCH_POSITIONS_MAX, &count, err));
    out->positions = arena_zero(parse->arena, count, sizeof *out->positions);
    if (out->positions == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    out->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&list, i);
        struct match_position *p = &out->positions[i], *first = out->positions;
        TRY(parse_position(parse, &element, p, err));
        bool timed = first->at_ms != MATCH_NO_TIME;
        if (timed != (p->at_ms != MATCH_NO_TIME)) error_set(err, STATUS_INVALID, MESSAGE_MATCH_TIMES_ALL);
        else if (timed && i > 0 && p->at_ms < p[-1].at_ms) error_set(err, STATUS_INVALID, MESSAGE_MATCH_TIMES_ORDER);
        else if (timed && p->at_ms - first->at_ms > SPAN_MAX_MS) span(first, p, err);
        else continue;
        return reader_here(&element, err);
    }
    return STATUS_OK;
}

static enum status parse_match(const struct json_at *root, const struct parse_setting *setting, struct match_question *out,
                               struct error *err)
{
    static const char *const members[] = {"positions", "max_gap_s", "tidy", "geometry", "vehicle", "credentials", "avoid", "depart_at",
                                          "min_rules_version", "max_rules_age_s", "as_of", "crs", NULL};
    static const char *const formats[] = {"geojson", "polyline5", "polyline6", "none", NULL};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos,
                          .now_ms = (setting->now_ms + 999) / 1000 * 1000,
                          .past = setting->past};
    struct json_at member;
    uint32_t gap_ms = GAP_DEFAULT_S * 1000;
    unsigned format = GEOMETRY_GEOJSON;
    memset(out, 0, sizeof *out);
    TRY(reader_members(root, members, err));
    TRY(parse_crs(&parse, root, err));
    TRY(parse_positions(&parse, root, out, err));
    TRY(parse_constraints(&parse, root, &out->constraints, &out->demand, err));
    if (out->positions[0].at_ms != MATCH_NO_TIME && reader_find(root, "depart_at", &member)) {
        error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "depart_at", "positions/0/at");
        return reader_here(&member, err);
    }
    if (reader_find(root, "max_gap_s", &member)) TRY(parse_milli(&member, 1, GAP_MAX_S, &gap_ms, err));
    if (reader_find(root, "tidy", &member)) TRY(reader_boolean(&member, &out->options.tidy, err));
    if (reader_find(root, "geometry", &member)) {
        TRY(reader_choice(&member, formats, &format, err));
        if ((format == GEOMETRY_POLYLINE5 || format == GEOMETRY_POLYLINE6) && !parse.crs.degrees) {
            error_set(err, STATUS_INVALID, MESSAGE_POLYLINE_NEEDS_DEGREES, parse.crs.name);
            return reader_here(&member, err);
        }
    }
    out->form = (struct wire_form){.geometry = (enum geometry_format)format, .crs = parse.crs, .language = setting->language};
    out->options.gap_ms = gap_ms;
    out->options.budget = BUDGET;
    if (out->positions[0].at_ms != MATCH_NO_TIME) out->constraints.depart_ms = out->positions[0].at_ms;
    return STATUS_OK;
}

enum status parse_match_text(const char *text, size_t length, const struct parse_setting *setting, struct match_question *out,
                             struct error *err)
{
    json_t *document;
    TRY(reader_parse(text, length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_match(&root, setting, out, err);
    json_decref(document);
    return status;
}
