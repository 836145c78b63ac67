#include "routing/hierarchy/dissection.h"

#include "routing/hierarchy/separator.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Working data of one thread. Nodes of the graph are global; each piece renumbers its own from 0. */
struct work {
    const struct piece *graph; /* what is left after small degrees are gone */
    const struct cells *cells; /* of its nodes, or NULL */
    uint64_t seed;
    uint32_t *local_cell; /* [cells] NOTHING; each thread its own */
    uint32_t *local; /* [nodes of graph] number within the piece at hand, NOTHING outside; each thread its own */
    uint32_t *rank;  /* [nodes of graph] shared: threads have disjoint pieces */
    unsigned threads; /* that may still be started for parts of the piece at hand */
    struct separator_workspace *separator;
    struct bisection_workspace *bisection;
};

static void clear_own(struct work *work)
{
    separator_workspace_free(work->separator);
    bisection_workspace_free(work->bisection);
    free(work->local);
    free(work->local_cell);
}

/* What each thread has of its own, for pieces of up to `count` nodes. */
static bool make_own(struct work *work, uint32_t count)
{
    const size_t all = work->graph->node_count, cells = work->cells ? work->cells->count : 0;
    work->separator = separator_workspace_new(count);
    work->bisection = work->cells ? bisection_workspace_new(cells < 2 * (size_t)count ? (uint32_t)cells : 2 * count) : NULL;
    work->local = malloc((all + 1) * sizeof *work->local);
    work->local_cell = malloc((cells + 1) * sizeof *work->local_cell);
    if (work->local) memset(work->local, 0xff, all * sizeof *work->local); /* NOTHING */
    if (work->local_cell) memset(work->local_cell, 0xff, cells * sizeof *work->local_cell);
    return work->separator && work->local && work->local_cell && (work->cells == NULL || work->bisection);
}

/* How many lines to try. More of them cost time in proportion and were found to bring nothing. */
static uint32_t directions_for(uint32_t count)
{
    return count > 1000 ? 3 : 2;
}

/* A cut between cells may gain so much when it is made one of nodes. */
static const double WORTH_REFINING = 1.1;

/* Lines to try between cells, where they cost little. */
enum { CELL_LINES = 3 };

/* Below this a thread is not worth its start. */
enum { THREAD_NODES = 4000 };

enum { LEAF_NODES = 64, LEAF_HALO = 192, LEAF_WORDS = (LEAF_NODES + LEAF_HALO) / 64 };

/* ---- small pieces ----------------------------------------------------------------------------------------- */

/* Minimum degree on bit sets. The halo (neighbours that come later) counts, but is not contracted. Ranks from `base`
 * up. Ties: the lowest node. */
static void order_leaf(struct work *work, const uint32_t *nodes, uint32_t count, uint32_t base)
{
    uint64_t adjacent[LEAF_NODES][LEAF_WORDS];
    uint32_t halo[LEAF_HALO], halo_count = 0;
    bool done[LEAF_NODES] = {0};
    memset(adjacent, 0, sizeof adjacent);
    for (uint32_t i = 0; i < count; i++) work->local[nodes[i]] = i;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t e = work->graph->first[nodes[i]]; e < work->graph->first[nodes[i] + 1]; e++) {
            const uint32_t u = work->graph->adjacent[e];
            if (work->local[u] == NOTHING) {
                if (halo_count == LEAF_HALO) continue;
                halo[halo_count] = u;
                work->local[u] = LEAF_NODES + halo_count++;
            }
            adjacent[i][work->local[u] / 64] |= (uint64_t)1 << (work->local[u] % 64);
        }
    for (uint32_t placed = 0; placed < count; placed++) {
        uint32_t best = NOTHING, best_degree = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++) {
            if (done[i]) continue;
            uint32_t degree = 0;
            for (uint32_t k = 0; k < LEAF_WORDS; k++) degree += (uint32_t)__builtin_popcountll(adjacent[i][k]);
            if (degree < best_degree) best_degree = degree, best = i;
        }
        done[best] = true;
        work->rank[nodes[best]] = base + placed;
        for (uint64_t bits = adjacent[best][0]; bits; bits &= bits - 1) { /* LEAF_NODES is one word */
            const uint32_t i = (uint32_t)__builtin_ctzll(bits);
            for (uint32_t k = 0; k < LEAF_WORDS; k++) adjacent[i][k] |= adjacent[best][k];
            adjacent[i][0] &= ~((uint64_t)1 << i | (uint64_t)1 << best);
        }
    }
    for (uint32_t i = 0; i < count; i++) work->local[nodes[i]] = NOTHING;
    for (uint32_t i = 0; i < halo_count; i++) work->local[halo[i]] = NOTHING;
}

