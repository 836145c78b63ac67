#include "api/encode/encode_layers.h"

#include "api/encode/instructions.h"
#include "api/json/writer.h"
#include "geo/geojson.h"

#include <stdlib.h>
#include <string.h>

static bool boxes_meet(const struct box_e7 *a, const struct box_e7 *b)
{
    return a->min_lon_e7 <= b->max_lon_e7 && b->min_lon_e7 <= a->max_lon_e7 && a->min_lat_e7 <= b->max_lat_e7 &&
           b->min_lat_e7 <= a->max_lat_e7;
}

static void open_collection(struct json_writer *w, const struct view *view)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "FeatureCollection");
    writer_key(w, "rules_version"), writer_integer(w, view->rules->version);
    writer_key(w, "as_of"), writer_time(w, view->rules->as_of_ms);
    writer_key(w, "features"), writer_open_array(w);
}

static void close_collection(struct json_writer *w)
{
    writer_close_array(w);
    writer_close_object(w);
}

static void open_feature(struct json_writer *w, const char *id)
{
    writer_open_object(w);
    writer_key(w, "type"), writer_text(w, "Feature");
    writer_key(w, "id"), writer_text(w, id);
}

static void encode_classes(struct json_writer *w, road_class_mask classes)
{
    writer_open_array(w);
    for (unsigned c = 0; c < ROAD_CLASS_COUNT; c++)
        if (classes >> c & 1) writer_text(w, road_class_code((enum road_class)c));
    writer_close_array(w);
}

static void encode_types(struct json_writer *w, const struct rules_input *input, const credential_type_index *types,
                         uint32_t count)
{
    writer_open_array(w);
    for (uint32_t i = 0; i < count; i++)
        if (types[i] < input->credential_type_count) writer_text(w, input->credential_types[types[i]].code);
    writer_close_array(w);
}

static void encode_interval(struct json_writer *w, const struct schedule *schedule)
{
    writer_key(w, "effective_from"), writer_time(w, schedule->from_ms);
    writer_key(w, "effective_until"), writer_time(w, schedule->until_ms);
    writer_key(w, "has_hours"), writer_boolean(w, schedule->window_count > 0);
}

/* ---- zones ------------------------------------------------------------------------------------------------- */

/* Whether a rule binds every vehicle: its filter asks for nothing. */
static bool binds_all(const struct subject *s)
{
    return s->gross_min_kg == 0 && (s->gross_max_kg == 0 || s->gross_max_kg == UINT32_MAX) && s->axles_min == 0 &&
           (s->axles_max == 0 || s->axles_max == UINT32_MAX) && s->hazmat == ANY && s->livestock == ANY &&
           s->lorry == ANY && s->emissions == 0 && s->plate_prefix_count == 0 && s->cargo_count == 0;
}

static void encode_zone(struct json_writer *w, const struct rules_input *input, const struct zone *zone,
                        const struct layer_filter *filter)
{
    open_feature(w, zone->id);
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "id"), writer_text(w, zone->id);
    writer_key(w, "name"), writer_text(w, zone->name);
    writer_key(w, "class"), writer_text(w, zone->class_code);
    writer_key(w, "class_name");
    writer_text(w, filter->language == LANGUAGE_EN ? zone->class_name_en : zone->class_name_zh);
    writer_key(w, "rule");
    writer_text(w, zone->rule_count ? rule_kind_code(zone->rules[0].kind) : NULL);
    writer_key(w, "in_force"), writer_boolean(w, schedule_holds(&zone->schedule, &input->calendar, PLATE_TAIL_UNKNOWN, filter->at_ms));
    encode_interval(w, &zone->schedule);
    writer_key(w, "county"), writer_text(w, zone->county);
    writer_key(w, "document"), writer_text(w, zone->document);
    writer_key(w, "authority"), writer_text(w, zone->authority);
    writer_key(w, "accuracy_m"), writer_milli(w, zone->accuracy_mm);
    writer_key(w, "border_roads"), writer_text(w, zone->border_roads_inside ? "inside" : "outside");
    writer_key(w, "rules"), writer_open_array(w);
    for (uint32_t i = 0; i < zone->rule_count; i++) {
        const struct zone_rule *rule = &zone->rules[i];
        writer_open_object(w);
        writer_key(w, "rule"), writer_text(w, rule_kind_code(rule->kind));
        writer_key(w, "for_all"), writer_boolean(w, binds_all(&rule->subject));
        writer_key(w, "open_classes"), encode_classes(w, rule->open_classes);
        if (rule->kind == RULE_GATED) {
            writer_key(w, "transit"), writer_text(w, rule->transit_deny ? "deny" : "allow");
        }
        if (rule->kind == RULE_CAUTION) {
            writer_key(w, "slow_factor"), writer_milli(w, rule->slow_permille);
        }
        writer_key(w, "exempt"), encode_types(w, input, rule->exempt, rule->exempt_count);
        writer_key(w, "has_hours"), writer_boolean(w, rule->hours.window_count > 0);
        writer_close_object(w);
    }
    writer_close_array(w);
    writer_close_object(w);
    writer_key(w, "geometry"), writer_raw(w, "", 0);
    geojson_multipolygon(w->out, &zone->area);
    writer_close_object(w);
}

