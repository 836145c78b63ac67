#include "routing/constraint/force.h"

#include <string.h>

enum status credential_set_init(struct credential_set *set, const struct rules_input *input,
                                const struct route_request *request, struct error *err)
{
    set->count = request->credential_count;
    set->items = request->credentials;
    set->input = input;
    set->left_at_home_ms = request->left_at_home_ms;
    for (uint32_t i = 0; i < set->count; i++) {
        set->type[i] = NO_CREDENTIAL_TYPE;
        for (uint32_t t = 0; t < input->credential_type_count; t++)
            if (strcmp(input->credential_types[t].code, request->credentials[i].type_code) == 0)
                set->type[i] = (credential_type_index)t;
        if (set->type[i] == NO_CREDENTIAL_TYPE) {
            error_set(err, STATUS_UNKNOWN_CREDENTIAL_TYPE, MESSAGE_CREDENTIAL_TYPE_UNKNOWN,
                      request->credentials[i].type_code);
            error_pointer(err, "/credentials/%u/type", i);
            return STATUS_UNKNOWN_CREDENTIAL_TYPE;
        }
    }
    return STATUS_OK;
}

static void lower(int64_t *change_ms, int64_t at_ms, int64_t candidate)
{
    if (candidate > at_ms && candidate < *change_ms) *change_ms = candidate;
}

bool credential_valid(const struct credential_set *set, uint32_t i, int64_t max_age_s, int64_t at_ms,
                      int64_t *change_ms)
{
    const struct credential *c = &set->items[i];
    if (max_age_s == 0) max_age_s = set->input->credential_types[set->type[i]].default_max_age_s;
    if (!credential_dated(c)) return false; /* nobody knows when it holds */
    if (c->valid_until_ms <= set->left_at_home_ms) return false;
    bool valid = true;
    if (c->valid_from_ms != INT64_MIN) {
        valid = valid && at_ms >= c->valid_from_ms;
        lower(change_ms, at_ms, c->valid_from_ms);
    }
    if (c->valid_until_ms != TIME_OPEN) {
        valid = valid && at_ms < c->valid_until_ms;
        lower(change_ms, at_ms, c->valid_until_ms);
    }
    if (c->issued_ms != INT64_MIN) {
        valid = valid && at_ms >= c->issued_ms;
        lower(change_ms, at_ms, c->issued_ms);
    }
    if (max_age_s > 0) {
        if (c->issued_ms == INT64_MIN) return false; /* an age that nobody knows is too old */
        int64_t last = c->issued_ms + max_age_s * 1000;
        valid = valid && at_ms <= last;
        lower(change_ms, at_ms, last + 1);
    }
    return valid;
}

struct source {
    const struct schedule *schedule, *hours;
    const struct calendar *calendar;
    int plate_tail;
    const credential_type_index *exempt;
    uint32_t exempt_count;
    const struct credential_set *credentials;
};

static bool source_holds(const struct source *s, int64_t at_ms, int64_t *change_ms)
{
    bool holds = schedule_holds(s->schedule, s->calendar, s->plate_tail, at_ms);
    lower(change_ms, at_ms, schedule_next_change(s->schedule, s->calendar, s->plate_tail, at_ms));
    if (s->hours) {
        holds = schedule_holds(s->hours, s->calendar, s->plate_tail, at_ms) && holds;
        lower(change_ms, at_ms, schedule_next_change(s->hours, s->calendar, s->plate_tail, at_ms));
    }
    for (uint32_t e = 0; e < s->exempt_count; e++)
        for (uint32_t i = 0; i < s->credentials->count; i++)
            if (s->credentials->type[i] == s->exempt[e] && credential_valid(s->credentials, i, 0, at_ms, change_ms))
                holds = false;
    return holds;
}

enum status force_init(struct force *f, const struct schedule *schedule, const struct schedule *hours,
                       const struct calendar *calendar, int plate_tail, const credential_type_index *exempt,
                       uint32_t exempt_count, const struct credential_set *credentials, int64_t from_ms,
                       int64_t until_ms, struct arena *arena)
{
    struct source source = {schedule, hours, calendar, plate_tail, exempt, exempt_count, credentials};
    int64_t change = TIME_OPEN;
    *f = (struct force){.initial = source_holds(&source, from_ms, &change)};
    int64_t some[64];
    uint32_t count = 0;
    bool now = f->initial;
    int64_t *flips = some;
    uint32_t capacity = sizeof some / sizeof *some;
    while (change <= until_ms) {
        int64_t at = change;
        change = TIME_OPEN;
        bool then = source_holds(&source, at, &change);
        if (then == now) continue;
        if (count == capacity) {
            if (count == FORCE_FLIPS_MAX) break;
            int64_t *more = arena_take(arena, 2 * (size_t)capacity * sizeof *more);
            if (!more) return STATUS_NO_MEMORY;
            memcpy(more, flips, count * sizeof *more);
            flips = more;
            capacity *= 2;
        }
        flips[count++] = at;
        now = then;
    }
    if (change != TIME_OPEN && !now) { /* it will change, nobody has looked when: binding from there on */
        if (count < capacity)
            flips[count++] = change;
        else
            count--; /* it was binding before the last flip: let it stay so */
    }
    if (count == 0) return STATUS_OK;
    if (flips == some) {
        flips = arena_copy(arena, some, count * sizeof *flips);
        if (!flips) return STATUS_NO_MEMORY;
    }
    f->flip_count = count;
    f->flips = flips;
    return STATUS_OK;
}

bool force_meets(const struct force *f, int64_t at_ms, int64_t begin_ms, int64_t end_ms, int64_t *change_ms)
{
    if (f->flip_count == 0) return f->initial;
    int64_t begin_change = TIME_OPEN;
    bool holds = force_at(f, at_ms + begin_ms, &begin_change);
    if (begin_change != TIME_OPEN) lower(change_ms, at_ms, begin_change - begin_ms);
    if (end_ms <= begin_ms) return holds;
    /* a flip that the end of the stay reaches: [begin, end) meets a force that starts at f once end > f */
    int64_t end_change = TIME_OPEN;
    (void)force_at(f, at_ms + end_ms - 1, &end_change);
    if (end_change != TIME_OPEN) lower(change_ms, at_ms, end_change - end_ms + 1);
    return holds || begin_change < at_ms + end_ms;
}

bool force_throughout(const struct force *f, int64_t from_ms, int64_t until_ms)
{
    int64_t change = TIME_OPEN;
    return force_at(f, from_ms, &change) && change > until_ms;
}

bool force_sometime(const struct force *f, int64_t from_ms, int64_t until_ms)
{
    int64_t change = TIME_OPEN;
    return force_at(f, from_ms, &change) || change <= until_ms;
}
