#include "api/ogc/ogc_route.h"

#include "api/json/writer.h"
#include "routing/constraint/itinerary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ogc_route_modes[] = {"truck_6_axle", "truck_2_axle", "truck_3_axle", "truck_4_axle", "truck_5_axle", "light_truck", "van", NULL};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- from a definition to a question ------------------------------------------------------------------------- */

static json_t *call_at(const json_t *coordinate)
{
    return json_pack("{s:O}", "location", coordinate);
}

/* A third number, the height, is taken and not used. */
static enum status read_waypoints(const struct json_at *inputs, json_t *question, struct error *err)
{
    static const char *const members[] = {"type", "coordinates", NULL}, *const types[] = {"MultiPoint", NULL};
    struct json_at waypoints, at;
    size_t count;
    unsigned type;
    TRY(reader_require(inputs, "waypoints", &waypoints, err));
    TRY(reader_members(&waypoints, members, err));
    TRY(reader_require(&waypoints, "type", &at, err));
    TRY(reader_choice(&at, types, &type, err));
    TRY(reader_require(&waypoints, "coordinates", &at, err));
    TRY(reader_array(&at, 2, CALLS_MAX, &count, err));
    json_t *stops = json_array();
    if (stops == NULL || json_object_set_new(question, "stops", stops) != 0) return no_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&at, i);
        size_t numbers;
        TRY(reader_array(&element, 2, 3, &numbers, err));
        json_t *plain = json_pack("[O, O]", json_array_get(element.value, 0), json_array_get(element.value, 1));
        json_t *call = plain ? call_at(plain) : NULL;
        json_decref(plain);
        int failed = i == 0           ? json_object_set_new(question, "origin", call)
                     : i == count - 1 ? json_object_set_new(question, "destination", call)
                                      : json_array_append_new(stops, call);
        if (failed) return no_memory(err);
    }
    return STATUS_OK;
}

static enum status read_vehicle(const struct json_at *inputs, json_t *question, struct error *err)
{
    struct json_at at;
    unsigned mode = 0;
    double value;
    if (reader_find(inputs, "mode", &at)) TRY(reader_choice(&at, ogc_route_modes, &mode, err));
    json_t *vehicle = json_pack("{s:s}", "class", ogc_route_modes[mode]);
    if (vehicle == NULL || json_object_set_new(question, "vehicle", vehicle) != 0) return no_memory(err);
    if (reader_find(inputs, "height", &at)) {
        TRY(reader_number(&at, 0.5, 10, &value, err));
        if (json_object_set(vehicle, "height_m", at.value) != 0) return no_memory(err);
    }
    if (reader_find(inputs, "weight", &at)) {
        TRY(reader_number(&at, 0.1, 1000, &value, err));
        if (json_object_set(vehicle, "gross_weight_t", at.value) != 0) return no_memory(err);
    }
    return STATUS_OK;
}

static enum status read_when(const struct json_at *inputs, json_t *question, struct error *err)
{
    static const char *const members[] = {"timestamp", "type", NULL}, *const types[] = {"departure", "arrival", NULL};
    struct json_at when, at;
    unsigned type;
    int64_t time_ms;
    if (!reader_find(inputs, "when", &when)) return STATUS_OK;
    TRY(reader_members(&when, members, err));
    TRY(reader_require(&when, "timestamp", &at, err));
    TRY(reader_time(&at, &time_ms, err));
    if (json_object_set(question, "depart_at", at.value) != 0) return no_memory(err);
    if (!reader_find(&when, "type", &at)) return STATUS_OK;
    TRY(reader_choice(&at, types, &type, err));
    if (type == 0) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_ARRIVAL_TIME);
    return reader_here(&at, err);
}

