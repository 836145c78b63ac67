#include "api/style/glyph_field.h"

#include <math.h>

/* Values end here: 0 outside, and inside they reached 255 long before. */
static const float REACH_PX = GLYPH_RADIUS_PX * 0.75F;

struct glyph_box glyph_box_around(const struct glyph_edge *edges, size_t count)
{
    if (count == 0) return (struct glyph_box){0};
    float left = INFINITY, bottom = INFINITY, right = -INFINITY, top = -INFINITY;
    for (size_t i = 0; i < count; i++) { /* outlines are closed: every end is a beginning */
        left = fminf(left, edges[i].x0), right = fmaxf(right, edges[i].x0);
        bottom = fminf(bottom, edges[i].y0), top = fmaxf(top, edges[i].y0);
    }
    return (struct glyph_box){(int)floorf(left), (int)floorf(bottom), (int)ceilf(right), (int)ceilf(top)};
}

static int between(float value, int least, int most)
{
    return value < (float)least ? least : value > (float)most ? most : (int)value;
}

static float squared_distance(const struct glyph_edge *e, float x, float y)
{
    float dx = e->x1 - e->x0, dy = e->y1 - e->y0, px = x - e->x0, py = y - e->y0;
    float length = dx * dx + dy * dy, along = length > 0 ? (px * dx + py * dy) / length : 0;
    along = along < 0 ? 0 : along > 1 ? 1 : along;
    px -= along * dx, py -= along * dy;
    return px * px + py * py;
}

/* How often the outlines go round a point; counted along the line to its left. */
static int winding_at(const struct glyph_edge *edges, size_t count, float x, float y)
{
    int around = 0;
    for (size_t i = 0; i < count; i++) {
        const struct glyph_edge *e = &edges[i];
        if ((e->y0 <= y) == (e->y1 <= y) || e->x0 + (y - e->y0) / (e->y1 - e->y0) * (e->x1 - e->x0) > x) continue;
        around += e->y1 > e->y0 ? 1 : -1;
    }
    return around;
}

/* The grid of pixel centres: column c at west + c + ½, row r at north − r − ½. */
struct grid {
    float west, north;
    int columns, rows;
    float *near;
    int *winding;
};

static void come_near(struct grid *g, const struct glyph_edge *e)
{
    int first_c = between(ceilf(fminf(e->x0, e->x1) - REACH_PX - g->west - 0.5F), 0, g->columns);
    int last_c = between(floorf(fmaxf(e->x0, e->x1) + REACH_PX - g->west - 0.5F) + 1, 0, g->columns);
    int first_r = between(ceilf(g->north - 0.5F - fmaxf(e->y0, e->y1) - REACH_PX), 0, g->rows);
    int last_r = between(floorf(g->north - 0.5F - fminf(e->y0, e->y1) + REACH_PX) + 1, 0, g->rows);
    for (int r = first_r; r < last_r; r++) {
        float y = g->north - (float)r - 0.5F, *row = g->near + (size_t)r * (size_t)g->columns;
        for (int c = first_c; c < last_c; c++) row[c] = fminf(row[c], squared_distance(e, g->west + (float)c + 0.5F, y));
    }
}

/* Where an edge crosses a row of centres, everything to its right is wound round once more. */
static void wind(struct grid *g, const struct glyph_edge *e)
{
    int first_r = between(ceilf(g->north - 0.5F - fmaxf(e->y0, e->y1)), 0, g->rows);
    int last_r = between(floorf(g->north - 0.5F - fminf(e->y0, e->y1)) + 1, 0, g->rows);
    for (int r = first_r; r < last_r; r++) {
        float y = g->north - (float)r - 0.5F;
        if ((e->y0 <= y) == (e->y1 <= y)) continue;
        float x = e->x0 + (y - e->y0) / (e->y1 - e->y0) * (e->x1 - e->x0);
        int c = between(ceilf(x - g->west - 0.5F), 0, g->columns);
        if (c < g->columns) g->winding[r * g->columns + c] += e->y1 > e->y0 ? 1 : -1;
    }
}

/* Sums along the rows; whether something is gone round more than once: then outlines overlap. */
static bool wind_up(struct grid *g)
{
    bool twice = false;
    for (int r = 0; r < g->rows; r++) {
        int around = 0, *row = g->winding + (size_t)r * (size_t)g->columns;
        for (int c = 0; c < g->columns; c++) row[c] = around += row[c], twice = twice || around > 1 || around < -1;
    }
    return twice;
}

/* Of letters that are put together from outlines that overlap, what lies within another is no edge: piece by piece. */
static void come_near_where_seen(struct grid *g, const struct glyph_edge *edges, size_t count, const struct glyph_edge *e)
{
    static const float PIECE_PX = 0.5F, ASIDE_PX = 0.02F;
    float length = hypotf(e->x1 - e->x0, e->y1 - e->y0), dx = e->x1 - e->x0, dy = e->y1 - e->y0;
    int pieces = 1 + (int)(length / PIECE_PX);
    if (length <= 0) return;
    for (int i = 0; i < pieces; i++) {
        float from = (float)i / (float)pieces, to = (float)(i + 1) / (float)pieces, middle = (from + to) / 2;
        float x = e->x0 + middle * dx, y = e->y0 + middle * dy, aside_x = -dy / length * ASIDE_PX, aside_y = dx / length * ASIDE_PX;
        if (winding_at(edges, count, x + aside_x, y + aside_y) && winding_at(edges, count, x - aside_x, y - aside_y)) continue;
        come_near(g, &(struct glyph_edge){e->x0 + from * dx, e->y0 + from * dy, e->x0 + to * dx, e->y0 + to * dy});
    }
}

void glyph_field_draw(const struct glyph_edge *edges, size_t count, const struct glyph_box *box, bool may_overlap, float *near, int *winding, uint8_t *out)
{
    struct grid g = {(float)(box->left - GLYPH_BORDER_PX), (float)(box->top + GLYPH_BORDER_PX), box->right - box->left + 2 * GLYPH_BORDER_PX,
                     box->top - box->bottom + 2 * GLYPH_BORDER_PX, near, winding};
    int pixels = g.columns * g.rows;
    for (int i = 0; i < pixels; i++) near[i] = REACH_PX * REACH_PX, winding[i] = 0;
    for (size_t i = 0; i < count; i++) wind(&g, &edges[i]);
    bool overlapping = wind_up(&g) || may_overlap;
    for (size_t i = 0; i < count; i++) {
        if (overlapping) come_near_where_seen(&g, edges, count, &edges[i]);
        else come_near(&g, &edges[i]);
    }
    for (int i = 0; i < pixels; i++) {
        float d = winding[i] ? -sqrtf(near[i]) : sqrtf(near[i]);
        float value = roundf(255.0F - 255.0F * (d / (float)GLYPH_RADIUS_PX + 0.25F));
        out[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}
