#include "api/parse/parse_county.h"

#include "api/wire/time_text.h"

#include <stdlib.h>
#include <string.h>

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- a plan ------------------------------------------------------------------------------------------------ */

static enum status parse_members(const struct json_at *at, struct error *err)
{
    static const char *const members[] = {"kind", "id", "part", "name", "state", "active", NULL};
    static const char *const kinds[] = {"zone", "checkpoint", "closure", "facility", NULL};
    size_t count;
    TRY(reader_array(at, 1, COUNTY_MEMBERS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i), member;
        const char *text;
        unsigned kind;
        TRY(reader_members(&element, members, err));
        TRY(reader_require(&element, "kind", &member, err));
        TRY(reader_choice(&member, kinds, &kind, err));
        TRY(reader_require(&element, "id", &member, err));
        TRY(reader_text(&member, 1, DESK_ID_SIZE - 1, &text, err));
        if (reader_find(&element, "part", &member) && !json_is_null(member.value)) TRY(reader_text(&member, 1, 200, &text, err));
        for (size_t k = 0; k < i; k++) { /* 500 at most */
            const json_t *other = json_array_get(at->value, k);
            if (!json_equal(json_object_get(other, "kind"), json_object_get(element.value, "kind")) ||
                !json_equal(json_object_get(other, "id"), json_object_get(element.value, "id")))
                continue;
            error_set(err, STATUS_INVALID, MESSAGE_MEMBER_TWICE, json_string_value(json_object_get(other, "id")));
            return reader_here(&element, err);
        }
    }
    return STATUS_OK;
}

static enum status parse_fleet(const struct json_at *at, struct error *err)
{
    static const char *const members[] = {"enterprise", "vehicles", "note", NULL};
    size_t count;
    TRY(reader_array(at, 0, 200, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i), member;
        const char *text;
        int64_t vehicles;
        TRY(reader_members(&element, members, err));
        TRY(reader_require(&element, "enterprise", &member, err));
        TRY(reader_text(&member, 1, 100, &text, err));
        TRY(reader_require(&element, "vehicles", &member, err));
        TRY(reader_integer(&member, 1, 100000, &vehicles, err));
        if (reader_find(&element, "note", &member) && !json_is_null(member.value)) TRY(reader_text(&member, 0, 1000, &text, err));
    }
    return STATUS_OK;
}

static enum status parse_names(const struct json_at *at, struct error *err)
{
    size_t count;
    TRY(reader_array(at, 0, 1000, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i);
        const char *text;
        TRY(reader_text(&element, 1, 100, &text, err));
    }
    return STATUS_OK;
}

/* [{"enterprise", "name"}] of an answer becomes the list of enterprises that a plan has. */
static enum status plain_notify(const struct json_at *at, json_t *document, struct error *err)
{
    static const char *const members[] = {"enterprise", "name", NULL};
    json_t *names = json_array();
    size_t count;
    enum status status = names ? reader_array(at, 0, 1000, &count, err) : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct json_at element = reader_element(at, i), name = element;
        const char *text;
        if (json_is_object(element.value)) {
            status = reader_members(&element, members, err);
            if (status == STATUS_OK) status = reader_require(&element, "enterprise", &name, err);
        }
        if (status == STATUS_OK) status = reader_text(&name, 1, 100, &text, err);
        if (status == STATUS_OK && json_array_append(names, name.value) != 0) status = no_memory(err);
    }
    if (status == STATUS_OK && json_object_set(document, "notify", names) != 0) status = no_memory(err);
    json_decref(names);
    return status;
}

static enum status parse_demands(const struct json_at *at, const struct parse_setting *setting, struct error *err)
{
    static const char *const members[] = {"name", "request", NULL};
    size_t count;
    TRY(reader_array(at, 0, COUNTY_DEMANDS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i), member;
        struct route_question question;
        const char *text;
        TRY(reader_members(&element, members, err));
        TRY(reader_require(&element, "name", &member, err));
        TRY(reader_text(&member, 1, 200, &text, err));
        TRY(reader_require(&element, "request", &member, err));
        TRY(parse_route(&member, setting, &question, err));
    }
    return STATUS_OK;
}

