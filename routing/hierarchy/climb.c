#include "routing/hierarchy/climb.h"

struct climb_step climb_before(const struct hierarchy *h, const struct climbed *climbed, uint32_t count, const weight *weights,
                               uint32_t at, weight distance)
{
    for (uint32_t c = 0; c < count && climbed[c].from < at; c++) {
        const uint32_t block = climbed[c].block, from = climbed[c].from, last = h->block_first[block + 1] - 1;
        const uint32_t *outer = h->outer + h->outer_first[block];
        const uint32_t outer_count = h->outer_first[block + 1] - h->outer_first[block];
        const weight *below = climbed[c].distance;
        uint32_t left = 0, right = outer_count;
        if (at <= last) {
            for (uint32_t v = from; v < at; v++) {
                const uint32_t arc = h->first_arc[v] + (at - v - 1);
                if (below[v - from] + weights[arc] == distance) return (struct climb_step){v, arc, below[v - from]};
            }
            continue;
        }
        if (outer_count == 0 || outer[outer_count - 1] < at) continue;
        while (left < right) {
            const uint32_t middle = left + (right - left) / 2;
            if (outer[middle] < at)
                left = middle + 1;
            else
                right = middle;
        }
        if (outer[left] != at) continue;
        for (uint32_t v = from; v <= last; v++) {
            const uint32_t arc = h->first_arc[v] + (last - v) + left;
            if (below[v - from] + weights[arc] == distance) return (struct climb_step){v, arc, below[v - from]};
        }
    }
    return (struct climb_step){NOTHING, NOTHING, WEIGHT_INFINITY};
}
