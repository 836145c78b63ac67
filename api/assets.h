/* The console's files inside the program: nothing is read from disk or fetched at run time. The table is made at
 * build time by api/console/embed.sh. */
#ifndef API_ASSETS_H
#define API_ASSETS_H

#include <stddef.h>

struct exchange;

struct asset {
    const char *path; /* on the wire, "/" is the page itself */
    const char *type;
    const char *etag; /* digest of the content, without quotes */
    const unsigned char *plain, *plain_end;
    const unsigned char *gzip, *gzip_end;
};

extern const struct asset console_assets[];
extern const size_t console_asset_count;

/** Query keys of the console's files: the map library asks for its worker with its own version. */
extern const char *const asset_keys[];

/** Handler of `GET /` and `GET /console/{path...}`: the asset, gzipped for who takes that, 304 where the client has
 *  it already, 404 for anything else. */
void asset_read(struct exchange *x);

#endif
