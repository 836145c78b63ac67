/* A county's prepared plan in a request, and the words of a switch. */
#ifndef API_PARSE_COUNTY_H
#define API_PARSE_COUNTY_H

#include "api/parse/parse_route.h"
#include "data/rules/county_store.h"

enum { COUNTY_MEMBERS_MAX = 500, COUNTY_DEMANDS_MAX = 50 };

/** Reads a plan:
 *
 *   {"name", "jurisdiction", "note", "members": [{"kind", "id", "part"}], "fleet": [{"enterprise", "vehicles", "note"}],
 *    "notify": [enterprise], "credentials": [type], "demands": [{"name", "request": a question for /v1/route}]}
 *
 *  What an answer has beside these is taken and ignored, so that a plan can be read, changed and sent back; `notify` may
 *  hold the objects of an answer. *document is JSON for the database, in the arena. `scope` is the jurisdiction of a plan
 *  that names none, or NULL. Each demand is read as /v1/route would: a question that cannot be asked is refused now.
 *  Errors: those of the reader. On a worker. */
MUST_USE enum status parse_county(const struct json_at *root, const char *scope, const struct parse_setting *setting,
                                  const char **document, struct error *err);

/** Reads {"authority", "document_no", "opinion", "start_at", "parts"}: the first two are required where `documented`, the
 *  last two are taken where `switching`. Into the arena. A start in the past is OUT_OF_RANGE. */
MUST_USE enum status parse_county_words(const struct json_at *root, bool documented, bool switching, const struct parse_setting *setting,
                                        struct county_words *out, struct error *err);

#endif
