/* Requests that wait, parked, until the rules reach a version, each for a bounded time. One thread watches the clock. */
#ifndef API_VERSION_WAIT_H
#define API_VERSION_WAIT_H

#include "api/process/exchange.h"
#include "geo/base/error.h"

#include <stdint.h>

struct version_wait;

/** Starts the watcher. */
MUST_USE enum status version_wait_new(struct version_wait **out, struct error *err);

/** Stops it; requests that still wait are left to their deadlines. NULL is fine. */
void version_wait_free(struct version_wait *wait);

/** The server that owns the exchanges; before the first is added. NULL before that server is closed: who waits is
 *  forgotten. */
void version_wait_server_set(struct version_wait *wait, struct server *server);

/** Parks `x` until version_wait_reached says `version` or more, or `wait_ms` are over; then `again(x)` runs on its own
 *  event thread. Errors: TOO_MANY_REQUESTS (x is not parked), NO_MEMORY. Event threads. */
MUST_USE enum status version_wait_add(struct version_wait *wait, struct exchange *x, int64_t version,
                                      uint32_t wait_ms, void (*again)(struct exchange *x), struct error *err);

/** Wakes those that asked for `version` or less. Any thread. */
void version_wait_reached(struct version_wait *wait, int64_t version);

#endif
