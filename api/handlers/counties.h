/* /v1/county-plans: prepared plans of counties, and the switch between normal and emergency (平急转换).
 *
 * Everything that writes works on a worker in one transaction: 404 outside the caller's county, If-Match, then what
 * data/rules/county_store.h allows. Activating and standing down answer with the plan, whom to tell (`notify`), and the one
 * rules version that the commit made. A drill publishes nothing (api/trial/drill.h). */
#ifndef API_HANDLERS_COUNTIES_H
#define API_HANDLERS_COUNTIES_H

#include "api/process/exchange.h"

extern const char *const county_list_keys[];

void counties_read(struct exchange *x);
void county_plan_read(struct exchange *x);
void county_create(struct exchange *x);
void county_replace(struct exchange *x);
void county_delete(struct exchange *x);
void county_submit(struct exchange *x);
void county_approve(struct exchange *x);
void county_reject(struct exchange *x);
void county_retire(struct exchange *x);
void county_activate(struct exchange *x);
void county_stand_down(struct exchange *x);
void county_drill(struct exchange *x);

#endif
