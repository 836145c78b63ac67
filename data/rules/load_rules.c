#include "data/rules/load_rules.h"

#include "geo/wkb.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What the parts below share. */
struct loader {
    struct pg *pg;
    struct arena *arena;
    struct rules_input *out;
    struct error *err;
    const char *changes; /* JSON of the functions trial_*; NULL: the rules as they are */
    const char *past;    /* a version, of the functions past_*; NULL: the rules in force */
    const char *only;    /* ids as text[], of the rules in force; NULL: all of them */
};

static enum status unusable(const struct loader *l, const char *what, const char *id)
{
    return error_set(l->err, STATUS_CORRUPT, MESSAGE_RULES_UNUSABLE, what, id);
}

static enum status no_memory(const struct loader *l)
{
    return error_set(l->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- columns ----------------------------------------------------------------------------------------------- */

static const char *text_of(const struct loader *l, const struct pg_result *r, int row, int column)
{
    return arena_strdup(l->arena, pg_text(r, row, column));
}

static char *text_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* A text[] column. */
static enum status texts_of(const struct loader *l, const struct pg_result *r, int row, int column, uint32_t *count,
                            const char *const **out)
{
    struct pg_array a;
    *count = 0;
    *out = NULL;
    if (!pg_array_open(r, row, column, &a)) return unusable(l, "text[]", pg_text(r, row, 0));
    const char **texts = arena_zero(l->arena, a.count, sizeof *texts);
    if (texts == NULL) return no_memory(l);
    for (uint32_t i = 0; i < a.count; i++) {
        size_t length;
        const char *text = pg_array_text(&a, &length);
        texts[i] = text_copy(l->arena, text, length);
        if (texts[i] == NULL) return no_memory(l);
    }
    *count = a.count;
    *out = texts;
    return STATUS_OK;
}

/* Credential types are sorted by code. */
static credential_type_index type_find(const struct loader *l, const char *code, size_t length)
{
    uint32_t low = 0, high = l->out->credential_type_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *at = l->out->credential_types[middle].code;
        int order = strncmp(at, code, length);
        if (order == 0) order = at[length] != '\0';
        if (order == 0) return (credential_type_index)middle;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NO_CREDENTIAL_TYPE;
}

/* A text[] column of credential types. */
static enum status types_of(const struct loader *l, const struct pg_result *r, int row, int column, uint32_t *count,
                            const credential_type_index **out)
{
    struct pg_array a;
    *count = 0;
    *out = NULL;
    if (!pg_array_open(r, row, column, &a)) return unusable(l, "text[]", pg_text(r, row, 0));
    credential_type_index *types = arena_zero(l->arena, a.count, sizeof *types);
    if (types == NULL) return no_memory(l);
    for (uint32_t i = 0; i < a.count; i++) {
        size_t length;
        const char *code = pg_array_text(&a, &length);
        types[i] = type_find(l, code, length);
        if (types[i] == NO_CREDENTIAL_TYPE) return unusable(l, "credential type", pg_text(r, row, 0));
    }
    *count = a.count;
    *out = types;
    return STATUS_OK;
}

enum { WINDOW_NUMBERS = 5 };

/* A windows_flat column. */
static enum status windows_of(const struct loader *l, const struct pg_result *r, int row, int column,
                              struct schedule *out)
{
    struct pg_array a;
    if (!pg_array_open(r, row, column, &a) || a.count % WINDOW_NUMBERS != 0)
        return unusable(l, "windows", pg_text(r, row, 0));
    out->window_count = a.count / WINDOW_NUMBERS;
    struct window *windows = arena_zero(l->arena, out->window_count, sizeof *windows);
    if (windows == NULL) return no_memory(l);
    out->windows = windows;
    for (uint32_t i = 0; i < out->window_count; i++) {
        int64_t v[WINDOW_NUMBERS];
        for (int k = 0; k < WINDOW_NUMBERS; k++) v[k] = pg_array_i64(&a);
        if (v[0] < 1 || v[0] > 0x7F || v[1] < 1 || v[1] > 0x0F || v[2] < 0 || v[2] >= v[3] || v[3] > 1440 ||
            v[4] < 0 || v[4] > 0x3FF)
            return unusable(l, "windows", pg_text(r, row, 0));
        windows[i] = (struct window){.weekdays = (uint8_t)v[0], .day_kinds = (uint8_t)v[1],
                                     .from_min = (uint16_t)v[2], .until_min = (uint16_t)v[3],
                                     .plate_tails = (uint16_t)v[4]};
    }
    return STATUS_OK;
}

/* Columns from_ms, until_ms, windows. */
static enum status schedule_of(const struct loader *l, const struct pg_result *r, int row, int column,
                               struct schedule *out)
{
    out->from_ms = pg_i64(r, row, column);
    out->until_ms = pg_i64(r, row, column + 1);
    return windows_of(l, r, row, column + 2, out);
}

static enum tristate tristate_of(const struct pg_result *r, int row, int column)
{
    if (pg_is_null(r, row, column)) return ANY;
    return pg_bool(r, row, column) ? YES : NO;
}

/* The eleven columns of subject_flat. */
#define SUBJECT_COLUMNS \
    "gross_min_kg, gross_max_kg, axles_min, axles_max, hazmat, livestock, lorry, emissions, plate_prefixes, " \
    "plate_negated, cargo"
enum { SUBJECT_COLUMN_COUNT = 11 };

static enum status subject_of(const struct loader *l, const struct pg_result *r, int row, int column,
                              struct subject *out)
{
    out->gross_min_kg = (uint32_t)pg_i64(r, row, column);
    out->gross_max_kg = (uint32_t)pg_i64(r, row, column + 1);
    out->axles_min = (uint32_t)pg_i64(r, row, column + 2);
    out->axles_max = (uint32_t)pg_i64(r, row, column + 3);
    out->hazmat = tristate_of(r, row, column + 4);
    out->livestock = tristate_of(r, row, column + 5);
    out->lorry = tristate_of(r, row, column + 6);
    out->emissions = (uint32_t)pg_i64(r, row, column + 7);
    enum status status = texts_of(l, r, row, column + 8, &out->plate_prefix_count, &out->plate_prefixes);
    out->plate_prefixes_negated = pg_bool(r, row, column + 9);
    if (status == STATUS_OK) status = texts_of(l, r, row, column + 10, &out->cargo_count, &out->cargos);
    return status;
}

/* Two bigint[] columns: road ids, and whether each is meant backward. */
static enum status arcs_of(const struct loader *l, const struct pg_result *r, int row, int column, uint32_t *count,
                           const struct road_direction **out)
{
    struct pg_array roads, backward;
    if (!pg_array_open(r, row, column, &roads) || !pg_array_open(r, row, column + 1, &backward) ||
        roads.count != backward.count)
        return unusable(l, "arcs", pg_text(r, row, 0));
    struct road_direction *arcs = arena_zero(l->arena, roads.count, sizeof *arcs);
    if (arcs == NULL) return no_memory(l);
    for (uint32_t i = 0; i < roads.count; i++) {
        arcs[i].road_id = pg_array_i64(&roads);
        arcs[i].backward = pg_array_i64(&backward) != 0;
    }
    *count = roads.count;
    *out = arcs;
    return STATUS_OK;
}

/* ---- version, calendar, credential types ------------------------------------------------------------------- */

/* One statement for the rules as they are, one for some of them (whose plan hangs on no value: it is made once for a connection), one
 * for those under changes, one for those of an earlier version. */
#define READ(l, columns, source, key, order)                                                    \
    ((l)->changes ? "SELECT " columns " FROM trial_" source "($1::jsonb) " order                \
     : (l)->past  ? "SELECT " columns " FROM past_" source "($1::bigint) " order                \
     : (l)->only  ? "SELECT " columns " FROM binding_" source " WHERE " key " = ANY ((SELECT $1::text[])::text[]) " order \
                  : "SELECT " columns " FROM binding_" source " " order)
/* What no trial changes. */
#define READ_REGISTER(l, columns, now, then, order) \
    ((l)->past ? "SELECT " columns " FROM " then "($1::bigint) " order : "SELECT " columns " FROM " now " " order)

static enum status query(const struct loader *l, const char *sql, int columns, struct pg_result *rows)
{
    const char *value = l->changes ? l->changes : l->past ? l->past : l->only;
    bool takes_value = value && strstr(sql, "$1");
    enum status status = l->changes || l->past ? pg_query(l->pg, sql, takes_value, &value, rows, l->err)
                                               : pg_query_kept(l->pg, sql, takes_value, &value, rows, l->err);
    if (status == STATUS_OK && rows->column_count != columns) status = unusable(l, "columns", sql);
    return status;
}

static enum status load_version(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status =
        query(l, l->past ? "SELECT version, floor(extract(epoch FROM committed_at) * 1000)::bigint FROM rules_version WHERE version = $1::bigint"
                         : "SELECT version, floor(extract(epoch FROM committed_at) * 1000)::bigint FROM rules_state", 2, &rows);
    if (status == STATUS_OK && rows.count != 1) status = unusable(l, "rules_state", "");
    if (status == STATUS_OK) {
        l->out->version = pg_i64(&rows, 0, 0);
        l->out->as_of_ms = pg_i64(&rows, 0, 1);
    }
    pg_result_clear(&rows);
    return status;
}

/* Days between the first and the last row that have none of their own go by weekday; 1970-01-01 was a Thursday. */
static uint8_t kind_by_weekday(int64_t day)
{
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 0 = Monday */
    return weekday < 5 ? DAY_WORKDAY : DAY_WEEKEND;
}

static enum status load_calendar(const struct loader *l)
{
    static_assert(DAY_WORKDAY == 0 && DAY_WEEKEND == 1 && DAY_HOLIDAY == 2 && DAY_MAKEUP_WORKDAY == 3,
                  "the order that the SQL below and windows_flat use");
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ_REGISTER(l, "(day - date '1970-01-01')::bigint, (array_position("
                                             "'{workday,weekend,holiday,makeup_workday}'::text[], kind) - 1)::bigint",
                                             "calendar_day", "calendar_day_at", "ORDER BY day"), 2, &rows);
    if (status == STATUS_OK && rows.count > 0) {
        int64_t first = pg_i64(&rows, 0, 0), count = pg_i64(&rows, rows.count - 1, 0) - first + 1;
        uint8_t *kind = arena_take(l->arena, (size_t)count);
        if (kind == NULL) {
            status = no_memory(l);
        } else {
            for (int64_t d = 0; d < count; d++) kind[d] = kind_by_weekday(first + d);
            for (int i = 0; i < rows.count; i++) kind[pg_i64(&rows, i, 0) - first] = (uint8_t)pg_i64(&rows, i, 1);
            l->out->calendar = (struct calendar){(int32_t)first, (uint32_t)count, kind};
        }
    }
    pg_result_clear(&rows);
    return status;
}

static enum status load_credential_types(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ_REGISTER(l, "code, name_zh, name_en, COALESCE(extract(epoch FROM default_max_age), 0)::bigint",
                                             "credential_type", "credential_type_at", "ORDER BY code COLLATE \"C\""), 4, &rows);
    struct credential_type *types = NULL;
    if (status == STATUS_OK && rows.count >= NO_CREDENTIAL_TYPE) status = unusable(l, "credential_type", "");
    if (status == STATUS_OK && (types = arena_zero(l->arena, (size_t)rows.count, sizeof *types)) == NULL)
        status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        struct credential_type *t = &types[i];
        t->code = text_of(l, &rows, i, 0);
        t->name_zh = text_of(l, &rows, i, 1);
        t->name_en = text_of(l, &rows, i, 2);
        t->default_max_age_s = pg_i64(&rows, i, 3);
        if (!t->code || !t->name_zh || !t->name_en) status = no_memory(l);
    }
    if (status == STATUS_OK) {
        l->out->credential_types = types;
        l->out->credential_type_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- zones ------------------------------------------------------------------------------------------------- */

/* The shape comes in memory of its own; the rules keep everything in the arena. */
static enum status area_of(const struct loader *l, const struct pg_result *r, int row, int column,
                           struct multipolygon *out)
{
    const struct multipolygon_limits limits = {.points = 500000, .rings = 100000, .parts = 100000};
    size_t size;
    const unsigned char *bytes = pg_bytes(r, row, column, &size);
    struct multipolygon shape = {0};
    struct error why = ERROR_INIT;
    enum status status = wkb_read_multipolygon(bytes, size, &limits, &shape, &why);
    if (status == STATUS_NO_MEMORY) return no_memory(l);
    if (status != STATUS_OK) {
        status = unusable(l, "zone geometry", pg_text(r, row, 0));
        error_log(l->err, "zone %s: %s", pg_text(r, row, 0), why.en);
        return status;
    }
    *out = shape;
    out->part_first_ring = arena_copy(l->arena, shape.part_first_ring, (shape.part_count + 1) * sizeof(uint32_t));
    out->ring_first_point = arena_copy(l->arena, shape.ring_first_point, (shape.ring_count + 1) * sizeof(uint32_t));
    out->points = arena_copy(l->arena, shape.points, shape.point_count * sizeof *shape.points);
    multipolygon_clear(&shape);
    return out->part_first_ring && out->ring_first_point && out->points ? STATUS_OK : no_memory(l);
}

static enum status layers_of(const struct loader *l, const struct pg_result *r, int row, int column, struct zone *z)
{
    struct pg_array a;
    if (!pg_array_open(r, row, column, &a)) return unusable(l, "layers", z->id);
    int8_t *layers = arena_take(l->arena, a.count + 1);
    if (layers == NULL) return no_memory(l);
    z->layer_count = a.count;
    z->layers = layers;
    for (uint32_t i = 0; i < a.count; i++) layers[i] = (int8_t)pg_array_i64(&a);
    return STATUS_OK;
}

static enum status load_zones(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ(l, "id, name, class_code, class_name_zh, class_name_en, county, document_no, "
                                    "approving_authority, geom, accuracy_mm, border_roads_inside, layers, from_ms, until_ms, "
                                    "windows", "zone", "id", "ORDER BY id COLLATE \"C\""), 15, &rows);
    struct zone *zones = NULL;
    if (status == STATUS_OK && (zones = arena_zero(l->arena, (size_t)rows.count, sizeof *zones)) == NULL)
        status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        struct zone *z = &zones[i];
        const char **const texts[] = {&z->id, &z->name, &z->class_code, &z->class_name_zh, &z->class_name_en,
                                      &z->county, &z->document, &z->authority};
        for (int k = 0; k < 8; k++)
            if ((*texts[k] = text_of(l, &rows, i, k)) == NULL) status = no_memory(l);
        if (status == STATUS_OK) status = area_of(l, &rows, i, 8, &z->area);
        z->accuracy_mm = (uint32_t)pg_i64(&rows, i, 9);
        z->border_roads_inside = pg_bool(&rows, i, 10);
        if (status == STATUS_OK) status = layers_of(l, &rows, i, 11, z);
        if (status == STATUS_OK) status = schedule_of(l, &rows, i, 12, &z->schedule);
    }
    if (status == STATUS_OK) {
        l->out->zones = zones;
        l->out->zone_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

/* Index of a zone by id (they are sorted), or UINT32_MAX. */
static uint32_t zone_find(const struct loader *l, const char *id)
{
    uint32_t low = 0, high = l->out->zone_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(l->out->zones[middle].id, id);
        if (order == 0) return middle;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return UINT32_MAX;
}

/* How many rows from `first` on have the same first column. */
static int run_length(const struct pg_result *r, int first)
{
    int n = 1;
    while (first + n < r->count && strcmp(pg_text(r, first, 0), pg_text(r, first + n, 0)) == 0) n++;
    return n;
}

static enum status rule_of(const struct loader *l, const struct pg_result *r, int row, struct zone_rule *out)
{
    enum { RULE = 1, SUBJECT = 2, AFTER = SUBJECT + SUBJECT_COLUMN_COUNT };
    if (!rule_kind_parse(pg_text(r, row, RULE), &out->kind)) return unusable(l, "zone rule", pg_text(r, row, 0));
    enum status status = subject_of(l, r, row, SUBJECT, &out->subject);
    out->open_classes = (road_class_mask)pg_i64(r, row, AFTER);
    out->transit_deny = pg_bool(r, row, AFTER + 1);
    out->slow_permille = (uint32_t)pg_i64(r, row, AFTER + 2);
    if (status == STATUS_OK) status = types_of(l, r, row, AFTER + 3, &out->exempt_count, &out->exempt);
    out->hours.from_ms = INT64_MIN;
    out->hours.until_ms = TIME_OPEN;
    if (status == STATUS_OK) status = windows_of(l, r, row, AFTER + 4, &out->hours);
    return status;
}

static enum status load_zone_rules(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ(l, "zone_id, rule, " SUBJECT_COLUMNS ", open_classes, transit_deny, slow_permille, "
                                    "exempt, windows", "zone_rule", "zone_id", "ORDER BY zone_id COLLATE \"C\", ordinal"),
                               2 + SUBJECT_COLUMN_COUNT + 5, &rows);
    struct zone_rule *rules = NULL;
    if (status == STATUS_OK && (rules = arena_zero(l->arena, (size_t)rows.count, sizeof *rules)) == NULL)
        status = no_memory(l);
    for (int first = 0; first < rows.count && status == STATUS_OK;) {
        int count = run_length(&rows, first);
        uint32_t index = zone_find(l, pg_text(&rows, first, 0));
        if (index == UINT32_MAX) status = unusable(l, "zone rule", pg_text(&rows, first, 0));
        for (int i = first; i < first + count && status == STATUS_OK; i++) status = rule_of(l, &rows, i, &rules[i]);
        if (status == STATUS_OK) {
            struct zone *z = (struct zone *)&l->out->zones[index]; /* ours, and not yet shared */
            z->rules = &rules[first];
            z->rule_count = (uint32_t)count;
        }
        first += count;
    }
    for (uint32_t i = 0; i < l->out->zone_count && status == STATUS_OK; i++)
        if (l->out->zones[i].rule_count == 0) status = unusable(l, "zone without rules", l->out->zones[i].id);
    pg_result_clear(&rows);
    return status;
}

