/* Vector tiles of the map's layers, made by PostGIS (ST_AsMVT): what a zoom level can show, and no more.
 *
 * A tile is of one version of its layer (the rules', the roads'), and is kept in memory by that version, so that a
 * publication ends it: the next request finds another version and makes the tile again. Layers that count no versions
 * (facilities, jurisdictions) are made each time; their version is a digest of the tile. */
#ifndef DATA_TILES_H
#define DATA_TILES_H

#include "data/maps/map_layers.h"
#include "data/maps/tile_cache.h"
#include "data/pg/read_pool.h"
#include "data/plans/plan_store.h"
#include "data/rules/rule_store.h"
#include "geo/base/buffer.h"

enum { TILE_ZOOM_MAX = 18, TILE_VERSION_SIZE = 48, TILE_SIGHT_SIZE = 24 };

struct tile_name {
    const struct map_layer *layer;
    unsigned z, x, y;
    struct rule_reader reader; /* a desk sees the drafts of its county as well */
    struct plan_reader owner;  /* of a layer that is for its owners; not looked at otherwise */
};

/** Whose eyes a tile is for: "" for what everybody sees alike. [A-Za-z0-9-]. */
void tile_sight(const struct tile_name *name, char out[TILE_SIGHT_SIZE]);

/** Whether z/x/y is a tile of web Mercator. */
bool tile_exists(unsigned z, unsigned x, unsigned y);

/** One tile as a Mapbox Vector Tile with one layer of the layer's name; an empty one is no bytes. Roads have class, ref,
 *  name, bridge, tunnel, toll and their id as the feature's; minor ones are left out below the zoom at which they could be
 *  told apart. The others have the properties that are no structures or papers, with id, and from_s and until_s (seconds
 *  since 1970; left out when open) for comparing. Rules that are over are not drawn. `version` is for an ETag:
 *  [A-Za-z0-9._-]; equal to the one in `known` (may be NULL) means that `out` was left empty because the caller has it. */
MUST_USE enum status tile_read(struct read_pool *pool, struct tile_cache *cache, const struct tile_name *name, const char *known,
                               char version[TILE_VERSION_SIZE], struct buffer *out, struct error *err);

#endif
