#include "geo/area_cells.h"

#include <string.h>

enum { WORDS = AREA_CELLS_SIDE / 64 };

static uint32_t cell_of(const struct area_cells *cells, int64_t at_mm, int32_t least_mm)
{
    return at_mm > least_mm ? (uint32_t)((at_mm - least_mm) >> cells->shift) : 0;
}

static uint32_t column_of(const struct area_cells *cells, int64_t x_mm)
{
    const int64_t most = cells->box.max_x_mm;
    return cell_of(cells, x_mm < most ? x_mm : most, cells->box.min_x_mm);
}

/* Of the bits from..to of a row those in a word that has some of them. */
static uint64_t bits_in(uint32_t word, uint32_t from, uint32_t to)
{
    uint64_t mask = UINT64_MAX;
    if (word == from / 64) mask &= UINT64_MAX << from % 64;
    if (word == to / 64) mask &= UINT64_MAX >> (63 - to % 64);
    return mask;
}

static void border_add(struct area_cells *cells, uint32_t row, int64_t from_mm, int64_t to_mm)
{
    const uint32_t from = column_of(cells, from_mm), to = column_of(cells, to_mm);
    for (uint32_t w = from / 64; w <= to / 64; w++) cells->border[row][w] |= bits_in(w, from, to);
}

/* The cells of an edge, row by row. Where it crosses the middle of a row inside and outside change places: for now only that cell
 * is marked so. Doubles cut off less than the two millimetres added on each side, and the cell of a crossing is on the border
 * whatever they say. */
static void edge_add(struct area_cells *cells, struct point_mm a, struct point_mm b)
{
    if (a.y_mm > b.y_mm) {
        const struct point_mm swap = a;
        a = b;
        b = swap;
    }
    const int32_t least = cells->box.min_y_mm;
    const uint32_t last = cell_of(cells, b.y_mm, least);
    const double slope = a.y_mm < b.y_mm ? ((double)b.x_mm - a.x_mm) / ((double)b.y_mm - a.y_mm) : 0;
    int64_t x = a.x_mm;
    for (uint32_t row = cell_of(cells, a.y_mm, least); row <= last; row++) {
        const int64_t begin = least + ((int64_t)row << cells->shift), middle = begin + ((int64_t)1 << cells->shift) / 2;
        int64_t next = b.x_mm;
        if (row < last) next = a.x_mm + (int64_t)(slope * (double)(begin + ((int64_t)1 << cells->shift) - a.y_mm));
        border_add(cells, row, (x < next ? x : next) - 2, (x < next ? next : x) + 2);
        if ((a.y_mm < middle) != (b.y_mm < middle)) {
            const uint32_t column = column_of(cells, a.x_mm + (int64_t)(slope * (double)(middle - a.y_mm)));
            cells->inside[row][column / 64] ^= (uint64_t)1 << column % 64;
            cells->border[row][column / 64] |= (uint64_t)1 << column % 64;
        }
        x = next;
    }
}

/* From where inside and outside change places to what is inside: each bit becomes the parity of those up to it. */
static void row_fill(uint64_t *words)
{
    uint64_t before = 0; /* all ones after an odd number */
    for (uint32_t w = 0; w < WORDS; w++) {
        uint64_t bits = words[w];
        for (int by = 1; by < 64; by *= 2) bits ^= bits << by;
        words[w] = bits ^ before;
        before = words[w] >> 63 ? UINT64_MAX : 0;
    }
}

void area_cells_fill(struct area_cells *cells, const struct multipolygon_mm *shape)
{
    cells->box = box_mm_of(shape->points, shape->point_count);
    const int64_t width = (int64_t)cells->box.max_x_mm - cells->box.min_x_mm, height = (int64_t)cells->box.max_y_mm - cells->box.min_y_mm;
    cells->shift = 0;
    while ((width > height ? width : height) >> cells->shift >= AREA_CELLS_SIDE) cells->shift++;
    const uint32_t rows = cell_of(cells, cells->box.max_y_mm, cells->box.min_y_mm) + 1;
    memset(cells->border, 0, rows * sizeof *cells->border);
    memset(cells->inside, 0, rows * sizeof *cells->inside);
    for (uint32_t r = 0; r < shape->ring_count; r++)
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++)
            edge_add(cells, shape->points[i], shape->points[i + 1]);
    for (uint32_t r = 0; r < rows; r++) row_fill(cells->inside[r]);
}

enum area_place area_cells_place(const struct area_cells *cells, const struct box_mm *box)
{
    const struct box_mm *all = &cells->box;
    if (!box_mm_intersects(box, all)) return AREA_OUTSIDE;
    bool in = false, out = box->min_x_mm < all->min_x_mm || box->max_x_mm > all->max_x_mm || box->min_y_mm < all->min_y_mm ||
                           box->max_y_mm > all->max_y_mm;
    const uint32_t from = column_of(cells, box->min_x_mm), to = column_of(cells, box->max_x_mm);
    const int32_t max_y = box->max_y_mm < all->max_y_mm ? box->max_y_mm : all->max_y_mm;
    const uint32_t last = cell_of(cells, max_y, all->min_y_mm);
    for (uint32_t row = cell_of(cells, box->min_y_mm, all->min_y_mm); row <= last; row++)
        for (uint32_t w = from / 64; w <= to / 64; w++) {
            const uint64_t mask = bits_in(w, from, to), inside = cells->inside[row][w] & mask;
            if (cells->border[row][w] & mask) return AREA_BORDER;
            in = in || inside != 0;
            out = out || inside != mask;
        }
    return in == out ? AREA_BORDER : in ? AREA_INSIDE : AREA_OUTSIDE;
}
