/* What `serve` stands on, joined: the network from its snapshot, the change feed, connections for reading, and the
 * application over them.
 *
 *   service_open(&service, &config, metrics, event_threads, workers, &err);   // maps the network, starts the feed
 *   options.app = service_app(service); …                                     // and the server over it
 *   service_close(service);                                                   // after server_close
 *
 * The service starts without the database too: it is then not ready, says why, and becomes ready when the database is
 * there. Without a usable network it does not start. */
#ifndef API_SERVICE_H
#define API_SERVICE_H

#include "api/app.h"
#include "api/process/config.h"
#include "api/process/metrics.h"

struct service;

/** Opens everything; `config` and `metrics` are borrowed until service_close. Waits up to two seconds for the first
 *  rules, so that a start in order is ready at once. Errors: CONFLICT (the schema is not this program's,
 *  with what to do), IO or CORRUPT (the snapshot, with the reason), NO_MEMORY. */
MUST_USE enum status service_open(struct service **out, const struct config *config, struct metrics *metrics,
                                  unsigned event_threads, unsigned workers, struct error *err);
void service_close(struct service *service);

/** The application, borrowed. */
struct app *service_app(struct service *service);

#endif
