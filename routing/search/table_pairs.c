#include "routing/search/table_pairs.h"

#include "routing/hierarchy/pairs.h"
#include "routing/search/table_ends.h"

#include <stdlib.h>

struct table_pairs {
    struct pairs *pairs;
    struct table_ends from, to;
    struct pair_sums *to_sums; /* [to.count] of the last move, at each end */
    struct pair *row;
    uint32_t row_capacity;
    /* of the rows at hand */
    const struct constraint *c;
    const struct metric *by_time;
    const struct place *places;
    const uint32_t *targets;
};

enum status table_pairs_new(const struct base *base, struct table_pairs **out, struct error *err)
{
    struct table_pairs *t = calloc(1, sizeof *t);
    if (!t) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = pairs_new(base->hierarchy, &t->pairs, err);
    if (status == STATUS_OK) *out = t;
    else table_pairs_free(t);
    return status;
}

void table_pairs_free(struct table_pairs *t)
{
    if (!t) return;
    pairs_free(t->pairs);
    table_ends_clear(&t->from);
    table_ends_clear(&t->to);
    free(t->to_sums);
    free(t->row);
    free(t);
}

bool table_pairs_do(const struct constraint *c)
{
    return !c->varying && !c->avoid && !c->pieces_open;
}

/* Milliseconds and millimetres of a turn and the arc after it. */
static void count_edge(void *context, uint32_t edge, struct pair_sums *sums)
{
    const struct table_pairs *t = context;
    sums->first += t->by_time->edge[edge];
    sums->second += network_arc_length_mm(t->c->n, t->c->g->node_arc[t->c->g->head[edge]]);
}

/* Those of a move that is used in part. */
static bool count_move(const struct constraint *c, const struct arc_use *before, turn_id turn, const struct arc_use *use, struct pair_sums *sums)
{
    struct move m;
    if (!passage_move(c, before, turn, use, c->depart_ms, MOVE_LOOSE, &m, NULL)) return false;
    sums->first += (uint64_t)m.drive_ms + m.inspection_ms + m.turn_ms;
    sums->second += m.length_mm;
    return true;
}

static bool open_at(const struct constraint *c, const struct place *place)
{
    int64_t never = TIME_OPEN;
    return constraint_call_open(c, place->at, false, c->depart_ms, c->depart_ms, &never, NULL);
}

enum status table_pairs_targets(struct table_pairs *t, const struct constraint *c, const struct metric *metric, const struct metric *by_time,
                                const struct place *places, const uint32_t *targets, uint32_t target_count, struct error *err)
{
    enum status status = STATUS_OK;
    t->c = c;
    t->by_time = by_time;
    t->places = places;
    t->targets = targets;
    table_ends_reset(&t->to);
    for (uint32_t k = 0; k < target_count && status == STATUS_OK; k++)
        status = table_ends_reach(&t->to, c, open_at(c, &places[targets[k]]) ? &places[targets[k]] : NULL, err);
    if (status != STATUS_OK) return status;
    struct pair_sums *sums = realloc(t->to_sums, ((size_t)t->to.count + 1) * sizeof *sums);
    if (!sums) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    t->to_sums = sums;
    for (uint32_t k = 0; k < target_count; k++)
        for (uint32_t e = t->to.first[k]; e < t->to.first[k + 1]; e++) {
            const struct arc_use whole = arc_use_whole(c->n, c->g->node_arc[t->to.node[e]]);
            const struct arc_use last = leg_last_use(c, &places[targets[k]].states[t->to.state[e]]);
            sums[e] = (struct pair_sums){0, 0};
            (void)count_move(c, &whole, t->to.turn[e], &last, &sums[e]); /* it is open, or there would be no such end */
        }
    const struct many_places ends = {target_count, t->to.first, t->to.node, t->to.initial};
    return pairs_targets(t->pairs, metric, &ends, count_edge, t, err);
}

static struct table_cell cell(const struct table_pairs *t, const struct place *source, const struct pair *pair, uint32_t k)
{
    const struct constraint *c = t->c;
    const struct place *target = &t->places[t->targets[k]];
    struct table_cell out = {.verdict = TABLE_UNSURE, .cost = UINT64_MAX};
    if (table_ends_touch(c, source, target) || !open_at(c, target)) return out;
    out.verdict = TABLE_NO_WAY;
    if (pair->weight >= WEIGHT_INFINITY) return out;
    const uint32_t end = pair->source;
    const struct leg_goal *start = &source->starts[t->from.state[end]];
    const struct leg_seed seed = {.node = start->node, .offset_mm = start->offset_mm};
    const struct arc_use first = leg_first_use(c, &seed), next = arc_use_whole(c->n, c->g->node_arc[t->from.node[end]]);
    struct pair_sums sums = pair->sums;
    (void)count_move(c, NULL, 0, &first, &sums); /* open, as above */
    (void)count_move(c, &first, t->from.turn[end], &next, &sums);
    const uint64_t duration_ms = sums.first + t->to_sums[pair->target].first;
    if (duration_ms >= WEIGHT_INFINITY) { /* more than is sure to fit, by distance or cost */
        out.verdict = TABLE_UNSURE;
        return out;
    }
    if (sums.first + t->to_sums[pair->target].first >= UINT32_MAX) out.verdict = TABLE_UNSURE; /* whoever plans it by itself says that */
    if (out.verdict == TABLE_UNSURE) return out;
    out.cost = pair->weight;
    out.duration_ms = (uint32_t)duration_ms;
    out.length_mm = sums.second + t->to_sums[pair->target].second;
    out.verdict = c->request->prefer != PREFER_TIME || out.duration_ms == out.cost ? TABLE_LAWFUL : TABLE_UNSURE;
    return out;
}

enum status table_pairs_row(struct table_pairs *t, const struct place *source, const uint32_t *asked, uint32_t asked_count,
                            struct table_cell *cells, struct error *err)
{
    const bool open = open_at(t->c, source);
    table_ends_reset(&t->from);
    enum status status = table_ends_leave(&t->from, t->c, source, err);
    if (status == STATUS_OK && asked_count > t->row_capacity) {
        struct pair *row = realloc(t->row, asked_count * sizeof *row);
        if (!row) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        t->row = row;
        t->row_capacity = asked_count;
    }
    if (status == STATUS_OK)
        status = pairs_row(t->pairs, t->from.node, t->from.initial, t->from.count, asked, asked_count, t->row, err);
    for (uint32_t n = 0; n < asked_count && status == STATUS_OK; n++)
        cells[n] = open ? cell(t, source, &t->row[n], asked[n]) : (struct table_cell){.verdict = TABLE_UNSURE, .cost = UINT64_MAX};
    return status;
}
