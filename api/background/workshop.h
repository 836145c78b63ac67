/* Metrics made in the background, on the workers of the pool, while questions are answered (routing/planner/metric_supply.h).
 *
 *   workshop_new(&workshop, base, metric_bytes_max, &err);
 *   workshop_server_set(workshop, server);         // before server_start: begins with the guide by time
 *   planner_maker_set(planner, &maker);            // maker from workshop_maker, for each planner
 *   workshop_server_set(workshop, NULL);           // after server_join
 *   workshop_free(workshop);
 *
 * One at a time, so that the other workers are there for questions, and its turn in the pool's queue is waited for like any
 * other. Where the pool takes nothing, what was begun is taken back, and whoever asks waits for his metric as ever.
 *
 * Guides belong to the network, not to a version of the rules: made when a preference is first asked for (by time: at the
 * start) and kept, 8 bytes for each arc of the hierarchy. None where the cache is too small for a single metric. */
#ifndef API_WORKSHOP_H
#define API_WORKSHOP_H

#include "routing/planner/metric_supply.h"

struct workshop;
struct server;

/** STATUS_NO_MEMORY. `base` is borrowed. */
MUST_USE enum status workshop_new(struct workshop **out, const struct base *base, size_t metric_bytes_max, struct error *err);

/** When no planner asks and no worker runs any more. NULL is fine. */
void workshop_free(struct workshop *workshop);

/** Whose pool works, NULL: nobody's. */
void workshop_server_set(struct workshop *workshop, struct server *server);

/** False while the guide by time, which is begun at the start, is in the making: who asks then waits for his metric. True once it is
 *  there, and where nobody makes it. Any thread. */
bool workshop_settled(const struct workshop *workshop);

/** For planners of threads that end before the server is closed. */
struct metric_maker workshop_maker(struct workshop *workshop);

#endif
