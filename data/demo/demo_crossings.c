#include "data/demo/demo_crossings.h"

#include <math.h>
#include <stdlib.h>

static const double touch_m = 1.0;

struct segment {
    struct demo_point a, b;
    double along_m; /* of a, from the line's start */
    uint32_t line;
    bool surface;
};

struct grid {
    double west_m, south_m, cell_m;
    uint32_t columns, rows;
    uint32_t *first, *items; /* segments by cell (CSR) */
    struct segment *segments;
    uint32_t segment_count;
};

static void grid_clear(struct grid *g)
{
    free(g->first);
    free(g->items);
    free(g->segments);
    *g = (struct grid){0};
}

static bool is_surface(const struct demo_line *line)
{
    return line->kind == DEMO_SURFACE || line->kind == DEMO_OPTIONAL;
}

static uint32_t clamped(double v, uint32_t count)
{
    return v < 0 ? 0 : v >= count ? count - 1 : (uint32_t)v;
}

/* The cells that a segment's box (widened by the touching distance) covers. */
static void cells_of(const struct grid *g, const struct segment *s, uint32_t box[4])
{
    box[0] = clamped((fmin(s->a.x_m, s->b.x_m) - 2 - g->west_m) / g->cell_m, g->columns);
    box[1] = clamped((fmin(s->a.y_m, s->b.y_m) - 2 - g->south_m) / g->cell_m, g->rows);
    box[2] = clamped((fmax(s->a.x_m, s->b.x_m) + 2 - g->west_m) / g->cell_m, g->columns);
    box[3] = clamped((fmax(s->a.y_m, s->b.y_m) + 2 - g->south_m) / g->cell_m, g->rows);
}

static enum status grid_build(const struct demo_model *m, struct grid *g, struct error *err)
{
    uint64_t entries = 0, segments = 0;
    uint32_t box[4];

