/* Vector tiles of the map's layers, and TileJSON that says what each holds. */
#ifndef API_HANDLERS_TILES_H
#define API_HANDLERS_TILES_H

struct exchange;

/** GET /tiles/{layer}/{z}/{x}/{y}.mvt: 204 where there is nothing to draw. The ETag is the layer's version, so that asking
 *  again costs a look at the version only. A desk's key shows the drafts of its county as well; the layer `plans`
 *  takes a key (401 without) and shows what that key may see. */
void tile_read_any(struct exchange *x);

/** GET /tiles/{layer}.json: TileJSON 3.0. Addresses are those under which the service is reached (api/public_url.h). */
void tile_json_read(struct exchange *x);

#endif
