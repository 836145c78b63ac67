/* One row of a table where the sweep (table.h) does not do: rules change with time, both quantities are asked for.
 *
 * The cheapest ways by the loose reading from one place to all others are a tree. It is walked once, by the clock, each arc
 * that lies on any of the ways one time, however many ways share it: what comes out at a place at the cost of the loose
 * reading is the cheapest lawful way there, because no lawful way undercuts that. Distances come from the hierarchy
 * (potential.h), only for arcs beside the ways; parents are found from them, an arc back at a time.
 *
 * Where two ways cost the same a tree has no say in which of them the planner takes. By time they all are there at the same moment, so
 * only their lengths are in question, and those may be equal; else, and where not time is preferred, such cells are left to it, like
 * those whose way breaks a rule by the clock (but for what table_shadow.h makes of those). So a table says what routes say, cell by
 * cell. */
#ifndef ROUTING_TABLE_TREE_H
#define ROUTING_TABLE_TREE_H

#include "routing/hierarchy/metric.h"
#include "routing/search/place.h"

enum table_verdict {
    TABLE_NO_WAY,  /* not even by the loose reading: none that ends while it lasts */
    TABLE_REFUTED, /* nor any later one (table_shadow.h) */
    TABLE_LAWFUL,  /* cost, duration and length are those of the best way */
    TABLE_BROKEN,  /* the way costs at least `cost`, that of the loose reading, whose cheapest way breaks a rule by the clock */
    TABLE_TIED,    /* likewise, and several ways of the loose reading cost so little */
    TABLE_UNSURE,  /* of such some are lawful, or the best may be a way that has no arc between first and last */
};

struct table_cell {
    enum table_verdict verdict;
    uint64_t cost;         /* UINT64_MAX: TABLE_NO_WAY and TABLE_UNSURE */
    uint64_t length_mm;
    uint32_t duration_ms;
    bool length_open;      /* TABLE_LAWFUL: several ways are as good and differ in length, of which length_mm is one */
    bool all_lawful;       /* then: so are all ways of the loose reading that cost so little */
};

/* A node on the tree: the vehicle at the end of its arc. Of several ways that cost the same all are driven, but by time with leave to
 * wait: lawful says that some is, and times are those of the soonest. */
struct tree_slot {
    uint32_t node;
    bool lawful; /* by the clock, at the cost of the loose reading: nothing is there sooner, or cheaper, while that lasts */
    bool unsure; /* other ways there cost the same, and what they come to is not known */
    bool tied;   /* other ways there cost the same */
    bool even;   /* and some of them take as long */
    bool cut;    /* later by waiting there is a break in that */
    bool every;  /* all of them are lawful */
    bool uneven; /* those that are differ in length */
    uint64_t cost, length_mm;
    int64_t arrive_ms, hi_ms, till_ms; /* hi: later by waiting, without a break; till: any of those ways, where not time is preferred */
};

struct table_tree; /* workspace of one thread: 12 bytes for each node of the turn graph, and 56 for each on a tree */

MUST_USE enum status table_tree_new(const struct base *base, struct table_tree **out, struct error *err);
void table_tree_free(struct table_tree *t);

/** Groups places by what a leg that begins or ends there opens (zones and pieces of roads for destination traffic): all legs
 *  from one group to another are under the same rules. group[i] < *group_count for those that are there. Leaves `c` with another
 *  leg. STATUS_NO_MEMORY. O(places · log places). */
MUST_USE enum status table_groups(struct constraint *c, const struct place *places, const bool *there, uint32_t count,
                                  uint32_t *group, uint32_t *group_count, struct error *err);

/** Where rows that follow may end: `targets` are indices into `places`. `c` must look at a leg between the groups
 *  (constraint_leg), `metric` be that of its loose reading there; all are borrowed until the last row. STATUS_NO_MEMORY. */
MUST_USE enum status table_tree_targets(struct table_tree *t, const struct constraint *c, const struct metric *metric,
                                        const struct place *places, const uint32_t *targets, uint32_t target_count,
                                        struct error *err);

/** The row from `source`: cells[i] for the target asked[i], an index into the targets. STATUS_NO_MEMORY. A few
 *  milliseconds for a thousand targets. */
MUST_USE enum status table_tree_row(struct table_tree *t, const struct place *source, const uint32_t *asked,
                                    uint32_t asked_count, struct table_cell *cells, struct error *err);

/** Of the tree at hand, good until the next call: `*out` NULL where the loose reading has no way to the end of that node's arc.
 *  STATUS_NO_MEMORY. */
MUST_USE enum status table_tree_slot(struct table_tree *t, arc_node node, const struct tree_slot **out, struct error *err);

#endif
