#include "routing/search/table.h"

#include "routing/search/table_ends.h"

bool table_uniform(const struct constraint *c, const struct place *places, const bool *there, uint32_t count)
{
    const struct membership *m;
    if (c->varying || c->avoid) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!there[i]) continue;
        for (uint32_t k = 0; constraint_inside(c, places[i].at, &m, k); k++) {
            const struct zone_state *z = constraint_zone(c, m->zone);
            if (z->leg_dependent && constraint_binds(c, z)) return false;
        }
        for (uint32_t way = 0; way < 2 && c->pieces->of_arc; way++) {
            arc_id a = c->n->road_arc[2 * (size_t)places[i].at.road + way];
            if (a != NO_ARC && c->pieces->of_arc[a]) return false;
        }
    }
    return true;
}

enum status table_costs(const struct constraint *c, const struct metric *metric, const struct place *places,
                        const bool *there, uint32_t source_count, uint32_t target_count, uint32_t *costs,
                        struct error *err)
{
    struct table_ends from = {0}, to = {0};
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < source_count && status == STATUS_OK; i++)
        status = table_ends_leave(&from, c, there[i] ? &places[i] : NULL, err);
    for (uint32_t k = source_count; k < source_count + target_count && status == STATUS_OK; k++)
        status = table_ends_reach(&to, c, there[k] ? &places[k] : NULL, err);
    if (status != STATUS_OK) goto done;
    struct many_places sources = {.count = source_count, .first = from.first, .node = from.node, .initial = from.initial};
    struct many_places targets = {.count = target_count, .first = to.first, .node = to.node, .initial = to.initial};
    if ((status = many_to_many(metric, &sources, &targets, costs, err)) != STATUS_OK) goto done;
    for (uint32_t i = 0; i < source_count; i++)
        for (uint32_t k = 0; k < target_count; k++) {
            uint32_t *cell = &costs[(size_t)i * target_count + k];
            if (*cell >= WEIGHT_INFINITY) *cell = UINT32_MAX;
            if (!there[i] || !there[source_count + k]) continue;
            const struct place *a = &places[i], *b = &places[source_count + k];
            if (!table_ends_touch(c, a, b)) continue;
            uint64_t direct = table_ends_direct(c, a, b);
            if (direct < *cell) *cell = (uint32_t)direct;
        }
done:
    table_ends_clear(&from);
    table_ends_clear(&to);
    return status;
}
