#include "data/demo/demo_villages.h"

#include "data/demo/demo_random.h"
#include "data/demo/demo_surface.h"
#include "data/demo/demo_territory.h"

#include <math.h>

enum { PURPOSE_X = 40, PURPOSE_Y, PURPOSE_TREE, PURPOSE_EXTRA, PURPOSE_BEND, PURPOSE_CUT };

static const double west_m = -134000, south_m = -88000, east_m = 136000, north_m = 90000;

double demo_village_spacing_m(const struct demo_model *m)
{
    return 1850 / sqrt((double)m->scale);
}

static uint64_t key(int i, int k)
{
    return ((uint64_t)(uint32_t)i << 32) | (uint32_t)k;
}

static struct demo_point village(const struct demo_model *m, double spacing, int i, int k)
{
    double jx = (demo_unit(m->seed, PURPOSE_X, key(i, k)) - 0.5) * 0.62;
    double jy = (demo_unit(m->seed, PURPOSE_Y, key(i, k)) - 0.5) * 0.62;

    return (struct demo_point){west_m + (i + 0.5 + jx) * spacing, south_m + (k + 0.5 + jy) * spacing};
}

static bool usable(struct demo_point p)
{
    if (!demo_territory_contains(p)) return false;
    for (unsigned t = 0; t < DEMO_TOWNS; t++) {
        struct demo_point ring[DEMO_RING_POINTS];

        if (demo_distance(p, demo_town_point(t)) > 1.4 * demo_towns[t].ring_m) continue;
        demo_town_ring(t, 1.03, ring);
        if (demo_ring_contains(ring, DEMO_RING_POINTS, p)) return false;
    }
    return true;
}

/* Class of a lattice line: every sixth row or column is a county road, every third a township road. */
static enum road_class lattice_class(int index)
{
    return index % 6 == 0 ? ROAD_SECONDARY : index % 3 == 0 ? ROAD_TERTIARY : ROAD_UNCLASSIFIED;
}

static enum status draw_edge(struct demo_model *m, int i, int k, bool up, struct demo_point a, struct demo_point b,
                             struct error *err)
{
    int index = up ? i : k;
    uint64_t edge = key(i, k) * 2 + up;
    struct demo_point side = demo_right(demo_direction(a, b));
    double length = demo_distance(a, b);
    double bend = (demo_unit(m->seed, PURPOSE_BEND, edge) - 0.5) * 0.16 * length;
    struct demo_point points[4] = {a,
                                   demo_point_add(demo_point_add(a, demo_direction(a, b), length * 0.34), side, bend),
                                   demo_point_add(demo_point_add(a, demo_direction(a, b), length * 0.67), side,
                                                  bend * 0.8),
                                   b};
    struct demo_line line = {.class = lattice_class(index), .kind = DEMO_OPTIONAL};

    if (line.class == ROAD_SECONDARY) {
        line.ref = demo_text(m, "X%03d", (index / 6) % 400 + (up ? 500 : 1));
        line.name = "县道";
    } else if (line.class == ROAD_TERTIARY) {
        line.ref = demo_text(m, "Y%03d", (index / 3) % 400 + (up ? 500 : 1));
        line.name = "乡道";
    } else {
        line.name = "村道";
    }
    return demo_draw(m, line, points, 4, err);
}

enum status demo_draw_villages(struct demo_model *m, struct error *err)
{
    const double spacing = demo_village_spacing_m(m);
    const int columns = (int)((east_m - west_m) / spacing), rows = (int)((north_m - south_m) / spacing);
    enum status s = STATUS_OK;

    for (int k = 0; s == STATUS_OK && k < rows; k++)
        for (int i = 0; s == STATUS_OK && i < columns; i++) {
            struct demo_point here = village(m, spacing, i, k);
            bool tree_up = demo_hash(m->seed, PURPOSE_TREE, key(i, k)) & 1;

            if (!usable(here)) continue;
            for (int up = 0; s == STATUS_OK && up < 2; up++) {
                struct demo_point there = village(m, spacing, up ? i : i + 1, up ? k + 1 : k);
                enum road_class class = lattice_class(up ? i : k);
                uint64_t edge = key(i, k) * 2 + (unsigned)up;
                bool keep = tree_up == up || demo_unit(m->seed, PURPOSE_EXTRA, edge) < 0.42;

                if (class == ROAD_SECONDARY) keep = true;
                if (class == ROAD_UNCLASSIFIED && demo_unit(m->seed, PURPOSE_CUT, edge) < 0.05) keep = false;
                if (keep && usable(there)) s = draw_edge(m, i, k, up, here, there, err);
            }
        }
    return s;
}
