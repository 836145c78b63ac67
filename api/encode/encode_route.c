#include "api/encode/encode_route.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/instructions.h"
#include "api/encode/plan_digest.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { INSTRUCTION_MAX = 4096 };

void encode_decision(struct route_encoder *encoder)
{
    unsigned char bytes[(DECISION_ID_SIZE - 1) / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(encoder->decision_id, sizeof encoder->decision_id, bytes, sizeof bytes);
}

void encode_versions(struct json_writer *w, const struct route_encoder *encoder)
{
    const struct rules *rules = encoder->view->rules;
    writer_key(w, "network_version"), writer_text(w, encoder->view->base->network.version);
    writer_key(w, "rules_version"), writer_integer(w, rules->version);
    writer_key(w, "as_of"), writer_time(w, rules->as_of_ms);
    writer_key(w, "decision_id"), writer_text(w, encoder->decision_id);
    writer_key(w, "crs"), writer_text(w, encoder->form->crs.name);
    if (!encoder->age.connected || encoder->age.stale) {
        writer_key(w, "rules_age_s"), writer_integer(w, encoder->age.contact_ms / 1000);
        writer_key(w, "rules_stale"), writer_boolean(w, encoder->age.stale);
    }
}

/* ---- small things ------------------------------------------------------------------------------------------ */

static const char *pick(const struct wire_form *form, const char *zh, const char *en)
{
    return form->language == LANGUAGE_EN ? en : zh;
}

/* mm as m, kg as t, a count as it is. */
static void encode_limit_value(struct json_writer *w, enum limit_kind kind, uint32_t value)
{
    if (kind == LIMIT_AXLES) writer_integer(w, value);
    else writer_milli(w, value);
}

static const char *limit_name(const struct wire_form *form, enum limit_kind kind)
{
    static const char *const en[LIMIT_COUNT] = {
        [LIMIT_HEIGHT] = "height",       [LIMIT_WIDTH] = "width",         [LIMIT_LENGTH] = "length",
        [LIMIT_GROSS_WEIGHT] = "weight", [LIMIT_AXLE_LOAD] = "axle load", [LIMIT_AXLES] = "axles",
        [LIMIT_BRIDGE] = "bridge weight",
    };
    return pick(form, limit_kind_zh(kind), en[kind]);
}

/* What the request calls the place. */
static const char *call_name(const struct route_encoder *encoder, const struct waypoint *waypoint)
{
    const struct route_request *r = encoder->request;
    if (r == NULL || waypoint->rest) return NULL;
    const struct call *call = waypoint->call < r->call_count ? &r->calls[waypoint->call] : r->has_base ? &r->base : NULL;
    return call ? call->name : NULL;
}

static void encode_rest(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint)
{
    const struct rules_input *input = encoder->view->rules->input;
    if (!waypoint->rest || waypoint->rest > input->facility_count) return;
    const struct facility *f = &input->facilities[waypoint->rest - 1];
    writer_key(w, "name"), writer_text(w, pick(encoder->form, f->name, f->name_en));
    writer_key(w, "rest"), writer_text(w, f->id);
}

static void encode_snapped(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint)
{
    const struct network *n = &encoder->view->base->network;
    writer_key(w, "snapped"), encode_point(w, &encoder->form->crs, waypoint->snapped);
    writer_key(w, "distance_m"), writer_milli(w, waypoint->distance_mm);
    writer_key(w, "road"), writer_text(w, road_label(n, waypoint->road, encoder->form->language));
    if (waypoint->road < n->road_count) {
        writer_key(w, "road_id"), writer_integer(w, n->road_source_id[waypoint->road]);
        writer_key(w, "class"), writer_text(w, road_class_code((enum road_class)n->road_class[waypoint->road]));
    }
    if (waypoint->moved) writer_key(w, "moved"), writer_boolean(w, true);
    encode_rest(w, encoder, waypoint);
}

static void encode_refused(struct json_writer *w, const struct route_encoder *encoder, enum status refused)
{
    struct error cause = ERROR_INIT;
    encode_cause(refused, &cause);
    writer_key(w, "snapped"), writer_null(w);
    writer_key(w, "distance_m"), writer_null(w);
    writer_key(w, "road"), writer_null(w);
    writer_key(w, "code"), writer_text(w, status_code(refused));
    writer_key(w, "cause"), writer_text(w, pick(encoder->form, cause.zh, cause.en));
}

void encode_named_waypoint(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint, const char *name)
{
    writer_open_object(w);
    writer_key(w, "requested"), encode_point(w, &encoder->form->crs, waypoint->requested);
    if (waypoint->refused == STATUS_OK) encode_snapped(w, encoder, waypoint);
    else encode_refused(w, encoder, waypoint->refused);
    if (name) writer_key(w, "name"), writer_text(w, name);
    writer_close_object(w);
}

void encode_waypoint(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint)
{
    encode_named_waypoint(w, encoder, waypoint, call_name(encoder, waypoint));
}

/* ---- legs -------------------------------------------------------------------------------------------------- */

static void encode_steps(struct json_writer *w, const struct route_encoder *encoder, const struct leg *leg)
{
    const struct network *n = &encoder->view->base->network;
    struct buffer text;
    buffer_init(&text, INSTRUCTION_MAX);
    writer_open_array(w);
    for (uint32_t i = 0; i < leg->step_count; i++) {
        const struct step *step = &leg->steps[i];
        buffer_reset(&text);
        instruction_write(&text, encoder->view, leg, step, encoder->form->language);
        writer_open_object(w);
        writer_key(w, "instruction"), writer_text_bytes(w, text.data ? text.data : "", text.length);
        writer_key(w, "road"), writer_text(w, road_label(n, step->road, encoder->form->language));
        writer_key(w, "distance_m"), writer_milli(w, (int64_t)step->distance_mm);
        writer_key(w, "duration_s"), writer_milli(w, step->duration_ms);
        writer_key(w, "maneuver"), writer_open_object(w);
        writer_key(w, "type"), writer_text(w, maneuver_code(step->maneuver));
        writer_key(w, "bearing_before"), writer_integer(w, step->bearing_before_deg);
        writer_key(w, "bearing_after"), writer_integer(w, step->bearing_after_deg);
        if (step->first_point < leg->point_count)
            writer_key(w, "location"), encode_point(w, &encoder->form->crs, leg->points[step->first_point]);
        writer_close_object(w);
        if (encoder->form->geometry != GEOMETRY_NONE) {
            writer_key(w, "first_point"), writer_integer(w, step->first_point);
            writer_key(w, "point_count"), writer_integer(w, step->point_count);
        }
        writer_close_object(w);
    }
    writer_close_array(w);
    buffer_clear(&text);
}

static void encode_gates(struct json_writer *w, const struct route_encoder *encoder, const struct leg *leg)
{
    const struct rules_input *input = encoder->view->rules->input;
    writer_open_array(w);
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *gate = &leg->gates[i];
        const struct checkpoint *checkpoint = &input->checkpoints[gate->checkpoint];
        writer_open_object(w);
        writer_key(w, "checkpoint"), writer_text(w, checkpoint->id);
        writer_key(w, "name"), writer_text(w, checkpoint->name);
        writer_key(w, "zone"), writer_text(w, input->zones[gate->zone].id);
        writer_key(w, "zone_name"), writer_text(w, input->zones[gate->zone].name);
        writer_key(w, "direction"), writer_text(w, gate->direction == GATE_ENTER ? "enter" : "exit");
        writer_key(w, "at"), writer_time(w, gate->at_ms);
        writer_key(w, "wait_s"), writer_milli(w, gate->wait_ms);
        writer_key(w, "inspection_s"), writer_milli(w, gate->inspection_ms);
        writer_key(w, "green_channel"), writer_boolean(w, gate->green_channel);
        writer_key(w, "credentials"), writer_open_array(w);
        for (uint32_t k = 0; k < gate->credential_count; k++)
            writer_text(w, encoder->request->credentials[gate->credentials[k]].type_code);
        writer_close_array(w);
        writer_key(w, "location"), encode_point(w, &encoder->form->crs, gate->point);
        writer_key(w, "offset_m"), writer_milli(w, (int64_t)gate->offset_mm);
        writer_close_object(w);
    }
    writer_close_array(w);
}

