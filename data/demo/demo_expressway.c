#include "data/demo/demo_expressway.h"

#include "data/demo/demo_territory.h"
#include "data/demo/demo_interchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct control {
    double lon_deg, lat_deg;
    const char *station; /* NULL: only a bend */
};

struct expressway {
    const char *ref, *name;
    struct control controls[16];
};

static const struct expressway expressways[DEMO_EXPRESSWAYS] = {
    {"G40", "沪陕高速",
     {{113.72, 32.50, "毛集"}, {113.38, 32.44, "桐柏北"}, {113.10, 32.58, "安棚"}, {112.90, 32.72, "唐河东"},
      {112.76, 32.77, "唐河北"}, {112.60, 32.89, NULL}, {112.52, 32.91, "南阳南"}, {112.40, 32.925, NULL},
      {112.22, 32.99, "镇平"}, {112.03, 33.01, NULL}, {111.86, 33.09, "内乡"}, {111.66, 33.20, "丹水"},
      {111.50, 33.26, "西峡"}, {111.36, 33.31, "重阳"}, {111.08, 33.37, "西坪"}}},
    {"G55", "二广高速",
     {{112.52, 33.66, "皇后"}, {112.47, 33.45, "南召"}, {112.47, 33.25, "鸭河"}, {112.43, 33.09, "南阳北"},
      {112.42, 32.99, "南阳西"}, {112.27, 32.86, "穰东"}, {112.17, 32.69, "邓州东"}, {112.14, 32.46, "构林"}}},
    {"G0421", "许广高速",
     {{113.52, 32.75, "朱庄"}, {113.47, 32.58, "程湾"}, {113.46, 32.38, "桐柏东"}, {113.49, 32.29, "月河"}}},
    {"G59", "呼北高速",
     {{111.18, 33.61, "寨根"}, {111.24, 33.46, "西峡西"}, {111.28, 33.23, "毛堂"}, {111.32, 33.06, "淅川西"},
      {111.34, 32.94, "寺湾"}}},
    {"S57", "渑淅高速",
     {{111.62, 33.65, "老界岭"}, {111.60, 33.47, "军马河"}, {111.57, 33.31, "西峡东"}, {111.54, 33.14, "淅川"},
      {111.57, 32.98, "马蹬"}}},
    {"S81", "商南高速",
     {{112.61, 33.07, "独山"}, {112.69, 33.085, "红泥湾"}, {112.80, 33.09, "社旗西"}, {113.10, 33.16, NULL},
      {113.32, 33.22, "小史店"}}},
    {"S83", "兰南高速",
     {{113.22, 33.46, "独树"}, {113.06, 33.30, "方城"}, {113.03, 33.20, NULL}, {112.90, 33.13, NULL},
      {112.85, 33.02, "社旗南"}, {112.69, 32.925, "南阳东"}, {112.60, 32.83, "双铺"}}},
    {"S49", "焦唐高速",
     {{113.20, 33.60, "拐河"}, {113.10, 33.50, "四里店"}, {113.14, 33.26, "方城东"}, {113.07, 33.00, "社旗东"},
      {112.97, 32.83, "古城"}, {112.94, 32.61, "唐河南"}, {112.87, 32.48, "祁仪"}}},
    {"S98", "内邓高速",
     {{111.97, 33.12, "马山口"}, {111.95, 32.96, "灌涨"}, {111.99, 32.82, "张村"}, {112.02, 32.70, "邓州西"},
      {112.03, 32.54, "渠首"}}},
    {"S99", "邓老高速",
     {{112.25, 32.56, "刘集"}, {112.09, 32.60, "邓州南"}, {111.96, 32.57, NULL}, {111.80, 32.56, "彭桥"},
      {111.68, 32.60, "九重"}}},
};

const char *demo_route_name(const char *route)
{
    for (size_t i = 0; i < DEMO_EXPRESSWAYS; i++)
        if (strcmp(expressways[i].ref, route) == 0) return expressways[i].name;
    return NULL;
}

