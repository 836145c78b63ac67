/* Jobs on stored plans: started, read and cancelled by callers, worked off by every process through row locks.
 *
 *   job_take(pg, version, &arena, &items, &count, &err); // inside a transaction; the rows are this process's until it ends
 *   … judge, plan again …
 *   job_settle(pg, &items[i], "lawful", version, NULL, &err);
 *   COMMIT;                                          // a process that is killed instead has taken nothing
 *   job_close(pg, &err);                             // jobs with nothing left are done */
#ifndef DATA_JOB_STORE_H
#define DATA_JOB_STORE_H

#include "data/plans/plan_store.h"

enum { JOB_ID_SIZE = 40, JOB_TAKE = 16 };

/** Starts a job; `id` receives its name, "" when this publication has one already (`publication` < 0: a caller's own). */
MUST_USE enum status job_start(struct pg *pg, const char *kind, const char *plans, const struct plan_reader *reader,
                               const char *holder, int64_t publication, char id[JOB_ID_SIZE], struct error *err);

/** Appends a job as JSON; one's own, or any for an admin. NOT_FOUND. */
MUST_USE enum status job_read(struct pg *pg, const char *id, const struct plan_reader *reader, struct buffer *out, struct error *err);

/** Appends {"jobs":[…]}: the newest hundred that the reader may see. */
MUST_USE enum status job_list(struct pg *pg, const struct plan_reader *reader, struct buffer *out, struct error *err);

/** Appends {"results":[{plan, outcome, detail, at}, …], "next": cursor or null} by plan, those that are done. `after` NULL:
 *  from the start. NOT_FOUND. */
MUST_USE enum status job_results(struct pg *pg, const char *id, const struct plan_reader *reader, const char *after, unsigned limit,
                                 struct buffer *out, struct error *err);

/** Cancels it: what is done stays. NOT_FOUND, CONFLICT when it is over. */
MUST_USE enum status job_cancel(struct write_tx *tx, const char *id, const struct plan_reader *reader, struct error *err);

/* One plan of a job. */
struct job_item {
    char job[JOB_ID_SIZE], plan[PLAN_ID_SIZE];
    bool replan;
    const char *actor, *holder, *role; /* who started the job */
    struct stored_plan stored;         /* state other than "active": settled by others meanwhile; then nothing else is set */
};

/** Takes at most JOB_TAKE items that nobody else has, in `arena`, of jobs that were started under `rules_version` or an earlier
 *  one: who has not seen a job's rules yet must not judge by others. */
MUST_USE enum status job_take(struct pg *pg, int64_t rules_version, struct arena *arena, struct job_item *items, uint32_t *count,
                              struct error *err);

/** Notes what became of an item; for "lawful" and "broken" in the plan as well. `detail` is JSON or NULL. */
MUST_USE enum status job_settle(struct pg *pg, const struct job_item *item, const char *outcome, int64_t rules_version,
                                const char *detail, struct error *err);

/** Ends running jobs that have nothing left to do. Outside a transaction. */
MUST_USE enum status job_close(struct pg *pg, struct error *err);

#endif