static void encode_zones(struct json_writer *w, const struct route_encoder *encoder, const struct leg *leg)
{
    const struct rules_input *input = encoder->view->rules->input;
    writer_open_array(w);
    for (uint32_t i = 0; i < leg->zone_count; i++) {
        const struct zone_contact *contact = &leg->zones[i];
        const struct zone *zone = &input->zones[contact->zone];
        writer_open_object(w);
        writer_key(w, "zone"), writer_text(w, zone->id);
        writer_key(w, "name"), writer_text(w, zone->name);
        writer_key(w, "class"), writer_text(w, zone->class_code);
        writer_key(w, "rule"), writer_text(w, rule_kind_code(contact->kind));
        writer_key(w, "distance_m"), writer_milli(w, (int64_t)contact->distance_mm);
        writer_key(w, "enter_at"), writer_time(w, contact->enter_ms);
        writer_key(w, "leave_at"), writer_time(w, contact->leave_ms);
        writer_key(w, "why"), writer_text(w, message_text(contact->why, encoder->form->language));
        writer_close_object(w);
    }
    writer_close_array(w);
}

static void encode_limits(struct json_writer *w, const struct route_encoder *encoder, const struct leg *leg)
{
    const struct network *n = &encoder->view->base->network;
    const struct rules_input *input = encoder->view->rules->input;
    writer_open_array(w);
    for (uint32_t i = 0; i < leg->limit_count; i++) {
        const struct limit_met *met = &leg->limits[i];
        writer_open_object(w);
        writer_key(w, "kind"), writer_text(w, limit_kind_code(met->kind));
        writer_key(w, "name"), writer_text(w, limit_name(encoder->form, met->kind));
        writer_key(w, "limit"), encode_limit_value(w, met->kind, met->limit);
        writer_key(w, "vehicle"), encode_limit_value(w, met->kind, met->vehicle);
        if (met->limit >= met->vehicle)
            writer_key(w, "margin"), encode_limit_value(w, met->kind, met->limit - met->vehicle);
        if (met->assumed) writer_key(w, "assumed"), writer_boolean(w, true);
        writer_key(w, "road"), writer_text(w, road_label(n, met->road, encoder->form->language));
        if (met->closure < input->closure_count)
            writer_key(w, "closure"), writer_text(w, input->closures[met->closure].id);
        writer_close_object(w);
    }
    writer_close_array(w);
}

