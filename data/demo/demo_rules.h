/* The rules that the demo shows: zones of every kind, their checkpoints and gates, closures. Rows ready to be stored.
 *
 * They are drawn on the demo's own roads: a checkpoint stands where a numbered road crosses the border of its zone.
 * Everything is labelled schematic (示意), with made-up document numbers. */
#ifndef DATA_DEMO_DEMO_RULES_H
#define DATA_DEMO_DEMO_RULES_H

#include "data/demo/demo_model.h"

/* Texts are static or live in the model's arena; NULL = SQL NULL. JSON members hold JSON text. */
struct demo_zone {
    const char *id, *class_code, *name, *area_wkt, *rules_json, *windows_json, *effective, *severity, *jurisdiction;
    const char *incident, *authority, *approving_authority, *document_no, *approved_at, *state, *note;
};

struct demo_checkpoint {
    const char *id, *name, *kind, *placement, *road_ref, *opening_json, *requirements_json, *green_credentials;
    const char *state, *jurisdiction, *document_no;
    const char *zone_id; /* its gate, or NULL */
    struct demo_point point;
    int normal_s, green_s, lanes, green_lanes, capacity_h;
    uint32_t gate_roads[4];   /* index + 1 of roads whose forward arcs are its gate by hand */
    unsigned gate_road_count; /* 0: derived from its place */
};

struct demo_closure {
    const char *id, *name, *cause, *action, *object, *route, *from_station, *to_station, *limit_kind, *limit_value;
    const char *subject_json, *exempt, *windows_json, *effective, *state, *document_no, *authority, *note;
    bool physical;
    uint32_t road; /* index + 1, 0 = none */
};

enum { DEMO_ZONES_MAX = 40, DEMO_CHECKPOINTS_MAX = 80, DEMO_CLOSURES_MAX = 40 };

struct demo_rules {
    struct demo_zone zones[DEMO_ZONES_MAX];
    struct demo_checkpoint checkpoints[DEMO_CHECKPOINTS_MAX];
    struct demo_closure closures[DEMO_CLOSURES_MAX];
    size_t zone_count, checkpoint_count, closure_count;
};

/** Draws all rules of a generated model. Errors: out of memory; INTERNAL if a gated zone finds fewer than two roads
 *  for its checkpoints. */
MUST_USE enum status demo_rules_draw(struct demo_model *m, struct demo_rules *rules, struct error *err);

#endif
