/* `baochang export`: a layer of the database as a file. */
#ifndef API_COMMAND_EXPORT_H
#define API_COMMAND_EXPORT_H

/** Returns the exit code: 0, 1 (error), 2 (a wrong call). */
int command_export(int argc, char **argv);

#endif
