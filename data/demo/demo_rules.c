#include "data/demo/demo_rules.h"

#include "data/demo/demo_border.h"
#include "data/demo/demo_streets.h"
#include "data/demo/demo_territory.h"

#include <stdlib.h>
#include <string.h>

#define SINCE "[2025-01-01 00:00:00+08,)"
#define APPROVED "approved", "2025-01-01 00:00:00+08"

/* How a zone's area is drawn. */
enum shape { BLOB, RIVER, BAN_BLOCK, CITY, COUNTY };

struct zone_plan {
    const char *id, *class_code, *name;
    enum shape shape;
    double a, b, size_m; /* BLOB: place and radius; RIVER: latitudes and half width; CITY: factor; COUNTY: seat */
    const char *rules_json, *windows_json, *effective, *severity, *jurisdiction, *incident, *authority, *approving;
    const char *document_no, *state, *approved_at, *note;
};

/* Each rule of semantics.md at least once; drafts and classes that are off to show that they have no effect. */
static const struct zone_plan plans[] = {
    {"demo-flood", "FL-DET", "唐白河下游淹没区（示意）", RIVER, 32.50, 32.70, 1500,
     "[{\"rule\":\"closed\"}]", NULL, SINCE, "3", "411328", "demo-incident-flood", "唐河县防汛抗旱指挥部（示意）",
     "南阳市防汛抗旱指挥部（示意）", "宛汛示〔2026〕1号", APPROVED,
     "Flooded river reach (schematic): G328 is cut; bridges to the north stay open"},
    {"demo-city-tails", "CT-TIME", "中心城区货车尾号限行（示意）", BAN_BLOCK, 0, 0, 0,
     "[{\"rule\":\"caution\",\"subject\":{\"emissions\":[\"new_energy\"]}},"
     "{\"rule\":\"closed\",\"subject\":{\"lorry\":true},\"exempt\":[\"city_truck_pass\",\"fresh_produce\"],\"windows\":["
     "{\"weekdays\":[1],\"day_kinds\":[\"workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[1,6]},"
     "{\"weekdays\":[2],\"day_kinds\":[\"workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[2,7]},"
     "{\"weekdays\":[3],\"day_kinds\":[\"workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[3,8]},"
     "{\"weekdays\":[4],\"day_kinds\":[\"workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[4,9]},"
     "{\"weekdays\":[5],\"day_kinds\":[\"workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[5,0]},"
     "{\"weekdays\":[6],\"day_kinds\":[\"makeup_workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[5,0]},"
     "{\"weekdays\":[7],\"day_kinds\":[\"makeup_workday\"],\"from\":\"08:00\",\"until\":\"19:00\",\"plate_tails\":[1,6]}]}]",
     NULL, SINCE, "1", "411303", NULL, "南阳市公安局交警支队（示意）", "南阳市公安局（示意）", "宛公交示〔2026〕2号", APPROVED,
     "City lorry hours by plate tail (schematic): border streets are not part of it (均不含本路); tails of make-up days are this demo's assumption"},
    {"demo-city-heavy", "CT-BAN", "环城路以内重型货车仅限到达（示意）", CITY, 0.97, 0, 0,
     "[{\"rule\":\"destination_only\",\"subject\":{\"lorry\":true,\"gross_t_min\":12},\"exempt\":[\"city_truck_pass\"],"
     "\"windows\":[{\"from\":\"06:00\",\"until\":\"22:00\"}]}]",
     NULL, SINCE, "1", "411302", NULL, "南阳市公安局交警支队（示意）", "南阳市公安局（示意）", "宛公交示〔2026〕3号", APPROVED,
     "Heavy lorries: destination only inside the ring (schematic): through traffic of heavy lorries takes the ring road"},
    {"demo-animal", "AD-EPI", "邓州西部动物疫区（示意）", BLOB, 111.83, 32.57, 11500,
     "[{\"rule\":\"closed\",\"subject\":{\"livestock\":true}},{\"rule\":\"gated\",\"open_classes\":[\"motorway\"]}]",
     NULL, SINCE, "2", "411381", "demo-incident-animal", "邓州市人民政府（示意）", "南阳市人民政府（示意）", "邓政示〔2026〕4号", APPROVED,
     "Animal disease: infected area (schematic): vehicles in and out pass a disinfection checkpoint"},
    {"demo-animal-buffer", "AD-BUF", "邓州西部受威胁区（示意）", BLOB, 111.83, 32.57, 16500,
     "[{\"rule\":\"caution\"}]", NULL, SINCE, "1", "411381", "demo-incident-animal", "邓州市人民政府（示意）",
     "南阳市人民政府（示意）", "邓政示〔2026〕5号", APPROVED,
     "Animal disease: buffer area (schematic)"},
    {"demo-hazmat-hot", "HZ-HOT", "危化品事故隔离区（示意）", BLOB, 112.06, 33.065, 1200,
     "[{\"rule\":\"closed\"}]", NULL, SINCE, "4", "411324", "demo-incident-hazmat", "现场指挥部（示意）",
     "镇平县人民政府（示意）", "镇应急示〔2026〕6号", APPROVED,
     "Chemical accident: isolation area (schematic)"},
    {"demo-hazmat-warm", "HZ-WARM", "危化品事故警戒区（示意）", BLOB, 112.06, 33.065, 3600,
     "[{\"rule\":\"gated\",\"transit\":\"deny\",\"open_classes\":[\"motorway\"]}]", NULL, SINCE, "3", "411324",
     "demo-incident-hazmat", "现场指挥部（示意）", "镇平县人民政府（示意）", "镇应急示〔2026〕7号", APPROVED,
     "Chemical accident: evacuation area (schematic): only responders and residents' supply, and only to places inside"},
    {"demo-through", "FL-RISK", "南召山洪风险区：只过不停（示意）", BLOB, 112.20, 33.50, 10000,
     "[{\"rule\":\"through_only\",\"open_classes\":[\"motorway\",\"trunk\"]}]", NULL, SINCE, "2", "411321",
     "demo-incident-flood", "南召县防汛抗旱指挥部（示意）", "南阳市防汛抗旱指挥部（示意）", "宛汛示〔2026〕8号", APPROVED,
     "Flash-flood risk: through only (schematic)"},
    {"demo-fog", "WX-3", "唐河东部大雾（示意）", BLOB, 113.05, 32.75, 8000,
     "[{\"rule\":\"caution\",\"slow_factor\":1.4}]", "[{\"from\":\"22:00\",\"until\":\"09:00\"}]", SINCE, "1", "411328", NULL,
     "南阳市气象局（示意）", "南阳市公安局交警支队（示意）", "宛气示〔2026〕9号", APPROVED,
     "Fog east of Tanghe (schematic): at night only"},
    {"demo-snow", "WX-2", "西峡北部山区降雪（示意）", BLOB, 111.56, 33.56, 12000,
     "[{\"rule\":\"caution\",\"slow_factor\":2}]", NULL, SINCE, "2", "411323", "demo-incident-snow",
     "西峡县气象局（示意）", "南阳市公安局交警支队（示意）", "宛气示〔2026〕10号", APPROVED,
     "Snow in the mountains of Xixia (schematic)"},
    {"demo-water", "HM-STAND", "丹江口水源地危货限行区（示意）", BLOB, 111.56, 32.86, 7500,
     "[{\"rule\":\"closed\",\"subject\":{\"hazmat\":true},\"exempt\":[\"hazmat_route_permit\"]}]", NULL, SINCE, "2", "411326", NULL,
     "淅川县公安局（示意）", "南阳市公安局（示意）", "宛公交示〔2026〕11号", APPROVED,
     "Water source: no dangerous goods (schematic)"},
    {"demo-event", "EV-CORE", "周末活动核心区（示意）", BLOB, 112.565, 32.965, 1100,
     "[{\"rule\":\"closed\",\"exempt\":[\"event_pass\"]}]", "[{\"weekdays\":[6,7],\"from\":\"18:00\",\"until\":\"22:00\"}]", SINCE, "1",
     "411302", NULL, "南阳市公安局（示意）", "南阳市人民政府（示意）", "宛公交示〔2026〕12号", APPROVED,
     "Weekend event: core area (schematic)"},
    {"demo-air", "AQ-CITY", "重污染天气限货区（示意，草案）", CITY, 0.8, 0, 0, NULL, NULL,
     SINCE, "1", "411302", NULL, "南阳市污染防治指挥部（示意）", NULL, NULL, "submitted", NULL,
     "Pollution: older lorries (schematic, submitted): waits for approval: no effect"},
    {"demo-xixia-plan", "FL-RISK", "西峡县城山洪应急管理区（预案，示意）", BLOB, 111.48, 33.30, 4000,
     "[{\"rule\":\"destination_only\"}]", NULL, SINCE, "3", "411323", NULL, "西峡县防汛抗旱指挥部（示意）", NULL, NULL, "submitted", NULL,
     "Prepared for Xixia's switch to emergency (schematic): binds only once the county's plan is switched on"},
    {"demo-epidemic-county", "EP-STATIC", "新野县静态管理（示意，草案，类别停用）",
     COUNTY, 10, 0, 0, NULL, NULL, SINCE, "2", "411329", NULL, "新野县指挥部（示意）", NULL, NULL, "draft", NULL,
     "Epidemic management (schematic, draft, class off): the epidemic pack is off: never binds"},
    {"demo-epidemic-place", "EP-MID", "新野某镇管控区（示意，类别停用）", BLOB, 112.30, 32.56, 2000, NULL,
     NULL, SINCE, "2", "411329", NULL, "新野县指挥部（示意）", "南阳市指挥部（示意）", "宛疫示〔2026〕13号", APPROVED,
     "Epidemic area (schematic, class off): approved, but its class is off: never binds"},
    {"demo-expired", "RW-CLOSE", "旧施工封闭（示意，已过期）", BLOB, 112.36, 33.03, 900,
     "[{\"rule\":\"closed\"}]", NULL, "[2025-01-01 00:00:00+08,2025-02-01 00:00:00+08)", "1", "411324", NULL,
     "镇平县交通运输局（示意）", "南阳市交通运输局（示意）", "宛交示〔2025〕14号", APPROVED,
     "Former roadworks (schematic, over): ended: no effect"},
};

