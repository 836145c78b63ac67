#include "api/handlers/reach.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/encode_route.h"
#include "api/handlers/asked.h"
#include "api/parse/parse_reach.h"
#include "routing/planner/planner_reach.h"
#include "routing/search/reach_area.h"

#include <stddef.h>
#include <stdlib.h>

static void open_feature(struct json_writer *w, const struct reach_question *q, const struct reach_contour *contour,
                         const char *kind)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Feature");
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "kind"), writer_text(w, kind);
    writer_key(w, q->by_distance ? "distance_m" : "duration_s"), writer_milli(w, contour->limit);
    writer_close_object(w);
    writer_key(w, "geometry");
}

static enum status encode_arcs(struct json_writer *w, const struct network *n, const struct reach_question *q,
                               const struct reach_contour *contour, struct error *err)
{
    struct point_e7 *points = NULL;
    size_t room = 0, count;
    enum status status = STATUS_OK;
    open_feature(w, q, contour, "arcs");
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "MultiLineString");
    writer_key(w, "coordinates"), writer_open_array(w);
    for (uint32_t i = 0; i < contour->part_count && status == STATUS_OK; i++) {
        status = reach_part_points(n, &contour->parts[i], &points, &room, &count, err);
        if (status != STATUS_OK) break;
        writer_open_array(w);
        for (size_t k = 0; k < count; k++) encode_point(w, &q->form.crs, points[k]);
        if (count == 1) encode_point(w, &q->form.crs, points[0]); /* a line has two */
        writer_close_array(w);
    }
    free(points);
    writer_close_array(w);
    writer_close_object(w);
    writer_close_object(w);
    return status;
}

static enum status encode_reach(struct json_writer *w, const struct route_encoder *encoder,
                                const struct reach_question *q, const struct reach_answer *answer, struct error *err)
{
    enum status status = STATUS_OK;
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "FeatureCollection");
    encode_versions(w, encoder);
    writer_key(w, "exact"), writer_boolean(w, answer->exact);
    writer_key(w, "origin"), encode_named_waypoint(w, encoder, &answer->origin, q->origin.name);
    writer_key(w, "features"), writer_open_array(w);
    for (uint32_t k = 0; k < answer->contour_count && status == STATUS_OK; k++) {
        const struct reach_contour *contour = &answer->contours[k];
        open_feature(w, q, contour, "area");
        encode_area(w, &q->form.crs, &contour->area);
        writer_close_object(w);
        if (q->arcs) status = encode_arcs(w, &encoder->view->base->network, q, contour, err);
    }
    writer_close_array(w);
    writer_close_object(w);
    return status;
}

/* Whatever keeps a vehicle from setting out is a matter of where it stands. */
static bool about_origin(enum status status)
{
    switch (status) {
    case STATUS_OUT_OF_RANGE:
    case STATUS_SNAP_TOO_FAR:
    case STATUS_ORIGIN_IN_CLOSED_ZONE:
    case STATUS_ROAD_CLOSED:
    case STATUS_TIME_WINDOW:
    case STATUS_VEHICLE_LIMIT:
    case STATUS_NO_OPEN_GATE:
    case STATUS_CREDENTIAL_MISSING:
    case STATUS_CREDENTIAL_EXPIRED_AT_GATE: return true;
    default: return false;
    }
}

enum status reach_document(struct exchange *x, const struct view *view, struct reach_question *q, struct buffer *out,
                           struct error *err)
{
    struct app_local *local = x->local;
    struct reach_answer answer = {.contour_count = q->limit_count};
    struct route_encoder encoder = {.view = view, .form = &q->form, .age = app_rules_age(x->app)};
    struct json_writer w;
    for (uint32_t k = 0; k < q->limit_count; k++) answer.contours[k].limit = q->limits[k];
    q->constraints.cancelled = handler_cancelled(x);
    struct arena parts; /* of the whole network, at most, for each contour */
    arena_init(&parts, (size_t)1 << 30);
    enum status status = handler_check_names(view, &q->constraints, err);
    if (status == STATUS_OK) {
        status = planner_reach(local->planner, view, &q->constraints, &q->origin, q->by_distance, q->width_mm, &parts,
                               &answer, err);
        if (about_origin(status)) error_pointer(err, "/origin/location");
    }
    exchange_charge(x, answer.settled);
    encode_decision(&encoder);
    writer_init(&w, out);
    if (status == STATUS_OK) status = encode_reach(&w, &encoder, q, &answer, err);
    reach_answer_clear(&answer);
    arena_clear(&parts);
    return status;
}

static enum status answer(struct exchange *x, const struct view *view, void *question, struct buffer *out, struct error *err)
{
    return reach_document(x, view, question, out, err);
}

static enum status read(struct exchange *x, const struct parse_setting *setting, void *question, struct error *err)
{
    return parse_reach_text(x->body, x->body_length, setting, question, err);
}

void reach_post(struct exchange *x)
{
    static const struct asked_kind asked = {.size = sizeof(struct reach_question), .demand = offsetof(struct reach_question, demand),
                                            .form = offsetof(struct reach_question, form), .read = read, .answer = answer};
    asked_post(x, &asked);
}
