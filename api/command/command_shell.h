/* `baochang completion bash` and `baochang man`: what a shell and a reader of manuals need, made from the table of
 * subcommands (api/command/command_options.h) and the one of the configuration. docker/baochang.1 and docker/baochang.bash are
 * their output; a test compares. */
#ifndef API_COMMAND_SHELL_H
#define API_COMMAND_SHELL_H

#include "geo/base/buffer.h"

int command_completion(int argc, char **argv);
int command_man(int argc, char **argv);

/** The same into a buffer, for tests. */
void completion_write(struct buffer *out);
void man_write(struct buffer *out);

#endif