/* ---- checkpoints and gates ----------------------------------------------------------------------------------- */

/* Three arrays of equal length, ordered by group: group number, type, largest age. */
static enum status groups_of(const struct loader *l, const struct pg_result *r, int row, int column,
                             struct checkpoint *c)
{
    struct pg_array numbers, types, ages;
    if (!pg_array_open(r, row, column, &numbers) || !pg_array_open(r, row, column + 1, &types) ||
        !pg_array_open(r, row, column + 2, &ages) || numbers.count != types.count || numbers.count != ages.count)
        return unusable(l, "requirements", c->id);
    struct requirement *all = arena_zero(l->arena, numbers.count, sizeof *all);
    struct requirement_group *groups = arena_zero(l->arena, numbers.count, sizeof *groups);
    if (all == NULL || groups == NULL) return no_memory(l);
    int64_t current = INT64_MIN;
    for (uint32_t i = 0, count = numbers.count; i < count; i++) {
        int64_t number = pg_array_i64(&numbers);
        size_t length;
        const char *code = pg_array_text(&types, &length);
        all[i].type = type_find(l, code, length);
        all[i].max_age_s = pg_array_i64(&ages);
        if (all[i].type == NO_CREDENTIAL_TYPE) return unusable(l, "credential type", c->id);
        /* a requirement without an age of its own takes that of its type */
        if (all[i].max_age_s == 0) all[i].max_age_s = l->out->credential_types[all[i].type].default_max_age_s;
        if (number != current) groups[c->group_count++] = (struct requirement_group){0, &all[i]};
        groups[c->group_count - 1].requirement_count++;
        current = number;
    }
    c->groups = groups;
    return STATUS_OK;
}

