#include "api/encode/encode_offence.h"

#include "api/encode/encode_geometry.h"
#include "api/encode/instructions.h"

static void encode_limit(struct json_writer *w, const struct rules *rules, road_index road, const struct vehicle *vehicle)
{
    const uint32_t *row = rules->road_limits[road] ? rules_limits(rules, road) : NULL;
    for (uint32_t k = 0; row && k < LIMIT_COUNT; k++) {
        uint32_t value = vehicle_value(vehicle, (enum limit_kind)k);
        if (row[k] == 0 || value <= row[k]) continue;
        unsigned decimals = k == LIMIT_AXLES ? 0 : 3; /* mm and kg are written as m and t */
        writer_key(w, "limit_kind"), writer_text(w, limit_kind_code((enum limit_kind)k));
        writer_key(w, "limit"), writer_decimal(w, row[k], decimals);
        writer_key(w, "vehicle"), writer_decimal(w, value, decimals);
        return;
    }
}

void encode_offence(struct json_writer *w, const struct view *view, const struct judgement *j, const struct vehicle *vehicle,
                    const struct wire_crs *crs, enum language language)
{
    const struct rules_input *input = view->rules->input;
    const struct network *n = &view->base->network;
    writer_open_object(w);
    writer_key(w, "code"), writer_text(w, offence_code(j->kind));
    writer_key(w, "message"), writer_text(w, offence_text(j->kind, language));
    writer_key(w, "leg"), writer_integer(w, j->leg);
    if (j->zone < input->zone_count) {
        writer_key(w, "zone"), writer_text(w, input->zones[j->zone].id);
        writer_key(w, "name"), writer_text(w, input->zones[j->zone].name);
    } else if (j->closure < input->closure_count) {
        writer_key(w, "closure"), writer_text(w, input->closures[j->closure].id);
        writer_key(w, "name"), writer_text(w, input->closures[j->closure].name);
    }
    if (j->arc != NO_ARC && j->arc < n->arc_count) {
        writer_key(w, "road"), writer_text(w, road_label(n, n->arc_road[j->arc], language));
        writer_key(w, "location");
        if (crs) encode_point(w, crs, n->node_point[n->arc_tail[j->arc]]);
        else writer_point_e7(w, n->node_point[n->arc_tail[j->arc]]);
        if (vehicle && j->kind == OFFENCE_LIMIT) encode_limit(w, view->rules, n->arc_road[j->arc], vehicle);
    }
    writer_close_object(w);
}
