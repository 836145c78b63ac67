/* Plans that are kept: /v1/plans. A plan is kept by `"store": true` in POST /v1/route (api/handlers/route.c). What a
 * caller may not see is 404. */
#ifndef API_HANDLERS_PLANS_H
#define API_HANDLERS_PLANS_H

struct exchange;

extern const char *const plan_list_keys[];
extern const char *const plan_check_keys[];

/** GET /v1/plans */
void plans_list(struct exchange *x);
/** GET /v1/plans/{id}: how it stands, the question, the answer as it was sent. */
void plan_read(struct exchange *x);
/** GET /v1/plans/{id}/check: whether it is lawful under the rules in force, leaving as planned or at `at`. */
void plan_check(struct exchange *x);
/** POST /v1/plans/{id}/replan: a new plan for the same question under the rules in force, in its place. */
void plan_replan(struct exchange *x);
/** DELETE /v1/plans/{id}: takes it back and wipes it. */
void plan_delete(struct exchange *x);

#endif
