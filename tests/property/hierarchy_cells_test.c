/* Orders of graphs whose nodes are arcs between cells: cuts, flows, contraction of cells, whole orders. */
#include "routing/hierarchy/dissection.h"
#include "routing/hierarchy/hierarchy.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/separator.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { WORLDS = 150, ARCS_MAX = 900 };

static uint64_t seed;

static void *must(void *memory)
{
    assert_non_null(memory);
    return memory;
}

/* Arcs between cells and some of the turns where they meet. */
struct world {
    uint32_t arc_count, *tail, *head, *first_out, *to;
    int32_t *x, *y; /* by cell */
    struct order_cells cells;
    struct digraph graph;
    struct piece piece; /* the undirected simple graph */
    uint32_t *first, *adjacent;
};

static void simple(struct world *w)
{
    const uint32_t n = w->arc_count;
    struct error err = ERROR_INIT;
    struct digraph_reverse back;
    uint32_t count = 0, *seen = must(malloc((size_t)n * sizeof *seen));
    assert_int_equal(digraph_reverse_init(&back, &w->graph, &err), STATUS_OK);
    w->first = must(malloc(((size_t)n + 1) * sizeof *w->first));
    w->adjacent = must(malloc((2 * (size_t)w->graph.arc_count + 1) * sizeof *w->adjacent));
    memset(seen, 0xff, n * sizeof *seen);
    for (uint32_t v = 0; v < n; v++) {
        w->first[v] = count;
        seen[v] = v;
        for (uint32_t e = w->first_out[v]; e < w->first_out[v + 1]; e++)
            if (seen[w->to[e]] != v) seen[w->adjacent[count++] = w->to[e]] = v;
        for (uint32_t e = back.first_out[v]; e < back.first_out[v + 1]; e++)
            if (seen[back.head[e]] != v) seen[w->adjacent[count++] = back.head[e]] = v;
    }
    w->first[n] = count;
    w->piece = (struct piece){.node_count = n, .first = w->first, .adjacent = w->adjacent};
    digraph_reverse_clear(&back);
    free(seen);
}

/* Roads between near cells of a strip of places (so that there are small cuts), one way or both, parallel ones, loops, copies of
 * an arc, cells of no arc; a turn exists nearly always or seldom. Arcs are in no order. */
static void world_init(struct world *w, uint64_t *state, uint32_t arcs_max, bool with_places)
{
    *w = (struct world){.arc_count = 1 + oracle_below(state, arcs_max)};
    const uint32_t n = w->arc_count, cell_count = 1 + oracle_below(state, 1 + n * (1 + oracle_below(state, 3)) / 3);
    const uint32_t reach = 1 + oracle_below(state, 1 + cell_count / (1 + oracle_below(state, 40)));
    const uint32_t one_in = oracle_below(state, 4) ? 8 : 2;
    w->tail = must(malloc(n * sizeof *w->tail));
    w->head = must(malloc(n * sizeof *w->head));
    for (uint32_t a = 0; a < n; a++) {
        const uint32_t kind = oracle_below(state, 16), other = a ? oracle_below(state, a) : 0;
        w->tail[a] = oracle_below(state, cell_count);
        w->head[a] = (w->tail[a] + oracle_below(state, reach + 1)) % cell_count; /* at times a loop */
        if (a && kind < 2) w->tail[a] = w->tail[other], w->head[a] = w->head[other]; /* parallel, or a copy */
        if (a && kind >= 2 && kind < 9) w->tail[a] = w->head[other], w->head[a] = w->tail[other];
    }
    size_t room = 16;
    uint32_t count = 0;
    w->first_out = must(malloc(((size_t)n + 1) * sizeof *w->first_out));
    w->to = must(malloc(room * sizeof *w->to));
    for (uint32_t a = 0; a < n; a++) {
        w->first_out[a] = count;
        for (uint32_t b = 0; b < n; b++) {
            if (w->tail[b] != w->head[a] || oracle_below(state, one_in) == 0) continue;
            if (count == room) w->to = must(realloc(w->to, (room *= 2) * sizeof *w->to));
            w->to[count++] = b;
        }
    }
    w->first_out[n] = count;
    w->graph = (struct digraph){n, count, w->first_out, w->to};
    w->x = must(malloc(cell_count * sizeof *w->x));
    w->y = must(malloc(cell_count * sizeof *w->y));
    for (uint32_t c = 0; c < cell_count; c++) w->x[c] = (int32_t)oracle_random(state), w->y[c] = (int32_t)oracle_random(state);
    w->cells = (struct order_cells){cell_count, w->tail, w->head, with_places ? w->x : NULL, with_places ? w->y : NULL};
    simple(w);
}

