#include "api/encode/encode_osrm.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/encode_match.h"
#include "api/encode/instructions.h"
#include "api/encode/simplify.h"
#include "api/json/writer.h"
#include "geo/geodesic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts ------------------------------------------------------------------------------------------------- */

static void encode_shape(struct json_writer *w, const struct osrm_query *query, const struct point_e7 *points,
                         size_t count)
{
    static const enum geometry_format formats[] = {[OSRM_POLYLINE] = GEOMETRY_POLYLINE5,
                                                   [OSRM_POLYLINE6] = GEOMETRY_POLYLINE6,
                                                   [OSRM_GEOJSON] = GEOMETRY_GEOJSON};
    const struct wire_form form = {.geometry = formats[query->geometry], .crs = WIRE_CRS_DEFAULT};
    encode_line(w, &form, points, count);
}

static const char *road_name(const struct network *n, road_index road)
{
    return road < n->road_count ? network_road_name(n, road) : "";
}

#define NO_TRIP UINT32_MAX

static void encode_osrm_waypoint(struct json_writer *w, const struct view *view, const struct osrm_query *query,
                                 const struct waypoint *waypoint, bool with_nodes, uint32_t trip_index)
{
    const struct network *n = &view->base->network;
    if (waypoint->refused != STATUS_OK) {
        writer_null(w);
        return;
    }
    writer_open_object(w);
    if (with_nodes && waypoint->road < n->road_count) {
        /* ends of the road in driving direction; 0 stands for "none" as in OSRM */
        arc_id forward = n->road_arc[2 * (size_t)waypoint->road], backward = n->road_arc[2 * (size_t)waypoint->road + 1];
        arc_id arc = forward != NO_ARC ? forward : backward;
        writer_key(w, "nodes"), writer_open_array(w);
        writer_integer(w, arc != NO_ARC ? n->node_source_id[n->arc_tail[arc]] : 0);
        writer_integer(w, arc != NO_ARC ? n->node_source_id[n->arc_head[arc]] : 0);
        writer_close_array(w);
    }
    if (query->hints) {
        writer_key(w, "hint"), writer_text(w, "");
    }
    writer_key(w, "distance"), writer_milli(w, waypoint->distance_mm);
    writer_key(w, "name"), writer_text(w, road_name(n, waypoint->road));
    writer_key(w, "location"), writer_point_e7(w, waypoint->snapped);
    if (trip_index != NO_TRIP) {
        writer_key(w, "trips_index"), writer_integer(w, 0);
        writer_key(w, "waypoint_index"), writer_integer(w, trip_index);
    }
    writer_close_object(w);
}

/* ---- steps ------------------------------------------------------------------------------------------------- */

static void encode_maneuver(struct json_writer *w, const struct step *step, struct point_e7 at)
{
    static const struct {
        const char *type, *modifier;
    } words[] = {
        [MANEUVER_DEPART] = {"depart", NULL},
        [MANEUVER_CONTINUE] = {"new name", "straight"},
        [MANEUVER_SLIGHT_RIGHT] = {"turn", "slight right"},
        [MANEUVER_RIGHT] = {"turn", "right"},
        [MANEUVER_SHARP_RIGHT] = {"turn", "sharp right"},
        [MANEUVER_UTURN] = {"turn", "uturn"},
        [MANEUVER_SHARP_LEFT] = {"turn", "sharp left"},
        [MANEUVER_LEFT] = {"turn", "left"},
        [MANEUVER_SLIGHT_LEFT] = {"turn", "slight left"},
        [MANEUVER_ROUNDABOUT] = {"roundabout", "right"},
        [MANEUVER_MERGE] = {"merge", "straight"},
        [MANEUVER_OFF_RAMP] = {"off ramp", "slight right"},
        [MANEUVER_GATE] = {"notification", "straight"},
        [MANEUVER_ARRIVE] = {"arrive", NULL},
    };
    writer_open_object(w);
    writer_key(w, "bearing_after"), writer_integer(w, step->maneuver == MANEUVER_ARRIVE ? 0 : step->bearing_after_deg);
    writer_key(w, "bearing_before"), writer_integer(w, step->maneuver == MANEUVER_DEPART ? 0 : step->bearing_before_deg);
    writer_key(w, "location"), writer_point_e7(w, at);
    if (words[step->maneuver].modifier) {
        writer_key(w, "modifier"), writer_text(w, words[step->maneuver].modifier);
    }
    writer_key(w, "type"), writer_text(w, words[step->maneuver].type);
    writer_close_object(w);
}

