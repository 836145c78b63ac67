/* `baochang zone`: lint: what an approver would hear of the zones in a GeoJSON file, before anybody draws them. */
#ifndef API_COMMAND_ZONE_H
#define API_COMMAND_ZONE_H

/** Returns the exit code: 0 nothing worse than information, 1 a warning, 2 an error or a wrong call, 3 it could not be told. */
int command_zone(int argc, char **argv);

#endif