static enum status read_inputs(const struct json_at *inputs, json_t *question, struct arena *arena, const char **name, struct error *err)
{
    static const char *const members[] = {"name", "waypoints", "preference", "mode", "height", "weight", "obstacles", "when", NULL};
    static const char *const preferences[] = {"fastest", "shortest", NULL};
    struct json_at at;
    unsigned preference = 0;
    TRY(reader_members(inputs, members, err));
    *name = "";
    if (reader_find(inputs, "name", &at)) TRY(reader_text_dup(&at, 1, 600, arena, name, err));
    if (reader_find(inputs, "preference", &at)) TRY(reader_choice(&at, preferences, &preference, err));
    if (json_object_set_new(question, "prefer", json_string(preference ? "distance" : "time")) != 0) return no_memory(err);
    TRY(read_waypoints(inputs, question, err));
    TRY(read_vehicle(inputs, question, err));
    TRY(read_when(inputs, question, err));
    if (!reader_find(inputs, "obstacles", &at)) return STATUS_OK;
    json_t *avoid = json_pack("{s:O}", "polygons", at.value);
    return json_object_set_new(question, "avoid", avoid) == 0 ? STATUS_OK : no_memory(err);
}

enum status ogc_route_question(const struct json_at *definition, struct arena *arena, const char **question, const char **name,
                               struct error *err)
{
    static const char *const wrapped[] = {"inputs", NULL};
    struct json_at inputs = *definition;
    if (reader_find(definition, "inputs", &inputs)) TRY(reader_members(definition, wrapped, err));
    else inputs = *definition;
    json_t *document = json_pack("{s:s, s:b}", "geometry", "geojson", "steps", 1);
    if (document == NULL) return no_memory(err);
    json_object_set_new(document, "corridor_m", json_integer(0));
    enum status status = read_inputs(&inputs, document, arena, name, err);
    char *text = status == STATUS_OK ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (status == STATUS_OK) *question = text ? arena_strdup(arena, text) : NULL;
    if (status == STATUS_OK && *question == NULL) status = no_memory(err);
    free(text);
    json_decref(document);
    return status;
}

void ogc_route_blame(struct error *err, size_t waypoints, bool wrapped)
{
    static const char *const members[][2] = {{"/avoid/polygons", "/obstacles"}, {"/vehicle/height_m", "/height"},
                                             {"/vehicle/gross_weight_t", "/weight"}, {"/vehicle/class", "/mode"},
                                             {"/vehicle", "/mode"}, {"/depart_at", "/when/timestamp"}, {"/prefer", "/preference"}};
    const char *front = wrapped ? "/inputs" : "";
    char rest[sizeof err->pointer];
    snprintf(rest, sizeof rest, "%s", err->pointer);
    size_t point = SIZE_MAX;
    if (strncmp(rest, "/origin", 7) == 0) point = 0;
    else if (strncmp(rest, "/destination", 12) == 0) point = waypoints - 1;
    else if (strncmp(rest, "/stops/", 7) == 0) point = 1 + strtoul(rest + 7, NULL, 10);
    if (point != SIZE_MAX) {
        const char *below = strstr(rest, "/location");
        error_pointer(err, "%s/waypoints/coordinates/%zu%s", front, point, below ? below + 9 : "");
        return;
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        size_t length = strlen(members[i][0]);
        if (strncmp(rest, members[i][0], length) != 0) continue;
        error_pointer(err, "%s%s%s", front, members[i][1], rest + length);
        return;
    }
}

/* ---- from an answer to the Route Exchange Model ---------------------------------------------------------------- */

static int64_t milli(const json_t *object, const char *key)
{
    return llround(json_number_value(json_object_get(object, key)) * 1000);
}

static void open_feature(struct json_writer *w, unsigned *id)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Feature");
    writer_key(w, "id"), writer_integer(w, (*id)++);
    writer_key(w, "geometry");
}

/* A coordinate or a line as it stands in the answer. */
static enum status put(struct json_writer *w, const json_t *value, struct error *err)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
    if (text == NULL) return no_memory(err);
    writer_raw(w, text, strlen(text));
    free(text);
    return STATUS_OK;
}

static enum status put_point(struct json_writer *w, const json_t *coordinate, struct error *err)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Point");
    writer_key(w, "coordinates");
    TRY(put(w, coordinate, err));
    writer_close_object(w);
    return STATUS_OK;
}

