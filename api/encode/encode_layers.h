/* The rules of a view as GeoJSON layers, and what the network is. */
#ifndef API_ENCODE_LAYERS_H
#define API_ENCODE_LAYERS_H

#include "api/app.h"
#include "geo/base/buffer.h"
#include "geo/base/error.h"
#include "routing/constraint/view.h"

struct layer_filter {
    bool has_box;
    struct box_e7 box;
    int64_t at_ms; /* the moment of `in_force` */
    enum language language;
};

/** FeatureCollections of what is in the view and meets the filter's box, in the rules' order. NO_MEMORY. A failed
 *  buffer is the caller's to see. */
MUST_USE enum status encode_zones(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                                  struct error *err);
MUST_USE enum status encode_checkpoints(struct buffer *out, const struct view *view,
                                        const struct layer_filter *filter, struct error *err);

/** Closures as the roads they touch (MultiLineString; null when the network has none of them). */
MUST_USE enum status encode_closures(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                                     struct error *err);

void encode_network(struct buffer *out, const struct app *app, const struct view *view);

#endif