enum status parse_county(const struct json_at *root, const char *scope, const struct parse_setting *setting, const char **document,
                         struct error *err)
{
    static const char *const members[] = {"name", "jurisdiction", "note", "members", "fleet", "notify", "credentials", "demands",
                                          "id", "state", "approving_authority", "document_no", "drilled_at", "switches", "rules_version", NULL};
    static const char *const kept[] = {"name", "note", "members", "fleet", "credentials", "demands", NULL};
    struct json_at at;
    const char *text;
    TRY(reader_members(root, members, err));
    TRY(reader_require(root, "name", &at, err));
    TRY(reader_text(&at, 1, 600, &text, err));
    if (reader_find(root, "jurisdiction", &at) || scope == NULL) {
        TRY(reader_require(root, "jurisdiction", &at, err));
        TRY(reader_text(&at, 6, 20, &scope, err));
    }
    if (reader_find(root, "note", &at) && !json_is_null(at.value)) TRY(reader_text(&at, 0, 4000, &text, err));
    TRY(reader_require(root, "members", &at, err));
    TRY(parse_members(&at, err));
    if (reader_find(root, "fleet", &at)) TRY(parse_fleet(&at, err));
    if (reader_find(root, "credentials", &at)) TRY(parse_names(&at, err));
    if (reader_find(root, "demands", &at)) TRY(parse_demands(&at, setting, err));

    json_t *out = json_pack("{s:s}", "jurisdiction", scope);
    enum status status = out ? STATUS_OK : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && kept[i]; i++)
        if (reader_find(root, kept[i], &at) && !json_is_null(at.value) && json_object_set(out, kept[i], at.value) != 0) status = no_memory(err);
    if (status == STATUS_OK && reader_find(root, "notify", &at)) status = plain_notify(&at, out, err);
    char *dumped = status == STATUS_OK ? json_dumps(out, JSON_COMPACT) : NULL;
    if (status == STATUS_OK) *document = dumped ? arena_strdup(setting->arena, dumped) : NULL;
    if (status == STATUS_OK && *document == NULL) status = no_memory(err);
    free(dumped);
    json_decref(out);
    return status;
}

/* ---- the words of an act ------------------------------------------------------------------------------------- */

enum status parse_county_words(const struct json_at *root, bool documented, bool switching, const struct parse_setting *setting,
                               struct county_words *out, struct error *err)
{
    static const char *const plain[] = {"authority", "document_no", "opinion", NULL};
    static const char *const more[] = {"authority", "document_no", "opinion", "start_at", "parts", "force_reason", NULL};
    struct arena *arena = setting->arena;
    struct json_at at;
    TRY(reader_members(root, switching ? more : plain, err));
    if (documented) TRY(reader_require(root, "authority", &at, err));
    if (documented) TRY(reader_require(root, "document_no", &at, err));
    if (reader_find(root, "authority", &at)) TRY(reader_text_dup(&at, 1, 300, arena, &out->said.authority, err));
    if (reader_find(root, "document_no", &at)) TRY(reader_text_dup(&at, 1, 200, arena, &out->said.document_no, err));
    if (reader_find(root, "opinion", &at)) TRY(reader_text_dup(&at, 1, 4000, arena, &out->said.opinion, err));
    if (reader_find(root, "force_reason", &at)) TRY(reader_text_dup(&at, 1, 1000, arena, &out->said.force_reason, err));
    if (reader_find(root, "start_at", &at)) {
        char text[TIME_TEXT_SIZE];
        int64_t start_ms;
        TRY(reader_time(&at, &start_ms, err));
        if (start_ms < setting->now_ms - 60000) { /* a clock may be a little behind */
            error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_START_PAST);
            return reader_here(&at, err);
        }
        time_format(start_ms, text);
        out->start_at = arena_strdup(arena, text);
        if (out->start_at == NULL) return no_memory(err);
    }
    if (reader_find(root, "parts", &at)) {
        size_t count;
        TRY(reader_array(&at, 1, 100, &count, err));
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&at, i);
            const char *text;
            TRY(reader_text(&element, 1, 200, &text, err));
        }
        char *text = json_dumps(at.value, JSON_COMPACT);
        out->parts = text ? arena_strdup(arena, text) : NULL;
        free(text);
        if (out->parts == NULL) return no_memory(err);
    }
    return STATUS_OK;
}
