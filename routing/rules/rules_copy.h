/* A deep copy of the rules as stated, so that compiled rules depend on nobody's memory. */
#ifndef ROUTING_RULES_COPY_H
#define ROUTING_RULES_COPY_H

#include "geo/base/arena.h"
#include "routing/rules/rules.h"

/** Copies everything `input` points to into `arena`; a string that is NULL becomes "". STATUS_TOO_LARGE when the
 *  arena's maximum is reached or memory is out. */
MUST_USE enum status rules_copy(const struct rules_input *input, struct arena *arena, struct rules_input **out,
                                struct error *err);

#endif
