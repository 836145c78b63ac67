/* POST and GET /v1/route: one plan, or the reason why there is none. */
#ifndef API_HANDLERS_ROUTE_H
#define API_HANDLERS_ROUTE_H

#include "api/encode/encode_route.h"
#include "api/process/exchange.h"
#include "routing/planner/planner.h"

void route_any(struct exchange *x);

/** Answers one question under `view` and counts what it cost. OK: `out` is the document with plans, and a '\0' after it.
 *  A status of 422: *err is the cause and `out` has the members of its problem document (perhaps none). Anything else is
 *  an error. `encoder` and `answer` are set for the first two; they borrow view and question. */
MUST_USE enum status route_answer(struct exchange *x, const struct view *view, struct route_question *question,
                                  enum planner_mode mode, struct route_encoder *encoder, struct answer *answer,
                                  struct buffer *out, struct error *err);

#endif
