/* Any bytes as a snapshot whose digest is right: refused, or a network that can be walked without leaving an array. */
#include "data/network/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_AT = 16, DIGEST_AT = 24, DIGEST_SIZE = 16, HEADER_SIZE = 256 };

static void forge(unsigned char *bytes, uint64_t size)
{
    memcpy(bytes + SIZE_AT, &size, sizeof size);
    memset(bytes + DIGEST_AT, 0, DIGEST_SIZE);
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, bytes, size);
    XXH128_hash_t digest = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    memcpy(bytes + DIGEST_AT, &digest.high64, 8);
    memcpy(bytes + DIGEST_AT + 8, &digest.low64, 8);
}

static uint64_t walk(const struct base *base)
{
    const struct network *n = &base->network;
    const struct turn_graph *g = &base->turns;
    uint64_t sum = 0;
    for (arc_id a = 0; a < n->arc_count; a++) {
        road_index r = n->arc_road[a];
        arc_id opposite = network_opposite(n, a);
        sum += network_limits(n, r)[LIMIT_COUNT - 1] + strlen(network_road_name(n, r)) + strlen(network_road_ref(n, r)) +
               network_arc_length_mm(n, a) + strlen(road_class_code((enum road_class)n->road_class[r]));
        if (opposite != NO_ARC) sum += n->arc_time_ms[opposite];
        for (uint32_t s = n->road_first_shape[r]; s < n->road_first_shape[r + 1]; s++)
            sum += (uint32_t)n->shape_plane[s].x_mm + (uint32_t)n->shape_point[s].lon_e7;
        for (uint32_t i = n->node_first_in[n->arc_head[a]]; i < n->node_first_in[n->arc_head[a] + 1]; i++)
            sum += n->arc_tail[n->in_arc[i]];
    }
    for (arc_node v = 0; v < g->node_count; v++) {
        for (turn_id t = g->first_out[v]; t < g->first_out[v + 1]; t++) sum += n->arc_time_ms[g->node_arc[g->head[t]]];
        for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1]; i++) sum += g->cost_ms[g->in_turn[i]] + g->node_arc[g->tail[i]];
    }
    for (uint32_t v = 0; v < base->hierarchy->node_count; v++) {
        uint32_t parent = hierarchy_parent(base->hierarchy, v);
        if (parent != NOTHING) sum += hierarchy_arc_find(base->hierarchy, v, parent);
    }
    struct road_place place;
    sum += spatial_nearest(base->spatial, (struct point_mm){0, 0}, 1000000, NULL, NULL, &place, 1);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER_SIZE || size > 1 << 20) return 0;
    unsigned char *bytes = aligned_alloc(64, (size + 63) / 64 * 64);
    if (bytes == NULL) return 0;
    memcpy(bytes, data, size);
    forge(bytes, size);
    struct base *base = NULL;
    struct error err = ERROR_INIT;
    if (snapshot_read(bytes, size, "input", &base, &err) == STATUS_OK) {
        if (walk(base) == UINT64_MAX) abort(); /* so that it is not left out */
        snapshot_close(base);
    } else if (base != NULL || err.status == STATUS_OK) {
        abort();
    }
    free(bytes);
    return 0;
}
