#include "data/osm/osm_units.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { VALUE_MAX = 120 };

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r') p++;
    return p;
}

/* Digits with one decimal point or comma; NULL if there are none. No exponent, no sign. */
static const char *decimal(const char *p, double *out)
{
    double value = 0, place = 1;
    bool any = false, fraction = false;

    for (;; p++) {
        if (*p >= '0' && *p <= '9') {
            any = true;
            if (fraction) value += (*p - '0') * (place /= 10);
            else value = value * 10 + (*p - '0');
            if (value > 1e12) return NULL;
        } else if ((*p == '.' || *p == ',') && any && !fraction && p[1] >= '0' && p[1] <= '9') {
            fraction = true;
        } else {
            break;
        }
    }
    *out = value;
    return any ? p : NULL;
}

/* A unit's name at p, not followed by another letter; returns what comes after it or NULL. */
static const char *unit(const char *p, const char *name)
{
    size_t n = strlen(name);

    if (strncasecmp(p, name, n) != 0 || isalpha((unsigned char)p[n])) return NULL;
    return skip_blanks(p + n);
}

struct unit_row {
    const char *name;
    double factor;
};

static const char *any_unit(const char *p, const struct unit_row *rows, size_t count, double *factor)
{
    for (size_t i = 0; i < count; i++) {
        const char *end = unit(p, rows[i].name);

        if (!end) continue;
        *factor = rows[i].factor;
        return end;
    }
    return NULL;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(text, *words) == 0) return true;
    return false;
}

static const char *const none_words[] = {"none", "no", "unlimited", "unsigned", "no_sign", "no_indications", "default", "unrestricted", NULL};
static const char *const below_words[] = {"below_default", "below", NULL};

/* One length: metres, or feet and inches. */
static enum osm_value one_length(const char *text, double *mm)
{
    static const struct unit_row rows[] = {{"mm", 1}, {"cm", 10}, {"m", 1000}, {"metre", 1000}, {"metres", 1000},
                                           {"meter", 1000}, {"meters", 1000}, {"米", 1000}, {"km", 1e6}};
    static const char *const foot_words[] = {"'", "′", "’", "ft", "feet", "foot"};
    static const char *const inch_words[] = {"\"", "″", "”", "''", "in", "inch", "inches"};
    double value, inches = 0, factor;
    const char *p = decimal(text, &value), *end = NULL;

    if (!p) return OSM_VALUE_UNKNOWN;
    p = skip_blanks(p);
    if (!*p) {
        *mm = value * 1000;
        return OSM_VALUE_NUMBER;
    }
    end = any_unit(p, rows, sizeof rows / sizeof rows[0], &factor);
    if (end && !*end) {
        *mm = value * factor;
        return OSM_VALUE_NUMBER;
    }
    for (size_t i = 0; i < sizeof inch_words / sizeof inch_words[0]; i++) { /* inches alone: 126" */
        end = unit(p, inch_words[i]);
        if (end && !*end) {
            *mm = value * 25.4;
            return OSM_VALUE_NUMBER;
        }
    }
    end = NULL;
    for (size_t i = 0; i < sizeof foot_words / sizeof foot_words[0] && !end; i++) {
        size_t n = strlen(foot_words[i]);

        if (strncasecmp(p, foot_words[i], n) == 0) end = skip_blanks(p + n);
    }
    if (!end) return OSM_VALUE_UNKNOWN;
    if (*end) {
        const char *rest = decimal(end, &inches);

        if (!rest) return OSM_VALUE_UNKNOWN;
        rest = skip_blanks(rest);
        for (size_t i = 0; *rest && i < sizeof inch_words / sizeof inch_words[0]; i++) {
            const char *after = unit(rest, inch_words[i]);

            if (after && !*after) rest = after;
        }
        if (*rest || inches >= 12) return OSM_VALUE_UNKNOWN;
    }
    *mm = value * 304.8 + inches * 25.4;
    return OSM_VALUE_NUMBER;
}

static enum osm_value one_weight(const char *text, double *kg)
{
    static const struct unit_row rows[] = {
        {"t", 1000}, {"to", 1000}, {"tonne", 1000}, {"tonnes", 1000}, {"吨", 1000}, {"kg", 1}, {"公斤", 1}, {"lbs", 0.45359237},
        {"lb", 0.45359237}, {"st", 907.18474}, {"ton", 907.18474}, {"tons", 907.18474}, {"lt", 1016.0469088}, {"cwt", 45.359237},
    };
    double value, factor = 1000;
    const char *p = decimal(text, &value);

    if (!p) return OSM_VALUE_UNKNOWN;
    p = skip_blanks(p);
    if (*p) p = any_unit(p, rows, sizeof rows / sizeof rows[0], &factor);
    if (!p || *p) return OSM_VALUE_UNKNOWN;
    *kg = value * factor;
    return OSM_VALUE_NUMBER;
}

static enum osm_value one_count(const char *text, double *count)
{
    const char *p = decimal(text, count);

    return p && !*skip_blanks(p) && *count == floor(*count) ? OSM_VALUE_NUMBER : OSM_VALUE_UNKNOWN;
}

static enum osm_value one_speed(const char *text, double *kmh)
{
    static const struct unit_row rows[] = {{"km/h", 1}, {"kmh", 1}, {"kph", 1}, {"kmph", 1}, {"mph", 1.609344}, {"knots", 1.852}};
    static const struct unit_row places[] = {{"urban", 50}, {"rural", 80}, {"trunk", 80}, {"motorway", 120}, {"expressway", 120},
                                             {"nsl_single", 80}, {"nsl_dual", 110}, {"living_street", 20}, {"bicycle_road", 30},
                                             {"pedestrian_zone", 10}, {"school", 30}};
    double factor = 1;
    const char *p = decimal(text, kmh);

