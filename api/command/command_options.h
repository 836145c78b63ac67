/* What stands on the command line beside the options of the configuration (api/process/config.h): one table for every subcommand,
 * from which come the reading of `route`, all usage texts, the completion of the shell and the manual page.
 *
 *   struct option_read seen[64];
 *   TRY(options_read("route", argc, argv, seen, 64, &count, err));      // after config_load has taken its own
 *
 * An option is written --name=value or --name value, a flag --name. Unknown ones, values that are missing and options
 * given twice that do not repeat are errors that name them. */
#ifndef API_COMMAND_OPTIONS_H
#define API_COMMAND_OPTIONS_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct command_option {
    const char *name;  /* without dashes */
    const char *value; /* what stands for the value in help; NULL: a flag */
    const char *words; /* the values there are, "a|b", or NULL */
    const char *key;   /* `route`: the member in the query of GET /v1/route; NULL: handled by the command */
    bool repeats;
    const char *en, *zh;
};

struct command_about {
    const char *name;
    const char *forms; /* lines after "baochang NAME", separated by newlines */
    const char *en, *zh;
    bool config;       /* also takes the options of the configuration */
    const struct command_option *options; /* up to one without a name */
    const char *note_en, *note_zh; /* a paragraph for help and manual, or NULL */
};

extern const struct command_about command_table[];
extern const size_t command_count;

/** NULL when there is none of that name. */
const struct command_about *command_find(const char *name);

/** The usage of one subcommand, as `--help` and a wrong call print it. */
void command_usage(struct buffer *out, const struct command_about *command);

/** Prints that on stderr; returns 2, the exit code of a wrong call. */
int command_usage_print(const char *name);

struct option_read {
    const struct command_option *option; /* NULL: an argument that is no option */
    const char *value;                   /* NULL: a flag */
};

/** Reads argv[1 …]. What is in *out borrows from argv. UNKNOWN_MEMBER, MISSING_MEMBER, DUPLICATE_MEMBER, TOO_LARGE. */
MUST_USE enum status options_read(const char *command, int argc, char **argv, struct option_read *out, size_t capacity,
                                  size_t *count, struct error *err);

#endif
