#include "api/command/command_route.h"

#include "api/command/command_options.h"
#include "api/command/place_name.h"
#include "api/command/print_plan.h"
#include "api/encode/encode_files.h"
#include "api/encode/encode_route.h"
#include "api/parse/parse_route.h"
#include "api/parse/query_json.h"
#include "api/process/config.h"
#include "api/sheet/sheet.h"
#include "api/wire/time_text.h"
#include "data/network/snapshot.h"
#include "data/pg/pg.h"
#include "data/rules/load_rules.h"
#include "geo/base/log.h"
#include "routing/planner/planner_route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_MAX = 64 << 20, ARENA_MAX = 256 << 20, ARGUMENTS_MAX = 256 };

/* Everything the question needs; cleared in one place. */
struct desk {
    struct config config;
    struct pg *pg;
    struct base *base;
    struct arena rules_arena, arena;
    struct rules_input input;
    struct rules *rules;
    struct view *view;
    struct planner *planner;
    struct crs_cache systems;
    struct geos *geos;
    struct route_question question;
};

static void desk_clear(struct desk *desk)
{
    planner_free(desk->planner);
    if (desk->view) view_release(desk->view);
    if (desk->rules) rules_release(desk->rules);
    snapshot_close(desk->base);
    pg_close(desk->pg);
    crs_cache_clear(&desk->systems);
    geos_close(desk->geos);
    arena_clear(&desk->rules_arena);
    arena_clear(&desk->arena);
    config_clear(&desk->config);
}

/* ---- the question --------------------------------------------------------------------------------------------- */

/* What the options ask to be put out, and where the calls are. */
struct wish {
    struct option_read read[ARGUMENTS_MAX];
    size_t count;
    bool json, geojson, gpx;
};

static bool named(const struct option_read *read, const char *name)
{
    return read->option && strcmp(read->option->name, name) == 0;
}

static enum status wish_read(int argc, char **argv, struct desk *desk, struct wish *wish, struct error *err)
{
    TRY(options_read("route", argc, argv, wish->read, ARGUMENTS_MAX, &wish->count, err));
    for (size_t i = 0; i < wish->count; i++) {
        const struct option_read *read = &wish->read[i];
        wish->json |= named(read, "json");
        wish->geojson |= named(read, "geojson");
        wish->gpx |= named(read, "gpx");
        if (named(read, "lang")) TRY(config_set(&desk->config, "language", read->value, err));
    }
    if (wish->json + wish->geojson + wish->gpx > 1)
        return error_set(err, STATUS_INVALID, MESSAGE_OPTION_EXCLUSIVE, wish->json ? "--json" : "--geojson",
                         wish->gpx ? "--gpx" : "--geojson");
    return STATUS_OK;
}