static void encode_leg(struct json_writer *w, const struct route_encoder *encoder, const struct leg *leg)
{
    writer_open_object(w);
    writer_key(w, "kind"), writer_text(w, leg_kind_code(leg->kind));
    writer_key(w, "from"), writer_integer(w, leg->from);
    writer_key(w, "to"), writer_integer(w, leg->to);
    writer_key(w, "depart_at"), writer_time(w, leg->depart_ms);
    writer_key(w, "arrive_at"), writer_time(w, leg->arrive_ms);
    writer_key(w, "duration_s"), writer_milli(w, leg->arrive_ms - leg->depart_ms);
    writer_key(w, "drive_s"), writer_milli(w, leg->drive_ms);
    writer_key(w, "wait_s"), writer_milli(w, leg->wait_ms);
    writer_key(w, "distance_m"), writer_milli(w, (int64_t)leg->distance_mm);
    if (encoder->form->geometry != GEOMETRY_NONE)
        writer_key(w, "geometry"), encode_line(w, encoder->form, leg->points, leg->point_count);
    if (encoder->form->steps) writer_key(w, "steps"), encode_steps(w, encoder, leg);
    writer_key(w, "gates"), encode_gates(w, encoder, leg);
    writer_key(w, "zones"), encode_zones(w, encoder, leg);
    writer_key(w, "limits"), encode_limits(w, encoder, leg);
    writer_close_object(w);
}

