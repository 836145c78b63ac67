/* What one answer is computed from: a network with its turn graph and hierarchy, and one version of the rules.
 * Immutable and reference-counted; publishing is one atomic swap of the current view, and the old one lives until
 * its last query lets go. */
#ifndef ROUTING_VIEW_H
#define ROUTING_VIEW_H

#include "routing/constraint/metric_making.h"
#include "routing/constraint/rules_compile.h"
#include "routing/hierarchy/hierarchy.h"
#include "routing/network/network.h"
#include "routing/network/spatial.h"
#include "routing/network/turn_graph.h"

/* Lives as long as the process (or until a new network is loaded). */
struct base {
    struct network network;
    struct turn_graph turns;
    struct hierarchy *hierarchy;
    struct spatial *spatial;
    void *owner;                   /* what release is called with, e.g. the mapped snapshot */
    void (*release)(void *owner);
};

struct view {
    struct base *base;
    struct rules *rules;
    struct metric_cache *metrics; /* those valid under these rules */
    struct metric_makings *makings; /* those that will be in it */
    int64_t loaded_ms;            /* when these rules were read */
    atomic_uint references;
};

/** A new view holding one reference; takes references on rules. `base` is borrowed and outlives all views. */
MUST_USE enum status view_new(struct base *base, struct rules *rules, size_t metric_bytes_max, struct view **out,
                              struct error *err);
struct view *view_get(struct view *v);
void view_release(struct view *v);

#endif
