/* The thread that works jobs off (data/plans/job_store.h): one in each process, of lower priority than the threads that answer.
 *
 *   jobs_open(&jobs, app, conninfo, &options, &err);
 *   jobs_published(jobs, version);                     // from the feed's thread; starts a job where so configured
 *   jobs_close(jobs);                                  // before app_free; waits for the plan at hand
 *
 * It takes a few plans at a time in a transaction, judges them under the rules in force, marks those that broke with the
 * reason or plans them again, and commits. It wakes on a notification and looks every two seconds. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include "api/app.h"

struct jobs;

/** `slot` is the thread's slot at the application, `on_publication` whether each new version of the rules starts a job. */
MUST_USE enum status jobs_open(struct jobs **out, struct app *app, const char *conninfo, unsigned slot, bool on_publication,
                               struct error *err);
void jobs_close(struct jobs *jobs);

/** A version of the rules has become current. Never blocks. */
void jobs_published(struct jobs *jobs, int64_t version);

#endif
