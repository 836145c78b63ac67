/* Every route of the program that the application answers, as one table (api/process/router.h says what a row means). The
 * OpenAPI document is checked against it. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/process/router.h"

extern const struct route app_routes[];
extern const size_t app_route_count;

#endif
