/* Any bytes as the body of POST /v1/route: a question within its bounds, or an error that names a member in valid
 * UTF-8. The first byte chooses between a body, a matrix, a snap, a trace and an OSRM target. */
#include "api/parse/osrm_query.h"
#include "api/parse/parse_match.h"
#include "api/parse/parse_route.h"
#include "api/parse/parse_table.h"
#include "api/parse/query_json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct error *err, enum status status)
{
    if (err->status != status || status == STATUS_INTERNAL) abort();
    json_t *text = json_pack("{s:s, s:s, s:s}", "zh", err->zh, "en", err->en, "pointer", err->pointer);
    if (text == NULL) abort(); /* not UTF-8 */
    json_decref(text);
}

static void check_request(const struct route_request *r)
{
    if (r->call_count < 2 || r->call_count > CALLS_MAX || r->credential_count > CREDENTIALS_MAX ||
        r->avoid_zone_count > AVOID_ZONES_MAX || r->alternatives > 3)
        abort();
    for (uint32_t i = 0; i < r->call_count; i++)
        if (!point_e7_valid(r->calls[i].point)) abort();
    const struct multipolygon *m = &r->avoid_area;
    for (uint32_t k = 0; k < m->ring_count; k++) {
        uint32_t first = m->ring_first_point[k], end = m->ring_first_point[k + 1];
        if (end - first < 4 || !point_e7_equal(m->points[first], m->points[end - 1])) abort();
    }
}

static void try_target(const char *text, size_t size, struct arena *arena, const struct parse_setting *setting)
{
    static struct route_question q;
    struct http_target target;
    struct error err = ERROR_INIT;
    if (http_target_parse(&target, text, size, arena, &err) != STATUS_OK) return;
    for (enum osrm_service service = OSRM_ROUTE; service <= OSRM_MATCH && target.segment_count > 1; service++) {
        struct osrm_query query;
        struct osrm_fault fault;
        bool good = osrm_query_parse(service, target.segment[0], target.segment[1], &target, arena, &query, &fault);
        if (good && (query.count == 0 || (service == OSRM_TABLE && query.source_count == 0))) abort();
        if (!good && fault.code != OSRM_OK && fault.message[0] == '\0') abort();
    }
    json_t *document = NULL;
    enum status status = query_to_json(&target, query_route_rows, &document, &err);
    if (status == STATUS_OK) {
        struct json_at root = {.value = document};
        status = parse_route(&root, setting, &q, &err);
        if (status == STATUS_OK) check_request(&q.route);
    }
    if (status != STATUS_OK) check_error(&err, status);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crs_cache systems;
    static struct geos *geos;
    static struct route_question q;
    static struct table_question t;
    static struct snap_question s;
    static struct match_question m;
    struct arena arena;
    struct error err = ERROR_INIT;
    if (size == 0 || size > 65536) return 0;
    if (geos == NULL && geos_open(&geos, &err) != STATUS_OK) abort();
    arena_init(&arena, 16 << 20);
    const struct parse_setting setting = {&arena, &systems, 0, LANGUAGE_ZH, geos, true, true};
    const char *text = (const char *)data + 1;
    enum status status = STATUS_OK;
    switch (data[0] == 'm' ? 4 : data[0] % 4) {
    case 0:
        status = parse_route_text(text, size - 1, &setting, &q, &err);
        if (status == STATUS_OK) check_request(&q.route);
        break;
    case 1:
        status = parse_table_text(text, size - 1, &setting, &t, &err);
        if (status == STATUS_OK && (size_t)t.source_count * t.target_count > TABLE_CELLS_MAX) abort();
        break;
    case 2:
        status = parse_snap_text(text, size - 1, &setting, &s, &err);
        if (status == STATUS_OK && (s.number < 1 || s.number > SNAP_COUNT_MAX)) abort();
        break;
    case 4:
        status = parse_match_text(text, size - 1, &setting, &m, &err);
        if (status == STATUS_OK && (m.count < 2 || m.count > MATCH_POSITIONS_MAX)) abort();
        break;
    default:
        try_target(text, size - 1, &arena, &setting);
    }
    if (status != STATUS_OK) check_error(&err, status);
    arena_clear(&arena);
    return 0;
}
