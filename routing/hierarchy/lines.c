#include "routing/hierarchy/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How the depth of a tree over n nodes grows: n^GROWTH; road networks lie between 0.3 and 0.4. */
static const double GROWTH = 0.35;
static const double GAIN_LEAST = 1 / (1 - 0.7846); /* score of a cut of one node into halves */

bool lines_init(struct lines *lines, uint32_t nodes, const double *share, uint32_t steps)
{
    const size_t n = (size_t)nodes + 1;
    *lines = (struct lines){
        .share = share,
        .steps = steps,
        .line = malloc(n * sizeof *lines->line),
        .distance = {malloc(n * sizeof **lines->distance), malloc(n * sizeof **lines->distance)},
        .queue = malloc(n * sizeof *lines->queue),
    };
    return lines->line && lines->distance[0] && lines->distance[1] && lines->queue;
}

void lines_clear(struct lines *lines)
{
    free(lines->line);
    free(lines->distance[0]);
    free(lines->distance[1]);
    free(lines->queue);
}

double lines_score(uint32_t left, uint32_t right, uint32_t cut)
{
    const double n = (double)left + right + cut;
    const double gain = 1 - (pow(left, 1 + GROWTH) + pow(right, 1 + GROWTH)) / pow(n, 1 + GROWTH);
    return left == 0 || right == 0 ? HUGE_VAL : cut / gain;
}

double lines_score_least(uint32_t cut)
{
    return cut * GAIN_LEAST;
}

uint32_t lines_end_count(const struct lines *lines, uint32_t n, uint32_t step)
{
    const uint32_t count = (uint32_t)(lines->share[step] * n);
    return count ? count : 1;
}

uint32_t lines_flood(const struct piece *piece, uint32_t from, uint32_t *distance, uint32_t *queue)
{
    uint32_t count = 0;
    memset(distance, 0xff, piece->node_count * sizeof *distance);
    distance[from] = 0;
    queue[count++] = from;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t v = queue[i];
        for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++)
            if (distance[piece->adjacent[e]] == UINT32_MAX) {
                distance[piece->adjacent[e]] = distance[v] + 1;
                queue[count++] = piece->adjacent[e];
            }
    }
    return queue[count - 1];
}

static void select_nth(uint64_t *line, size_t count, size_t nth)
{
    size_t left = 0, right = count - 1;
    while (left < right) {
        const uint64_t pivot = line[left + (right - left) / 2];
        size_t i = left, j = right;
        for (;;) {
            while (line[i] < pivot) i++;
            while (line[j] > pivot) j--;
            if (i >= j) break;
            const uint64_t keep = line[i];
            line[i++] = line[j];
            line[j--] = keep;
        }
        /* all are distinct: [left, i) < pivot region split at j */
        if (nth <= j)
            right = j;
        else
            left = j + 1;
    }
}

/* Puts the nodes of the ends where they belong, from the largest ends to the smallest. */
static void part_ends(const struct lines *lines, uint32_t n)
{
    uint64_t *line = lines->line;
    size_t low_end = n, high_begin = 0;
    for (uint32_t step = lines->steps; step-- > 0;) {
        const size_t count = lines_end_count(lines, n, step), begin = n - count;
        if (count < low_end) select_nth(line, low_end, count - 1);
        low_end = count;
        if (begin > high_begin) { /* everything below high_begin is smaller already */
            select_nth(line + high_begin, n - high_begin, begin - high_begin);
            high_begin = begin;
        }
    }
}

void lines_begin(struct lines *lines, const struct piece *piece, uint32_t directions, uint64_t seed)
{
    lines->random = seed;
    lines->by_place = piece->x ? (directions > 3 ? directions - 1 : directions) : 0;
}

/* A line from coordinates, in one of so many directions; or, without, by the difference of distances to two nodes far
 * from each other. */
void lines_up(struct lines *l, const struct piece *piece, uint32_t direction)
{
    const uint32_t n = piece->node_count;
    if (direction < l->by_place) {
        static const int32_t COSINE[8] = {1000, 924, 707, 383, 0, -383, -707, -924};
        static const int32_t SINE[8] = {0, 383, 707, 924, 1000, 924, 707, 383};
        const uint32_t at = direction * 8 / l->by_place % 8;
        for (uint32_t v = 0; v < n; v++) {
            const int64_t along = ((int64_t)piece->x[v] * COSINE[at] + (int64_t)piece->y[v] * SINE[at]) / 4096;
            l->line[v] = (uint64_t)(uint32_t)(along + 0x80000000) << 32 | v;
        }
        part_ends(l, n);
        return;
    }
    /* pairs of far nodes: the two ends of the piece; then the node farthest from both with each of them */
    if (direction - l->by_place == 0) {
        l->random = l->random * 6364136223846793005u + 1442695040888963407u;
        const uint32_t start = (uint32_t)((l->random >> 33) % n);
        l->far[0] = lines_flood(piece, start, l->distance[0], l->queue);
        l->far[1] = lines_flood(piece, l->far[0], l->distance[0], l->queue);
        lines_flood(piece, l->far[1], l->distance[1], l->queue);
        uint32_t farthest = 0;
        l->far[2] = l->far[0];
        for (uint32_t v = 0; v < n; v++) {
            const uint32_t a = l->distance[0][v], b = l->distance[1][v], near = a < b ? a : b;
            if (near > farthest) farthest = near, l->far[2] = v;
        }
    } else {
        lines_flood(piece, l->far[2], l->distance[0], l->queue);
        lines_flood(piece, l->far[(direction - l->by_place) % 2], l->distance[1], l->queue);
    }
    for (uint32_t v = 0; v < n; v++)
        l->line[v] = (uint64_t)(l->distance[0][v] - l->distance[1][v] + 0x80000000u) << 32 | v;
    part_ends(l, n);
}
