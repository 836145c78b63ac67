/* The topology of a customizable contraction hierarchy: what depends on the graph and its node order, not on weights.
 *
 *   order_nested_dissection(&graph, NULL, 1, order, err);
 *   hierarchy_new(&graph, order, &hierarchy, err);           // once per network, or hierarchy_open from a snapshot
 *   metric_new(hierarchy, weights, 1, &metric, err);         // once per set of rules
 *   query …                                                  // many times
 *
 * Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, JEA 2016.
 *
 * Nodes are renamed by rank: node 0 is contracted first. To contract v means to join all its neighbours of higher
 * rank; they are the heads of its *upward arcs*. The lowest of them is its parent in the *elimination tree*, and all
 * of them are its ancestors. Ranks are in postorder of that tree.
 *
 * Neighbouring nodes of one separator nearly always have the same heads. A *block* (a supernode, as in sparse
 * Cholesky factorisation) is a run of ranks [first, last] in which each node's parent is the next node and all have
 * the same heads outside the block, kept once:
 *
 *   heads of v in block b:   v+1, v+2, …, last(b), outer heads of b in ascending order
 *   arc ids of v:            first_arc[v], first_arc[v] + 1, …                     (in the same order)
 *
 * so the weights of the arcs of one block form rows of a dense matrix, which is what makes customization and queries
 * run over whole vectors. Every arc stands for both directions and has two *slots*: 2 * arc for the way up and
 * 2 * arc + 1 for the way down; a metric has a weight for each. */
#ifndef ROUTING_HIERARCHY_H
#define ROUTING_HIERARCHY_H

#include "routing/hierarchy/digraph.h"

/** One place where a node is an outer head of a block. */
struct hierarchy_lower {
    uint32_t block;
    uint32_t position; /* index among the outer heads of that block */
};

enum { HIERARCHY_ARC_STEP = 32 };

struct hierarchy {
    uint32_t node_count, block_count, edge_count;
    uint32_t arc_count;   /* upward arcs */
    uint32_t outer_count; /* outer heads of all blocks together */
    uint32_t depth;       /* nodes on the longest path from a leaf to a root of the elimination tree */
    uint32_t width;       /* most upward arcs of a node */
    const uint32_t *rank; /* [node_count] rank of a graph node */
    const uint32_t *node; /* [node_count] graph node of a rank */
    const uint32_t *first_arc;   /* [node_count + 1] */
    const uint32_t *block_of;    /* [node_count] */
    const uint32_t *block_first; /* [block_count + 1] first rank of a block */
    const uint32_t *outer_first; /* [block_count + 1] into outer */
    const uint32_t *outer;       /* [outer_count] ranks, ascending in each block */
    const uint32_t *lower_first; /* [node_count + 1] into lower */
    const struct hierarchy_lower *lower; /* [outer_count] blocks below that see a node, ascending by block */
    const uint32_t *edge_head;   /* [edge_count] graph node that an edge goes to */
    const uint32_t *edge_slot;   /* [edge_count] arc * 2 + (1 if the edge goes down); NOTHING for a self loop */
    const uint32_t *slot_first;  /* [node_count + 1] into slot_edge: edges whose lower end is this rank */
    const uint32_t *slot_edge;   /* [slot_count] edge ids by slot, then by id */
    uint32_t slot_count;         /* edges that are not self loops */
    const uint32_t *block_parent; /* [block_count] block of the parent of the last node, NOTHING at a root; derived */
    const uint32_t *arc_low;     /* [arc_count / HIERARCHY_ARC_STEP + 1] lower end of each so manyth arc; derived */
    uint32_t block_arcs;         /* most arcs of a block; derived */
    const void *region;          /* all of it, as hierarchy_save writes it */
    void *memory;                /* owned region, or NULL when it is the caller's */
    void *derived;               /* owned: what is not saved because it is quickly made again */
};

/** Builds the topology. `order[rank] = node` must be a permutation; it may come back in another, equivalent numbering
 *  (h->node). Neither `graph` nor `order` is kept. STATUS_INVALID (not a graph, not a permutation, too large),
 *  STATUS_NO_MEMORY. O(edges + arcs). Free with hierarchy_free. Immutable afterwards: share between threads. */
