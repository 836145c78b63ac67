#include "api/trial/lint.h"

#include "api/json/reader.h"
#include "api/trial/places_reach.h"
#include "api/wire/time_text.h"
#include "data/rules/load_rules.h"
#include "routing/constraint/rules_compile.h"
#include "routing/explain/islands.h"

#include <stdio.h>
#include <string.h>

static void write_finding(struct json_writer *w, const char *code, const char *severity, const char *message, const char *pointer,
                          const char *place)
{
    writer_open_object(w);
    writer_key(w, "code"), writer_text(w, code);
    writer_key(w, "severity"), writer_text(w, severity);
    writer_key(w, "message"), writer_text(w, message);
    if (pointer && pointer[0]) writer_key(w, "pointer"), writer_text(w, pointer);
    writer_key(w, "place");
    if (place) writer_raw(w, place, strlen(place));
    else writer_null(w);
    writer_close_object(w);
}

/* A finding with both texts at hand. */
static void say(struct json_writer *w, enum language language, const char *code, const char *severity, const char *zh, const char *en)
{
    write_finding(w, code, severity, language == LANGUAGE_ZH ? zh : en, NULL, NULL);
}

/* ---- what compiling shows ---------------------------------------------------------------------------------- */

/* Whether it holds at some moment from now on, for any plate. */
static bool ever_holds(const struct schedule *s, const struct calendar *calendar, int64_t now_ms)
{
    int64_t at_ms = s->from_ms > now_ms ? s->from_ms : now_ms;
    for (int tail = -1; tail < 10; tail++)
        if (schedule_holds(s, calendar, tail, at_ms) || schedule_next_change(s, calendar, tail, at_ms) < s->until_ms) return true;
    return false;
}

static bool listed(const uint32_t *list, uint32_t count, uint32_t index)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == index) return true;
    return false;
}

static void zone_findings(struct json_writer *w, const struct rules *rules, uint32_t index, enum language language)
{
    const struct rules_input *input = rules->input;
    const struct zone *zone = &input->zones[index];
    if (rules->zone_first_arc[index] == rules->zone_first_arc[index + 1])
        say(w, language, "controls_no_road", "error", "区域内没有任何道路", "there is no road in the zone");
    bool ever = ever_holds(&zone->schedule, &input->calendar, time_now_ms());
    bool some_rule = false;
    for (uint32_t i = 0; i < zone->rule_count; i++)
        some_rule |= ever_holds(&zone->rules[i].hours, &input->calendar, time_now_ms());
    if (!ever || !some_rule)
        say(w, language, "never_applies", "error", "在有效期内没有任何生效时段", "its hours never come while it is in force");
    for (uint32_t c = 0; c < input->checkpoint_count; c++) {
        const struct checkpoint *checkpoint = &input->checkpoints[c];
        bool ties = false;
        for (uint32_t g = 0; g < checkpoint->gate_count; g++) ties |= checkpoint->gates[g].zone == index;
        if (!ties || !listed(rules->dead_checkpoints, rules->dead_checkpoint_count, c)) continue;
        struct error text = ERROR_INIT;
        (void)error_set(&text, STATUS_INVALID, MESSAGE_GATE_DEAD, checkpoint->name);
        say(w, language, "gate_without_arc", "error", text.zh, text.en);
    }
}

static void compiled_findings(struct json_writer *w, const struct rules *rules, enum desk_kind kind, const char *id,
                              enum language language)
{
    const struct rules_input *input = rules->input;
    bool found = false;
    if (kind == DESK_ZONE) {
        uint32_t index = rules_zone(rules, id);
        found = index != UINT32_MAX;
        if (found) zone_findings(w, rules, index, language);
    } else if (kind == DESK_CHECKPOINT) {
        for (uint32_t c = 0; c < input->checkpoint_count; c++) {
            if (strcmp(input->checkpoints[c].id, id) != 0) continue;
            found = true;
            if (listed(rules->dead_checkpoints, rules->dead_checkpoint_count, c))
                say(w, language, "gate_without_arc", "error", "卡点有关口没有对应任何通行路段、同一路段同一方向的卡点过多，或未关联生效的区域",
                    "a gate of the checkpoint resolves to no road, or to one with too many checkpoints in that direction, or it ties no zone in force");
            if (!ever_holds(&input->checkpoints[c].opening, &input->calendar, time_now_ms()))
                say(w, language, "never_applies", "error", "在有效期内没有任何开放时段", "it is never open while it is in force");
        }
    } else {
        for (uint32_t c = 0; c < input->closure_count; c++) {
            if (strcmp(input->closures[c].id, id) != 0) continue;
            found = true;
            if (listed(rules->dead_closures, rules->dead_closure_count, c))
                say(w, language, "touches_no_road", "error", "管制没有对应任何道路", "the closure touches no road of the network");
            if (!ever_holds(&input->closures[c].schedule, &input->calendar, time_now_ms()))
                say(w, language, "never_applies", "error", "在有效期内没有任何生效时段", "its hours never come while it is in force");
        }
    }
    if (!found) say(w, language, "would_not_bind", "warning", "即使批准也不会生效", "it would not bind even when approved");
}

