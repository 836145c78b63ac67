/* A polygon in the metric plane, exact: the rule compiler asks it which part of a road lies in a zone.
 *
 *   area_new(&shape_mm, &area, &err);                       // once per zone and publication; then read-only
 *   struct area_stretches in = AREA_STRETCHES_INIT;         // one per thread, reused
 *   area_clip(area, line, count, &rule, &in, &err);         // thousands of roads
 *   for (size_t i = 0; i < in.count; i++) … in.items[i].from_mm … in.items[i].to_mm
 *   area_stretches_clear(&in);
 *   area_free(area);
 *
 * Inside is by even-odd count of all rings, decided in whole numbers, without any tolerance; for a valid polygon
 * that is its interior. A finished area is read-only: any number of threads may ask it at once, each with its own
 * stretches. Equal input gives equal output on every machine.
 *
 * Index: boxes over runs of consecutive edges (edges that follow each other are near each other). A run wholly to
 * one side of a ray is counted by its two ends alone, so locating a point costs O(log edges) even in a comb; idea
 * of "natural" ordering: J. Baker, tg, docs/POLYGON_INDEXING.md. */
#ifndef GEO_AREA_H
#define GEO_AREA_H

#include "geo/base/error.h"
#include "geo/multipolygon.h"
#include "geo/point.h"

struct area;

/** Copies what it needs from `shape` (at least one ring, rings closed: assert). STATUS_NO_MEMORY. O(points). */
MUST_USE enum status area_new(const struct multipolygon_mm *shape, struct area **out, struct error *err);
void area_free(struct area *area);

/** The box around it. */
struct box_mm area_box(const struct area *area);

/** Its surface in m² (even-odd counted rings taken as shells less holes), for lints and display. */
double area_surface_m2(const struct area *area);

enum area_place { AREA_OUTSIDE, AREA_BORDER, AREA_INSIDE };

/** Where a point lies, exactly. O(log edges). */
enum area_place area_locate(const struct area *area, struct point_mm point);

enum area_border {
    AREA_BORDER_OUTSIDE, /* 不含本路: a road along the border is not in it */
    AREA_BORDER_INSIDE,  /* 含本路: it is */
};

/* What counts as being in it (semantics, section 2, "Membership"). */
struct area_rule {
    int32_t longer_than_mm;  /* a stretch must be longer: max(5 m, accuracy of the zone) */
    int32_t border_mm;       /* … and must reach farther than this from the border: 500 */
    enum area_border border;
};

#define AREA_RULE_DEFAULT                                                                                     \
    ((struct area_rule){.longer_than_mm = 5000, .border_mm = 500, .border = AREA_BORDER_OUTSIDE})

struct area_stretch {
    int64_t from_mm, to_mm; /* along the line, as in geo/linear.h; from < to */
};

/* Results and working memory of one thread. */
struct area_stretches {
    struct area_stretch *items;
    size_t count, capacity;
    struct area_work *work; /* made on first use */
};

#define AREA_STRETCHES_INIT ((struct area_stretches){0})
void area_stretches_clear(struct area_stretches *stretches);

/** The maximal stretches of `line` that count, in order, disjoint, into `out`.
 *
 *  AREA_BORDER_OUTSIDE: the maximal stretches in the open interior (two that meet in a point of the border are one)
 *  that are longer than `longer_than_mm` and have a point farther than `border_mm` from every edge.
 *  AREA_BORDER_INSIDE: the maximal stretches of what is in the interior or within `border_mm` of an edge on either
 *  side, longer than `longer_than_mm`.
 *
 *  A line that starts inside has its first stretch start at 0; one that is all inside has the single stretch
 *  [0, length]. `count` may be 0 or 1: no stretch. STATUS_NO_MEMORY.
 *
 *  Lines whose box misses the area's cost nanoseconds; otherwise O(log edges) a segment and about 0.1 µs for every
 *  edge within border_mm of its box. */
MUST_USE enum status area_clip(const struct area *area, const struct point_mm *line, size_t count,
                               const struct area_rule *rule, struct area_stretches *out, struct error *err);

/** Whether area_clip finds any stretch. `work` is overwritten. */
MUST_USE enum status area_meets(const struct area *area, const struct point_mm *line, size_t count,
                                const struct area_rule *rule, struct area_stretches *work, bool *meets,
                                struct error *err);

#endif