static enum status load_checkpoints(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ(l, "id, name, road_ref, geom, bearing_deg, reach_mm, from_ms, until_ms, windows, "
                                    "normal_ms, green_ms, green, groups, types, ages", "checkpoint", "id", "ORDER BY id COLLATE \"C\""),
                               15, &rows);
    struct checkpoint *checkpoints = NULL;
    if (status == STATUS_OK &&
        (checkpoints = arena_zero(l->arena, (size_t)rows.count, sizeof *checkpoints)) == NULL)
        status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        struct checkpoint *c = &checkpoints[i];
        c->id = text_of(l, &rows, i, 0);
        c->name = text_of(l, &rows, i, 1);
        c->road_ref = text_of(l, &rows, i, 2);
        if (!c->id || !c->name || !c->road_ref) status = no_memory(l);
        size_t size;
        const unsigned char *bytes = pg_bytes(&rows, i, 3, &size);
        if (status == STATUS_OK && wkb_read_point(bytes, size, &c->point, NULL) != STATUS_OK)
            status = unusable(l, "checkpoint geometry", c->id);
        c->bearing_deg = (int16_t)pg_i64(&rows, i, 4);
        c->reach_mm = (uint32_t)pg_i64(&rows, i, 5);
        if (status == STATUS_OK) status = schedule_of(l, &rows, i, 6, &c->opening);
        c->normal_ms = (uint32_t)pg_i64(&rows, i, 9);
        c->green_ms = (uint32_t)pg_i64(&rows, i, 10);
        if (status == STATUS_OK) status = types_of(l, &rows, i, 11, &c->green_count, &c->green);
        if (status == STATUS_OK) status = groups_of(l, &rows, i, 12, c);
    }
    if (status == STATUS_OK) {
        l->out->checkpoints = checkpoints;
        l->out->checkpoint_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

/* Gates and checkpoints are both in the order of the checkpoint's id. */
static enum status load_gates(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ(l, "checkpoint_id, zone_id, direction, roads, backward", "gate", "checkpoint_id",
                                    "ORDER BY checkpoint_id COLLATE \"C\", zone_id COLLATE \"C\""), 5, &rows);
    struct gate *gates = NULL;
    uint32_t at = 0;
    if (status == STATUS_OK && (gates = arena_zero(l->arena, (size_t)rows.count, sizeof *gates)) == NULL)
        status = no_memory(l);
    for (int first = 0; first < rows.count && status == STATUS_OK;) {
        int count = run_length(&rows, first);
        const char *id = pg_text(&rows, first, 0);
        while (at < l->out->checkpoint_count && strcmp(l->out->checkpoints[at].id, id) != 0) at++;
        if (at == l->out->checkpoint_count) status = unusable(l, "gate", id);
        for (int i = first; i < first + count && status == STATUS_OK; i++) {
            gates[i].zone = zone_find(l, pg_text(&rows, i, 1));
            gates[i].direction = (enum gate_direction)pg_i64(&rows, i, 2);
            if (gates[i].zone == UINT32_MAX) status = unusable(l, "gate", id);
            else status = arcs_of(l, &rows, i, 3, &gates[i].arc_count, &gates[i].arcs);
        }
        if (status == STATUS_OK) {
            struct checkpoint *c = (struct checkpoint *)&l->out->checkpoints[at];
            c->gates = &gates[first];
            c->gate_count = (uint32_t)count;
        }
        first += count;
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- closures ------------------------------------------------------------------------------------------------ */

static bool action_parse(const char *code, enum closure_action *out)
{
    for (int a = 0; a < CLOSURE_ACTION_COUNT; a++)
        if (strcmp(closure_action_code((enum closure_action)a), code) == 0) {
            *out = (enum closure_action)a;
            return true;
        }
    return false;
}

static bool limit_parse(const char *code, enum limit_kind *out)
{
    for (int k = 0; k < LIMIT_COUNT; k++)
        if (strcmp(limit_kind_code((enum limit_kind)k), code) == 0) {
            *out = (enum limit_kind)k;
            return true;
        }
    return code[0] == '\0'; /* not a limit */
}

static enum status closure_of(const struct loader *l, const struct pg_result *r, int row, struct closure *c)
{
    enum { ACTION = 5, PHYSICAL, KIND, VALUE, SUBJECT, SCHEDULE = SUBJECT + SUBJECT_COLUMN_COUNT, EXEMPT = SCHEDULE + 3,
           ROADS };
    const char **const texts[] = {&c->id, &c->name, &c->cause, &c->document, &c->authority};
    for (int k = 0; k < 5; k++)
        if ((*texts[k] = text_of(l, r, row, k)) == NULL) return no_memory(l);
    if (!action_parse(pg_text(r, row, ACTION), &c->action) || !limit_parse(pg_text(r, row, KIND), &c->limit_kind))
        return unusable(l, "closure", c->id);
    c->physical = pg_bool(r, row, PHYSICAL);
    c->limit_value = (uint32_t)pg_i64(r, row, VALUE);
    enum status status = subject_of(l, r, row, SUBJECT, &c->subject);
    if (status == STATUS_OK) status = schedule_of(l, r, row, SCHEDULE, &c->schedule);
    if (status == STATUS_OK) status = types_of(l, r, row, EXEMPT, &c->exempt_count, &c->exempt);
    if (status == STATUS_OK) status = arcs_of(l, r, row, ROADS, &c->arc_count, &c->arcs);
    return status;
}

static enum status load_closures(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l,
                               READ(l, "id, name, cause, document_no, authority, action, physical, limit_kind, "
                                    "limit_value, " SUBJECT_COLUMNS ", from_ms, until_ms, windows, exempt, roads, backward",
                                    "closure", "id", "ORDER BY id COLLATE \"C\""), 9 + SUBJECT_COLUMN_COUNT + 6, &rows);
    struct closure *closures = NULL;
    if (status == STATUS_OK && (closures = arena_zero(l->arena, (size_t)rows.count, sizeof *closures)) == NULL)
        status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) status = closure_of(l, &rows, i, &closures[i]);
    if (status == STATUS_OK) {
        l->out->closures = closures;
        l->out->closure_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- facilities and what a journey defaults to ---------------------------------------------------------------- */

static enum status load_facilities(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l, READ_REGISTER(l, "id, kind, name, name_en, geom, rest, transfer, turning_place", "binding_facility",
                                                "past_facility", "ORDER BY id COLLATE \"C\""), 8, &rows);
    struct facility *facilities = NULL;
    if (status == STATUS_OK && (facilities = arena_zero(l->arena, (size_t)rows.count, sizeof *facilities)) == NULL)
        status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        struct facility *f = &facilities[i];
        size_t size;
        const unsigned char *bytes = pg_bytes(&rows, i, 4, &size);
        f->id = text_of(l, &rows, i, 0);
        f->kind = text_of(l, &rows, i, 1);
        f->name = text_of(l, &rows, i, 2);
        f->name_en = text_of(l, &rows, i, 3);
        if (!f->id || !f->kind || !f->name || !f->name_en) status = no_memory(l);
        else if (wkb_read_point(bytes, size, &f->point, NULL) != STATUS_OK) status = unusable(l, "facility geometry", f->id);
        f->uses = (pg_bool(&rows, i, 5) ? FACILITY_REST : 0u) | (pg_bool(&rows, i, 6) ? FACILITY_TRANSFER : 0u);
        f->turning_place = pg_bool(&rows, i, 7);
    }
    if (status == STATUS_OK) {
        l->out->facilities = facilities;
        l->out->facility_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

static enum status load_journeys(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status =
        query(l, READ_REGISTER(l, "max_drive_ms, rest_ms, hand_over_ms", "binding_journey", "past_journey", ""), 3, &rows);
    if (status == STATUS_OK && rows.count != 1) status = unusable(l, "journey_default", "");
    if (status == STATUS_OK)
        l->out->journeys = (struct journey_default){(uint32_t)pg_i64(&rows, 0, 0), (uint32_t)pg_i64(&rows, 0, 1),
                                                    (uint32_t)pg_i64(&rows, 0, 2)};
    pg_result_clear(&rows);
    return status;
}

/* ---- limits of roads --------------------------------------------------------------------------------------- */

static enum status load_road_limits(const struct loader *l)
{
    struct pg_result rows = {0};
    enum status status = query(l, READ_REGISTER(l, "road, limits, hazmat_no", "binding_road_limit", "past_road_limit", "ORDER BY road"), 3, &rows);
    struct road_limit *entries = NULL;
    if (status == STATUS_OK && (entries = arena_zero(l->arena, (size_t)rows.count, sizeof *entries)) == NULL) status = no_memory(l);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        struct pg_array a;
        int64_t value;
        entries[i].road_id = pg_i64(&rows, i, 0);
        entries[i].hazmat_no = pg_bool(&rows, i, 2);
        if (!pg_array_open(&rows, i, 1, &a) || a.count != LIMIT_COUNT) status = unusable(l, "road limits", "");
        for (uint32_t k = 0; k < LIMIT_COUNT && status == STATUS_OK; k++) {
            value = pg_array_i64(&a);
            if (value < 0 || value > UINT32_MAX) status = unusable(l, "road limits", "");
            else entries[i].limits[k] = (uint32_t)value;
        }
    }
    if (status == STATUS_OK) {
        l->out->road_limits = entries;
        l->out->road_limit_count = (uint32_t)rows.count;
    }
    pg_result_clear(&rows);
    return status;
}

/* ---- tolls ------------------------------------------------------------------------------------------------- */

/* A rate for all classes of roads comes before those of a class of their own. */
static enum status load_tolls(const struct loader *l)
{
    struct pg_result rows = {0};
    struct toll_tariff *tolls = &l->out->tolls;
    uint32_t known = 0; /* bits: vehicle classes that have a rate for all roads */
    enum status status = query(l, READ_REGISTER(l, "vehicle_class, road_class, centifen_per_km", "binding_toll_rate", "past_toll_rate",
                                                "ORDER BY road_class, vehicle_class"), 3, &rows);
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        int64_t class = pg_i64(&rows, i, 0), road = pg_i64(&rows, i, 1), rate = pg_i64(&rows, i, 2);
        if (class < 1 || class > TOLL_CLASS_MAX || road < -1 || road >= ROAD_CLASS_COUNT || rate < 0 || rate > TOLL_RATE_MAX) {
            status = unusable(l, "toll_rate", "");
            continue;
        }
        if (road < 0) known |= 1u << class;
        for (int64_t r = road < 0 ? 0 : road; r < (road < 0 ? ROAD_CLASS_COUNT : road + 1); r++)
            tolls->centifen_per_km[r][class] = (uint32_t)rate;
    }
    if (status == STATUS_OK && known != (1u << (TOLL_CLASS_MAX + 1)) - 2) status = unusable(l, "toll_rate", "*");
    pg_result_clear(&rows);
    return status;
}