/* One more value under a key of the query. Lists grow by `separator`, twice anything else is refused. */
static enum status key_add(struct http_target *target, const char *key, const char *value, char separator, struct arena *arena,
                           struct error *err)
{
    size_t at = 0;
    while (at < target->key_count && strcmp(target->key[at], key) != 0) at++;
    if (at == TARGET_KEYS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_OPTION_MANY, (size_t)TARGET_KEYS_MAX);
    if (at < target->key_count && separator == '\0') return error_set(err, STATUS_DUPLICATE_MEMBER, MESSAGE_QUERY_TWICE, key);
    target->key[at] = arena_strdup(arena, key);
    target->value[at] = at < target->key_count ? arena_printf(arena, "%s%c%s", target->value[at], separator, value)
                                               : arena_strdup(arena, value);
    if (target->key[at] == NULL || target->value[at] == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    target->key_count += at == target->key_count;
    return STATUS_OK;
}

/* Everything but the calls, as the query of GET /v1/route. */
static enum status query_build(const struct wish *wish, struct http_target *target, struct arena *arena, struct error *err)
{
    static const char *const versions[] = {"as_of", "min_rules_version", "max_rules_age_s", NULL};
    for (size_t i = 0; i < wish->count; i++) {
        const struct option_read *read = &wish->read[i];
        if (read->option == NULL) {
            char *key = arena_strdup(arena, read->value), *equals = key ? strchr(key, '=') : NULL;
            if (key == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
            if (equals == NULL) return error_set(err, STATUS_INVALID, MESSAGE_QUERY_FORM);
            *equals = '\0';
            for (size_t k = 0; versions[k]; k++)
                if (strcmp(key, versions[k]) == 0) return error_set(err, STATUS_INVALID, MESSAGE_OPTION_NOT_HERE, key);
            TRY(key_add(target, key, equals + 1, '\0', arena, err));
        } else if (read->option->key) {
            char separator = !read->option->repeats ? '\0' : strcmp(read->option->key, "credentials") == 0 ? ';' : ',';
            TRY(key_add(target, read->option->key, read->value ? read->value : "true", separator, arena, err));
        } else if (named(read, "loop")) {
            TRY(key_add(target, "loop", "return", '\0', arena, err));
        } else if (named(read, "report")) {
            TRY(key_add(target, "on_violation", "report", '\0', arena, err));
        }
    }
    return http_target_check(target, query_route_keys, err);
}

static enum status call_make(struct desk *desk, const char *text, json_t **out, struct error *err)
{
    struct place_found place;
    if (!place_coordinates(text, &place)) TRY(place_find(desk->pg, text, &desk->arena, &place, err));
    *out = json_pack("{s:[f,f]}", "location", place.lon_deg, place.lat_deg);
    if (*out == NULL || (place.name && json_object_set_new(*out, "name", json_string(place.name)) != 0))
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

/* --from, --stop, --to, --base with their names, and --service for the one before it. */
static enum status calls_set(struct desk *desk, const struct wish *wish, json_t *document, struct error *err)
{
    json_t *last = NULL, *stops = NULL;
    for (size_t i = 0; i < wish->count; i++) {
        const struct option_read *read = &wish->read[i];
        const char *member = named(read, "from") ? "origin" : named(read, "to") ? "destination" : named(read, "base") ? "base" : NULL;
        if (named(read, "service")) {
            char *end;
            double seconds = strtod(read->value, &end);
            if (last == NULL) return error_set(err, STATUS_INVALID, MESSAGE_OPTION_NO_CALL);
            if (*end || end == read->value) return error_set(err, STATUS_INVALID, MESSAGE_QUERY_NUMBER, "service");
            if (json_object_set_new(last, "service_s", json_real(seconds)) != 0)
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
        if (member == NULL && !named(read, "stop")) continue;
        json_t *call = NULL;
        TRY(call_make(desk, read->value, &call, err));
        if (stops == NULL && !member) {
            stops = json_array();
            if (json_object_set_new(document, "stops", stops) != 0) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
        last = named(read, "from") || named(read, "base") ? NULL : call;
        if (member ? json_object_set_new(document, member, call) : json_array_append_new(stops, call))
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    return STATUS_OK;
}

static enum status question_read(struct desk *desk, const struct wish *wish, struct error *err)
{
    json_t *document = NULL;
    struct http_target target = {0};
    TRY(geos_open(&desk->geos, err));
    const struct parse_setting setting = {.arena = &desk->arena, .systems = &desk->systems, .now_ms = time_now_ms(),
                                          .language = desk->config.language == 1 ? LANGUAGE_EN : LANGUAGE_ZH,
                                          .geos = desk->geos};
    TRY(query_build(wish, &target, &desk->arena, err));
    TRY(query_to_json(&target, query_route_rows, &document, err));
    enum status status = calls_set(desk, wish, document, err);
    struct json_at root = {.value = document};
    if (status == STATUS_OK) status = parse_route(&root, &setting, &desk->question, err);
    json_decref(document);
    if (status == STATUS_OK && desk->question.store) status = error_set(err, STATUS_INVALID, MESSAGE_OPTION_NOT_HERE, "store");
    return status;
}

/* ---- the answer ------------------------------------------------------------------------------------------------ */

static enum status view_load(struct desk *desk, struct error *err)
{
    TRY(snapshot_open(desk->config.snapshot, &desk->base, err));
    TRY(load_rules(desk->pg, &desk->rules_arena, &desk->input, err));
    TRY(rules_compile(&desk->base->network, desk->base->spatial, &desk->input, NULL, &desk->rules, err));
    TRY(view_new(desk->base, desk->rules, (size_t)desk->config.metrics_mib << 20, &desk->view, err));
    return planner_new(desk->base, &desk->planner, err);
}

/* --pdf, --svg, --png: each beside its place and renamed, so that nobody finds half a sheet. */
static enum status file_write(const char *path, const struct buffer *bytes, struct error *err)
{
    char beside[4096 + 8];
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside) errno = ENAMETOOLONG;
    FILE *file = strlen(path) > 4096 ? NULL : fopen(beside, "wb");
    bool whole = file && fwrite(bytes->data, 1, bytes->length, file) == bytes->length;
    if (file) whole = fclose(file) == 0 && whole;
    if (whole && rename(beside, path) == 0) return STATUS_OK;
    enum status status = error_set(err, STATUS_IO, MESSAGE_FILE_IO, path, strerror(errno));
    if (file) unlink(beside);
    return status;
}

static enum status sheets_write(struct desk *desk, const struct route_encoder *encoder, const struct answer *answer,
                                const struct wish *wish, struct error *err)
{
    static const char *const names[] = {[SHEET_PDF] = "pdf", [SHEET_SVG] = "svg", [SHEET_PNG] = "png"};
    struct sheet_plan plan = {0};
    const struct route_request *asked = &desk->question.route;
    const struct sheet_job job = {.plan = &plan, .vehicle = &asked->vehicle, .loop = asked->loop,
                                  .language = desk->question.form.language,
                                  .ground = {.network = &desk->base->network, .rules = desk->view->rules->input,
                                             .vehicle = &asked->vehicle, .region = desk->config.region_name,
                                             .attribution = desk->config.attribution, .schematic = desk->config.schematic}};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < wish->count && status == STATUS_OK; i++)
        for (int form = SHEET_PDF; form <= SHEET_PNG && status == STATUS_OK; form++) {
            struct buffer text, file;
            if (!named(&wish->read[i], names[form])) continue;
            buffer_init(&text, OUTPUT_MAX);
            buffer_init(&file, OUTPUT_MAX);
            encode_answer(&text, encoder, answer);
            status = text.failed ? error_set(err, text.failed, MESSAGE_NO_MEMORY)
                                 : sheet_plan_read(text.data, text.length, 0, &desk->systems, &desk->arena, &plan, err);
            if (status == STATUS_OK) status = sheet_write(&job, (enum sheet_form)form, &file, err);
            if (status == STATUS_OK) status = file_write(wish->read[i].value, &file, err);
            buffer_clear(&text);
            buffer_clear(&file);
        }
    return status;
}

static int complain(const struct error *err)
{
    fprintf(stderr, "baochang route: %s%s%s %s\n", err->pointer, err->pointer[0] ? ": " : "", err->en, err->zh);
    if (err->log[0]) fprintf(stderr, "  %s\n", err->log);
    return 1;
}

static int print(struct desk *desk, const struct answer *answer, const struct wish *wish)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct route_encoder encoder = {.view = desk->view, .request = &desk->question.route, .form = &desk->question.form,
                                    .age = {.ready = true, .connected = true, .rejected = -1,
                                            .version = desk->view->rules->version}};
    enum language language = desk->question.form.language;
    bool found = answer->cause == STATUS_OK;
    encode_decision(&encoder);
    if (found && sheets_write(desk, &encoder, answer, wish, &err) != STATUS_OK) return complain(&err);
    buffer_init(&out, OUTPUT_MAX);
    if (wish->json && found) {
        encode_answer(&out, &encoder, answer);
    } else if (wish->json) {
        buffer_printf(&out, "{\"code\":\"%s\",", status_code(answer->cause));
        encode_no_plan(&out, &encoder, answer);
        buffer_char(&out, '}');
    } else if (wish->geojson && found) {
        encode_plan_geojson(&out, &encoder, answer->plans[0]);
    } else if (wish->gpx && found) {
        encode_plan_gpx(&out, &encoder, answer->plans[0]);
    } else if (found) {
        for (uint32_t i = 0; i < answer->plan_count; i++) {
            if (i) buffer_text(&out, "\n——\n");
            print_plan(&out, desk->view, &desk->question.route, answer->plans[i], language);
        }
    } else {
        print_no_plan(&out, desk->view, answer, language);
    }
    if (wish->json || (wish->geojson && found)) buffer_char(&out, '\n');
    /* a reader of GPX or GeoJSON must not take the reasons for a file */
    FILE *to = !found && (wish->geojson || wish->gpx) ? stderr : stdout;
    bool written = out.failed == STATUS_OK && fwrite(out.data, 1, out.length, to) == out.length && fflush(to) == 0;
    buffer_clear(&out);
    return written && found ? 0 : 1;
}

int command_route(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct answer answer = {0};
    int result = 1;
    struct desk *desk = calloc(1, sizeof *desk);
    struct wish *wish = calloc(1, sizeof *wish);
    if (desk == NULL || wish == NULL) goto done;
    config_init(&desk->config);
    arena_init(&desk->rules_arena, RULES_BYTES_MAX);
    arena_init(&desk->arena, ARENA_MAX);
    enum status status = config_load(&desk->config, &argc, argv, &err);
    if (status == STATUS_OK && argc < 2) {
        result = command_usage_print("route");
        goto done;
    }
    if (status == STATUS_OK) {
        status = wish_read(argc, argv, desk, wish, &err);
        if (status != STATUS_OK) result = 2;
    }
    log_level_set((enum log_level)desk->config.log_level);
    if (status == STATUS_OK) status = pg_open(&desk->pg, desk->config.database, &PG_OPTIONS_COMMAND, NULL, &err);
    if (status == STATUS_OK) status = question_read(desk, wish, &err);
    if (status == STATUS_OK) status = view_load(desk, &err);
    if (status == STATUS_OK)
        status = planner_route(desk->planner, desk->view, &desk->question.route, PLANNER_FULL, &desk->arena, &answer, &err);
    if (status == STATUS_OK) result = print(desk, &answer, wish);
    else complain(&err);
done:
    if (desk) desk_clear(desk);
    free(desk);
    free(wish);
    return result;
}
