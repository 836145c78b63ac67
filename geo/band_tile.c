#pragma GCC optimize("O3")
#include "geo/band_tile.h"

#include "geo/base/vector_clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parts of a step. The border crosses an edge of the grid at least a NODE_GAP from either node, so that borders on
 * different edges stay apart after rounding; thinning moves it by at most SLACK along an edge. */
enum { NODE_GAP = 20, SLACK = 8 };

enum { EDGES = 2 * BAND_NODES * BAND_NODES, NO_EDGE = 0xFFFF };

struct run {
    uint8_t first, last;
    uint32_t label;
};

/* Where the border crosses an edge of the grid: from `out` to `in` lie the places it might as well. */
struct crossing {
    int32_t x, y, in_x, in_y, out_x, out_y;
    int8_t go_x, go_y; /* its direction across the edge */
    bool fixed;        /* this place and no other */
};

struct band_tile {
    float distance2[BAND_NODES][BAND_NODES];
    uint64_t within[BAND_NODES][BAND_WORDS];
    int32_t row_first[BAND_NODES], row_last[BAND_NODES]; /* what of a row is not infinite */
    uint16_t next[EDGES];   /* the edge by which the border leaves the cell that it enters by this one */
    uint8_t entered[EDGES]; /* 1: some border leaves a cell of the tile by this edge; 2: by a saddle */
    uint16_t edges[EDGES];
    uint32_t edge_count;
    struct run runs[BAND_NODES * BAND_NODES / 2 + 1];
    uint32_t row_run[BAND_NODES + 1];
    struct crossing chain[EDGES + 1];
};

struct band_tile *band_tile_new(void)
{
    struct band_tile *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    for (int j = 0; j < BAND_NODES; j++) {
        for (int i = 0; i < BAND_NODES; i++) t->distance2[j][i] = INFINITY;
        t->row_first[j] = BAND_NODES;
        t->row_last[j] = -1;
    }
    memset(t->next, 0xFF, sizeof t->next);
    return t;
}

void band_tile_free(struct band_tile *t)
{
    free(t);
}

/* ---- distances ------------------------------------------------------------------------------------------------------ */

bool band_reach(const struct band_border *b, const struct band_segment *s, double low_mm, double high_mm, double *min_mm,
                double *max_mm)
{
    double far = (double)b->width_mm + b->step_mm + 2, ax = s->a.x_mm, ay = s->a.y_mm, dx = s->b.x_mm - ax, dy = s->b.y_mm - ay;
    double south = dy < 0 ? ay + dy : ay, north = dy < 0 ? ay : ay + dy;
    double beyond = low_mm > north ? low_mm - north : high_mm < south ? south - high_mm : 0;
    if (beyond > far) return false;
    double half = sqrt(far * far - beyond * beyond), from = 0, until = 1;
    if (dy != 0) { /* only what of the segment is near enough to these heights */
        double t0 = (low_mm - far - ay) / dy, t1 = (high_mm + far - ay) / dy;
        from = fmax(0, fmin(1, fmin(t0, t1)));
        until = fmax(0, fmin(1, fmax(t0, t1)));
    }
    double x0 = ax + from * dx, x1 = ax + until * dx;
    *min_mm = fmin(x0, x1) - half - 1;
    *max_mm = fmax(x0, x1) + half + 1;
    return true;
}

/* x is the first node's, from the segment's beginning; y the row's. The same numbers whatever the tile, and lanes of
 * vectors compute as scalars do, so a node has one distance. */
VECTOR_INLINE void nearer(float *restrict to, int32_t x, int32_t step, int32_t count, float y, float dx, float dy, float inverse)
{
    const float along_y = y * dy;
    for (int32_t i = 0; i < count; i++) {
        const float px = (float)(x + i * step);
        float t = (px * dx + along_y) * inverse;
        t = t < 0 ? 0 : t;
        t = t > 1 ? 1 : t;
        const float ex = px - t * dx, ey = y - t * dy, d = ex * ex + ey * ey;
        to[i] = d < to[i] ? d : to[i];
    }
}

