/* Rules from the JSON document that api/paper/rules_write.h writes. Strict: every member must be there, none besides, every
 * value in its range, every name that is referred to known; fail closed. */
#ifndef API_RULES_READ_H
#define API_RULES_READ_H

#include "api/parse/parse_common.h"
#include "routing/rules/rules.h"

/** Reads a document into `arena`. Errors: those of the reader with the JSON pointer; INVALID_GEOMETRY. */
MUST_USE enum status rules_read(const char *text, size_t length, struct arena *arena, struct geos *geos,
                                struct rules_input *out, struct error *err);

#endif
