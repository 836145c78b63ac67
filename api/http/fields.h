/* Values of header fields that need more than a comparison (RFC 9110). Pure; what cannot be read counts as absent. */
#ifndef API_HTTP_FIELDS_H
#define API_HTTP_FIELDS_H

#include "geo/base/error.h"

#include <stdbool.h>

/** The better liked of zh and en in an Accept-Language value (NULL: absent); `fallback` when it names neither, or both
 *  alike through `*`. Of two liked alike the first named wins. */
enum language http_accept_language(const char *value, enum language fallback);

/** Whether a Content-Type value is one of `allowed` ("application/json|application/geo+json"). A charset other than
 *  utf-8 is not. */
bool http_media_type_is(const char *value, const char *allowed);

/** Whether a list of entity tags (If-Match, If-None-Match) has `tag` (without quotes) or is "*". Weak tags count only
 *  when `weak_too`. */
bool http_tags_have(const char *list, const char *tag, bool weak_too);

/** Whether `value` may be taken over as a request id: 8 to 64 of [A-Za-z0-9._-]. */
bool http_request_id_is_sane(const char *value);

#endif
