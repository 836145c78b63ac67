/* A planner over a network by hand, for tests that read as sentences.
 *
 *   1 ── 2 ── 3 ── 4 ── 5 ── 6      1 km each, primary road "G312", two-way
 *        │              │
 *        7 ──────────── 8           a detour 2 km to the north, tertiary
 */
#ifndef TESTS_PLANNER_FIXTURE_H
#define TESTS_PLANNER_FIXTURE_H

#include "routing/planner/planner.h"
#include "tests/unit/network_fixture.h"

enum { SCENE_ZONES_MAX = 4, SCENE_CHECKPOINTS_MAX = 4, SCENE_CLOSURES_MAX = 4 };

#define SCENE_MORNING_MS 1795132800000 /* 2026-11-20T08:00+08:00 */

struct scene {
    struct fixture f;
    struct base base;
    struct zone zones[SCENE_ZONES_MAX];
    struct zone_rule rules_of_zone[SCENE_ZONES_MAX];
    struct checkpoint checkpoints[SCENE_CHECKPOINTS_MAX];
    struct gate gates[SCENE_CHECKPOINTS_MAX];
    struct requirement requirements[SCENE_CHECKPOINTS_MAX];
    struct requirement_group groups[SCENE_CHECKPOINTS_MAX];
    struct closure closures[SCENE_CLOSURES_MAX];
    struct rules_input input;
    struct rules *rules;
    struct view *view;
    struct planner *planner;
    struct arena arena;
    struct route_request request;
    struct answer answer;
    struct error err;
};

/** The network above; `detour` false leaves 7 and 8 out. */
void scene_init(struct scene *s, bool detour);
/** The same over another network: `draw` gives nodes and roads to the fixture. */
void scene_init_on(struct scene *s, void (*draw)(struct fixture *f));
/** The same on another network: s->f, which is built; all else of `s` is zero. */
void scene_begin(struct scene *s);
void scene_clear(struct scene *s);

/** A zone over the box from (x0, y0) to (x1, y1) metres; returns its rule to be changed. Then scene_publish. */
struct zone_rule *scene_zone(struct scene *s, const char *id, enum rule_kind kind, int32_t x0, int32_t y0, int32_t x1,
                             int32_t y1);

/** A checkpoint on the road at (x, y) that is a gate of the last zone, both ways. */
struct checkpoint *scene_checkpoint(struct scene *s, const char *id, int32_t x, int32_t y);

void scene_publish(struct scene *s);

/** A one-way request between two places for a 49 t truck, 500 m to snap. */
void scene_ask(struct scene *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1);

/** Plans in full mode; asserts the status. Gives the cause. */
enum status scene_route(struct scene *s);

/** Whether the plan's leg uses a road in any direction. */
bool scene_uses(const struct scene *s, uint32_t leg, int64_t road);

#endif
