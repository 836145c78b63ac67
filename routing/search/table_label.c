#include "routing/search/table_label.h"

bool table_ride_at(const struct constraint *c, const struct table_ride *ride, int64_t at_ms, struct move *m)
{
    bool open = passage_move(c, ride->before, ride->turn, &ride->use, at_ms, MOVE_EXACT, m, NULL);
    if (ride->leaves) open = constraint_call_open(c, *ride->leaves, false, at_ms, at_ms, &m->change_ms, NULL) && open;
    if (open && ride->ends) {
        int64_t change = TIME_OPEN;
        open = constraint_call_open(c, *ride->ends, false, m->arrive_ms, m->arrive_ms, &change, NULL);
        if (change != TIME_OPEN && at_ms + (change - m->arrive_ms) < m->change_ms) m->change_ms = at_ms + (change - m->arrive_ms);
    }
    return open;
}

int64_t table_ride_until(const struct constraint *c, const struct table_ride *ride, int64_t at_ms, int64_t limit_ms, const struct move *m)
{
    int64_t change = m->change_ms;
    struct move later;
    while (change <= limit_ms && table_ride_at(c, ride, change, &later) && later.arrive_ms - change == m->arrive_ms - at_ms)
        change = later.change_ms;
    return change <= limit_ms ? change - 1 : limit_ms;
}

static bool by_time(const struct constraint *c)
{
    return c->request->prefer == PREFER_TIME;
}

static int64_t latest(const struct constraint *c, const struct table_label *u)
{
    return c->depart_ms + u->moved_ms + c->request->max_wait_ms;
}

static uint64_t cost_after(const struct constraint *c, uint64_t cost, const struct move *m)
{
    return by_time(c) ? (uint64_t)(m->arrive_ms - c->depart_ms) : cost + passage_cost(c, m);
}

bool table_label_take(struct table_label *first, const struct table_label *label)
{
    if (label->cost == UINT64_MAX || label->cost > first->cost) return false;
    int64_t till = first->till_ms > label->till_ms ? first->till_ms : label->till_ms;
    if (label->cost < first->cost) {
        *first = *label;
        return true;
    }
    if (label->lo_ms == first->lo_ms) first->sure = false;
    bool sooner = label->lo_ms < first->lo_ms;
    if (sooner) *first = *label;
    first->till_ms = till;
    return sooner;
}

void table_ride_first(const struct constraint *c, const struct table_ride *ride, const struct table_label *u, struct table_label *v,
                      int64_t *limit_ms)
{
    int64_t limit = u->sure ? u->hi_ms : u->lo_ms;
    *v = (struct table_label){.cost = UINT64_MAX};
    if (!ride->before) limit = latest(c, u); /* it can be held at the call */
    for (int64_t at = u->lo_ms; at <= limit;) {
        struct move m;
        bool open = table_ride_at(c, ride, at, &m);
        int64_t next = m.change_ms;
        if (m.gate && u->sure && limit < latest(c, u)) limit = latest(c, u);
        if (open) {
            int64_t until = table_ride_until(c, ride, at, limit, &m), shift = m.arrive_ms - at;
            const struct table_label run = {.cost = cost_after(c, u->cost, &m), .length_mm = u->length_mm + m.length_mm, .lo_ms = at + shift,
                                            .hi_ms = until + shift, .moved_ms = u->moved_ms + shift, .till_ms = until + shift, .sure = u->sure};
            (void)table_label_take(v, &run);
            next = until + 1;
        }
        if (next == TIME_OPEN) break;
        at = next;
    }
    *limit_ms = limit;
}

/* Whether all others at its place can have waited as little and as long: then they drove longer if they are later (search.c). */
static bool waits_freely(const struct constraint *c, const struct table_label *u)
{
    if (c->request->max_wait_ms == 0) return true;
    return u->sure && u->lo_ms - u->moved_ms < c->depart_ms + SEARCH_GRAIN_MS && latest(c, u) < u->hi_ms + SEARCH_GRAIN_MS;
}

uint64_t table_ride_others(const struct constraint *c, const struct table_ride *ride, const struct table_label *u, int64_t limit_ms,
                           int64_t soonest_ms, struct table_label *v)
{
    const bool time = by_time(c), alone = time || u->till_ms <= limit_ms;
    uint64_t least = UINT64_MAX;
    if (!c->varying) return least;
    if (v->cost != UINT64_MAX && alone && (c->request->prefer == PREFER_DISTANCE || v->cost == u->cost + ride->least)) return least;
    int64_t last = waits_freely(c, u) ? u->lo_ms + SEARCH_DAWDLE_MS + c->request->max_wait_ms : TIME_OPEN - 1;
    const int64_t till = u->till_ms + c->request->max_wait_ms; /* such may wait at a gate, too */
    if (!alone && till > last) last = till;
    for (int64_t at = time ? limit_ms + 1 : soonest_ms; at <= last;) {
        struct move m;
        if (at >= u->lo_ms && at <= limit_ms) at = limit_ms + 1; /* its own */
        if (at > last) break;
        if (table_ride_at(c, ride, at, &m)) {
            uint64_t cost = cost_after(c, u->cost, &m);
            bool equal = !alone && at > limit_ms && at <= till && cost == v->cost;
            if ((cost < v->cost || (equal && m.arrive_ms < v->lo_ms)) && cost < least) least = cost;
            int64_t until = m.change_ms <= till ? m.change_ms - 1 : till;
            if (equal && until + (m.arrive_ms - at) > v->till_ms) v->till_ms = until + (m.arrive_ms - at);
        }
        at = !alone && at <= limit_ms && m.change_ms > limit_ms ? limit_ms + 1 : m.change_ms; /* those are looked at by themselves */
    }
    return least;
}
