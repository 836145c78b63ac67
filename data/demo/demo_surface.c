#include "data/demo/demo_surface.h"

#include "data/demo/demo_territory.h"

/* A point by town (lon_deg < 0: −1 − town) or by place. */
struct via {
    double lon_deg, lat_deg;
};
#define TOWN(n) {-1 - (n), 0}
enum { NANYANG, NANZHAO, FANGCHENG, XIXIA, ZHENPING, NEIXIANG, XICHUAN, SHEQI, TANGHE, XINYE, TONGBAI, DENGZHOU };

struct numbered {
    const char *ref, *name;
    enum road_class class;
    struct via via[14];
};

static const struct numbered numbered[] = {
    {"G312", "沪霍线", ROAD_TRUNK,
     {{113.76, 32.42}, TOWN(TONGBAI), {113.05, 32.54}, TOWN(TANGHE), {112.70, 32.87}, TOWN(NANYANG),
      {112.36, 33.03}, TOWN(ZHENPING), {112.03, 33.06}, TOWN(NEIXIANG), {111.68, 33.16}, TOWN(XIXIA),
      {111.22, 33.38}, {111.04, 33.40}}},
    {"G207", "乌海线", ROAD_TRUNK,
     {{112.36, 33.70}, TOWN(NANZHAO), {112.30, 33.25}, TOWN(ZHENPING), {112.15, 32.86}, TOWN(DENGZHOU),
      {112.06, 32.42}}},
    {"G208", "二淅线", ROAD_TRUNK,
     {TOWN(NANZHAO), {112.12, 33.36}, {111.95, 33.22}, TOWN(NEIXIANG), {111.68, 33.02}, TOWN(XICHUAN)}},
    {"G234", "兴阳线", ROAD_TRUNK,
     {{113.24, 33.52}, TOWN(FANGCHENG), {112.99, 33.16}, TOWN(SHEQI), {112.92, 32.90}, TOWN(TANGHE),
      {112.76, 32.42}}},
    {"G240", "保台线", ROAD_TRUNK, {{113.40, 32.72}, TOWN(TONGBAI), {113.38, 32.26}}},
    {"G241", "呼北线", ROAD_TRUNK,
     {{111.45, 33.68}, TOWN(XIXIA), {111.46, 33.22}, TOWN(XICHUAN), {111.42, 32.96}, {111.46, 32.70}}},
    {"G328", "启老线", ROAD_TRUNK,
     {TOWN(TONGBAI), {113.10, 32.46}, TOWN(TANGHE), {112.60, 32.62}, TOWN(XINYE), {112.20, 32.61},
      TOWN(DENGZHOU), {111.90, 32.50}, {111.72, 32.46}}},
    {"G345", "启那线", ROAD_TRUNK,
     {{113.32, 33.36}, TOWN(FANGCHENG), {112.74, 33.40}, TOWN(NANZHAO), {112.00, 33.44}, TOWN(XIXIA)}},
    {"S103", "郑南线", ROAD_PRIMARY, {TOWN(NANYANG), {112.70, 33.17}, TOWN(FANGCHENG)}},
    {"S231", "南社线", ROAD_PRIMARY, {TOWN(NANYANG), {112.73, 33.02}, TOWN(SHEQI)}},
    {"S230", "南新线", ROAD_PRIMARY, {TOWN(NANYANG), {112.43, 32.76}, TOWN(XINYE)}},
    {"S249", "内邓线", ROAD_PRIMARY, {TOWN(NEIXIANG), {111.90, 32.86}, TOWN(DENGZHOU)}},
    {"S332", "淅邓线", ROAD_PRIMARY, {TOWN(XICHUAN), {111.72, 32.86}, TOWN(DENGZHOU)}},
    {"S333", "南鸭线", ROAD_PRIMARY, {TOWN(NANZHAO), {112.55, 33.24}, TOWN(NANYANG)}},
    {"S234", "方桐线", ROAD_PRIMARY, {TOWN(FANGCHENG), {113.30, 33.02}, {113.28, 32.72}, TOWN(TONGBAI)}},
    {"S240", "社泌线", ROAD_PRIMARY, {TOWN(SHEQI), {113.24, 32.94}, {113.50, 32.90}}},
    {"S338", "新构线", ROAD_PRIMARY, {TOWN(XINYE), {112.22, 32.44}, {112.06, 32.43}}},
    {"S328", "淅荆线", ROAD_PRIMARY, {TOWN(XICHUAN), {111.24, 33.16}, {111.09, 33.26}}},
    {"S335", "镇邓线", ROAD_PRIMARY, {TOWN(ZHENPING), {112.00, 32.90}, {111.90, 32.86}}},
};

static const struct via river[] = {{112.66, 33.80}, {112.70, 33.55},  {112.73, 33.30}, {112.755, 33.10},
                                   {112.77, 32.98}, {112.75, 32.88},  {112.70, 32.80}, {112.66, 32.70},
                                   {112.55, 32.58}, {112.48, 32.45},  {112.44, 32.18}};