/* ---- conflicts --------------------------------------------------------------------------------------------- */

static const char *conflict_rule(enum conflict_kind kind)
{
    static const char *const codes[] = {
        [CONFLICT_ZONE] = "zone",       [CONFLICT_GATE] = "gate",     [CONFLICT_CREDENTIAL] = "credential",
        [CONFLICT_LIMIT] = "limit",     [CONFLICT_CLOSURE] = "closure", [CONFLICT_ACCESS] = "access",
        [CONFLICT_AVOID] = "avoid",
    };
    return codes[kind];
}

/* Which object it is about: {id, name} of the closest one. */
static void encode_conflict_object(struct json_writer *w, const struct route_encoder *encoder, const struct conflict *c)
{
    const struct network *n = &encoder->view->base->network;
    const struct rules_input *input = encoder->view->rules->input;
    bool gate = c->kind == CONFLICT_GATE || c->kind == CONFLICT_CREDENTIAL;
    const char *id = NULL, *name = NULL;
    char road_id[24];
    if (gate && c->checkpoint < input->checkpoint_count) {
        id = input->checkpoints[c->checkpoint].id, name = input->checkpoints[c->checkpoint].name;
    } else if (c->zone < input->zone_count) {
        id = input->zones[c->zone].id, name = input->zones[c->zone].name;
    } else if (c->closure < input->closure_count) {
        id = input->closures[c->closure].id, name = input->closures[c->closure].name;
    } else if (c->kind == CONFLICT_AVOID) {
        name = pick(encoder->form, "请求中要求避让的区域", "what the request asks to avoid");
    } else if (c->road < n->road_count) {
        snprintf(road_id, sizeof road_id, "%lld", (long long)n->road_source_id[c->road]);
        id = road_id, name = road_label(n, c->road, encoder->form->language);
    }
    writer_key(w, "id"), writer_text(w, id);
    writer_key(w, "name"), writer_text(w, name);
    if (gate && c->zone < input->zone_count) {
        writer_key(w, "zone"), writer_text(w, input->zones[c->zone].id);
        writer_key(w, "zone_name"), writer_text(w, input->zones[c->zone].name);
    }
}

void encode_conflicts(struct json_writer *w, const struct route_encoder *encoder, const struct conflict *conflicts,
                      uint32_t count)
{
    const struct network *n = &encoder->view->base->network;
    writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) {
        const struct conflict *c = &conflicts[i];
        writer_open_object(w);
        writer_key(w, "rule"), writer_text(w, conflict_rule(c->kind));
        writer_key(w, "code"), writer_text(w, c->cause == STATUS_OK ? NULL : status_code(c->cause));
        encode_conflict_object(w, encoder, c);
        writer_key(w, "location"), encode_point(w, &encoder->form->crs, c->point);
        writer_key(w, "road");
        if (c->road < n->road_count) writer_text(w, road_label(n, c->road, encoder->form->language));
        else writer_null(w);
        if (c->kind == CONFLICT_LIMIT) {
            writer_key(w, "limit_kind"), writer_text(w, limit_kind_code(c->limit_kind));
            writer_key(w, "limit"), encode_limit_value(w, c->limit_kind, c->limit);
            writer_key(w, "vehicle"), encode_limit_value(w, c->limit_kind, c->vehicle);
        }
        writer_key(w, "needed"), writer_text(w, pick(encoder->form, c->needed_zh, c->needed_en));
        writer_close_object(w);
    }
    writer_close_array(w);
}

/* ---- plans ------------------------------------------------------------------------------------------------- */

static const char *warning_code(enum warning_kind kind)
{
    static const char *const codes[] = {
        [WARNING_ASSUMED_ATTRIBUTE] = "assumed_attribute", [WARNING_CAUTION_ZONE] = "caution_zone",
        [WARNING_WAIT] = "wait",                           [WARNING_RULES_AGE] = "rules_age",
        [WARNING_MOVED_ENDPOINT] = "moved_endpoint",       [WARNING_SPLIT_LEGS] = "split_legs",
        [WARNING_PLATE_UNKNOWN] = "plate_unknown",
    };
    return codes[kind];
}

