/* The database's reasons in Chinese.
 *
 * The schema refuses rows with an English reason; constraints and triggers say it to whoever writes, psql included. For
 * people who work in Chinese the same reason is looked up in data/pg/reasons.def. */
#ifndef DATA_REASON_H
#define DATA_REASON_H

#include <stdbool.h>
#include <stddef.h>

/** Writes the Chinese of `en` into `out`, cut between characters where it does not fit; false (and `en` itself) when no
 *  reason fits. Cost: one pass over some eighty templates. Any thread. */
bool reason_translate(const char *en, char *out, size_t size);

#endif
