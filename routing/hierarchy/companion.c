#pragma GCC optimize("O3")
#include "routing/hierarchy/companion.h"

#include "routing/hierarchy/vector.h"

#include <stdlib.h>

/* The first weights are final already, so a triangle (or an edge) counts exactly if its sum is the weight of the arc.
 * Blocks are taken in ascending order and pull from those below, as in customization.c. */

struct rows {
    weight *first, *second; /* [width] */
};

/* second[i] = min(second[i], b + from_second[i]) where a + from_first[i] == first[i] */
VECTOR_INLINE void relax_where_equal(const weight *restrict first, weight *restrict second, weight a, weight b,
                                     const weight *restrict from_first, const weight *restrict from_second,
                                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const weight sum = b + from_second[i], old = second[i], least = old < sum ? old : sum;
        second[i] = a + from_first[i] == first[i] ? least : old;
    }
}

/* One direction of the arcs from x to the heads beyond it, through one node v below. */
VECTOR_INLINE void pull_direction(struct rows *rows, const weight *to_x, const weight *to_x_second, const weight *via,
                                  const weight *via_second, uint32_t arc, uint32_t rest)
{
    if (to_x[arc] < WEIGHT_INFINITY)
        relax_where_equal(rows->first, rows->second, to_x[arc], to_x_second[arc], via + arc + 1, via_second + arc + 1,
                          rest);
}

VECTOR_INLINE void pull_block(const struct companion *c, struct rows rows[2], const uint32_t *place, uint32_t x,
                              uint32_t below, uint32_t position)
{
    const struct metric *m = c->metric;
    const struct hierarchy *h = m->hierarchy;
    const uint32_t first = h->block_first[below], last = h->block_first[below + 1] - 1;
    const uint32_t *heads = h->outer + h->outer_first[below] + position + 1;
    const uint32_t rest = h->outer_first[below + 1] - h->outer_first[below] - position - 1;
    const uint32_t row = h->first_arc[x] - x - 1;
    if (rest == 0) return;
    for (uint32_t j = 0; j < rest; j++) {
        const uint32_t at = row + place[heads[j]];
        rows[0].first[j] = m->up[at], rows[0].second[j] = c->up[at];
        rows[1].first[j] = m->down[at], rows[1].second[j] = c->down[at];
    }
    for (uint32_t v = first; v <= last; v++) {
        const uint32_t arc = h->first_arc[v] + (last - v) + position;
        pull_direction(&rows[0], m->down, c->down, m->up, c->up, arc, rest);
        pull_direction(&rows[1], m->up, c->up, m->down, c->down, arc, rest);
    }
    for (uint32_t j = 0; j < rest; j++) {
        const uint32_t at = row + place[heads[j]];
        c->up[at] = rows[0].second[j];
        c->down[at] = rows[1].second[j];
    }
}

VECTOR_CLONES static void fill(const struct companion *c, struct rows rows[2], uint32_t *place)
{
    const struct metric *m = c->metric;
    const struct hierarchy *h = m->hierarchy;
    for (uint32_t block = 0; block < h->block_count; block++) {
        const uint32_t first = h->block_first[block], end = h->block_first[block + 1];
        const uint32_t *outer = h->outer + h->outer_first[block];
        const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
        for (uint32_t v = first; v < end; v++) place[v] = v;
        for (uint32_t i = 0; i < count; i++) place[outer[i]] = end + i;
        for (uint32_t x = first; x < end; x++)
            for (uint32_t i = h->lower_first[x]; i < h->lower_first[x + 1]; i++)
                pull_block(c, rows, place, x, h->lower[i].block, h->lower[i].position);
        for (uint32_t v = first; v + 1 < end; v++)
            for (uint32_t u = v + 1; u < end; u++) {
                const uint32_t arc = h->first_arc[v] + (u - v - 1), to = h->first_arc[u], length = end - 1 - u + count;
                struct rows up = {m->up + to, c->up + to}, down = {m->down + to, c->down + to};
                pull_direction(&up, m->down, c->down, m->up, c->up, arc, length);
                pull_direction(&down, m->up, c->up, m->down, c->down, arc, length);
            }
    }
}

enum status companion_new(const struct metric *metric, const weight *second, struct companion **out,
                          struct error *err)
{
    const struct hierarchy *h = metric->hierarchy;
    const size_t w = (size_t)h->width + 1;
    struct rows rows[2] = {{malloc(w * sizeof(weight)), malloc(w * sizeof(weight))},
                           {malloc(w * sizeof(weight)), malloc(w * sizeof(weight))}};
    uint32_t *place = malloc(((size_t)h->node_count + 1) * sizeof *place);
    struct companion *c = calloc(1, sizeof *c);
    enum status status = STATUS_OK;
    if (!rows[0].first || !rows[0].second || !rows[1].first || !rows[1].second || !place || !c) goto no_memory;
    c->metric = metric;
    c->up = malloc(((size_t)h->arc_count + 1) * sizeof *c->up);
    c->down = malloc(((size_t)h->arc_count + 1) * sizeof *c->down);
    if (c->up == NULL || c->down == NULL) goto no_memory;
    for (uint32_t a = 0; a < h->arc_count; a++) c->up[a] = c->down[a] = WEIGHT_INFINITY;
    for (uint32_t e = 0; e < h->edge_count; e++) {
        if (second[e] > WEIGHT_INFINITY) {
            status = error_set(err, STATUS_INVALID, MESSAGE_WEIGHT_TOO_LARGE, e, second[e]);
            goto done;
        }
        const uint32_t slot = h->edge_slot[e];
        if (slot == NOTHING || metric->edge[e] != (slot & 1 ? metric->down : metric->up)[slot / 2]) continue;
        weight *place_of_slot = (slot & 1 ? c->down : c->up) + slot / 2;
        if (second[e] < *place_of_slot) *place_of_slot = second[e];
    }
    fill(c, rows, place);
    for (uint32_t a = 0; a < h->arc_count; a++) { /* an infinite edge may have left its second weight */
        if (metric->up[a] == WEIGHT_INFINITY) c->up[a] = WEIGHT_INFINITY;
        if (metric->down[a] == WEIGHT_INFINITY) c->down[a] = WEIGHT_INFINITY;
    }
    *out = c;
    c = NULL;
    goto done;
no_memory:
    status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
done:
    for (int i = 0; i < 2; i++) {
        free(rows[i].first);
        free(rows[i].second);
    }
    free(place);
    companion_free(c);
    return status;
}

void companion_free(struct companion *c)
{
    if (c == NULL) return;
    free(c->up);
    free(c->down);
    free(c);
}

size_t companion_bytes(const struct companion *c)
{
    return sizeof *c + 2 * (size_t)c->metric->hierarchy->arc_count * sizeof *c->up;
}
