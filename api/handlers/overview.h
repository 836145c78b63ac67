/* GET /v1/overview: what a desk looks at all day. How old the rules are, how the plans stand, and which load the gates will
 * have, hour by hour, by the plans that are kept. */
#ifndef API_HANDLERS_OVERVIEW_H
#define API_HANDLERS_OVERVIEW_H

struct exchange;

extern const char *const overview_keys[];

void overview_read(struct exchange *x);

#endif
