#include "data/registers/stake.h"

#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "1132+500", "1132.5" or "1132", to the end. */
static bool metres(const char *p, uint32_t *out)
{
    static const char wide_plus[] = "＋";
    uint32_t km = 0, metre = 0, place = 100;
    unsigned count = 0;
    for (; digit(*p) && count < 6; count++) km = km * 10 + (uint32_t)(*p++ - '0');
    if (count == 0 || km > STAKE_KM_MAX) return false;
    bool plus = *p == '+' || strncmp(p, wide_plus, sizeof wide_plus - 1) == 0, point = *p == '.';
    if (plus || point) {
        p += *p == '+' || point ? 1 : sizeof wide_plus - 1;
        for (count = 0; digit(*p) && count < 3; count++, place /= 10)
            metre = point ? metre + (uint32_t)(*p++ - '0') * place : metre * 10 + (uint32_t)(*p++ - '0');
        if (count == 0) return false;
    }
    *out = km * 1000 + metre;
    return *p == '\0';
}

bool stake_parse(const char *text, struct stake *out)
{
    char trimmed[STAKE_ROAD_SIZE];
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t')) length--;
    if (length >= sizeof trimmed) return false;
    memcpy(trimmed, text, length);
    trimmed[length] = '\0';
    char *k = strrchr(trimmed, 'K');
    if (k == NULL) k = strrchr(trimmed, 'k');
    if (k == NULL || !metres(k + 1, &out->metre)) return false;
    while (k > trimmed && (k[-1] == ' ' || k[-1] == '\t')) k--;
    if (k == trimmed) return false;
    *k = '\0';
    memcpy(out->road, trimmed, (size_t)(k - trimmed) + 1);
    return true;
}
