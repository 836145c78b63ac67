/* The active plans of the network that is served, in memory by the arcs they use: who is touched at all.
 *
 * One thread with one connection LISTENs for changes of stored plans, takes in what changed since its last snapshot, and
 * looks every five seconds in case a notification was lost. Memory: four bytes an arc of a plan and some hundred a plan
 * (plan_book_state). While the database is away the last state answers. */
#ifndef DATA_PLAN_BOOK_H
#define DATA_PLAN_BOOK_H

#include "data/plans/plan_store.h"
#include "routing/network/network.h"

struct plan_book;

/** Starts the thread and returns at once. `conninfo` and `network_version` are copied. `changed` (may be NULL) is called
 *  on that thread, until plan_book_close returns, after plans that were kept, replaced, broken or taken back have been
 *  taken in. NO_MEMORY. */
MUST_USE enum status plan_book_open(struct plan_book **out, const char *conninfo, const char *network_version,
                                    uint32_t arc_count, void (*changed)(void *context), void *context, struct error *err);
void plan_book_close(struct plan_book *book);

struct plan_book_state {
    bool ready;        /* read once */
    uint32_t plans;    /* active ones of this network */
    size_t bytes;
    uint64_t changes;  /* rows taken in so far */
};
struct plan_book_state plan_book_state(struct plan_book *book);

/* One that is touched. */
struct plan_touched {
    int64_t number;
    char id[PLAN_ID_SIZE], company[72], county[24];
};

/** The active plans that use one of `arcs` and that `reader` may see, by number, in `arena`. `arcs` NULL: all of them.
 *  Never waits for the database. UNAVAILABLE before the first reading, NO_MEMORY. Any thread. */
MUST_USE enum status plan_book_touched(struct plan_book *book, const arc_id *arcs, uint32_t count,
                                       const struct plan_reader *reader, struct arena *arena, struct plan_touched **out,
                                       uint32_t *out_count, struct error *err);

#endif
