/* The planner's answer as the JSON of POST /v1/route. */
#ifndef API_ENCODE_ROUTE_H
#define API_ENCODE_ROUTE_H

#include "api/app.h"
#include "api/json/writer.h"
#include "api/parse/parse_route.h"
#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"
#include "routing/planner/relay.h"
#include "routing/search/tour.h"

enum { DECISION_ID_SIZE = 33 };

/* What an answer is written from. All borrowed. */
struct route_encoder {
    const struct view *view;
    const struct route_request *request;
    const struct wire_form *form;
    bool ordered;      /* the stops were put in an order, and so: */
    struct tour order;
    struct rules_age age;
    char decision_id[DECISION_ID_SIZE];
};

/** Sets a fresh random decision id. */
void encode_decision(struct route_encoder *encoder);

/** The members that every answer of routes begins with: network_version, rules_version, as_of, decision_id, crs, and
 *  the age of the rules while the database is away. Inside an open object. */
void encode_versions(struct json_writer *w, const struct route_encoder *encoder);

/** The whole document of an answer with plans. Cost: about 30 ns a coordinate. */
void encode_answer(struct buffer *out, const struct route_encoder *encoder, const struct answer *answer);

/** The answer of a relay: two plans, each written for the vehicle it is for, with `relay`: the station, the hand-over, and
 *  `cause`, why there is no direct trip. */
void encode_relayed(struct buffer *out, const struct route_encoder *encoder, const struct relayed *relayed, enum status cause);

/** What a problem document gets beside its own members when there is no lawful plan, without braces: versions,
 *  conflicts, relaxed_plan. */
void encode_no_plan(struct buffer *out, const struct route_encoder *encoder, const struct answer *answer);

/** The same of a relay for which no station serves: `relay` with those that were looked at and what came of each. */
void encode_no_relay(struct buffer *out, const struct route_encoder *encoder, const struct relayed *relayed);

/** One plan: {duration_s, …, legs, corridor, warnings, violations}. */
void encode_plan(struct json_writer *w, const struct route_encoder *encoder, const struct plan *plan);

/** Rules in the way: [{rule, code, id, name, location, road, needed, …}]. A rule that only slows down has code null. */
void encode_conflicts(struct json_writer *w, const struct route_encoder *encoder, const struct conflict *conflicts,
                      uint32_t count);

/** The text of a cause for people: sets *err to it. */
void encode_cause(enum status cause, struct error *err);

/** One place that a question names: {requested, snapped, distance_m, road, …}; one that cannot be used says why in `code` and `cause`, and
 *  what is not known of it is null. name: what the question calls it, or NULL. */
void encode_named_waypoint(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint, const char *name);

/** The same for a place of the encoder's request, named as it is there. */
void encode_waypoint(struct json_writer *w, const struct route_encoder *encoder, const struct waypoint *waypoint);

#endif