MUST_USE enum status hierarchy_new(const struct digraph *graph, const uint32_t *order, struct hierarchy **out,
                                   struct error *err);
void hierarchy_free(struct hierarchy *hierarchy);

/** For the builder (contraction.c): a hierarchy with the counts of `counts` and zeroed arrays in owned memory, which
 *  the builder fills (casting const away) before hierarchy_seal. STATUS_NO_MEMORY. */
MUST_USE enum status hierarchy_allocate(const struct hierarchy *counts, struct hierarchy **out, struct error *err);

/** Writes the header and the checksum over everything. */
void hierarchy_seal(struct hierarchy *hierarchy);

/** Fills what is derived (see above), once the arrays are there. STATUS_NO_MEMORY. */
MUST_USE enum status hierarchy_derive(struct hierarchy *hierarchy, struct error *err);

/** Bytes that hierarchy_save writes; also about the memory it takes. */
size_t hierarchy_save_size(const struct hierarchy *hierarchy);

/** Writes the topology to `region` (hierarchy_save_size bytes, aligned to 8). The bytes depend on the graph and the
 *  order only. Little-endian machines. */
void hierarchy_save(const struct hierarchy *hierarchy, void *region);

/** Opens what hierarchy_save wrote, in place: `region` (aligned to 8, e.g. mapped from a snapshot) must outlive the
 *  hierarchy and is not written to. Everything is validated, so that no byte string whatever makes a later call
 *  read or write out of bounds. STATUS_CORRUPT, STATUS_NO_MEMORY. O(size). Free with hierarchy_free. */
MUST_USE enum status hierarchy_open(const void *region, size_t size, struct hierarchy **out, struct error *err);

/** The parent of a rank in the elimination tree, NOTHING at a root. */
static inline uint32_t hierarchy_parent(const struct hierarchy *h, uint32_t rank)
{
    uint32_t block = h->block_of[rank];
    if (rank + 1 < h->block_first[block + 1]) return rank + 1;
    uint32_t first = h->outer_first[block];
    return first < h->outer_first[block + 1] ? h->outer[first] : NOTHING;
}

/** The arc from rank `low` to rank `high`, NOTHING if there is none. O(log). */
uint32_t hierarchy_arc_find(const struct hierarchy *hierarchy, uint32_t low, uint32_t high);

/** Where the outer heads of a block lie in the rows of a block above: for from <= i < count, given that outer[from] is
 *  a node of block `other`, the head outer[i] has index place[i] - x - 1 among the heads of any x < outer[i] of that
 *  block. */
static inline void hierarchy_places(const struct hierarchy *h, uint32_t other, const uint32_t *outer, uint32_t from,
                                    uint32_t count, uint32_t *restrict place)
{
    const uint32_t end = h->block_first[other + 1];
    const uint32_t *heads = h->outer + h->outer_first[other];
    uint32_t i = from;
    for (; i < count && outer[i] < end; i++) place[i] = outer[i];
    for (uint32_t j = 0; i < count; i++, j++) {
        while (heads[j] != outer[i]) j++; /* it is there: see tree_valid in hierarchy.c */
        place[i] = end + j;
    }
}

/** The lower end of an arc. */
static inline uint32_t hierarchy_arc_low(const struct hierarchy *h, uint32_t arc)
{
    uint32_t low = h->arc_low[arc / HIERARCHY_ARC_STEP];
    while (h->first_arc[low + 1] <= arc) low++;
    return low;
}

/** The rank an arc goes to, given the one it comes from. */
static inline uint32_t hierarchy_arc_head(const struct hierarchy *h, uint32_t low, uint32_t arc)
{
    uint32_t block = h->block_of[low], index = arc - h->first_arc[low];
    uint32_t inner = h->block_first[block + 1] - 1 - low;
    return index < inner ? low + 1 + index : h->outer[h->outer_first[block] + index - inner];
}

#endif
