#include "data/osm/osm_road.h"

#include "data/import/import_text.h"
#include "data/import/road_defaults.h"
#include "data/osm/osm_units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 1000, REF_MAX_BYTES = 200, JSON_MAX = 60000 };

/* One millimetre or kilogram below what GB 1589 allows: lorries at the legal maximum do not pass. */
enum { BELOW_HEIGHT_MM = 3999, BELOW_WIDTH_MM = 2549, BELOW_LENGTH_MM = 18099, BELOW_GROSS_KG = 48999, BELOW_AXLE_KG = 9999 };

static void keep_raw(struct buffer *raw, const char *key, const char *value)
{
    if (!raw || !import_text_valid(key) || !import_text_valid(value)) return;
    buffer_char(raw, raw->length ? ',' : '{');
    import_text_json(raw, key);
    buffer_char(raw, ':');
    import_text_json(raw, value);
}

struct limit_key {
    const char *key;
    enum limit_kind kind;
    enum osm_value (*parse)(const char *text, uint32_t *value);
    uint32_t below, lowest, highest;
};

static const struct limit_key limit_keys[] = {
    {"maxheight", LIMIT_HEIGHT, osm_length_mm, BELOW_HEIGHT_MM, 500, 30000},
    {"maxwidth", LIMIT_WIDTH, osm_length_mm, BELOW_WIDTH_MM, 500, 30000},
    {"maxlength", LIMIT_LENGTH, osm_length_mm, BELOW_LENGTH_MM, 1000, 300000},
    {"maxweight", LIMIT_GROSS_WEIGHT, osm_weight_kg, BELOW_GROSS_KG, 100, 2000000},
    {"maxweightrating", LIMIT_GROSS_WEIGHT, osm_weight_kg, BELOW_GROSS_KG, 100, 2000000},
    {"maxgcweight", LIMIT_GROSS_WEIGHT, osm_weight_kg, BELOW_GROSS_KG, 100, 2000000},
    {"maxgcweightrating", LIMIT_GROSS_WEIGHT, osm_weight_kg, BELOW_GROSS_KG, 100, 2000000},
    {"maxaxleload", LIMIT_AXLE_LOAD, osm_weight_kg, BELOW_AXLE_KG, 100, 200000},
    {"maxaxles", LIMIT_AXLES, osm_count, 5, 1, 100},
};

/* "maxweight:hgv:forward" → the row of maxweight; false for suffixes with another meaning (conditional, lanes, …). */
static const struct limit_key *limit_key_of(const char *key, bool *directed)
{
    static const char *const suffixes[] = {":physical", ":signed", ":hgv", ":goods", ":forward", ":backward", ":legal"};

    for (size_t i = 0; i < sizeof limit_keys / sizeof limit_keys[0]; i++) {
        size_t n = strlen(limit_keys[i].key);
        const char *rest = key + n;

        if (strncmp(key, limit_keys[i].key, n) != 0) continue;
        *directed = false;
        while (*rest == ':') {
            bool known = false;

            for (size_t k = 0; k < sizeof suffixes / sizeof suffixes[0] && !known; k++) {
                size_t length = strlen(suffixes[k]);

                known = strncmp(rest, suffixes[k], length) == 0 && (rest[length] == ':' || !rest[length]);
                if (!known) continue;
                if (rest[length] == '\0' && (strcmp(suffixes[k], ":forward") == 0 || strcmp(suffixes[k], ":backward") == 0)) *directed = true;
                rest += length;
            }
            if (!known) return NULL;
        }
        if (!*rest) return &limit_keys[i];
    }
    return NULL;
}

