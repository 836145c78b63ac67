#include "data/pg/standing.h"

#include <stdio.h>
#include <string.h>

struct word {
    const char *code;
    enum message message;
};

static const char *named(const struct word *words, size_t count, const char *code, enum language language)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].code, code) == 0) return message_text(words[i].message, language);
    return code;
}

static const char *state_name(const char *code, enum language language)
{
    static const struct word states[] = {
        {"active", MESSAGE_STATE_ACTIVE}, {"approved", MESSAGE_STATE_APPROVED}, {"broken", MESSAGE_STATE_BROKEN},
        {"cancelled", MESSAGE_STATE_CANCELLED}, {"closed", MESSAGE_STATE_CLOSED}, {"done", MESSAGE_STATE_DONE},
        {"draft", MESSAGE_STATE_DRAFT}, {"empty", MESSAGE_STATE_EMPTY}, {"expired", MESSAGE_STATE_EXPIRED},
        {"failed", MESSAGE_STATE_FAILED}, {"lifted", MESSAGE_STATE_LIFTED}, {"prepared", MESSAGE_STATE_PREPARED},
        {"rejected", MESSAGE_STATE_REJECTED}, {"replaced", MESSAGE_STATE_REPLACED}, {"retired", MESSAGE_STATE_RETIRED},
        {"running", MESSAGE_STATE_RUNNING}, {"submitted", MESSAGE_STATE_SUBMITTED}, {"withdrawn", MESSAGE_STATE_WITHDRAWN}};
    return named(states, sizeof states / sizeof *states, code, language);
}

static const char *act_name(const char *code, enum language language)
{
    static const struct word acts[] = {
        {"activate", MESSAGE_ACT_ACTIVATE}, {"approve", MESSAGE_ACT_APPROVE}, {"cancel", MESSAGE_ACT_CANCEL},
        {"create", MESSAGE_ACT_CREATE}, {"delete", MESSAGE_ACT_DELETE}, {"drill", MESSAGE_ACT_DRILL}, {"file", MESSAGE_ACT_FILE},
        {"lift", MESSAGE_ACT_LIFT}, {"reject", MESSAGE_ACT_REJECT}, {"replace", MESSAGE_ACT_REPLACE}, {"replan", MESSAGE_ACT_REPLAN},
        {"retire", MESSAGE_ACT_RETIRE}, {"stand-down", MESSAGE_ACT_STAND_DOWN}, {"submit", MESSAGE_ACT_SUBMIT}};
    return named(acts, sizeof acts / sizeof *acts, code, language);
}

enum status standing_forbids(struct error *err, const char *state, const char *act)
{
    error_set(err, STATUS_CONFLICT, MESSAGE_STATE_FORBIDS, state_name(state, LANGUAGE_EN), act_name(act, LANGUAGE_EN));
    if (err) message_format(err->zh, sizeof err->zh, MESSAGE_STATE_FORBIDS, LANGUAGE_ZH, state_name(state, LANGUAGE_ZH), act_name(act, LANGUAGE_ZH));
    return STATUS_CONFLICT;
}
