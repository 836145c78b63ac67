#include "api/command/place_name.h"

#include "api/json/reader.h"
#include "data/registers/place_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CANDIDATES = 8, FOUND_MAX = 1 << 20 };

bool place_coordinates(const char *text, struct place_found *out)
{
    char *end;
    *out = (struct place_found){.name = NULL};
    if (strspn(text, "+-.0123456789,") != strlen(text)) return false;
    out->lon_deg = strtod(text, &end);
    if (end == text || *end != ',') return false;
    const char *second = end + 1;
    out->lat_deg = strtod(second, &end);
    return end != second && *end == '\0';
}

static const char *member(const json_t *place, const char *name)
{
    const char *text = json_string_value(json_object_get(place, name));
    return text ? text : "";
}

static bool is_seat(const json_t *place)
{
    return strcmp(member(place, "kind"), "county_seat") == 0;
}

/* The one that is meant, or NULL. */
static const json_t *choose(const json_t *places, const char *text)
{
    const json_t *exact = NULL, *seat = NULL;
    size_t exacts = 0, seats = 0;
    for (size_t i = 0; i < json_array_size(places); i++) {
        const json_t *place = json_array_get(places, i);
        const char *name = member(place, "name"), *en = member(place, "name_en");
        if (strcmp(name, text) == 0 || strcasecmp(en, text) == 0) exact = place, exacts++;
        if (is_seat(place) && (strncmp(name, text, strlen(text)) == 0 || strncasecmp(en, text, strlen(text)) == 0))
            seat = place, seats++;
    }
    if (seats == 1) return seat; /* 南召 is the county, not the toll station that bears its name */
    if (exacts == 1) return exact;
    return json_array_size(places) == 1 ? json_array_get(places, 0) : NULL;
}

static enum status several(const json_t *places, const char *text, struct error *err)
{
    struct buffer names;
    buffer_init(&names, 2000);
    for (size_t i = 0; i < json_array_size(places); i++) {
        const json_t *place = json_array_get(places, i), *at = json_object_get(place, "location");
        buffer_printf(&names, "%s%s (%.5f,%.5f)", i ? "; " : "", member(place, "name"), json_number_value(json_array_get(at, 0)),
                      json_number_value(json_array_get(at, 1)));
    }
    enum status status = error_set(err, STATUS_INVALID, MESSAGE_PLACE_AMBIGUOUS, text, names.data ? names.data : "…");
    buffer_clear(&names);
    return status;
}

enum status place_find(struct pg *pg, const char *text, struct arena *arena, struct place_found *out, struct error *err)
{
    struct buffer found;
    json_t *document = NULL;
    *out = (struct place_found){.name = NULL};
    if (text[0] == '\0' || strlen(text) > PLACE_QUERY_MAX) return error_set(err, STATUS_NOT_FOUND, MESSAGE_PLACE_UNKNOWN, text);
    buffer_init(&found, FOUND_MAX);
    enum status status = place_search(pg, text, NULL, CANDIDATES, &found, err);
    if (status == STATUS_OK) status = reader_parse(found.data, found.length, &document, err);
    if (status == STATUS_OK) {
        const json_t *places = json_object_get(document, "results"), *place = choose(places, text);
        const json_t *at = json_object_get(place, "location");
        out->lon_deg = json_number_value(json_array_get(at, 0));
        out->lat_deg = json_number_value(json_array_get(at, 1));
        if (place) out->name = arena_strdup(arena, member(place, "name"));
        if (json_array_size(places) == 0) status = error_set(err, STATUS_NOT_FOUND, MESSAGE_PLACE_UNKNOWN, text);
        else if (place == NULL) status = several(places, text, err);
        else if (out->name == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    json_decref(document);
    buffer_clear(&found);
    return status;
}
