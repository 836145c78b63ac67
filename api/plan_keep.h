/* Plans that callers keep: from an answer to a row, and from a row back to the planner.
 *
 * For exports, printed sheets and the like, on a worker:
 *
 *   struct stored_plan plan;
 *   if (plan_of_caller(x, exchange_param(x, "id"), &plan, &err) != STATUS_OK) … exchange_problem(x, &err);
 *   … plan.answer is the JSON of POST /v1/route as it was sent, plan.request the question, plan.tag an ETag …
 *
 * A plan that the caller may not see is NOT_FOUND, like one that is not there. */
#ifndef API_PLAN_KEEP_H
#define API_PLAN_KEEP_H

#include "api/encode/encode_route.h"
#include "api/process/exchange.h"
#include "data/plans/plan_store.h"
#include "routing/planner/planner.h"

/** Whose eyes x has; borrows from the caller. Signed-in callers only. */
struct plan_reader plan_reader_of(const struct exchange *x);

/** A plan under the caller's scope, in x->arena. On a worker. NOT_FOUND, UNAVAILABLE (no database), NO_MEMORY. */
MUST_USE enum status plan_of_caller(struct exchange *x, const char *id, struct stored_plan *out, struct error *err);

/** The plan that the caller has kept under the Idempotency-Key of x. NOT_FOUND: none, or x has no such key; INVALID: its length. */
MUST_USE enum status plan_kept(struct exchange *x, struct stored_plan *out, struct error *err);

/** Answers again what was answered when the plan was kept. */
void plan_reply_kept(struct exchange *x, int http_status, const struct stored_plan *kept);

/* What a row gets beside question and answer. NULL where there is none. */
struct plan_belonging {
    const char *company, *county, *request_key, *replaces;
};

/** Keeps the first plan of an answer: `request` is the question as it came, `text` the answer as it goes out.
 *  TOO_LARGE, those of plan_store_put. */
MUST_USE enum status plan_keep(struct write_tx *tx, const struct route_encoder *encoder, const struct plan *plan,
                               const struct plan_belonging *to, const char *request, const char *text, struct error *err);

/** Reads the question of a stored plan again, as it was meant: with its own departure, or another one (INT64_MIN: its
 *  own). `request` (may be NULL) receives the text of that question. */
MUST_USE enum status plan_question(const struct stored_plan *stored, int64_t depart_ms, const struct parse_setting *setting,
                                   struct route_question *out, const char **request, struct error *err);

/** When a stored plan is taken to leave: as planned, or, once that moment is past, now. A whole second. */
int64_t plan_departure(const struct stored_plan *stored, int64_t now_ms);

/** Reads what it does, to be judged or compared under `view`, leaving at `depart_ms`. CONFLICT when the plan is of
 *  another network. */
MUST_USE enum status plan_recall(const struct stored_plan *stored, const struct view *view, int64_t depart_ms,
                                 struct arena *arena, struct plan **out, struct error *err);

#endif
