#include "routing/constraint/loose_make.h"

#include "routing/constraint/loose.h"
#include "routing/constraint/loose_patch.h"

#include <stdlib.h>
#include <string.h>

/* One arc in TOUCHED_SHARE: not far beyond that it is as fast to work out everything. One road in NEAR_SHARE: to look at these for
 * each question is little beside making other weights and keeping them. */
enum { TOUCHED_SHARE = 2, NEAR_SHARE = 128 };

struct loose_limits loose_limits_of(const struct network *n)
{
    return (struct loose_limits){n->arc_count / TOUCHED_SHARE, n->road_count / NEAR_SHARE};
}

void loose_room_clear(struct loose_room *room)
{
    touched_clear(&room->touched);
    free(room->arc_weight);
    free(room->shut);
    *room = (struct loose_room){0};
}

static enum status room_make(struct loose_room *room, const struct network *n, struct error *err)
{
    if (room->shut) return STATUS_OK;
    enum status status = touched_init(&room->touched, n->arc_count, err);
    if (status != STATUS_OK) return status;
    room->arc_weight = malloc(((size_t)n->arc_count + 1) * sizeof *room->arc_weight);
    room->shut = malloc(bare_shut_words(n) * sizeof *room->shut);
    if (room->arc_weight && room->shut) return STATUS_OK;
    loose_room_clear(room);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status loose_make(struct loose_room *room, struct bare_store *store, const struct constraint *c,
                       struct loose_limits limits, weight *weights, struct error *err)
{
    struct bare_weights *bare = NULL;
    enum status status = room_make(room, c->n, err);
    if (status != STATUS_OK) return status;
    if (touched_find(&room->touched, c, limits.touched)) {
        bare_shut(c, room->shut);
        bare = bare_weights_find(store, c, room->shut, limits.near);
        if (!bare) status = bare_weights_make(store, c, room->shut, &bare, err);
    }
    if (status == STATUS_OK && !bare) loose_weights(c, room->arc_weight, weights);
    if (bare) {
        touched_add_differing(&room->touched, c->n, room->shut, bare->shut);
        memcpy(weights, bare->turns, c->g->turn_count * sizeof *weights);
        loose_patch(c, &room->touched, room->arc_weight, bare->arcs, weights);
        bare_weights_release(bare);
    }
    touched_empty(&room->touched);
    return status;
}
