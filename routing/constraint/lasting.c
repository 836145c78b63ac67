#include "routing/constraint/lasting.h"

static uint32_t ends_add(int64_t *ends, uint32_t count, int64_t end_ms)
{
    uint32_t i = count;
    for (uint32_t k = 0; k < count; k++)
        if (ends[k] == end_ms) return count;
    for (; i > 0 && ends[i - 1] > end_ms; i--) ends[i] = ends[i - 1];
    ends[i] = end_ms;
    return count + 1;
}

uint32_t lasting_ends(const struct route_request *request, int64_t horizon_ms, int64_t *ends)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < request->credential_count; i++) {
        int64_t end_ms = request->credentials[i].valid_until_ms;
        if (end_ms > request->depart_ms && end_ms <= request->depart_ms + horizon_ms) count = ends_add(ends, count, end_ms);
    }
    return count;
}

void lasting_question(struct route_request *request, const int64_t *ends, uint32_t count, uint32_t k)
{
    request->left_at_home_ms = k > 0 ? ends[k - 1] : 0;
    request->end_before_ms = k < count ? ends[k] : 0;
}

/* With those that end after the k-th moment. */
static enum status try_from(struct lasting *l, uint32_t k, bool last, uint64_t *cost, struct error *err)
{
    lasting_question(l->request, l->ends, l->count, k);
    return l->attempt(l->context, l->request, last, cost, err);
}

enum status lasting_run(struct lasting *l, const struct route_request *request, int64_t horizon_ms, struct arena *arena,
                        struct error *err)
{
    uint64_t best_cost = UINT64_MAX, cost;
    uint32_t best = 0;
    l->count = lasting_ends(request, horizon_ms, l->ends);
    if (l->count == 0) return l->attempt(l->context, request, true, &cost, err);
    l->request = arena_copy(arena, request, sizeof *request);
    if (!l->request) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t k = 0; k <= l->count; k++) {
        enum status status = try_from(l, k, k == l->count && best_cost == UINT64_MAX, &cost, err);
        if (status != STATUS_OK || (cost != UINT64_MAX && request->prefer == PREFER_TIME)) return status;
        if (cost < best_cost) best_cost = cost, best = k;
    }
    return best_cost == UINT64_MAX || best == l->count ? STATUS_OK : try_from(l, best, true, &cost, err);
}