/* ---- islands ----------------------------------------------------------------------------------------------- */

enum { ISLANDS_SHOWN = 20, ISLAND_POINTS_MAX = 5000 };

/* The first moment from now on at which the schedule holds, or that from which on it is asked. */
static int64_t first_moment(const struct schedule *s, const struct calendar *calendar, int64_t at_ms)
{
    if (s->from_ms > at_ms) at_ms = s->from_ms;
    if (schedule_holds(s, calendar, -1, at_ms)) return at_ms;
    int64_t next_ms = schedule_next_change(s, calendar, -1, at_ms);
    return next_ms < s->until_ms && next_ms < TIME_OPEN ? next_ms : at_ms;
}

/* When the draft would first bind. */
static int64_t binding_moment(const struct rules *rules, enum desk_kind kind, const char *id)
{
    const struct rules_input *in = rules->input;
    int64_t now_ms = time_now_ms();
    uint32_t zone = kind == DESK_ZONE ? rules_zone(rules, id) : UINT32_MAX;
    if (zone != UINT32_MAX) {
        const struct zone *z = &in->zones[zone];
        int64_t at_ms = first_moment(&z->schedule, &in->calendar, now_ms);
        return z->rule_count ? first_moment(&z->rules[0].hours, &in->calendar, at_ms) : at_ms;
    }
    for (uint32_t c = 0; kind == DESK_CLOSURE && c < in->closure_count; c++)
        if (strcmp(in->closures[c].id, id) == 0) return first_moment(&in->closures[c].schedule, &in->calendar, now_ms);
    return now_ms;
}

/* The roads of an island as a MultiLineString; what goes beyond the bound on points is left to the figures. */
static void island_shape(struct buffer *out, const struct network *n, const struct island *island)
{
    struct json_writer w;
    uint32_t points = 0;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "type"), writer_text(&w, "MultiLineString");
    writer_key(&w, "coordinates"), writer_open_array(&w);
    for (uint32_t i = 0; i < island->road_count && points < ISLAND_POINTS_MAX; i++) {
        road_index road = island->roads[i];
        writer_open_array(&w);
        for (uint32_t p = n->road_first_shape[road]; p < n->road_first_shape[road + 1]; p++, points++) writer_point_e7(&w, n->shape_point[p]);
        writer_close_array(&w);
    }
    writer_close_array(&w);
    writer_close_object(&w);
}

static enum status say_island(struct json_writer *w, enum language language, const struct network *n, const struct island *island,
                              struct error *err)
{
    struct buffer shape;
    char vehicles[120] = "", text[400];
    size_t length = 0;
    for (int k = 0; k < REACH_CLASSES; k++)
        if (island->vehicles >> k & 1)
            length += (size_t)snprintf(vehicles + length, sizeof vehicles - length, "%s%s", length == 0 ? "" : language == LANGUAGE_ZH ? "、" : ", ",
                                       message_text(reach_class_names[k], language));
    message_format(text, sizeof text, MESSAGE_ISLAND_CREATED, language, island->road_count, (double)island->length_mm / 1e6, vehicles);
    buffer_init(&shape, 4 << 20);
    island_shape(&shape, n, island);
    buffer_char(&shape, '\0');
    enum status status = shape.failed ? error_set(err, shape.failed, MESSAGE_NO_MEMORY) : STATUS_OK;
    if (status == STATUS_OK)
        write_finding(w, "island_created", "warning", text, NULL, shape.data);
    buffer_clear(&shape);
    return status;
}

