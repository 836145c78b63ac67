#include "routing/constraint/rules_limits.h"

#include <stdlib.h>
#include <string.h>

static enum status copies(const struct network *n, uint32_t entries, struct rules_limits *out, struct error *err)
{
    size_t row = LIMIT_COUNT * sizeof *n->limits;
    uint32_t *rows = malloc((size_t)n->road_count * sizeof *rows + 1);
    uint32_t *limits = malloc(((size_t)n->limits_count + entries) * row);
    uint16_t *flags = malloc((size_t)n->road_count * sizeof *flags + 1);
    out->owned[0] = rows, out->owned[1] = limits, out->owned[2] = flags;
    if (!rows || !limits || !flags) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memcpy(rows, n->road_limits, (size_t)n->road_count * sizeof *rows);
    memcpy(limits, n->limits, n->limits_count * row);
    memcpy(flags, n->road_flags, (size_t)n->road_count * sizeof *flags);
    out->road_limits = rows, out->limits = limits, out->road_flags = flags;
    return STATUS_OK;
}

enum status rules_limits_join(const struct network *n, const struct road_limit *entries, uint32_t count,
                              struct rules_limits *out, struct error *err)
{
    *out = (struct rules_limits){.road_limits = n->road_limits, .limits = n->limits, .road_flags = n->road_flags,
                                 .limits_count = n->limits_count};
    for (uint32_t i = 0; i < count; i++) {
        road_index road = network_road_find(n, entries[i].road_id);
        if (road == NO_ROAD) {
            out->dead_count++;
            continue;
        }
        enum status status = out->owned[0] ? STATUS_OK : copies(n, count, out, err);
        if (status != STATUS_OK) return status;
        uint32_t *rows = out->owned[0], *limits = out->owned[1];
        uint16_t *flags = out->owned[2];
        memcpy(limits + (size_t)out->limits_count * LIMIT_COUNT, entries[i].limits, sizeof entries[i].limits);
        rows[road] = out->limits_count++;
        flags[road] = (uint16_t)((flags[road] & ~ROAD_HAZMAT_NO) | (entries[i].hazmat_no ? ROAD_HAZMAT_NO : 0));
    }
    return STATUS_OK;
}

void rules_limits_clear(struct rules_limits *l)
{
    for (size_t i = 0; i < sizeof l->owned / sizeof *l->owned; i++) free(l->owned[i]);
    *l = (struct rules_limits){0};
}