static void world_clear(struct world *w)
{
    free(w->tail);
    free(w->head);
    free(w->first_out);
    free(w->to);
    free(w->x);
    free(w->y);
    free(w->first);
    free(w->adjacent);
}

static void check_permutation(const uint32_t *order, uint32_t n)
{
    bool *seen = must(calloc((size_t)n + 1, sizeof *seen));
    for (uint32_t r = 0; r < n; r++) {
        assert_true(order[r] < n);
        assert_false(seen[order[r]]);
        seen[order[r]] = true;
    }
    free(seen);
}

static struct cells cells_of(const struct world *w)
{
    return (struct cells){w->cells.cell_count, w->tail, w->head, w->cells.lon_e7, w->cells.lat_e7};
}

static void orders_are_permutations(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < oracle_rounds(WORLDS); round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct world w;
        world_init(&w, &state, ARCS_MAX, round % 2);
        const uint32_t n = w.arc_count;
        uint32_t *order = must(malloc(n * sizeof *order)), *again = must(malloc(n * sizeof *again));
        assert_int_equal(order_by_cells(&w.graph, &w.cells, 5, order, &err), STATUS_OK);
        check_permutation(order, n);
        const struct cells cells = cells_of(&w);
        for (unsigned threads = 1; threads <= 2; threads++) {
            assert_int_equal(dissection_order(&w.piece, &cells, threads, 5, again, &err), STATUS_OK);
            check_permutation(again, n);
        }
        free(order);
        free(again);
        world_clear(&w);
    }
}

/* What can be reached from nodes marked 1 in `mark` over entries that have something left: marks it 1 and returns whether a node
 * marked 2 was met; `came` tells by which entry. */
static bool search_on(const struct piece *piece, const uint32_t *left, uint8_t *mark, uint32_t *came, uint32_t *queue, uint32_t *met)
{
    uint32_t count = 0;
    for (uint32_t v = 0; v < piece->node_count; v++)
        if (mark[v] == 1) queue[count++] = v, came[v] = NOTHING;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t e = piece->first[queue[i]]; e < piece->first[queue[i] + 1]; e++) {
            const uint32_t u = piece->adjacent[e];
            if (left[e] == 0 || mark[u] == 1) continue;
            came[u] = e;
            if (mark[u] == 2) {
                *met = u;
                return true;
            }
            mark[u] = 1;
            queue[count++] = u;
        }
    return false;
}

/* The best score of the minimum cuts next to either end, for each step, until a flow is too large to score less than the best so
 * far: a unit at a time along shortest ways, from nothing. */
static double oracle_score(const struct cell_graph *g, const uint32_t *capacity, const struct lines *lines, double best)
{
    const struct piece *piece = &g->piece;
    const uint32_t n = piece->node_count, entries = piece->first[n];
    uint32_t *left = must(malloc(((size_t)entries + 1) * sizeof *left)), *came = must(malloc(n * sizeof *came));
    uint32_t *queue = must(malloc(n * sizeof *queue));
    uint8_t *mark = must(malloc(n));
    for (uint32_t step = 0; step < BISECTION_STEPS; step++) {
        const uint32_t count = lines_end_count(lines, n, step);
        memcpy(left, capacity, entries * sizeof *left);
        uint32_t met = 0;
        for (uint32_t back = 0; back < 2; back++) {
            for (bool more = true; more;) {
                memset(mark, 0, n);
                for (uint32_t i = 0; i < count; i++) {
                    mark[(uint32_t)lines->line[back ? n - 1 - i : i]] = 1;
                    mark[(uint32_t)lines->line[back ? i : n - 1 - i]] = 2;
                }
                more = search_on(piece, left, mark, came, queue, &met);
                for (uint32_t v = met; more && came[v] != NOTHING; v = piece->adjacent[g->crossing[came[v]].twin])
                    left[came[v]]--, left[g->crossing[came[v]].twin]++;
            }
            uint32_t ends = 0, cut = 0;
            for (uint32_t v = 0; v < n; v++)
                for (uint32_t e = piece->first[v]; mark[v] == 1 && e < piece->first[v + 1]; e++)
                    if (mark[piece->adjacent[e]] != 1) cut += capacity[e];
            for (uint32_t v = 0; v < n; v++)
                if (mark[v] == 1) ends += g->ends[v];
            if (lines_score_least(cut) >= best && back == 0) {
                step = BISECTION_STEPS;
                break;
            }
            const double score = lines_score((ends - cut) / 2, g->edge_count - cut - (ends - cut) / 2, cut);
            if (score < best) best = score;
            /* the other way round: what is left along an entry is what is left along its twin */
            for (uint32_t e = 0; e < entries; e++)
                if (g->crossing[e].twin > e) {
                    const uint32_t keep = left[e];
                    left[e] = left[g->crossing[e].twin];
                    left[g->crossing[e].twin] = keep;
                }
        }
    }
    free(left);
    free(came);
    free(queue);
    free(mark);
    return best;
}

