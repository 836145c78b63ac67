/* `baochang check`: a plan that somebody was given (api/command/command_check_plan.h), the rules as a file, or the audit log:
 * `--audit [--head=SEQ:HASH]`, whether it was tampered with. */
#ifndef API_COMMAND_CHECK_H
#define API_COMMAND_CHECK_H

/** Runs the command; argv[0] is "check". With --audit prints the head of the chain, to be kept elsewhere; 1 and the first bad
 *  row when the log cannot be trusted. Otherwise 0 lawful, 1 not, 2 cannot be said. The exit code. */
int command_check(int argc, char **argv);

#endif
