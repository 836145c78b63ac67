#include "api/public_url.h"

#include "api/app.h"
#include "api/process/exchange.h"

#include <stdbool.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
static const char host_characters[] = LETTERS ".-:[]_", path_characters[] = LETTERS "/-._~%";

enum status public_url_check(const char *url, struct error *err)
{
    if (url == NULL || url[0] == '\0') return STATUS_OK;
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t host = scheme ? strspn(url + scheme, host_characters) : 0, length = strlen(url);
    const char *path = url + scheme + host;
    bool good = host > 0 && (path[0] == '\0' || path[0] == '/') && path[strspn(path, path_characters)] == '\0' && url[length - 1] != '/';
    return good ? STATUS_OK : error_set(err, STATUS_INVALID, MESSAGE_PUBLIC_URL, url);
}

const char *public_url(const struct exchange *x)
{
    const char *set = x->app ? app_options_get(x->app)->public_url : NULL, *host = exchange_header(x, "host");
    if (set && set[0]) return set;
    /* a name with other bytes could not be put into a header, nor be anybody's */
    if (host == NULL || host[0] == '\0' || host[strspn(host, host_characters)] != '\0') host = "localhost";
    return arena_printf(x->arena, "http://%s", host);
}

const char *public_path(const struct exchange *x, const char *path)
{
    const char *set = app_options_get(x->app)->public_url;
    return path && set && set[0] ? arena_printf(x->arena, "%s%s", set, path) : path;
}

void public_location(struct exchange *x, const char *path)
{
    const char *address = public_path(x, path);
    if (address) exchange_header_add(x, "Location", address);
}