/* The lines of all legs as one: a leg begins where the one before ended. */
static json_t *whole_line(const json_t *legs)
{
    json_t *line = json_array();
    for (size_t i = 0; line && i < json_array_size(legs); i++) {
        const json_t *part = json_object_get(json_object_get(json_array_get(legs, i), "geometry"), "coordinates");
        for (size_t k = 0; k < json_array_size(part); k++) {
            json_t *point = json_array_get(part, k);
            if (k == 0 && json_equal(point, json_array_get(line, json_array_size(line) - 1))) continue;
            if (json_array_append(line, point) != 0) {
                json_decref(line);
                return NULL;
            }
        }
    }
    return line;
}

static const char *instruction_of(const json_t *step)
{
    const char *type = json_string_value(json_object_get(json_object_get(step, "maneuver"), "type"));
    if (type && strstr(type, "left")) return "left";
    return type && strstr(type, "right") ? "right" : "continue";
}

/* One feature for each step that moves; the last of a leg takes what its leg takes beside driving, the last of all what is
 * in no leg. */
static enum status write_segments(struct json_writer *w, const json_t *legs, int64_t rest_ms, unsigned *id, struct error *err)
{
    for (size_t l = 0; l < json_array_size(legs); l++) {
        const json_t *leg = json_array_get(legs, l), *steps = json_object_get(leg, "steps");
        const json_t *line = json_object_get(json_object_get(leg, "geometry"), "coordinates");
        size_t last = json_array_size(steps);
        int64_t left_mm = milli(leg, "distance_m"), left_ms = milli(leg, "duration_s");
        if (l + 1 == json_array_size(legs)) left_ms += rest_ms;
        while (last > 0 && milli(json_array_get(steps, last - 1), "distance_m") == 0) last--;
        size_t count = last > 0 ? last : 1; /* a leg that goes nowhere is a segment too */
        for (size_t s = 0; s < count; s++) {
            const json_t *step = json_array_get(steps, s), *next = json_array_get(steps, s + 1);
            bool final = s + 1 == count;
            int64_t mm = final ? left_mm : milli(step, "distance_m"), ms = final ? left_ms : milli(step, "duration_s");
            if (mm == 0 && !final) continue;
            const json_t *end = final ? json_array_get(line, json_array_size(line) - 1)
                                      : json_object_get(json_object_get(next, "maneuver"), "location");
            const char *road = json_string_value(json_object_get(step, "road"));
            left_mm -= mm;
            left_ms -= ms;
            open_feature(w, id);
            TRY(put_point(w, end, err));
            writer_key(w, "properties"), writer_open_object(w);
            writer_key(w, "featureType"), writer_text(w, "segment");
            writer_key(w, "length_m"), writer_milli(w, mm);
            writer_key(w, "duration_s"), writer_milli(w, ms);
            if (road && road[0]) writer_key(w, "roadName"), writer_text(w, road);
            writer_key(w, "instructions"), writer_text(w, instruction_of(next));
            writer_close_object(w);
            writer_close_object(w);
        }
    }
    return STATUS_OK;
}

static void write_links(struct json_writer *w, const char *base, const char *id)
{
    static const char *const kinds[][4] = {{"self", "application/geo+json", "", "this route"},
                                           {"describedby", "application/json", "/definition", "the definition of this route"}};
    if (id == NULL) return;
    writer_key(w, "links"), writer_open_array(w);
    for (size_t i = 0; i < 2; i++) {
        struct buffer href; /* a Host may be long */
        buffer_init(&href, 64 << 10);
        buffer_printf(&href, "%s/ogc/routes/%s%s", base, id, kinds[i][2]);
        writer_open_object(w);
        writer_key(w, "rel"), writer_text(w, kinds[i][0]);
        writer_key(w, "type"), writer_text(w, kinds[i][1]);
        writer_key(w, "href"), writer_text_bytes(w, href.data ? href.data : "", href.length);
        if (href.failed) w->out->failed = href.failed;
        buffer_clear(&href);
        writer_key(w, "title"), writer_text(w, kinds[i][3]);
        writer_close_object(w);
    }
    writer_close_array(w);
}

