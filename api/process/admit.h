/* Who is calling, and whether the route's row lets them: the admit hook of the server (api/process/server.h).
 *
 *   Authorization: Bearer bck_…        → x->subject is a struct caller
 *   no Authorization                    → x->subject is NULL, anonymous
 *
 * A key that is wrong is 401 everywhere, also where anonymous callers may: it is never taken for no key. A role that
 * the row does not name is 403. What lies outside the scope of a key (county, company) is 404 where the object is looked
 * up: it must not be told apart from what is not there. */
#ifndef API_ADMIT_H
#define API_ADMIT_H

#include "api/process/exchange.h"
#include "api/process/router.h"
#include "data/keys/keyring.h"

struct caller {
    struct key_holder key;
    unsigned role; /* one of enum role */
};

/** The part of `struct server_options.admit` that knows where the keys are; `keyring` may be NULL (every key is then
 *  refused with 503). Errors: UNAUTHORISED (with WWW-Authenticate), FORBIDDEN, UNAVAILABLE, NO_MEMORY. Never blocks. */
MUST_USE enum status admit_caller(struct keyring *keyring, struct exchange *x, struct error *err);

/** The caller, or NULL for an anonymous one. */
const struct caller *exchange_caller(const struct exchange *x);

/** The role of an exchange: ROLE_ANONYMOUS without a key. */
unsigned exchange_role(const struct exchange *x);

/** The bit of a role's name, 0 for none; and back. */
unsigned role_parse(const char *name);
const char *role_name(unsigned role);

#endif
