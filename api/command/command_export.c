#include "api/command/command_export.h"

#include "api/command/command_options.h"
#include "api/handlers/layers.h"
#include "api/process/config.h"
#include "api/wire/time_text.h"
#include "data/maps/export_layers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 16 };

/* What is asked for. */
struct wish {
    const char *layer, *out, *bbox;
    struct export_options options;
    struct export_filter filter;
    double sides[4];
};

static enum status choice(const char *name, const char *value, const char *first, const char *second, bool *is_second, struct error *err)
{
    char both[40];
    *is_second = strcmp(value, second) == 0;
    if (*is_second || strcmp(value, first) == 0) return STATUS_OK;
    snprintf(both, sizeof both, "%s, %s", first, second);
    return error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, name, both);
}

static enum status wish_read(int argc, char **argv, struct wish *wish, struct error *err)
{
    struct option_read read[ARGUMENTS_MAX];
    size_t count;
    bool english = false;
    int64_t at_ms;
    *wish = (struct wish){.options = {.crs = "EPSG:4490", .format = EXPORT_GEOJSON}};
    enum status status = options_read("export", argc, argv, read, ARGUMENTS_MAX, &count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const char *name = read[i].option ? read[i].option->name : "", *value = read[i].value;
        if (!*name) wish->layer = value;
        else if (strcmp(name, "format") == 0 && !export_format_find(value, &wish->options.format))
            status = error_set(err, STATUS_INVALID, MESSAGE_EXPORT_FORMAT, read[i].option->words);
        else if (strcmp(name, "out") == 0) wish->out = value;
        else if (strcmp(name, "bbox") == 0) wish->bbox = value;
        else if (strcmp(name, "at") == 0) wish->filter.at = value;
        else if (strcmp(name, "state") == 0) wish->filter.state = value;
        else if (strcmp(name, "crs") == 0) wish->options.crs = value;
        else if (strcmp(name, "names") == 0) status = choice(name, value, "zh", "en", &english, err);
        else if (strcmp(name, "encoding") == 0) status = choice(name, value, "utf-8", "gbk", &wish->options.gbk, err);
    }
    wish->options.zh_names = !english;
    if (status == STATUS_OK && wish->filter.at && !time_parse(wish->filter.at, strlen(wish->filter.at), &at_ms))
        return error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
    if (status != STATUS_OK || wish->bbox == NULL) return status;
    struct box box;
    status = bbox_parse(wish->bbox, &box, err);
    wish->sides[0] = box.min_lon_deg, wish->sides[1] = box.min_lat_deg, wish->sides[2] = box.max_lon_deg, wish->sides[3] = box.max_lat_deg;
    wish->filter.bbox = wish->sides;
    return status;
}

static enum status file_write(const char *path, const struct buffer *bytes, struct error *err)
{
    FILE *file = path ? fopen(path, "wb") : stdout;
    bool good = file && fwrite(bytes->data, 1, bytes->length, file) == bytes->length && fflush(file) == 0;
    int reason = errno;
    if (file && path) good = fclose(file) == 0 && good;
    if (good) return STATUS_OK;
    return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path ? path : "-", strerror(reason));
}

int command_export(int argc, char **argv)
{
    static const struct rule_reader everything = {.desk = true};
    struct config config;
    struct error err = ERROR_INIT;
    struct wish wish;
    struct pg *pg = NULL;
    struct export *e = NULL;
    struct buffer out;
    enum export_layer layer;
    config_init(&config);
    buffer_init(&out, EXPORT_BYTES_MAX);
    enum status status = config_load(&config, &argc, argv, &err);
    if (status == STATUS_OK) status = wish_read(argc, argv, &wish, &err);
    if (status == STATUS_OK && (wish.layer == NULL || !export_layer_find(wish.layer, &layer)))
        status = error_set(&err, STATUS_INVALID, MESSAGE_EXPORT_LAYER, wish.layer ? wish.layer : "");
    bool called_right = status == STATUS_OK;
    if (status == STATUS_OK) status = pg_open(&pg, config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = export_open(&wish.options, wish.layer, &e, &err);
    if (status == STATUS_OK) status = export_layer_rows(pg, layer, &everything, &wish.filter, NULL, e, &err);
    if (status == STATUS_OK) status = export_close(e, &out, &err);
    else export_abort(e);
    if (status == STATUS_OK) status = file_write(wish.out, &out, &err);
    if (status != STATUS_OK) fprintf(stderr, "baochang export: %s %s\n", err.en, err.zh);
    pg_close(pg);
    buffer_clear(&out);
    config_clear(&config);
    return status == STATUS_OK ? 0 : called_right ? 1 : 2;
}
