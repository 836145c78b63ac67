/* POST /v1/whatif: a route, matrix or reach question under the rules as they are and under one or two sets of changes that
 * are never published, side by side. */
#ifndef API_HANDLERS_WHATIF_H
#define API_HANDLERS_WHATIF_H

struct exchange;

void whatif_post(struct exchange *x);

#endif
