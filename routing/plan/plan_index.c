#include "routing/plan/plan_index.h"

#include <stdlib.h>
#include <string.h>

struct posting {
    uint32_t count, capacity;
    uint32_t *slots; /* ascending, those of plans that are gone included */
};

struct plan_index {
    uint32_t arc_count;
    struct posting *postings; /* [arc_count] */
    uint8_t *alive;           /* [slot_capacity] */
    uint32_t slot_count, slot_capacity, alive_count;
    size_t bytes;
};

enum status plan_index_new(uint32_t arc_count, struct plan_index **out, struct error *err)
{
    struct plan_index *index = calloc(1, sizeof *index);
    if (index) index->postings = calloc((size_t)arc_count + 1, sizeof *index->postings);
    if (index == NULL || index->postings == NULL) {
        free(index);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    index->arc_count = arc_count;
    index->bytes = sizeof *index + ((size_t)arc_count + 1) * sizeof *index->postings;
    *out = index;
    return STATUS_OK;
}

void plan_index_free(struct plan_index *index)
{
    if (index == NULL) return;
    for (uint32_t a = 0; a < index->arc_count; a++) free(index->postings[a].slots);
    free(index->postings);
    free(index->alive);
    free(index);
}

static bool slot_room(struct plan_index *index)
{
    if (index->slot_count < index->slot_capacity) return true;
    uint32_t capacity = index->slot_capacity ? 2 * index->slot_capacity : 256;
    uint8_t *grown = realloc(index->alive, capacity);
    if (grown == NULL) return false;
    index->bytes += capacity - index->slot_capacity;
    index->alive = grown;
    index->slot_capacity = capacity;
    return true;
}

static bool posting_add(struct plan_index *index, struct posting *p, uint32_t slot)
{
    if (p->count == p->capacity) {
        uint32_t capacity = p->capacity ? p->capacity + p->capacity / 2 + 1 : 4;
        uint32_t *grown = realloc(p->slots, capacity * sizeof *grown);
        if (grown == NULL) return false;
        index->bytes += (capacity - p->capacity) * sizeof *grown;
        p->slots = grown;
        p->capacity = capacity;
    }
    p->slots[p->count++] = slot;
    return true;
}

enum status plan_index_add(struct plan_index *index, const arc_id *arcs, uint32_t count, uint32_t *slot, struct error *err)
{
    if (index->slot_count == UINT32_MAX || !slot_room(index)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *slot = index->slot_count++;
    index->alive[*slot] = 0; /* until all its arcs are in */
    for (uint32_t i = 0; i < count; i++) {
        if (arcs[i] >= index->arc_count) continue;
        if (!posting_add(index, &index->postings[arcs[i]], *slot)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    index->alive[*slot] = 1;
    index->alive_count++;
    return STATUS_OK;
}

void plan_index_remove(struct plan_index *index, uint32_t slot)
{
    if (slot >= index->slot_count || !index->alive[slot]) return;
    index->alive[slot] = 0;
    index->alive_count--;
}

uint32_t plan_index_slots(const struct plan_index *index)
{
    return index->slot_count;
}

uint32_t plan_index_alive(const struct plan_index *index)
{
    return index->alive_count;
}

size_t plan_index_bytes(const struct plan_index *index)
{
    return index->bytes;
}

enum status plan_index_touched(const struct plan_index *index, const arc_id *arcs, uint32_t count, struct arena *arena,
                               uint32_t **slots, uint32_t *slot_count, struct error *err)
{
    uint8_t *marked = arena_zero(arena, (size_t)index->slot_count + 1, 1);
    *slot_count = 0;
    *slots = NULL;
    if (marked == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (arcs[i] >= index->arc_count) continue;
        const struct posting *p = &index->postings[arcs[i]];
        for (uint32_t k = 0; k < p->count; k++) {
            uint32_t slot = p->slots[k];
            if (marked[slot] || !index->alive[slot]) continue;
            marked[slot] = 1;
            found++;
        }
    }
    uint32_t *out = arena_zero(arena, (size_t)found + 1, sizeof *out);
    if (out == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t slot = 0; slot < index->slot_count; slot++)
        if (marked[slot]) out[(*slot_count)++] = slot;
    *slots = out;
    return STATUS_OK;
}
