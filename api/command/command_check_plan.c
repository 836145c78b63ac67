#include "api/command/command_check_plan.h"

#include "api/paper/paper_check.h"
#include "api/paper/rules_read.h"
#include "api/paper/rules_write.h"
#include "api/wire/time_text.h"
#include "data/network/snapshot.h"
#include "data/rules/load_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 << 20, ARENA_MAX = 1 << 30, METRIC_BYTES = 1 << 20 };

/* Everything that is held; cleared in one place. */
struct bench {
    struct arena arena, rules_arena;
    struct buffer plan_text, request_text, rules_text;
    json_t *plan_document, *request_document;
    struct json_at root; /* which both hang on, for as long as errors may name their members */
    struct base *base;
    struct pg *pg;
    struct rules_input input;
    struct rules *rules;
    struct view *view;
    struct checker *checker;
    struct geos *geos;
    struct crs_cache systems;
    struct route_question question;
    struct paper paper;
};

static void bench_clear(struct bench *b)
{
    checker_free(b->checker);
    if (b->view) view_release(b->view);
    if (b->rules) rules_release(b->rules);
    snapshot_close(b->base);
    pg_close(b->pg);
    json_decref(b->plan_document);
    json_decref(b->request_document);
    buffer_clear(&b->plan_text);
    buffer_clear(&b->request_text);
    buffer_clear(&b->rules_text);
    crs_cache_clear(&b->systems);
    geos_close(b->geos);
    arena_clear(&b->arena);
    arena_clear(&b->rules_arena);
}

static enum status file_read(const char *path, struct buffer *out, struct error *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, strerror(errno));
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, file)) > 0) buffer_bytes(out, block, got);
    bool bad = ferror(file);
    if (file != stdin) fclose(file);
    if (bad) return error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, strerror(errno));
    if (out->failed != STATUS_OK) return error_set(err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, path, (size_t)FILE_MAX);
    return STATUS_OK;
}

/* Says which of the files it was. */
static enum status in_file(const char *path, enum status status, struct error *err)
{
    if (status != STATUS_OK) error_log(err, "%s", path);
    return status;
}

static enum status document_read(const char *path, struct buffer *text, json_t **out, struct error *err)
{
    TRY(file_read(path, text, err));
    return in_file(path, reader_parse(text->data ? text->data : "", text->length, out, err), err);
}

/* Question and answer: in two files, or in one as {request, answer}. */
static enum status documents_read(struct bench *b, const struct check_plan_arguments *a, struct json_at *request,
                                  struct json_at *answer, struct error *err)
{
    static const char *const members[] = {"request", "answer", NULL};
    struct json_at *root = &b->root;
    TRY(document_read(a->plan, &b->plan_text, &b->plan_document, err));
    *root = (struct json_at){.value = b->plan_document};
    *answer = *root;
    if (a->request != NULL) {
        TRY(document_read(a->request, &b->request_text, &b->request_document, err));
        *request = (struct json_at){.value = b->request_document};
        return STATUS_OK;
    }
    if (json_object_get(root->value, "plans")) return error_set(err, STATUS_MISSING_MEMBER, MESSAGE_PAPER_NO_REQUEST);
    TRY(reader_members(root, members, err));
    TRY(reader_require(root, "request", request, err));
    return reader_require(root, "answer", answer, err);
}

/* From the database those of the version that the plan names, though others be in force by now. */
static enum status rules_take(struct bench *b, const struct config *config, const char *path, const struct json_at *answer,
                              struct error *err)
{
    if (path == NULL) {
        TRY(paper_versions(answer, &b->arena, &b->paper, err));
        TRY(pg_open(&b->pg, config->database, &PG_OPTIONS_COMMAND, NULL, err));
        TRY(load_rules(b->pg, &b->rules_arena, &b->input, err));
        if (b->paper.rules_version == b->input.version) return STATUS_OK;
        const struct rules_moment then = {.version = b->paper.rules_version, .at_ms = INT64_MIN};
        arena_reset(&b->rules_arena);
        b->input = (struct rules_input){0};
        return load_rules_past(b->pg, &then, &b->rules_arena, &b->input, err);
    }
    TRY(file_read(path, &b->rules_text, err));
    return in_file(path, rules_read(b->rules_text.data ? b->rules_text.data : "", b->rules_text.length, &b->rules_arena, b->geos,
                                    &b->input, err), err);
}

