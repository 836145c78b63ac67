#include "api/process/admit.h"

#include "api/process/server.h"
#include "api/wire/time_text.h"

#include <string.h>
#include <strings.h>

static const struct {
    unsigned role;
    const char *name;
} roles[] = {
    {ROLE_ANONYMOUS, "anonymous"}, {ROLE_VIEWER, "viewer"},     {ROLE_COMPANY, "company"}, {ROLE_OFFICER, "officer"},
    {ROLE_PLANNER, "planner"},     {ROLE_APPROVER, "approver"}, {ROLE_ADMIN, "admin"},
};

unsigned role_parse(const char *name)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].name, name) == 0) return roles[i].role;
    return 0;
}

const char *role_name(unsigned role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].role == role) return roles[i].name;
    return "";
}

const struct caller *exchange_caller(const struct exchange *x)
{
    return x->subject;
}

unsigned exchange_role(const struct exchange *x)
{
    const struct caller *caller = x->subject;
    return caller ? caller->role : ROLE_ANONYMOUS;
}

static enum status refuse(struct exchange *x, enum message message, struct error *err)
{
    exchange_header_add(x, "WWW-Authenticate", "Bearer");
    return error_set(err, STATUS_UNAUTHORISED, message);
}

enum status admit_caller(struct keyring *keyring, struct exchange *x, struct error *err)
{
    const char *header = exchange_header(x, "authorization");
    if (header == NULL)
        return x->route->roles & ROLE_ANONYMOUS ? STATUS_OK : refuse(x, MESSAGE_SIGN_IN, err);
    if (strncasecmp(header, "Bearer ", 7) != 0) return refuse(x, MESSAGE_KEY_FORM, err);
    if (keyring == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    struct caller *caller = arena_zero(x->arena, 1, sizeof *caller);
    if (caller == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    const char *text = header + 7;
    while (*text == ' ') text++;
    enum status status = keyring_find(keyring, text, time_now_ms(), &caller->key, err);
    if (status == STATUS_UNAUTHORISED) return refuse(x, MESSAGE_KEY_REFUSED, err);
    if (status != STATUS_OK) return status;
    caller->role = role_parse(caller->key.role);
    if ((x->route->roles & caller->role) == 0)
        return error_set(err, STATUS_FORBIDDEN, MESSAGE_ROLE_LACKS, caller->key.role);
    x->subject = caller;
    uint64_t limit_key = server_limit_key(exchange_server(x), caller->key.id, KEY_ID_SIZE - 1);
    x->limit_key = limit_key;
    return STATUS_OK;
}
