/* POST /v1/explain: why there is no lawful route, or why the one there is is longer than the way without rules. */
#ifndef API_HANDLERS_EXPLAIN_H
#define API_HANDLERS_EXPLAIN_H

#include "api/process/exchange.h"

/** Takes the body of POST /v1/route; 200 in both cases. Always on a worker: some dozens of searches. */
void explain_post(struct exchange *x);

#endif
