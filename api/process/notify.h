/* What a service manager wants to hear (sd_notify protocol): ready, reloading, stopping, still alive. Without one, or
 * when it cannot be reached, nothing happens. */
#ifndef API_NOTIFY_H
#define API_NOTIFY_H

/** Sends `state`, e.g. "READY=1", to NOTIFY_SOCKET. Any thread. */
void notify_send(const char *state);

/** Milliseconds between signs of life that the manager wants (half of WATCHDOG_USEC), 0: none. */
unsigned notify_interval_ms(void);

#endif
