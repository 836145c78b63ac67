/* Times on the wire: RFC 3339 with offset in, +08:00 out. Inside they are milliseconds since 1970-01-01T00:00Z. */
#ifndef API_TIME_TEXT_H
#define API_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIME_TEXT_SIZE = 32 };

/** Reads `2026-11-20T08:00:00+08:00` or `…Z`, with up to nine digits of a second's fraction (milliseconds are kept).
 *  Exactly that: capital T and Z, years 1970 to 9999, days that exist, hours to 23, no leap second, an offset of at
 *  most 23:59 and not the "unknown" -00:00. */
bool time_parse(const char *text, size_t length, int64_t *out_ms);

/** Writes a time in +08:00, with milliseconds only when there are some. Years outside 1970–9999 give "". Returns the
 *  length. */
size_t time_format(int64_t time_ms, char out[TIME_TEXT_SIZE]);

/** The wall clock, ms. */
int64_t time_now_ms(void);

#endif
