#include "routing/explain/joined.h"

#include <stdlib.h>
#include <string.h>

struct spreading {
    const struct constraint *c;
    bool *known;      /* [node] the vehicle can come to the end of its arc, having driven all of it */
    arc_node *queue;
    uint32_t count;
};

static void spread_from(struct spreading *x, arc_node u)
{
    const struct turn_graph *g = x->c->g;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++) {
        if ((g->forbidden_to[t] & x->c->subject) || x->known[g->head[t]]) continue;
        x->known[g->head[t]] = true;
        x->queue[x->count++] = g->head[t];
    }
}

/* Which of the place's states a leg with these seeds can end in; `reached` holds as many. */
static uint32_t states_reached(struct spreading *x, const struct leg_seed *seeds, uint32_t seed_count, const struct place *to,
                               struct leg_goal *reached)
{
    uint32_t count = 0;
    memset(x->known, 0, x->c->g->node_count * sizeof *x->known);
    x->count = 0;
    for (uint32_t i = 0; i < seed_count; i++) spread_from(x, seeds[i].node);
    for (uint32_t done = 0; done < x->count; done++) spread_from(x, x->queue[done]);
    for (uint32_t k = 0; k < to->state_count; k++) {
        bool there = x->known[to->states[k].node];
        for (uint32_t i = 0; i < seed_count && !there; i++)
            there = seeds[i].node == to->states[k].node && seeds[i].offset_mm <= to->states[k].offset_mm;
        if (there) reached[count++] = to->states[k];
    }
    return count;
}

enum status places_joined(const struct constraint *c, const struct place *places, uint32_t place_count, bool *joined, struct error *err)
{
    struct spreading x = {.c = c, .known = malloc((size_t)c->g->node_count + 1), .queue = malloc(((size_t)c->g->node_count + 1) * sizeof *x.queue)};
    struct leg_seed seeds[PLACE_STATES_MAX * JOURNEY_LEAVES_MAX];
    struct leg_goal reached[PLACE_STATES_MAX];
    uint32_t seed_count = 0, count;
    *joined = true;
    for (uint32_t i = 0; i < places[0].start_count; i++)
        seeds[seed_count++] = (struct leg_seed){.node = places[0].starts[i].node, .offset_mm = places[0].starts[i].offset_mm};
    for (uint32_t k = 1; x.known && x.queue && k < place_count && *joined; k++) {
        count = states_reached(&x, seeds, seed_count, &places[k], reached);
        *joined = count > 0;
        seed_count = 0;
        for (uint32_t i = 0; i < count; i++)
            seed_count += journey_leave(c, &places[k], reached[i], (struct leg_seed){0}, seeds + seed_count);
    }
    enum status status = x.known && x.queue ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    free(x.known);
    free(x.queue);
    return status;
}
