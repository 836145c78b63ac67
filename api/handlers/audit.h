/* GET /v1/audit: a page of the audit log. GET /v1/audit/verify: whether it was tampered with, and the head of its chain,
 * to be kept elsewhere. For administrators. */
#ifndef API_HANDLERS_AUDIT_H
#define API_HANDLERS_AUDIT_H

#include "api/process/exchange.h"

extern const char *const audit_keys[], *const audit_verify_keys[];

void audit_read(struct exchange *x);
void audit_verify_read(struct exchange *x);

#endif