/* ---- the recursion ---------------------------------------------------------------------------------------- */

/* A piece's own copy of its graph. */
static bool copy_piece(struct work *work, const uint32_t *nodes, uint32_t count, struct piece *out)
{
    const struct piece *graph = work->graph;
    size_t edges = 0;
    for (uint32_t i = 0; i < count; i++) {
        work->local[nodes[i]] = i;
        edges += graph->first[nodes[i] + 1] - graph->first[nodes[i]];
    }
    uint32_t *first = malloc(((size_t)count + 1) * sizeof *first), *adjacent = malloc((edges + 1) * sizeof *adjacent);
    int32_t *x = NULL, *y = NULL;
    if (graph->x) {
        x = malloc((size_t)count * sizeof *x);
        y = malloc((size_t)count * sizeof *y);
    }
    *out = (struct piece){count, first, adjacent, x, y};
    if (first == NULL || adjacent == NULL || (graph->x && (x == NULL || y == NULL))) return false;
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        first[i] = at;
        for (uint32_t e = graph->first[nodes[i]]; e < graph->first[nodes[i] + 1]; e++)
            if (work->local[graph->adjacent[e]] != NOTHING) adjacent[at++] = work->local[graph->adjacent[e]];
        if (x) x[i] = graph->x[nodes[i]], y[i] = graph->y[nodes[i]];
    }
    first[count] = at;
    for (uint32_t i = 0; i < count; i++) work->local[nodes[i]] = NOTHING;
    return true;
}

static void clear_piece(struct piece *piece)
{
    free((void *)piece->first);
    free((void *)piece->adjacent);
    free((void *)piece->x);
    free((void *)piece->y);
}

/* Reorders `nodes` so that components lie together; returns where the first one ends. */
static uint32_t first_component(struct work *work, uint32_t *nodes, uint32_t count, uint32_t *queue)
{
    for (uint32_t i = 0; i < count; i++) work->local[nodes[i]] = i;
    uint32_t found = 0;
    queue[found++] = nodes[0];
    work->local[nodes[0]] = NOTHING;
    for (uint32_t i = 0; i < found; i++)
        for (uint32_t e = work->graph->first[queue[i]]; e < work->graph->first[queue[i] + 1]; e++) {
            const uint32_t u = work->graph->adjacent[e];
            if (work->local[u] == NOTHING) continue;
            work->local[u] = NOTHING;
            queue[found++] = u;
        }
    if (found < count) {
        uint32_t rest = found;
        for (uint32_t i = 0; i < count; i++)
            if (work->local[nodes[i]] != NOTHING) queue[rest++] = nodes[i];
        for (uint32_t i = found; i < count; i++) work->local[queue[i]] = NOTHING;
    }
    memcpy(nodes, queue, count * sizeof *nodes); /* breadth first: neighbours lie close together in memory */
    return found;
}

static bool dissect(struct work *work, uint32_t *nodes, uint32_t count, uint32_t base, uint32_t *spare, uint64_t path);

/* Cuts a piece between cells: side[] of its nodes. *found is false if that is not to be had. */
static bool cut_cells(struct work *work, const uint32_t *nodes, uint32_t count, uint64_t seed, uint8_t *side, bool *found)
{
    struct cell_piece cells;
    struct piece piece = {0};
    double best = HUGE_VAL;
    bool ok = cell_piece_init(&cells, work->cells, nodes, count, work->local_cell);
    ok = copy_piece(work, nodes, count, &piece) && ok;
    uint8_t *of_cell = ok ? malloc(cells.graph.piece.node_count) : NULL, *here = malloc(count);
    ok = ok && of_cell && here;
    if (ok) bisection_begin(work->bisection, &cells.graph, CELL_LINES, seed);
    for (uint32_t d = 0; ok && d < CELL_LINES; d++) {
        const double bound = best * WORTH_REFINING;
        if (bisection_try(work->bisection, &cells.graph, d, bound, of_cell) >= bound) continue;
        uint32_t sizes[3] = {0};
        for (uint32_t i = 0; i < count; i++) {
            const uint8_t a = of_cell[cells.ends[2 * i]], b = of_cell[cells.ends[2 * i + 1]];
            here[i] = a == b ? a : (uint8_t)SEPARATOR_CUT;
            sizes[here[i]]++;
        }
        ok = separator_refine(work->separator, &piece, here, sizes);
        const double score = lines_score(sizes[0], sizes[1], sizes[2]);
        if (score >= best) continue;
        best = score;
        memcpy(side, here, count);
    }
    *found = ok && best < HUGE_VAL;
    free(of_cell);
    free(here);
    cell_piece_clear(&cells);
    clear_piece(&piece);
    return ok;
}

