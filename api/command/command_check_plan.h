/* `baochang check PLAN.json …` and `baochang check --dump-rules`: for whoever is given a plan. */
#ifndef API_COMMAND_CHECK_PLAN_H
#define API_COMMAND_CHECK_PLAN_H

#include "api/process/config.h"

struct check_plan_arguments {
    const char *plan;    /* file of an answer of /v1/route, or of {request, answer}; "-": standard input */
    const char *request; /* file of the question; NULL when the plan's file holds it */
    const char *rules;   /* file written by --dump-rules; NULL: from the database, those of the plan's version */
};

/** Says on standard output whether every plan is lawful, or the first offence with leg, time and place. 0: lawful, 1: not,
 *  2: it could not be judged (files, another network or version of the rules). */
int command_check_plan(const struct config *config, const struct check_plan_arguments *arguments);

/** Writes the rules in force in the database to standard output. 0, or 2. */
int command_dump_rules(const struct config *config);

#endif
