/* /ogc: OGC API - Features, Part 1 (core, GeoJSON, HTML, OpenAPI 3.0) and Part 2 (CRS), over the map's layers and plans.
 *
 * Every resource is one JSON document; its page for people is made from it (api/ogc/ogc_page.h). Who sees which feature is
 * what data/maps/feature_store.h says; the collection of plans is there for who has a key. All on workers. */
#ifndef API_HANDLERS_OGC_FEATURES_H
#define API_HANDLERS_OGC_FEATURES_H

#include "api/process/exchange.h"

extern const char *const ogc_form_keys[], *const ogc_item_keys[], *const ogc_items_keys[];

void ogc_landing(struct exchange *x);
void ogc_conformance(struct exchange *x);
void ogc_api(struct exchange *x);
void ogc_collections(struct exchange *x);
void ogc_collection(struct exchange *x);
void ogc_queryables(struct exchange *x);
void ogc_items(struct exchange *x);
void ogc_item(struct exchange *x);

#endif
