/* One logfmt line per request, gathered per thread and written in bunches, so that logging costs no system call per
 * request. Lines have the form of geo/base/log.h. They name the route, never the path: a path may hold a position. */
#ifndef API_ACCESS_LOG_H
#define API_ACCESS_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct access_log {
    size_t length;
    time_t second;
    char stamp[24]; /* "2026-11-20T08:00:00" of `second` */
    char text[32 * 1024];
};

struct access_line {
    const char *request_id, *method, *route;
    int status;
    uint64_t us, bytes;
};

/** Adds a line; writes the bunch out when it is full. */
void access_log_add(struct access_log *log, const struct access_line *line);

/** Writes what is there. Call a few times a second and at the end. */
void access_log_flush(struct access_log *log);

#endif
