#include "data/demo/demo_places.h"

#include "data/demo/demo_territory.h"

#include <math.h>

struct plan {
    const char *kind, *zh, *en, *state;
    double lon_deg, lat_deg;
};

static const struct plan hubs[] = {
    {"bonded_zone", "卧龙综合保税区", "Wolong comprehensive bonded zone", "active", 112.44, 33.03},
    {"airport", "姜营机场", "Jiangying airport", "active", 112.61, 32.99},
    {"rail_station", "南阳东站货场", "Nanyang East rail freight yard", "active", 112.66, 33.00},
    {"logistics_park", "南阳商贸物流园", "Nanyang trade logistics park", "active", 112.57, 32.92},
    {"logistics_park", "西峡公铁物流园", "Xixia road-rail logistics park", "active", 111.52, 33.28},
    {"logistics_park", "内乡智慧物流园", "Neixiang smart logistics park", "active", 111.87, 33.06},
    {"reserve_depot", "内乡煤炭储备基地", "Neixiang coal reserve", "active", 111.82, 33.00},
    {"reserve_depot", "唐河液化天然气储备站", "Tanghe LNG reserve", "active", 112.87, 32.66},
    {"river_port", "唐河港区", "Tanghe river port", "active", 112.80, 32.65},
    {"river_port", "新野港区", "Xinye river port", "planned", 112.46, 32.50},
    {"river_port", "社旗港区", "Sheqi river port", "planned", 112.90, 33.03},
    {"transfer_station", "南阳北应急物资中转站", "Nanyang North transfer station", "standby", 112.44, 33.11},
    {"transfer_station", "南阳南应急物资中转站", "Nanyang South transfer station", "active", 112.53, 32.90},
    {"transfer_station", "邓州东接驳点", "Dengzhou East relay point", "active", 112.15, 32.70},
    {"transfer_station", "彭桥接驳点", "Pengqiao relay point", "standby", 111.90, 32.50},
    {"transfer_station", "内乡接驳点", "Neixiang relay point", "standby", 111.86, 33.07},
    {"transfer_station", "方城中转站", "Fangcheng transfer station", "standby", 113.03, 33.28},
    {"transfer_station", "唐河东中转站", "Tanghe East transfer station", "standby", 112.88, 32.71},
    {"transfer_station", "西峡中转站", "Xixia transfer station", "standby", 111.50, 33.27},
    {"rest_area", "镇平货车服务区", "Zhenping lorry rest area", "active", 112.20, 33.02},
    {"rest_area", "社旗货车服务区", "Sheqi lorry rest area", "active", 112.91, 33.04},
    {"rest_area", "桐柏货车服务区", "Tongbai lorry rest area", "active", 113.36, 32.38},
    {"rest_area", "南召货车服务区", "Nanzhao lorry rest area", "active", 112.42, 33.46},
};

static const struct plan enterprises[] = {
    {"livestock", "内乡示意生猪养殖有限公司", "Neixiang pig farming (schematic)", NULL, 111.79, 33.01},
    {"food", "邓州示意粮油加工厂", "Dengzhou grain and oil works (schematic)", NULL, 111.86, 32.60},
    {"machinery", "南阳示意装备制造厂", "Nanyang machinery works (schematic)", NULL, 112.50, 32.96},
    {"chemical", "镇平示意化工厂", "Zhenping chemical works (schematic)", NULL, 112.06, 33.07},
    {"energy", "南阳示意热电厂", "Nanyang power plant (schematic)", NULL, 112.60, 33.06},
    {"medicine", "西峡示意制药厂", "Xixia pharmaceutical works (schematic)", NULL, 111.46, 33.31},
    {"building", "唐河示意水泥厂", "Tanghe cement works (schematic)", NULL, 112.78, 32.72},
    {"textile", "新野示意纺织厂", "Xinye textile mill (schematic)", NULL, 112.38, 32.54},
    {"produce", "社旗示意蔬菜基地", "Sheqi vegetable base (schematic)", NULL, 112.95, 33.09},
};

/* The node nearest to a place where a lorry may arrive and leave by a two-way road no worse than a township road. */
static uint32_t nearest_node(const struct demo_model *m, struct demo_point p)
{
    uint32_t best = 0;
    double best_m = INFINITY;

    for (size_t r = 0; r < m->road_count; r++) {
        const struct demo_road *road = &m->roads[r];
        const struct demo_point *points = m->points + road->first_point;

        if (road->dropped || road->lorry != ACCESS_YES || !road->backward || road->class < ROAD_TRUNK ||
            road->class > ROAD_TERTIARY || road->crossing != DEMO_CROSSING_NONE)
            continue;
        for (int end = 0; end < 2; end++) {
            double d = demo_distance(p, points[end ? road->point_count - 1 : 0]);

            if (d >= best_m) continue;
            best_m = d;
            best = end ? road->to : road->from;
        }
    }
    return best;
}

/* Just beside the node: 25 m north-east of it. */
static struct demo_point beside(const struct demo_model *m, uint32_t node)
{
    struct demo_point p = demo_plane_from_degrees(m->nodes[node].point.lon_e7 / 1e7, m->nodes[node].point.lat_e7 / 1e7);

    return (struct demo_point){p.x_m + 18, p.y_m + 18};
}

void demo_places_draw(struct demo_model *m, struct demo_places *places)
{
    *places = (struct demo_places){0};
    for (size_t i = 0; i < sizeof hubs / sizeof hubs[0]; i++) {
        uint32_t node = nearest_node(m, demo_plane_from_degrees(hubs[i].lon_deg, hubs[i].lat_deg));
        struct demo_facility *f = &places->facilities[places->facility_count++];

        *f = (struct demo_facility){.id = demo_text(m, "demo-facility-%zu", i + 1), .kind = hubs[i].kind,
                                    .name = demo_text(m, "%s（示意）", hubs[i].zh),
                                    .name_en = demo_text(m, "%s (schematic)", hubs[i].en), .state = hubs[i].state,
                                    .point = beside(m, node), .turning_place = true};
        f->jurisdiction = demo_seats[demo_county_of(f->point)].code;
        m->nodes[node].turning_place = true;
    }
    for (size_t i = 0; i < sizeof enterprises / sizeof enterprises[0]; i++) {
        uint32_t node = nearest_node(m, demo_plane_from_degrees(enterprises[i].lon_deg, enterprises[i].lat_deg));
        struct demo_enterprise *e = &places->enterprises[places->enterprise_count++];

        *e = (struct demo_enterprise){.id = demo_text(m, "demo-enterprise-%zu", i + 1), .name = enterprises[i].zh,
                                      .name_en = enterprises[i].en, .sector = enterprises[i].kind, .point = beside(m, node)};
        e->jurisdiction = demo_seats[demo_county_of(e->point)].code;
        places->facilities[places->facility_count++] = (struct demo_facility){
            .id = demo_text(m, "demo-receiving-%zu", i + 1), .kind = "fixed_receiving_point",
            .name = demo_text(m, "%s固定接收点", e->name), .name_en = demo_text(m, "%s: receiving point", e->name_en),
            .jurisdiction = e->jurisdiction, .operator_id = e->id, .state = "active", .point = e->point,
            .turning_place = true};
        m->nodes[node].turning_place = true;
    }
}
