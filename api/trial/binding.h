/* When what is new in changed rules begins to bind: what is drawn today for next week breaks nothing today. */
#ifndef API_BINDING_H
#define API_BINDING_H

#include "routing/rules/rules.h"

/** The moment from which all that is new in `after` binds; 0: it does so now. */
int64_t binding_from(const struct rules_input *before, const struct rules_input *after);

#endif
