#include "routing/plan/plan_record.h"

#include <stdlib.h>
#include <string.h>

/* Plans whose lengths fit 32 bits are written as ever, so that programs of before read them and records stay what they were;
 * longer ones in a second form, which differs in the width of lengths alone; those with rests in a third, like the second but for
 * the facility at each place. */
enum form { FORM_SHORT, FORM_LONG, FORM_RESTS, FORM_COUNT };
static const char magic[FORM_COUNT][8] = {"bcplan1", "bcplan2", "bcplan3"};

enum { GATES_MAX = 4096, ARCS_MAX = 4000000 };

static const uint64_t LENGTH_MAX_MM = (uint64_t)1 << 50; /* nothing that is reckoned from it overflows */

bool plan_is_long(const struct plan *plan)
{
    uint64_t all = plan->distance_mm;
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        const struct leg *leg = &plan->legs[k];
        all |= leg->distance_mm;
        for (uint32_t i = 0; i < leg->gate_count; i++) all |= leg->gates[i].offset_mm;
        for (uint32_t i = 0; i < leg->zone_count; i++) all |= leg->zones[i].distance_mm;
    }
    return all > UINT32_MAX;
}

static enum form form_of(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->waypoint_count; i++)
        if (plan->waypoints[i].rest) return FORM_RESTS;
    return plan_is_long(plan) ? FORM_LONG : FORM_SHORT;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

static void put32(struct buffer *out, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 24)};
    buffer_bytes(out, bytes, sizeof bytes);
}

static void put64(struct buffer *out, int64_t value)
{
    put32(out, (uint32_t)(uint64_t)value);
    put32(out, (uint32_t)((uint64_t)value >> 32));
}

static void put_length(struct buffer *out, bool is_long, uint64_t mm)
{
    put32(out, (uint32_t)mm);
    if (is_long) put32(out, (uint32_t)(mm >> 32));
}

static void put_text(struct buffer *out, const char *text)
{
    size_t length = strlen(text);
    put32(out, (uint32_t)length);
    buffer_bytes(out, text, length);
}

static void put_point(struct buffer *out, struct point_e7 point)
{
    put32(out, (uint32_t)point.lon_e7), put32(out, (uint32_t)point.lat_e7);
}

static void put_leg(struct buffer *out, const struct rules_input *input, const struct leg *leg, bool is_long)
{
    put32(out, (uint32_t)leg->kind);
    put64(out, leg->depart_ms), put64(out, leg->arrive_ms);
    put_length(out, is_long, leg->distance_mm), put32(out, leg->drive_ms), put32(out, leg->wait_ms);
    put32(out, leg->first_offset_mm), put32(out, leg->last_offset_mm);
    put32(out, leg->arc_count);
    for (uint32_t i = 0; i < leg->arc_count; i++) put32(out, leg->arcs[i]);
    put32(out, leg->gate_count);
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *g = &leg->gates[i];
        put_text(out, input->checkpoints[g->checkpoint].id), put_text(out, input->zones[g->zone].id);
        put32(out, (uint32_t)g->direction), put64(out, g->at_ms);
        put32(out, g->wait_ms), put32(out, g->inspection_ms), put32(out, g->green_channel);
        put_length(out, is_long, g->offset_mm);
        put_point(out, g->point);
    }
}

