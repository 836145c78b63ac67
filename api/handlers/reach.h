/* POST /v1/reach. */
#ifndef API_HANDLERS_REACH_H
#define API_HANDLERS_REACH_H

#include "api/parse/parse_reach.h"
#include "api/process/exchange.h"
#include "routing/constraint/view.h"

void reach_post(struct exchange *x);

/** Appends the answer to one question under `view`, and counts what it cost. On a worker. */
MUST_USE enum status reach_document(struct exchange *x, const struct view *view, struct reach_question *q,
                                    struct buffer *out, struct error *err);

#endif
