/* `baochang import FILE|--demo`: roads into the database. */
#ifndef API_COMMAND_IMPORT_H
#define API_COMMAND_IMPORT_H

/** baochang import FILE [--mapping=M.ini] [--source=NAME] [--replace]
 *  baochang import --demo [--scale=N] [--seed=S] [--replace]
 *  Progress and the report of what was left out go to standard error. Returns the exit status: 0 done, 1 failed and
 *  nothing changed, 2 wrong usage. */
int command_import(int argc, char **argv);

#endif