struct gate_plan {
    const char *zone_id, *prefix, *kind, *requirements_json, *green;
    size_t most;
    int normal_s, green_s, lanes, capacity_h;
};

static const struct gate_plan gate_plans[] = {
    {"demo-animal", "动物防疫检查站", "animal_quarantine", "[[{\"type\":\"disinfection\",\"max_age_s\":86400}]]",
     "{key_goods_pass,fresh_produce}", 6, 300, 60, 2, 60},
    {"demo-hazmat-warm", "警戒区卡口", "temporary", "[[{\"type\":\"responder\"}],[{\"type\":\"key_goods_pass\"}]]",
     "{responder}", 4, 180, 20, 1, 40},
};

static enum status draw_area(struct demo_model *m, const struct zone_plan *p, struct demo_path *ring, struct error *err)
{
    struct demo_point corners[2], octagon[DEMO_RING_POINTS];
    enum status s = STATUS_OK;

    switch (p->shape) {
    case BLOB: return demo_blob(m, p->a, p->b, p->size_m, ring, err);
    case RIVER: return demo_river_band(p->a, p->b, p->size_m, ring, err);
    case COUNTY: return demo_county_ring((unsigned)p->a, ring, err);
    case BAN_BLOCK:
        demo_ban_corners(&corners[0], &corners[1]);
        s = demo_path_add(ring, corners[0], err);
        if (s == STATUS_OK) s = demo_path_add(ring, (struct demo_point){corners[1].x_m, corners[0].y_m}, err);
        if (s == STATUS_OK) s = demo_path_add(ring, corners[1], err);
        if (s == STATUS_OK) s = demo_path_add(ring, (struct demo_point){corners[0].x_m, corners[1].y_m}, err);
        return s;
    case CITY:
        demo_town_ring(0, p->a, octagon);
        for (int i = 0; s == STATUS_OK && i < DEMO_RING_POINTS; i++) s = demo_path_add(ring, octagon[i], err);
        return s;
    }
    return s;
}