enum status encode_zones(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                         struct error *err)
{
    (void)err;
    const struct rules_input *input = view->rules->input;
    struct json_writer w;
    writer_init(&w, out);
    open_collection(&w, view);
    for (uint32_t i = 0; i < input->zone_count; i++) {
        struct box_e7 box = multipolygon_box(&input->zones[i].area);
        if (filter->has_box && !boxes_meet(&box, &filter->box)) continue;
        encode_zone(&w, input, &input->zones[i], filter);
    }
    close_collection(&w);
    return STATUS_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------- */

static bool listed(const uint32_t *list, uint32_t count, uint32_t value)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == value) return true;
    return false;
}

static void encode_checkpoint(struct json_writer *w, const struct view *view, uint32_t index,
                              const struct layer_filter *filter)
{
    static const char *const directions[] = {[GATE_ENTER] = "enter", [GATE_EXIT] = "exit", [GATE_BOTH] = "both"};
    const struct rules_input *input = view->rules->input;
    const struct checkpoint *c = &input->checkpoints[index];
    open_feature(w, c->id);
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "id"), writer_text(w, c->id);
    writer_key(w, "name"), writer_text(w, c->name);
    writer_key(w, "road"), writer_text(w, c->road_ref);
    writer_key(w, "open"), writer_boolean(w, schedule_holds(&c->opening, &input->calendar, PLATE_TAIL_NONE, filter->at_ms));
    writer_key(w, "normal_s"), writer_milli(w, c->normal_ms);
    writer_key(w, "green_s"), writer_milli(w, c->green_ms);
    writer_key(w, "green_credentials"), encode_types(w, input, c->green, c->green_count);
    writer_key(w, "requirements"), writer_open_array(w);
    for (uint32_t g = 0; g < c->group_count; g++) {
        writer_open_array(w);
        for (uint32_t r = 0; r < c->groups[g].requirement_count; r++) {
            const struct requirement *need = &c->groups[g].requirements[r];
            writer_open_object(w);
            writer_key(w, "type");
            writer_text(w, need->type < input->credential_type_count ? input->credential_types[need->type].code : NULL);
            if (need->max_age_s > 0) {
                writer_key(w, "max_age_s"), writer_integer(w, need->max_age_s);
            }
            writer_close_object(w);
        }
        writer_close_array(w);
    }
    writer_close_array(w);
    writer_key(w, "gates"), writer_open_array(w);
    for (uint32_t g = 0; g < c->gate_count; g++) {
        writer_open_object(w);
        writer_key(w, "zone"), writer_text(w, input->zones[c->gates[g].zone].id);
        writer_key(w, "direction"), writer_text(w, directions[c->gates[g].direction]);
        writer_close_object(w);
    }
    writer_close_array(w);
    if (listed(view->rules->dead_checkpoints, view->rules->dead_checkpoint_count, index)) {
        writer_key(w, "opens_nothing"), writer_boolean(w, true);
    }
    writer_close_object(w);
    writer_key(w, "geometry"), writer_raw(w, "", 0);
    geojson_point(w->out, c->point);
    writer_close_object(w);
}

