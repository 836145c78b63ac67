#include "api/encode/encode_match.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/instructions.h"
#include "routing/constraint/leg_geometry.h"

/* The pieces from `first` on that follow each other, as one leg; pieces of one arc become one. False: no memory. */
static bool leg_of(const struct network *n, const struct match_piece *pieces, uint32_t count, struct arena *arena, struct leg *leg)
{
    arc_id *arcs = arena_take(arena, (size_t)(count + 1) * sizeof *arcs);
    uint32_t *first_point = arena_take(arena, (size_t)(count + 2) * sizeof *first_point);
    if (arcs == NULL || first_point == NULL) return false;
    *leg = (struct leg){.arcs = arcs, .first_offset_mm = pieces[0].from_mm};
    for (uint32_t i = 0; i < count; i++) {
        const struct match_piece *p = &pieces[i];
        uint32_t length = network_arc_length_mm(n, p->arc), used = p->to_mm - p->from_mm;
        bool goes_on = i > 0 && match_goes_on(&pieces[i - 1], p);
        if (!goes_on) arcs[leg->arc_count++] = p->arc;
        if (!goes_on || p->to_mm > leg->last_offset_mm) leg->last_offset_mm = p->to_mm;
        leg->distance_mm += used;
        leg->drive_ms += length ? (uint32_t)((uint64_t)n->arc_time_ms[p->arc] * used / length) : 0;
    }
    if (leg->arc_count == 1 && leg->last_offset_mm < leg->first_offset_mm) leg->last_offset_mm = leg->first_offset_mm;
    return leg_points(n, leg, arena, first_point);
}

struct leg *matching_legs(const struct network *n, const struct matching *m, struct arena *arena)
{
    struct leg *legs = arena_zero(arena, m->point_count, sizeof *legs);
    for (uint32_t k = 0, i = 0; legs != NULL && k + 1 < m->point_count; k++) {
        uint32_t first = i;
        while (i < m->piece_count && m->pieces[i].leg == k) i++;
        if (!leg_of(n, m->pieces + first, i - first, arena, &legs[k])) return NULL;
        legs[k].from = k;
        legs[k].to = k + 1;
    }
    return legs;
}

static bool encode_stretch(struct json_writer *w, const struct route_encoder *encoder, const struct matching *m,
                           const struct match_stretch *s, struct arena *arena)
{
    const struct network *n = &encoder->view->base->network;
    struct leg line;
    if (!leg_of(n, m->pieces + s->first_piece, s->piece_count, arena, &line)) return false;
    writer_open_object(w);
    writer_key(w, "verdict"), writer_text(w, s->conflict_count || s->turn ? "forbidden" : "allowed");
    writer_key(w, "from"), writer_integer(w, m->positions[m->pieces[s->first_piece].leg]);
    writer_key(w, "begin_at"), writer_time(w, s->begin_ms);
    writer_key(w, "end_at"), writer_time(w, s->end_ms);
    writer_key(w, "distance_m"), writer_milli(w, (int64_t)s->distance_mm);
    writer_key(w, "forbidden_turn"), writer_boolean(w, s->turn);
    writer_key(w, "rules"), encode_conflicts(w, encoder, s->conflicts, s->conflict_count);
    writer_key(w, "roads"), writer_open_array(w);
    for (uint32_t i = 0; i < line.arc_count; i++) writer_integer(w, n->road_source_id[n->arc_road[line.arcs[i]]]);
    writer_close_array(w);
    if (encoder->form->geometry != GEOMETRY_NONE)
        writer_key(w, "geometry"), encode_line(w, encoder->form, line.points, line.point_count);
    writer_close_object(w);
    return true;
}

static void encode_points(struct json_writer *w, const struct route_encoder *encoder, const struct match_answer *answer)
{
    const struct network *n = &encoder->view->base->network;
    writer_open_array(w);
    for (uint32_t i = 0; i < answer->point_count; i++) {
        const struct match_point *p = &answer->points[i];
        if (!p->matched) {
            writer_null(w);
            continue;
        }
        road_index road = n->arc_road[p->arc];
        writer_open_object(w);
        writer_key(w, "matching"), writer_integer(w, p->matching);
        writer_key(w, "snapped"), encode_point(w, &encoder->form->crs, p->snapped);
        writer_key(w, "distance_m"), writer_milli(w, p->distance_mm);
        writer_key(w, "road"), writer_text(w, road_label(n, road, encoder->form->language));
        writer_key(w, "road_id"), writer_integer(w, n->road_source_id[road]);
        writer_key(w, "backward"), writer_boolean(w, n->arc_reversed[p->arc]);
        writer_key(w, "alternatives"), writer_integer(w, p->alternatives);
        writer_close_object(w);
    }
    writer_close_array(w);
}

enum status encode_driven(struct buffer *out, const struct route_encoder *encoder, const struct driven *driven,
                          struct arena *arena, struct error *err)
{
    struct json_writer w;
    bool room = true, lawful = true;
    for (uint32_t k = 0; k < driven->match.matching_count; k++)
        for (uint32_t i = 0; i < driven->stretch_count[k]; i++)
            lawful = lawful && driven->stretches[k][i].conflict_count == 0 && !driven->stretches[k][i].turn;
    writer_init(&w, out);
    writer_open_object(&w);
    encode_versions(&w, encoder);
    writer_key(&w, "lawful"), writer_boolean(&w, lawful);
    writer_key(&w, "matchings"), writer_open_array(&w);
    for (uint32_t k = 0; k < driven->match.matching_count && room; k++) {
        const struct matching *m = &driven->match.matchings[k];
        writer_open_object(&w);
        writer_key(&w, "confidence"), writer_milli(&w, m->confidence_permille);
        writer_key(&w, "distance_m"), writer_milli(&w, (int64_t)m->distance_mm);
        writer_key(&w, "from"), writer_integer(&w, m->positions[0]);
        writer_key(&w, "to"), writer_integer(&w, m->positions[m->point_count - 1]);
        writer_key(&w, "stretches"), writer_open_array(&w);
        for (uint32_t i = 0; i < driven->stretch_count[k] && room; i++)
            room = encode_stretch(&w, encoder, m, &driven->stretches[k][i], arena);
        writer_close_array(&w);
        writer_close_object(&w);
    }
    writer_close_array(&w);
    writer_key(&w, "positions"), encode_points(&w, encoder, &driven->match);
    writer_close_object(&w);
    return room ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