/* The toll station inside a zone whose plaza gets a checkpoint: who leaves the open motorway there enters the zone. */
static enum status plaza_checkpoints(struct demo_model *m, const struct gate_plan *g, const struct demo_path *ring,
                                     struct demo_rules *rules, struct error *err)
{
    for (uint32_t i = 0; i < m->station_count; i++) {
        const struct demo_station *station = &m->stations[i];
        struct demo_point plaza = station->point;
        uint32_t ramps[4] = {0};
        unsigned ramp_count = 0;

        if (!demo_ring_contains(ring->points, ring->count, station->point)) continue;
        if (rules->checkpoint_count == DEMO_CHECKPOINTS_MAX) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        for (uint32_t r = 0; r < m->road_count; r++) {
            const struct demo_road *road = &m->roads[r];

            if (road->station != i + 1) continue;
            if (road->ramp == DEMO_RAMP_EXIT && m->nodes[road->to].toll_booth) /* the booth of the exit lane */
                plaza = m->points[road->first_point + road->point_count - 1];
            /* everyone who leaves or joins either carriageway passes the plaza: the long ramps are its gates, by hand */
            if (road->point_count > 2 && ramp_count < 4) ramps[ramp_count++] = r + 1;
        }
        rules->checkpoints[rules->checkpoint_count++] = (struct demo_checkpoint){
            .id = demo_text(m, "%s-plaza-%s", g->zone_id, station->route),
            .name = demo_text(m, "%s%s站%s（示意）", station->route, station->name, g->prefix),
            .kind = g->kind, .placement = "toll_plaza_outside", .road_ref = station->route,
            .requirements_json = g->requirements_json, .green_credentials = g->green, .state = "active",
            .jurisdiction = demo_seats[station->county].code, .document_no = "宛检示〔2026〕1号", .zone_id = g->zone_id,
            .point = plaza, .normal_s = g->normal_s, .green_s = g->green_s, .lanes = g->lanes, .green_lanes = 1,
            .capacity_h = g->capacity_h, .gate_road_count = ramp_count};
        memcpy(rules->checkpoints[rules->checkpoint_count - 1].gate_roads, ramps, sizeof ramps);
    }
    return STATUS_OK;
}