void osm_limits_read(struct osm_tags tags, const char *what, int64_t id, bool bridge, struct import_report *report,
                     uint32_t limits[LIMIT_COUNT], struct buffer *raw)
{
    for (size_t i = 0; i < tags.count; i++) {
        const char *key = tags.items[i].key, *value = tags.items[i].value;
        bool directed;
        const struct limit_key *row = limit_key_of(key, &directed);
        uint32_t number = 0;
        enum limit_kind kind;

        if (!row) continue;
        kind = bridge && row->kind == LIMIT_GROSS_WEIGHT ? LIMIT_BRIDGE : row->kind;
        switch (row->parse(value, &number)) {
        case OSM_VALUE_NONE: continue;
        case OSM_VALUE_UNKNOWN:
            import_report_count(report, "limit not understood: no limit taken, text kept in tags", "%s %" PRId64 ": %s=%s", what, id, key, value);
            keep_raw(raw, key, value);
            continue;
        case OSM_VALUE_BELOW_DEFAULT:
            import_report_count(report, "limit below_default: taken just under the legal maximum", "%s %" PRId64 ": %s", what, id, key);
            number = row->below;
            break;
        case OSM_VALUE_NUMBER: break;
        }
        if (number < row->lowest || number > row->highest) {
            import_report_count(report, "limit beyond any vehicle: no limit taken", "%s %" PRId64 ": %s=%s", what, id, key, value);
            keep_raw(raw, key, value);
            continue;
        }
        if (directed) import_report_count(report, "limit of one direction: taken for both", "%s %" PRId64 ": %s=%s", what, id, key, value);
        if (!limits[kind] || number < limits[kind]) limits[kind] = number;
    }
}

/* False if the way is no road for vehicles. */
static bool class_of(const struct osm_way *way, struct import_report *report, struct osm_road *out)
{
    const char *highway = osm_tag_get(way->tags, "highway"), *route = osm_tag_get(way->tags, "route");
    const char *area = osm_tag_get(way->tags, "area");
    static const struct {
        const char *value;
        enum road_class class;
    } extra[] = {{"road", ROAD_UNCLASSIFIED}, {"minor", ROAD_UNCLASSIFIED}};

    if (!highway && route && strcmp(route, "ferry") == 0) {
        out->class = ROAD_FERRY;
        return true;
    }
    if (!highway) return false;
    if (area && strcmp(area, "yes") == 0) {
        import_report_count(report, "area: not a road", "way %" PRId64 ": highway=%s", way->id, highway);
        return false;
    }
    for (unsigned c = 0; c < ROAD_FERRY; c++)
        if (strcmp(highway, road_default_code((enum road_class)c)) == 0) {
            out->class = (enum road_class)c;
            return true;
        }
    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++)
        if (strcmp(highway, extra[i].value) == 0) {
            import_report_count(report, "class not exact: taken as unclassified", "way %" PRId64 ": highway=%s", way->id, highway);
            out->class = extra[i].class;
            return true;
        }
    import_report_count(report, "kind of way that is no road for vehicles: left out", "way %" PRId64 ": highway=%s", way->id, highway);
    return false;
}

/* The directions of travel; false if the way is left out. */
static bool directions(const struct osm_way *way, struct import_report *report, struct osm_road *out)
{
    static const char *const keys[] = {"oneway:hgv", "oneway:goods", "oneway:motor_vehicle", "oneway"};
    const char *junction = osm_tag_get(way->tags, "junction"), *value = NULL, *key = "oneway";

    out->roundabout = junction && (strcmp(junction, "roundabout") == 0 || strcmp(junction, "circular") == 0);
    out->forward = true;
    out->backward = !(out->roundabout || road_default_get(out->class)->oneway);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !value; i++) {
        value = osm_tag_get(way->tags, keys[i]);
        key = keys[i];
    }
    if (!value) {
        if (out->class == ROAD_MOTORWAY_LINK)
            import_report_count(report, "motorway link without oneway: taken as one way", "way %" PRId64, way->id);
        return true;
    }
    if (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0) {
        out->backward = false;
    } else if (strcmp(value, "-1") == 0 || strcmp(value, "reverse") == 0) {
        out->forward = false;
        out->backward = true;
    } else if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0) {
        out->backward = true;
    } else if (strcmp(value, "reversible") == 0) {
        import_report_count(report, "reversible: left out, its direction changes", "way %" PRId64, way->id);
        return false;
    } else if (strcmp(value, "alternating") == 0) {
        out->backward = true;
        import_report_count(report, "alternating traffic: taken as two-way", "way %" PRId64, way->id);
    } else {
        import_report_count(report, "oneway not understood: taken as the default of the class", "way %" PRId64 ": %s=%s", way->id, key, value);
    }
    return true;
}