VECTOR_CLONES uint32_t band_tile_add(struct band_tile *t, const struct band_border *b, int32_t tx, int32_t ty,
                                     const struct band_segment *s)
{
    const int32_t step = b->step_mm;
    const int64_t west = (int64_t)tx * BAND_CELLS, south = (int64_t)ty * BAND_CELLS;
    const float dx = (float)(s->b.x_mm - s->a.x_mm), dy = (float)(s->b.y_mm - s->a.y_mm);
    const float length2 = dx * dx + dy * dy, inverse = length2 > 0 ? 1 / length2 : 0;
    const double far = (double)b->width_mm + step + 2;
    const double low = fmin(s->a.y_mm, s->b.y_mm) - far, high = fmax(s->a.y_mm, s->b.y_mm) + far;
    int64_t first_row = (int64_t)floor(low / step) - south, last_row = (int64_t)ceil(high / step) - south;
    uint32_t looked = 0;
    if (first_row < 0) first_row = 0;
    if (last_row >= BAND_NODES) last_row = BAND_NODES - 1;
    for (int64_t j = first_row; j <= last_row; j++) {
        const int64_t y_mm = (south + j) * step;
        double min_mm, max_mm;
        if (!band_reach(b, s, (double)y_mm, (double)y_mm, &min_mm, &max_mm)) continue;
        int64_t first = (int64_t)ceil(min_mm / step) - west, last = (int64_t)floor(max_mm / step) - west;
        if (first < 0) first = 0;
        if (last >= BAND_NODES) last = BAND_NODES - 1;
        if (first > last) continue;
        nearer(t->distance2[j] + first, (int32_t)((west + first) * step - s->a.x_mm), step, (int32_t)(last - first + 1),
               (float)(y_mm - s->a.y_mm), dx, dy, inverse);
        if (first < t->row_first[j]) t->row_first[j] = (int32_t)first;
        if (last > t->row_last[j]) t->row_last[j] = (int32_t)last;
        looked += (uint32_t)(last - first + 1);
    }
    return looked;
}

/* ---- what hangs together ---------------------------------------------------------------------------------------------- */

uint32_t band_label_root(const struct band_border *b, uint32_t label)
{
    while (b->parent[label] != label) {
        b->parent[label] = b->parent[b->parent[label]];
        label = b->parent[label];
    }
    return label;
}

/* Either may be 0; the least label stands for both. */
static uint32_t join(struct band_border *b, uint32_t x, uint32_t y)
{
    if (!x || !y) return x | y;
    x = band_label_root(b, x);
    y = band_label_root(b, y);
    if (x > y) b->parent[x] = y;
    else b->parent[y] = x;
    return x < y ? x : y;
}

static uint32_t label_new(struct band_border *b)
{
    if (b->label_count == b->label_room) {
        size_t more = b->label_room ? 2 * b->label_room : 1024;
        uint32_t *grown = more <= UINT32_MAX ? realloc(b->parent, more * sizeof *grown) : NULL;
        if (!grown) return 0;
        b->parent = grown;
        b->label_room = more;
    }
    if (b->label_count == 0) b->parent[b->label_count++] = 0;
    b->parent[b->label_count] = (uint32_t)b->label_count;
    return (uint32_t)b->label_count++;
}

/* Nodes within the width as bits, a row at a time: eight comparisons as bytes, gathered by one multiplication. */
VECTOR_CLONES static void rows_make(struct band_tile *t, float limit)
{
    uint8_t near[BAND_NODES];
    for (int j = 0; j < BAND_NODES; j++) {
        uint64_t *row = t->within[j];
        memset(row, 0, sizeof t->within[j]);
        if (t->row_first[j] > t->row_last[j]) continue;
        for (int i = 0; i < BAND_NODES; i++) near[i] = t->distance2[j][i] <= limit;
        for (int k = 0; k < BAND_NODES / 8; k++) {
            uint64_t bytes;
            memcpy(&bytes, near + 8 * k, sizeof bytes);
            row[k / 8] |= (bytes * 0x0102040810204080u) >> 56 << (k % 8 * 8);
        }
    }
}

static bool within(const struct band_tile *t, int i, int j)
{
    return t->within[j][i / 64] >> (i % 64) & 1;
}

/* The first node from i on that is within, or that is not; BAND_NODES when there is none. */
static int bit_next(const uint64_t *row, int i, bool wanted)
{
    for (int w = i / 64; w < BAND_WORDS; w++) {
        uint64_t bits = (wanted ? row[w] : ~row[w]) & (w == i / 64 ? ~(uint64_t)0 << (i % 64) : ~(uint64_t)0);
        if (bits) return w * 64 + __builtin_ctzll(bits);
    }
    return BAND_NODES;
}