static enum status draw_checkpoints(struct demo_model *m, const struct gate_plan *g, const struct demo_path *ring,
                                    struct demo_rules *rules, struct error *err)
{
    struct demo_border_crossing crossings[16];
    size_t count = demo_border_crossings(m, ring, ROAD_SECONDARY, crossings, g->most);

    if (count < 2) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    for (size_t i = 0; i < count; i++) {
        const struct demo_road *road = &m->roads[crossings[i].road];
        bool night = i == 2, draft = i >= 5; /* the third is shut at night, the sixth is only planned */

        if (rules->checkpoint_count == DEMO_CHECKPOINTS_MAX) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        rules->checkpoints[rules->checkpoint_count++] = (struct demo_checkpoint){
            .id = demo_text(m, "%s-%zu", g->zone_id, i + 1),
            .name = demo_text(m, "%s%s%zu号（示意）", road->ref, g->prefix, i + 1),
            .kind = g->kind, .placement = road->class <= ROAD_PRIMARY ? "trunk_road" : "county_road", .road_ref = road->ref,
            .opening_json = night ? "[{\"from\":\"06:00\",\"until\":\"22:00\"}]" : NULL,
            .requirements_json = g->requirements_json, .green_credentials = g->green, .state = draft ? "draft" : "active",
            .jurisdiction = demo_seats[demo_county_of(crossings[i].border)].code, .document_no = "宛检示〔2026〕1号",
            .zone_id = g->zone_id, .point = crossings[i].outside, .normal_s = g->normal_s, .green_s = g->green_s,
            .lanes = g->lanes, .green_lanes = 1, .capacity_h = g->capacity_h};
    }
    return plaza_checkpoints(m, g, ring, rules, err);
}

static enum status draw_zone(struct demo_model *m, const struct zone_plan *p, struct demo_rules *rules,
                             struct error *err)
{
    struct demo_path ring = {0};
    struct demo_zone *z = &rules->zones[rules->zone_count++];
    enum status s = draw_area(m, p, &ring, err);

    *z = (struct demo_zone){p->id, p->class_code, p->name, NULL, p->rules_json, p->windows_json, p->effective, p->severity,
                            p->jurisdiction, p->incident, p->authority, p->approving, p->document_no, p->approved_at,
                            p->state, p->note};
    if (s == STATUS_OK) s = demo_ring_wkt(m, &ring, &z->area_wkt, err);
    for (size_t g = 0; s == STATUS_OK && g < sizeof gate_plans / sizeof gate_plans[0]; g++)
        if (strcmp(gate_plans[g].zone_id, p->id) == 0) s = draw_checkpoints(m, &gate_plans[g], &ring, rules, err);
    demo_path_clear(&ring);
    return s;
}

