/* What the demo's generators draw and what is written to the database.
 *
 * Two stages. Generators draw *lines*: surface lines may cross each other anywhere and become junctions there
 * (demo_noding.h); expressway lines are fixed, already cut where ramps join, and cross everything on another level.
 * Noding turns lines into *roads* between *nodes*; the detail stage then gives roads their limits. Everything on it
 * is schematic: own points rounded to 0.01° and generated roads, not a map. */
#ifndef DATA_DEMO_DEMO_MODEL_H
#define DATA_DEMO_DEMO_MODEL_H

#include "data/demo/demo_plane.h"
#include "geo/base/arena.h"
#include "routing/network/network.h"

#include <stdint.h>

enum demo_ramp { DEMO_RAMP_NONE, DEMO_RAMP_ENTRY, DEMO_RAMP_EXIT };

/* What crosses a structure. */
enum demo_crossing { DEMO_CROSSING_NONE, DEMO_CROSSING_EXPRESSWAY, DEMO_CROSSING_RIVER };

enum demo_line_kind {
    DEMO_SURFACE,    /* noded at crossings; carried over expressways and the river */
    DEMO_OPTIONAL,   /* the same, but may be left out where it would need a structure */
    DEMO_EXPRESSWAY, /* fixed: nodes at its ends only */
    DEMO_RIVER,      /* not a road; what crosses it needs a bridge */
};

struct demo_line {
    size_t first_point, point_count; /* into demo_model.points */
    enum road_class class;
    enum demo_line_kind kind;
    const char *name, *ref; /* static or in the arena; "" = none */
    bool oneway, bridge, toll, booth_at_end;
    int8_t layer;
    enum demo_ramp ramp;
    uint32_t station; /* index + 1 into stations, 0 = none */
    uint32_t town;    /* index + 1 of the town whose street it is, 0 = none */
};

struct demo_node {
    struct point_e7 point;
    bool turning_place, signals, toll_booth, dropped;
    const char *barrier; /* NULL = none */
};

struct demo_road {
    uint32_t from, to; /* nodes */
    uint32_t line;
    size_t first_point, point_count;
    enum road_class class;
    const char *name, *ref;
    bool forward, backward, bridge, tunnel, toll, hazmat_no, dropped;
    int8_t layer;
    enum demo_ramp ramp;
    enum demo_crossing crossing; /* what the structure carries it over or under */
    enum access lorry, light;
    uint32_t station, town;
    uint16_t speed_kmh;
    uint32_t limits[LIMIT_COUNT]; /* mm, kg, count; 0 = none */
};

struct demo_turn {
    uint32_t from_road, via_node, to_road;
    bool only, lorries_only;
};

struct demo_station {
    const char *route, *name;
    int ordinal; /* along the route, from 1 */
    struct demo_point point;
    uint32_t county; /* index into demo_seats */
    bool terminal;   /* at an end of the drawn expressway */
};

struct demo_model {
    uint64_t seed;
    unsigned scale;
    struct arena arena;
#define DEMO_ARRAYS(X)                                  \
    X(struct demo_point, point, points, 200000000)      \
    X(struct demo_line, line, lines, 40000000)          \
    X(struct demo_node, node, nodes, 80000000)          \
    X(struct demo_road, road, roads, 80000000)          \
    X(struct demo_turn, turn, turns, 10000000)          \
    X(struct demo_station, station, stations, 1000)
#define X(type, one, many, maximum) \
    type *many;                     \
    size_t one##_count, one##_capacity;
    DEMO_ARRAYS(X)
#undef X
};

enum { DEMO_SCALE_MAX = 400 };

void demo_model_init(struct demo_model *m, uint64_t seed, unsigned scale);
void demo_model_clear(struct demo_model *m);

/* demo_add_point(m, point, err), demo_add_line, … append a copy. Errors: out of memory or above the maximum. */
#define X(type, one, many, maximum) \
    MUST_USE enum status demo_add_##one(struct demo_model *m, type one, struct error *err);
DEMO_ARRAYS(X)
#undef X

/** Copies the points into the pool and appends `line` with them. */
MUST_USE enum status demo_draw(struct demo_model *m, struct demo_line line, const struct demo_point *points,
                               size_t count, struct error *err);

/** printf into the model's arena; "" when memory is out (the arena's failure shows at the next allocation). */
const char *demo_text(struct demo_model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
