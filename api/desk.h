/* What writing needs beside the application: the keys of callers, and connections that change rules. */
#ifndef API_DESK_H
#define API_DESK_H

#include "api/process/admit.h"
#include "data/pg/write_pool.h"
#include "data/plans/plan_book.h"

struct events;

struct desk {
    struct keyring *keyring;
    struct write_pool *writes;
    struct plan_book *plans; /* stored ones by the arcs they use */
};

/** Starts the keyring and makes the pool; nothing waits for the database. `conninfo` and `pepper_path` are copied; the plans that are indexed are those of `network`;
 *  `events` (borrowed until desk_close) hear of plans that come and go. NO_MEMORY. */
MUST_USE enum status desk_open(struct desk **out, const char *conninfo, const char *pepper_path, unsigned writers,
                               const struct network *network, struct events *events, struct error *err);
/** After server_close. */
void desk_close(struct desk *desk);

/** The desk of the application that x came to, or NULL. */
struct desk *exchange_desk(const struct exchange *x);

/** For struct server_options.admit. */
MUST_USE enum status desk_admit(struct exchange *x, struct error *err);

#endif
