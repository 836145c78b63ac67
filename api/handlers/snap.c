#include "api/handlers/snap.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/encode_route.h"
#include "api/handlers/common.h"
#include "api/parse/parse_table.h"
#include "api/parse/query_json.h"

enum { QUICK_PLACES = 32 }; /* places that an event thread looks for itself */

struct snap_state {
    struct snap_question question;
    struct rules_hold hold;
};

/* Each location's places, as one array per location. */
static enum status encode_places(struct exchange *x, struct json_writer *w, const struct route_encoder *encoder,
                                 struct error *err)
{
    const struct snap_question *q = &((struct snap_state *)x->user)->question;
    struct app_local *local = x->local;
    struct waypoint *found = arena_take(x->arena, q->number * sizeof *found);
    if (found == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < q->location_count; i++) {
        uint32_t count = 0;
        enum status status = planner_snap(local->planner, encoder->view, &q->vehicle, q->locations[i], q->max_snap_mm, found, q->number,
                                          &count, err);
        if (status == STATUS_OUT_OF_RANGE && q->listed) error_pointer(err, "/locations/%u", i);
        else if (status == STATUS_OUT_OF_RANGE) error_pointer(err, "/location");
        if (status != STATUS_OK) return status;
        writer_open_object(w);
        writer_key(w, "requested"), encode_point(w, &q->form.crs, q->locations[i]);
        writer_key(w, "places"), writer_open_array(w);
        for (uint32_t k = 0; k < count; k++) encode_waypoint(w, encoder, &found[k]);
        writer_close_array(w);
        writer_close_object(w);
    }
    return STATUS_OK;
}

/* The reference on `view` is taken over. */
static void reply(struct exchange *x, struct view *view)
{
    struct snap_state *state = x->user;
    struct error err = ERROR_INIT;
    struct buffer out;
    struct json_writer w;
    struct route_encoder encoder = {.view = view, .form = &state->question.form, .age = app_rules_age(x->app)};
    encode_decision(&encoder);
    buffer_init(&out, ANSWER_MAX);
    writer_init(&w, &out);
    writer_open_object(&w);
    encode_versions(&w, &encoder);
    writer_key(&w, "locations"), writer_open_array(&w);
    enum status status = encode_places(x, &w, &encoder, &err);
    writer_close_array(&w);
    writer_close_object(&w);
    view_release(view);
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

static void answer_quickly(struct exchange *x)
{
    struct snap_state *state = x->user;
    struct view *view = handler_view(x, &state->hold, answer_quickly);
    if (view) reply(x, view);
}

static void work(struct exchange *x)
{
    struct snap_state *state = x->user;
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view) reply(x, view);
}

static enum status parse_get(struct exchange *x, const struct parse_setting *setting, struct snap_question *out,
                             struct error *err)
{
    json_t *document;
    TRY(query_to_json(x->target, query_snap_rows, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_snap(&root, setting, out, err);
    json_decref(document);
    return status;
}

/* Parses the body or the query. WOULD_BLOCK is left to the caller, any other failure is answered. */
static enum status parse(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct snap_state *state = arena_zero(x->arena, 1, sizeof *state);
    struct parse_setting setting = handler_setting_past(x);
    enum status status;
    x->user = state;
    if (state == NULL) status = error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else if (x->method == HTTP_GET) status = parse_get(x, &setting, &state->question, &err);
    else status = parse_snap_text(x->body, x->body_length, &setting, &state->question, &err);
    if (status == STATUS_OK) state->hold.demand = state->question.demand;
    else if (status != STATUS_WOULD_BLOCK) exchange_problem(x, &err);
    return status;
}

static void parse_and_work(struct exchange *x)
{
    if (parse(x) == STATUS_OK) work(x);
}

void snap_any(struct exchange *x)
{
    if (!handler_ready(x)) return;
    enum status status = parse(x);
    struct snap_state *state = x->user;
    if (status == STATUS_OK && (state->question.location_count * state->question.number > QUICK_PLACES || handler_wants_past(&state->hold)))
        status = STATUS_WOULD_BLOCK;
    if (status == STATUS_WOULD_BLOCK) exchange_submit(x, parse_and_work);
    else if (status == STATUS_OK) answer_quickly(x);
}