/* The one intersection that OSRM's clients expect at a manoeuvre. */
static void encode_intersections(struct json_writer *w, const struct step *step, struct point_e7 at)
{
    bool depart = step->maneuver == MANEUVER_DEPART, arrive = step->maneuver == MANEUVER_ARRIVE;
    int back = (step->bearing_before_deg + 180) % 360, ahead = step->bearing_after_deg;
    writer_open_array(w);
    writer_open_object(w);
    if (!depart) {
        writer_key(w, "in"), writer_integer(w, 0);
    }
    if (!arrive) {
        writer_key(w, "out"), writer_integer(w, depart ? 0 : 1);
    }
    writer_key(w, "entry"), writer_open_array(w);
    if (!depart) writer_boolean(w, arrive);
    if (!arrive) writer_boolean(w, true);
    writer_close_array(w);
    writer_key(w, "bearings"), writer_open_array(w);
    if (!depart) writer_integer(w, back);
    if (!arrive) writer_integer(w, ahead);
    writer_close_array(w);
    writer_key(w, "location"), writer_point_e7(w, at);
    writer_close_object(w);
    writer_close_array(w);
}

static void encode_osrm_step(struct json_writer *w, const struct network *n, const struct osrm_query *query,
                             const struct leg *leg, const struct step *step)
{
    uint32_t first = step->first_point < leg->point_count ? step->first_point : leg->point_count - 1;
    uint32_t count = step->point_count <= leg->point_count - first ? step->point_count : leg->point_count - first;
    struct point_e7 at = leg->points[first];
    const char *ref = step->road < n->road_count ? network_road_ref(n, step->road) : "";
    writer_open_object(w);
    writer_key(w, "geometry"), encode_shape(w, query, leg->points + first, count ? count : 1);
    writer_key(w, "maneuver"), encode_maneuver(w, step, at);
    writer_key(w, "mode"), writer_text(w, "driving");
    writer_key(w, "driving_side"), writer_text(w, "right");
    writer_key(w, "name"), writer_text(w, road_name(n, step->road));
    if (ref[0]) {
        writer_key(w, "ref"), writer_text(w, ref);
    }
    writer_key(w, "intersections"), encode_intersections(w, step, at);
    writer_key(w, "weight"), writer_milli(w, step->duration_ms);
    writer_key(w, "duration"), writer_milli(w, step->duration_ms);
    writer_key(w, "distance"), writer_milli(w, (int64_t)step->distance_mm);
    writer_close_object(w);
}

/* The two roads a leg drives longest, as OSRM's summaries do. */
static void encode_summary(struct json_writer *w, const struct network *n, const struct leg *leg)
{
    uint32_t best[2] = {UINT32_MAX, UINT32_MAX};
    for (uint32_t i = 0; i < leg->step_count; i++) {
        const struct step *s = &leg->steps[i];
        if (s->road >= n->road_count || road_label(n, s->road, LANGUAGE_ZH)[0] == '\0') continue;
        if (best[0] == UINT32_MAX || s->distance_mm > leg->steps[best[0]].distance_mm) best[1] = best[0], best[0] = i;
        else if (best[1] == UINT32_MAX || s->distance_mm > leg->steps[best[1]].distance_mm) best[1] = i;
    }
    struct buffer text;
    buffer_init(&text, 2048);
    for (int i = 0; i < 2; i++) {
        if (best[i] == UINT32_MAX) continue;
        const char *label = road_label(n, leg->steps[best[i]].road, LANGUAGE_ZH);
        if (i == 1 && strcmp(label, road_label(n, leg->steps[best[0]].road, LANGUAGE_ZH)) == 0) continue;
        if (text.length) buffer_text(&text, ", ");
        buffer_text(&text, label);
    }
    writer_text_bytes(w, text.data ? text.data : "", text.length);
    buffer_clear(&text);
}

/* ---- annotations ------------------------------------------------------------------------------------------- */

/* One value per segment of the leg's line. The time of an arc is shared out by length; where an arc ends is found by
 * the position of its head node, so that the line need not be cut again. */
struct segments {
    uint32_t count;
    double *length_m, *time_s; /* malloc */
};

