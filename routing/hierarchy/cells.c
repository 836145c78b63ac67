#include "routing/hierarchy/cells.h"

#include <stdlib.h>
#include <string.h>

bool cell_union_init(struct cell_union *out, const struct cells *cells)
{
    *out = (struct cell_union){.cells = cells, .root = malloc(((size_t)cells->count + 1) * sizeof *out->root)};
    for (uint32_t c = 0; out->root && c < cells->count; c++) out->root[c] = c;
    return out->root != NULL;
}

void cell_union_clear(struct cell_union *cells)
{
    free(cells->root);
}

uint32_t cell_union_find(struct cell_union *cells, uint32_t cell)
{
    while (cells->root[cell] != cell) cell = cells->root[cell] = cells->root[cells->root[cell]];
    return cell;
}

void cell_union_bridge(struct cell_union *cells, uint32_t v, uint32_t a, uint32_t b)
{
    const struct cells *of = cells->cells;
    const uint32_t tail = cell_union_find(cells, of->tail[v]), head = cell_union_find(cells, of->head[v]);
    const uint32_t a_tail = cell_union_find(cells, of->tail[a]), a_head = cell_union_find(cells, of->head[a]);
    const uint32_t b_tail = cell_union_find(cells, of->tail[b]), b_head = cell_union_find(cells, of->head[b]);
    if (a_tail == b_tail || a_tail == b_head || a_head == b_tail || a_head == b_head) return;
    cells->root[tail > head ? tail : head] = tail > head ? head : tail;
}

void cell_piece_clear(struct cell_piece *piece)
{
    for (size_t i = 0; i < sizeof piece->memory / sizeof *piece->memory; i++) free(piece->memory[i]);
    free(piece->ends);
}

/* Edges between the same two cells become one; returns how many are left, as pairs in `pair` with their numbers in `copies`.
 * `first` [cells + 1] and `list` [count] are lent, as are `mark` and `edge` [cells]. */
static uint32_t unite_parallel(const uint32_t *ends, uint32_t count, uint32_t cells, uint32_t *first, uint32_t *list,
                               uint32_t *mark, uint32_t *edge, uint32_t *pair, uint32_t *copies)
{
    uint32_t found = 0;
    memset(first, 0, ((size_t)cells + 1) * sizeof *first);
    for (uint32_t i = 0; i < count; i++)
        if (ends[2 * i] != ends[2 * i + 1]) first[ends[2 * i] < ends[2 * i + 1] ? ends[2 * i] : ends[2 * i + 1]]++;
    for (uint32_t c = 0, at = 0; c <= cells; c++) {
        const uint32_t here = first[c];
        first[c] = at;
        at += here;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t a = ends[2 * i], b = ends[2 * i + 1];
        if (a != b) list[first[a < b ? a : b]++] = a < b ? b : a;
    }
    memset(mark, 0xff, cells * sizeof *mark); /* NOTHING */
    for (uint32_t c = 0, at = 0; c < cells; c++)
        for (; at < first[c]; at++) { /* by now first[c] is where the list of c ends */
            const uint32_t u = list[at];
            if (mark[u] == c) {
                copies[edge[u]]++;
                continue;
            }
            mark[u] = c;
            edge[u] = found;
            pair[2 * found] = c;
            pair[2 * found + 1] = u;
            copies[found++] = 1;
        }
    return found;
}

bool cell_piece_init(struct cell_piece *out, const struct cells *cells, const uint32_t *nodes, uint32_t count,
                     uint32_t *local)
{
    *out = (struct cell_piece){.ends = malloc((2 * (size_t)count + 1) * sizeof *out->ends)};
    uint32_t *members = malloc((2 * (size_t)count + 1) * sizeof *members);
    if (out->ends == NULL || members == NULL) {
        free(members);
        return false;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < 2 * count; i++) {
        const uint32_t c = i & 1 ? cells->head[nodes[i / 2]] : cells->tail[nodes[i / 2]];
        if (local[c] == NOTHING) members[local[c] = n++] = c;
        out->ends[i] = local[c];
    }
    for (uint32_t c = 0; c < n; c++) local[members[c]] = NOTHING;

    const size_t room = (size_t)n + 2;
    uint32_t *first = malloc(room * sizeof *first), *ends = calloc(room, sizeof *ends);
    uint32_t *pair = malloc((2 * (size_t)count + 1) * sizeof *pair), *copies = malloc(((size_t)count + 1) * sizeof *copies);
    uint32_t *adjacent = malloc((2 * (size_t)count + 1) * sizeof *adjacent), *scratch = malloc(2 * room * sizeof *scratch);
    int32_t *x = cells->x ? malloc(room * sizeof *x) : NULL, *y = cells->x ? malloc(room * sizeof *y) : NULL;
    struct crossing *crossing = NULL;
    bool ok = first && ends && pair && copies && adjacent && scratch && (cells->x == NULL || (x && y));
    if (!ok) goto done;
    for (uint32_t i = 0; i < 2 * count; i++) ends[out->ends[i]]++;
    const uint32_t edges = unite_parallel(out->ends, count, n, first, adjacent, scratch, scratch + room, pair, copies);
    crossing = malloc((2 * (size_t)edges + 1) * sizeof *crossing);
    ok = crossing != NULL;
    if (!ok) goto done;
    memset(first, 0, room * sizeof *first);
    for (uint32_t i = 0; i < 2 * edges; i++) first[pair[i] + 2]++;
    for (uint32_t c = 2; c <= n; c++) first[c] += first[c - 1];
    for (uint32_t i = 0; i < edges; i++) { /* first[c + 1] is the next free entry of c */
        const uint32_t a = pair[2 * i], b = pair[2 * i + 1], at = first[a + 1]++, twin = first[b + 1]++;
        adjacent[at] = b;
        adjacent[twin] = a;
        crossing[at] = (struct crossing){copies[i], copies[i], twin};
        crossing[twin] = (struct crossing){copies[i], copies[i], at};
    }
    for (uint32_t c = 0; x && c < n; c++) x[c] = cells->x[members[c]], y[c] = cells->y[members[c]];
    out->graph = (struct cell_graph){{n, first, adjacent, x, y}, crossing, ends, count};
done:
    free(members);
    free(pair);
    free(copies);
    free(scratch);
    memcpy(out->memory, (void *[]){first, ends, adjacent, crossing, x, y}, sizeof out->memory);
    return ok;
}
