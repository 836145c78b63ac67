/* The address under which clients reach the service, for answers that hold whole addresses: TileJSON, styles, the links of
 * OGC interfaces.
 *
 *   const char *base = public_url(x);                             // "https://map.example.cn/baochang", no '/' behind it
 *   … arena_printf(x->arena, "%s/tiles/zones.json", base) …
 *
 * It is the option `public_url` where that is set, as it must be behind a proxy that changes scheme, name or path;
 * otherwise http:// and the Host that the client named. */
#ifndef API_PUBLIC_URL_H
#define API_PUBLIC_URL_H

#include "geo/base/error.h"

struct exchange;

/** Whether the option can be one: "", or http(s)://host, with a path or without, no query and no '/' at its end. INVALID. */
MUST_USE enum status public_url_check(const char *url, struct error *err);

/** `path` ("/v1/zones/…") under the option where that is set, else as it is, which is relative to where the client asked. NULL:
 *  memory is out, or `path` was NULL. */
const char *public_path(const struct exchange *x, const char *path);

/** Answers with that as the Location; without one where memory is out. */
void public_location(struct exchange *x, const char *path);

/** In x->arena or borrowed from the configuration; NULL: memory is out. */
const char *public_url(const struct exchange *x);

#endif