/* Runs of nodes within, labelled; runs that touch across rows or tiles get one label. */
static bool runs_make(struct band_tile *t, struct band_border *b, const uint32_t *west, const uint32_t *south)
{
    uint32_t count = 0, before = 0;
    for (int j = 0; j < BAND_NODES; j++) {
        uint32_t row = count, below = before;
        t->row_run[j] = row;
        for (int i = bit_next(t->within[j], 0, true); i < BAND_NODES; i = bit_next(t->within[j], i, true)) {
            struct run run = {.first = (uint8_t)i};
            i = bit_next(t->within[j], i, false);
            run.last = (uint8_t)(i - 1);
            while (below < row && t->runs[below].last < run.first) below++;
            for (uint32_t k = below; k < row && t->runs[k].first <= run.last; k++) run.label = join(b, run.label, t->runs[k].label);
            if (run.first == 0 && west) run.label = join(b, run.label, west[j]);
            for (int k = run.first; j == 0 && south && k <= run.last; k++) run.label = join(b, run.label, south[k]);
            if (!run.label && !(run.label = label_new(b))) return false;
            t->runs[count++] = run;
        }
        before = row;
    }
    t->row_run[BAND_NODES] = count;
    return true;
}

static uint32_t label_at(const struct band_tile *t, int i, int j)
{
    for (uint32_t k = t->row_run[j]; k < t->row_run[j + 1]; k++)
        if (t->runs[k].first <= i && i <= t->runs[k].last) return t->runs[k].label;
    return 0;
}

static void labels_hand_on(const struct band_tile *t, uint32_t *east, uint32_t *north)
{
    for (int k = 0; k < BAND_NODES; k++) {
        east[k] = label_at(t, BAND_NODES - 1, k);
        north[k] = label_at(t, k, BAND_NODES - 1);
    }
}

/* ---- the border ------------------------------------------------------------------------------------------------------- */

/* The edge from node (i, j) to the east, or to the north. */
static uint16_t edge_of(int i, int j, bool north)
{
    return (uint16_t)(2 * (j * BAND_NODES + i) + north);
}

/* The border inside one cell: corners and sides are counted from the south-west corner and the south side, against the
 * clock; side k goes from corner k to corner k + 1. The border enters where a corner within is followed by one beyond,
 * and goes round the corners within that come before. Where only corners across from each other are within, they are
 * parted: nodes hang together along edges of the grid only. */
static void cell_add(struct band_tile *t, int i, int j)
{
    const bool corner[4] = {within(t, i, j), within(t, i + 1, j), within(t, i + 1, j + 1), within(t, i, j + 1)};
    const uint16_t side[4] = {edge_of(i, j, false), edge_of(i + 1, j, true), edge_of(i, j + 1, false), edge_of(i, j, true)};
    bool saddle = corner[0] == corner[2] && corner[1] == corner[3];
    for (int k = 0; k < 4; k++) {
        if (!corner[k] || corner[(k + 1) % 4]) continue;
        int q = (k + 3) % 4;
        while (corner[q]) q = (q + 3) % 4;
        t->next[side[k]] = side[q];
        t->edges[t->edge_count++] = side[k];
        t->entered[side[q]] |= 1;
        if (saddle) {
            t->entered[side[k]] |= 2;
            t->entered[side[q]] |= 2;
        }
    }
}

