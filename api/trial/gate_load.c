#include "api/trial/gate_load.h"

#include "api/json/reader.h"
#include "api/wire/time_text.h"

#include <stdlib.h>
#include <string.h>

enum { HOURS_FIRST = 1024 };

#define HOUR_MS ((int64_t)3600 * 1000)

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status gate_load_init(struct gate_load *load, const struct rules *before, const struct rules *after, struct arena *arena,
                           struct error *err)
{
    *load = (struct gate_load){.rules = {before, after}};
    size_t all = 1;
    for (int v = 0; v < 2; v++) {
        uint32_t count = load->rules[v]->input->checkpoint_count;
        all += count;
        load->slot[v] = arena_zero(arena, (size_t)count + 1, sizeof *load->slot[v]);
        if (load->slot[v] == NULL) return no_memory(err);
    }
    load->gates = arena_zero(arena, all, sizeof *load->gates);
    return load->gates ? STATUS_OK : no_memory(err);
}

void gate_load_clear(struct gate_load *load)
{
    free(load->hours);
    *load = (struct gate_load){0};
}

/* ---- counting ---------------------------------------------------------------------------------------------- */

static int by_gate_and_hour(const void *a, const void *b)
{
    const struct gate_hour *x = a, *y = b;
    if (x->gate != y->gate) return x->gate < y->gate ? -1 : 1;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* Makes one of all that are of the same gate and hour, in their order. */
static void merge(struct gate_load *load)
{
    size_t kept = 0;
    if (load->count == 0) return;
    qsort(load->hours, load->count, sizeof *load->hours, by_gate_and_hour);
    for (size_t i = 1; i < load->count; i++) {
        struct gate_hour *last = &load->hours[kept], *next = &load->hours[i];
        if (by_gate_and_hour(last, next) == 0) last->before += next->before, last->after += next->after;
        else load->hours[++kept] = *next;
    }
    load->count = kept + 1;
}

static enum status add(struct gate_load *load, const struct gate_hour *hour, struct error *err)
{
    if (load->count == load->capacity) {
        merge(load);
        if (load->count >= load->capacity / 2) {
            size_t capacity = load->capacity ? 2 * load->capacity : HOURS_FIRST;
            struct gate_hour *hours = realloc(load->hours, capacity * sizeof *hours);
            if (hours == NULL) return no_memory(err);
            load->hours = hours;
            load->capacity = capacity;
        }
    }
    load->hours[load->count++] = *hour;
    return STATUS_OK;
}

/* The gate of a checkpoint of the rules before (0) or after (1); made when it is none yet. */
static uint32_t gate_of(struct gate_load *load, int version, uint32_t checkpoint)
{
    uint32_t *slot = &load->slot[version][checkpoint];
    if (*slot) return *slot - 1;
    const struct checkpoint *c = &load->rules[version]->input->checkpoints[checkpoint];
    uint32_t g = 0;
    while (g < load->gate_count && strcmp(load->gates[g].id, c->id) != 0) g++;
    if (g == load->gate_count) load->gates[load->gate_count++] = (struct gate_sum){.id = c->id, .name = c->name};
    *slot = g + 1;
    return g;
}

static struct gate_hour hour_of(const struct gate_passage *passage)
{
    return (struct gate_hour){.from_ms = passage->at_ms - (passage->at_ms % HOUR_MS + HOUR_MS) % HOUR_MS};
}

enum status gate_load_moved(struct gate_load *load, const struct plan *plan, bool after, struct error *err)
{
    for (uint32_t l = 0; plan && l < plan->leg_count; l++) {
        for (uint32_t i = 0; i < plan->legs[l].gate_count; i++) {
            const struct gate_passage *passage = &plan->legs[l].gates[i];
            if (passage->checkpoint == UINT32_MAX) continue;
            struct gate_hour hour = hour_of(passage);
            hour.gate = gate_of(load, after, passage->checkpoint);
            hour.before = !after, hour.after = after;
            load->gates[hour.gate].before += hour.before, load->gates[hour.gate].after += hour.after;
            TRY(add(load, &hour, err));
        }
    }
    return STATUS_OK;
}

/* The gates are all known by now, those of the rules before perhaps under the other version alone. */
static bool told_of(struct gate_load *load, uint32_t checkpoint, uint32_t *gate)
{
    uint32_t known = load->gate_count;
    *gate = gate_of(load, 0, checkpoint);
    if (*gate < known) return true;
    load->slot[0][checkpoint] = 0;
    load->gate_count = known;
    return false;
}

enum status gate_load_stays(struct gate_load *load, const struct plan *plan, struct error *err)
{
    for (uint32_t l = 0; l < plan->leg_count; l++) {
        for (uint32_t i = 0; i < plan->legs[l].gate_count; i++) {
            const struct gate_passage *passage = &plan->legs[l].gates[i];
            struct gate_hour hour = hour_of(passage);
            if (passage->checkpoint == UINT32_MAX || !told_of(load, passage->checkpoint, &hour.gate)) continue;
            hour.before = hour.after = 1;
            TRY(add(load, &hour, err));
        }
    }
    return STATUS_OK;
}

static bool is_told_of(const struct gate_load *load, const char *id)
{
    for (uint32_t g = 0; g < load->gate_count; g++)
        if (strcmp(load->gates[g].id, id) == 0) return true;
    return false;
}

enum status gate_load_arcs(const struct gate_load *load, struct arena *arena, arc_id **arcs, uint32_t *count, struct error *err)
{
    const struct rules *r = load->rules[0];
    *count = 0;
    *arcs = arena_zero(arena, (size_t)r->gate_arc_count + 1, sizeof **arcs);
    if (*arcs == NULL) return no_memory(err);
    for (uint32_t i = 0; i < r->gate_arc_count; i++)
        if (is_told_of(load, r->input->checkpoints[r->gate_arcs[i].checkpoint].id)) (*arcs)[(*count)++] = r->gate_arcs[i].arc;
    return STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

/* The busiest hour of a gate, the first of several; hours from `first` up to `end` are its own. */
static void encode_busiest(struct json_writer *w, const char *key, const struct gate_load *load, size_t first, size_t end, bool after)
{
    const struct gate_hour *most = NULL;
    uint32_t passages = 0;
    for (size_t i = first; i < end; i++) {
        uint32_t here = after ? load->hours[i].after : load->hours[i].before;
        if (here > passages) most = &load->hours[i], passages = here;
    }
    writer_key(w, key);
    if (most == NULL) {
        writer_null(w);
        return;
    }
    writer_open_object(w);
    writer_key(w, "from"), writer_time(w, most->from_ms);
    writer_key(w, "passages"), writer_integer(w, passages);
    writer_close_object(w);
}

static void encode_over(struct json_writer *w, const char *key, const struct gate_load *load, size_t first, size_t end, bool after,
                        const struct impact_capacity *capacity)
{
    int64_t over = 0;
    for (size_t i = first; capacity && i < end; i++) over += (after ? load->hours[i].after : load->hours[i].before) > capacity->per_hour;
    writer_key(w, key);
    if (capacity) writer_integer(w, over);
    else writer_null(w);
}

void gate_load_encode(struct gate_load *load, struct json_writer *w, const struct impact_capacity *capacities, uint32_t count)
{
    size_t first = 0;
    merge(load);
    writer_open_array(w);
    for (uint32_t g = 0; g < load->gate_count; g++) { /* the hours are in the order of the gates */
        const struct impact_capacity *capacity = NULL;
        size_t end = first;
        while (end < load->count && load->hours[end].gate == g) end++;
        for (uint32_t c = 0; c < count && capacity == NULL; c++)
            if (strcmp(capacities[c].id, load->gates[g].id) == 0) capacity = &capacities[c];
        writer_open_object(w);
        writer_key(w, "checkpoint"), writer_text(w, load->gates[g].id);
        writer_key(w, "name"), writer_text(w, load->gates[g].name);
        writer_key(w, "passages_before"), writer_integer(w, load->gates[g].before);
        writer_key(w, "passages_after"), writer_integer(w, load->gates[g].after);
        writer_key(w, "capacity_h");
        if (capacity) writer_integer(w, capacity->per_hour);
        else writer_null(w);
        encode_busiest(w, "busiest_before", load, first, end, false);
        encode_busiest(w, "busiest_after", load, first, end, true);
        encode_over(w, "hours_over_capacity_before", load, first, end, false, capacity);
        encode_over(w, "hours_over_capacity_after", load, first, end, true, capacity);
        writer_close_object(w);
        first = end;
    }
    writer_close_array(w);
}