static void encode_warning(struct json_writer *w, const char *code, const char *text)
{
    writer_open_object(w);
    writer_key(w, "code"), writer_text(w, code);
    writer_key(w, "text"), writer_text(w, text);
    writer_close_object(w);
}

static void encode_warnings(struct json_writer *w, const struct route_encoder *encoder, const struct plan *plan)
{
    writer_open_array(w);
    for (uint32_t i = 0; i < plan->warning_count; i++) {
        const struct warning *warning = &plan->warnings[i];
        encode_warning(w, warning_code(warning->kind), pick(encoder->form, warning->zh, warning->en));
    }
    if (plan->judged_at_departure)
        encode_warning(w, "judged_at_departure", message_text(MESSAGE_JUDGED_AT_DEPARTURE, encoder->form->language));
    if (!encoder->age.connected)
        encode_warning(w, "rules_age", message_text(MESSAGE_RULES_AGE, encoder->form->language));
    if (encoder->age.rejected >= 0)
        encode_warning(w, "rules_rejected", message_text(MESSAGE_RULES_REJECTED, encoder->form->language));
    writer_close_array(w);
}

/* Where and when the driver rests. The legs before and after meet at that waypoint. */
static void encode_rests(struct json_writer *w, const struct route_encoder *encoder, const struct plan *plan)
{
    writer_open_array(w);
    for (uint32_t i = 1; i < plan->leg_count; i++) {
        if (plan->waypoints[i].rest == 0) continue;
        writer_open_object(w);
        writer_key(w, "waypoint"), writer_integer(w, i);
        encode_rest(w, encoder, &plan->waypoints[i]);
        writer_key(w, "at"), writer_time(w, plan->legs[i - 1].arrive_ms);
        writer_key(w, "rest_s"), writer_milli(w, plan->legs[i].depart_ms - plan->legs[i - 1].arrive_ms);
        writer_close_object(w);
    }
    writer_close_array(w);
}

void encode_plan(struct json_writer *w, const struct route_encoder *encoder, const struct plan *plan)
{
    char digest[PLAN_DIGEST_SIZE];
    plan_digest(encoder->view, plan, digest);
    writer_open_object(w);
    writer_key(w, "duration_s"), writer_milli(w, plan->duration_ms);
    writer_key(w, "drive_s"), writer_milli(w, plan->drive_ms);
    writer_key(w, "wait_s"), writer_milli(w, plan->wait_ms);
    writer_key(w, "distance_m"), writer_milli(w, (int64_t)plan->distance_mm);
    writer_key(w, "toll_cny"), writer_decimal(w, plan->toll_fen, 2);
    writer_key(w, "issuable"), writer_boolean(w, plan->issuable);
    writer_key(w, "judged_at"), writer_text(w, plan->judged_at_departure ? "departure" : "passing");
    writer_key(w, "digest"), writer_text(w, digest);
    writer_key(w, "waypoints"), writer_open_array(w);
    for (uint32_t i = 0; i < plan->waypoint_count; i++) encode_waypoint(w, encoder, &plan->waypoints[i]);
    writer_close_array(w);
    if (encoder->request->rests) writer_key(w, "rests"), encode_rests(w, encoder, plan);
    writer_key(w, "legs"), writer_open_array(w);
    for (uint32_t i = 0; i < plan->leg_count; i++) encode_leg(w, encoder, &plan->legs[i]);
    writer_close_array(w);
    writer_key(w, "corridor"), encode_area(w, &encoder->form->crs, &plan->corridor);
    writer_key(w, "warnings"), encode_warnings(w, encoder, plan);
    writer_key(w, "violations"), encode_conflicts(w, encoder, plan->violations, plan->violation_count);
    writer_close_object(w);
}