static void cells_make(struct band_tile *t)
{
    for (int j = 0; j < BAND_CELLS; j++) {
        const uint64_t *low = t->within[j], *high = t->within[j + 1];
        for (int w = 0; w < BAND_WORDS; w++) { /* cells whose corners are not all alike */
            uint64_t low_east = low[w] >> 1, high_east = high[w] >> 1;
            if (w + 1 < BAND_WORDS) {
                low_east |= low[w + 1] << 63;
                high_east |= high[w + 1] << 63;
            }
            uint64_t mixed = (low[w] | low_east | high[w] | high_east) & ~(low[w] & low_east & high[w] & high_east);
            if (w + 1 == BAND_WORDS) mixed &= ~(uint64_t)0 >> 1;
            for (; mixed; mixed &= mixed - 1) cell_add(t, w * 64 + __builtin_ctzll(mixed), j);
        }
    }
}

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Where the distance, taken as linear along the edge, is the width. Coordinates are from the tile's corner. */
static struct crossing crossing_at(const struct band_tile *t, const struct band_border *b, uint16_t edge)
{
    int i = edge / 2 % BAND_NODES, j = edge / 2 / BAND_NODES, north = edge % 2;
    bool base = within(t, i, j);
    double here = sqrtf(t->distance2[j][i]), there = sqrtf(t->distance2[j + north][i + 1 - north]);
    int32_t step = b->step_mm, gap = step / NODE_GAP, slack = step / SLACK;
    double part = (b->width_mm - here) / (there - here); /* infinity beyond gives 0, infinity here NaN: that is 1 */
    int32_t at = part >= 0 && part <= 1 ? (int32_t)floor(part * step + 0.5) : part < 0 ? 0 : step;
    at = clamp(at, gap, step - gap);
    int32_t low = clamp(at - slack, gap, step - gap), high = clamp(at + slack, gap, step - gap);
    struct crossing c = {.x = i * step, .y = j * step, .fixed = t->entered[edge] & 2};
    if (c.fixed) low = high = at;
    c.in_x = c.out_x = c.x;
    c.in_y = c.out_y = c.y;
    if (north) {
        c.y += at;
        c.in_y += base ? low : high;
        c.out_y += base ? high : low;
        c.go_x = base ? -1 : 1;
    } else {
        c.x += at;
        c.in_x += base ? low : high;
        c.out_x += base ? high : low;
        c.go_y = base ? 1 : -1;
    }
    return c;
}

static int64_t cross(int64_t ax, int64_t ay, int64_t bx, int64_t by)
{
    return ax * by - ay * bx;
}

/* The directions that pass between all `in` and `out` so far, as seen from where a chord begins. */
struct cone {
    int64_t left_x, left_y, right_x, right_y;
    int8_t go_x, go_y; /* the border goes up, down or neither in x and in y */
};

static void cone_left(struct cone *c, int64_t x, int64_t y)
{
    if (cross(c->left_x, c->left_y, x, y) < 0) c->left_x = x, c->left_y = y;
}

static void cone_right(struct cone *c, int64_t x, int64_t y)
{
    if (cross(c->right_x, c->right_y, x, y) > 0) c->right_x = x, c->right_y = y;
}

/* Narrows it to what crosses one more edge, in the border's direction; false when nothing does. All vectors compared
 * lie in one half plane, so their order by angle is that of their cross products. */
static bool cone_narrow(struct cone *c, const struct crossing *from, const struct crossing *over)
{
    int64_t ahead = over->go_x ? (int64_t)over->go_x * (over->x - from->x) : (int64_t)over->go_y * (over->y - from->y);
    if (ahead <= 0 || over->go_x * c->go_x < 0 || over->go_y * c->go_y < 0) return false;
    bool known = (over->go_x && c->go_x) || (over->go_y && c->go_y);
    if (!known && (c->go_x || c->go_y)) { /* it has turned: only what goes both ways is left */
        bool to_left = cross(c->go_x, c->go_y, over->go_x, over->go_y) > 0;
        if (to_left) cone_left(c, over->go_x, over->go_y), cone_right(c, c->go_x, c->go_y);
        else cone_left(c, c->go_x, c->go_y), cone_right(c, over->go_x, over->go_y);
    } else if (!known) {
        c->left_x = -over->go_y, c->left_y = over->go_x;
        c->right_x = over->go_y, c->right_y = -over->go_x;
    }
    c->go_x |= over->go_x;
    c->go_y |= over->go_y;
    cone_left(c, over->in_x - from->x, over->in_y - from->y);
    cone_right(c, over->out_x - from->x, over->out_y - from->y);
    return cross(c->right_x, c->right_y, c->left_x, c->left_y) >= 0;
}

static bool cone_holds(const struct cone *c, const struct crossing *from, const struct crossing *to)
{
    int64_t x = to->x - from->x, y = to->y - from->y;
    if (x * c->go_x < 0 || y * c->go_y < 0) return false;
    return cross(c->right_x, c->right_y, x, y) >= 0 && cross(x, y, c->left_x, c->left_y) >= 0;
}

static bool point_add(struct band_border *b, int32_t tx, int32_t ty, const struct crossing *c)
{
    if (b->point_count == b->point_room) {
        size_t more = b->point_room ? 2 * b->point_room : 4096;
        struct point_mm *grown = realloc(b->points, more * sizeof *grown);
        if (!grown) return false;
        b->points = grown;
        b->point_room = more;
    }
    int64_t x = (int64_t)tx * BAND_CELLS * b->step_mm + c->x, y = (int64_t)ty * BAND_CELLS * b->step_mm + c->y;
    b->points[b->point_count++] = (struct point_mm){(int32_t)x, (int32_t)y};
    return true;
}

