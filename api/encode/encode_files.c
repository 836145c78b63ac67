#include "api/encode/encode_files.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/instructions.h"
#include "api/encode/plan_digest.h"
#include "api/wire/time_text.h"

#include <inttypes.h>
#include <stdio.h>

void encode_xml_text(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '&': buffer_text(out, "&amp;"); break;
        case '<': buffer_text(out, "&lt;"); break;
        case '>': buffer_text(out, "&gt;"); break;
        case '"': buffer_text(out, "&quot;"); break;
        default: buffer_char(out, (unsigned char)*p < 0x20 || *p == 0x7F ? ' ' : *p);
        }
    }
}

/* What a call is called: its name, or the road it lies at. */
static const char *call_name(const struct route_encoder *encoder, const struct waypoint *w)
{
    const struct route_request *r = encoder->request;
    const struct call *call = w->call < r->call_count ? &r->calls[w->call] : r->has_base ? &r->base : NULL;
    return call && call->name ? call->name : road_label(&encoder->view->base->network, w->road, encoder->form->language);
}

static int64_t arrival(const struct plan *plan, uint32_t waypoint)
{
    for (uint32_t i = 0; i < plan->leg_count; i++)
        if (plan->legs[i].to == waypoint) return plan->legs[i].arrive_ms;
    return plan->legs[0].depart_ms;
}

/* ---- GeoJSON -------------------------------------------------------------------------------------------------- */

static void feature_open(struct json_writer *w, const char *kind)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Feature");
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "kind"), writer_text(w, kind);
}

static void feature_point(struct json_writer *w, struct point_e7 point)
{
    writer_close_object(w);
    writer_key(w, "geometry"), writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Point");
    writer_key(w, "coordinates"), writer_point_e7(w, point);
    writer_close_object(w);
    writer_close_object(w);
}

static void feature_leg(struct json_writer *w, const struct plan *plan, uint32_t index)
{
    const struct leg *leg = &plan->legs[index];
    const struct wire_form form = {.geometry = GEOMETRY_GEOJSON, .crs = WIRE_CRS_DEFAULT};
    feature_open(w, "leg");
    writer_key(w, "leg"), writer_integer(w, index + 1);
    writer_key(w, "leg_kind"), writer_text(w, leg_kind_code(leg->kind));
    writer_key(w, "depart_at"), writer_time(w, leg->depart_ms);
    writer_key(w, "arrive_at"), writer_time(w, leg->arrive_ms);
    writer_key(w, "distance_m"), writer_milli(w, (int64_t)leg->distance_mm);
    writer_close_object(w);
    writer_key(w, "geometry"), encode_line(w, &form, leg->points, leg->point_count);
    writer_close_object(w);
}

static void feature_gates(struct json_writer *w, const struct rules_input *input, const struct leg *leg)
{
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *gate = &leg->gates[i];
        feature_open(w, "gate");
        writer_key(w, "checkpoint"), writer_text(w, input->checkpoints[gate->checkpoint].id);
        writer_key(w, "name"), writer_text(w, input->checkpoints[gate->checkpoint].name);
        writer_key(w, "zone"), writer_text(w, input->zones[gate->zone].id);
        writer_key(w, "zone_name"), writer_text(w, input->zones[gate->zone].name);
        writer_key(w, "direction"), writer_text(w, gate->direction == GATE_ENTER ? "enter" : "exit");
        writer_key(w, "at"), writer_time(w, gate->at_ms);
        feature_point(w, gate->point);
    }
}

