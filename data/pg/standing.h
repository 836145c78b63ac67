/* What stands how, and what that forbids, in the words of the catalogue: states and acts are codes in the database and in answers. */
#ifndef DATA_STANDING_H
#define DATA_STANDING_H

#include "geo/base/error.h"

/** Sets STATUS_CONFLICT with both names in each language; one that has no name is told by its code. Returns it. Any thread. */
enum status standing_forbids(struct error *err, const char *state, const char *act);

#endif
