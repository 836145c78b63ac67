#include "routing/hierarchy/separator.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Every node has capacity 1 and is thought of as two states, its way in (2v) and its way out (2v + 1). A node carries
 * at most one unit, so the flow is kept as the two neighbours that it comes from and goes to. */

enum { STEPS = 4 };
static const double SHARE[STEPS] = {0.08, 0.18, 0.29, 0.40}; /* of all nodes, at each end */

#define OUTSIDE (NOTHING - 1) /* the super source and the super sink */

struct separator_workspace {
    uint32_t *from, *to;   /* neighbours that the flow through a node comes from and goes to */
    uint32_t *seen;        /* of the two states of each node: the last search that came by */
    uint32_t search;       /* number of the search at hand; a call makes far fewer than 2^32 */
    uint32_t *guide;       /* edges to the nearest sink */
    uint32_t *queue;       /* states; also the path of the search */
    struct lines lines;
    uint8_t *end;          /* which step makes a node a source (0..STEPS-1) or a sink (+ 16); 255: none */
    uint32_t *sources, *sinks; /* those of the step at hand come first */
    uint32_t source_count, sink_count;
};

void separator_workspace_free(struct separator_workspace *w)
{
    if (w == NULL) return;
    free(w->from);
    free(w->to);
    free(w->seen);
    free(w->guide);
    free(w->queue);
    lines_clear(&w->lines);
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
    w->end = malloc(n);
    w->sources = malloc(n * sizeof *w->sources);
    w->sinks = malloc(n * sizeof *w->sinks);
    if (lines_init(&w->lines, nodes, SHARE, STEPS) && w->from && w->to && w->seen && w->guide && w->queue && w->end && w->sources && w->sinks)
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

/* Writes down the cut that the last search found next to the sources (or, `back`, to the sinks). */
static void write_sides(const struct separator_workspace *w, const struct piece *piece, bool back, uint8_t *side)
{
    for (uint32_t v = 0; v < piece->node_count; v++) {
        const bool in = is_seen(w, 2 * v), out = is_seen(w, 2 * v + 1);
        side[v] = in == out ? (uint8_t)(in != back ? SEPARATOR_LEFT : SEPARATOR_RIGHT) : SEPARATOR_CUT;
    }
}

/* Gives the nodes at both ends of the line their steps. */
static void mark_ends(struct separator_workspace *w, uint32_t n)
{
    memset(w->end, 255, n);
    for (uint32_t step = STEPS; step-- > 0;) {
        const uint32_t count = lines_end_count(&w->lines, n, step);
        for (uint32_t i = 0; i < count; i++) w->end[(uint32_t)w->lines.line[i]] = (uint8_t)step;
        for (uint32_t i = n - count; i < n; i++) w->end[(uint32_t)w->lines.line[i]] = (uint8_t)(16 + step);
    }
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
    w->search = 0;
    memset(w->seen, 0, 2 * (size_t)n * sizeof *w->seen);
    memset(side, SEPARATOR_CUT, n);
    lines_begin(&w->lines, piece, directions, seed);
    for (uint32_t d = 0; d < directions; d++) {
        lines_up(&w->lines, piece, d);
        mark_ends(w, n);
        memset(w->from, 0xff, n * sizeof *w->from); /* NOTHING */
        memset(w->to, 0xff, n * sizeof *w->to);
        uint32_t flow = 0;
        w->source_count = w->sink_count = 0;
        for (uint32_t step = 0; step < STEPS; step++) {
            uint32_t in = 0, out = 0;
            const uint32_t count = lines_end_count(&w->lines, n, step);
            for (; w->source_count < count; w->source_count++)
                w->sources[w->source_count] = (uint32_t)w->lines.line[w->source_count];
            for (; w->sink_count < count; w->sink_count++)
                w->sinks[w->sink_count] = (uint32_t)w->lines.line[n - 1 - w->sink_count];
            if (step == 0) find_guide(w, piece);
            for (uint32_t pushed = 1; pushed && lines_score_least(flow) < best; flow += pushed)
                pushed = push_flow(w, piece, step, &in, &out);
            if (lines_score_least(flow) >= best) break; /* even halves would not make this one better: the flow only grows */
            double score = lines_score(out, n - in, in - out);
            if (score < best) {
                best = score;
                write_sides(w, piece, false, side);
            }
            search_back(w, piece, &in, &out);
            score = lines_score(n - out, in, out - in);
            if (score < best) {
                best = score;
                write_sides(w, piece, true, side);
            }
        }
    }
}

/* ---- a better cut close to a given one ------------------------------------------------------------------------ */

enum { STRIP_REACH = 2 }; /* edges, on either side */

/* Numbers the nodes of the strip in w->lines.queue, in rings around the cut; returns their number. w->lines.distance[0] holds the
 * number in the strip of each node of the piece, NOTHING outside, and [1] the ring of each node of the strip. */
static uint32_t find_strip(struct separator_workspace *w, const struct piece *piece, const uint8_t *side)
{
    uint32_t *node = w->lines.queue, *number = w->lines.distance[0], *ring = w->lines.distance[1], count = 0;
    memset(number, 0xff, piece->node_count * sizeof *number);
    for (uint32_t v = 0; v < piece->node_count; v++)
        if (side[v] == SEPARATOR_CUT) {
            ring[count] = 0;
            number[v] = count;
            node[count++] = v;
        }
    for (uint32_t i = 0; i < count && ring[i] < STRIP_REACH; i++)
        for (uint32_t e = piece->first[node[i]]; e < piece->first[node[i] + 1]; e++) {
            const uint32_t u = piece->adjacent[e];
            if (number[u] != NOTHING) continue;
            ring[count] = ring[i] + 1;
            number[u] = count;
            node[count++] = u;
        }
    return count;
}

/* The ends of the flow through the strip: the outermost rings. */
static bool choose_ends(struct separator_workspace *w, uint32_t strip, const uint8_t *side)
{
    const uint32_t *node = w->lines.queue, *ring = w->lines.distance[1];
    uint32_t outermost[2] = {0, 0};
    for (uint32_t i = 0; i < strip; i++)
        if (side[node[i]] != SEPARATOR_CUT && ring[i] > outermost[side[node[i]]]) outermost[side[node[i]]] = ring[i];
    memset(w->end, 255, strip);
    w->source_count = w->sink_count = 0;
    for (uint32_t i = 0; i < strip; i++) {
        const uint8_t here = side[node[i]];
        if (here == SEPARATOR_CUT || ring[i] != outermost[here]) continue;
        w->end[i] = here == SEPARATOR_LEFT ? 0 : 16;
        if (here == SEPARATOR_LEFT)
            w->sources[w->source_count++] = i;
        else
            w->sinks[w->sink_count++] = i;
    }
    return w->source_count > 0 && w->sink_count > 0;
}

/* The side of a node of the strip in the cut next to the sources (`back`: to the sinks). A source that has its unit from outside
 * was not entered again, but everything left of the strip leans on it: it is in the cut. */
static uint8_t side_in_strip(const struct separator_workspace *w, uint32_t i, bool back)
{
    const bool in = is_seen(w, 2 * i) || (!back && w->end[i] == 0), out = is_seen(w, 2 * i + 1);
    return in == out ? (uint8_t)(in != back ? SEPARATOR_LEFT : SEPARATOR_RIGHT) : SEPARATOR_CUT;
}

/* Takes over that cut if it scores less than the best. */
static void take_over(const struct separator_workspace *w, uint32_t strip, bool back, const uint8_t *before,
                      const uint32_t sizes_before[3], uint8_t *side, uint32_t sizes[3], double *best)
{
    uint32_t now[3] = {sizes_before[0], sizes_before[1], sizes_before[2]};
    for (uint32_t i = 0; i < strip; i++) now[before[i]]--, now[side_in_strip(w, i, back)]++;
    const double score = lines_score(now[0], now[1], now[2]);
    if (score >= *best) return;
    *best = score;
    memcpy(sizes, now, sizeof now);
    for (uint32_t i = 0; i < strip; i++) side[w->lines.queue[i]] = side_in_strip(w, i, back);
}

bool separator_refine(struct separator_workspace *w, const struct piece *piece, uint8_t *side, uint32_t sizes[3])
{
    const uint32_t count = find_strip(w, piece, side);
    if (!choose_ends(w, count, side)) return true;
    const uint32_t *node = w->lines.queue, *number = w->lines.distance[0];
    size_t edges = 0;
    for (uint32_t i = 0; i < count; i++) edges += piece->first[node[i] + 1] - piece->first[node[i]];
    uint32_t *first = malloc(((size_t)count + 1) * sizeof *first), *adjacent = malloc((edges + 1) * sizeof *adjacent);
    uint8_t *before = malloc((size_t)count + 1);
    const bool ok = first && adjacent && before;
    if (ok) {
        uint32_t at = 0;
        for (uint32_t i = 0; i < count; i++) {
            first[i] = at;
            before[i] = side[node[i]];
            for (uint32_t e = piece->first[node[i]]; e < piece->first[node[i] + 1]; e++)
                if (number[piece->adjacent[e]] != NOTHING) adjacent[at++] = number[piece->adjacent[e]];
        }
        first[count] = at;
        const struct piece strip = {.node_count = count, .first = first, .adjacent = adjacent};
        uint32_t in = 0, out = 0;
        double best = lines_score(sizes[0], sizes[1], sizes[2]);
        w->search = 0;
        memset(w->seen, 0, 2 * (size_t)count * sizeof *w->seen);
        memset(w->from, 0xff, count * sizeof *w->from); /* NOTHING */
        memset(w->to, 0xff, count * sizeof *w->to);
        find_guide(w, &strip);
        while (push_flow(w, &strip, 0, &in, &out)) {}
        const uint32_t sizes_before[3] = {sizes[0], sizes[1], sizes[2]};
        take_over(w, count, false, before, sizes_before, side, sizes, &best);
        search_back(w, &strip, &in, &out);
        take_over(w, count, true, before, sizes_before, side, sizes, &best);
    }
    free(first);
    free(adjacent);
    free(before);
    return ok;
}
