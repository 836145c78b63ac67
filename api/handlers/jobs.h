/* /v1/jobs: long work on stored plans, in the background. */
#ifndef API_HANDLERS_JOBS_H
#define API_HANDLERS_JOBS_H

struct exchange;

extern const char *const job_result_keys[];

/** POST /v1/jobs: look at stored plans again, or plan those that broke again. */
void job_post(struct exchange *x);
/** GET /v1/jobs, GET /v1/jobs/{id}: with progress. */
void jobs_get(struct exchange *x);
void job_get(struct exchange *x);
/** GET /v1/jobs/{id}/results: what became of each plan. */
void job_results_get(struct exchange *x);
/** POST /v1/jobs/{id}/cancel */
void job_cancel_post(struct exchange *x);

#endif