/* ---- all of them --------------------------------------------------------------------------------------------- */

enum status load_rules_version(struct pg *pg, int64_t *version, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, "SELECT version FROM rules_state", 0, NULL, &rows, err);
    if (status == STATUS_OK && rows.count != 1)
        status = error_set(err, STATUS_CORRUPT, MESSAGE_RULES_UNUSABLE, "rules_state", "");
    if (status == STATUS_OK) *version = pg_i64(&rows, 0, 0);
    pg_result_clear(&rows);
    return status;
}

enum status load_network_is_current(struct pg *pg, const char *network_version, bool *current, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg,
                                  "SELECT n.road_version IS NOT DISTINCT FROM s.version FROM road_state s "
                                  "LEFT JOIN network_state n ON n.version = $1", 1, &network_version, &rows, err);
    *current = status == STATUS_OK && rows.count == 1 && pg_bool(&rows, 0, 0);
    pg_result_clear(&rows);
    return status;
}

enum status load_rules(struct pg *pg, struct arena *arena, struct rules_input *out, struct error *err)
{
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status != STATUS_OK) return status;
    status = load_rules_within(pg, arena, out, err);
    pg_try(pg, "ROLLBACK");
    return status;
}

static enum status load_all(struct pg *pg, const char *changes, const char *past, struct arena *arena, struct rules_input *out,
                            struct error *err)
{
    *out = (struct rules_input){0};
    const struct loader loader = {pg, arena, out, err, changes, past, NULL};
    enum status status = STATUS_OK;
    static enum status (*const parts[])(const struct loader *l) = {
        load_version, load_calendar, load_credential_types, load_zones, load_zone_rules, load_checkpoints, load_gates,
        load_closures, load_facilities, load_journeys, load_road_limits, load_tolls};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == STATUS_OK; i++) status = parts[i](&loader);
    return status;
}