/* The score must be that of the edges counted, though it is told from the flow, and the best that the oracle finds. */
static void cuts_part_the_cells_and_are_the_best_of_all_steps(void **unused)
{
    (void)unused;
    uint32_t found = 0, wide = 0;
    for (uint32_t round = 0; oracle_goes_on(round, oracle_rounds(WORLDS), found > 20 && wide > 5); round++) {
        uint64_t state = seed + 1000 + round;
        struct world w;
        world_init(&w, &state, ARCS_MAX, round % 2);
        const struct cells cells = cells_of(&w);
        struct cell_piece piece;
        uint32_t *local = must(malloc(((size_t)cells.count + 1) * sizeof *local));
        uint32_t *nodes = must(malloc(w.arc_count * sizeof *nodes)), count = 0;
        memset(local, 0xff, cells.count * sizeof *local);
        for (uint32_t a = 0; a < w.arc_count; a++)
            if (round % 3 || oracle_below(&state, 2)) nodes[count++] = a;
        assert_true(cell_piece_init(&piece, &cells, nodes, count, local));
        for (uint32_t c = 0; c < cells.count; c++) assert_int_equal(local[c], NOTHING);
        const uint32_t n = piece.graph.piece.node_count;
        for (uint32_t v = 0; v < n; v++) /* simple, and each entry has its twin */
            for (uint32_t e = piece.graph.piece.first[v]; e < piece.graph.piece.first[v + 1]; e++) {
                const struct crossing *c = &piece.graph.crossing[e];
                assert_int_not_equal(piece.graph.piece.adjacent[e], v);
                assert_int_equal(piece.graph.piece.adjacent[c->twin], v);
                assert_int_equal(piece.graph.crossing[c->twin].twin, e);
                assert_true(c->onward == c->back && c->onward > 0);
            }
        struct bisection_workspace *workspace = must(bisection_workspace_new(n));
        uint8_t *side = must(malloc((size_t)n + 1));
        uint32_t *capacity = must(malloc(((size_t)piece.graph.piece.first[n] + 1) * sizeof *capacity));
        struct lines lines;
        for (uint32_t e = 0; e < piece.graph.piece.first[n]; e++) capacity[e] = piece.graph.crossing[e].onward;
        assert_true(lines_init(&lines, n, bisection_share, BISECTION_STEPS));
        lines_begin(&lines, &piece.graph.piece, 3, seed);
        bisection_begin(workspace, &piece.graph, 3, seed);
        for (uint32_t direction = 0; direction < 3; direction++) {
            const double bound = direction == 2 ? 40 : 1e300, score = bisection_try(workspace, &piece.graph, direction, bound, side);
            if (n >= 3) {
                lines_up(&lines, &piece.graph.piece, direction);
                assert_true(score == oracle_score(&piece.graph, capacity, &lines, bound));
            }
            if (score >= bound) continue;
            uint32_t sizes[3] = {0};
            for (uint32_t i = 0; i < count; i++) {
                const uint8_t a = side[piece.ends[2 * i]], b = side[piece.ends[2 * i + 1]];
                assert_true(a <= SEPARATOR_RIGHT && b <= SEPARATOR_RIGHT);
                sizes[a == b ? a : (uint8_t)SEPARATOR_CUT]++;
            }
            assert_true(score == lines_score(sizes[0], sizes[1], sizes[2]));
            found++;
            wide += sizes[SEPARATOR_CUT] > 8;
        }
        bisection_workspace_free(workspace);
        lines_clear(&lines);
        free(capacity);
        cell_piece_clear(&piece);
        free(side);
        free(nodes);
        free(local);
        world_clear(&w);
    }
    assert_true(found > 20 && wide > 5);
}

