#include "api/command/command_import.h"

#include "api/command/command_options.h"
#include "api/process/config.h"
#include "data/demo/demo.h"
#include "data/import/import_demo.h"
#include "data/import/import_ogr.h"
#include "data/import/import_osm.h"
#include "data/osm/osm_reader.h"
#include "data/pg/migrate.h"
#include "data/pg/pg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *file, *mapping, *source;
    bool demo, replace, quiet;
    uint64_t seed;
    unsigned scale;
};

/* "--name=value" or "--name value"; NULL if the argument is another. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
    size_t length = strlen(name);

    if (strncmp(argv[*i], name, length) != 0) return NULL;
    if (argv[*i][length] == '=') return argv[*i] + length + 1;
    if (argv[*i][length] == '\0' && *i + 1 < argc) return argv[++*i];
    return NULL;
}

static bool number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value > most) return false;
    *out = value;
    return true;
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    uint64_t n;

    *a = (struct arguments){.seed = DEMO_SEED, .scale = 1};
    for (int i = 1; i < argc; i++) {
        const char *v;

        if (strcmp(argv[i], "--demo") == 0) a->demo = true;
        else if (strcmp(argv[i], "--replace") == 0) a->replace = true;
        else if (strcmp(argv[i], "--quiet") == 0) a->quiet = true;
        else if ((v = value_of("--mapping", argc, argv, &i)) != NULL) a->mapping = v;
        else if ((v = value_of("--source", argc, argv, &i)) != NULL) a->source = v;
        else if ((v = value_of("--scale", argc, argv, &i)) != NULL && number(v, DEMO_SCALE_MAX, &n)) a->scale = (unsigned)n;
        else if ((v = value_of("--seed", argc, argv, &i)) != NULL && number(v, UINT64_MAX, &n)) a->seed = n;
        else if (argv[i][0] != '-' && !a->file) a->file = argv[i];
        else return false;
    }
    return a->demo != (a->file != NULL);
}

/* The file's name without its folder. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static enum status run(const struct arguments *a, struct pg *pg, struct import_report *report, struct error *err)
{
    const char *source = a->source ? a->source : a->file ? base_name(a->file) : "demo";
    const struct import_demo_options demo = {a->seed, a->scale, a->replace, a->quiet};
    const struct import_osm_options osm = {a->file, source, a->replace, a->quiet};
    const struct import_ogr_options ogr = {a->file, a->mapping, source, a->replace, a->quiet};

    if (a->demo) return import_demo(pg, &demo, report, err);
    if (osm_reader_takes(a->file)) return import_osm(pg, &osm, report, err);
    return import_ogr(pg, &ogr, report, err);
}

int command_import(int argc, char **argv)
{
    struct config config;
    struct error err = ERROR_INIT;
    struct arguments a;
    struct import_report *report = calloc(1, sizeof *report);
    struct pg *pg = NULL;
    enum status s;
    int result = 1;

    config_init(&config);
    s = report ? config_load(&config, &argc, argv, &err) : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (s == STATUS_OK && !parse(argc, argv, &a)) {
        result = command_usage_print("import");
        goto done;
    }
    if (s == STATUS_OK) s = pg_open(&pg, config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (s == STATUS_OK) s = migrate_ensure(pg, &err);
    if (s == STATUS_OK) s = run(&a, pg, report, &err);
    if (s != STATUS_OK) {
        fprintf(stderr, "baochang import: %s %s\n", err.en, err.zh);
        if (err.log[0]) fprintf(stderr, "  %s\n", err.log);
        if (report && report->reason_count) import_report_print(report, stderr); /* why nothing was left, perhaps */
        goto done;
    }
    import_report_print(report, stderr);
    result = 0;

done:
    pg_close(pg);
    free(report);
    config_clear(&config);
    return result;
}
