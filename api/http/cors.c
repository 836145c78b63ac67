#include "api/http/cors.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t"

/* The next origin of the list, without blanks around it; its length, and *list behind it. 0: there is none. */
static size_t next_origin(const char **list, const char **out)
{
    const char *p = *list + strspn(*list, BLANKS ",");
    size_t length = strcspn(p, ",");
    *out = p;
    *list = p + length;
    while (length > 0 && strchr(BLANKS, p[length - 1])) length--;
    return length;
}

static bool is_origin(const char *text, size_t length)
{
    static const char host[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]_";
    size_t scheme = length > 8 && strncmp(text, "https://", 8) == 0 ? 8 : length > 7 && strncmp(text, "http://", 7) == 0 ? 7 : 0;
    return scheme && strspn(text + scheme, host) >= length - scheme;
}

enum status cors_check(const char *list, struct error *err)
{
    const char *one;
    size_t length;
    if (list == NULL || strcmp(list, "*") == 0) return STATUS_OK;
    while ((length = next_origin(&list, &one)) > 0)
        if (!is_origin(one, length)) return error_set(err, STATUS_INVALID, MESSAGE_CORS_ORIGINS, (int)(length < 200 ? length : 200), one);
    return STATUS_OK;
}

const char *cors_origin(const char *list, const char *origin)
{
    const char *one;
    size_t length;
    if (list == NULL || origin == NULL) return NULL;
    if (strcmp(list, "*") == 0) return "*";
    while ((length = next_origin(&list, &one)) > 0)
        if (strncmp(one, origin, length) == 0 && origin[length] == '\0') return origin;
    return NULL;
}