void plan_record_write(struct buffer *out, const struct rules_input *input, const struct plan *plan)
{
    const enum form form = form_of(plan);
    const bool is_long = form != FORM_SHORT;
    buffer_bytes(out, magic[form], sizeof magic[form]);
    put32(out, plan->duration_ms), put32(out, plan->drive_ms), put_length(out, is_long, plan->distance_mm);
    put32(out, plan->toll_fen), put32(out, plan->wait_ms);
    put32(out, plan->leg_count);
    for (uint32_t i = 0; i < plan->waypoint_count; i++) {
        const struct waypoint *w = &plan->waypoints[i];
        put_point(out, w->requested), put_point(out, w->snapped);
        put32(out, w->distance_mm), put32(out, w->road), put32(out, w->offset_mm), put32(out, w->call), put32(out, w->moved);
        if (form == FORM_RESTS) put_text(out, w->rest ? input->facilities[w->rest - 1].id : "");
    }
    for (uint32_t i = 0; i < plan->leg_count; i++) put_leg(out, input, &plan->legs[i], is_long);
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

struct reading {
    const unsigned char *at, *end;
    const struct network *n;
    const struct rules_input *input;
    struct arena *arena;
    enum form form;
    bool bad, no_memory, is_long;
};

static uint32_t get32(struct reading *r)
{
    if (r->end - r->at < 4) {
        r->bad = true;
        return 0;
    }
    uint32_t value = (uint32_t)r->at[0] | (uint32_t)r->at[1] << 8 | (uint32_t)r->at[2] << 16 | (uint32_t)r->at[3] << 24;
    r->at += 4;
    return value;
}

static int64_t get64(struct reading *r)
{
    uint64_t low = get32(r), high = get32(r);
    return (int64_t)(low | high << 32);
}

static uint64_t get_length(struct reading *r)
{
    uint64_t value = r->is_long ? (uint64_t)get64(r) : get32(r);
    r->bad |= value > LENGTH_MAX_MM;
    return value;
}

/* A moment between 1970 and 2200: nothing that is reckoned from it overflows. */
static int64_t get_time(struct reading *r)
{
    int64_t value = get64(r);
    r->bad |= value < 0 || value > 7258118400000;
    return value;
}

/* At most `max`; each of what is counted takes `size` bytes at least, so a count cannot ask for more than there is. */
static uint32_t get_count(struct reading *r, uint32_t max, size_t size)
{
    uint32_t count = get32(r);
    if (count <= max && (size_t)(r->end - r->at) / size >= count) return count;
    r->bad = true;
    return 0;
}

static void *room(struct reading *r, size_t count, size_t size)
{
    void *memory = arena_zero(r->arena, count ? count : 1, size);
    r->no_memory |= memory == NULL;
    return memory;
}

static struct point_e7 get_point(struct reading *r)
{
    int32_t lon = (int32_t)get32(r), lat = (int32_t)get32(r);
    return (struct point_e7){lon, lat};
}

/* Compares an id in the record with one of the rules. */
struct id_here {
    const char *text;
    uint32_t length;
};

static struct id_here get_id(struct reading *r)
{
    uint32_t length = get_count(r, 4096, 1);
    struct id_here id = {(const char *)r->at, length};
    r->at += length;
    return id;
}

static bool is(const struct id_here *id, const char *text)
{
    return strlen(text) == id->length && memcmp(text, id->text, id->length) == 0;
}

static void get_gate(struct reading *r, struct gate_passage *g)
{
    struct id_here checkpoint = get_id(r), zone = get_id(r);
    g->checkpoint = g->zone = UINT32_MAX;
    for (uint32_t i = 0; i < r->input->checkpoint_count && g->checkpoint == UINT32_MAX; i++)
        if (is(&checkpoint, r->input->checkpoints[i].id)) g->checkpoint = i;
    for (uint32_t i = 0; i < r->input->zone_count && g->zone == UINT32_MAX; i++)
        if (is(&zone, r->input->zones[i].id)) g->zone = i;
    if (g->checkpoint == UINT32_MAX || g->zone == UINT32_MAX) g->checkpoint = g->zone = UINT32_MAX;
    uint32_t direction = get32(r);
    g->direction = direction == GATE_ENTER ? GATE_ENTER : GATE_EXIT;
    r->bad |= direction != GATE_ENTER && direction != GATE_EXIT;
    g->at_ms = get_time(r);
    g->wait_ms = get32(r), g->inspection_ms = get32(r), g->green_channel = get32(r) != 0, g->offset_mm = get_length(r);
    g->point = get_point(r);
}

static void get_leg(struct reading *r, struct leg *leg)
{
    uint32_t kind = get32(r);
    r->bad |= kind > LEG_LAST_MILE;
    leg->kind = (enum leg_kind)kind;
    leg->depart_ms = get_time(r), leg->arrive_ms = get_time(r);
    leg->distance_mm = get_length(r), leg->drive_ms = get32(r), leg->wait_ms = get32(r);
    leg->first_offset_mm = get32(r), leg->last_offset_mm = get32(r);
    leg->arc_count = get_count(r, ARCS_MAX, 4);
    arc_id *arcs = room(r, leg->arc_count, sizeof *arcs);
    for (uint32_t i = 0; i < leg->arc_count && arcs; i++) {
        arcs[i] = get32(r);
        r->bad |= arcs[i] >= r->n->arc_count;
    }
    leg->arcs = arcs;
    leg->gate_count = get_count(r, GATES_MAX, 44);
    struct gate_passage *gates = room(r, leg->gate_count, sizeof *gates);
    for (uint32_t i = 0; i < leg->gate_count && gates && !r->bad; i++) get_gate(r, &gates[i]);
    leg->gates = gates;
}

/* A facility that the rules do not have is none of theirs, but a rest all the same. */
static uint32_t get_rest(struct reading *r)
{
    struct id_here id = get_id(r);
    if (id.length == 0) return 0;
    for (uint32_t i = 0; i < r->input->facility_count; i++)
        if (is(&id, r->input->facilities[i].id)) return i + 1;
    return UINT32_MAX;
}

enum status plan_record_read(const void *bytes, size_t length, const struct network *n, const struct rules_input *input,
                             struct arena *arena, struct plan **out, struct error *err)
{
    struct reading r = {bytes, (const unsigned char *)bytes + length, n, input, arena, FORM_SHORT, false, false, false};
    *out = NULL;
    if (length < sizeof magic[0]) return error_set(err, STATUS_CORRUPT, MESSAGE_PLAN_RECORD);
    while (r.form < FORM_COUNT && memcmp(bytes, magic[r.form], sizeof magic[0]) != 0) r.form++;
    if (r.form == FORM_COUNT) return error_set(err, STATUS_CORRUPT, MESSAGE_PLAN_RECORD);
    r.is_long = r.form != FORM_SHORT;
    r.at += sizeof magic[0];
    struct plan *plan = room(&r, 1, sizeof *plan);
    if (plan == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    plan->duration_ms = get32(&r), plan->drive_ms = get32(&r), plan->distance_mm = get_length(&r);
    plan->toll_fen = get32(&r), plan->wait_ms = get32(&r);
    plan->issuable = true;
    plan->leg_count = get_count(&r, CALLS_MAX, 48);
    plan->waypoint_count = plan->leg_count + 1;
    struct waypoint *waypoints = room(&r, plan->waypoint_count, sizeof *waypoints);
    struct leg *legs = room(&r, plan->leg_count, sizeof *legs);
    if (r.bad || r.no_memory || plan->leg_count == 0) goto done;
    for (uint32_t i = 0; i < plan->waypoint_count; i++) {
        struct waypoint *w = &waypoints[i];
        w->requested = get_point(&r), w->snapped = get_point(&r);
        w->distance_mm = get32(&r), w->road = get32(&r), w->offset_mm = get32(&r), w->call = get32(&r), w->moved = get32(&r) != 0;
        if (r.form == FORM_RESTS) w->rest = get_rest(&r);
        r.bad |= w->road >= n->road_count;
    }
    for (uint32_t i = 0; i < plan->leg_count && !r.bad && !r.no_memory; i++) {
        get_leg(&r, &legs[i]);
        legs[i].from = i, legs[i].to = i + 1;
    }
    plan->waypoints = waypoints;
    plan->legs = legs;
done:
    if (r.no_memory) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (r.bad || r.at != r.end) return error_set(err, STATUS_CORRUPT, MESSAGE_PLAN_RECORD);
    *out = plan;
    return STATUS_OK;
}

/* ---- what is done with it ---------------------------------------------------------------------------------- */

void plan_record_move(struct plan *plan, int64_t depart_ms)
{
    struct leg *legs = (struct leg *)plan->legs; /* read into memory of ours */
    int64_t by_ms = depart_ms - legs[0].depart_ms;
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        struct gate_passage *gates = (struct gate_passage *)legs[i].gates;
        legs[i].depart_ms += by_ms, legs[i].arrive_ms += by_ms;
        for (uint32_t g = 0; g < legs[i].gate_count; g++) gates[g].at_ms += by_ms;
    }
}

static int by_number(const void *a, const void *b)
{
    arc_id x = *(const arc_id *)a, y = *(const arc_id *)b;
    return (x > y) - (x < y);
}

arc_id *plan_record_arcs(const struct plan *plan, struct arena *arena, uint32_t *count)
{
    size_t all = 0;
    *count = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) all += plan->legs[i].arc_count;
    arc_id *arcs = arena_zero(arena, all + 1, sizeof *arcs);
    if (arcs == NULL) return NULL;
    size_t filled = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        memcpy(arcs + filled, plan->legs[i].arcs, plan->legs[i].arc_count * sizeof *arcs);
        filled += plan->legs[i].arc_count;
    }
    qsort(arcs, all, sizeof *arcs, by_number);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || arcs[i] != arcs[i - 1]) arcs[(*count)++] = arcs[i];
    return arcs;
}
