/* GET /v1/search: places by name, for whoever types where to go. */
#ifndef API_HANDLERS_SEARCH_H
#define API_HANDLERS_SEARCH_H

struct exchange;

/** `q` (1 to 200 bytes, required), `near=lon,lat` and `limit` (1 to 50, default 10). */
void search_read(struct exchange *x);

extern const char *const search_keys[];

#endif
