/* Registers over HTTP: facilities, jurisdictions, classes of zones, types of credentials, limits of roads and the state of
 * bridges, the calendar, who must approve what. One set of handlers for all; the pattern of the route says which.
 *
 * Everything is public to read. Who writes is said by the routes table; what lies outside the caller's county is not there.
 * A write is one transaction: looks, compares If-Match, writes, notes who did it, answers with the entry, its ETag and the
 * rules version that the commit made. `Idempotency-Key` makes the answer of a repeated request the first one's. */
#ifndef API_HANDLERS_REGISTER_DESK_H
#define API_HANDLERS_REGISTER_DESK_H

#include "api/process/exchange.h"

extern const char *const facility_list_keys[], *const jurisdiction_list_keys[], *const zone_class_list_keys[], *const credential_type_list_keys[],
    *const road_list_keys[], *const calendar_list_keys[], *const authority_list_keys[], *const toll_rate_list_keys[];

/** GET: a page of the register. Facilities, jurisdictions, classes and types answer with all of what one chooses from when
 *  nothing but `bbox` is asked (api/handlers/registers.h, layers.h). */
void register_page(struct exchange *x);

/** GET …/{id}, GET …/{id}/history, POST, PUT, DELETE. */
void register_one(struct exchange *x);
void register_versions(struct exchange *x);
void register_create(struct exchange *x);
void register_replace(struct exchange *x);
void register_remove(struct exchange *x);

#endif
