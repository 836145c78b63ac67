#include "api/http/fields.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The quality behind the range that starts at p, in thousandths; 1000 without one. */
static int quality(const char *p, const char *end)
{
    const char *q = NULL;
    for (const char *at = p; at + 2 < end; at++)
        if (*at == ';') {
            const char *name = at + 1;
            while (name < end && (*name == ' ' || *name == '\t')) name++;
            if (name + 1 < end && (*name == 'q' || *name == 'Q') && name[1] == '=') q = name + 2;
        }
    if (q == NULL) return 1000;
    if (q >= end || (*q != '0' && *q != '1')) return 0;
    int value = (*q - '0') * 1000, unit = 100;
    if (++q < end && *q == '.')
        for (q++; q < end && *q >= '0' && *q <= '9' && unit > 0; q++, unit /= 10) value += (*q - '0') * unit;
    return value > 1000 ? 1000 : value;
}

static bool range_is(const char *p, const char *end, const char *language)
{
    size_t n = strlen(language);
    return (size_t)(end - p) >= n && strncasecmp(p, language, n) == 0 &&
           (p + n == end || p[n] == '-' || p[n] == ';' || p[n] == ' ' || p[n] == '\t');
}

enum language http_accept_language(const char *value, enum language fallback)
{
    if (value == NULL) return fallback;
    int best = 0, any = 0;
    enum language language = fallback;
    for (const char *p = value; *p;) {
        p += strspn(p, " \t,");
        const char *end = p + strcspn(p, ",");
        int q = quality(p, end);
        if (range_is(p, end, "zh") && q > best) best = q, language = LANGUAGE_ZH;
        else if (range_is(p, end, "en") && q > best) best = q, language = LANGUAGE_EN;
        else if (*p == '*' && q > any) any = q;
        p = end;
    }
    return any > best ? fallback : language;
}

static bool charset_is_utf8(const char *parameters)
{
    for (const char *p = strchr(parameters, ';'); p; p = strchr(p, ';')) {
        p++;
        p += strspn(p, " \t");
        if (strncasecmp(p, "charset=", 8) != 0) continue;
        p += 8;
        if (*p == '"') p++;
        if (strncasecmp(p, "utf-8", 5) != 0 || p[5 + strspn(p + 5, "\" \t")] != '\0') return false;
    }
    return true;
}

bool http_media_type_is(const char *value, const char *allowed)
{
    if (value == NULL) return false;
    size_t length = strcspn(value, "; \t");
    for (const char *type = allowed; *type;) {
        size_t n = strcspn(type, "|");
        if (n == length && strncasecmp(type, value, n) == 0) return charset_is_utf8(value + length);
        type += n;
        if (*type == '|') type++;
    }
    return false;
}

bool http_tags_have(const char *list, const char *tag, bool weak_too)
{
    size_t length = strlen(tag);
    const char *p = list;
    while (*p) {
        p += strspn(p, " \t,");
        if (*p == '*') return true;
        bool weak = p[0] == 'W' && p[1] == '/';
        if (weak) p += 2;
        if (*p != '"') return false; /* not a list of tags: matches nothing */
        const char *end = strchr(p + 1, '"');
        if (end == NULL) return false;
        if ((weak_too || !weak) && (size_t)(end - p - 1) == length && memcmp(p + 1, tag, length) == 0) return true;
        p = end + 1;
    }
    return false;
}

bool http_request_id_is_sane(const char *value)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t n = value ? strspn(value, good) : 0;
    return n >= 8 && n <= 64 && value[n] == '\0';
}