enum status load_rules_within(struct pg *pg, struct arena *arena, struct rules_input *out, struct error *err)
{
    return load_all(pg, NULL, NULL, arena, out, err);
}

enum status load_rules_changed(struct pg *pg, const char *changes, struct arena *arena, struct rules_input *out,
                               struct error *err)
{
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status != STATUS_OK) return status;
    status = load_all(pg, changes, NULL, arena, out, err);
    pg_try(pg, "ROLLBACK");
    return status;
}

/* ---- parts of them -------------------------------------------------------------------------------------------- */

static enum status load_named(const struct loader *l, enum rules_part part)
{
    static enum status (*const parts[])(const struct loader *l) = {
        [RULES_CALENDAR] = load_calendar, [RULES_ZONES] = load_zones, [RULES_CHECKPOINTS] = load_checkpoints, [RULES_GATES] = load_gates,
        [RULES_CLOSURES] = load_closures, [RULES_FACILITIES] = load_facilities, [RULES_JOURNEYS] = load_journeys,
        [RULES_ROAD_LIMITS] = load_road_limits, [RULES_TOLLS] = load_tolls};
    enum status status = parts[part](l);
    return status == STATUS_OK && part == RULES_ZONES ? load_zone_rules(l) : status;
}

enum status load_rules_part(struct pg *pg, enum rules_part part, const char *only, struct arena *arena, struct rules_input *out,
                            struct error *err)
{
    const struct loader loader = {pg, arena, out, err, NULL, NULL, only};
    return load_named(&loader, part);
}