/* When the question does not say when it begins: when the first plan says it began. */
static int64_t departure_told(const struct paper *paper)
{
    const struct paper_plan *p = &paper->plans[0];
    return p->leg_count ? p->legs[p->leg_count - 1].leg.arrive_ms - p->duration_ms : time_now_ms();
}

static enum status judge(struct bench *b, const struct config *config, const struct check_plan_arguments *a,
                         struct paper_offence *offence, struct error *err)
{
    struct json_at request, answer;
    TRY(geos_open(&b->geos, err));
    TRY(documents_read(b, a, &request, &answer, err));
    TRY(rules_take(b, config, a->rules, &answer, err));
    TRY(snapshot_open(config->snapshot, &b->base, err));
    TRY(rules_compile(&b->base->network, b->base->spatial, &b->input, NULL, &b->rules, err));
    TRY(view_new(b->base, b->rules, METRIC_BYTES, &b->view, err));
    TRY(checker_new(b->base, &b->checker, err));
    TRY(paper_read(&answer, b->rules->input, &b->systems, &b->arena, &b->paper, err));
    const struct parse_setting setting = {.arena = &b->arena, .systems = &b->systems, .now_ms = departure_told(&b->paper),
                                          .geos = b->geos, .journeys = true};
    TRY(parse_route(&request, &setting, &b->question, err));
    if (b->question.optimise_order) TRY(paper_order(&answer, &b->question.route, err));
    const struct paper_judge with = {.view = b->view, .checker = b->checker, .arena = &b->arena};
    return paper_check(&with, &b->question.route, &b->paper, offence, err);
}

static void complain(const struct error *err)
{
    fprintf(stderr, "baochang check: %s %s\n", err->en, err->zh);
    if (*err->pointer) fprintf(stderr, "    %s\n", err->pointer);
    if (*err->log) fprintf(stderr, "    %s\n", err->log);
}

static void say_offence(const struct paper_offence *o)
{
    char at[TIME_TEXT_SIZE];
    struct point place = point_from_e7(o->point);
    time_format(o->at_ms, at);
    printf("not lawful 不合法: plan %u, leg %u, %s, [%.7f, %.7f]%s%s: %s %s\n", o->plan + 1, o->leg + 1, at, place.lon_deg,
           place.lat_deg, o->rule ? ", " : "", o->rule ? o->rule : "", o->en, o->zh);
    if (*o->digest) printf("    %s\n", o->digest);
}

int command_check_plan(const struct config *config, const struct check_plan_arguments *arguments)
{
    struct error err = ERROR_INIT;
    struct paper_offence offence;
    int result = 2;
    struct bench *b = calloc(1, sizeof *b);
    if (b == NULL) return 2;
    arena_init(&b->arena, ARENA_MAX);
    arena_init(&b->rules_arena, RULES_BYTES_MAX);
    buffer_init(&b->plan_text, FILE_MAX);
    buffer_init(&b->request_text, FILE_MAX);
    buffer_init(&b->rules_text, FILE_MAX);
    enum status status = judge(b, config, arguments, &offence, &err);
    if (status == STATUS_OK) {
        printf("lawful 合法: %u plan(s) under rules version %lld\n", b->paper.plan_count, (long long)b->rules->version);
        result = 0;
    } else if (status == STATUS_CHECKER_DISAGREES) {
        say_offence(&offence);
        result = 1;
    } else {
        complain(&err);
    }
    bench_clear(b);
    free(b);
    return result;
}

int command_dump_rules(const struct config *config)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct arena arena;
    struct buffer out;
    struct rules_input input;
    int result = 2;
    arena_init(&arena, RULES_BYTES_MAX);
    buffer_init(&out, FILE_MAX);
    enum status status = pg_open(&pg, config->database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = load_rules(pg, &arena, &input, &err);
    if (status == STATUS_OK) {
        rules_write(&out, &input);
        buffer_char(&out, '\n');
        if (out.failed != STATUS_OK) status = error_set(&err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, "rules", (size_t)FILE_MAX);
    }
    if (status == STATUS_OK && fwrite(out.data, 1, out.length, stdout) == out.length && fflush(stdout) == 0) result = 0;
    else if (status != STATUS_OK) complain(&err);
    pg_close(pg);
    buffer_clear(&out);
    arena_clear(&arena);
    return result;
}
