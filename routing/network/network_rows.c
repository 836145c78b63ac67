#include "routing/network/network_rows.h"

#include <stdlib.h>
#include <string.h>

enum { SPEED_MAX_KMH = 130, LIMIT_MM_MAX = 100000, LIMIT_KG_MAX = 10000000, LIMIT_AXLES_MAX = 100 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status rows_reserve(void **items, size_t *room, size_t count, size_t more, size_t size, size_t maximum,
                         struct error *err)
{
    if (more > maximum - count) return error_set(err, STATUS_TOO_LARGE, MESSAGE_NETWORK_TOO_LARGE, maximum);
    if (count + more <= *room) return STATUS_OK;
    size_t wanted = *room * 2 > count + more ? *room * 2 : count + more + 64;
    void *grown = realloc(*items, wanted * size);
    if (grown == NULL) return no_memory(err);
    *items = grown;
    *room = wanted;
    return STATUS_OK;
}

enum status network_builder_new(struct network_builder **out, struct error *err)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? no_memory(err) : STATUS_OK;
}

void rows_clear(struct network_builder *b)
{
    free(b->roads);
    free(b->nodes);
    free(b->turns);
    free(b->points);
    free(b->text);
    memset(b, 0, sizeof *b);
}

void network_builder_free(struct network_builder *b)
{
    if (b == NULL) return;
    rows_clear(b);
    free(b);
}

static enum status add_text(struct network_builder *b, const char *text, size_t *offset, struct error *err)
{
    size_t length = text == NULL ? 0 : strlen(text);
    enum status status = rows_reserve((void **)&b->text, &b->text_room, b->text_size, length + 2, 1, UINT32_MAX, err);
    if (status != STATUS_OK) return status;
    if (b->text_size == 0) b->text[b->text_size++] = '\0';
    *offset = 0;
    if (length == 0) return STATUS_OK;
    *offset = b->text_size;
    memcpy(b->text + b->text_size, text, length + 1);
    b->text_size += length + 1;
    return STATUS_OK;
}

static enum status check_road(const struct road_row *row, struct error *err)
{
    static const uint32_t most[LIMIT_COUNT] = {
        [LIMIT_HEIGHT] = LIMIT_MM_MAX,       [LIMIT_WIDTH] = LIMIT_MM_MAX,     [LIMIT_LENGTH] = LIMIT_MM_MAX,
        [LIMIT_GROSS_WEIGHT] = LIMIT_KG_MAX, [LIMIT_AXLE_LOAD] = LIMIT_KG_MAX, [LIMIT_AXLES] = LIMIT_AXLES_MAX,
        [LIMIT_BRIDGE] = LIMIT_KG_MAX,
    };
    long long id = row->id;
    if (row->shape_count < 2 || row->shape_count > UINT16_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_ROAD_POINTS, id, row->shape_count);
    for (uint32_t i = 0; i < row->shape_count; i++)
        if (!point_e7_valid(row->shape[i])) return error_set(err, STATUS_INVALID, MESSAGE_ROAD_POINT, id);
    if (row->forward && (row->speed_forward_kmh < 1 || row->speed_forward_kmh > SPEED_MAX_KMH))
        return error_set(err, STATUS_INVALID, MESSAGE_ROAD_SPEED, id, (unsigned)row->speed_forward_kmh);
    if (row->backward && (row->speed_backward_kmh < 1 || row->speed_backward_kmh > SPEED_MAX_KMH))
        return error_set(err, STATUS_INVALID, MESSAGE_ROAD_SPEED, id, (unsigned)row->speed_backward_kmh);
    if ((unsigned)row->class >= ROAD_CLASS_COUNT || row->access_lorry_forward > ACCESS_NO ||
        row->access_lorry_backward > ACCESS_NO || row->access_light_forward > ACCESS_NO ||
        row->access_light_backward > ACCESS_NO || (row->flags & ROAD_THROUGH_RAMP) != 0)
        return error_set(err, STATUS_INVALID, MESSAGE_ROAD_VALUE, id);
    for (int k = 0; k < LIMIT_COUNT; k++)
        if (row->limits[k] > most[k]) return error_set(err, STATUS_INVALID, MESSAGE_ROAD_LIMIT, id, row->limits[k]);
    return STATUS_OK;
}

