#include "routing/hierarchy/separator.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Every node has capacity 1 and is thought of as two states, its way in (2v) and its way out (2v + 1). A node carries
 * at most one unit, so the flow is kept as the two neighbours that it comes from and goes to. */

enum { STEPS = 4 }; /* how often the ends grow */
static const double SHARE[STEPS] = {0.08, 0.18, 0.29, 0.40}; /* of all nodes, at each end */

/* How the depth of a tree over n nodes grows: n^GROWTH; road networks lie between 0.3 and 0.4. */
static const double GROWTH = 0.35;
static const double GAIN_LEAST = 1 / (1 - 0.7846); /* score of a cut of one node into halves */

#define OUTSIDE (NOTHING - 1) /* the super source and the super sink */

struct separator_workspace {
    uint32_t *from, *to;   /* neighbours that the flow through a node comes from and goes to */
    uint32_t *seen;        /* of the two states of each node: the last search that came by */
    uint32_t search;       /* number of the search at hand; a call makes far fewer than 2^32 */
    uint32_t *guide;       /* edges to the nearest sink */
    uint32_t *queue;       /* states; also the path of the search */
    uint64_t *line;        /* position << 32 | node */
    uint32_t *distance[2]; /* in edges, from two far nodes */
    uint8_t *end;          /* which step makes a node a source (0..STEPS-1) or a sink (+ 16); 255: none */
    uint32_t *sources, *sinks; /* those of the step at hand come first */
    uint32_t source_count, sink_count;
    uint32_t far[3];           /* nodes far from each other */
};

void separator_workspace_free(struct separator_workspace *w)
{
    if (w == NULL) return;
    free(w->from);
    free(w->to);
    free(w->seen);
    free(w->guide);
    free(w->queue);
    free(w->line);
    free(w->distance[0]);
    free(w->distance[1]);
    free(w->end);
    free(w->sources);
    free(w->sinks);
    free(w);
}

struct separator_workspace *separator_workspace_new(uint32_t nodes)
{
    const size_t n = (size_t)nodes + 1;
    struct separator_workspace *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->from = malloc(n * sizeof *w->from);
    w->to = malloc(n * sizeof *w->to);
    w->seen = malloc(2 * n * sizeof *w->seen);
    w->guide = malloc(n * sizeof *w->guide);
    w->queue = malloc(2 * n * sizeof *w->queue);
    w->line = malloc(n * sizeof *w->line);
    w->distance[0] = malloc(n * sizeof *w->distance[0]);
    w->distance[1] = malloc(n * sizeof *w->distance[1]);
    w->end = malloc(n);
    w->sources = malloc(n * sizeof *w->sources);
    w->sinks = malloc(n * sizeof *w->sinks);
    if (w->from && w->to && w->seen && w->guide && w->queue && w->line && w->distance[0] && w->distance[1] &&
        w->end && w->sources && w->sinks)
        return w;
    separator_workspace_free(w);
    return NULL;
}

static bool is_sink(const struct separator_workspace *w, uint32_t v, uint32_t step)
{
    return w->end[v] >= 16 && w->end[v] <= 16 + step;
}

static inline bool is_seen(const struct separator_workspace *w, uint32_t state)
{
    return w->seen[state] == w->search;
}

static inline void reach(struct separator_workspace *w, uint32_t state, uint32_t *count)
{
    if (is_seen(w, state)) return;
    w->seen[state] = w->search;
    w->queue[(*count)++] = state;
}

/* Turns the flow over along a path of states from a source's way in to a sink's way out. */
static void augment(struct separator_workspace *w, const uint32_t *path, uint32_t length)
{
    uint32_t coming = OUTSIDE; /* where the unit arrives from */
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t v = path[i] / 2;
        if (path[i] & 1) {
            if (i + 1 == length)
                w->to[v] = OUTSIDE;
            else if (path[i + 1] / 2 == v)
                w->to[v] = NOTHING; /* v gives its unit back to where it came from */
            else
                w->to[v] = path[i + 1] / 2;
            coming = i + 1 < length && path[i + 1] / 2 == v ? NOTHING : v;
        } else {
            w->from[v] = coming; /* NOTHING when v's unit is given back */
        }
    }
}

/* One round of ways from sources to sinks, depth first, towards the sinks as the crow flies in the graph (`guide`),
 * beginning with the sources nearest to them. No state is entered twice in a round, so a round costs one pass over the
 * edges at most, and much less while there is something to push: what a round has seen goes stale with each unit, so
 * it ends when it has looked around in vain for a while since the last one. A round that pushes nothing has seen
 * exactly what can be reached from the sources; `in` and `out` count those ways in and out. (Shortest ways, as Dinic
 * has them, need a pass for almost every unit: on roads no two ways are equally long.) */
