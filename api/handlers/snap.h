/* POST and GET /v1/snap: the nearest roads that a vehicle may use. */
#ifndef API_HANDLERS_SNAP_H
#define API_HANDLERS_SNAP_H

struct exchange;

void snap_any(struct exchange *x);

#endif
