/* The metrics that one request is answered from: looked up by the loose reading's signature, made where there is none, held
 * until the request is done. Where the application lends a hand (struct metric_maker), a metric that is not there is made
 * elsewhere meanwhile, and legs are found by its weights and a guide. */
#ifndef ROUTING_METRIC_SUPPLY_H
#define ROUTING_METRIC_SUPPLY_H

#include "routing/constraint/loose_make.h"
#include "routing/constraint/view.h"
#include "routing/search/journey.h"

/* What an application with threads does for a planner, which has none. All of it from the planner's thread. */
struct metric_maker {
    /* The guide of a preference (constraint/guide.h), which lives as long as the planner; NULL as long as there is none. */
    const struct metric *(*guide)(void *context, enum preference prefer);
    /* Has another thread finish `making` (or take it back); holds references on both until then. False: nobody can. */
    bool (*begin)(void *context, const struct view *view, struct metric_making *making);
    /* A question was answered before its metric was there. May be NULL. */
    void (*answered)(void *context);
    void *context;
};

enum { METRIC_SUPPLY_MAX = 512 };

struct metric_supply {
    const struct base *base;
    struct metric_maker maker; /* begin NULL: metrics are made here and waited for */
    struct loose_room room;
    struct guided *guided;     /* made on first use */
    /* of the request at hand */
    const struct view *view;
    bool quick;                /* nothing is made */
    struct shared_metric *metrics[METRIC_SUPPLY_MAX];
    uint32_t metric_count;
    const void *signature;     /* of the last metric */
    size_t signature_size;
    struct metric_making *making; /* the last one whose weights legs were found by */
    uint32_t budget;           /* arcs that may still be settled meanwhile */
    bool meanwhile, waited;    /* a leg was found without a metric; one was waited for */
};

void metric_supply_clear(struct metric_supply *s);

/** Between requests. `view` lives until metric_supply_done. */
void metric_supply_begin(struct metric_supply *s, const struct view *view, bool quick);
void metric_supply_done(struct metric_supply *s);

/** Lets go of the arena in which the last signature lives. */
void metric_supply_forget(struct metric_supply *s);

/** Lets go of all metrics but the last. */
void metric_supply_thin(struct metric_supply *s);

/** For struct metric_source: the metric of c's loose reading, and of the reading without any rule. `context` is the supply. */
MUST_USE enum status metric_supply_get(void *context, const struct constraint *c, const struct metric **out, struct error *err);
MUST_USE enum status metric_supply_get_free(void *context, const struct constraint *c, const struct metric **out,
                                            struct error *err);

/** The same as metric_supply_get, or, with `*out` NULL, what legs are found by until the metric is there. */
MUST_USE enum status metric_supply_meanwhile(void *context, const struct constraint *c, const struct metric **out,
                                             struct leg_guide *guide, struct error *err);

/** Whether all was found before a metric was there: tells the maker. */
void metric_supply_answered(struct metric_supply *s);

#endif