static void speeds(const struct osm_way *way, struct import_report *report, struct osm_road *out, struct buffer *raw)
{
    static const char *const keys[2][4] = {{"maxspeed:hgv:forward", "maxspeed:hgv", "maxspeed:forward", "maxspeed"},
                                           {"maxspeed:hgv:backward", "maxspeed:hgv", "maxspeed:backward", "maxspeed"}};

    for (int d = 0; d < 2; d++) {
        double least = 0;

        for (int k = 0; k < 4; k++) {
            const char *value = osm_tag_get(way->tags, keys[d][k]);
            double kmh = 0;

            if (!value || (k == 3 && osm_tag_get(way->tags, keys[d][2]))) continue;
            if (osm_speed_kmh(value, &kmh) == OSM_VALUE_NUMBER) {
                if (least <= 0 || kmh < least) least = kmh;
            } else if (osm_speed_kmh(value, &kmh) == OSM_VALUE_UNKNOWN && d == 0) {
                import_report_count(report, "maxspeed not understood: lorry default of the class", "way %" PRId64 ": %s=%s", way->id, keys[d][k], value);
                keep_raw(raw, keys[d][k], value);
            }
        }
        out->speed_kmh[d] = road_default_speed_kmh(out->class, least);
    }
}

static bool is(struct osm_tags tags, const char *key, const char *value)
{
    const char *v = osm_tag_get(tags, key);

    return v && strcmp(v, value) == 0;
}

/* Present and not "no". */
static bool has(struct osm_tags tags, const char *key)
{
    const char *v = osm_tag_get(tags, key);

    return v && strcmp(v, "no") != 0 && *v;
}

static void access_of(const struct osm_way *way, struct import_report *report, struct osm_road *out)
{
    const char *service = osm_tag_get(way->tags, "service");
    enum access lorry = ACCESS_YES, light = ACCESS_YES;

    if (out->class == ROAD_TRACK || out->class == ROAD_LIVING_STREET) lorry = ACCESS_DESTINATION;
    if (out->class == ROAD_SERVICE && service) {
        if (strcmp(service, "driveway") == 0 || strcmp(service, "parking_aisle") == 0 || strcmp(service, "drive-through") == 0)
            lorry = light = ACCESS_DESTINATION;
        if (strcmp(service, "emergency_access") == 0 || strcmp(service, "bus") == 0) lorry = light = ACCESS_NO;
    }
    if (out->class == ROAD_FERRY) {
        lorry = light = ACCESS_NO;
        if (!osm_tag_get(way->tags, "hgv") && !osm_tag_get(way->tags, "motor_vehicle") && !osm_tag_get(way->tags, "vehicle") &&
            is(way->tags, "motorcar", "yes"))
            import_report_count(report, "ferry for cars, lorries not mentioned: closed to lorries", "way %" PRId64, way->id);
    }
    out->access = (struct osm_access){{lorry, lorry}, {light, light}};
    osm_access_resolve(way->tags, "way", way->id, report, &out->access);
}

static bool hazmat_closed(struct osm_tags tags)
{
    for (size_t i = 0; i < tags.count; i++)
        if (strncmp(tags.items[i].key, "hazmat", 6) == 0 && (tags.items[i].key[6] == '\0' || tags.items[i].key[6] == ':') &&
            strstr(tags.items[i].key, "conditional") == NULL && strcmp(tags.items[i].value, "no") == 0)
            return true;
    return false;
}