bool demo_nearest_surface(const struct demo_model *m, struct demo_point p, struct demo_point *nearest)
{
    double best_m = INFINITY;

    for (size_t l = 0; l < m->line_count; l++) {
        const struct demo_line *line = m->lines + l;
        const struct demo_point *points = m->points + line->first_point;

        if (line->kind != DEMO_SURFACE || line->class > ROAD_SECONDARY || line->town) continue;
        for (size_t i = 1; i < line->point_count; i++) {
            double t, d = demo_segment_distance(p, points[i - 1], points[i], &t);

            if (d >= best_m) continue;
            best_m = d;
            *nearest = (struct demo_point){points[i - 1].x_m + t * (points[i].x_m - points[i - 1].x_m),
                                           points[i - 1].y_m + t * (points[i].y_m - points[i - 1].y_m)};
        }
    }
    return best_m < INFINITY;
}

/* How far along the centre line a point of it lies (the nearest place). */
static double place_along(const struct demo_path *centre, struct demo_point p)
{
    double best_m = INFINITY, best = 0, along = 0;

    for (size_t i = 1; i < centre->count; i++) {
        double t, d = demo_segment_distance(p, centre->points[i - 1], centre->points[i], &t);
        double length = demo_distance(centre->points[i - 1], centre->points[i]);

        if (d < best_m) {
            best_m = d;
            best = along + t * length;
        }
        along += length;
    }
    return best;
}

static enum status add_stations(struct demo_model *m, const struct expressway *e, struct demo_carriageways *c,
                                struct demo_plaza *plazas, size_t *plaza_count, struct error *err)
{
    const size_t most = sizeof e->controls / sizeof e->controls[0];
    int ordinal = 0;
    enum status s = STATUS_OK;

    for (size_t i = 0; s == STATUS_OK && i < most && e->controls[i].lon_deg > 0; i++) {
        struct demo_point at = demo_plane_from_degrees(e->controls[i].lon_deg, e->controls[i].lat_deg), target = at;
        bool first = i == 0, last = i + 1 == most || e->controls[i + 1].lon_deg == 0;

        if (!e->controls[i].station) continue;
        if (*plaza_count == DEMO_PLAZAS_MAX) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        (void)demo_nearest_surface(m, at, &target);
        s = demo_add_station(m,
                             (struct demo_station){.route = e->ref,
                                                   .name = e->controls[i].station,
                                                   .ordinal = ++ordinal,
                                                   .point = at,
                                                   .county = demo_county_of(at),
                                                   .terminal = first || last},
                             err);
        if (s != STATUS_OK) break;
        plazas[*plaza_count].station = (uint32_t)(m->station_count - 1);
        s = first || last ? demo_draw_terminal(m, c, first, &plazas[*plaza_count], err)
                          : demo_draw_station(m, c, place_along(&c->centre, at), target, &plazas[*plaza_count], err);
        (*plaza_count)++;
    }
    return s;
}

enum status demo_draw_expressways(struct demo_model *m, struct demo_plaza plazas[DEMO_PLAZAS_MAX],
                                  size_t *plaza_count, struct error *err)
{
    struct demo_carriageways *all = calloc(DEMO_EXPRESSWAYS, sizeof *all);
    enum status s = all ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);

    *plaza_count = 0;
    for (size_t i = 0; s == STATUS_OK && i < DEMO_EXPRESSWAYS; i++) {
        struct demo_point controls[16];
        size_t count = 0;

        while (count < 16 && expressways[i].controls[count].lon_deg > 0) {
            controls[count] = demo_plane_from_degrees(expressways[i].controls[count].lon_deg,
                                                      expressways[i].controls[count].lat_deg);
            count++;
        }
        all[i].ref = expressways[i].ref;
        all[i].name = expressways[i].name;
        s = demo_path_curve(controls, count, 900, &all[i].centre, err);
    }
    for (size_t i = 0; s == STATUS_OK && i < DEMO_EXPRESSWAYS; i++)
        s = add_stations(m, &expressways[i], &all[i], plazas, plaza_count, err);
    for (size_t i = 0; s == STATUS_OK && i < DEMO_EXPRESSWAYS; i++)
        for (size_t k = i + 1; s == STATUS_OK && k < DEMO_EXPRESSWAYS; k++)
            s = demo_draw_interchanges(m, &all[i], &all[k], err);
    for (size_t i = 0; s == STATUS_OK && i < DEMO_EXPRESSWAYS; i++) s = demo_draw_carriageways(m, &all[i], err);
    for (size_t i = 0; all && i < DEMO_EXPRESSWAYS; i++) demo_carriageways_clear(&all[i]);
    free(all);
    return s;
}
