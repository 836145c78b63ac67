/* /v1/lanes: the register of lanes (data/registers/lane_store.h). A company sees and proposes its own, the desk of a county keeps
 * those of the county; nobody else sees any. Writing one is no publication. */
#ifndef API_HANDLERS_LANES_H
#define API_HANDLERS_LANES_H

#include "api/process/exchange.h"

extern const char *const lane_list_keys[], *const lane_read_keys[];

void lanes_read(struct exchange *x);
void lane_read_one(struct exchange *x);
void lane_versions(struct exchange *x);
void lane_create(struct exchange *x);
void lane_replace(struct exchange *x);
void lane_remove(struct exchange *x);

#endif
