#include "routing/hierarchy/bisection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 6 };
static const double SHARE[STEPS] = {0.08, 0.144, 0.208, 0.272, 0.336, 0.40}; /* of all cells, at each end */

enum tree { NO_TREE, SOURCES, SINKS };

/* Instead of the entry that leads to the parent. */
#define ROOT (NOTHING - 1)
#define ORPHAN (NOTHING - 2)

struct bisection_workspace {
    struct lines lines;
    uint8_t *tree, *waiting;
    uint32_t *parent;        /* entry of `adjacent` towards the parent; ROOT, ORPHAN */
    uint32_t *depth, *stamp; /* about how far below a root, as seen when `time` was stamp */
    uint32_t time;
    uint32_t *active;        /* ring of `room` nodes at which the trees may grow, each at most once */
    uint32_t room, active_first, active_count;
    uint32_t *orphans;       /* a queue, each node at most once at a time */
    uint32_t orphan_first, orphan_count;
    uint32_t flow;
};

void bisection_workspace_free(struct bisection_workspace *w)
{
    if (w == NULL) return;
    lines_clear(&w->lines);
    free(w->tree);
    free(w->waiting);
    free(w->parent);
    free(w->depth);
    free(w->stamp);
    free(w->active);
    free(w->orphans);
    free(w);
}

struct bisection_workspace *bisection_workspace_new(uint32_t cells)
{
    const size_t n = (size_t)cells + 1;
    struct bisection_workspace *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->room = (uint32_t)n;
    w->tree = malloc(n);
    w->waiting = malloc(n);
    w->parent = malloc(n * sizeof *w->parent);
    w->depth = malloc(n * sizeof *w->depth);
    w->stamp = malloc(n * sizeof *w->stamp);
    w->active = malloc(n * sizeof *w->active);
    w->orphans = malloc(n * sizeof *w->orphans);
    if (lines_init(&w->lines, cells, SHARE, STEPS) && w->tree && w->waiting && w->parent && w->depth && w->stamp && w->active && w->orphans)
        return w;
    bisection_workspace_free(w);
    return NULL;
}

/* ---- the flow ---------------------------------------------------------------------------------------------- */

static void activate(struct bisection_workspace *w, uint32_t v)
{
    if (w->waiting[v]) return;
    w->waiting[v] = 1;
    uint32_t at = w->active_first + w->active_count++;
    w->active[at < w->room ? at : at - w->room] = v;
}

static void orphan(struct bisection_workspace *w, uint32_t v)
{
    w->parent[v] = ORPHAN;
    uint32_t at = w->orphan_first + w->orphan_count++;
    w->orphans[at < w->room ? at : at - w->room] = v;
}

/* What a tree may still send along the entry away from its roots, if it holds the near end; and towards them. */
static inline uint32_t outward(const struct crossing *c, enum tree tree)
{
    return tree == SOURCES ? c->onward : c->back;
}

static inline uint32_t inward(const struct crossing *c, enum tree tree)
{
    return tree == SOURCES ? c->back : c->onward;
}

/* Grows the tree of `v` to its neighbours; returns the entry that leads into the other tree, NOTHING if none does. */
static uint32_t grow(struct bisection_workspace *w, const struct cell_graph *g, uint32_t v)
{
    const enum tree own = w->tree[v];
    for (uint32_t e = g->piece.first[v]; e < g->piece.first[v + 1]; e++) {
        if (outward(&g->crossing[e], own) == 0) continue;
        const uint32_t u = g->piece.adjacent[e];
        if (w->tree[u] == NO_TREE) {
            w->tree[u] = (uint8_t)own;
            w->parent[u] = g->crossing[e].twin;
            w->depth[u] = w->depth[v] + 1;
            w->stamp[u] = w->stamp[v];
            activate(w, u);
        } else if (w->tree[u] != own) {
            return e;
        } else if (w->stamp[u] <= w->stamp[v] && w->depth[u] > w->depth[v] + 1 && w->parent[u] < ORPHAN) {
            w->parent[u] = g->crossing[e].twin; /* a shorter way to a root */
            w->depth[u] = w->depth[v] + 1;
            w->stamp[u] = w->stamp[v];
        }
    }
    return NOTHING;
}

