/* POST /v1/impact: what changed rules would do to the plans that are kept and to places: who has to go round, who cannot
 * go at all, who is cut off. */
#ifndef API_HANDLERS_IMPACT_H
#define API_HANDLERS_IMPACT_H

struct exchange;

extern const char *const impact_keys[];

void impact_post(struct exchange *x);

#endif