static void a_cut_is_refined_to_a_cut_that_is_not_worse(void **unused)
{
    (void)unused;
    uint32_t better = 0;
    for (uint32_t round = 0; oracle_goes_on(round, oracle_rounds(WORLDS), better > 5); round++) {
        uint64_t state = seed + 2000 + round;
        struct world w;
        world_init(&w, &state, ARCS_MAX, false);
        const uint32_t n = w.arc_count, cells = w.cells.cell_count, at = oracle_below(&state, cells);
        struct separator_workspace *workspace = must(separator_workspace_new(n));
        uint8_t *side = must(malloc(n));
        uint32_t sizes[3] = {0}, counted[3] = {0};
        for (uint32_t a = 0; a < n; a++) {
            const bool tail = w.tail[a] < at, head = w.head[a] < at;
            side[a] = tail == head ? (tail ? SEPARATOR_LEFT : SEPARATOR_RIGHT) : SEPARATOR_CUT;
            sizes[side[a]]++;
        }
        const double before = lines_score(sizes[0], sizes[1], sizes[2]);
        assert_true(separator_refine(workspace, &w.piece, side, sizes));
        for (uint32_t a = 0; a < n; a++) {
            assert_true(side[a] <= SEPARATOR_CUT);
            counted[side[a]]++;
            for (uint32_t e = w.first[a]; e < w.first[a + 1]; e++)
                assert_false(side[a] == SEPARATOR_LEFT && side[w.adjacent[e]] == SEPARATOR_RIGHT);
        }
        assert_memory_equal(sizes, counted, sizeof sizes);
        const double after = lines_score(sizes[0], sizes[1], sizes[2]);
        assert_true(after <= before);
        better += after < before;
        separator_workspace_free(workspace);
        free(side);
        world_clear(&w);
    }
    assert_true(better > 5);
}

static bool share_a_cell(struct cell_union *joined, const struct world *w, uint32_t a, uint32_t b)
{
    const uint32_t ends[4] = {cell_union_find(joined, w->tail[a]), cell_union_find(joined, w->head[a]),
                              cell_union_find(joined, w->tail[b]), cell_union_find(joined, w->head[b])};
    return ends[0] == ends[2] || ends[0] == ends[3] || ends[1] == ends[2] || ends[1] == ends[3];
}

/* Contracts nodes of degree 2 of a matrix of neighbours: whoever are neighbours then must have a cell in common. */
static void neighbours_have_a_cell_in_common_when_nodes_between_them_go(void **unused)
{
    (void)unused;
    uint32_t joined_cells = 0;
    for (uint32_t round = 0; oracle_goes_on(round, oracle_rounds(WORLDS), joined_cells > 50); round++) {
        uint64_t state = seed + 3000 + round;
        struct world w;
        struct cell_union joined;
        world_init(&w, &state, 120, false);
        const uint32_t n = w.arc_count;
        const struct cells cells = cells_of(&w);
        bool *near = must(calloc((size_t)n * n, sizeof *near)), *gone = must(calloc(n, sizeof *gone));
        assert_true(cell_union_init(&joined, &cells));
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = w.first[v]; e < w.first[v + 1]; e++) near[v * n + w.adjacent[e]] = true;
        for (bool more = true; more;) {
            more = false;
            for (uint32_t v = 0; v < n; v++) {
                uint32_t degree = 0, end[2] = {0};
                for (uint32_t u = 0; u < n; u++)
                    if (near[v * n + u] && degree++ < 2) end[degree - 1] = u;
                if (gone[v] || degree > 2) continue;
                more = gone[v] = true;
                for (uint32_t u = 0; u < n; u++) near[v * n + u] = near[u * n + v] = false;
                if (degree < 2) continue;
                near[end[0] * n + end[1]] = near[end[1] * n + end[0]] = true;
                cell_union_bridge(&joined, v, end[0], end[1]);
            }
            for (uint32_t a = 0; a < n; a++)
                for (uint32_t b = 0; b < n; b++) assert_true(!near[a * n + b] || share_a_cell(&joined, &w, a, b));
        }
        for (uint32_t c = 0; c < cells.count; c++) joined_cells += cell_union_find(&joined, c) != c;
        cell_union_clear(&joined);
        free(near);
        free(gone);
        world_clear(&w);
    }
    assert_true(joined_cells > 50);
}

/* A town of square blocks whose streets bend BENDS times between crossings, both ways, no turning back: the order must find the
 * straight cuts though the bends are contracted before, and must not depend on threads. */
