#include "geo/base/status.h"

static const struct {
    const char *name;
    const char *code;
    int http;
} table[STATUS_COUNT] = {
#define X(name, code, http) {#name, code, http},
    STATUS_LIST(X)
#undef X
};

const char *status_code(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? table[status].code : "internal_error";
}

int status_http(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? table[status].http : 500;
}

const char *status_name(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? table[status].name : "INTERNAL";
}
