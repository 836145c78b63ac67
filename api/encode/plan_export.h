/* A plan as a file for other people's maps: legs as lines, waypoints and gates as points, the corridor as an area, all in
 * one table whose column `part` says what each is. Made from an answer of /v1/route as it was sent. */
#ifndef API_PLAN_EXPORT_H
#define API_PLAN_EXPORT_H

#include "data/ogr/ogr_export.h"

/** Writes the answer's first plan into `e`; `request` is the question, which says how lines are encoded. CONFLICT when it was asked for without geometry, or in another CRS: then it has
 *  to be asked for again. */
MUST_USE enum status plan_export(const char *request, const char *answer, size_t length, struct export *e, struct error *err);

/** Whether plan_export could write that answer, without writing it. CONFLICT as there. */
MUST_USE enum status plan_export_check(const char *answer, size_t length, struct error *err);

#endif
