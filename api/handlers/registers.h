/* GET /v1/zone-classes, /v1/credential-types, /v1/jurisdictions: what whoever draws chooses from.
 * GET /v1/reports/quality: what is wrong with the rules as they stand, as far as the database can tell, and the
 * checkpoints and closures in force that resolve to no road of the network. */
#ifndef API_HANDLERS_REGISTERS_H
#define API_HANDLERS_REGISTERS_H

#include "api/process/exchange.h"

void zone_classes_read(struct exchange *x);
void credential_types_read(struct exchange *x);
void jurisdictions_read(struct exchange *x);
void quality_report_read(struct exchange *x);

#endif