static bool segments_make(const struct network *n, const struct leg *leg, struct segments *s)
{
    *s = (struct segments){.count = leg->point_count ? leg->point_count - 1 : 0};
    s->length_m = calloc(s->count + 1, sizeof *s->length_m);
    s->time_s = calloc(s->count + 1, sizeof *s->time_s);
    if (s->length_m == NULL || s->time_s == NULL) return false;
    double total_s = 0;
    for (uint32_t i = 0; i < s->count; i++)
        s->length_m[i] = (double)geodesic_distance_mm(leg->points[i], leg->points[i + 1]) / 1000;
    uint32_t from = 0;
    for (uint32_t a = 0; a < leg->arc_count && from < s->count; a++) {
        arc_id arc = leg->arcs[a];
        struct point_e7 head = n->node_point[n->arc_head[arc]];
        uint32_t until = from + 1;
        if (a + 1 == leg->arc_count) until = s->count;
        else
            while (until < s->count && !point_e7_equal(leg->points[until], head)) until++;
        double speed = n->arc_time_ms[arc] ? (double)network_arc_length_mm(n, arc) / n->arc_time_ms[arc] : 1; /* m/s */
        for (; from < until; from++) {
            s->time_s[from] = speed > 0 ? s->length_m[from] / speed : 0;
            total_s += s->time_s[from];
        }
    }
    /* turn costs, slow zones and the like are not on an arc: spread them, so that the sum is the leg's driving time */
    double factor = total_s > 0 ? leg->drive_ms / 1000.0 / total_s : 0;
    for (uint32_t i = 0; i < s->count; i++) s->time_s[i] *= factor;
    return true;
}

static void encode_values(struct json_writer *w, const char *key, const double *values, uint32_t count)
{
    writer_key(w, key), writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) writer_number(w, values[i], 3);
    writer_close_array(w);
}

static void encode_annotation(struct json_writer *w, const struct network *n, const struct osrm_query *query,
                              const struct leg *leg)
{
    struct segments s;
    writer_open_object(w);
    if (segments_make(n, leg, &s)) {
        if (query->annotations & OSRM_ANNOTATE_DISTANCE) encode_values(w, "distance", s.length_m, s.count);
        if (query->annotations & OSRM_ANNOTATE_DURATION) encode_values(w, "duration", s.time_s, s.count);
        if (query->annotations & OSRM_ANNOTATE_WEIGHT) encode_values(w, "weight", s.time_s, s.count);
        if (query->annotations & OSRM_ANNOTATE_SPEED) {
            writer_key(w, "speed"), writer_open_array(w);
            for (uint32_t i = 0; i < s.count; i++)
                writer_number(w, s.time_s[i] > 0 ? s.length_m[i] / s.time_s[i] : 0, 1);
            writer_close_array(w);
        }
        if (query->annotations & OSRM_ANNOTATE_DATASOURCES) {
            writer_key(w, "datasources"), writer_open_array(w);
            for (uint32_t i = 0; i < s.count; i++) writer_integer(w, 0);
            writer_close_array(w);
            writer_key(w, "metadata"), writer_raw(w, "{\"datasource_names\":[\"baochang\"]}", 33);
        }
    } else {
        w->out->failed = STATUS_NO_MEMORY;
    }
    free(s.length_m);
    free(s.time_s);
    writer_close_object(w);
}

/* ---- routes ------------------------------------------------------------------------------------------------ */

static void encode_osrm_leg(struct json_writer *w, const struct network *n, const struct osrm_query *query,
                            const struct leg *leg)
{
    int64_t duration_ms = leg->arrive_ms - leg->depart_ms;
    writer_open_object(w);
    writer_key(w, "steps"), writer_open_array(w);
    if (query->steps && leg->point_count)
        for (uint32_t i = 0; i < leg->step_count; i++) encode_osrm_step(w, n, query, leg, &leg->steps[i]);
    writer_close_array(w);
    writer_key(w, "summary");
    if (query->steps) encode_summary(w, n, leg);
    else writer_text(w, "");
    writer_key(w, "weight"), writer_milli(w, duration_ms);
    writer_key(w, "duration"), writer_milli(w, duration_ms);
    writer_key(w, "distance"), writer_milli(w, (int64_t)leg->distance_mm);
    if (query->annotations) {
        writer_key(w, "annotation"), encode_annotation(w, n, query, leg);
    }
    writer_close_object(w);
}

