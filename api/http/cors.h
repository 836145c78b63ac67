/* Pages of other origins that may read answers (the Fetch standard's CORS protocol).
 *
 *   cors_check("https://map.example.cn, http://127.0.0.1:5173", &err)      // what an option may say; "*" is any page
 *   const char *origin = cors_origin(list, header);                        // what goes into Access-Control-Allow-Origin
 *
 * A key comes in a header that a page must set itself; cookies are none. So nothing is said about credentials, and "*" lets a
 * page do no more than whoever can reach the service. */
#ifndef API_HTTP_CORS_H
#define API_HTTP_CORS_H

#include "geo/base/error.h"

/* What a page may send and read beside what every page may. */
#define CORS_REQUEST_HEADERS                                                                                         \
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, Range, X-Request-Id"
#define CORS_ANSWER_HEADERS                                                                                          \
    "Accept-Ranges, Allow, Content-Crs, Content-Disposition, Content-Range, ETag, Link, Location, OGC-NumberReturned, Retry-After, X-Request-Id"
#define CORS_MAX_AGE "7200" /* seconds; no browser keeps it longer */

/** Whether `list` is "", "*", or origins with commas between them: scheme://host or scheme://host:port. INVALID names the first
 *  that is none. */
MUST_USE enum status cors_check(const char *list, struct error *err);

/** `origin` (a request's Origin, or NULL) when the list has it, "*" when the list is that; otherwise NULL. */
const char *cors_origin(const char *list, const char *origin);

#endif
