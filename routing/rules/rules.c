#include "routing/rules/rules.h"

#include <string.h>

static const char *const kind_codes[] = {
#define X(name, code, zh, en) code,
    RULE_KIND_LIST(X)
#undef X
};

static const char *const action_codes[] = {
#define X(name, code) code,
    CLOSURE_ACTION_LIST(X)
#undef X
};

const char *rule_kind_code(enum rule_kind kind)
{
    return (unsigned)kind < RULE_KIND_COUNT ? kind_codes[kind] : "";
}

bool rule_kind_parse(const char *code, enum rule_kind *kind)
{
    for (unsigned i = 0; i < RULE_KIND_COUNT; i++) {
        if (strcmp(kind_codes[i], code) != 0) continue;
        *kind = (enum rule_kind)i;
        return true;
    }
    return false;
}

const char *closure_action_code(enum closure_action action)
{
    return (unsigned)action < CLOSURE_ACTION_COUNT ? action_codes[action] : "";
}

static bool within(uint32_t value, uint32_t least, uint32_t most)
{
    return value >= least && (most == 0 || value <= most);
}

static bool agrees(enum tristate wanted, bool is)
{
    return wanted == ANY || (wanted == YES) == is;
}

static enum subject_match match_plate(const struct subject *s, const char *plate)
{
    if (s->plate_prefix_count == 0) return SUBJECT_YES;
    if (plate[0] == '\0') return SUBJECT_PERHAPS;
    bool listed = false;
    for (uint32_t i = 0; i < s->plate_prefix_count; i++)
        listed = listed || strncmp(plate, s->plate_prefixes[i], strlen(s->plate_prefixes[i])) == 0;
    return listed != s->plate_prefixes_negated ? SUBJECT_YES : SUBJECT_NO;
}

static enum subject_match match_emission(const struct subject *s, enum emission emission)
{
    if (s->emissions == 0 || (s->emissions >> emission & 1) != 0) return SUBJECT_YES;
    return emission == EMISSION_UNKNOWN ? SUBJECT_PERHAPS : SUBJECT_NO;
}

static bool match_cargo(const struct subject *s, const char *cargo)
{
    if (s->cargo_count == 0) return true;
    for (uint32_t i = 0; i < s->cargo_count; i++)
        if (strcmp(cargo, s->cargos[i]) == 0) return true;
    return false;
}

enum subject_match subject_match(const struct subject *s, const struct vehicle *v)
{
    if (!within(v->gross_kg, s->gross_min_kg, s->gross_max_kg) || !within(v->axles, s->axles_min, s->axles_max) ||
        !agrees(s->hazmat, v->hazmat) || !agrees(s->livestock, v->livestock) ||
        !agrees(s->lorry, vehicle_is_lorry(v)) || !match_cargo(s, v->cargo))
        return SUBJECT_NO;
    enum subject_match plate = match_plate(s, v->plate), emission = match_emission(s, v->emission);
    return plate < emission ? plate : emission;
}

bool subject_matches(const struct subject *s, const struct vehicle *v)
{
    return subject_match(s, v) != SUBJECT_NO;
}
