/* OSRM v1 for the clients that exist: GET /route/v1, /table/v1, /nearest/v1, /trip/v1, /match/v1. They answer under the rules in force, for
 * the profile's vehicle, departing now. */
#ifndef API_HANDLERS_OSRM_H
#define API_HANDLERS_OSRM_H

struct exchange;

void osrm_trip(struct exchange *x);
void osrm_match(struct exchange *x);
void osrm_route(struct exchange *x);
void osrm_table(struct exchange *x);
void osrm_nearest(struct exchange *x);

/* "*": wrong options are answered in OSRM's way, by the handlers themselves. */
extern const char *const osrm_keys[];

#endif
