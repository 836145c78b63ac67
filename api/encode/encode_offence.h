/* What a plan does wrong under rules or for a vehicle that it was not made for, as JSON. */
#ifndef API_ENCODE_OFFENCE_H
#define API_ENCODE_OFFENCE_H

#include "api/json/writer.h"
#include "api/wire/wire_crs.h"
#include "routing/plan/checker.h"

/** {code, message, leg, zone or closure with name, road, location}. With `vehicle` (may be NULL) a limit that it passes:
 *  limit_kind, limit, vehicle. `crs` of the location, NULL: EPSG:4490. */
void encode_offence(struct json_writer *w, const struct view *view, const struct judgement *j, const struct vehicle *vehicle,
                    const struct wire_crs *crs, enum language language);

#endif