enum status encode_checkpoints(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                               struct error *err)
{
    (void)err;
    const struct rules_input *input = view->rules->input;
    struct json_writer w;
    writer_init(&w, out);
    open_collection(&w, view);
    for (uint32_t i = 0; i < input->checkpoint_count; i++) {
        struct point_e7 p = input->checkpoints[i].point;
        struct box_e7 box = {p.lon_e7, p.lat_e7, p.lon_e7, p.lat_e7};
        if (filter->has_box && !boxes_meet(&box, &filter->box)) continue;
        encode_checkpoint(&w, view, i, filter);
    }
    close_collection(&w);
    return STATUS_OK;
}

/* ---- closures ---------------------------------------------------------------------------------------------- */

struct touched {
    uint32_t closure;
    road_index road;
};

static int by_closure(const void *a, const void *b)
{
    const struct touched *x = a, *y = b;
    if (x->closure != y->closure) return x->closure < y->closure ? -1 : 1;
    return (x->road > y->road) - (x->road < y->road);
}

/* Roads of each closure, sorted, each once. The compiled rules know closures by arc. */
static enum status closure_roads(const struct view *view, struct touched **out, size_t *out_count, struct error *err)
{
    const struct network *n = &view->base->network;
    const struct rules *rules = view->rules;
    size_t count = rules->arc_first_closure ? rules->arc_first_closure[n->arc_count] : 0, k = 0, unique = 0;
    struct touched *list = malloc((count + 1) * sizeof *list);
    if (list == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (arc_id a = 0; count && a < n->arc_count; a++)
        for (uint32_t i = rules->arc_first_closure[a]; i < rules->arc_first_closure[a + 1]; i++)
            list[k++] = (struct touched){rules->arc_closure[i], n->arc_road[a]};
    qsort(list, k, sizeof *list, by_closure);
    for (size_t i = 0; i < k; i++)
        if (i == 0 || by_closure(&list[i], &list[i - 1]) != 0) list[unique++] = list[i];
    *out = list;
    *out_count = unique;
    return STATUS_OK;
}

static void encode_closure(struct json_writer *w, const struct view *view, const struct closure *closure,
                           const struct touched *roads, size_t count, const struct layer_filter *filter)
{
    const struct network *n = &view->base->network;
    open_feature(w, closure->id);
    writer_key(w, "properties"), writer_open_object(w);
    writer_key(w, "id"), writer_text(w, closure->id);
    writer_key(w, "name"), writer_text(w, closure->name);
    writer_key(w, "cause"), writer_text(w, closure->cause);
    writer_key(w, "action"), writer_text(w, closure_action_code(closure->action));
    writer_key(w, "physical"), writer_boolean(w, closure->physical);
    if (closure->action == CLOSURE_LIMIT) {
        writer_key(w, "limit_kind"), writer_text(w, limit_kind_code(closure->limit_kind));
        writer_key(w, "limit");
        if (closure->limit_kind == LIMIT_AXLES) writer_integer(w, closure->limit_value);
        else writer_milli(w, closure->limit_value);
    }
    if (closure->action == CLOSURE_SPEED) {
        writer_key(w, "limit_kmh"), writer_integer(w, closure->limit_value);
    }
    writer_key(w, "in_force");
    writer_boolean(w, schedule_holds(&closure->schedule, &view->rules->input->calendar, PLATE_TAIL_UNKNOWN, filter->at_ms));
    encode_interval(w, &closure->schedule);
    writer_key(w, "document"), writer_text(w, closure->document);
    writer_key(w, "authority"), writer_text(w, closure->authority);
    writer_close_object(w);
    writer_key(w, "geometry");
    if (count == 0) {
        writer_null(w);
    } else {
        writer_open_object(w);
        writer_key(w, "type"), writer_text(w, "MultiLineString");
        writer_key(w, "coordinates"), writer_open_array(w);
        for (size_t i = 0; i < count; i++) {
            uint32_t first = n->road_first_shape[roads[i].road], end = n->road_first_shape[roads[i].road + 1];
            writer_points_e7(w, n->shape_point + first, end - first);
        }
        writer_close_array(w);
        writer_close_object(w);
    }
    writer_close_object(w);
}

enum status encode_closures(struct buffer *out, const struct view *view, const struct layer_filter *filter,
                            struct error *err)
{
    const struct network *n = &view->base->network;
    const struct rules_input *input = view->rules->input;
    struct touched *roads = NULL;
    size_t count = 0, at = 0;
    enum status status = closure_roads(view, &roads, &count, err);
    if (status != STATUS_OK) return status;
    struct json_writer w;
    writer_init(&w, out);
    open_collection(&w, view);
    for (uint32_t c = 0; c < input->closure_count; c++) {
        size_t first = at;
        struct box_e7 box = BOX_E7_EMPTY;
        for (; at < count && roads[at].closure == c; at++)
            for (uint32_t s = n->road_first_shape[roads[at].road]; s < n->road_first_shape[roads[at].road + 1]; s++)
                box_e7_add(&box, n->shape_point[s]);
        if (filter->has_box && !boxes_meet(&box, &filter->box)) continue;
        encode_closure(&w, view, &input->closures[c], roads + first, at - first, filter);
    }
    close_collection(&w);
    free(roads);
    return STATUS_OK;
}

/* ---- network ----------------------------------------------------------------------------------------------- */

static void encode_counts(struct json_writer *w, const struct view *view)
{
    const struct network *n = &view->base->network;
    const struct rules_input *input = view->rules->input;
    writer_open_object(w);
    writer_key(w, "nodes"), writer_integer(w, n->node_count);
    writer_key(w, "arcs"), writer_integer(w, n->arc_count);
    writer_key(w, "roads"), writer_integer(w, n->road_count);
    writer_key(w, "zones"), writer_integer(w, input->zone_count);
    writer_key(w, "checkpoints"), writer_integer(w, input->checkpoint_count);
    writer_key(w, "closures"), writer_integer(w, input->closure_count);
    writer_key(w, "dead_checkpoints"), writer_integer(w, view->rules->dead_checkpoint_count);
    writer_key(w, "dead_closures"), writer_integer(w, view->rules->dead_closure_count);
    writer_close_object(w);
}

void encode_network(struct buffer *out, const struct app *app, const struct view *view)
{
    const struct app_options *options = app_options_get(app);
    const struct rules_input *input = view->rules->input;
    struct rules_age age = app_rules_age(app);
    struct box_e7 extent = app_extent(app);
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "name"), writer_text(&w, options->name);
    writer_key(&w, "attribution"), writer_text(&w, options->attribution);
    writer_key(&w, "schematic"), writer_boolean(&w, options->schematic);
    if (options->basemap && options->basemap[0]) {
        writer_key(&w, "basemap"), writer_open_object(&w);
        writer_key(&w, "tiles"), writer_text(&w, options->basemap);
        writer_key(&w, "attribution"), writer_text(&w, options->basemap_attribution ? options->basemap_attribution : "");
        writer_key(&w, "crs"), writer_text(&w, options->basemap_shifted ? "gcj02" : "EPSG:4490");
        writer_close_object(&w);
    }
    writer_key(&w, "bbox"), writer_open_array(&w);
    writer_decimal(&w, extent.min_lon_e7, 7), writer_decimal(&w, extent.min_lat_e7, 7);
    writer_decimal(&w, extent.max_lon_e7, 7), writer_decimal(&w, extent.max_lat_e7, 7);
    writer_close_array(&w);
    writer_key(&w, "crs"), writer_text(&w, "EPSG:4490");
    writer_key(&w, "network_version"), writer_text(&w, view->base->network.version);
    writer_key(&w, "rules_version"), writer_integer(&w, view->rules->version);
    writer_key(&w, "as_of"), writer_time(&w, view->rules->as_of_ms);
    writer_key(&w, "rules_age_s"), writer_integer(&w, age.contact_ms / 1000);
    writer_key(&w, "rules_stale"), writer_boolean(&w, age.stale);
    writer_key(&w, "database_connected"), writer_boolean(&w, age.connected);
    writer_key(&w, "counts"), encode_counts(&w, view);
    writer_key(&w, "credential_types"), writer_open_array(&w);
    for (uint32_t i = 0; i < input->credential_type_count; i++) {
        const struct credential_type *type = &input->credential_types[i];
        writer_open_object(&w);
        writer_key(&w, "code"), writer_text(&w, type->code);
        writer_key(&w, "name_zh"), writer_text(&w, type->name_zh);
        writer_key(&w, "name_en"), writer_text(&w, type->name_en);
        if (type->default_max_age_s > 0) {
            writer_key(&w, "max_age_s"), writer_integer(&w, type->default_max_age_s);
        }
        writer_close_object(&w);
    }
    writer_close_array(&w);
    writer_close_object(&w);
}