static inline void send(const struct cell_graph *g, uint32_t along, uint32_t amount)
{
    struct crossing *near = &g->crossing[along], *far = &g->crossing[near->twin];
    near->onward -= amount;
    near->back += amount;
    far->onward = near->back;
    far->back = near->onward;
}

/* Pushes as much as the way from a source over entry `bridge` to a sink takes. */
static void augment(struct bisection_workspace *w, const struct cell_graph *g, uint32_t bridge)
{
    const struct piece *piece = &g->piece;
    if (w->tree[piece->adjacent[bridge]] != SINKS) bridge = g->crossing[bridge].twin;
    const uint32_t before = piece->adjacent[g->crossing[bridge].twin], after = piece->adjacent[bridge];
    uint32_t most = g->crossing[bridge].onward, up;
    for (uint32_t v = before; w->parent[v] != ROOT; v = piece->adjacent[w->parent[v]])
        if (g->crossing[w->parent[v]].back < most) most = g->crossing[w->parent[v]].back;
    for (uint32_t v = after; w->parent[v] != ROOT; v = piece->adjacent[w->parent[v]])
        if (g->crossing[w->parent[v]].onward < most) most = g->crossing[w->parent[v]].onward;
    send(g, bridge, most);
    for (uint32_t v = before; w->parent[v] != ROOT; v = up) {
        const uint32_t e = w->parent[v];
        up = piece->adjacent[e];
        send(g, g->crossing[e].twin, most);
        if (g->crossing[e].back == 0) orphan(w, v);
    }
    for (uint32_t v = after; w->parent[v] != ROOT; v = up) {
        const uint32_t e = w->parent[v];
        up = piece->adjacent[e];
        send(g, e, most);
        if (g->crossing[e].onward == 0) orphan(w, v);
    }
    w->flow += most;
}

/* How deep `v` lies below a root, NOTHING if it hangs on an orphan; marks the way for the next that ask. */
static uint32_t depth_of(struct bisection_workspace *w, const struct piece *piece, uint32_t v)
{
    uint32_t depth = 0, at = v;
    for (;;) {
        if (w->stamp[at] == w->time) {
            depth += w->depth[at];
            break;
        }
        const uint32_t up = w->parent[at];
        if (up == ORPHAN) return NOTHING;
        if (up == ROOT) {
            w->stamp[at] = w->time;
            w->depth[at] = 0;
            break;
        }
        depth++;
        at = piece->adjacent[up];
    }
    const uint32_t found = depth;
    for (at = v; w->stamp[at] != w->time; at = piece->adjacent[w->parent[at]]) {
        w->stamp[at] = w->time;
        w->depth[at] = depth--;
    }
    return found;
}

/* Finds new parents for orphans in their own tree, or lets them go. */
static void adopt(struct bisection_workspace *w, const struct cell_graph *g)
{
    const struct piece *piece = &g->piece;
    while (w->orphan_count > 0) {
        const uint32_t v = w->orphans[w->orphan_first];
        if (++w->orphan_first == w->room) w->orphan_first = 0;
        w->orphan_count--;
        if (w->parent[v] != ORPHAN) continue; /* it has become a root meanwhile */
        const enum tree own = w->tree[v];
        uint32_t best = NOTHING, least = NOTHING;
        for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++) {
            const uint32_t u = piece->adjacent[e];
            if (w->tree[u] != own || inward(&g->crossing[e], own) == 0) continue;
            const uint32_t depth = depth_of(w, piece, u);
            if (depth < least) least = depth, best = e;
        }
        if (best != NOTHING) {
            w->parent[v] = best;
            w->depth[v] = least + 1;
            w->stamp[v] = w->time;
            continue;
        }
        for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++) {
            const uint32_t u = piece->adjacent[e];
            if (w->tree[u] != own) continue;
            if (inward(&g->crossing[e], own)) activate(w, u);
            if (w->parent[u] == g->crossing[e].twin) orphan(w, u);
        }
        w->tree[v] = NO_TREE;
        w->parent[v] = NOTHING;
    }
}

