#include "routing/match/match_judge.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/constraint/passage.h"

#include <stdlib.h>
#include <string.h>

enum { STATES_MAX = 64 };

struct judging {
    struct constraint *c;
    const struct match_position *positions;
    const struct matching *m;
    int64_t *begin_ms;       /* [piece] */
};

/* When the vehicle was at the beginning of each piece, and at the end of the last. */
static void times_fill(struct judging *x)
{
    const struct matching *m = x->m;
    for (uint32_t i = 0; i < m->piece_count;) {
        uint32_t leg = m->pieces[i].leg, end = i;
        uint64_t whole = 0, driven = 0;
        for (; end < m->piece_count && m->pieces[end].leg == leg; end++) whole += m->pieces[end].to_mm - m->pieces[end].from_mm;
        int64_t from = x->positions[m->positions[leg]].at_ms, to = x->positions[m->positions[leg + 1]].at_ms;
        for (; i < end; i++) {
            x->begin_ms[i] = whole ? from + (int64_t)((double)(to - from) * ((double)driven / (double)whole)) : from;
            driven += m->pieces[i].to_mm - m->pieces[i].from_mm;
        }
    }
    x->begin_ms[m->piece_count] = x->positions[m->positions[m->point_count - 1]].at_ms;
}

/* What the vehicle may be on: of copies that restrictions over several roads have made of an arc there may be several. */
struct states {
    arc_node node[STATES_MAX];
    uint32_t count;
};

/* Goes on to an arc; false: no turn there is open to this vehicle, it has turned all the same. */
static bool go_on(const struct constraint *c, arc_id to, struct states *s, turn_id *turn)
{
    const struct turn_graph *g = c->g;
    struct states next = {.count = 0};
    for (uint32_t i = 0; i < s->count; i++)
        for (turn_id t = g->first_out[s->node[i]]; t < g->first_out[s->node[i] + 1]; t++) {
            if (g->node_arc[g->head[t]] != to || (g->forbidden_to[t] & c->subject) || next.count == STATES_MAX) continue;
            if (next.count == 0) *turn = t;
            next.node[next.count++] = g->head[t];
        }
    bool open = next.count > 0;
    if (!open) next = (struct states){{to}, 1};
    *s = next;
    return open;
}

static bool same_verdict(const struct move_log *a, const struct move_log *b)
{
    if (a->breach_count != b->breach_count) return false;
    for (uint32_t i = 0; i < a->breach_count; i++) {
        bool known = false;
        for (uint32_t k = 0; k < b->breach_count && !known; k++)
            known = a->breaches[i].kind == b->breaches[k].kind && conflict_same(&a->breaches[i], &b->breaches[k]);
        if (!known) return false;
    }
    return true;
}

/* A run: the pieces on one arc that follow each other. */
struct run {
    uint32_t first, count;
    struct arc_use use;
};

static struct run run_at(const struct matching *m, uint32_t i)
{
    struct run r = {.first = i, .use = {.arc = m->pieces[i].arc, .from_mm = m->pieces[i].from_mm, .to_mm = m->pieces[i].to_mm}};
    for (; i < m->piece_count && (i == r.first || match_goes_on(&m->pieces[i - 1], &m->pieces[i])); i++) {
        if (m->pieces[i].to_mm > r.use.to_mm) r.use.to_mm = m->pieces[i].to_mm;
        r.count++;
    }
    return r;
}

static enum status stretch_end(struct judging *x, struct match_stretch *s, const struct move_log *log, struct arena *arena,
                               struct error *err)
{
    struct conflict *conflicts = arena_zero(arena, (size_t)log->breach_count + 1, sizeof *conflicts);
    if (!conflicts) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    const struct match_piece *first = &x->m->pieces[s->first_piece];
    for (uint32_t i = 0; i < log->breach_count; i++)
        conflicts[i] = conflict_of(x->c, &log->breaches[i], leg_arc_point(x->c->n, first->arc, first->from_mm));
    s->conflict_count = log->breach_count;
    s->conflicts = conflicts;
    for (uint32_t i = 0; i < s->piece_count; i++) {
        const struct match_piece *p = &x->m->pieces[s->first_piece + i];
        s->distance_mm += p->to_mm - p->from_mm;
    }
    return STATUS_OK;
}

static struct road_position position_of(const struct network *n, const struct match_point *p)
{
    road_index road = n->arc_road[p->arc];
    return (struct road_position){road, n->arc_reversed[p->arc] ? n->road_length_mm[road] - p->offset_mm : p->offset_mm};
}

static enum status judge(struct judging *x, struct match_stretch *stretches, uint32_t *count, struct arena *arena,
                         struct error *err)
{
    const struct matching *m = x->m;
    bool timed = x->positions[m->positions[0]].at_ms != MATCH_NO_TIME;
    int64_t now = x->c->depart_ms;
    struct arc_use before = {0};
    struct states states = {.count = 0};
    struct move_log logs[2];
    *count = 0;
    if (timed) times_fill(x);
    for (uint32_t i = 0, side = 0; i < m->piece_count;) {
        struct run r = run_at(m, i);
        struct move move;
        struct move_log *log = &logs[side];
        turn_id turn = 0;
        bool from_before = go_on(x->c, r.use.arc, &states, &turn), wrong_turn = i > 0 && !from_before;
        r.use.first = i == 0;
        r.use.last = i + r.count == m->piece_count;
        if (timed) now = x->begin_ms[i];
        (void)passage_move(x->c, from_before ? &before : NULL, turn, &r.use, now, MOVE_RELAX, &move, log);
        if (*count == 0 || wrong_turn || !same_verdict(&logs[!side], log)) {
            if (*count > 0) {
                enum status status = stretch_end(x, &stretches[*count - 1], &logs[!side], arena, err);
                if (status != STATUS_OK) return status;
            }
            stretches[(*count)++] = (struct match_stretch){.first_piece = i, .begin_ms = now, .turn = wrong_turn};
        }
        struct match_stretch *s = &stretches[*count - 1];
        s->piece_count += r.count;
        now = timed ? x->begin_ms[i + r.count] : move.arrive_ms;
        s->end_ms = now;
        before = r.use;
        i += r.count;
        side = !side;
        if (i == m->piece_count) return stretch_end(x, s, log, arena, err);
    }
    return STATUS_OK;
}

enum status match_judge(struct constraint *c, const struct match_position *positions, const struct match_answer *answer,
                        const struct matching *m, struct arena *arena, const struct match_stretch **out, uint32_t *count,
                        struct error *err)
{
    struct judging x = {.c = c, .positions = positions, .m = m};
    struct match_stretch *stretches = arena_zero(arena, (size_t)m->piece_count + 1, sizeof *stretches);
    x.begin_ms = arena_zero(arena, (size_t)m->piece_count + 1, sizeof *x.begin_ms);
    if (!stretches || !x.begin_ms) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    constraint_leg(c, position_of(c->n, &answer->points[m->positions[0]]),
                   position_of(c->n, &answer->points[m->positions[m->point_count - 1]]));
    *out = stretches;
    return judge(&x, stretches, count, arena, err);
}
