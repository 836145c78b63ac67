#include "api/parse/parse_changes.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const members_of[DESK_KIND_COUNT] = {"zones", "checkpoints", "closures"};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

struct reading {
    const struct parse_setting *setting;
    struct rule_changes *out;
    json_t *changes; /* what is built */
    unsigned named;  /* drawings without an id so far */
};

/* Adds an id to a list of at most CHANGES_MAX. */
static enum status add_name(struct reading *r, struct rule_names *names, enum desk_kind kind, const char *id, struct error *err)
{
    uint32_t *const counts[DESK_KIND_COUNT] = {&names->zone_count, &names->checkpoint_count, &names->closure_count};
    const char *const **const lists[DESK_KIND_COUNT] = {&names->zones, &names->checkpoints, &names->closures};
    if (*lists[kind] == NULL) *lists[kind] = arena_zero(r->setting->arena, CHANGES_MAX, sizeof(char *));
    const char *copy = arena_strdup(r->setting->arena, id);
    if (*lists[kind] == NULL || copy == NULL) return no_memory(err);
    ((const char **)(uintptr_t)*lists[kind])[(*counts[kind])++] = copy; /* made above, and not yet shared */
    return STATUS_OK;
}

static enum status count_more(struct reading *r, const struct json_at *at, size_t more, struct error *err)
{
    r->out->count += (uint32_t)more;
    if (r->out->count <= CHANGES_MAX) return STATUS_OK;
    error_set(err, STATUS_TOO_LARGE, MESSAGE_CHANGES_COUNT, (unsigned)CHANGES_MAX);
    return reader_here(at, err);
}

/* A drawing as a row: its columns, its id, and the gates of a checkpoint. */
static enum status read_drawing(struct reading *r, const struct json_at *feature, enum desk_kind kind, json_t *rows, struct error *err)
{
    struct rule_feature_in in;
    struct json_at at;
    const char *id = NULL;
    char made[24];
    json_error_t ignored;
    TRY(parse_rule(feature, kind, NULL, r->setting, &in, err));
    r->out->point_count += in.area.point_count;
    if (reader_find(feature, "id", &at)) TRY(reader_text(&at, 1, DESK_ID_SIZE - 1, &id, err));
    r->out->relaxing |= id != NULL || kind == DESK_CHECKPOINT;
    r->out->by_area &= kind == DESK_ZONE;
    if (kind == DESK_ZONE) r->out->areas[r->out->area_count++] = in.area;
    if (id == NULL) {
        snprintf(made, sizeof made, "what-if-%u", ++r->named);
        id = made;
    }
    TRY(add_name(r, &r->out->names, kind, id, err));
    json_t *row = json_loads(in.document.columns, JSON_DECODE_ANY, &ignored);
    bool good = row && json_object_set_new(row, "id", json_string(id)) == 0;
    if (good && kind == DESK_CHECKPOINT) good = json_object_set_new(row, "gates", json_loads(in.document.gates, JSON_DECODE_ANY, &ignored)) == 0;
    if (good) return json_array_append_new(rows, row) == 0 ? STATUS_OK : no_memory(err);
    json_decref(row);
    return no_memory(err);
}

static enum status read_drawings(struct reading *r, const struct json_at *root, enum desk_kind kind, json_t *of_kind, struct error *err)
{
    struct json_at list;
    size_t count;
    json_t *rows = json_array();
    if (rows == NULL || json_object_set_new(of_kind, "put", rows) != 0) return no_memory(err);
    if (!reader_find(root, members_of[kind], &list)) return STATUS_OK;
    TRY(reader_array(&list, 0, CHANGES_MAX, &count, err));
    TRY(count_more(r, &list, count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at feature = reader_element(&list, i);
        TRY(read_drawing(r, &feature, kind, rows, err));
    }
    return STATUS_OK;
}

static enum status read_ids(struct reading *r, const struct json_at *root, const char *act, enum desk_kind kind, json_t *of_kind,
                            struct error *err)
{
    static const char *const names[] = {"zones", "checkpoints", "closures", NULL};
    struct json_at group, list;
    size_t count;
    bool lifting = strcmp(act, "lift") == 0;
    json_t *ids = json_array();
    if (ids == NULL || json_object_set_new(of_kind, act, ids) != 0) return no_memory(err);
    if (!reader_find(root, act, &group)) return STATUS_OK;
    TRY(reader_members(&group, names, err));
    if (!reader_find(&group, members_of[kind], &list)) return STATUS_OK;
    TRY(reader_array(&list, 0, CHANGES_MAX, &count, err));
    TRY(count_more(r, &list, count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&list, i);
        const char *id;
        TRY(reader_text(&element, 1, DESK_ID_SIZE - 1, &id, err));
        r->out->id_count++;
        TRY(add_name(r, &r->out->names, kind, id, err));
        if (lifting) TRY(add_name(r, &r->out->lifted, kind, id, err));
        r->out->by_area &= lifting;
        r->out->relaxing |= lifting ? kind != DESK_CHECKPOINT : kind == DESK_CHECKPOINT;
        if (json_array_append(ids, element.value) != 0) return no_memory(err);
    }
    return STATUS_OK;
}

static enum status read_all(struct reading *r, const struct json_at *root, struct error *err)
{
    static const char *const members[] = {"zones", "checkpoints", "closures", "approve", "lift", NULL};
    TRY(reader_members(root, members, err));
    for (int k = 0; k < DESK_KIND_COUNT; k++) {
        json_t *of_kind = json_object();
        if (of_kind == NULL || json_object_set_new(r->changes, desk_kind_name((enum desk_kind)k), of_kind) != 0) return no_memory(err);
        TRY(read_drawings(r, root, (enum desk_kind)k, of_kind, err));
        TRY(read_ids(r, root, "approve", (enum desk_kind)k, of_kind, err));
        TRY(read_ids(r, root, "lift", (enum desk_kind)k, of_kind, err));
    }
    if (r->out->count > 0) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_CHANGES_COUNT, (unsigned)CHANGES_MAX);
    return reader_here(root, err);
}

/* The text of the changes and its digest. */
static enum status seal(const json_t *changes, struct arena *arena, struct rule_changes *out, struct error *err)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *text = json_dumps(changes, JSON_COMPACT);
    out->json = text ? arena_strdup(arena, text) : NULL;
    free(text);
    if (out->json == NULL) return no_memory(err);
    crypto_hash_sha256(hash, (const unsigned char *)out->json, strlen(out->json));
    sodium_bin2hex(out->digest, sizeof out->digest, hash, sizeof hash);
    return STATUS_OK;
}

enum status parse_changes(const struct json_at *root, const struct parse_setting *setting, struct rule_changes *out,
                          struct error *err)
{
    *out = (struct rule_changes){.by_area = true};
    struct reading r = {.setting = setting, .out = out, .changes = json_object()};
    if (r.changes == NULL) return no_memory(err);
    enum status status = read_all(&r, root, err);
    if (status == STATUS_OK) status = seal(r.changes, setting->arena, out, err);
    json_decref(r.changes);
    return status;
}

enum status changes_point_at(const struct json_at *root, const char *place, struct error *err)
{
    char kind[16], act[16];
    unsigned index;
    if (sscanf(place, "%15[a-z]/%15[a-z]/%u", kind, act, &index) == 3) error_pointer(err, "/%s/%ss/%u", act, kind, index);
    return reader_below(root, err);
}