/* Makes `v` a root of a tree, whatever it was. */
static void root(struct bisection_workspace *w, const struct cell_graph *g, uint32_t v, enum tree tree)
{
    if (w->tree[v] != NO_TREE && w->tree[v] != tree)
        for (uint32_t e = g->piece.first[v]; e < g->piece.first[v + 1]; e++) {
            const uint32_t u = g->piece.adjacent[e];
            if (w->tree[u] == w->tree[v] && w->parent[u] == g->crossing[e].twin) orphan(w, u);
        }
    w->tree[v] = (uint8_t)tree;
    w->parent[v] = ROOT;
    w->depth[v] = 0;
    w->stamp[v] = w->time;
    activate(w, v);
}

/* Until no way is left, or the flow is so large that its cut cannot score less than `best`; false in that case. */
static bool push(struct bisection_workspace *w, const struct cell_graph *g, double best)
{
    while (w->active_count > 0) {
        if (lines_score_least(w->flow) >= best) return false;
        const uint32_t v = w->active[w->active_first];
        const uint32_t bridge = w->tree[v] == NO_TREE ? NOTHING : grow(w, g, v);
        if (bridge == NOTHING) {
            w->waiting[v] = 0;
            if (++w->active_first == w->room) w->active_first = 0;
            w->active_count--;
            continue;
        }
        w->time++;
        augment(w, g, bridge);
        adopt(w, g);
    }
    return lines_score_least(w->flow) < best;
}

/* ---- the cuts ---------------------------------------------------------------------------------------------- */

static void restart(struct bisection_workspace *w, const struct cell_graph *g)
{
    const uint32_t n = g->piece.node_count, entries = g->piece.first[n];
    memset(w->tree, NO_TREE, n);
    memset(w->waiting, 0, n);
    memset(w->parent, 0xff, n * sizeof *w->parent);
    memset(w->stamp, 0, n * sizeof *w->stamp);
    w->time = 0;
    w->active_first = w->active_count = w->orphan_first = w->orphan_count = w->flow = 0;
    for (uint32_t e = 0; e < entries; e++) {
        struct crossing *c = &g->crossing[e];
        c->onward = c->back = (c->onward + c->back) / 2;
    }
}

/* The cut around one of the trees. */
static double score(const struct bisection_workspace *w, const struct cell_graph *g, enum tree around)
{
    uint64_t ends = 0; /* of edges, in the tree */
    for (uint32_t v = 0; v < g->piece.node_count; v++)
        if (w->tree[v] == around) ends += g->ends[v];
    const uint32_t inside = (uint32_t)((ends - w->flow) / 2);
    return lines_score(inside, g->edge_count - inside - w->flow, w->flow);
}

void bisection_begin(struct bisection_workspace *w, const struct cell_graph *g, uint32_t directions, uint64_t seed)
{
    lines_begin(&w->lines, &g->piece, directions, seed);
}

double bisection_try(struct bisection_workspace *w, const struct cell_graph *g, uint32_t direction, double bound, uint8_t *side)
{
    const uint32_t n = g->piece.node_count;
    double best = bound;
    if (n < 3) return HUGE_VAL;
    lines_up(&w->lines, &g->piece, direction);
    restart(w, g);
    uint32_t rooted = 0;
    for (uint32_t step = 0; step < STEPS; step++) {
        for (const uint32_t count = lines_end_count(&w->lines, n, step); rooted < count; rooted++) {
            root(w, g, (uint32_t)w->lines.line[rooted], SOURCES);
            root(w, g, (uint32_t)w->lines.line[n - 1 - rooted], SINKS);
        }
        w->time++;
        adopt(w, g);
        if (!push(w, g, best)) break; /* even halves would not make this one better: the flow only grows */
        for (enum tree around = SOURCES; around <= SINKS; around++) {
            const double here = score(w, g, around);
            if (here >= best) continue;
            best = here;
            for (uint32_t v = 0; v < n; v++)
                side[v] = (w->tree[v] == around) == (around == SOURCES) ? SEPARATOR_LEFT : SEPARATOR_RIGHT;
        }
    }
    return best;
}
