/* GET /v1/session: whose key this is. What a page asks when somebody signs in. */
#ifndef API_HANDLERS_SESSION_H
#define API_HANDLERS_SESSION_H

struct exchange;

/** {"holder", "role", "county", "company", "expires_at"}; county and company are null where the key has no such scope. Only for who has a key. */
void session_read(struct exchange *x);

#endif