/* The stops of the question in the order chosen, and what is proved about it. */
static void encode_order(struct json_writer *w, const struct route_encoder *encoder)
{
    const struct tour *tour = &encoder->order;
    if (!encoder->ordered) return;
    writer_key(w, "order"), writer_open_object(w);
    writer_key(w, "exact"), writer_boolean(w, tour->exact);
    writer_key(w, "gap");
    if (tour->exact) writer_integer(w, 0);
    else if (tour->found && tour->bound > 0) writer_number(w, (double)(tour->cost - tour->bound) / (double)tour->bound, 4);
    else writer_null(w);
    writer_key(w, "sequence"), writer_open_array(w);
    for (uint32_t i = 0; i + 2 < encoder->request->call_count; i++) writer_integer(w, tour->order[i] - 1);
    writer_close_array(w);
    writer_close_object(w);
}

void encode_answer(struct buffer *out, const struct route_encoder *encoder, const struct answer *answer)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    encode_versions(&w, encoder);
    encode_order(&w, encoder);
    writer_key(&w, "plans"), writer_open_array(&w);
    for (uint32_t i = 0; i < answer->plan_count; i++) encode_plan(&w, encoder, answer->plans[i]);
    writer_close_array(&w);
    writer_close_object(&w);
}

void encode_relayed(struct buffer *out, const struct route_encoder *encoder, const struct relayed *relayed, enum status cause)
{
    const struct facility *f = &encoder->view->rules->input->facilities[relayed->facility];
    const struct plan *outer = relayed->outer_plan, *inner = relayed->inner_plan;
    int64_t arrive_ms = outer->legs[outer->leg_count - 1].arrive_ms, end_ms = inner->legs[inner->leg_count - 1].arrive_ms;
    struct route_encoder each = *encoder;
    struct error why = ERROR_INIT;
    struct json_writer w;
    encode_cause(cause, &why);
    writer_init(&w, out);
    writer_open_object(&w);
    encode_versions(&w, encoder);
    writer_key(&w, "relay"), writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, status_code(cause));
    writer_key(&w, "cause"), writer_text(&w, pick(encoder->form, why.zh, why.en));
    writer_key(&w, "station"), writer_text(&w, f->id);
    writer_key(&w, "name"), writer_text(&w, pick(encoder->form, f->name, f->name_en));
    writer_key(&w, "location"), encode_point(&w, &encoder->form->crs, f->point);
    writer_key(&w, "arrive_at"), writer_time(&w, arrive_ms);
    writer_key(&w, "hand_over_s"), writer_milli(&w, relayed->hand_over_ms);
    writer_key(&w, "depart_at"), writer_time(&w, arrive_ms + relayed->hand_over_ms);
    writer_key(&w, "duration_s"), writer_milli(&w, end_ms - relayed->outer->depart_ms);
    writer_key(&w, "distance_m"), writer_milli(&w, (int64_t)(outer->distance_mm + inner->distance_mm));
    writer_key(&w, "toll_cny"), writer_decimal(&w, (int64_t)outer->toll_fen + inner->toll_fen, 2);
    writer_close_object(&w);
    writer_key(&w, "plans"), writer_open_array(&w);
    each.request = relayed->outer;
    encode_plan(&w, &each, outer);
    each.request = relayed->inner;
    encode_plan(&w, &each, inner);
    writer_close_array(&w);
    writer_close_object(&w);
}

void encode_no_plan(struct buffer *out, const struct route_encoder *encoder, const struct answer *answer)
{
    struct json_writer w;
    writer_init(&w, out);
    encode_versions(&w, encoder);
    encode_order(&w, encoder);
    writer_key(&w, "conflicts"), encode_conflicts(&w, encoder, answer->conflicts, answer->conflict_count);
    writer_key(&w, "relaxed_plan");
    if (answer->relaxed) encode_plan(&w, encoder, answer->relaxed);
    else writer_null(&w);
}