/* The first road that a closure can be shown on; 0 if none. */
static uint32_t road_where(const struct demo_model *m, enum demo_crossing crossing, enum road_class class,
                           const char *ref)
{
    for (size_t r = 0; r < m->road_count; r++) {
        const struct demo_road *road = &m->roads[r];

        if (!road->dropped && road->crossing == crossing && road->layer > 0 && road->class == class &&
            (!ref || strcmp(road->ref, ref) == 0))
            return (uint32_t)r + 1;
    }
    return 0;
}

static void draw_closures(const struct demo_model *m, struct demo_rules *rules)
{
    const struct demo_closure all[] = {
        {.id = "demo-snow-g40", .name = "沪陕高速内乡至西坪段禁止货车上站（示意）",
         .note = "Lorries may not enter G40 Neixiang to Xiping (schematic)",
         .cause = "因降雪", .action = "entry_ban", .object = "toll_station_range", .route = "沪陕高速", .from_station = "内乡",
         .to_station = "西坪", .subject_json = "{\"lorry\":true}", .exempt = "{relief_pass,fresh_produce}", .effective = SINCE,
         .state = "approved", .document_no = "豫公高示〔2026〕1号", .authority = "高速交警支队（示意）"},
        {.id = "demo-bridge-gone", .name = "唐白河村道桥水毁（示意）",
         .note = "Village bridge washed away (schematic)", .cause = "水毁",
         .action = "closed", .object = "bridge", .physical = true, .effective = SINCE, .state = "approved",
         .document_no = "宛公路示〔2026〕2号", .authority = "公路养护中心（示意）",
         .road = road_where(m, DEMO_CROSSING_RIVER, ROAD_UNCLASSIFIED, NULL)},
        {.id = "demo-bridge-limit", .name = "S231唐白河大桥限载30吨（示意）",
         .note = "S231 river bridge: 30 t (schematic)", .cause = "桥梁检测",
         .action = "limit", .object = "bridge", .limit_kind = "gross_weight", .limit_value = "30", .effective = SINCE,
         .state = "approved", .document_no = "宛公路示〔2026〕3号", .authority = "南阳市公路事业发展中心（示意）",
         .road = road_where(m, DEMO_CROSSING_RIVER, ROAD_PRIMARY, "S231")},
        {.id = "demo-speed-s57", .name = "渑淅高速限速60（示意）",
         .note = "S57: 60 km/h (schematic)", .cause = "因降雪", .action = "speed_limit",
         .object = "road", .route = "S57", .limit_value = "60", .effective = SINCE, .state = "approved",
         .document_no = "豫公高示〔2026〕4号", .authority = "高速交警支队（示意）"},
        {.id = "demo-holiday-hazmat", .name = "节假日危险品车辆禁止上站（示意）",
         .note = "No dangerous goods onto G55 on holidays (schematic)",
         .cause = "节假日", .action = "entry_ban", .object = "toll_station_range", .route = "G55", .from_station = "皇后",
         .to_station = "构林", .subject_json = "{\"hazmat\":true}", .windows_json = "[{\"day_kinds\":[\"holiday\"]}]",
         .effective = SINCE, .state = "approved", .document_no = "豫公高示〔2026〕5号", .authority = "高速交警支队（示意）"},
        {.id = "demo-exit-draft", .name = "二广高速南阳北站禁止下站（示意，草案）",
         .note = "G55 Nanyang North: no exit (schematic, draft)",
         .cause = "施工", .action = "exit_ban", .object = "toll_station", .route = "G55", .from_station = "南阳北",
         .effective = SINCE, .state = "draft", .authority = "高速交警支队（示意）"},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].road || (strcmp(all[i].object, "bridge") != 0)) rules->closures[rules->closure_count++] = all[i];
}

enum status demo_rules_draw(struct demo_model *m, struct demo_rules *rules, struct error *err)
{
    enum status s = STATUS_OK;

    *rules = (struct demo_rules){0};
    for (size_t i = 0; s == STATUS_OK && i < sizeof plans / sizeof plans[0]; i++) s = draw_zone(m, &plans[i], rules, err);
    if (s == STATUS_OK) draw_closures(m, rules);
    return s;
}
