/* `baochang migrate`: brings the database's schema up to this program, as the role that owns it. */
#ifndef API_COMMAND_MIGRATE_H
#define API_COMMAND_MIGRATE_H

/** argv[0] is the subcommand. Returns the exit status. */
int command_migrate(int argc, char **argv);

#endif