static void layer_of(const struct osm_way *way, struct import_report *report, struct osm_road *out)
{
    const char *text = osm_tag_get(way->tags, "layer");
    char *end;
    long layer;

    if (!text) {
        out->layer = out->bridge ? 1 : out->tunnel ? -1 : 0;
        return;
    }
    errno = 0;
    layer = strtol(text, &end, 10);
    if (end == text || *end || errno || layer < -20 || layer > 20) {
        import_report_count(report, "layer not understood: by bridge and tunnel", "way %" PRId64 ": layer=%s", way->id, text);
        layer = out->bridge ? 1 : out->tunnel ? -1 : 0;
    }
    out->layer = (int8_t)layer;
}

static void texts(const struct osm_way *way, struct arena *arena, struct import_report *report, struct osm_road *out,
                  enum status *status)
{
    const char *name = osm_tag_get(way->tags, "name:zh"), *ref = osm_tag_get(way->tags, "ref");

    if (!name) name = osm_tag_get(way->tags, "name");
    if ((name && !import_text_valid(name)) || (ref && !import_text_valid(ref)))
        import_report_count(report, "name or ref is not UTF-8: left out", "way %" PRId64, way->id);
    if ((name && strlen(name) > NAME_MAX_BYTES) || (ref && strlen(ref) > REF_MAX_BYTES))
        import_report_count(report, "name or ref too long: cut", "way %" PRId64, way->id);
    out->name = import_text_keep(arena, name, NAME_MAX_BYTES, status);
    out->ref = import_text_keep(arena, ref, REF_MAX_BYTES, status);
}

enum status osm_road_read(const struct osm_way *way, struct arena *arena, struct import_report *report,
                          struct osm_road *out, bool *kept, struct error *err)
{
    struct buffer raw;
    enum status status = STATUS_OK;
    const char *duration;

    *kept = false;
    *out = (struct osm_road){0};
    if (!class_of(way, report, out) || !directions(way, report, out)) return STATUS_OK;
    access_of(way, report, out);
    for (int d = 0; d < 2; d++)
        if (out->access.lorry[d] != ACCESS_NO || out->access.light[d] != ACCESS_NO) *kept = true;
    if (!*kept) { /* neither lorries nor light vehicles: of no use to the network */
        import_report_count(report, "closed to lorries and light vehicles: left out", "way %" PRId64, way->id);
        return STATUS_OK;
    }
    buffer_init(&raw, JSON_MAX);
    out->bridge = has(way->tags, "bridge");
    out->tunnel = has(way->tags, "tunnel") && !is(way->tags, "tunnel", "building_passage");
    out->toll = has(way->tags, "toll") || has(way->tags, "toll:hgv");
    out->hazmat_no = hazmat_closed(way->tags);
    layer_of(way, report, out);
    osm_limits_read(way->tags, "way", way->id, out->bridge, report, out->limits, &raw);
    speeds(way, report, out, &raw);
    texts(way, arena, report, out, &status);
    for (size_t i = 0; i < way->tags.count; i++)
        if (strstr(way->tags.items[i].key, ":conditional")) {
            import_report_count(report, "conditional restriction: kept in tags, does not bind yet", "way %" PRId64 ": %s", way->id,
                                way->tags.items[i].key);
            keep_raw(&raw, way->tags.items[i].key, way->tags.items[i].value);
        }
    duration = out->class == ROAD_FERRY ? osm_tag_get(way->tags, "duration") : NULL;
    if (duration && !osm_duration_s(duration, &out->duration_s))
        import_report_count(report, "ferry duration not understood: default speed", "way %" PRId64 ": %s", way->id, duration);
    if (raw.length) buffer_char(&raw, '}');
    if (raw.failed == STATUS_TOO_LARGE)
        import_report_count(report, "tags to keep are too long: left out", "way %" PRId64, way->id);
    if (raw.failed == STATUS_NO_MEMORY) status = STATUS_NO_MEMORY;
    if (raw.length && raw.failed == STATUS_OK) {
        out->tags_json = arena_strdup(arena, raw.data);
        if (!out->tags_json) status = STATUS_NO_MEMORY;
    }
    buffer_clear(&raw);
    return status == STATUS_OK ? STATUS_OK : error_set(err, status, MESSAGE_NO_MEMORY);
}
