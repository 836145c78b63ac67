#include "api/parse/parse_reach.h"

#include <string.h>

/* A day's drive is as far as the loose reading of the rules reaches. */
enum { REACH_MAX_S = 86400, REACH_MAX_M = 3000000, WIDTH_MIN_M = 20, WIDTH_MAX_M = 5000, WIDTH_DEFAULT_MM = 200000 };

static enum status parse_limits(const struct json_at *root, struct reach_question *out, struct error *err)
{
    struct json_at durations, distances;
    size_t count;
    bool timed = reader_find(root, "durations_s", &durations);
    out->by_distance = reader_find(root, "distances_m", &distances);
    if (timed && out->by_distance) {
        error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "durations_s", "distances_m");
        return reader_here(&distances, err);
    }
    if (!out->by_distance) TRY(reader_require(root, "durations_s", &durations, err));
    const struct json_at *limits = out->by_distance ? &distances : &durations;
    TRY(reader_array(limits, 1, REACH_CONTOURS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(limits, i);
        TRY(parse_milli(&element, 1, out->by_distance ? REACH_MAX_M : REACH_MAX_S, &out->limits[i], err));
    }
    out->limit_count = (uint32_t)count;
    return STATUS_OK;
}

enum status parse_reach(const struct json_at *root, const struct parse_setting *setting,
                        struct reach_question *out, struct error *err)
{
    static const char *const members[] = {"origin", "durations_s", "distances_m", "arcs", "width_m",
                                          CONSTRAINT_MEMBERS, NULL};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems,
                          .now_ms = (setting->now_ms + 999) / 1000 * 1000,
                          .past = setting->past};
    struct json_at member;
    memset(out, 0, sizeof *out);
    TRY(reader_members(root, members, err));
    TRY(parse_crs(&parse, root, err));
    out->form = (struct wire_form){.geometry = GEOMETRY_GEOJSON, .crs = parse.crs, .language = setting->language};
    TRY(reader_require(root, "origin", &member, err));
    TRY(parse_call(&parse, &member, &out->origin, err));
    TRY(parse_limits(root, out, err));
    if (reader_find(root, "arcs", &member)) TRY(reader_boolean(&member, &out->arcs, err));
    out->width_mm = WIDTH_DEFAULT_MM;
    if (reader_find(root, "width_m", &member))
        TRY(parse_milli(&member, WIDTH_MIN_M, WIDTH_MAX_M, &out->width_mm, err));
    TRY(parse_constraints(&parse, root, &out->constraints, &out->demand, err));
    out->constraints.prefer = out->by_distance ? PREFER_DISTANCE : PREFER_TIME;
    return STATUS_OK;
}

enum status parse_reach_text(const char *text, size_t length, const struct parse_setting *setting,
                             struct reach_question *out, struct error *err)
{
    json_t *document;
    TRY(reader_parse(text, length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_reach(&root, setting, out, err);
    json_decref(document);
    return status;
}
