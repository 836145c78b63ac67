#include "data/rules/rules_held.h"

#include "geo/base/buffer.h"
#include "routing/rules/rules_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What binds until a moment is read until a day after it (may_bind); ends are whole milliseconds here. */
enum { LATE_MS = 86400000 - 2 };

/* What is replaced stays in the arena until the rules have been copied into the other one. */
#define GARBAGE_BYTES ((size_t)16 << 20)

enum kind { ZONE, CHECKPOINT, CLOSURE, KIND_COUNT };

struct rules_held {
    struct arena arenas[2];
    unsigned at;             /* the one that holds `input` */
    bool whole;              /* something is held */
    struct rules_input input;
    int64_t road_version;
    size_t bytes;            /* of the arena after the last whole reading or copy */
    struct rules_held_figures figures;
};

/* Ids that are asked for again, sorted, and as text[] of the database. */
struct ids {
    const char **all;
    uint32_t count, capacity;
    const char *list;
};

struct change {
    struct ids ids[KIND_COUNT];
    bool everything, gates, calendar, facilities, limits, tolls;
};

enum status rules_held_new(struct rules_held **out, struct error *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (int i = 0; i < 2; i++) arena_init(&(*out)->arenas[i], RULES_BYTES_MAX);
    return STATUS_OK;
}

void rules_held_free(struct rules_held *held)
{
    if (held == NULL) return;
    for (int i = 0; i < 2; i++) arena_clear(&held->arenas[i]);
    free(held);
}

void rules_held_forget(struct rules_held *held)
{
    held->whole = false;
    for (int i = 0; i < 2; i++) arena_reset(&held->arenas[i]);
}

