/* What one answer is computed from: a network with its turn graph and hierarchy, and one version of the rules.
 * Immutable and reference-counted; publishing is one atomic swap of the current view, and the old one lives until
 * its last query lets go. */
#ifndef ROUTING_VIEW_H
#define ROUTING_VIEW_H

#include "routing/constraint/bare_weights.h"
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
    struct bare_store *bare;      /* what their weights begin from; shared with other views on the base */
    int64_t loaded_ms;            /* when these rules were read */
    atomic_uint references;
};

/* One in so many of the bytes for metrics is for what weights begin from: it takes a thirtieth of a metric, but serves when its
 * metric is long gone. */
enum { VIEW_BARE_SHARE = 8 };

/** What is left of them for the metrics themselves. */
static inline size_t view_metric_bytes(size_t bytes_max)
{
    return bytes_max - bytes_max / VIEW_BARE_SHARE;
}

/** A new view holding one reference; takes references on rules. `base` is borrowed and outlives all views. It keeps metrics and what
 *  their weights begin from in at most `bytes_max` together. */
MUST_USE enum status view_new(struct base *base, struct rules *rules, size_t bytes_max, struct view **out, struct error *err);

/** Before it is asked anything: takes over from a view on the same base, which may be in use, what helps with metrics and their
 *  weights (metric_cache_inherit, bare_weights.h). */
void view_inherit(struct view *v, const struct view *before);

struct view *view_get(struct view *v);
void view_release(struct view *v);

#endif
