/* When a rule binds this vehicle, as a list of moments at which that changes: schedules, hours and exempting
 * credentials are looked at once per request, and the search asks in nanoseconds.
 *
 * Beyond the horizon it was made for, a rule that changes at all counts as binding: doubt closes the road. */
#ifndef ROUTING_FORCE_H
#define ROUTING_FORCE_H

#include "geo/base/arena.h"
#include "routing/constraint/itinerary.h"
#include "routing/rules/rules.h"

struct force {
    bool initial;          /* at the beginning */
    uint32_t flip_count;   /* 0: never changes (within the horizon) */
    const int64_t *flips;  /* ascending moments, each turns it round */
};

enum { FORCE_FLIPS_MAX = 4096 };

/* The request's credentials with their types resolved. */
struct credential_set {
    uint32_t count;
    const struct credential *items;
    credential_type_index type[CREDENTIALS_MAX];
    const struct rules_input *input;
    int64_t left_at_home_ms; /* those that end by then are not there */
};

/** Resolves types. STATUS_UNKNOWN_CREDENTIAL_TYPE names the member. */
MUST_USE enum status credential_set_init(struct credential_set *set, const struct rules_input *input,
                                         const struct route_request *request, struct error *err);

/** Whether credential `i` is valid at `at_ms` and not older than `max_age_s` (0: the type's default). `*change_ms` is
 *  lowered to the next moment after `at_ms` at which that changes. */
bool credential_valid(const struct credential_set *set, uint32_t i, int64_t max_age_s, int64_t at_ms,
                      int64_t *change_ms);

/** The rule binds while both schedules hold (`hours` may be NULL) and no credential of an exempting type is valid.
 *  From `from_ms` to `until_ms`. STATUS_NO_MEMORY when the arena is full. */
MUST_USE enum status force_init(struct force *f, const struct schedule *schedule, const struct schedule *hours,
                                const struct calendar *calendar, int plate_tail, const credential_type_index *exempt,
                                uint32_t exempt_count, const struct credential_set *credentials, int64_t from_ms,
                                int64_t until_ms, struct arena *arena);

/** Whether it binds at `at_ms`; `*change_ms` is lowered to the next flip after it. */
static inline bool force_at(const struct force *f, int64_t at_ms, int64_t *change_ms)
{
    if (f->flip_count == 0) return f->initial;
    uint32_t low = 0, high = f->flip_count; /* flips[0 .. low) ≤ at_ms */
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (f->flips[middle] <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < f->flip_count && f->flips[low] < *change_ms) *change_ms = f->flips[low];
    return f->initial ^ (low & 1);
}

/** Whether it binds at any moment of [at + begin, at + end) (or at the moment at + begin if that is empty);
 *  `*change_ms` is lowered to the next `at` for which the answer may differ. */
bool force_meets(const struct force *f, int64_t at_ms, int64_t begin_ms, int64_t end_ms, int64_t *change_ms);

/** Whether it binds throughout [from, until], and whether it binds at some moment of it. */
bool force_throughout(const struct force *f, int64_t from_ms, int64_t until_ms);
bool force_sometime(const struct force *f, int64_t from_ms, int64_t until_ms);

#endif