/* Cuts a piece by its nodes. */
static bool cut_nodes(struct work *work, const uint32_t *nodes, uint32_t count, uint64_t seed, uint8_t *side)
{
    struct piece piece = {0};
    const bool ok = copy_piece(work, nodes, count, &piece);
    if (ok) separator_find(work->separator, &piece, directions_for(count), seed, side);
    clear_piece(&piece);
    return ok;
}

/* Cuts a connected piece: afterwards `nodes` holds left, right and separator one after another. */
static bool cut(struct work *work, uint32_t *nodes, uint32_t count, uint32_t *spare, uint64_t path, uint32_t *part)
{
    const uint64_t seed = work->seed ^ path * 0x9E3779B97F4A7C15u;
    uint8_t *side = malloc(count);
    bool ok = side != NULL, found = false;
    if (ok && work->cells) ok = cut_cells(work, nodes, count, seed, side, &found);
    if (ok && !found) ok = cut_nodes(work, nodes, count, seed, side);
    if (!ok) {
        free(side);
        return false;
    }
    uint32_t at[3];
    part[0] = part[1] = part[2] = 0;
    for (uint32_t i = 0; i < count; i++) part[side[i]]++;
    at[0] = 0, at[1] = part[0], at[2] = part[0] + part[1];
    for (uint32_t i = 0; i < count; i++) spare[at[side[i]]++] = nodes[i];
    free(side);
    memcpy(nodes, spare, count * sizeof *nodes);
    return true;
}

/* A part that another thread takes over. */
struct errand {
    struct work work;
    uint32_t *nodes, count, base, *spare;
    uint64_t path;
    bool ok;
};

static void *run_errand(void *argument)
{
    struct errand *errand = argument;
    errand->ok = dissect(&errand->work, errand->nodes, errand->count, errand->base, errand->spare, errand->path);
    return NULL;
}

/* Both parts at once; `spare` has room for both. */
static bool dissect_both(struct work *work, uint32_t *nodes, uint32_t left, uint32_t right, uint32_t base,
                         uint32_t *spare, uint64_t path)
{
    struct errand errand = {
        .work = *work, .nodes = nodes, .count = left, .base = base, .spare = spare, .path = path * 4 + 2};
    const unsigned threads = work->threads;
    pthread_t thread;
    errand.work.threads = threads / 2;
    bool ok = make_own(&errand.work, left);
    if (ok && pthread_create(&thread, NULL, run_errand, &errand) == 0) {
        work->threads = threads - threads / 2;
        ok = dissect(work, nodes + left, right, base + left, spare + left, path * 4 + 3);
        work->threads = threads;
        pthread_join(thread, NULL);
        ok = ok && errand.ok;
    } else if (ok) { /* no thread to be had: one after the other gives the same */
        work->threads = 1;
        ok = dissect(work, nodes, left, base, spare, path * 4 + 2) &&
             dissect(work, nodes + left, right, base + left, spare + left, path * 4 + 3);
    }
    clear_own(&errand.work);
    return ok;
}

/* Gives the nodes of a piece the ranks base .. base + count - 1. `spare` has room for `count`. Recurses into the
 * smaller parts and loops on the largest, so the depth of the stack is logarithmic. `path` names the piece: it seeds
 * what is random, so that the result does not depend on the threads. */