enum status network_builder_road(struct network_builder *b, const struct road_row *row, struct error *err)
{
    enum status status = check_road(row, err);
    if (status != STATUS_OK) return status;
    struct stored_road stored = {.row = *row, .shape = b->point_count};
    if ((status = rows_reserve((void **)&b->roads, &b->road_room, b->road_count, 1, sizeof *b->roads, ROADS_MAX, err)) ||
        (status = rows_reserve((void **)&b->points, &b->point_room, b->point_count, row->shape_count, sizeof *b->points,
                          SHAPE_POINTS_MAX, err)) ||
        (status = add_text(b, row->name, &stored.name, err)) || (status = add_text(b, row->ref, &stored.ref, err)))
        return status;
    memcpy(b->points + b->point_count, row->shape, row->shape_count * sizeof *row->shape);
    b->point_count += row->shape_count;
    stored.row.name = stored.row.ref = NULL;
    stored.row.shape = NULL;
    b->roads[b->road_count++] = stored;
    return STATUS_OK;
}

enum status network_builder_node(struct network_builder *b, const struct node_row *row, struct error *err)
{
    enum status status =
        rows_reserve((void **)&b->nodes, &b->node_room, b->node_count, 1, sizeof *b->nodes, 2 * (size_t)ROADS_MAX, err);
    if (status != STATUS_OK) return status;
    b->nodes[b->node_count] = *row;
    b->nodes[b->node_count++].flags &= NODE_TURNING_PLACE | NODE_SIGNALS | NODE_TOLL_BOOTH;
    return STATUS_OK;
}

enum status network_builder_turn(struct network_builder *b, const struct turn_restriction_row *row, struct error *err)
{
    if (row->via_road_count > VIA_ROADS_MAX || (row->subjects & TURN_ALL) == 0)
        return error_set(err, STATUS_INVALID, MESSAGE_TURN_INVALID, (long long)row->id);
    enum status status =
        rows_reserve((void **)&b->turns, &b->turn_room, b->turn_count, 1, sizeof *b->turns, TURN_ROWS_MAX, err);
    if (status != STATUS_OK) return status;
    struct stored_turn stored = {.row = *row};
    for (uint32_t i = 0; i < row->via_road_count; i++) stored.via[i] = row->via_roads[i];
    stored.row.via_roads = NULL;
    stored.row.subjects &= TURN_ALL;
    b->turns[b->turn_count++] = stored;
    return STATUS_OK;
}

/* ---- order ---- */

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_roads(const void *left, const void *right)
{
    return compare_i64(((const struct stored_road *)left)->row.id, ((const struct stored_road *)right)->row.id);
}

static int compare_nodes(const void *left, const void *right)
{
    return compare_i64(((const struct node_row *)left)->id, ((const struct node_row *)right)->id);
}

enum status rows_sort(struct network_builder *b, struct error *err)
{
    if (b->road_count == 0) return error_set(err, STATUS_INVALID, MESSAGE_NETWORK_EMPTY);
    qsort(b->roads, b->road_count, sizeof *b->roads, compare_roads);
    for (size_t i = 1; i < b->road_count; i++)
        if (b->roads[i].row.id == b->roads[i - 1].row.id)
            return error_set(err, STATUS_INVALID, MESSAGE_ROAD_TWICE, (long long)b->roads[i].row.id);
    if (b->node_count > 0) qsort(b->nodes, b->node_count, sizeof *b->nodes, compare_nodes);
    for (size_t i = 1; i < b->node_count; i++)
        if (b->nodes[i].id == b->nodes[i - 1].id)
            return error_set(err, STATUS_INVALID, MESSAGE_NODE_TWICE, (long long)b->nodes[i].id);
    return STATUS_OK;
}
