/* First labels, for tables: of all that the search (search.h) keeps at the end of an arc, what costs least and of that what is there
 * soonest. Who knows the first label of every place that leads to another knows that of the other too, unless some later label
 * would find a move open, cheaper or faster that the first finds closed. Both are told here, move by move, with the search's own
 * rules: waiting at the origin and at gates, five minutes to dawdle. */
#ifndef ROUTING_TABLE_LABEL_H
#define ROUTING_TABLE_LABEL_H

#include "routing/search/search.h"

struct table_label {
    uint64_t cost;         /* from the departure; UINT64_MAX: nothing comes there */
    uint64_t length_mm;
    int64_t lo_ms, hi_ms;  /* moments at which it can be there */
    int64_t moved_ms;      /* all that took time but waiting */
    int64_t till_ms;       /* what costs as much may be there as late as that */
    bool sure;             /* one way only costs so much and is there so soon; else lo alone is known of hi, and length not */
};

/* A move from the end of `before`'s arc, or, with NULL, from a place of departure. */
struct table_ride {
    const struct arc_use *before;
    turn_id turn;
    struct arc_use use;
    const struct road_position *leaves, *ends; /* calls at its beginning and end, or NULL */
    weight least;          /* what it costs at least at any moment; 0 if that is not known */
};

/** Whether the move may begin at `at_ms`; m->change_ms counts the calls in. */
bool table_ride_at(const struct constraint *c, const struct table_ride *ride, int64_t at_ms, struct move *m);

/** The last moment up to `limit_ms` until which the move, open at `at_ms` as in `m`, can begin without a break and take as long. */
int64_t table_ride_until(const struct constraint *c, const struct table_ride *ride, int64_t at_ms, int64_t limit_ms, const struct move *m);

/** The first label after the move from the first label `u`; v->cost UINT64_MAX if it lets none pass. `*limit_ms`: as late as `u` can
 *  begin it. O(changes of rules while it can wait). */
void table_ride_first(const struct constraint *c, const struct table_ride *ride, const struct table_label *u, struct table_label *v,
                      int64_t *limit_ms);

/** What `v` of table_ride_first may be undercut by: the least cost to which another label at `u`'s place, which comes from `soonest_ms` on, may
 *  come by this move; UINT64_MAX if all of that would cost more, or as much and come no sooner. Then v->till_ms counts others in. */
uint64_t table_ride_others(const struct constraint *c, const struct table_ride *ride, const struct table_label *u, int64_t limit_ms,
                           int64_t soonest_ms, struct table_label *v);

/** Takes `label` for the first at its place if it comes before `*first`, and notes ties. True: `*first` has changed. */
bool table_label_take(struct table_label *first, const struct table_label *label);

#endif