struct rules_held_figures rules_held_figures(const struct rules_held *held)
{
    struct rules_held_figures figures = held->figures;
    figures.bytes = held->arenas[0].used + held->arenas[1].used;
    return figures;
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- everything ---------------------------------------------------------------------------------------------- */

/* Version, commit time, version of the roads and the time of this transaction: what may_bind goes by. */
struct moment {
    int64_t version, as_of_ms, road_version, now_ms;
};

/* One row for each change after version `since`, one at least: the moment, and kind and id of what changed, or NULL. */
static enum status read_moment(struct pg *pg, int64_t since, struct moment *out, struct pg_result *rows, struct error *err)
{
    char version[24];
    snprintf(version, sizeof version, "%lld", (long long)since);
    enum status status = pg_query_kept(pg,
                                       "SELECT s.version, floor(extract(epoch FROM s.committed_at) * 1000)::bigint, r.version::bigint,"
                                       " floor(extract(epoch FROM now()) * 1000)::bigint, c.kind, c.id FROM baochang.rules_state s, baochang.road_state r"
                                       " LEFT JOIN baochang.rules_changed($1::bigint) c ON true",
                                       1, (const char *[]){version}, rows, err);
    if (status == STATUS_OK && rows->count < 1) status = error_set(err, STATUS_CORRUPT, MESSAGE_RULES_UNUSABLE, "rules_state", "");
    if (status == STATUS_OK) *out = (struct moment){pg_i64(rows, 0, 0), pg_i64(rows, 0, 1), pg_i64(rows, 0, 2), pg_i64(rows, 0, 3)};
    return status;
}

static enum status read_whole(struct rules_held *held, struct pg *pg, const struct moment *now, struct error *err)
{
    rules_held_forget(held);
    enum status status = load_rules_within(pg, &held->arenas[held->at], &held->input, err);
    if (status != STATUS_OK) return status;
    held->whole = true;
    held->road_version = now->road_version;
    held->bytes = held->arenas[held->at].used;
    held->figures.whole++;
    return STATUS_OK;
}

/* ---- what changed -------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has(const struct ids *ids, const char *id)
{
    return ids->count > 0 && bsearch(&id, ids->all, ids->count, sizeof *ids->all, by_text) != NULL;
}

/* Room for the rows of the database and for all that is held: what is near its end is added later. */
static enum status ids_init(struct ids *ids, uint32_t most, struct arena *arena, struct error *err)
{
    ids->all = arena_zero(arena, (size_t)most + 1, sizeof *ids->all);
    ids->capacity = most;
    return ids->all ? STATUS_OK : no_memory(err);
}

static enum status ids_add(struct ids *ids, const char *id, struct arena *arena, struct error *err)
{
    if (ids->count == ids->capacity) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    ids->all[ids->count] = arena_strdup(arena, id);
    return ids->all[ids->count++] ? STATUS_OK : no_memory(err);
}

/* As the database reads an array; quotes and backslashes are escaped. */
static enum status ids_close(struct ids *ids, struct arena *arena, struct error *err)
{
    struct buffer list;
    if (ids->count == 0) return STATUS_OK;
    qsort(ids->all, ids->count, sizeof *ids->all, by_text);
    buffer_init(&list, (size_t)256 << 20);
    for (uint32_t i = 0; i < ids->count; i++) {
        buffer_text(&list, i ? ",\"" : "{\"");
        for (const char *c = ids->all[i]; *c; c++) {
            if (*c == '"' || *c == '\\') buffer_char(&list, '\\');
            buffer_char(&list, *c);
        }
        buffer_char(&list, '"');
    }
    buffer_text(&list, "}");
    buffer_char(&list, '\0');
    ids->list = list.failed ? NULL : arena_strdup(arena, list.data);
    buffer_clear(&list);
    return ids->list ? STATUS_OK : no_memory(err);
}

static enum status note(struct change *change, const char *kind, const char *id, struct arena *arena, struct error *err)
{
    static const char *const drawn[KIND_COUNT] = {"zone", "checkpoint", "closure"};
    for (int k = 0; k < KIND_COUNT; k++)
        if (strcmp(kind, drawn[k]) == 0) return ids_add(&change->ids[k], id, arena, err);
    if (strcmp(kind, "road_limit") == 0) {
        char bridge[64];
        snprintf(bridge, sizeof bridge, "bridge:%s", id);
        change->limits = true;
        return ids_add(&change->ids[CLOSURE], bridge, arena, err);
    }
    bool journey = strcmp(kind, "journey_default") == 0;
    if (strcmp(kind, "gate") == 0) change->gates = true;
    else if (strcmp(kind, "calendar_day") == 0) change->calendar = true;
    else if (strcmp(kind, "facility") == 0 || journey) change->facilities = true;
    else if (strcmp(kind, "toll_rate") == 0) change->tolls = true;
    else change->everything = true;
    return STATUS_OK;
}

/* What drops out by the clock; the database decides, to the microsecond. */
static enum status note_ending(const struct rules_input *in, int64_t now_ms, struct change *change, struct arena *arena, struct error *err)
{
    enum status status = STATUS_OK;
    int64_t until_ms = now_ms - LATE_MS;
    for (uint32_t i = 0; i < in->zone_count && status == STATUS_OK; i++)
        if (in->zones[i].schedule.until_ms <= until_ms) status = ids_add(&change->ids[ZONE], in->zones[i].id, arena, err);
    for (uint32_t i = 0; i < in->checkpoint_count && status == STATUS_OK; i++)
        if (in->checkpoints[i].opening.until_ms <= until_ms) status = ids_add(&change->ids[CHECKPOINT], in->checkpoints[i].id, arena, err);
    for (uint32_t i = 0; i < in->closure_count && status == STATUS_OK; i++)
        if (in->closures[i].schedule.until_ms <= until_ms) status = ids_add(&change->ids[CLOSURE], in->closures[i].id, arena, err);
    return status;
}

static enum status read_change(struct rules_held *held, const struct moment *now, const struct pg_result *rows, struct arena *arena,
                               struct change *change, struct error *err)
{
    enum { KIND = 4, ID };
    const struct rules_input *in = &held->input;
    const uint32_t held_count[KIND_COUNT] = {in->zone_count, in->checkpoint_count, in->closure_count};
    enum status status = STATUS_OK;
    *change = (struct change){.everything = now->version < in->version || now->road_version != held->road_version};
    for (int k = 0; k < KIND_COUNT && status == STATUS_OK; k++)
        status = ids_init(&change->ids[k], (uint32_t)rows->count + held_count[k], arena, err);
    for (int i = 0; i < rows->count && status == STATUS_OK && !pg_is_null(rows, i, KIND); i++)
        status = note(change, pg_text(rows, i, KIND), pg_text(rows, i, ID), arena, err);
    if (status == STATUS_OK) status = note_ending(in, now->now_ms, change, arena, err);
    for (int k = 0; k < KIND_COUNT && status == STATUS_OK; k++) status = ids_close(&change->ids[k], arena, err);
    return status;
}

/* ---- joining both -------------------------------------------------------------------------------------------- */

/* Both in the order of ids: what is held and was not asked for again, and what came. `out` has room for all of both. */
#define MERGE(type, out, old, old_count, fresh, fresh_count, asked, count)                                           \
    do {                                                                                                             \
        uint32_t o_ = 0, f_ = 0;                                                                                     \
        (count) = 0;                                                                                                 \
        while (o_ < (old_count) || f_ < (fresh_count)) {                                                             \
            if (o_ < (old_count) && has((asked), (old)[o_].id)) o_++;                                                \
            else if (f_ == (fresh_count) || (o_ < (old_count) && strcmp((old)[o_].id, (fresh)[f_].id) < 0))          \
                (out)[(count)++] = (old)[o_++];                                                                      \
            else (out)[(count)++] = (fresh)[f_++];                                                                   \
        }                                                                                                            \
    } while (0)

static enum status join_zones(struct rules_input *out, const struct rules_input *old, const struct rules_input *fresh, const struct ids *asked,
                              struct arena *arena, struct error *err)
{
    struct zone *all = arena_zero(arena, (size_t)old->zone_count + fresh->zone_count + 1, sizeof *all);
    if (all == NULL) return no_memory(err);
    MERGE(struct zone, all, old->zones, old->zone_count, fresh->zones, fresh->zone_count, asked, out->zone_count);
    out->zones = all;
    return STATUS_OK;
}

/* Without their gates, which name zones by their places. */
static enum status join_checkpoints(struct rules_input *out, const struct rules_input *old, const struct rules_input *fresh,
                                    const struct ids *asked, struct arena *arena, struct error *err)
{
    struct checkpoint *all = arena_zero(arena, (size_t)old->checkpoint_count + fresh->checkpoint_count + 1, sizeof *all);
    if (all == NULL) return no_memory(err);
    MERGE(struct checkpoint, all, old->checkpoints, old->checkpoint_count, fresh->checkpoints, fresh->checkpoint_count, asked,
          out->checkpoint_count);
    for (uint32_t i = 0; i < out->checkpoint_count; i++) all[i].gates = NULL, all[i].gate_count = 0;
    out->checkpoints = all;
    return STATUS_OK;
}

static enum status join_closures(struct rules_input *out, const struct rules_input *old, const struct rules_input *fresh,
                                 const struct ids *asked, struct arena *arena, struct error *err)
{
    struct closure *all = arena_zero(arena, (size_t)old->closure_count + fresh->closure_count + 1, sizeof *all);
    if (all == NULL) return no_memory(err);
    MERGE(struct closure, all, old->closures, old->closure_count, fresh->closures, fresh->closure_count, asked, out->closure_count);
    out->closures = all;
    return STATUS_OK;
}

static enum status read_drawn(struct rules_held *held, struct pg *pg, const struct change *change, struct rules_input *out,
                              struct arena *arena, struct error *err)
{
    static const enum rules_part parts[KIND_COUNT] = {RULES_ZONES, RULES_CHECKPOINTS, RULES_CLOSURES};
    struct rules_input fresh = {.credential_types = out->credential_types, .credential_type_count = out->credential_type_count};
    const struct ids *ids = change->ids;
    enum status status = STATUS_OK;
    for (int k = 0; k < KIND_COUNT && status == STATUS_OK; k++) {
        held->figures.rows += ids[k].count;
        if (ids[k].count) status = load_rules_part(pg, parts[k], ids[k].list, arena, &fresh, err);
    }
    if (status == STATUS_OK && ids[ZONE].count) status = join_zones(out, &held->input, &fresh, &ids[ZONE], arena, err);
    if (status == STATUS_OK && ids[CLOSURE].count) status = join_closures(out, &held->input, &fresh, &ids[CLOSURE], arena, err);
    if (status != STATUS_OK || (!ids[ZONE].count && !ids[CHECKPOINT].count && !change->gates)) return status;
    status = join_checkpoints(out, &held->input, &fresh, &ids[CHECKPOINT], arena, err);
    return status == STATUS_OK ? load_rules_part(pg, RULES_GATES, NULL, arena, out, err) : status;
}

static enum status read_registers(struct pg *pg, const struct change *change, struct rules_input *out, struct arena *arena, struct error *err)
{
    const struct {
        bool wanted;
        enum rules_part part;
    } parts[] = {{change->calendar, RULES_CALENDAR}, {change->facilities, RULES_FACILITIES}, {change->facilities, RULES_JOURNEYS},
                 {change->limits, RULES_ROAD_LIMITS}, {change->tolls, RULES_TOLLS}};
    enum status status = STATUS_OK;
    if (change->calendar) out->calendar = (struct calendar){0};
    if (change->tolls) out->tolls = (struct toll_tariff){0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == STATUS_OK; i++)
        if (parts[i].wanted) status = load_rules_part(pg, parts[i].part, NULL, arena, out, err);
    return status;
}

/* Into the other arena, once more than half of this one is what was replaced. */
static enum status sweep(struct rules_held *held, struct error *err)
{
    struct arena *from = &held->arenas[held->at], *to = &held->arenas[!held->at];
    struct rules_input *copy;
    if (from->used <= 2 * held->bytes + GARBAGE_BYTES) return STATUS_OK;
    enum status status = rules_copy(&held->input, to, &copy, err);
    if (status != STATUS_OK) return status;
    held->input = *copy;
    arena_reset(from);
    held->at = !held->at;
    held->bytes = to->used;
    return STATUS_OK;
}

static enum status read_parts(struct rules_held *held, struct pg *pg, const struct moment *now, const struct pg_result *rows,
                              struct error *err)
{
    struct arena *arena = &held->arenas[held->at];
    struct rules_input next = held->input;
    struct change change;
    enum status status = read_change(held, now, rows, arena, &change, err);
    if (status == STATUS_OK && change.everything) return read_whole(held, pg, now, err);
    next.version = now->version;
    next.as_of_ms = now->as_of_ms;
    if (status == STATUS_OK) status = read_registers(pg, &change, &next, arena, err);
    if (status == STATUS_OK) status = read_drawn(held, pg, &change, &next, arena, err);
    if (status != STATUS_OK) return status;
    held->input = next;
    held->figures.parts++;
    return sweep(held, err);
}

enum status rules_held_read(struct rules_held *held, struct pg *pg, const struct rules_input **out, struct error *err)
{
    struct moment now;
    struct pg_result rows = {0};
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status == STATUS_OK) {
        status = read_moment(pg, held->whole ? held->input.version : INT64_MAX, &now, &rows, err);
        if (status == STATUS_OK) status = held->whole ? read_parts(held, pg, &now, &rows, err) : read_whole(held, pg, &now, err);
        pg_try(pg, "ROLLBACK");
    }
    pg_result_clear(&rows);
    if (status != STATUS_OK) rules_held_forget(held);
    *out = &held->input;
    return status;
}
