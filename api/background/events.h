/* Those who listen for changes: server-sent events, from one ring that all of them read.
 *
 *   events_new(&events, reads, &options, &err);
 *   events_rules_reached(events, version);           // from the feed, after the view of that version is in force
 *   events_state(events, connected, stale);          // whenever that is known anew
 *   events_plans(events);                            // when plans that are kept have come or gone
 *   events_listen(events, x, last_event_id, &err);   // from the handler: x's answer becomes a stream
 *   events_server_set(events, NULL);                 // before server_close
 *   events_free(events);
 *
 * A thread of its own reads from the history what each version changed and puts it into the ring; a listener is a place
 * in that ring, and is written to on its own event thread. So a slow listener costs its place and what one socket
 * holds: it is given the next piece when it has taken the last, is cut off when it does not take one in time, or when the
 * ring has gone past it, and hears of what it missed when it comes again with Last-Event-ID.
 *
 * A version is told of only when this process answers by it. The id of an event is the rules version, which is the same
 * in every process on one database and outlives them all. Someone who asks for more than the ring holds is told `reset`:
 * to read everything again. Without the database nothing is lost, only late. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "api/process/exchange.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct events;
struct read_pool;

struct events_options {
    unsigned listeners_max; /* more are refused with 503 */
    unsigned heartbeat_ms;  /* a comment is sent after so long a silence */
};

struct events_figures {
    unsigned listeners;
    uint64_t told; /* versions put into the ring */
};

/** Starts the thread. `reads` is borrowed. NO_MEMORY. */
MUST_USE enum status events_new(struct events **out, struct read_pool *reads, const struct events_options *options,
                                struct error *err);
/** After server_close. NULL is fine. */
void events_free(struct events *events);

/** The server whose exchanges listen; before the first. NULL before that server is closed. */
void events_server_set(struct events *events, struct server *server);

/** The view of `version` is in force. Any thread; does not block. */
void events_rules_reached(struct events *events, int64_t version);

/** How the database stands. Listeners hear of it when it is another than before. Any thread; does not block. */
void events_state(struct events *events, bool connected, bool stale);

/** Plans that are kept have come, gone or broken. Listeners hear that, at most once a second, and not which: who may see
 *  plans asks for them with its key. Any thread; does not block. */
void events_plans(struct events *events);

/** Makes x's answer a stream. `after`: the last version the listener knows, −1 to hear only what comes. Errors (x is
 *  then still to be answered): UNAVAILABLE, too many listen. Event threads. */
MUST_USE enum status events_listen(struct events *events, struct exchange *x, int64_t after, struct error *err);

struct events_figures events_figures_get(struct events *events);

#endif