static uint32_t push_flow(struct separator_workspace *w, const struct piece *piece, uint32_t step, uint32_t *in,
                          uint32_t *out)
{
    uint32_t *path = w->queue, pushed = 0, seen[2] = {0}, seen_then = 0;
    const uint32_t patience = 4096 + piece->node_count / 32;
    w->search++;
    for (uint32_t i = w->source_count; i-- > 0;) {
        const uint32_t source = w->sources[i];
        if (pushed && seen[0] + seen[1] - seen_then > patience) break;
        if (w->from[source] == OUTSIDE || is_seen(w, 2 * source)) continue;
        uint32_t length = 0;
        path[length++] = 2 * source;
        w->seen[2 * source] = w->search;
        seen[0]++;
        while (length > 0) {
            const uint32_t state = path[length - 1], v = state / 2;
            uint32_t onward = NOTHING;
            if (!(state & 1)) {
                if (w->from[v] == NOTHING)
                    onward = 2 * v + 1;
                else if (w->from[v] != OUTSIDE)
                    onward = 2 * w->from[v] + 1;
                if (onward != NOTHING && is_seen(w, onward)) onward = NOTHING;
            } else if (is_sink(w, v, step)) {
                augment(w, path, length);
                pushed++;
                seen_then = seen[0] + seen[1];
                break;
            } else {
                uint32_t nearest = UINT32_MAX;
                for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++) {
                    const uint32_t u = piece->adjacent[e];
                    if ((w->guide[u] >= nearest && onward != NOTHING) || is_seen(w, 2 * u)) continue;
                    nearest = w->guide[u];
                    onward = 2 * u;
                }
                if (onward == NOTHING && w->from[v] != NOTHING && !is_seen(w, 2 * v)) onward = 2 * v;
            }
            if (onward == NOTHING) {
                if (pushed && seen[0] + seen[1] - seen_then > patience) break;
                length--;
            } else {
                w->seen[onward] = w->search;
                seen[onward & 1]++;
                path[length++] = onward;
            }
        }
    }
    *in = seen[0];
    *out = seen[1];
    return pushed;
}

/* The same from the sinks, backwards, when no way is left: states from which a sink can still be reached. */
static void search_back(struct separator_workspace *w, const struct piece *piece, uint32_t *in, uint32_t *out)
{
    uint32_t count = 0, out_count = 0;
    w->search++;
    for (uint32_t i = 0; i < w->sink_count; i++) reach(w, 2 * w->sinks[i] + 1, &count);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t state = w->queue[i], v = state / 2;
        if (state & 1) {
            out_count++;
            if (w->from[v] == NOTHING)
                reach(w, 2 * v, &count);
            else if (w->to[v] != OUTSIDE)
                reach(w, 2 * w->to[v], &count);
        } else {
            if (w->from[v] != NOTHING) reach(w, 2 * v + 1, &count);
            for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++)
                reach(w, 2 * piece->adjacent[e] + 1, &count);
        }
    }
    *out = out_count;
    *in = count - out_count;
}

/* What a cut costs for what it gains: a tree over n nodes is taken to be n^GROWTH deep, so cutting it into parts makes
 * the average node gain the difference to the depth of its part. */
static double score_of(uint32_t left, uint32_t right, uint32_t cut)
{
    const double n = (double)left + right + cut;
    const double gain = 1 - (pow(left, 1 + GROWTH) + pow(right, 1 + GROWTH)) / pow(n, 1 + GROWTH);
    return left == 0 || right == 0 ? HUGE_VAL : cut / gain;
}

/* Writes down the cut that the last search found next to the sources (or, `back`, to the sinks). */
static void write_sides(const struct separator_workspace *w, const struct piece *piece, bool back, uint8_t *side)
{
    for (uint32_t v = 0; v < piece->node_count; v++) {
        const bool in = is_seen(w, 2 * v), out = is_seen(w, 2 * v + 1);
        side[v] = in == out ? (uint8_t)(in != back ? SEPARATOR_LEFT : SEPARATOR_RIGHT) : SEPARATOR_CUT;
    }
}

static uint64_t select_line(uint64_t *line, size_t count, size_t nth)
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
    return line[nth];
}

/* Gives the nodes at both ends of the line their steps. */
static void mark_ends(struct separator_workspace *w, uint32_t n)
{
    memset(w->end, 255, n);
    size_t low_end = n, high_begin = 0;
    for (uint32_t step = STEPS; step-- > 0;) {
        size_t count = (size_t)(SHARE[step] * n);
        if (count == 0) count = 1;
        if (count < low_end) select_line(w->line, low_end, count - 1);
        low_end = count;
        for (size_t i = 0; i < count; i++) w->end[(uint32_t)w->line[i]] = (uint8_t)step;
        const size_t begin = n - count;
        if (begin > high_begin) {
            /* everything below high_begin is smaller already */
            select_line(w->line + high_begin, n - high_begin, begin - high_begin);
            high_begin = begin;
        }
        for (size_t i = begin; i < n; i++) w->end[(uint32_t)w->line[i]] = (uint8_t)(16 + step);
    }
}

