#include "routing/search/tour_bound.h"

#include <stdbool.h>

enum { ROUNDS = 300, PATIENCE = 8 };

static const int64_t FAR = (int64_t)1 << 50; /* stands for no edge */

struct tree {
    const uint64_t *edge;
    uint32_t count;
    int64_t *price, *key;
    uint32_t *parent;
    int32_t *degree;
    bool *in;
};

static int64_t priced(const struct tree *t, uint32_t i, uint32_t k)
{
    uint64_t cost = t->edge[(size_t)i * t->count + k];
    return (cost < (uint64_t)FAR ? (int64_t)cost : FAR) + t->price[i] + t->price[k];
}

/* The cheapest spanning tree under the prices (Prim); degrees are left in `t`. */
static int64_t tree_grow(struct tree *t)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < t->count; i++) t->in[i] = false, t->key[i] = INT64_MAX, t->degree[i] = 0;
    t->key[0] = 0;
    for (uint32_t grown = 0; grown < t->count; grown++) {
        uint32_t next = UINT32_MAX;
        for (uint32_t i = 0; i < t->count; i++)
            if (!t->in[i] && (next == UINT32_MAX || t->key[i] < t->key[next])) next = i;
        t->in[next] = true;
        sum += t->key[next];
        if (next != 0) t->degree[next]++, t->degree[t->parent[next]]++;
        for (uint32_t i = 0; i < t->count; i++) {
            int64_t cost = t->in[i] ? INT64_MAX : priced(t, next, i);
            if (cost < t->key[i]) t->key[i] = cost, t->parent[i] = next;
        }
    }
    return sum;
}

uint64_t tour_bound(const uint64_t *edge, uint32_t count, uint64_t above, struct arena *arena)
{
    struct tree t = {.edge = edge, .count = count, .price = arena_zero(arena, count, sizeof *t.price),
                     .key = arena_zero(arena, count, sizeof *t.key), .parent = arena_zero(arena, count, sizeof *t.parent),
                     .degree = arena_zero(arena, count, sizeof *t.degree), .in = arena_zero(arena, count, sizeof *t.in)};
    int64_t best = 0, pace = 2048; /* of the step, in 1024ths */
    if (!t.price || !t.key || !t.parent || !t.degree || !t.in || above > (uint64_t)FAR) return 0;
    for (int round = 0, idle = 0; round < ROUNDS && best < (int64_t)above; round++) {
        int64_t bound = tree_grow(&t), wrong = 0;
        for (uint32_t i = 0; i < count; i++) {
            int64_t must = i == 0 || i + 1 == count ? 1 : 2;
            bound -= must * t.price[i];
            wrong += (t.degree[i] - must) * (t.degree[i] - must);
        }
        idle = bound > best ? 0 : idle + 1;
        if (bound > best) best = bound;
        if (wrong == 0) break; /* the tree is a row: no better bound exists */
        if (idle == PATIENCE) pace /= 2, idle = 0;
        int64_t step = ((int64_t)above - bound) / wrong * pace / 1024;
        if (step < 1) step = 1;
        if (step > FAR / 1024) step = FAR / 1024;
        for (uint32_t i = 0; i < count; i++) t.price[i] += step * (t.degree[i] - (i == 0 || i + 1 == count ? 1 : 2));
    }
    return best < (int64_t)above ? (uint64_t)best : above;
}
