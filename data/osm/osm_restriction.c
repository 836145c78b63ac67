#include "data/osm/osm_restriction.h"

#include "data/import/import_text.h"

#include <inttypes.h>
#include <string.h>

/* "no_left_turn", "only_straight_on", …; false if it is no known value. */
static bool parse_value(const char *value, size_t length, struct osm_restriction *r)
{
    static const struct {
        const char *text;
        bool only;
    } values[] = {
        {"no_left_turn", false}, {"no_right_turn", false}, {"no_straight_on", false}, {"no_u_turn", false},
        {"no_entry", false},     {"no_exit", false},       {"only_left_turn", true},
        {"only_right_turn", true}, {"only_straight_on", true}, {"only_u_turn", true},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strlen(values[i].text) == length && strncmp(value, values[i].text, length) == 0) {
            r->only = values[i].only;
            r->u_turn = strstr(values[i].text, "u_turn") != NULL;
            return true;
        }
    return false;
}

/* Whether a semicolon list (may be NULL) has a word. */
static bool lists(const char *list, const char *word)
{
    while (list && *list) {
        size_t n = strcspn(list, ";"), begin = 0, end = n;

        while (begin < end && list[begin] == ' ') begin++;
        while (end > begin && list[end - 1] == ' ') end--;
        if (end - begin == strlen(word) && strncmp(list + begin, word, end - begin) == 0) return true;
        list += n + (list[n] != '\0');
    }
    return false;
}

/* Whom a key binds; false: not one of ours. */
static bool subjects(const char *key, const char *except, struct osm_restriction *r)
{
    if (strcmp(key, "restriction") == 0) {
        bool motor = lists(except, "motor_vehicle") || lists(except, "vehicle");

        r->lorry = !motor && !lists(except, "hgv");
        r->light = !motor && !lists(except, "goods") && !lists(except, "motorcar");
        r->hazmat = r->lorry;
        return r->lorry || r->light;
    }
    r->lorry = strcmp(key, "restriction:hgv") == 0 || strcmp(key, "restriction:motor_vehicle") == 0;
    r->light = strcmp(key, "restriction:motorcar") == 0 || strcmp(key, "restriction:goods") == 0 ||
               strcmp(key, "restriction:motor_vehicle") == 0;
    r->hazmat = r->lorry || strcmp(key, "restriction:hazmat") == 0;
    return r->lorry || r->light || r->hazmat;
}

static enum status members(const struct osm_relation *relation, struct arena *arena, struct import_report *report,
                           struct osm_restriction *r, bool *sound, struct error *err)
{
    int64_t from[OSM_RESTRICTION_MEMBERS_MAX], via[OSM_RESTRICTION_MEMBERS_MAX], to[OSM_RESTRICTION_MEMBERS_MAX];
    uint32_t nodes = 0;

    *sound = false;
    for (size_t i = 0; i < relation->member_count; i++) {
        const struct osm_member *m = &relation->members[i];
        bool full = r->from_count == OSM_RESTRICTION_MEMBERS_MAX || r->to_count == OSM_RESTRICTION_MEMBERS_MAX ||
                    r->via_way_count == OSM_RESTRICTION_MEMBERS_MAX;

        if (full) {
            import_report_count(report, "turn restriction with too many members: left out", "relation %" PRId64, relation->id);
            return STATUS_OK;
        }
        if (strcmp(m->role, "from") == 0 && m->type == OSM_MEMBER_WAY) from[r->from_count++] = m->id;
        else if (strcmp(m->role, "to") == 0 && m->type == OSM_MEMBER_WAY) to[r->to_count++] = m->id;
        else if (strcmp(m->role, "via") == 0 && m->type == OSM_MEMBER_WAY) via[r->via_way_count++] = m->id;
        else if (strcmp(m->role, "via") == 0 && m->type == OSM_MEMBER_NODE) {
            r->via_node = m->id;
            nodes++;
        }
    }
    if (!r->from_count || !r->to_count || nodes + r->via_way_count == 0 || nodes > 1 || (nodes && r->via_way_count)) {
        import_report_count(report, "turn restriction without from, via and to: left out", "relation %" PRId64, relation->id);
        return STATUS_OK;
    }
    if (r->only && (r->from_count > 1 || r->to_count > 1)) {
        import_report_count(report, "only_… with several from or to: left out", "relation %" PRId64, relation->id);
        return STATUS_OK;
    }
    r->from = arena_copy(arena, from, r->from_count * sizeof *from);
    r->to = arena_copy(arena, to, r->to_count * sizeof *to);
    r->via_ways = r->via_way_count ? arena_copy(arena, via, r->via_way_count * sizeof *via) : NULL;
    if (!r->from || !r->to || (r->via_way_count && !r->via_ways)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *sound = true;
    return STATUS_OK;
}

enum status osm_restriction_read(const struct osm_relation *relation, struct arena *arena, struct import_report *report,
                                 struct osm_restriction out[OSM_RESTRICTION_KINDS], unsigned *count, struct error *err)
{
    const char *type = osm_tag_get(relation->tags, "type"), *except = osm_tag_get(relation->tags, "except");
    enum status s = STATUS_OK;

    *count = 0;
    if (!type || strncmp(type, "restriction", 11) != 0) return STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < relation->tags.count && *count < OSM_RESTRICTION_KINDS; i++) {
        const char *key = relation->tags.items[i].key, *value = relation->tags.items[i].value, *at;
        struct osm_restriction r = {.id = relation->id};
        char plain[64];
        size_t n = strlen(key);
        bool conditional = n > 12 && strcmp(key + n - 12, ":conditional") == 0, sound;

        if (strncmp(key, "restriction", 11) != 0 || n >= sizeof plain) continue;
        memcpy(plain, key, n + 1);
        if (conditional) plain[n - 12] = '\0';
        if (!subjects(plain, except, &r)) {
            import_report_count(report, "turn restriction that binds neither lorries nor light vehicles: left out", "relation %" PRId64 ": %s",
                                relation->id, key);
            continue;
        }
        at = conditional ? strchr(value, '@') : NULL;
        n = at ? (size_t)(at - value) : strlen(value);
        while (n && value[n - 1] == ' ') n--;
        if (!parse_value(value, n, &r) || (conditional && !at)) {
            import_report_count(report, "turn restriction not understood: left out", "relation %" PRId64 ": %s=%s", relation->id, key, value);
            continue;
        }
        if (at) {
            enum status kept = STATUS_OK;

            r.condition = import_text_keep(arena, at + 1, 1000, &kept);
            if (kept != STATUS_OK) return error_set(err, kept, MESSAGE_NO_MEMORY);
            if (!r.condition) continue;
            import_report_count(report, "conditional turn restriction: kept with its condition, does not bind yet", "relation %" PRId64 ": %s",
                                relation->id, value);
        }
        s = members(relation, arena, report, &r, &sound, err);
        if (s == STATUS_OK && sound) out[(*count)++] = r;
    }
    return s;
}
