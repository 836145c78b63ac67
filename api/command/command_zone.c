#include "api/command/command_zone.h"

#include "api/command/command_options.h"
#include "api/parse/parse_rule.h"
#include "api/process/config.h"
#include "api/trial/lint.h"
#include "api/wire/time_text.h"
#include "data/network/snapshot.h"
#include "data/pg/write_pool.h"
#include "data/rules/load_rules.h"
#include "routing/constraint/rules_compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20, ARENA_MAX = 512 << 20 };

/* All that looking at a zone takes; cleared in one place. */
struct bench {
    struct config config;
    struct pg *pg;
    struct base *base;
    struct arena rules_arena, arena;
    struct rules_input input;
    struct rules *rules;
    struct view *view;
    struct write_pool *writes;
    struct crs_cache systems;
    struct geos *geos;
    json_t *document;
    int worst; /* 0 information, 1 warning, 2 error */
};

static void bench_clear(struct bench *b)
{
    json_decref(b->document);
    if (b->view) view_release(b->view);
    if (b->rules) rules_release(b->rules);
    snapshot_close(b->base);
    write_pool_free(b->writes);
    pg_close(b->pg);
    crs_cache_clear(&b->systems);
    geos_close(b->geos);
    arena_clear(&b->rules_arena);
    arena_clear(&b->arena);
    config_clear(&b->config);
}

static enum status file_read(const char *path, struct buffer *out, struct error *err)
{
    FILE *file = fopen(path, "rb");
    char piece[65536];
    for (size_t n; file && (n = fread(piece, 1, sizeof piece, file)) > 0;) buffer_bytes(out, piece, n);
    bool good = file && !ferror(file);
    int reason = errno;
    if (file) fclose(file);
    if (!good) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, strerror(reason));
    return out->failed ? error_set(err, out->failed, MESSAGE_LIMIT_BYTES, path, (size_t)FILE_MAX) : STATUS_OK;
}

static enum status bench_open(struct bench *b, const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FILE_MAX);
    enum status status = file_read(path, &text, err);
    if (status == STATUS_OK) status = reader_parse(text.data, text.length, &b->document, err);
    buffer_clear(&text);
    if (status != STATUS_OK) return status;
    TRY(pg_open(&b->pg, b->config.database, &PG_OPTIONS_COMMAND, NULL, err));
    TRY(write_pool_new(&b->writes, b->config.database, 1, err));
    TRY(geos_open(&b->geos, err));
    TRY(snapshot_open(b->config.snapshot, &b->base, err));
    TRY(load_rules(b->pg, &b->rules_arena, &b->input, err));
    TRY(rules_compile(&b->base->network, b->base->spatial, &b->input, NULL, &b->rules, err));
    return view_new(b->base, b->rules, (size_t)b->config.metrics_mib << 20, &b->view, err);
}

/* ---- one feature ------------------------------------------------------------------------------------------- */

static void print_findings(struct bench *b, size_t index, const struct buffer *answer, enum language language)
{
    static const char *const severities[] = {"info", "warning", "error"}, *const zh[] = {"提示", "警告", "错误"};
    json_t *document = json_loadb(answer->data, answer->length, 0, NULL), *findings = json_object_get(document, "findings");
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *severity = json_string_value(json_object_get(finding, "severity")), *pointer = json_string_value(json_object_get(finding, "pointer"));
        int rank = 2;
        for (int s = 0; s < 3; s++)
            if (severity && strcmp(severity, severities[s]) == 0) rank = s;
        if (rank > b->worst) b->worst = rank;
        printf("%zu\t%s\t%s\t%s%s%s\n", index, language == LANGUAGE_EN ? severities[rank] : zh[rank],
               json_string_value(json_object_get(finding, "code")), json_string_value(json_object_get(finding, "message")), pointer ? "\t" : "",
               pointer ? pointer : "");
    }
    if (json_array_size(findings) == 0) printf("%zu\t%s\n", index, language == LANGUAGE_EN ? "nothing found" : "未发现问题");
    json_decref(document);
}

/* Drawn inside a transaction, looked at, and undone. */
static enum status lint_one(struct bench *b, const struct json_at *feature, size_t index, struct error *err)
{
    static const struct write_actor actor = {.id = "command", .holder = "baochang zone lint", .role = "admin", .request = "command"};
    enum language language = b->config.language == 1 ? LANGUAGE_EN : LANGUAGE_ZH;
    const struct parse_setting setting = {.arena = &b->arena, .systems = &b->systems, .now_ms = time_now_ms(), .language = language, .geos = b->geos};
    struct rule_feature_in in;
    struct write_tx tx = {0};
    struct buffer answer;
    char id[DESK_ID_SIZE];
    buffer_init(&answer, 16 << 20);
    enum status status = parse_rule(feature, DESK_ZONE, NULL, &setting, &in, err);
    if (status == STATUS_OK) status = write_begin(b->writes, &actor, "create", &tx, err);
    if (status == STATUS_OK) status = rule_put(&tx, DESK_ZONE, NULL, &in.document, id, err);
    if (status == STATUS_OK) status = lint(&tx, DESK_ZONE, id, b->view, language, &b->arena, &answer, err);
    write_abort(&tx);
    if (status != STATUS_OK && status_http(status) < 500) { /* what is wrong with the drawing is the finding */
        buffer_reset(&answer);
        lint_refused(err, language, NULL, &answer);
        status = STATUS_OK;
    }
    if (status == STATUS_OK) print_findings(b, index, &answer, language);
    buffer_clear(&answer);
    return status;
}

static enum status lint_all(struct bench *b, struct error *err)
{
    struct json_at root = {.value = b->document}, features;
    if (!reader_find(&root, "features", &features)) return lint_one(b, &root, 0, err);
    size_t count;
    TRY(reader_array(&features, 1, 5000, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at feature = reader_element(&features, i);
        TRY(lint_one(b, &feature, i, err));
        arena_reset(&b->arena);
    }
    return STATUS_OK;
}

int command_zone(int argc, char **argv)
{
    struct bench b = {0};
    struct error err = ERROR_INIT;
    config_init(&b.config);
    arena_init(&b.rules_arena, RULES_BYTES_MAX);
    arena_init(&b.arena, ARENA_MAX);
    enum status status = config_load(&b.config, &argc, argv, &err);
    if (status == STATUS_OK && (argc != 3 || strcmp(argv[1], "lint") != 0)) {
        bench_clear(&b);
        return command_usage_print("zone");
    }
    if (status == STATUS_OK) status = bench_open(&b, argv[2], &err);
    if (status == STATUS_OK) status = lint_all(&b, &err);
    if (status != STATUS_OK) fprintf(stderr, "baochang zone lint: %s %s%s%s\n", err.en, err.zh, err.pointer[0] ? " " : "", err.pointer);
    int result = status != STATUS_OK ? 3 : b.worst;
    bench_clear(&b);
    return result;
}
