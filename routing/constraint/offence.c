#include "routing/constraint/offence.h"

const char *offence_code(enum offence_kind kind)
{
    static const char *const codes[OFFENCE_KIND_COUNT] = {
        "",
#define X(name, code, zh, en) code,
        OFFENCE_LIST(X)
#undef X
    };
    return codes[kind];
}

const char *offence_text(enum offence_kind kind, enum language language)
{
    static const char *const texts[OFFENCE_KIND_COUNT][2] = {
        {"", ""},
#define X(name, code, zh, en) {zh, en},
        OFFENCE_LIST(X)
#undef X
    };
    return texts[kind][language == LANGUAGE_EN];
}
