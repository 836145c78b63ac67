/* `baochang prepare`: from the roads in the database to the network's snapshot file. */
#ifndef API_COMMAND_PREPARE_H
#define API_COMMAND_PREPARE_H

/** Options `database` and `snapshot`. Progress and figures go to standard error. Returns the exit status: 0 done, 1
 *  failed (a snapshot that was there before is untouched), 2 wrong usage. */
int command_prepare(int argc, char **argv);

#endif
