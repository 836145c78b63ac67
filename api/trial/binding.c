#include "api/trial/binding.h"

#include "api/wire/time_text.h"

#include <string.h>

static bool zone_known(const struct rules_input *input, const struct zone *zone)
{
    for (uint32_t i = 0; i < input->zone_count; i++)
        if (strcmp(input->zones[i].id, zone->id) == 0) return input->zones[i].schedule.from_ms == zone->schedule.from_ms;
    return false;
}

static bool closure_known(const struct rules_input *input, const struct closure *closure)
{
    for (uint32_t i = 0; i < input->closure_count; i++)
        if (strcmp(input->closures[i].id, closure->id) == 0) return input->closures[i].schedule.from_ms == closure->schedule.from_ms;
    return false;
}

int64_t binding_from(const struct rules_input *before, const struct rules_input *after)
{
    int64_t now_ms = time_now_ms(), latest_ms = 0;
    for (uint32_t i = 0; i < after->zone_count; i++) {
        int64_t from_ms = after->zones[i].schedule.from_ms;
        if (from_ms > now_ms && from_ms > latest_ms && !zone_known(before, &after->zones[i])) latest_ms = from_ms;
    }
    for (uint32_t i = 0; i < after->closure_count; i++) {
        int64_t from_ms = after->closures[i].schedule.from_ms;
        if (from_ms > now_ms && from_ms > latest_ms && !closure_known(before, &after->closures[i])) latest_ms = from_ms;
    }
    return latest_ms;
}
