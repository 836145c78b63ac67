/* POST /v1/match: positions driven to roads driven, and whether that was lawful. */
#ifndef API_HANDLERS_MATCH_H
#define API_HANDLERS_MATCH_H

#include "api/process/exchange.h"

void match_post(struct exchange *x); /* always on a worker */

#endif
