/* Jobs of kind `export`: a layer or a kept plan as a file, made in the background and kept for a while (api/background/export_jobs.h). Their ids tell
 * them apart from jobs on plans; api/handlers/jobs.c hands over to here. On workers. Only who asked for one, and an admin,
 * finds it: for others it is not there. */
#ifndef API_HANDLERS_EXPORT_FILES_H
#define API_HANDLERS_EXPORT_FILES_H

#include "api/json/reader.h"
#include "api/process/exchange.h"
#include "data/maps/export_spool.h"

/** Whether a job of that id would be one. */
bool export_file_is(const char *id);

/** Reads what is asked for: {"kind": "export", "layer" or "plan", "format", "crs", "names", "encoding", "bbox", "at", "state"},
 *  as strictly as /v1/export does. A plan that the caller may not see is NOT_FOUND, one without geometry CONFLICT. */
MUST_USE enum status export_file_wish(struct exchange *x, const struct json_at *root, struct spool_job *out, struct error *err);

/** Starts it, for the caller. UNAVAILABLE where none are made. */
MUST_USE enum status export_file_start(const struct exchange *x, struct spool_job *job, struct error *err);

/** Cancels it. NOT_FOUND, CONFLICT when it is over. */
MUST_USE enum status export_file_cancel(const struct exchange *x, const char *id, struct error *err);

/** Appends it as JSON. NOT_FOUND. */
MUST_USE enum status export_file_read(const struct exchange *x, const char *id, struct buffer *out, struct error *err);

/** Puts the caller's exports behind the other jobs of {"jobs":[…]}, the newest first. */
MUST_USE enum status export_files_list(const struct exchange *x, struct buffer *out, struct error *err);

/** GET /v1/jobs/{id}/file: the file, whole or a range of it, with an ETag. */
void export_file_get(struct exchange *x);

#endif
