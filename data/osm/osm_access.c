#include "data/osm/osm_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool one_value(const char *value, size_t length, enum access *out)
{
    static const struct {
        const char *value;
        enum access access;
    } values[] = {
        {"yes", ACCESS_YES},           {"designated", ACCESS_YES},      {"permissive", ACCESS_YES},
        {"official", ACCESS_YES},      {"discouraged", ACCESS_YES},     {"unknown", ACCESS_YES},
        {"destination", ACCESS_DESTINATION}, {"delivery", ACCESS_DESTINATION}, {"customers", ACCESS_DESTINATION},
        {"customer", ACCESS_DESTINATION}, {"residents", ACCESS_DESTINATION}, {"local", ACCESS_DESTINATION},
        {"unloading", ACCESS_DESTINATION}, {"loading", ACCESS_DESTINATION},
        {"no", ACCESS_NO},             {"private", ACCESS_NO},          {"agricultural", ACCESS_NO},
        {"forestry", ACCESS_NO},       {"military", ACCESS_NO},         {"emergency", ACCESS_NO},
        {"psv", ACCESS_NO},            {"bus", ACCESS_NO},              {"permit", ACCESS_NO},
        {"unsuitable", ACCESS_NO},     {"restricted", ACCESS_NO},       {"employees", ACCESS_NO},
        {"foot", ACCESS_NO},           {"use_sidepath", ACCESS_NO},     {"taxi", ACCESS_NO},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strlen(values[i].value) == length && strncmp(value, values[i].value, length) == 0) {
            *out = values[i].access;
            return true;
        }
    return false;
}

bool osm_access_parse(const char *value, enum access *out)
{
    bool known = false;
    enum access best = ACCESS_NO;

    while (*value) {
        size_t n = strcspn(value, ";,|"), length = n, skip = 0;
        enum access one;

        while (skip < length && value[skip] == ' ') skip++;
        while (length > skip && value[length - 1] == ' ') length--;
        if (length > skip) {
            if (!one_value(value + skip, length - skip, &one)) {
                *out = ACCESS_NO;
                return false;
            }
            if (!known || one < best) best = one;
            known = true;
        }
        value += n + (value[n] != '\0');
    }
    *out = best;
    return known;
}

/* The value for one direction; a directional key beats the plain one. */
static bool find(struct osm_tags tags, const char *key, int direction, const char *what, int64_t id,
                 struct import_report *report, enum access *out)
{
    char directed[40];
    const char *value;

    snprintf(directed, sizeof directed, "%s:%s", key, direction ? "backward" : "forward");
    value = osm_tag_get(tags, directed);
    if (!value) value = osm_tag_get(tags, key);
    if (!value) return false;
    if (!osm_access_parse(value, out))
        import_report_count(report, "access value not known: taken as no", "%s %" PRId64 ": %s=%s", what, id, key, value);
    else if (strcmp(value, "discouraged") == 0)
        import_report_count(report, "access discouraged: taken as yes", "%s %" PRId64 ": %s", what, id, key);
    return true;
}

void osm_access_resolve(struct osm_tags tags, const char *what, int64_t id, struct import_report *report,
                        struct osm_access *out)
{
    static const char *const lorry[] = {"hgv", "motor_vehicle", "vehicle", "access"};
    static const char *const light[] = {"goods", "motorcar", "motor_vehicle", "vehicle", "access"};

    for (int d = 0; d < 2; d++) {
        enum access goods;
        bool decided = false;

        for (size_t i = 0; i < sizeof lorry / sizeof lorry[0] && !decided; i++) {
            decided = find(tags, lorry[i], d, what, id, report, &out->lorry[d]);
            if (decided && i == 0) goto light_vehicles; /* hgv itself: nothing more special */
        }
        if (find(tags, "goods", d, what, id, report, &goods) && goods > out->lorry[d]) out->lorry[d] = goods;
    light_vehicles:
        for (size_t i = 0; i < sizeof light / sizeof light[0]; i++)
            if (find(tags, light[i], d, what, id, report, &out->light[d])) break;
    }
}