    *g = (struct grid){.west_m = -160000, .south_m = -110000, .cell_m = 1200 / sqrt((double)m->scale)};
    g->columns = (uint32_t)(320000 / g->cell_m) + 1;
    g->rows = (uint32_t)(220000 / g->cell_m) + 1;
    for (size_t l = 0; l < m->line_count; l++) segments += m->lines[l].point_count - 1;
    g->first = calloc((size_t)g->columns * g->rows + 1, sizeof *g->first);
    g->segments = malloc((segments + 1) * sizeof *g->segments);
    if (!g->first || !g->segments || segments >= UINT32_MAX) goto no_memory;
    for (size_t l = 0; l < m->line_count; l++) {
        const struct demo_point *p = m->points + m->lines[l].first_point;
        double along = 0;

        for (size_t i = 1; i < m->lines[l].point_count; i++) {
            struct segment s = {p[i - 1], p[i], along, (uint32_t)l, is_surface(&m->lines[l])};

            along += demo_distance(p[i - 1], p[i]);
            g->segments[g->segment_count++] = s;
            cells_of(g, &s, box);
            for (uint32_t y = box[1]; y <= box[3]; y++)
                for (uint32_t x = box[0]; x <= box[2]; x++) g->first[(size_t)y * g->columns + x]++;
            entries += (uint64_t)(box[2] - box[0] + 1) * (box[3] - box[1] + 1);
        }
    }
    if (entries >= UINT32_MAX) goto no_memory;
    g->items = malloc((entries + 1) * sizeof *g->items);
    if (!g->items) goto no_memory;
    for (size_t c = 0, sum = 0; c <= (size_t)g->columns * g->rows; c++) { /* counts become ends, filling makes starts */
        sum += g->first[c];
        g->first[c] = (uint32_t)sum;
    }
    for (uint32_t k = g->segment_count; k-- > 0;) {
        cells_of(g, &g->segments[k], box);
        for (uint32_t y = box[1]; y <= box[3]; y++)
            for (uint32_t x = box[0]; x <= box[2]; x++) g->items[--g->first[(size_t)y * g->columns + x]] = k;
    }
    return STATUS_OK;
no_memory:
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status add(struct demo_meetings *out, const struct segment *s, const struct segment *other, double t,
                       struct demo_point point, struct error *err)
{
    if (out->count == out->capacity) {
        size_t capacity = out->capacity ? out->capacity * 2 : 4096;
        struct demo_meeting *items = realloc(out->items, capacity * sizeof *items);

        if (!items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        out->items = items;
        out->capacity = capacity;
    }
    out->items[out->count++] = (struct demo_meeting){s->line, other->line,
                                                     s->along_m + t * demo_distance(s->a, s->b), point};
    return STATUS_OK;
}

static bool in_cell(const struct grid *g, struct demo_point p, uint32_t x, uint32_t y)
{
    return clamped((p.x_m - g->west_m) / g->cell_m, g->columns) == x &&
           clamped((p.y_m - g->south_m) / g->cell_m, g->rows) == y;
}

/* The meeting of two segments, reported only in the cell that holds the point, so that it is found once. */
static enum status meet(const struct grid *g, uint32_t x, uint32_t y, const struct segment *s,
                        const struct segment *o, struct demo_meetings *out, struct error *err)
{
    double t = 0, u = 0;
    struct demo_point p;
    bool met = false;
    enum status status = STATUS_OK;

    if (fmax(s->a.x_m, s->b.x_m) + 2 < fmin(o->a.x_m, o->b.x_m) || fmax(o->a.x_m, o->b.x_m) + 2 < fmin(s->a.x_m, s->b.x_m) ||
        fmax(s->a.y_m, s->b.y_m) + 2 < fmin(o->a.y_m, o->b.y_m) || fmax(o->a.y_m, o->b.y_m) + 2 < fmin(s->a.y_m, s->b.y_m))
        return STATUS_OK;
    if (s->surface && o->surface) { /* an end on the other line is the meeting point, exactly as drawn */
        const struct demo_point ends[4] = {s->a, s->b, o->a, o->b};

        for (int e = 0; e < 4 && !met; e++) {
            const struct segment *on = e < 2 ? o : s;
            double place;

            if (demo_segment_distance(ends[e], on->a, on->b, &place) > touch_m) continue;
            met = true;
            p = ends[e];
            t = e == 0 ? 0 : e == 1 ? 1 : place;
            u = e == 2 ? 0 : e == 3 ? 1 : place;
        }
    }
    if (!met) {
        met = demo_segments_cross(s->a, s->b, o->a, o->b, &t, &u);
        p = (struct demo_point){s->a.x_m + t * (s->b.x_m - s->a.x_m), s->a.y_m + t * (s->b.y_m - s->a.y_m)};
    }
    if (!met || !in_cell(g, p, x, y)) return STATUS_OK;
    if (s->surface) status = add(out, s, o, t, p, err);
    if (status == STATUS_OK && o->surface) status = add(out, o, s, u, p, err);
    return status;
}

static int compare(const void *a, const void *b)
{
    const struct demo_meeting *x = a, *y = b;

    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->along_m != y->along_m) return x->along_m < y->along_m ? -1 : 1;
    if (x->other != y->other) return x->other < y->other ? -1 : 1;
    return 0;
}

enum status demo_meetings_find(const struct demo_model *m, struct demo_meetings *out, struct error *err)
{
    struct grid g;
    enum status s = grid_build(m, &g, err);

    *out = (struct demo_meetings){0};
    for (uint32_t y = 0; s == STATUS_OK && y < g.rows; y++)
        for (uint32_t x = 0; s == STATUS_OK && x < g.columns; x++) {
            size_t cell = (size_t)y * g.columns + x;

            for (uint32_t i = g.first[cell]; s == STATUS_OK && i < g.first[cell + 1]; i++)
                for (uint32_t k = i + 1; s == STATUS_OK && k < g.first[cell + 1]; k++) {
                    const struct segment *a = g.segments + g.items[i], *b = g.segments + g.items[k];

                    if (a->line != b->line && (a->surface || b->surface)) s = meet(&g, x, y, a, b, out, err);
                }
        }
    if (s == STATUS_OK && out->count) qsort(out->items, out->count, sizeof *out->items, compare);
    grid_clear(&g);
    return s;
}