void encode_plan_geojson(struct buffer *out, const struct route_encoder *encoder, const struct plan *plan)
{
    struct json_writer w;
    char digest[PLAN_DIGEST_SIZE];
    plan_digest(encoder->view, plan, digest);
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "type"), writer_text(&w, "FeatureCollection");
    writer_key(&w, "digest"), writer_text(&w, digest);
    writer_key(&w, "network_version"), writer_text(&w, encoder->view->base->network.version);
    writer_key(&w, "rules_version"), writer_integer(&w, encoder->view->rules->version);
    writer_key(&w, "issuable"), writer_boolean(&w, plan->issuable);
    writer_key(&w, "features"), writer_open_array(&w);
    for (uint32_t i = 0; i < plan->leg_count; i++) feature_leg(&w, plan, i);
    for (uint32_t i = 0; i < plan->waypoint_count; i++) {
        feature_open(&w, "call");
        writer_key(&w, "name"), writer_text(&w, call_name(encoder, &plan->waypoints[i]));
        writer_key(&w, "at"), writer_time(&w, arrival(plan, i));
        feature_point(&w, plan->waypoints[i].snapped);
    }
    for (uint32_t i = 0; i < plan->leg_count; i++) feature_gates(&w, encoder->view->rules->input, &plan->legs[i]);
    writer_close_array(&w);
    writer_close_object(&w);
}

/* ---- GPX ------------------------------------------------------------------------------------------------------ */

/* Seven places from whole numbers: the same on every machine and in every locale. */
static void gpx_point(struct buffer *out, const char *tag, struct point_e7 p)
{
    const int64_t lon = p.lon_e7, lat = p.lat_e7;
    buffer_printf(out, "<%s lat=\"%s%" PRId64 ".%07" PRId64 "\" lon=\"%s%" PRId64 ".%07" PRId64 "\"", tag, lat < 0 ? "-" : "",
                  (lat < 0 ? -lat : lat) / 10000000, (lat < 0 ? -lat : lat) % 10000000, lon < 0 ? "-" : "",
                  (lon < 0 ? -lon : lon) / 10000000, (lon < 0 ? -lon : lon) % 10000000);
}

static void gpx_waypoint(struct buffer *out, struct point_e7 point, int64_t at_ms, const char *name, const char *about,
                         const char *type)
{
    char at[TIME_TEXT_SIZE];
    time_format(at_ms, at);
    gpx_point(out, "wpt", point);
    buffer_printf(out, "><time>%s</time><name>", at);
    encode_xml_text(out, name);
    buffer_text(out, "</name>");
    if (about) buffer_text(out, "<desc>"), encode_xml_text(out, about), buffer_text(out, "</desc>");
    buffer_printf(out, "<type>%s</type></wpt>\n", type);
}

void encode_plan_gpx(struct buffer *out, const struct route_encoder *encoder, const struct plan *plan)
{
    const struct rules_input *input = encoder->view->rules->input;
    char digest[PLAN_DIGEST_SIZE];
    plan_digest(encoder->view, plan, digest);
    buffer_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"baochang\" "
                       "xmlns=\"http://www.topografix.com/GPX/1/1\">\n<metadata><desc>%s rules %" PRId64 " network %s</desc></metadata>\n",
                  digest, encoder->view->rules->version, encoder->view->base->network.version);
    for (uint32_t i = 0; i < plan->waypoint_count; i++)
        gpx_waypoint(out, plan->waypoints[i].snapped, arrival(plan, i), call_name(encoder, &plan->waypoints[i]), NULL, "call");
    for (uint32_t i = 0; i < plan->leg_count; i++)
        for (uint32_t k = 0; k < plan->legs[i].gate_count; k++) {
            const struct gate_passage *gate = &plan->legs[i].gates[k];
            gpx_waypoint(out, gate->point, gate->at_ms, input->checkpoints[gate->checkpoint].name, input->zones[gate->zone].name,
                         gate->direction == GATE_ENTER ? "gate enter" : "gate exit");
        }
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const struct leg *leg = &plan->legs[i];
        buffer_printf(out, "<trk><name>%u</name><type>%s</type><trkseg>\n", i + 1, leg_kind_code(leg->kind));
        for (uint32_t k = 0; k < leg->point_count; k++) gpx_point(out, "trkpt", leg->points[k]), buffer_text(out, "/>\n");
        buffer_text(out, "</trkseg></trk>\n");
    }
    buffer_text(out, "</gpx>\n");
}