static struct demo_point via_point(struct via v)
{
    return v.lon_deg < 0 ? demo_town_point((unsigned)(-1 - v.lon_deg)) : demo_plane_from_degrees(v.lon_deg, v.lat_deg);
}

enum status demo_river(struct demo_path *out, struct error *err)
{
    enum { COUNT = sizeof river / sizeof river[0] };
    struct demo_point controls[COUNT];

    for (size_t i = 0; i < COUNT; i++) controls[i] = via_point(river[i]);
    return demo_path_curve(controls, COUNT, 1200, out, err);
}

/* The parts of a line outside one convex ring, then outside the next: rings do not overlap, so a line is cut by
 * walking its segments and switching at every crossing. */
enum status demo_draw_outside(struct demo_model *m, struct demo_line line, const struct demo_point *points,
                              size_t count, struct error *err)
{
    struct demo_point rings[DEMO_TOWNS][DEMO_RING_POINTS];
    struct demo_path part = {0};
    bool inside = false;
    enum status s = STATUS_OK;

    for (unsigned r = 0; r < DEMO_TOWNS; r++) {
        demo_town_ring(r, 1, rings[r]);
        if (demo_ring_contains(rings[r], DEMO_RING_POINTS, points[0])) inside = true;
    }
    if (!inside) s = demo_path_add(&part, points[0], err);
    for (size_t i = 1; s == STATUS_OK && i < count; i++) {
        double from = 0;

        for (;;) { /* the next crossing on this segment */
            double next = 2;

            for (unsigned r = 0; r < DEMO_TOWNS; r++)
                for (unsigned k = 0; k < DEMO_RING_POINTS; k++) {
                    double t, u;

                    if (demo_segments_cross(points[i - 1], points[i], rings[r][k],
                                            rings[r][(k + 1) % DEMO_RING_POINTS], &t, &u) &&
                        t > from + 1e-9 && t < next)
                        next = t;
                }
            if (next > 1) break;
            s = demo_path_add(&part,
                              (struct demo_point){points[i - 1].x_m + next * (points[i].x_m - points[i - 1].x_m),
                                                  points[i - 1].y_m + next * (points[i].y_m - points[i - 1].y_m)},
                              err);
            if (s != STATUS_OK) break;
            if (!inside) {
                s = demo_draw(m, line, part.points, part.count, err);
                part.count = 0;
            }
            inside = !inside;
            from = next;
            if (s != STATUS_OK) break;
        }
        if (s == STATUS_OK && !inside) s = demo_path_add(&part, points[i], err);
    }
    if (s == STATUS_OK && !inside && part.count > 1) s = demo_draw(m, line, part.points, part.count, err);
    demo_path_clear(&part);
    return s;
}

static enum status draw_rings(struct demo_model *m, struct error *err)
{
    enum status s = STATUS_OK;

    for (unsigned t = 0; s == STATUS_OK && t < DEMO_TOWNS; t++) {
        struct demo_point ring[DEMO_RING_POINTS + 1];

        demo_town_ring(t, 1, ring);
        ring[DEMO_RING_POINTS] = ring[0];
        s = demo_draw(m,
                      (struct demo_line){.class = t ? ROAD_SECONDARY : ROAD_TRUNK,
                                         .name = demo_text(m, "%s环城路", demo_towns[t].zh),
                                         .ref = t ? "" : "G312R"},
                      ring, DEMO_RING_POINTS + 1, err);
    }
    return s;
}

enum status demo_draw_surface(struct demo_model *m, struct error *err)
{
    struct demo_path path = {0};
    enum status s = draw_rings(m, err);

    for (size_t i = 0; s == STATUS_OK && i < sizeof numbered / sizeof numbered[0]; i++) {
        struct demo_point controls[14];
        size_t count = 0;

        while (count < 14 && (numbered[i].via[count].lon_deg != 0)) {
            controls[count] = via_point(numbered[i].via[count]);
            count++;
        }
        path.count = 0;
        s = demo_path_curve(controls, count, 1100, &path, err);
        if (s == STATUS_OK)
            s = demo_draw_outside(m,
                                  (struct demo_line){.class = numbered[i].class, .name = numbered[i].name,
                                                     .ref = numbered[i].ref},
                                  path.points, path.count, err);
    }
    path.count = 0;
    if (s == STATUS_OK) s = demo_river(&path, err);
    if (s == STATUS_OK)
        s = demo_draw(m, (struct demo_line){.kind = DEMO_RIVER, .name = "唐白河"}, path.points, path.count, err);
    demo_path_clear(&path);
    return s;
}

enum status demo_draw_connectors(struct demo_model *m, const struct demo_plaza *plazas, size_t count,
                                 struct error *err)
{
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < count; i++) {
        const struct demo_station *station = &m->stations[plazas[i].station];
        struct demo_point end, path[3] = {plazas[i].point, demo_point_add(plazas[i].point, plazas[i].outward, 150)};

        if (!demo_nearest_surface(m, path[1], &end)) continue;
        path[2] = end;
        s = demo_draw(m,
                      (struct demo_line){.class = ROAD_SECONDARY,
                                         .name = demo_text(m, "%s站连接线", station->name)},
                      path, 3, err);
    }
    return s;
}
