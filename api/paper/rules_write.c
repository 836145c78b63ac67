#include "api/paper/rules_write.h"

#include "api/json/writer.h"
#include "geo/geojson.h"

enum { SHAPE_MAX = 64 << 20 };

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    writer_key(w, key), writer_text(w, text ? text : "");
}

static void put_integer(struct json_writer *w, const char *key, int64_t value)
{
    writer_key(w, key), writer_integer(w, value);
}

static void put_moment(struct json_writer *w, const char *key, int64_t ms, int64_t open)
{
    writer_key(w, key);
    if (ms == open) writer_null(w);
    else writer_integer(w, ms);
}

static void put_schedule(struct json_writer *w, const char *key, const struct schedule *s)
{
    writer_key(w, key), writer_open_object(w);
    put_moment(w, "from_ms", s->from_ms, INT64_MIN);
    put_moment(w, "until_ms", s->until_ms, TIME_OPEN);
    writer_key(w, "windows"), writer_open_array(w);
    for (uint32_t i = 0; i < s->window_count; i++) {
        const struct window *v = &s->windows[i];
        const uint16_t numbers[] = {v->weekdays, v->day_kinds, v->from_min, v->until_min, v->plate_tails};
        writer_open_array(w);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) writer_integer(w, numbers[k]);
        writer_close_array(w);
    }
    writer_close_array(w);
    writer_close_object(w);
}

static void put_texts(struct json_writer *w, const char *key, const char *const *texts, uint32_t count)
{
    writer_key(w, key), writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) writer_text(w, texts[i]);
    writer_close_array(w);
}

static void put_types(struct json_writer *w, const char *key, const struct rules_input *in, const credential_type_index *types,
                      uint32_t count)
{
    writer_key(w, key), writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) writer_text(w, in->credential_types[types[i]].code);
    writer_close_array(w);
}

static void put_arcs(struct json_writer *w, const struct road_direction *arcs, uint32_t count)
{
    writer_key(w, "arcs"), writer_open_array(w);
    for (uint32_t i = 0; i < count; i++) {
        writer_open_array(w);
        writer_integer(w, arcs[i].road_id), writer_boolean(w, arcs[i].backward);
        writer_close_array(w);
    }
    writer_close_array(w);
}

static void put_subject(struct json_writer *w, const struct subject *s)
{
    writer_key(w, "subject"), writer_open_object(w);
    put_integer(w, "gross_min_kg", s->gross_min_kg), put_integer(w, "gross_max_kg", s->gross_max_kg);
    put_integer(w, "axles_min", s->axles_min), put_integer(w, "axles_max", s->axles_max);
    put_integer(w, "hazmat", s->hazmat), put_integer(w, "livestock", s->livestock), put_integer(w, "lorry", s->lorry);
    put_integer(w, "emissions", s->emissions);
    put_texts(w, "plate_prefixes", s->plate_prefixes, s->plate_prefix_count);
    writer_key(w, "plate_prefixes_negated"), writer_boolean(w, s->plate_prefixes_negated);
    put_texts(w, "cargos", s->cargos, s->cargo_count);
    writer_close_object(w);
}

/* ---- the objects ------------------------------------------------------------------------------------------- */

static void put_zone_rule(struct json_writer *w, const struct rules_input *in, const struct zone_rule *r)
{
    writer_open_object(w);
    put_subject(w, &r->subject);
    put_text(w, "rule", rule_kind_code(r->kind));
    put_integer(w, "open_classes", r->open_classes);
    writer_key(w, "transit_deny"), writer_boolean(w, r->transit_deny);
    put_integer(w, "slow_permille", r->slow_permille);
    put_types(w, "exempt", in, r->exempt, r->exempt_count);
    put_schedule(w, "hours", &r->hours);
    writer_close_object(w);
}

static void put_zone(struct json_writer *w, const struct rules_input *in, const struct zone *z)
{
    writer_open_object(w);
    put_text(w, "id", z->id), put_text(w, "name", z->name), put_text(w, "class_code", z->class_code);
    put_text(w, "class_name_zh", z->class_name_zh), put_text(w, "class_name_en", z->class_name_en);
    put_text(w, "county", z->county), put_text(w, "document", z->document), put_text(w, "authority", z->authority);
    struct buffer shape;
    buffer_init(&shape, SHAPE_MAX);
    geojson_multipolygon(&shape, &z->area);
    if (shape.failed != STATUS_OK) w->out->failed = shape.failed;
    else writer_key(w, "area"), writer_raw(w, shape.data, shape.length);
    buffer_clear(&shape);
    put_integer(w, "accuracy_mm", z->accuracy_mm);
    writer_key(w, "border_roads_inside"), writer_boolean(w, z->border_roads_inside);
    writer_key(w, "layers"), writer_open_array(w);
    for (uint32_t i = 0; i < z->layer_count; i++) writer_integer(w, z->layers[i]);
    writer_close_array(w);
    put_schedule(w, "schedule", &z->schedule);
    writer_key(w, "rules"), writer_open_array(w);
    for (uint32_t i = 0; i < z->rule_count; i++) put_zone_rule(w, in, &z->rules[i]);
    writer_close_array(w);
    writer_close_object(w);
}