static bool dissect(struct work *work, uint32_t *nodes, uint32_t count, uint32_t base, uint32_t *spare, uint64_t path)
{
    while (count > LEAF_NODES) {
        uint32_t left = first_component(work, nodes, count, spare), right = count - left, part[3];
        if (right == 0) {
            if (!cut(work, nodes, count, spare, path, part)) return false;
            left = part[SEPARATOR_LEFT], right = part[SEPARATOR_RIGHT];
            /* the separator comes last; in what order matters little, it is a clique before long */
            for (uint32_t i = left + right; i < count; i++) work->rank[nodes[i]] = base + i;
        }
        if (work->threads > 1 && left > THREAD_NODES && right > THREAD_NODES)
            return dissect_both(work, nodes, left, right, base, spare, path);
        if (left < right) {
            if (!dissect(work, nodes, left, base, spare, path * 4 + 2)) return false;
            nodes += left, count = right, base += left, path = path * 4 + 3;
        } else {
            if (!dissect(work, nodes + left, right, base + left, spare, path * 4 + 3)) return false;
            count = left, path = path * 4 + 2;
        }
    }
    if (count) order_leaf(work, nodes, count, base);
    return true;
}

/* ---- small degrees ---------------------------------------------------------------------------------------- */

/* Neighbour lists that change while nodes of degree <= 2 are contracted: each stays as long as it was or shrinks,
 * because a contracted node hands its neighbours each other in its own place. */
struct reduction {
    uint32_t *first, *degree, *adjacent;
    struct cell_union *cells; /* or NULL */
};

static void replace_neighbour(struct reduction *r, uint32_t at, uint32_t old, uint32_t new)
{
    uint32_t *list = r->adjacent + r->first[at], keep = r->degree[at], position = keep;
    for (uint32_t i = 0; i < keep; i++) {
        if (list[i] == old) position = i;
        if (list[i] == new) new = NOTHING;
    }
    if (new == NOTHING)
        list[position] = list[--r->degree[at]];
    else
        list[position] = new;
}

/* Contracts rounds of independent nodes of degree <= 2 until none is left; returns how many, in order[]. */
static uint32_t reduce(struct reduction *r, uint32_t n, uint32_t *order, uint32_t *queue, uint32_t *later,
                       uint32_t *touched)
{
    enum { NOT_QUEUED = 0, QUEUED = 1 }; /* touched: a round from 2 on, in which a neighbour went */
    uint32_t done = 0, waiting = 0;
    for (uint32_t v = 0; v < n; v++) {
        touched[v] = r->degree[v] <= 2 ? QUEUED : NOT_QUEUED;
        if (touched[v]) queue[waiting++] = v;
    }
    for (uint32_t round = 2; waiting > 0; round++) {
        uint32_t next = 0;
        for (uint32_t i = 0; i < waiting; i++) {
            const uint32_t v = queue[i];
            if (touched[v] == round) {
                later[next++] = v;
                continue;
            }
            const uint32_t *list = r->adjacent + r->first[v], degree = r->degree[v];
            const uint32_t ends[2] = {degree > 0 ? list[0] : NOTHING, degree > 1 ? list[1] : NOTHING};
            order[done++] = v;
            if (r->cells && degree == 2) cell_union_bridge(r->cells, v, ends[0], ends[1]);
            for (int k = 0; k < 2; k++) {
                const uint32_t u = ends[k];
                if (u == NOTHING) continue;
                replace_neighbour(r, u, v, ends[!k]);
                if (touched[u] == NOT_QUEUED && r->degree[u] > 2) continue;
                if (touched[u] == NOT_QUEUED) later[next++] = u;
                touched[u] = round; /* if it waits already, it finds this when its turn comes */
            }
        }
        uint32_t *swap = queue;
        queue = later;
        later = swap;
        waiting = next;
    }
    return done;
}

/* The cells of the nodes that are left, numbered as these are. Owned memory. */
static bool cells_left(struct cell_union *from, const uint32_t *core, uint32_t left, struct cells *out)
{
    const struct cells *of = from->cells;
    const size_t room = 2 * (size_t)left + 1;
    uint32_t *number = malloc(((size_t)of->count + 1) * sizeof *number);
    uint32_t *tail = malloc(room * sizeof *tail), *head = malloc(room * sizeof *head);
    int32_t *x = of->x ? malloc(room * sizeof *x) : NULL, *y = of->x ? malloc(room * sizeof *y) : NULL;
    *out = (struct cells){0, tail, head, x, y};
    const bool ok = number && tail && head && (of->x == NULL || (x && y));
    if (ok) memset(number, 0xff, of->count * sizeof *number); /* NOTHING */
    for (uint32_t i = 0; ok && i < 2 * left; i++) {
        const uint32_t c = cell_union_find(from, (i & 1 ? of->head : of->tail)[core[i / 2]]);
        if (number[c] == NOTHING) {
            if (x) x[out->count] = of->x[c], y[out->count] = of->y[c];
            number[c] = out->count++;
        }
        (i & 1 ? head : tail)[i / 2] = number[c];
    }
    free(number);
    return ok;
}