void encode_no_relay(struct buffer *out, const struct route_encoder *encoder, const struct relayed *relayed)
{
    static const enum message messages[] = {[RELAY_NO_WAY_TO] = MESSAGE_RELAY_NO_WAY_TO, [RELAY_NO_STAY] = MESSAGE_RELAY_NO_STAY,
                                            [RELAY_NO_WAY_ON] = MESSAGE_RELAY_NO_WAY_ON};
    struct json_writer w;
    struct error said = ERROR_INIT;
    writer_init(&w, out);
    writer_key(&w, "relay"), writer_open_object(&w);
    if (relayed->trial_count > 0) error_set(&said, STATUS_INVALID, MESSAGE_RELAY_NO_STATION_SERVES, relayed->trial_count, relayed->station_count);
    else error_set(&said, STATUS_INVALID, MESSAGE_RELAY_NO_STATION);
    writer_key(&w, "cause"), writer_text(&w, pick(encoder->form, said.zh, said.en));
    writer_key(&w, "stations_active"), writer_integer(&w, relayed->station_count);
    writer_key(&w, "stations"), writer_open_array(&w);
    for (uint32_t i = 0; i < relayed->trial_count; i++) {
        const struct relay_trial *t = &relayed->trials[i];
        const struct facility *f = &encoder->view->rules->input->facilities[t->facility];
        struct error why = ERROR_INIT;
        writer_open_object(&w);
        writer_key(&w, "station"), writer_text(&w, f->id);
        writer_key(&w, "name"), writer_text(&w, pick(encoder->form, f->name, f->name_en));
        writer_key(&w, "location"), encode_point(&w, &encoder->form->crs, f->point);
        writer_key(&w, "verdict"), writer_text(&w, relay_verdict_code(t->verdict));
        writer_key(&w, "why"), writer_text(&w, message_text(messages[t->verdict], encoder->form->language));
        writer_key(&w, "code");
        if (t->cause == STATUS_OK) writer_null(&w);
        else writer_text(&w, status_code(t->cause));
        if (t->cause != STATUS_OK) {
            encode_cause(t->cause, &why);
            writer_key(&w, "cause"), writer_text(&w, pick(encoder->form, why.zh, why.en));
        }
        writer_close_object(&w);
    }
    writer_close_array(&w);
    writer_close_object(&w);
}

void encode_cause(enum status cause, struct error *err)
{
    enum message message;
    switch (cause) {
    case STATUS_ORIGIN_IN_CLOSED_ZONE: message = MESSAGE_CAUSE_ORIGIN_IN_CLOSED_ZONE; break;
    case STATUS_STOP_IN_CLOSED_ZONE: message = MESSAGE_CAUSE_STOP_IN_CLOSED_ZONE; break;
    case STATUS_DESTINATION_IN_CLOSED_ZONE: message = MESSAGE_CAUSE_DESTINATION_IN_CLOSED_ZONE; break;
    case STATUS_NO_OPEN_GATE: message = MESSAGE_CAUSE_NO_OPEN_GATE; break;
    case STATUS_CREDENTIAL_MISSING: message = MESSAGE_CAUSE_CREDENTIAL_MISSING; break;
    case STATUS_CREDENTIAL_EXPIRED_AT_GATE: message = MESSAGE_CAUSE_CREDENTIAL_EXPIRED_AT_GATE; break;
    case STATUS_VEHICLE_LIMIT: message = MESSAGE_CAUSE_VEHICLE_LIMIT; break;
    case STATUS_NO_REST_AREA: message = MESSAGE_CAUSE_NO_REST_AREA; break;
    case STATUS_TIME_WINDOW: message = MESSAGE_CAUSE_TIME_WINDOW; break;
    case STATUS_ROAD_CLOSED: message = MESSAGE_CAUSE_ROAD_CLOSED; break;
    case STATUS_DISCONNECTED: message = MESSAGE_CAUSE_DISCONNECTED; break;
    case STATUS_SNAP_TOO_FAR: message = MESSAGE_CAUSE_SNAP_TOO_FAR; break;
    case STATUS_SEARCH_BUDGET_EXCEEDED: message = MESSAGE_CAUSE_SEARCH_BUDGET; break;
    default:
        error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        error_log(err, "planner gave cause %s", status_name(cause));
        return;
    }
    error_set(err, cause, message);
}
