/* Exports that are made in the background, on disk: what was asked for, what became of it, the file.
 *
 *   export-<32 hex>.job     what was asked for, and by whom; written once
 *   export-<32 hex>.end     how it ended, and when; whoever makes it first decides
 *   export-<32 hex>.data    the file, whole or not there
 *
 * Every file comes by fsync and rename or link, so that a process that is killed, or a machine that is, leaves a job that
 * is whole or none. Who works on a job holds a lock on its first file; the lock of a process that is killed is free at
 * once. Any number of processes may share a directory of one machine. */
#ifndef DATA_EXPORT_SPOOL_H
#define DATA_EXPORT_SPOOL_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { SPOOL_ID_SIZE = 40, SPOOL_TEXT_SIZE = 240, SPOOL_OPEN_MAX = 1000 };
#define SPOOL_ID_PREFIX "export-"

enum spool_state { SPOOL_RUNNING, SPOOL_DONE, SPOOL_CANCELLED, SPOOL_FAILED };
const char *spool_state_name(enum spool_state state);

struct spool_job {
    char id[SPOOL_ID_SIZE];
    /* "" where nothing is asked */
    char plan[SPOOL_TEXT_SIZE]; /* id of a plan that is kept, in place of a layer */
    char layer[SPOOL_TEXT_SIZE], format[SPOOL_TEXT_SIZE], crs[SPOOL_TEXT_SIZE], names[SPOOL_TEXT_SIZE], encoding[SPOOL_TEXT_SIZE];
    char bbox[SPOOL_TEXT_SIZE]; /* four numbers with commas */
    char at[SPOOL_TEXT_SIZE], filter_state[SPOOL_TEXT_SIZE];
    /* whose eyes it has */
    char actor[SPOOL_TEXT_SIZE], holder[SPOOL_TEXT_SIZE], scope[SPOOL_TEXT_SIZE]; /* scope: county */
    char role[SPOOL_TEXT_SIZE], company[SPOOL_TEXT_SIZE];
    bool desk;
    int64_t created_ms;
    /* how it ended */
    enum spool_state state;
    int64_t finished_ms, bytes;
    char code[SPOOL_TEXT_SIZE]; /* of a failure (status_code) */
};

/** Whether there is a directory to write into; makes it if it is missing. IO. */
MUST_USE enum status spool_prepare(const char *folder, struct error *err);

/** Keeps a new job and names it. UNAVAILABLE when SPOOL_OPEN_MAX are there, IO. */
MUST_USE enum status spool_put(const char *folder, struct spool_job *job, struct error *err);

/** Reads one. NOT_FOUND, also for what is no id; IO. */
MUST_USE enum status spool_get(const char *folder, const char *id, struct spool_job *out, struct error *err);

/** Calls `each` for every job, in no order, until it returns false. IO. */
MUST_USE enum status spool_each(const char *folder, bool (*each)(void *context, const struct spool_job *job), void *context, struct error *err);

/** Ends it. CONFLICT when it is over already. */
MUST_USE enum status spool_end(const char *folder, const struct spool_job *job, enum spool_state state, int64_t bytes, const char *code, int64_t now_ms,
                               struct error *err);

/** Whether it is over, without reading it. */
bool spool_is_over(const char *folder, const char *id);

/** Takes a job to work on: *lock is a descriptor to close afterwards. False: another has it, or it is gone. */
MUST_USE bool spool_claim(const char *folder, const char *id, int *lock);

/** Puts the file there. IO (the disk is full, …). */
MUST_USE enum status spool_write(const char *folder, const char *id, const void *data, size_t length, struct error *err);

/** Appends bytes [from, from + length) of the file. NOT_FOUND, IO. */
MUST_USE enum status spool_read(const char *folder, const char *id, uint64_t from, size_t length, struct buffer *out, struct error *err);

/** Removes what processes that were killed left half written, an hour ago or longer. */
void spool_tidy(const char *folder, int64_t now_s);

/** Forgets a job and its file. */
void spool_remove(const char *folder, const char *id);

#endif
