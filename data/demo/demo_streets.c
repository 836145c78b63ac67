#include "data/demo/demo_streets.h"

#include "data/demo/demo_random.h"
#include "data/demo/demo_territory.h"

enum { ARTERIAL_EVERY = 3, PURPOSE_JITTER = 20, BAN_WEST = -6, BAN_EAST = 6, BAN_SOUTH = -6, BAN_NORTH = 6 };

static double block_m(unsigned town)
{
    return town ? 330 : 440;
}

void demo_ban_corners(struct demo_point *south_west, struct demo_point *north_east)
{
    struct demo_point centre = demo_town_point(0);

    *south_west = (struct demo_point){centre.x_m + BAN_WEST * block_m(0), centre.y_m + BAN_SOUTH * block_m(0)};
    *north_east = (struct demo_point){centre.x_m + BAN_EAST * block_m(0), centre.y_m + BAN_NORTH * block_m(0)};
}

static bool arterial(int index)
{
    return index % ARTERIAL_EVERY == 0;
}

/* Crossing of column i and row k. Arterials are straight: only the minor street's offset is jittered. */
static struct demo_point crossing(const struct demo_model *m, unsigned town, int i, int k)
{
    struct demo_point centre = demo_town_point(town);
    uint64_t key = ((uint64_t)town << 40) + ((uint64_t)(i + 1000) << 20) + (uint64_t)(k + 1000);
    double block = block_m(town);
    double dx = arterial(i) ? 0 : (demo_unit(m->seed, PURPOSE_JITTER, key) - 0.5) * 0.18 * block;
    double dy = arterial(k) ? 0 : (demo_unit(m->seed, PURPOSE_JITTER + 1, key) - 0.5) * 0.18 * block;

    return (struct demo_point){centre.x_m + i * block + dx, centre.y_m + k * block + dy};
}

static const char *street_name(struct demo_model *m, unsigned town, bool column, int index)
{
    static const struct {
        bool column;
        int index;
        const char *name;
    } named[] = {
        {true, BAN_WEST, "北京路"},    {true, -3, "车站路"},       {true, 0, "人民路"},         {true, 3, "独山大道"},
        {true, BAN_EAST, "长江北路"},  {false, BAN_SOUTH, "雪枫路"}, {false, -3, "中州路"},       {false, 0, "建设路"},
        {false, 3, "张衡路"},          {false, BAN_NORTH, "信臣路"},
    };

    for (size_t i = 0; town == 0 && i < sizeof named / sizeof named[0]; i++)
        if (named[i].column == column && named[i].index == index) return named[i].name;
    if (arterial(index))
        return demo_text(m, "%s%s%d路", demo_towns[town].zh, column ? "经" : "纬", index / ARTERIAL_EVERY + 20);
    return demo_text(m, "%s%s%d街", demo_towns[town].zh, column ? "经" : "纬", index + 60);
}

/* Where the straight line of an arterial meets the ring beyond its last crossing. */
static bool ring_point(const struct demo_point *ring, struct demo_point from, struct demo_point towards,
                       struct demo_point *out)
{
    struct demo_point far = demo_point_add(from, demo_direction(from, towards), 20000);

    for (unsigned k = 0; k < DEMO_RING_POINTS; k++) {
        double t, u;

        if (demo_segments_cross(from, far, ring[k], ring[(k + 1) % DEMO_RING_POINTS], &t, &u)) {
            *out = (struct demo_point){from.x_m + t * (far.x_m - from.x_m), from.y_m + t * (far.y_m - from.y_m)};
            return true;
        }
    }
    return false;
}

static enum status draw_street(struct demo_model *m, unsigned town, bool column, int index, struct demo_path *path,
                               struct error *err)
{
    struct demo_point ring[DEMO_RING_POINTS], inner[DEMO_RING_POINTS], end;
    struct demo_line line = {.class = arterial(index) ? (index % 6 == 0 ? ROAD_SECONDARY : ROAD_TERTIARY)
                                                      : ROAD_RESIDENTIAL,
                             .town = town + 1};
    enum status s = STATUS_OK;

    demo_town_ring(town, 1, ring);
    demo_town_ring(town, 0.96, inner);
    path->count = 0;
    for (int along = -40; s == STATUS_OK && along <= 40; along++) {
        struct demo_point p = column ? crossing(m, town, index, along) : crossing(m, town, along, index);

        if (!demo_ring_contains(inner, DEMO_RING_POINTS, p)) continue;
        if (!path->count && arterial(index)) {
            struct demo_point back = p;

            if (column) back.y_m -= 1;
            else back.x_m -= 1;
            if (ring_point(ring, p, back, &end)) s = demo_path_add(path, end, err);
        }
        if (s == STATUS_OK) s = demo_path_add(path, p, err);
    }
    if (s == STATUS_OK && path->count > 1 && arterial(index)) {
        struct demo_point last = path->points[path->count - 1], forth = last;

        if (column) forth.y_m += 1;
        else forth.x_m += 1;
        if (ring_point(ring, last, forth, &end)) s = demo_path_add(path, end, err);
    }
    if (s == STATUS_OK && path->count > 2) {
        line.name = street_name(m, town, column, index);
        /* two minor streets of the city centre form a one-way pair */
        line.oneway = town == 0 && column && (index == 1 || index == 2);
        if (line.oneway && index == 2)
            for (size_t a = 0, b = path->count - 1; a < b; a++, b--) {
                struct demo_point keep = path->points[a];

                path->points[a] = path->points[b];
                path->points[b] = keep;
            }
        s = demo_draw(m, line, path->points, path->count, err);
    }
    return s;
}

enum status demo_draw_streets(struct demo_model *m, struct error *err)
{
    struct demo_path path = {0};
    enum status s = STATUS_OK;

    for (unsigned town = 0; s == STATUS_OK && town < DEMO_TOWNS; town++) {
        int most = (int)(demo_towns[town].ring_m / block_m(town)) + 1;

        for (int i = -most; s == STATUS_OK && i <= most; i++) {
            s = draw_street(m, town, true, i, &path, err);
            if (s == STATUS_OK) s = draw_street(m, town, false, i, &path, err);
        }
    }
    demo_path_clear(&path);
    return s;
}
