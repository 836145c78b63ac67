/* What lies in which zone, by geometry (GEOS) alone: the map that the checker looks at. It never asks the arc sets that found
 * the plan. What was asked once is remembered for one version of the rules. Of one thread. */
#ifndef ROUTING_CHECKER_GROUND_H
#define ROUTING_CHECKER_GROUND_H

#include "geo/prepared.h"
#include "geo/projection.h"
#include "routing/constraint/view.h"
#include "routing/constraint/zone_index.h"

/* What GEOS says about a road and a zone that may be near it; asked when it first matters. OUT: not in by any length, but
 * perhaps along the border; APART: surely no part of it. */
enum verdict { VERDICT_UNKNOWN, VERDICT_APART, VERDICT_OUT, VERDICT_DOUBT, VERDICT_IN };

struct finding {
    uint32_t zone;
    enum verdict verdict;
};

enum { GROUND_NOTHING = 0 }; /* a run of findings without one */

struct ground_shape {
    struct prepared *prepared, *grown;
    struct box_mm box;
    bool boxed, tried; /* the box, the prepared shape are there */
};

struct ground {
    const struct base *base;
    struct geos *geos;
    struct projection *projection;
    struct rules *rules;         /* that it is about; held */
    struct ground_shape *shapes; /* [zone_count] */
    uint32_t *memo;              /* [road_count] index + 1 into findings, or 0 */
    struct finding *findings;    /* runs, each ended by zone UINT32_MAX */
    size_t finding_count, finding_capacity;
    struct point_mm *line;       /* scratch */
    size_t line_capacity;
    struct zone_list near;       /* likewise */
};

/** All zero bytes may be cleared. STATUS_NO_MEMORY. */
MUST_USE enum status ground_init(struct ground *g, const struct base *base, struct error *err);
void ground_clear(struct ground *g);

/** From now on it is about the zones of these rules; forgets what it knew of others. O(roads + zones) when they are others. */
MUST_USE enum status ground_use(struct ground *g, struct rules *rules, struct error *err);

/** The longest stretch in m that a zone leaves a road outside: its accuracy, at least 5 m. */
double ground_threshold_m(const struct zone *z);

/** The zones that a road may meet, ascending, found once per version of the rules: the run of findings that begins at *first.
 *  By index, because the findings move when other roads are looked at. */
MUST_USE enum status ground_findings(struct ground *g, road_index road, size_t *first, struct error *err);

/** What a finding of that road says. After VERDICT_DOUBT or VERDICT_IN the zone's shape is there. */
MUST_USE enum status ground_verdict(struct ground *g, road_index road, size_t finding, enum verdict *verdict, struct error *err);

/** The same, and where that is VERDICT_OUT: VERDICT_APART, or VERDICT_DOUBT for a road along the border that may count as in. */
MUST_USE enum status ground_verdict_surely(struct ground *g, road_index road, size_t finding, enum verdict *verdict, struct error *err);

/** The zone's shape grown beyond its border. */
MUST_USE enum status ground_grown(struct ground *g, uint32_t zone, struct prepared **shape, struct error *err);

/** The longest stretch in a shape of the part [from, to] (mm along the arc in travel direction). */
MUST_USE enum status ground_part(struct ground *g, struct prepared *shape, arc_id a, uint32_t from_mm, uint32_t to_mm,
                                 double *longest_m, struct error *err);

/** A point by a short line through it: 2 inside for certain, 1 perhaps, 0 outside. */
MUST_USE enum status ground_place(struct ground *g, uint32_t zone, struct point_e7 p, int *place, struct error *err);

#endif