static uint32_t flood(struct separator_workspace *w, const struct piece *piece, uint32_t from, uint32_t *distance)
{
    uint32_t count = 0;
    memset(distance, 0xff, piece->node_count * sizeof *distance);
    distance[from] = 0;
    w->queue[count++] = from;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t v = w->queue[i];
        for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++)
            if (distance[piece->adjacent[e]] == UINT32_MAX) {
                distance[piece->adjacent[e]] = distance[v] + 1;
                w->queue[count++] = piece->adjacent[e];
            }
    }
    return w->queue[count - 1];
}

/* A line from coordinates, in one of so many directions; or, without, by the difference of distances to two nodes far
 * from each other. */
static void line_up(struct separator_workspace *w, const struct piece *piece, uint32_t direction,
                    uint32_t by_place_count, uint64_t *state)
{
    const uint32_t n = piece->node_count;
    if (direction < by_place_count) {
        static const int32_t COSINE[8] = {1000, 924, 707, 383, 0, -383, -707, -924};
        static const int32_t SINE[8] = {0, 383, 707, 924, 1000, 924, 707, 383};
        const uint32_t at = direction * 8 / by_place_count % 8;
        for (uint32_t v = 0; v < n; v++) {
            const int64_t along = ((int64_t)piece->x[v] * COSINE[at] + (int64_t)piece->y[v] * SINE[at]) / 4096;
            w->line[v] = (uint64_t)(uint32_t)(along + 0x80000000) << 32 | v;
        }
        return;
    }
    /* pairs of far nodes: the two ends of the piece; then the node farthest from both with each of them */
    if (direction - by_place_count == 0) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        const uint32_t start = (uint32_t)((*state >> 33) % n);
        w->far[0] = flood(w, piece, start, w->distance[0]);
        w->far[1] = flood(w, piece, w->far[0], w->distance[0]);
        flood(w, piece, w->far[1], w->distance[1]);
        uint32_t farthest = 0;
        for (uint32_t v = 0; v < n; v++) {
            const uint32_t a = w->distance[0][v], b = w->distance[1][v], near = a < b ? a : b;
            if (near > farthest) farthest = near, w->far[2] = v;
        }
    } else {
        flood(w, piece, w->far[2], w->distance[0]);
        flood(w, piece, w->far[(direction - by_place_count) % 2], w->distance[1]);
    }
    for (uint32_t v = 0; v < n; v++)
        w->line[v] = (uint64_t)(w->distance[0][v] - w->distance[1][v] + 0x80000000u) << 32 | v;
}

static void find_guide(struct separator_workspace *w, const struct piece *piece)
{
    uint32_t count = 0;
    memset(w->guide, 0xff, piece->node_count * sizeof *w->guide);
    for (uint32_t i = 0; i < w->sink_count; i++) {
        w->guide[w->sinks[i]] = 0;
        w->queue[count++] = w->sinks[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t v = w->queue[i];
        for (uint32_t e = piece->first[v]; e < piece->first[v + 1]; e++)
            if (w->guide[piece->adjacent[e]] == UINT32_MAX) {
                w->guide[piece->adjacent[e]] = w->guide[v] + 1;
                w->queue[count++] = piece->adjacent[e];
            }
    }
}

void separator_find(struct separator_workspace *w, const struct piece *piece, uint32_t directions, uint64_t seed,
                    uint8_t *side)
{
    const uint32_t n = piece->node_count;
    double best = HUGE_VAL;
    uint64_t state = seed;
    w->search = 0;
    memset(w->seen, 0, 2 * (size_t)n * sizeof *w->seen);
    memset(side, SEPARATOR_CUT, n);
    const uint32_t by_place = piece->x ? (directions > 3 ? directions - 1 : directions) : 0;
    for (uint32_t d = 0; d < directions; d++) {
        line_up(w, piece, d, by_place, &state);
        mark_ends(w, n);
        memset(w->from, 0xff, n * sizeof *w->from); /* NOTHING */
        memset(w->to, 0xff, n * sizeof *w->to);
        uint32_t flow = 0;
        w->source_count = w->sink_count = 0;
        for (uint32_t step = 0; step < STEPS; step++) {
            uint32_t in = 0, out = 0;
            const size_t low = (size_t)(SHARE[step] * n), count = low ? low : 1;
            for (; w->source_count < count; w->source_count++)
                w->sources[w->source_count] = (uint32_t)w->line[w->source_count];
            for (; w->sink_count < count; w->sink_count++)
                w->sinks[w->sink_count] = (uint32_t)w->line[n - 1 - w->sink_count];
            if (step == 0) find_guide(w, piece);
            for (uint32_t pushed = 1; pushed && flow * GAIN_LEAST < best; flow += pushed)
                pushed = push_flow(w, piece, step, &in, &out);
            if (flow * GAIN_LEAST >= best) break; /* even halves would not make this one better: the flow only grows */
            double score = score_of(out, n - in, in - out);
            if (score < best) {
                best = score;
                write_sides(w, piece, false, side);
            }
            search_back(w, piece, &in, &out);
            score = score_of(n - out, in, out - in);
            if (score < best) {
                best = score;
                write_sides(w, piece, true, side);
            }
        }
    }
}
