#include "data/osm/osm_id_map.h"

#include <stdlib.h>

static size_t slot_of(const struct osm_id_map *map, int64_t id)
{
    uint64_t z = (uint64_t)id * 0x9e3779b97f4a7c15U;

    return (size_t)(z ^ (z >> 29)) & map->mask;
}

void osm_id_map_clear(struct osm_id_map *map)
{
    free(map->ids);
    free(map->slots);
    *map = (struct osm_id_map){0};
}

uint32_t osm_id_map_find(const struct osm_id_map *map, int64_t id)
{
    if (!map->slots) return OSM_NO_INDEX;
    for (size_t slot = slot_of(map, id); map->slots[slot]; slot = (slot + 1) & map->mask)
        if (map->ids[map->slots[slot] - 1] == id) return map->slots[slot] - 1;
    return OSM_NO_INDEX;
}

static enum status grow(struct osm_id_map *map, struct error *err)
{
    struct osm_id_map bigger = {.count = map->count, .capacity = map->capacity ? map->capacity * 2 : 1024};
    int64_t *ids;

    if (bigger.capacity > 1U << 31) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    bigger.mask = (size_t)bigger.capacity * 2 - 1; /* at most half full */
    bigger.slots = calloc(bigger.mask + 1, sizeof *bigger.slots);
    ids = realloc(map->ids, bigger.capacity * sizeof *ids);
    if (ids) map->ids = ids;
    if (!ids || !bigger.slots) {
        free(bigger.slots);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    bigger.ids = ids;
    for (uint32_t i = 0; i < map->count; i++) {
        size_t slot = slot_of(&bigger, ids[i]);

        while (bigger.slots[slot]) slot = (slot + 1) & bigger.mask;
        bigger.slots[slot] = i + 1;
    }
    free(map->slots);
    *map = bigger;
    return STATUS_OK;
}

enum status osm_id_map_add(struct osm_id_map *map, int64_t id, uint32_t *index, struct error *err)
{
    enum status s;
    size_t slot;

    *index = osm_id_map_find(map, id);
    if (*index != OSM_NO_INDEX) return STATUS_OK;
    if (map->count == map->capacity) {
        s = grow(map, err);
        if (s != STATUS_OK) return s;
    }
    slot = slot_of(map, id);
    while (map->slots[slot]) slot = (slot + 1) & map->mask;
    map->ids[map->count] = id;
    map->slots[slot] = ++map->count;
    *index = map->count - 1;
    return STATUS_OK;
}