enum status dissection_order(const struct piece *graph, const struct cells *cells, unsigned threads, uint64_t seed,
                             uint32_t *order, struct error *err)
{
    const size_t n = graph->node_count, m = graph->first[n];
    struct reduction r = {
        .first = malloc((n + 1) * sizeof *r.first),
        .degree = malloc((n + 1) * sizeof *r.degree),
        .adjacent = malloc((m + 1) * sizeof *r.adjacent),
    };
    uint32_t *core = malloc((n + 1) * sizeof *core), *number = malloc((n + 1) * sizeof *number);
    uint32_t *spare = malloc((n + 1) * sizeof *spare), *rank = malloc((n + 1) * sizeof *rank);
    uint32_t *first = NULL, *adjacent = NULL;
    int32_t *x = NULL, *y = NULL;
    struct cell_union joined = {0};
    struct cells of_core = {0};
    struct work work = {.threads = threads, .seed = seed, .rank = rank};
    enum status status = STATUS_OK;
    if (!r.first || !r.degree || !r.adjacent || !core || !number || !spare || !rank) goto no_memory;
    if (cells) {
        if (!cell_union_init(&joined, cells)) goto no_memory;
        r.cells = &joined;
    }
    memcpy(r.first, graph->first, (n + 1) * sizeof *r.first);
    if (m) memcpy(r.adjacent, graph->adjacent, m * sizeof *r.adjacent);
    for (size_t v = 0; v < n; v++) r.degree[v] = r.first[v + 1] - r.first[v];
    const uint32_t reduced = reduce(&r, (uint32_t)n, order, core, spare, number);

    /* number what is left and cut it */
    const uint32_t left = (uint32_t)n - reduced;
    for (size_t v = 0; v < n; v++) number[v] = 0;
    for (uint32_t i = 0; i < reduced; i++) number[order[i]] = NOTHING;
    uint32_t count = 0, edges = 0;
    for (uint32_t v = 0; v < n; v++) {
        if (number[v] == NOTHING) continue;
        number[v] = count;
        core[count++] = v;
        edges += r.degree[v];
    }
    first = malloc(((size_t)left + 1) * sizeof *first);
    adjacent = malloc(((size_t)edges + 1) * sizeof *adjacent);
    if (graph->x) {
        x = malloc(((size_t)left + 1) * sizeof *x);
        y = malloc(((size_t)left + 1) * sizeof *y);
    }
    if (!first || !adjacent || (graph->x && (!x || !y))) goto no_memory;
    uint32_t at = 0;
    for (uint32_t i = 0; i < left; i++) {
        const uint32_t v = core[i];
        first[i] = at;
        for (uint32_t k = 0; k < r.degree[v]; k++) adjacent[at++] = number[r.adjacent[r.first[v] + k]];
        if (x) x[i] = graph->x[v], y[i] = graph->y[v];
    }
    first[left] = at;
    const struct piece rest = {left, first, adjacent, x, y};
    work.graph = &rest;
    if (cells) {
        if (!cells_left(&joined, core, left, &of_core)) goto no_memory;
        work.cells = &of_core;
    }
    uint32_t *nodes = r.degree; /* also free */
    for (uint32_t i = 0; i < left; i++) nodes[i] = i;
    if (!make_own(&work, left) || !dissect(&work, nodes, left, 0, spare, 1)) goto no_memory;
    for (uint32_t i = 0; i < left; i++) order[reduced + rank[i]] = core[i];
    goto done;
no_memory:
    status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
done:
    clear_own(&work);
    cell_union_clear(&joined);
    free((void *)of_core.tail);
    free((void *)of_core.head);
    free((void *)of_core.x);
    free((void *)of_core.y);
    free(r.first);
    free(r.degree);
    free(r.adjacent);
    free(core);
    free(number);
    free(spare);
    free(rank);
    free(first);
    free(adjacent);
    free(x);
    free(y);
    return status;
}
