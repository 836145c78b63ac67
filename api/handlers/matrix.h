/* POST /v1/matrix: durations and distances between places under one set of constraints. */
#ifndef API_HANDLERS_MATRIX_H
#define API_HANDLERS_MATRIX_H

#include "api/parse/parse_table.h"
#include "api/process/exchange.h"
#include "routing/constraint/view.h"

void matrix_post(struct exchange *x);

/** Appends the answer to one question under `view`, and counts what it cost. On a worker. */
MUST_USE enum status matrix_answer(struct exchange *x, const struct view *view, struct table_question *q,
                                   struct buffer *out, struct error *err);

#endif
