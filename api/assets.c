#include "api/assets.h"

#include "api/app.h"
#include "api/process/exchange.h"
#include "geo/base/error.h"

#include <string.h>

/* No inline script or style, nothing from elsewhere but the operator's base map; MapLibre decodes tiles in workers and
 * images from blobs. */
#define CONTENT_SECURITY_POLICY                                                                                      \
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; img-src 'self' data: blob:%s%s; " \
    "connect-src 'self'%s%s; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static const char *policy_of(const struct exchange *x)
{
    const char *origin = x->app ? app_options_get(x->app)->basemap_origin : NULL;
    const char *blank = origin && origin[0] ? " " : "";
    if (origin == NULL) origin = "";
    return arena_printf(x->arena, CONTENT_SECURITY_POLICY, blank, origin, blank, origin);
}

const char *const asset_keys[] = {"v", NULL};

static const struct asset *asset_find(const char *path)
{
    for (size_t i = 0; i < console_asset_count; i++)
        if (strcmp(console_assets[i].path, path) == 0) return &console_assets[i];
    return NULL;
}

void asset_read(struct exchange *x)
{
    const char *rest = x->route->pattern[1] ? exchange_param(x, "path") : NULL;
    const char *path = rest ? arena_printf(x->arena, "/console/%s", rest) : "/";
    struct error err = ERROR_INIT;
    if (path == NULL) {
        error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        exchange_problem(x, &err);
        return;
    }
    const struct asset *asset = asset_find(path);
    if (asset == NULL) {
        error_set(&err, STATUS_NOT_FOUND, MESSAGE_ASSET_NOT_FOUND);
        exchange_problem(x, &err);
        return;
    }
    exchange_header_add(x, "Cache-Control", "no-cache"); /* ask each time; the answer is usually 304 */
    exchange_header_add(x, "Vary", "Accept-Encoding");
    exchange_header_add(x, "X-Content-Type-Options", "nosniff");
    exchange_header_add(x, "Referrer-Policy", "no-referrer");
    if (rest == NULL) exchange_header_add(x, "Content-Security-Policy", policy_of(x));
    /* the one script that may answer for the whole page while the service is away */
    if (strcmp(path, "/console/js/offline.js") == 0) exchange_header_add(x, "Service-Worker-Allowed", "/");

    const char *accepted = exchange_header(x, "accept-encoding");
    size_t plain = (size_t)(asset->plain_end - asset->plain);
    size_t packed = (size_t)(asset->gzip_end - asset->gzip);
    bool gzip = accepted && strstr(accepted, "gzip") && packed < plain;
    /* one tag for each form: they are different bytes */
    const char *tag = arena_printf(x->arena, "%s%s", asset->etag, gzip ? "-gzip" : "");
    if (tag && exchange_not_modified(x, tag)) return;
    if (gzip) exchange_header_add(x, "Content-Encoding", "gzip");
    exchange_reply_static(x, 200, asset->type, gzip ? asset->gzip : asset->plain, gzip ? packed : plain);
}
