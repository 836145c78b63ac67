/* `baochang config show|sample|reference|help`: the option table in its written forms. */
#ifndef API_COMMAND_CONFIG_H
#define API_COMMAND_CONFIG_H

/** Prints to standard output. Returns the exit status. */
int command_config(int argc, char **argv);

#endif
