/* Random worlds for the tests of the planner: a small network under zones of every rule, gates, closures, limits,
 * credentials, with requests. */
#ifndef TESTS_ROUTE_WORLD_H
#define TESTS_ROUTE_WORLD_H

#include "routing/planner/planner.h"
#include "tests/property/oracle_route.h"
#include "tests/unit/network_fixture.h"

enum { WORLD_ZONES = 6, WORLD_CHECKPOINTS = 8, WORLD_CLOSURES = 3, WORLD_TYPES = 3, WORLD_BASE_H = 9, WORLD_POSTED = 16 };

struct route_world {
    struct fixture f;
    struct base base;
    struct zone zones[WORLD_ZONES];
    struct zone_rule zone_rules[WORLD_ZONES][2];
    struct window windows[WORLD_ZONES + WORLD_CHECKPOINTS];
    struct checkpoint checkpoints[WORLD_CHECKPOINTS];
    struct gate gates[WORLD_CHECKPOINTS][2];
    struct road_direction gate_arcs[WORLD_CHECKPOINTS][2][4];
    struct requirement requirements[WORLD_CHECKPOINTS][2];
    struct requirement_group groups[WORLD_CHECKPOINTS][2];
    struct closure closures[WORLD_CLOSURES];
    struct road_direction closed[WORLD_CLOSURES][3];
    char ids[WORLD_ZONES][16], names[WORLD_CHECKPOINTS][16], closure_ids[WORLD_CLOSURES][16];
    struct road_limit posted[WORLD_POSTED];
    struct rules_input input;
    struct rules *rules;
    struct view *view;
};

struct world_options {
    bool timed;       /* schedules, opening hours, expiring credentials */
    uint32_t zones, closures;
    int32_t size_m;
    uint32_t nodes, roads;
    bool tolls;      /* motorways ask a toll; a tariff of its own */
    uint32_t posted; /* roads whose limits the register has, at most WORLD_POSTED */
    uint32_t chains; /* some restrictions over several roads: about so many */
    uint32_t bans;   /* turns at crossings forbidden to all or some: about so many */
    bool even;       /* a full grid of equal streets, so that most places have many cheapest ways between them */
    bool level;      /* a full grid of streets of any length that take a whole number of minutes: many ways tie, and differ in length;
                        with even: of equal length, so that ways that tie by distance differ in time */
    bool shared;     /* gated zones in pairs of one shape, checkpoints for both, several at one border */
    bool levels;     /* of odd_world: roads on bridges and in tunnels, zones on some levels only, requests that avoid an area */
    bool late;       /* rules begin and end just after the windows for which tables read them (one, two, four hours) */
};

void route_world_make(struct route_world *w, const struct world_options *options, uint64_t *random);
void route_world_clear(struct route_world *w);

/** Compiles w->input anew into w->rules and w->view (after a change); the view begins from the metrics of the one before,
 *  as a service does. */
void route_world_publish(struct route_world *w);

/** Another tariff: any rate for any class of vehicle and road. To be published. */
void route_world_tariff(struct route_world *w, uint64_t *random);

/** A request between places on random roads (also given as the oracle sees them). False if a place is ambiguous. */
bool route_world_request(const struct route_world *w, const struct world_options *options, uint64_t *random,
                         struct route_request *request, struct oracle_place *places, uint32_t *place_count);

/** Zone i becomes a star of this size there. */
struct multipolygon route_world_area(uint64_t *random, int32_t x_m, int32_t y_m, int32_t radius_m);

#endif