/* The least of the limits of a kind that the route meets, in m or t; 0: none. */
static double tightest(const json_t *legs, const char *const kinds[2])
{
    double least = 0;
    for (size_t l = 0; l < json_array_size(legs); l++) {
        const json_t *limits = json_object_get(json_array_get(legs, l), "limits");
        for (size_t i = 0; i < json_array_size(limits); i++) {
            const json_t *limit = json_array_get(limits, i);
            const char *kind = json_string_value(json_object_get(limit, "kind"));
            double value = json_number_value(json_object_get(limit, "limit"));
            bool wanted = kind && (strcmp(kind, kinds[0]) == 0 || strcmp(kind, kinds[1]) == 0);
            if (wanted && (least == 0 || value < least)) least = value;
        }
    }
    return least;
}

static enum status write_ends(struct json_writer *w, const json_t *line, const json_t *legs, bool start, unsigned *id, struct error *err)
{
    size_t last = json_array_size(legs) - 1;
    open_feature(w, id);
    TRY(put_point(w, json_array_get(line, start ? 0 : json_array_size(line) - 1), err));
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "featureType"), writer_text(w, start ? "start" : "end");
    writer_key(w, "timestamp");
    writer_text(w, json_string_value(json_object_get(json_array_get(legs, start ? 0 : last), start ? "depart_at" : "arrive_at")));
    writer_close_object(w);
    writer_close_object(w);
    return STATUS_OK;
}

static enum status write_features(struct json_writer *w, const json_t *plan, const json_t *line, const char *processed_at, struct error *err)
{
    static const char *const heights[] = {"height", "height"}, *const weights[] = {"gross_weight", "bridge"};
    const json_t *legs = json_object_get(plan, "legs");
    int64_t rest_ms = milli(plan, "duration_s"); /* what is in no leg */
    unsigned id = 1;
    double height = tightest(legs, heights), weight = tightest(legs, weights);
    for (size_t l = 0; l < json_array_size(legs); l++) rest_ms -= milli(json_array_get(legs, l), "duration_s");
    open_feature(w, &id);
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "LineString");
    writer_key(w, "coordinates");
    TRY(put(w, line, err));
    writer_close_object(w);
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "featureType"), writer_text(w, "overview");
    writer_key(w, "length_m"), writer_milli(w, milli(plan, "distance_m"));
    writer_key(w, "duration_s"), writer_milli(w, milli(plan, "duration_s"));
    if (height > 0) writer_key(w, "maxHeight_m"), writer_number(w, height, 3);
    if (weight > 0) writer_key(w, "maxWeight_t"), writer_number(w, weight, 3);
    writer_key(w, "obstacles"), writer_text(w, "no part of the route lies in an obstacle; zones, closures and limits in force are kept");
    writer_key(w, "processingTime"), writer_text(w, processed_at);
    writer_close_object(w);
    writer_close_object(w);
    TRY(write_ends(w, line, legs, true, &id, err));
    TRY(write_segments(w, legs, rest_ms, &id, err));
    return write_ends(w, line, legs, false, &id, err);
}

enum status ogc_route_model(const char *answer, size_t length, const char *name, const char *base, const char *id, const char *processed_at,
                            struct buffer *out, struct error *err)
{
    struct json_writer w;
    json_t *document;
    TRY(reader_parse(answer, length, &document, err));
    const json_t *plan = json_array_get(json_object_get(document, "plans"), 0);
    json_t *line = whole_line(json_object_get(plan, "legs"));
    enum status status = line ? STATUS_OK : no_memory(err);
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "type"), writer_text(&w, "FeatureCollection");
    if (name[0]) writer_key(&w, "name"), writer_text(&w, name);
    writer_key(&w, "status"), writer_text(&w, "successful");
    write_links(&w, base, id);
    writer_key(&w, "features"), writer_open_array(&w);
    if (status == STATUS_OK) status = write_features(&w, plan, line, processed_at, err);
    writer_close_array(&w);
    writer_close_object(&w);
    json_decref(line);
    json_decref(document);
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    return status;
}
