#include "routing/hierarchy/bisection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double bisection_share[BISECTION_STEPS] = {0.08, 0.144, 0.208, 0.272, 0.336, 0.40};

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
    uint64_t mended;         /* orphans so far */
    uint32_t flow;
    uint32_t *along;         /* position on the line, for the greedy ways */
    uint32_t *seen, search;  /* the last round of them that came by */
    uint32_t *path;          /* entries of the one at hand */
};

/* A round of greedy ways is followed by another one while it adds more than this part to the flow, up to so many. */
enum { GREEDY_PART = 64, GREEDY_ROUNDS = 16 };

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
    free(w->along);
    free(w->seen);
    free(w->path);
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
    w->along = malloc(n * sizeof *w->along);
    w->seen = malloc(n * sizeof *w->seen);
    w->path = malloc(n * sizeof *w->path);
    if (lines_init(&w->lines, cells, bisection_share, BISECTION_STEPS) && w->tree && w->waiting && w->parent && w->depth &&
        w->stamp && w->active && w->orphans && w->along && w->seen && w->path)
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

/* The same, to be looked at before all others. */
static void orphan_next(struct bisection_workspace *w, uint32_t v)
{
    w->parent[v] = ORPHAN;
    w->orphan_first = (w->orphan_first ? w->orphan_first : w->room) - 1;
    w->orphans[w->orphan_first] = v;
    w->orphan_count++;
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

/* Pushes as much as the way from a source over entry `bridge` to a sink takes. Nodes close to the roots are mended first: those
 * beyond may keep to them then. */
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
        if (g->crossing[e].back == 0) orphan_next(w, v);
    }
    for (uint32_t v = after; w->parent[v] != ROOT; v = up) {
        const uint32_t e = w->parent[v];
        up = piece->adjacent[e];
        send(g, e, most);
        if (g->crossing[e].onward == 0) orphan_next(w, v);
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
        w->mended++;
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

enum progress { WHOLE, TOO_MUCH, SLOW };

/* Pushes until no way is left (WHOLE), the flow is so large that its cut cannot score less than `best` (TOO_MUCH), or so many
 * orphans have been mended that the trees had better be grown anew (SLOW). */
static enum progress push(struct bisection_workspace *w, const struct cell_graph *g, double best, uint64_t mended_most)
{
    while (w->active_count > 0) {
        if (lines_score_least(w->flow) >= best) return TOO_MUCH;
        const uint32_t v = w->active[w->active_first];
        const uint32_t bridge = w->tree[v] == NO_TREE ? NOTHING : grow(w, g, v);
        if (bridge == NOTHING) {
            w->waiting[v] = 0;
            if (++w->active_first == w->room) w->active_first = 0;
            w->active_count--;
            continue;
        }
        if (w->mended > mended_most) return SLOW;
        w->time++;
        augment(w, g, bridge);
        adopt(w, g);
    }
    return lines_score_least(w->flow) < best ? WHOLE : TOO_MUCH;
}

/* ---- greedy ways -------------------------------------------------------------------------------------------- */

/* One way from `source` to a sink, depth first, always as far along the line as can be, over nodes that this round has not seen
 * in vain; pushes what it takes. False if there is none. */
static bool push_way(struct bisection_workspace *w, const struct cell_graph *g, uint32_t source)
{
    const struct piece *piece = &g->piece;
    uint32_t at = source, length = 0, most = UINT32_MAX;
    w->seen[source] = w->search;
    while (w->tree[at] != SINKS) {
        uint32_t onward = NOTHING;
        for (uint32_t e = piece->first[at]; e < piece->first[at + 1]; e++) {
            const uint32_t u = piece->adjacent[e];
            if (g->crossing[e].onward == 0 || w->seen[u] == w->search || w->tree[u] == SOURCES) continue;
            if (onward == NOTHING || w->along[u] > w->along[piece->adjacent[onward]]) onward = e;
        }
        if (onward != NOTHING) {
            w->path[length++] = onward;
            at = piece->adjacent[onward];
            w->seen[at] = w->search;
        } else if (length > 0) {
            at = piece->adjacent[g->crossing[w->path[--length]].twin];
        } else {
            return false;
        }
    }
    for (uint32_t i = 0; i < length; i++)
        if (g->crossing[w->path[i]].onward < most) most = g->crossing[w->path[i]].onward;
    for (uint32_t i = 0; i < length; i++) {
        send(g, w->path[i], most);
        w->seen[piece->adjacent[w->path[i]]] = 0; /* another way may pass */
    }
    w->flow += most;
    return true;
}

/* Forgets the trees but for their roots, the first and last `count` nodes of the line, and pushes most of what is missing of the
 * flow. Trees find these ways as well, but nearly all edges take as little, so a way fills all that it passes, and a tenth of a
 * tree hangs on it. */
static void push_greedily(struct bisection_workspace *w, const struct cell_graph *g, uint32_t count)
{
    const uint32_t n = g->piece.node_count;
    memset(w->tree, NO_TREE, n);
    memset(w->waiting, 0, n);
    memset(w->parent, 0xff, n * sizeof *w->parent);
    w->active_first = w->active_count = w->orphan_first = w->orphan_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        root(w, g, (uint32_t)w->lines.line[i], SOURCES);
        root(w, g, (uint32_t)w->lines.line[n - 1 - i], SINKS);
    }
    for (uint32_t round = 0; round < GREEDY_ROUNDS; round++) {
        const uint32_t before = w->flow;
        w->search++;
        for (uint32_t i = count; i-- > 0;)
            while (push_way(w, g, (uint32_t)w->lines.line[i])) {}
        if (w->flow <= before + before / GREEDY_PART) break;
    }
}

/* ---- the cuts ---------------------------------------------------------------------------------------------- */

static void restart(struct bisection_workspace *w, const struct cell_graph *g)
{
    const uint32_t n = g->piece.node_count, entries = g->piece.first[n];
    memset(w->stamp, 0, n * sizeof *w->stamp);
    memset(w->seen, 0, n * sizeof *w->seen);
    w->time = w->search = w->flow = 0;
    w->mended = 0;
    for (uint32_t i = 0; i < n; i++) w->along[(uint32_t)w->lines.line[i]] = (uint32_t)(w->lines.line[i] >> 32);
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
    uint64_t mended_most = n;
    for (uint32_t step = 0, rooted = 0; step < BISECTION_STEPS; step++) {
        const uint32_t count = lines_end_count(&w->lines, n, step);
        if (step == 0) push_greedily(w, g, count);
        for (uint32_t i = rooted; i < count && step > 0; i++) {
            root(w, g, (uint32_t)w->lines.line[i], SOURCES);
            root(w, g, (uint32_t)w->lines.line[n - 1 - i], SINKS);
        }
        rooted = count;
        w->time++;
        adopt(w, g);
        enum progress progress;
        while ((progress = push(w, g, best, mended_most)) == SLOW) {
            push_greedily(w, g, count);
            mended_most = w->mended + n;
        }
        if (progress == TOO_MUCH) break; /* even halves would not make this one better: the flow only grows */
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
