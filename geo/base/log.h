/* One logfmt line to standard error per event: `ts=… level=… event=… key=value …`.
 *
 * Only the api and data folders and the command line log; geo and routing return errors instead. Never a position,
 * plate number, phone or key at level info or above. Lines are written with one write(2), so that threads do not
 * mix; values are quoted and escaped where needed. Any thread may log. */
#ifndef GEO_BASE_LOG_H
#define GEO_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/** Lines below `level` are dropped. Default LOG_INFO. Atomic. */
void log_level_set(enum log_level level);

/** log_event(LOG_INFO, "http_request", "status=%d route=%s", 200, "/v1/route"). `format` writes the key=value
 *  part; use log_quote for values that may hold blanks, quotes or foreign text. */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Quotes and escapes `value` into `out` (size bytes) for logfmt; control bytes become \xHH. Returns `out`. */
const char *log_quote(char *out, unsigned long size, const char *value);

#endif
