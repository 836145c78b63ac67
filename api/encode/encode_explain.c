#include "api/encode/encode_explain.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/instructions.h"
#include "routing/search/reach_area.h"

#include <stdlib.h>

enum { TEXT_SIZE = 320 };

/* ---- the cut ----------------------------------------------------------------------------------------------- */

static enum status encode_line_of_arc(struct json_writer *w, const struct route_encoder *encoder, const struct cut_arc *a,
                                      struct point_e7 **points, size_t *room, struct error *err)
{
    const struct reach_part part = {a->arc, a->from_mm, a->to_mm};
    const struct wire_form form = {.geometry = GEOMETRY_GEOJSON, .crs = encoder->form->crs};
    size_t count;
    TRY(reach_part_points(&encoder->view->base->network, &part, points, room, &count, err));
    encode_line(w, &form, *points, count);
    return STATUS_OK;
}

static enum status encode_cut(struct json_writer *w, const struct route_encoder *encoder, const struct cut *cut,
                              struct error *err)
{
    const struct network *n = &encoder->view->base->network;
    struct point_e7 *points = NULL;
    size_t room = 0;
    enum status status = STATUS_OK;
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "FeatureCollection");
    writer_key(w, "leg");
    if (cut->leg == UINT32_MAX) writer_null(w);
    else writer_integer(w, cut->leg);
    writer_key(w, "exact"), writer_boolean(w, cut->exact);
    writer_key(w, "reached_arcs"), writer_integer(w, cut->reached);
    writer_key(w, "count"), writer_integer(w, cut->total);
    writer_key(w, "given"), writer_integer(w, cut->arc_count);
    writer_key(w, "features"), writer_open_array(w);
    for (uint32_t i = 0; i < cut->arc_count && status == STATUS_OK; i++) {
        const struct cut_arc *a = &cut->arcs[i];
        road_index road = n->arc_road[a->arc];
        writer_open_object(w);
        writer_key(w, "type"), writer_text(w, "Feature");
        writer_key(w, "geometry");
        status = encode_line_of_arc(w, encoder, a, &points, &room, err);
        writer_key(w, "properties"), writer_open_object(w);
        writer_key(w, "leg"), writer_integer(w, a->leg);
        writer_key(w, "road"), writer_text(w, road_label(n, road, encoder->form->language));
        writer_key(w, "road_id"), writer_integer(w, n->road_source_id[road]);
        writer_key(w, "backward"), writer_boolean(w, n->arc_reversed[a->arc]);
        writer_key(w, "at"), writer_time(w, a->at_ms);
        writer_key(w, "rules"), encode_conflicts(w, encoder, a->conflicts, a->breach_count);
        writer_close_object(w);
        writer_close_object(w);
    }
    writer_close_array(w);
    writer_close_object(w);
    free(points);
    return status;
}

/* ---- the detour ---------------------------------------------------------------------------------------------- */

static int64_t less(uint64_t a, uint64_t b)
{
    return (int64_t)a - (int64_t)b;
}

static double minutes(int64_t ms)
{
    return (double)ms / 60000;
}

static double km(int64_t mm)
{
    return (double)mm / 1e6;
}

/* What `a` takes more than `b`. */
static void encode_difference(struct json_writer *w, const struct route_encoder *encoder, const struct detour_measure *a,
                              const struct detour_measure *b)
{
    writer_open_object(w);
    writer_key(w, "duration_s"), writer_milli(w, less(a->duration_ms, b->duration_ms));
    writer_key(w, "distance_m"), writer_milli(w, less(a->distance_mm, b->distance_mm));
    if (encoder->request->prefer == PREFER_COST) writer_key(w, "cost_cny"), writer_decimal(w, less(a->cost, b->cost), 4);
    writer_close_object(w);
}

