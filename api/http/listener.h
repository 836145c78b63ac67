/* A listening socket of one event thread: accepts, pauses at the connection cap and on descriptor shortage.
 *
 * Several listeners share a port through SO_REUSEPORT, or one inherited socket (LISTEN_FDS). */
#ifndef API_HTTP_LISTENER_H
#define API_HTTP_LISTENER_H

#include "geo/base/error.h"

#include <stdbool.h>

struct event_base;
struct http_host;
struct http_listener;

/** Opens a non-blocking listening socket on a numeric address, backlog 4096. `*port` 0 becomes the port bound. With
 *  `shared` others may bind the same port (SO_REUSEPORT); without, a port that anyone listens on is an error. Errors:
 *  INVALID (address), IO (in use, forbidden, descriptors). */
MUST_USE enum status http_listen(const char *address, unsigned *port, bool shared, int *fd, struct error *err);

/** The sockets passed by the service manager (sd_listen_fds protocol): how many, the first is descriptor 3. Takes
 *  LISTEN_PID and LISTEN_FDS out of the environment, so call it once, before there are threads. 0: none for us. */
unsigned http_listen_inherited(void);

/** Accepts from `fd` into `host`. The socket is closed by http_listener_free when `owned`. */
MUST_USE enum status http_listener_new(struct http_listener **out, struct event_base *base, struct http_host *host,
                                       int fd, bool owned);

/** Stops accepting for good: what already waits in the queue is taken first when the socket is our own, because
 *  closing it would reset those clients. */
void http_listener_stop(struct http_listener *listener);
void http_listener_free(struct http_listener *listener);

/** To be called when host->count went down: goes on accepting after a pause at the cap. */
void http_listener_check(struct http_listener *listener);

#endif
