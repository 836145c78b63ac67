/* `baochang key create|list|revoke`: who may change rules. */
#ifndef API_COMMAND_KEY_H
#define API_COMMAND_KEY_H

/** Runs the command; argv[0] is "key". A new key is the only thing written to standard output, once. The exit code. */
int command_key(int argc, char **argv);

#endif