/* ---- of an earlier version ----------------------------------------------------------------------------------- */

/* What was asked for lies beyond that version and time. */
static enum status beyond(const struct rules_moment *moment, const char *reason, int64_t version, const char *time, const char *asked,
                          struct error *err)
{
    const bool future = strcmp(reason, "future") == 0;
    char number[24];
    if (!future && strcmp(reason, "before") != 0) return error_set(err, STATUS_ROADS_CHANGED, MESSAGE_AS_OF_ROADS, time);
    snprintf(number, sizeof number, "%lld", (long long)moment->version);
    if (moment->version >= 0) asked = number;
    error_set(err, future ? STATUS_OUT_OF_RANGE : STATUS_BEFORE_HISTORY, future ? MESSAGE_AS_OF_FUTURE : MESSAGE_AS_OF_BEFORE, asked,
              (long long)version, time);
    if (moment->version >= 0) error_bounds(err, (double)version, (double)moment->version);
    else if (err) snprintf(err->limit, sizeof err->limit, "%s", time), snprintf(err->actual, sizeof err->actual, "%s", asked);
    return future ? STATUS_OUT_OF_RANGE : STATUS_BEFORE_HISTORY;
}

enum status load_rules_moment(struct pg *pg, const struct rules_moment *moment, int64_t *version, struct error *err)
{
    char number[24], at[24];
    const char *values[] = {NULL, NULL};
    struct pg_result rows = {0};
    if (moment->version >= 0) snprintf(number, sizeof number, "%lld", (long long)moment->version), values[0] = number;
    if (moment->at_ms != INT64_MIN) snprintf(at, sizeof at, "%lld", (long long)moment->at_ms), values[1] = at;
    enum status status = pg_query(pg,
                                  "SELECT COALESCE(m.reason, ''), COALESCE(m.version, 0), COALESCE(m.bound_version, 0),"
                                  " COALESCE(wire_time(m.bound_at), ''), COALESCE(wire_time(a.at), '')"
                                  " FROM (SELECT timestamptz 'epoch' + $2::bigint * interval '1 millisecond' AS at) a,"
                                  " rules_moment($1::bigint, a.at) m",
                                  2, values, &rows, err);
    if (status == STATUS_OK && rows.count != 1) status = error_set(err, STATUS_CORRUPT, MESSAGE_RULES_UNUSABLE, "rules_moment", "");
    if (status == STATUS_OK && pg_text(&rows, 0, 0)[0])
        status = beyond(moment, pg_text(&rows, 0, 0), pg_i64(&rows, 0, 2), pg_text(&rows, 0, 3), pg_text(&rows, 0, 4), err);
    else if (status == STATUS_OK) *version = pg_i64(&rows, 0, 1);
    pg_result_clear(&rows);
    return status;
}

enum status load_rules_past(struct pg *pg, const struct rules_moment *moment, struct arena *arena, struct rules_input *out,
                            struct error *err)
{
    int64_t version;
    char past[24];
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status != STATUS_OK) return status;
    status = load_rules_moment(pg, moment, &version, err); /* in the same snapshot: the roads are those that were asked about */
    if (status == STATUS_OK) {
        snprintf(past, sizeof past, "%lld", (long long)version);
        status = load_all(pg, NULL, past, arena, out, err);
    }
    pg_try(pg, "ROLLBACK");
    return status;
}

enum status load_changes_unknown(struct pg *pg, const char *changes, bool desk, const char *scope, char *place, size_t size,
                                 struct error *err)
{
    struct pg_result rows = {0};
    const char *values[] = {changes, desk ? "true" : "false", scope};
    enum status status = pg_query(pg, "SELECT COALESCE(baochang.trial_unknown($1::jsonb, $2::boolean, $3), '')", 3, values, &rows, err);
    snprintf(place, size, "%s", status == STATUS_OK && rows.count == 1 ? pg_text(&rows, 0, 0) : "");
    pg_result_clear(&rows);
    return status;
}