static void put_checkpoint(struct json_writer *w, const struct rules_input *in, const struct checkpoint *k)
{
    writer_open_object(w);
    put_text(w, "id", k->id), put_text(w, "name", k->name);
    writer_key(w, "point"), writer_point_e7(w, k->point);
    put_text(w, "road_ref", k->road_ref);
    put_integer(w, "bearing_deg", k->bearing_deg), put_integer(w, "reach_mm", k->reach_mm);
    put_schedule(w, "opening", &k->opening);
    put_integer(w, "normal_ms", k->normal_ms), put_integer(w, "green_ms", k->green_ms);
    writer_key(w, "groups"), writer_open_array(w);
    for (uint32_t g = 0; g < k->group_count; g++) {
        writer_open_array(w);
        for (uint32_t i = 0; i < k->groups[g].requirement_count; i++) {
            const struct requirement *r = &k->groups[g].requirements[i];
            writer_open_object(w);
            put_text(w, "type", in->credential_types[r->type].code), put_integer(w, "max_age_s", r->max_age_s);
            writer_close_object(w);
        }
        writer_close_array(w);
    }
    writer_close_array(w);
    put_types(w, "green", in, k->green, k->green_count);
    writer_key(w, "gates"), writer_open_array(w);
    for (uint32_t i = 0; i < k->gate_count; i++) {
        writer_open_object(w);
        put_text(w, "zone", in->zones[k->gates[i].zone].id), put_integer(w, "direction", k->gates[i].direction);
        put_arcs(w, k->gates[i].arcs, k->gates[i].arc_count);
        writer_close_object(w);
    }
    writer_close_array(w);
    writer_close_object(w);
}

static void put_closure(struct json_writer *w, const struct rules_input *in, const struct closure *c)
{
    writer_open_object(w);
    put_text(w, "id", c->id), put_text(w, "name", c->name), put_text(w, "cause", c->cause);
    put_text(w, "document", c->document), put_text(w, "authority", c->authority);
    put_text(w, "action", closure_action_code(c->action));
    writer_key(w, "physical"), writer_boolean(w, c->physical);
    put_text(w, "limit_kind", limit_kind_code(c->limit_kind)), put_integer(w, "limit_value", c->limit_value);
    put_subject(w, &c->subject);
    put_schedule(w, "schedule", &c->schedule);
    put_types(w, "exempt", in, c->exempt, c->exempt_count);
    put_arcs(w, c->arcs, c->arc_count);
    writer_close_object(w);
}

static void put_facility(struct json_writer *w, const struct facility *f)
{
    writer_open_object(w);
    put_text(w, "id", f->id), put_text(w, "kind", f->kind), put_text(w, "name", f->name), put_text(w, "name_en", f->name_en);
    writer_key(w, "point"), writer_point_e7(w, f->point);
    put_integer(w, "uses", f->uses);
    writer_key(w, "turning_place"), writer_boolean(w, f->turning_place);
    writer_close_object(w);
}

static void put_road_limit(struct json_writer *w, const struct road_limit *l)
{
    writer_open_object(w);
    put_integer(w, "road", l->road_id);
    writer_key(w, "limits"), writer_open_array(w);
    for (int k = 0; k < LIMIT_COUNT; k++) writer_integer(w, l->limits[k]);
    writer_close_array(w);
    writer_key(w, "hazmat_no"), writer_boolean(w, l->hazmat_no);
    writer_close_object(w);
}

/* By class of road the hundredths of a fen per kilometre of the vehicle classes 1 to 6. */
static void put_tolls(struct json_writer *w, const struct toll_tariff *tolls)
{
    writer_key(w, "tolls"), writer_open_object(w);
    for (int road = 0; road < ROAD_CLASS_COUNT; road++) {
        writer_key(w, road_class_code((enum road_class)road)), writer_open_array(w);
        for (int class = 1; class <= TOLL_CLASS_MAX; class++) writer_integer(w, tolls->centifen_per_km[road][class]);
        writer_close_array(w);
    }
    writer_close_object(w);
}

void rules_write(struct buffer *out, const struct rules_input *in)
{
    struct json_writer w;
    writer_init(&w, out);
    writer_open_object(&w);
    put_text(&w, "format", RULES_FILE_FORMAT);
    put_integer(&w, "version", in->version), put_integer(&w, "as_of_ms", in->as_of_ms);
    writer_key(&w, "calendar"), writer_open_object(&w);
    put_integer(&w, "first_day", in->calendar.first_day);
    writer_key(&w, "kinds"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->calendar.day_count; i++) writer_integer(&w, in->calendar.kind[i]);
    writer_close_array(&w);
    writer_close_object(&w);
    writer_key(&w, "credential_types"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->credential_type_count; i++) {
        const struct credential_type *t = &in->credential_types[i];
        writer_open_object(&w);
        put_text(&w, "code", t->code), put_text(&w, "name_zh", t->name_zh), put_text(&w, "name_en", t->name_en);
        put_integer(&w, "default_max_age_s", t->default_max_age_s);
        writer_close_object(&w);
    }
    writer_close_array(&w);
    writer_key(&w, "zones"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->zone_count; i++) put_zone(&w, in, &in->zones[i]);
    writer_close_array(&w);
    writer_key(&w, "checkpoints"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->checkpoint_count; i++) put_checkpoint(&w, in, &in->checkpoints[i]);
    writer_close_array(&w);
    writer_key(&w, "closures"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->closure_count; i++) put_closure(&w, in, &in->closures[i]);
    writer_close_array(&w);
    writer_key(&w, "facilities"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->facility_count; i++) put_facility(&w, &in->facilities[i]);
    writer_close_array(&w);
    writer_key(&w, "journeys"), writer_open_object(&w);
    put_integer(&w, "max_drive_ms", in->journeys.max_drive_ms), put_integer(&w, "rest_ms", in->journeys.rest_ms);
    put_integer(&w, "hand_over_ms", in->journeys.hand_over_ms);
    writer_close_object(&w);
    writer_key(&w, "road_limits"), writer_open_array(&w);
    for (uint32_t i = 0; i < in->road_limit_count; i++) put_road_limit(&w, &in->road_limits[i]);
    writer_close_array(&w);
    put_tolls(&w, &in->tolls);
    writer_close_object(&w);
}