/* All legs as one line, thinned when only an overview is wanted. */
static void encode_overview(struct json_writer *w, const struct osrm_query *query, const struct plan *plan)
{
    size_t total = 0, count = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) total += plan->legs[i].point_count;
    struct point_e7 *line = malloc((total + 1) * sizeof *line), *thin = NULL;
    if (line == NULL) {
        w->out->failed = STATUS_NO_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const struct leg *leg = &plan->legs[i];
        for (uint32_t k = 0; k < leg->point_count; k++) {
            if (k == 0 && count && point_e7_equal(line[count - 1], leg->points[0])) continue;
            line[count++] = leg->points[k];
        }
    }
    if (query->overview == OSRM_SIMPLIFIED && (thin = malloc((count + 1) * sizeof *thin)) != NULL) {
        size_t kept = 0;
        simplify_line(line, count, simplify_tolerance(line, count), thin, &kept);
        encode_shape(w, query, thin, kept);
    } else {
        encode_shape(w, query, line, count);
    }
    free(thin);
    free(line);
}

static void encode_osrm_plans(struct json_writer *w, const struct view *view, const struct osrm_query *query,
                              const struct answer *answer)
{
    writer_open_array(w);
    for (uint32_t i = 0; i < answer->plan_count; i++) {
        const struct plan *plan = answer->plans[i];
        writer_open_object(w);
        if (query->overview != OSRM_NONE) {
            writer_key(w, "geometry"), encode_overview(w, query, plan);
        }
        writer_key(w, "legs"), writer_open_array(w);
        for (uint32_t k = 0; k < plan->leg_count; k++) encode_osrm_leg(w, &view->base->network, query, &plan->legs[k]);
        writer_close_array(w);
        writer_key(w, "weight_name"), writer_text(w, "duration");
        writer_key(w, "weight"), writer_milli(w, plan->duration_ms);
        writer_key(w, "duration"), writer_milli(w, plan->duration_ms);
        writer_key(w, "distance"), writer_milli(w, (int64_t)plan->distance_mm);
        writer_close_object(w);
    }
    writer_close_array(w);
}

void encode_osrm_route(struct buffer *out, const struct view *view, const struct osrm_query *query,
                       const struct answer *answer)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, "Ok");
    writer_key(&w, "routes"), encode_osrm_plans(&w, view, query, answer);
    if (!query->skip_waypoints) {
        writer_key(&w, "waypoints"), writer_open_array(&w);
        for (uint32_t i = 0; i < answer->plans[0]->waypoint_count; i++)
            encode_osrm_waypoint(&w, view, query, &answer->plans[0]->waypoints[i], false, NO_TRIP);
        writer_close_array(&w);
    }
    writer_close_object(&w);
}

void encode_osrm_trip(struct buffer *out, const struct view *view, const struct osrm_query *query,
                      const struct answer *answer, const uint32_t *at)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, "Ok");
    writer_key(&w, "trips"), encode_osrm_plans(&w, view, query, answer);
    if (!query->skip_waypoints) {
        writer_key(&w, "waypoints"), writer_open_array(&w);
        for (uint32_t i = 0; i < query->count; i++)
            encode_osrm_waypoint(&w, view, query, &answer->plans[0]->waypoints[at[i]], false, at[i]);
        writer_close_array(&w);
    }
    writer_close_object(&w);
}

/* ---- table and nearest ------------------------------------------------------------------------------------- */

/* Durations, or where those are NULL distances. */
static void encode_osrm_cells(struct json_writer *w, const struct osrm_query *query, const uint32_t *durations_ms, const uint64_t *distances_mm)
{
    writer_open_array(w);
    for (uint32_t r = 0; r < query->source_count; r++) {
        writer_open_array(w);
        for (uint32_t c = 0; c < query->target_count; c++) {
            size_t at = (size_t)r * query->target_count + c;
            if (durations_ms ? durations_ms[at] == UINT32_MAX : distances_mm[at] == UINT64_MAX) writer_null(w);
            else if (!durations_ms) writer_milli(w, (int64_t)distances_mm[at]);
            else if (query->scale == 1) writer_milli(w, durations_ms[at]);
            else writer_number(w, durations_ms[at] / 1000.0 * query->scale, 3);
        }
        writer_close_array(w);
    }
    writer_close_array(w);
}