static enum status island_findings(struct json_writer *w, const struct view *view, const struct rules *rules, enum desk_kind kind,
                                   const char *id, enum language language, struct arena *arena, struct error *err)
{
    const struct route_request *requests[REACH_CLASSES];
    struct island *islands;
    uint32_t count;
    uint64_t rest_mm = 0;
    int64_t at_ms = binding_moment(rules, kind, id);
    for (int k = 0; k < REACH_CLASSES; k++) {
        struct route_request *request;
        TRY(reach_request(reach_classes[k], at_ms, arena, &request, err));
        requests[k] = request;
    }
    TRY(islands_find(view->base, view->rules, rules, requests, REACH_CLASSES, arena, &islands, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        if (i < ISLANDS_SHOWN) TRY(say_island(w, language, &view->base->network, &islands[i], err));
        else rest_mm += islands[i].length_mm;
    }
    if (count <= ISLANDS_SHOWN) return STATUS_OK;
    struct error text = ERROR_INIT;
    (void)error_set(&text, STATUS_INVALID, MESSAGE_ISLANDS_MORE, count - ISLANDS_SHOWN, (double)rest_mm / 1e6);
    say(w, language, "island_created", "warning", text.zh, text.en);
    return STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

/* What only shows in the rules as they would be: read in the transaction, worked out after it, so that nobody waits. */
static enum status compile(struct write_tx *tx, enum desk_kind kind, const char *id, const struct view *view, struct json_writer *w,
                           enum language language, struct arena *scratch, struct error *err)
{
    struct arena arena;
    struct rules_input input;
    struct rules *rules = NULL;
    arena_init(&arena, RULES_BYTES_MAX);
    enum status status = rule_whatif(tx, kind, &id, 1, &arena, &input, err);
    write_abort(tx);
    if (status == STATUS_OK)
        status = rules_compile(&view->base->network, view->base->spatial, &input, view->rules, &rules, err);
    if (status == STATUS_OK) {
        compiled_findings(w, rules, kind, id, language);
        status = island_findings(w, view, rules, kind, id, language, scratch, err);
        rules_release(rules);
    }
    arena_clear(&arena);
    return status;
}

static void stored_findings(struct json_writer *w, const struct rule_finding *found, size_t count, enum language language)
{
    for (size_t i = 0; i < count; i++)
        write_finding(w, found[i].code, found[i].severity, language == LANGUAGE_ZH ? found[i].zh : found[i].en, NULL, found[i].place);
}

void lint_member(struct json_writer *w, enum desk_kind kind, const char *id, const struct rule_finding *found, size_t count,
                 const struct rules *rules, enum language language)
{
    writer_open_array(w);
    stored_findings(w, found, count, language);
    compiled_findings(w, rules, kind, id, language);
    writer_close_array(w);
}

enum status lint(struct write_tx *tx, enum desk_kind kind, const char *id, const struct view *view, enum language language,
                 struct arena *arena, struct buffer *out, struct error *err)
{
    struct rule_finding *found;
    size_t count;
    struct json_writer w;
    const struct rule_reader reader = {.desk = true, .scope = tx->actor->scope};
    writer_init(&w, out);
    buffer_text(out, "{\"would_be\":");
    enum status status = rule_feature(tx->pg, kind, id, &reader, -1, out, NULL, err);
    if (status == STATUS_OK) status = rule_lint(tx, kind, id, arena, &found, &count, err);
    if (status != STATUS_OK) return status;
    buffer_text(out, ",\"findings\":");
    writer_open_array(&w);
    stored_findings(&w, found, count, language);
    if (view) status = compile(tx, kind, id, view, &w, language, arena, err);
    else say(&w, language, "not_compiled", "warning", "路网尚未载入，未检查道路与卡点", "no network is loaded: roads and gates were not checked");
    writer_close_array(&w);
    buffer_char(out, '}');
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    return status;
}

enum status lint_many(struct write_tx *tx, enum desk_kind kind, const struct lint_one *ones, size_t count, const struct view *view,
                      enum language language, struct arena *arena, struct buffer *out, struct error *err)
{
    struct looked_at {
        const char *would_be;
        struct rule_finding *found;
        size_t count;
    } *looked = arena_zero(arena, count + 1, sizeof *looked);
    const char **ids = arena_zero(arena, count + 1, sizeof *ids);
    const struct rule_reader reader = {.desk = true, .scope = tx->actor->scope};
    struct rules_input input;
    struct rules *rules = NULL;
    struct arena compiled;
    struct buffer feature;
    if (looked == NULL || ids == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        ids[i] = ones[i].id;
        buffer_init(&feature, 64 << 20);
        enum status status = rule_feature(tx->pg, kind, ids[i], &reader, -1, &feature, NULL, err);
        buffer_char(&feature, '\0');
        looked[i].would_be = feature.failed ? NULL : arena_strdup(arena, feature.data);
        if (status == STATUS_OK && looked[i].would_be == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        buffer_clear(&feature);
        if (status == STATUS_OK) status = rule_lint(tx, kind, ids[i], arena, &looked[i].found, &looked[i].count, err);
        if (status != STATUS_OK) return status;
    }
    arena_init(&compiled, RULES_BYTES_MAX);
    enum status status = rule_whatif(tx, kind, ids, count, &compiled, &input, err);
    write_abort(tx);
    if (status == STATUS_OK) status = rules_compile(&view->base->network, view->base->spatial, &input, view->rules, &rules, err);
    struct json_writer w;
    writer_init(&w, out);
    writer_open_array(&w);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        writer_open_object(&w);
        writer_key(&w, "feature"), writer_integer(&w, (int64_t)ones[i].feature);
        writer_key(&w, "would_be"), writer_raw(&w, looked[i].would_be, strlen(looked[i].would_be));
        writer_key(&w, "findings"), lint_member(&w, kind, ids[i], looked[i].found, looked[i].count, rules, language);
        writer_close_object(&w);
    }
    writer_close_array(&w);
    if (rules) rules_release(rules);
    arena_clear(&compiled);
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    return status;
}

void lint_refused(const struct error *err, enum language language, const char *place, struct buffer *out)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "would_be"), writer_null(&w);
    writer_key(&w, "findings"), writer_open_array(&w);
    write_finding(&w, status_code(err->status), "error", language == LANGUAGE_ZH ? err->zh : err->en, err->pointer, place);
    writer_close_array(&w);
    writer_close_object(&w);
}
