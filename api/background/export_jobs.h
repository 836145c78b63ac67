/* The thread that makes exports which somebody asked for as a job (data/maps/export_spool.h), one after the other, of lower
 * priority than the threads that answer.
 *
 *   export_jobs_open(&jobs, "/var/lib/baochang/exports", conninfo, 24, &err);
 *   … spool_put(export_jobs_folder(jobs), &job, &err), export_jobs_wake(jobs) …
 *   export_jobs_close(jobs);
 *
 * It looks every two seconds, takes what nobody else works on, and removes what ended longer ago than exports are kept. An
 * export that was under way when its process was killed is made from the start by the next one that looks. */
#ifndef API_EXPORT_JOBS_H
#define API_EXPORT_JOBS_H

#include "data/maps/export_spool.h"

struct export_jobs;

/** IO when the directory cannot be used, NO_MEMORY. Texts are copied. */
MUST_USE enum status export_jobs_open(struct export_jobs **out, const char *folder, const char *conninfo, unsigned keep_hours, struct error *err);
/** Waits for the page at hand. What was not finished is begun again at the next start. */
void export_jobs_close(struct export_jobs *jobs);

const char *export_jobs_folder(const struct export_jobs *jobs);

/** When a job that ended then is forgotten. */
int64_t export_jobs_expiry(const struct export_jobs *jobs, int64_t finished_ms);

/** There is something new. Any thread; never blocks. */
void export_jobs_wake(struct export_jobs *jobs);

#endif
