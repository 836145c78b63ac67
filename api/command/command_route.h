/* `baochang route --from 南召 --to 唐河 --vehicle truck_6_axle --loop …`: one question from the command line, under the
 * rules that the database holds now, without a server: printed for people, as the JSON of POST /v1/route, GeoJSON or GPX.
 * Places are coordinates or names (api/command/place_name.h); the options are in api/command/command_options.c. */
#ifndef API_COMMAND_ROUTE_H
#define API_COMMAND_ROUTE_H

/** 0: a plan; 1: no plan or an error (said on stderr); 2: usage. */
int command_route(int argc, char **argv);

#endif