static void encode_detour(struct json_writer *w, const struct route_encoder *encoder, const struct detour *d)
{
    static const struct detour_measure nothing;
    char text[TEXT_SIZE];
    writer_open_object(w);
    writer_key(w, "lawful"), encode_difference(w, encoder, &d->lawful, &nothing);
    writer_key(w, "unrestricted"), encode_difference(w, encoder, &d->unrestricted, &nothing);
    writer_key(w, "longer_by"), encode_difference(w, encoder, &d->lawful, &d->unrestricted);
    writer_key(w, "together"), encode_difference(w, encoder, &d->lawful, &d->together);
    writer_key(w, "count"), writer_integer(w, d->found);
    writer_key(w, "given"), writer_integer(w, d->rule_count);
    writer_key(w, "rules"), writer_open_array(w);
    for (uint32_t i = 0; i < d->rule_count; i++) {
        const struct detour_rule *r = &d->rules[i];
        message_format(text, sizeof text, MESSAGE_DETOUR_RULE, encoder->form->language,
                       minutes(less(r->without.duration_ms, d->lawful.duration_ms)),
                       km(less(r->without.distance_mm, d->lawful.distance_mm)),
                       minutes(less(r->only.duration_ms, d->together.duration_ms)),
                       km(less(r->only.distance_mm, d->together.distance_mm)));
        writer_open_object(w);
        writer_key(w, "effect"), writer_text(w, detour_effect_code(r->effect));
        writer_key(w, "saves_alone"), encode_difference(w, encoder, &d->lawful, &r->without);
        writer_key(w, "costs_alone"), encode_difference(w, encoder, &r->only, &d->together);
        writer_key(w, "text"), writer_text(w, text);
        writer_key(w, "rule"), encode_conflicts(w, encoder, &r->conflict, 1);
        writer_close_object(w);
    }
    writer_close_array(w);
    writer_key(w, "plan"), encode_plan(w, encoder, d->plan);
    writer_close_object(w);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void encode_summary(struct json_writer *w, const struct route_encoder *encoder, const struct explanation *e)
{
    enum language language = encoder->form->language;
    const struct detour *d = &e->detour;
    char text[TEXT_SIZE];
    bool lawful = e->answer.cause == STATUS_OK;
    uint32_t guilty = 0;
    for (uint32_t i = 0; lawful && i < d->rule_count; i++)
        guilty += d->rules[i].without.cost < d->lawful.cost || d->rules[i].only.cost > d->together.cost;
    if (lawful && d->lawful.cost > d->unrestricted.cost)
        message_format(text, sizeof text, MESSAGE_DETOUR_SUMMARY, language,
                       minutes(less(d->lawful.duration_ms, d->unrestricted.duration_ms)),
                       km(less(d->lawful.distance_mm, d->unrestricted.distance_mm)), guilty);
    else if (lawful) message_format(text, sizeof text, MESSAGE_DETOUR_NONE, language);
    else if (e->cut.leg == UINT32_MAX) message_format(text, sizeof text, MESSAGE_CUT_NONE, language);
    else message_format(text, sizeof text, MESSAGE_CUT_SUMMARY, language, e->cut.leg + 1, e->cut.total, e->cut.arc_count);
    writer_key(w, "summary"), writer_text(w, text);
}

enum status encode_explanation(struct buffer *out, const struct route_encoder *encoder, const struct explanation *e,
                               struct error *err)
{
    const struct answer *answer = &e->answer;
    bool lawful = answer->cause == STATUS_OK;
    enum status status = STATUS_OK;
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    encode_versions(&w, encoder);
    writer_key(&w, "lawful"), writer_boolean(&w, lawful);
    encode_summary(&w, encoder, e);
    if (lawful) {
        writer_key(&w, "plan"), encode_plan(&w, encoder, answer->plans[0]);
        writer_key(&w, "detour"), encode_detour(&w, encoder, &e->detour);
    } else {
        struct error cause = ERROR_INIT;
        encode_cause(answer->cause, &cause);
        writer_key(&w, "code"), writer_text(&w, status_code(answer->cause));
        writer_key(&w, "detail"), writer_text(&w, encoder->form->language == LANGUAGE_EN ? cause.en : cause.zh);
        writer_key(&w, "conflicts"), encode_conflicts(&w, encoder, answer->conflicts, answer->conflict_count);
        writer_key(&w, "relaxed_plan");
        if (answer->relaxed) encode_plan(&w, encoder, answer->relaxed);
        else writer_null(&w);
        writer_key(&w, "cut");
        status = encode_cut(&w, encoder, &e->cut, err);
    }
    writer_close_object(&w);
    return status;
}
