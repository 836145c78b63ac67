#include "api/handlers/reach.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/encode_route.h"
#include "api/handlers/common.h"
#include "api/parse/parse_reach.h"
#include "routing/planner/planner_reach.h"
#include "routing/search/reach_area.h"

#include <stdlib.h>
#include <string.h>

struct reach_state {
    struct reach_question question;
    struct rules_hold hold;
};

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
    writer_key(w, "origin"), encode_waypoint(w, encoder, &answer->origin);
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

/* Asks the planner: on a worker. */
static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct app_local *local = x->local;
    struct reach_state *state = x->user;
    struct reach_question *q = &state->question;
    char name[CRS_NAME_SIZE];
    memcpy(name, q->form.crs.name, sizeof name);
    if (wire_crs_open(&local->systems, name, &q->form.crs, &err) != STATUS_OK) { /* of this thread */
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view == NULL) return;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    if (reach_document(x, view, q, &out, &err) == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
    view_release(view);
}

/* Holds the request back on its event thread until the rules are there, then hands it over. */
static void hold_and_submit(struct exchange *x)
{
    struct reach_state *state = x->user;
    handler_submit(x, &state->hold, hold_and_submit, work);
}

/* WOULD_BLOCK is left to the caller, any other failure is answered. */
static enum status parse(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct reach_state *state = arena_zero(x->arena, 1, sizeof *state);
    struct parse_setting setting = handler_setting_past(x);
    x->user = state;
    enum status status = state ? parse_reach_text(x->body, x->body_length, &setting, &state->question, &err)
                               : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) state->hold.demand = state->question.demand;
    else if (status != STATUS_WOULD_BLOCK) exchange_problem(x, &err);
    return status;
}

static void parse_and_work(struct exchange *x)
{
    if (parse(x) == STATUS_OK) work(x);
}

void reach_post(struct exchange *x)
{
    if (!handler_ready(x)) return;
    enum status status = x->body_length > BODY_QUICK_MAX ? STATUS_WOULD_BLOCK : parse(x);
    if (status == STATUS_WOULD_BLOCK) exchange_submit(x, parse_and_work);
    else if (status == STATUS_OK) hold_and_submit(x);
}
