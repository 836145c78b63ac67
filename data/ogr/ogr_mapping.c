#include "data/ogr/ogr_mapping.h"

#include "data/import/road_defaults.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const field_keys[OGR_FIELD_COUNT] = {
#define X(name, key) key,
    OGR_FIELDS(X)
#undef X
};

const char *ogr_field_key(enum ogr_field field)
{
    return field_keys[field];
}

int ogr_values_find(const struct ogr_values *values, const char *text)
{
    for (unsigned i = 0; i < values->count; i++)
        if (strcmp(values->items[i].text, text) == 0) return values->items[i].meaning;
    return -1;
}

static bool wrong(struct ogr_mapping *m, const char *text)
{
    if (!m->error_text) m->error_text = text;
    return false;
}

static const char *keep(struct ogr_mapping *m, const char *text)
{
    const char *copy = arena_strdup(&m->arena, text);

    if (!copy) wrong(m, "out of memory");
    return copy;
}

static bool add(struct ogr_mapping *m, struct ogr_values *values, const char *text, int meaning)
{
    if (meaning < 0) return wrong(m, "not a known meaning");
    if (ogr_values_find(values, text) >= 0) return wrong(m, "a value mapped twice");
    if (values->count == OGR_VALUES_MAX) return wrong(m, "too many values");
    values->items[values->count] = (struct ogr_value){keep(m, text), meaning};
    if (!values->items[values->count].text) return false;
    values->count++;
    return true;
}

static int word(const char *text, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0) return i;
    return -1;
}

static int class_of(const char *text)
{
    for (int c = 0; c < ROAD_CLASS_COUNT; c++)
        if (strcmp(text, road_default_code((enum road_class)c)) == 0) return c;
    return -1;
}

static bool source(struct ogr_mapping *m, const char *name, const char *value)
{
    char *end;

    if (strcmp(name, "layer") == 0) return (m->layer = keep(m, value)) != NULL;
    if (strcmp(name, "encoding") == 0) return (m->encoding = keep(m, value)) != NULL;
    if (strcmp(name, "crs") == 0) {
        long code;

        if (strncasecmp(value, "EPSG:", 5) == 0) value += 5;
        code = strtol(value, &end, 10);
        m->crs = (int)code;
        return (end != value && !*end && code > 0 && code < 1000000) || wrong(m, "crs must be an EPSG code");
    }
    if (strcmp(name, "tolerance_m") == 0) {
        m->tolerance_m = strtod(value, &end);
        return (end != value && !*end && m->tolerance_m >= 0 && m->tolerance_m <= 100) || wrong(m, "tolerance_m must be a number from 0 to 100");
    }
    if (strcmp(name, "crossings") == 0) {
        int meaning = word(value, (const char *const[]){"no", "yes"}, 2);

        m->crossings = meaning == 1;
        return meaning >= 0 || wrong(m, "crossings must be yes or no");
    }
    return wrong(m, "unknown key in [source]");
}

static int on_line(void *user, const char *section, const char *name, const char *value)
{
    static const char *const directions[] = {"both", "forward", "backward", "none"}, *const access[] = {"yes", "destination", "no"},
                      *const flags[] = {"no", "yes"};
    struct ogr_mapping *m = user;
    int field = word(name, field_keys, OGR_FIELD_COUNT);

    if (strcmp(section, "source") == 0) return source(m, name, value);
    if (strcmp(section, "fields") == 0)
        return field < 0 ? wrong(m, "unknown key in [fields]") : (m->fields[field] = keep(m, value)) != NULL;
    if (strcmp(section, "defaults") == 0)
        return field < 0 ? wrong(m, "unknown key in [defaults]") : (m->defaults[field] = keep(m, value)) != NULL;
    if (strcmp(section, "class") == 0) return add(m, &m->classes, name, class_of(value));
    if (strcmp(section, "oneway") == 0) return add(m, &m->directions, name, word(value, directions, 4));
    if (strcmp(section, "access") == 0) return add(m, &m->access, name, word(value, access, 3));
    if (strcmp(section, "flags") == 0) return add(m, &m->flags, name, word(value, flags, 2));
    if (strcmp(section, "units") == 0 && strcmp(name, "length") == 0 && word(value, (const char *const[]){"m", "cm", "mm"}, 3) >= 0)
        return (m->length_unit = keep(m, value)) != NULL;
    if (strcmp(section, "units") == 0 && strcmp(name, "weight") == 0 && word(value, (const char *const[]){"t", "kg"}, 2) >= 0)
        return (m->weight_unit = keep(m, value)) != NULL;
    return wrong(m, "unknown section, key or unit");
}

static void begin(struct ogr_mapping *m)
{
    *m = (struct ogr_mapping){.tolerance_m = 0.5, .length_unit = "m", .weight_unit = "t"};
    arena_init(&m->arena, 1 << 20);
}

static enum status finish(struct ogr_mapping *m, int line, struct error *err)
{
    if (line == 0) return STATUS_OK;
    if (line == -2) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return error_set(err, STATUS_INVALID, MESSAGE_MAPPING_INVALID, line, m->error_text ? m->error_text : "not \"key = value\"");
}

enum status ogr_mapping_read(const char *path, struct ogr_mapping *out, struct error *err)
{
    int line;

    begin(out);
    errno = 0;
    line = ini_parse(path, on_line, out);
    if (line == -1) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, errno ? strerror(errno) : "cannot be read");
    return finish(out, line, err);
}

enum status ogr_mapping_parse(const char *text, struct ogr_mapping *out, struct error *err)
{
    begin(out);
    return finish(out, ini_parse_string(text, on_line, out), err);
}

void ogr_mapping_clear(struct ogr_mapping *mapping)
{
    arena_clear(&mapping->arena);
    *mapping = (struct ogr_mapping){0};
}
