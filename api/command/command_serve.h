/* `baochang serve`: the process around the server. */
#ifndef API_COMMAND_SERVE_H
#define API_COMMAND_SERVE_H

/** Runs until SIGTERM or SIGINT, then stops gracefully; SIGHUP reads the reloadable options again. Returns the exit
 *  status: 0 after a clean stop, 1 after an error at start, 3 when work had to be cut off. */
int command_serve(int argc, char **argv);

#endif