    if (p) {
        p = skip_blanks(p);
        if (*p) p = any_unit(p, rows, sizeof rows / sizeof rows[0], &factor);
        if (!p || *p) return OSM_VALUE_UNKNOWN;
        *kmh *= factor;
        return OSM_VALUE_NUMBER;
    }
    if (strcasecmp(text, "walk") == 0) {
        *kmh = 7;
        return OSM_VALUE_NUMBER;
    }
    if (strcasecmp(text, "signals") == 0 || strcasecmp(text, "variable") == 0) return OSM_VALUE_NONE;
    if (isalpha((unsigned char)text[0]) && isalpha((unsigned char)text[1])) { /* CN:urban, DE:zone:30, DE:zone30 */
        const char *place = text + 2;

        if (*place == ':') place++;
        else place = strncasecmp(text, "zone", 4) == 0 ? text : NULL;
        if (!place) return OSM_VALUE_UNKNOWN;
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            if (strcasecmp(place, places[i].name) == 0) {
                *kmh = places[i].factor;
                return OSM_VALUE_NUMBER;
            }
        if (strncasecmp(place, "zone", 4) == 0) place += place[4] == ':' ? 5 : 4;
        p = decimal(place, kmh);
        if (p && !*p) return OSM_VALUE_NUMBER;
    }
    return OSM_VALUE_UNKNOWN;
}

/* The strictest part of a list; unknown if any part is not understood. */
static enum osm_value strictest(const char *text, enum osm_value (*one)(const char *, double *), double lowest,
                                double highest, double *out)
{
    enum osm_value result = OSM_VALUE_UNKNOWN;
    char part[VALUE_MAX];

    if (strlen(text) >= VALUE_MAX) return OSM_VALUE_UNKNOWN;
    *out = INFINITY;
    while (*text) {
        size_t n = strcspn(text, ";|"), length;
        enum osm_value v;
        double value = 0;
        const char *begin;

        memcpy(part, text, n);
        part[n] = '\0';
        text += n + (text[n] != '\0');
        begin = skip_blanks(part);
        length = strlen(begin);
        while (length && isspace((unsigned char)begin[length - 1])) part[(size_t)(begin - part) + --length] = '\0';
        if (!*begin) continue;
        v = is_word(begin, none_words)    ? OSM_VALUE_NONE
            : is_word(begin, below_words) ? OSM_VALUE_BELOW_DEFAULT
                                          : one(begin, &value);
        if (v == OSM_VALUE_UNKNOWN || (v == OSM_VALUE_NUMBER && !(value >= lowest && value <= highest))) return OSM_VALUE_UNKNOWN;
        if (v == OSM_VALUE_NUMBER && value < *out) *out = value;
        if (v == OSM_VALUE_NUMBER || result == OSM_VALUE_UNKNOWN || (v == OSM_VALUE_BELOW_DEFAULT && result == OSM_VALUE_NONE))
            result = v == OSM_VALUE_NUMBER || result != OSM_VALUE_NUMBER ? v : result;
    }
    return result;
}

enum osm_value osm_length_mm(const char *text, uint32_t *mm)
{
    double value;
    enum osm_value v = strictest(text, one_length, 100, 1e6, &value);

    if (v == OSM_VALUE_NUMBER) *mm = (uint32_t)floor(value + 1e-6); /* down: 13'6" is 4114.8 mm */
    return v;
}

enum osm_value osm_weight_kg(const char *text, uint32_t *kg)
{
    double value;
    enum osm_value v = strictest(text, one_weight, 100, 1e7, &value);

    if (v == OSM_VALUE_NUMBER) *kg = (uint32_t)floor(value + 1e-6);
    return v;
}

enum osm_value osm_count(const char *text, uint32_t *count)
{
    double value;
    enum osm_value v = strictest(text, one_count, 1, 1000, &value);

    if (v == OSM_VALUE_NUMBER) *count = (uint32_t)value;
    return v;
}

enum osm_value osm_speed_kmh(const char *text, double *kmh)
{
    double value;
    enum osm_value v = strictest(text, one_speed, 1, 400, &value);

    if (v == OSM_VALUE_NUMBER) *kmh = value;
    return v;
}

bool osm_duration_s(const char *text, uint32_t *seconds)
{
    double parts[3] = {0}, total;
    int count = 0;
    const char *p = text;

    if (text[0] == 'P') { /* ISO 8601, hours, minutes and seconds only */
        total = 0;
        for (p = text[1] == 'T' ? text + 2 : ""; *p;) {
            double value;

            p = decimal(p, &value);
            if (!p) return false;
            if (*p == 'H') total += value * 3600;
            else if (*p == 'M') total += value * 60;
            else if (*p == 'S') total += value;
            else return false;
            p++;
        }
    } else {
        for (;;) {
            p = decimal(p, &parts[count]);
            if (!p) return false;
            count++;
            if (*p != ':') break;
            if (count == 3) return false;
            p++;
        }
        if (*skip_blanks(p)) return false;
        total = count == 1 ? parts[0] * 60 : parts[0] * 3600 + parts[1] * 60 + (count == 3 ? parts[2] : 0);
    }
    if (!(total >= 1 && total <= 864000)) return false;
    *seconds = (uint32_t)total;
    return true;
}
