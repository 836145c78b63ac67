/* The rows inside a network builder, as network_build.h takes them in and network_build.c uses them. */
#ifndef ROUTING_NETWORK_ROWS_H
#define ROUTING_NETWORK_ROWS_H

#include "routing/network/network_build.h"

enum { VIA_ROADS_MAX = 8, TURN_ROWS_MAX = 10000000 };

struct stored_road {
    struct road_row row;     /* without its pointers */
    size_t name, ref, shape; /* offsets into text and points */
};

struct stored_turn {
    struct turn_restriction_row row; /* without its pointer */
    int64_t via[VIA_ROADS_MAX];
};

struct network_builder {
    struct stored_road *roads;
    struct node_row *nodes;
    struct stored_turn *turns;
    struct point_e7 *points;
    char *text; /* starts with "" */
    size_t road_count, road_room, node_count, node_room, turn_count, turn_room, point_count, point_room;
    size_t text_size, text_room;
};

/** Room for `more` further items of `size` bytes in a growing array. STATUS_TOO_LARGE past `maximum`,
 *  STATUS_NO_MEMORY. */
MUST_USE enum status rows_reserve(void **items, size_t *room, size_t count, size_t more, size_t size, size_t maximum,
                                  struct error *err);

/** Sorts roads and nodes by id. STATUS_INVALID when there is no road or an id comes twice. */
MUST_USE enum status rows_sort(struct network_builder *b, struct error *err);

/** Forgets all rows and their memory. */
void rows_clear(struct network_builder *b);

#endif