void encode_osrm_table(struct buffer *out, const struct view *view, const struct osrm_query *query,
                       const uint32_t *durations_ms, const uint64_t *distances_mm, const struct waypoint *sources,
                       const struct waypoint *targets)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, "Ok");
    if (durations_ms) {
        writer_key(&w, "durations"), encode_osrm_cells(&w, query, durations_ms, NULL);
    }
    if (distances_mm) {
        writer_key(&w, "distances"), encode_osrm_cells(&w, query, NULL, distances_mm);
    }
    if (!query->skip_waypoints) {
        writer_key(&w, "sources"), writer_open_array(&w);
        for (uint32_t i = 0; i < query->source_count; i++) encode_osrm_waypoint(&w, view, query, &sources[i], false, NO_TRIP);
        writer_close_array(&w);
        writer_key(&w, "destinations"), writer_open_array(&w);
        for (uint32_t i = 0; i < query->target_count; i++) encode_osrm_waypoint(&w, view, query, &targets[i], false, NO_TRIP);
        writer_close_array(&w);
    }
    writer_close_object(&w);
}

void encode_osrm_nearest(struct buffer *out, const struct view *view, const struct osrm_query *query,
                         const struct waypoint *places, uint32_t count)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, "Ok");
    writer_key(&w, "waypoints"), writer_open_array(&w);
    for (uint32_t i = 0; i < count; i++) encode_osrm_waypoint(&w, view, query, &places[i], true, NO_TRIP);
    writer_close_array(&w);
    writer_close_object(&w);
}

/* ---- match ------------------------------------------------------------------------------------------------- */

static bool encode_matching(struct json_writer *w, const struct network *n, const struct osrm_query *query,
                            const struct matching *m, struct arena *arena)
{
    struct leg *legs = matching_legs(n, m, arena);
    struct plan plan = {.leg_count = m->point_count - 1, .legs = legs};
    if (legs == NULL) return false;
    for (uint32_t k = 0; k < plan.leg_count; k++) {
        legs[k].arrive_ms = legs[k].drive_ms;
        plan.duration_ms += legs[k].drive_ms;
    }
    writer_open_object(w);
    writer_key(w, "confidence"), writer_milli(w, m->confidence_permille);
    if (query->overview != OSRM_NONE) {
        writer_key(w, "geometry"), encode_overview(w, query, &plan);
    }
    writer_key(w, "legs"), writer_open_array(w);
    for (uint32_t k = 0; k < plan.leg_count; k++) encode_osrm_leg(w, n, query, &legs[k]);
    writer_close_array(w);
    writer_key(w, "weight_name"), writer_text(w, "duration");
    writer_key(w, "weight"), writer_milli(w, plan.duration_ms);
    writer_key(w, "duration"), writer_milli(w, plan.duration_ms);
    writer_key(w, "distance"), writer_milli(w, (int64_t)m->distance_mm);
    writer_close_object(w);
    return true;
}

bool encode_osrm_match(struct buffer *out, const struct view *view, const struct osrm_query *query,
                       const struct match_answer *answer, struct arena *arena)
{
    const struct network *n = &view->base->network;
    bool room = true;
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, "Ok");
    writer_key(&w, "matchings"), writer_open_array(&w);
    for (uint32_t k = 0; k < answer->matching_count && room; k++)
        room = encode_matching(&w, n, query, &answer->matchings[k], arena);
    writer_close_array(&w);
    writer_key(&w, "tracepoints"), writer_open_array(&w);
    for (uint32_t i = 0; i < answer->point_count; i++) {
        const struct match_point *p = &answer->points[i];
        if (!p->matched) {
            writer_null(&w);
            continue;
        }
        writer_open_object(&w);
        if (query->hints) {
            writer_key(&w, "hint"), writer_text(&w, "");
        }
        writer_key(&w, "alternatives_count"), writer_integer(&w, p->alternatives);
        writer_key(&w, "waypoint_index"), writer_integer(&w, p->index);
        writer_key(&w, "matchings_index"), writer_integer(&w, p->matching);
        writer_key(&w, "distance"), writer_milli(&w, p->distance_mm);
        writer_key(&w, "name"), writer_text(&w, road_name(n, n->arc_road[p->arc]));
        writer_key(&w, "location"), writer_point_e7(&w, p->snapped);
        writer_close_object(&w);
    }
    writer_close_array(&w);
    writer_close_object(&w);
    return room;
}

void encode_osrm_fault(struct buffer *out, enum osrm_code code, const char *message, enum status reason)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "code"), writer_text(&w, osrm_code_text(code));
    writer_key(&w, "message"), writer_text(&w, message);
    if (reason != STATUS_OK) {
        writer_key(&w, "reason"), writer_text(&w, status_code(reason));
    }
    writer_close_object(&w);
}