/* The chain's points with as few of them as chords allow that cross the same edges of the grid in the same order, each
 * near enough to where the chain does. So chords of different chains, which have no edge in common, cannot meet. */
static bool chain_thin(struct band_tile *t, struct band_border *b, int32_t tx, int32_t ty, uint32_t count, bool ring)
{
    const struct crossing *chain = t->chain;
    uint32_t from = 0;
    if (!point_add(b, tx, ty, &chain[0])) return false;
    while (from + 1 < count) {
        struct cone cone = {0};
        uint32_t best = from + 1;
        for (uint32_t k = from + 1; k + 1 < count && cone_narrow(&cone, &chain[from], &chain[k]); k++) {
            if (!cone_holds(&cone, &chain[from], &chain[k + 1])) continue;
            best = k + 1;
        }
        from = best;
        if (ring && from + 1 == count) break; /* that is the first again */
        if (!point_add(b, tx, ty, &chain[from])) return false;
    }
    return true;
}

static uint64_t edge_name(int32_t tx, int32_t ty, uint16_t edge)
{
    uint64_t x = (uint64_t)((int64_t)tx * BAND_CELLS + edge / 2 % BAND_NODES + ((int64_t)1 << 31));
    uint64_t y = (uint64_t)((int64_t)ty * BAND_CELLS + edge / 2 / BAND_NODES + ((int64_t)1 << 30));
    return x << 32 | y << 1 | (edge & 1);
}

/* Follows the border from an edge and forgets the way behind it. */
static bool chain_draw(struct band_tile *t, struct band_border *b, int32_t tx, int32_t ty, uint16_t edge)
{
    uint32_t count = 0;
    uint16_t last = edge;
    for (uint16_t e = edge; e != NO_EDGE;) {
        uint16_t next = t->next[e];
        t->chain[count++] = crossing_at(t, b, e);
        t->next[e] = NO_EDGE;
        last = e;
        e = next;
        if (e == edge) { /* a ring */
            t->chain[count++] = t->chain[0];
            last = edge;
            break;
        }
    }
    int i = edge / 2 % BAND_NODES, j = edge / 2 / BAND_NODES, north = edge % 2;
    bool base = within(t, i, j), ring = last == edge;
    struct band_chain chain = {.enter = edge_name(tx, ty, edge), .leave = edge_name(tx, ty, last), .first = b->point_count,
                               .label = base ? label_at(t, i, j) : label_at(t, i + 1 - north, j + north)};
    if (b->chain_count == b->chain_room) {
        size_t more = b->chain_room ? 2 * b->chain_room : 1024;
        struct band_chain *grown = realloc(b->chains, more * sizeof *grown);
        if (!grown) return false;
        b->chains = grown;
        b->chain_room = more;
    }
    if (!chain_thin(t, b, tx, ty, count, ring)) return false;
    chain.count = (uint32_t)(b->point_count - chain.first);
    b->chains[b->chain_count++] = chain;
    return true;
}

bool band_tile_draw(struct band_tile *t, struct band_border *b, int32_t tx, int32_t ty, const uint32_t *west,
                    const uint32_t *south, uint32_t *east, uint32_t *north)
{
    t->edge_count = 0;
    rows_make(t, (float)b->width_mm * (float)b->width_mm);
    bool good = runs_make(t, b, west, south);
    if (good) {
        labels_hand_on(t, east, north);
        cells_make(t);
    }
    for (uint32_t k = 0; k < t->edge_count && good; k++) /* what comes in from another tile first */
        if (!(t->entered[t->edges[k]] & 1)) good = chain_draw(t, b, tx, ty, t->edges[k]);
    for (uint32_t k = 0; k < t->edge_count && good; k++)
        if (t->next[t->edges[k]] != NO_EDGE) good = chain_draw(t, b, tx, ty, t->edges[k]);
    memset(t->entered, 0, t->edge_count ? sizeof t->entered : 0);
    for (int j = 0; j < BAND_NODES; j++) {
        for (int32_t i = t->row_first[j]; i <= t->row_last[j]; i++) t->distance2[j][i] = INFINITY;
        t->row_first[j] = BAND_NODES;
        t->row_last[j] = -1;
    }
    return good;
}