static void a_grid_of_streets_is_cut_across(void **unused)
{
    (void)unused;
    enum { SIDE = 40, BENDS = 2, PARTS = BENDS + 1, STREETS = 2 * SIDE * (SIDE - 1), ARCS = 2 * PARTS * STREETS };
    enum { CELLS = SIDE * SIDE + BENDS * STREETS };
    struct world w = {.arc_count = ARCS};
    struct error err = ERROR_INIT;
    uint32_t arcs = 0, cell_count = SIDE * SIDE, count = 0, *out = must(calloc(CELLS + 1, sizeof *out));
    w.tail = must(malloc(ARCS * sizeof *w.tail));
    w.head = must(malloc(ARCS * sizeof *w.head));
    w.x = must(malloc(CELLS * sizeof *w.x));
    w.y = must(malloc(CELLS * sizeof *w.y));
    for (uint32_t c = 0; c < SIDE * SIDE; c++) {
        w.x[c] = (int32_t)(c % SIDE * 1000), w.y[c] = (int32_t)(c / SIDE * 1000);
        for (uint32_t down = 0; down < 2; down++) {
            if (down ? c / SIDE + 1 == SIDE : c % SIDE + 1 == SIDE) continue;
            for (uint32_t part = 0, from = c; part < PARTS; part++) {
                const uint32_t to = part == BENDS ? (down ? c + SIDE : c + 1) : cell_count++;
                if (part < BENDS) w.x[to] = w.x[c] + (down ? 7 : 300), w.y[to] = w.y[c] + (down ? 300 : 7);
                w.tail[arcs] = from, w.head[arcs++] = to;
                w.tail[arcs] = to, w.head[arcs++] = from;
                from = to;
            }
        }
    }
    assert_int_equal(arcs, ARCS);
    w.first_out = must(malloc((ARCS + 1) * sizeof *w.first_out));
    w.to = must(malloc(4 * ARCS * sizeof *w.to));
    uint32_t *begins = must(malloc(4 * CELLS * sizeof *begins)); /* arcs that begin at a cell: at most four */
    for (uint32_t a = 0; a < ARCS; a++) begins[4 * w.tail[a] + out[w.tail[a]]++] = a;
    for (uint32_t a = 0; a < ARCS; a++) {
        w.first_out[a] = count;
        for (uint32_t k = 0; k < out[w.head[a]]; k++)
            if (begins[4 * w.head[a] + k] != (a ^ 1)) w.to[count++] = begins[4 * w.head[a] + k];
    }
    w.first_out[ARCS] = count;
    w.graph = (struct digraph){ARCS, count, w.first_out, w.to};
    simple(&w);
    uint32_t *order[3];
    for (unsigned places = 0; places < 2; places++) {
        const struct cells cells = {cell_count, w.tail, w.head, places ? w.x : NULL, places ? w.y : NULL};
        for (unsigned t = 0; t < 3; t++) {
            order[t] = must(malloc(ARCS * sizeof *order[t]));
            assert_int_equal(dissection_order(&w.piece, &cells, t + 1, 11, order[t], &err), STATUS_OK);
            assert_memory_equal(order[t], order[0], ARCS * sizeof **order);
        }
        check_permutation(order[0], ARCS);
        struct hierarchy *h = NULL;
        assert_int_equal(hierarchy_new(&w.graph, order[0], &h, &err), STATUS_OK);
        /* perfect dissection: two arcs for each street, SIDE of them at the top and halved in both directions in turn */
        assert_true(h->depth < 2 * 6 * SIDE);
        hierarchy_free(h);
        for (unsigned t = 0; t < 3; t++) free(order[t]);
    }
    free(begins);
    free(out);
    world_clear(&w);
}

static void cells_that_do_not_belong_are_refused(void **unused)
{
    (void)unused;
    const uint32_t first_out[] = {0, 1, 1, 1}, to[] = {1}, tail[] = {0, 1, 2}, head[] = {1, 2, 0}, apart[] = {1, 2, 3}, off[] = {1, 2, 4};
    const struct digraph graph = {3, 1, first_out, to};
    const uint32_t elsewhere[] = {0, 2, 3};
    struct error err = ERROR_INIT;
    uint32_t order[3];
    assert_int_equal(order_by_cells(&graph, &(struct order_cells){4, tail, head, NULL, NULL}, 1, order, &err), STATUS_OK);
    check_permutation(order, 3);
    assert_int_equal(order_by_cells(&graph, &(struct order_cells){4, tail, off, NULL, NULL}, 1, order, &err), STATUS_INVALID);
    assert_int_equal(order_by_cells(&graph, &(struct order_cells){4, elsewhere, apart, NULL, NULL}, 1, order, &err), STATUS_INVALID);
}

int main(void)
{
    seed = oracle_seed("hierarchy_cells");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_permutations),
        cmocka_unit_test(cuts_part_the_cells_and_are_the_best_of_all_steps),
        cmocka_unit_test(a_cut_is_refined_to_a_cut_that_is_not_worse),
        cmocka_unit_test(neighbours_have_a_cell_in_common_when_nodes_between_them_go),
        cmocka_unit_test(a_grid_of_streets_is_cut_across),
        cmocka_unit_test(cells_that_do_not_belong_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
