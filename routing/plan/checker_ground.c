#include "routing/plan/checker_ground.h"

#include "geo/geos.h"
#include "geo/linear.h"

#include <stdlib.h>
#include <string.h>

enum { UNKNOWN = 0 };

enum status ground_init(struct ground *g, const struct base *base, struct error *err)
{
    g->base = base;
    g->memo = calloc((size_t)base->network.road_count + 1, sizeof *g->memo);
    enum status status = g->memo ? geos_open(&g->geos, err) : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return status == STATUS_OK ? projection_open(base->network.projection, &g->projection, err) : status;
}

static void forget(struct ground *g)
{
    for (uint32_t i = 0; g->rules && g->shapes && i < g->rules->input->zone_count; i++)
        prepared_free(g->shapes[i].prepared), prepared_free(g->shapes[i].grown);
    free(g->shapes);
    g->shapes = NULL;
    rules_release(g->rules);
    g->rules = NULL;
    g->finding_count = 0;
    memset(g->memo, 0, ((size_t)g->base->network.road_count + 1) * sizeof *g->memo);
}

void ground_clear(struct ground *g)
{
    if (g->memo) forget(g);
    if (g->geos) geos_close(g->geos);
    projection_close(g->projection);
    free(g->memo);
    free(g->findings);
    free(g->line);
    zone_list_clear(&g->near);
}

static bool finding_add(struct ground *g, uint32_t zone)
{
    if (g->finding_count == g->finding_capacity) {
        size_t capacity = g->finding_capacity ? 2 * g->finding_capacity : 256;
        struct finding *grown = realloc(g->findings, capacity * sizeof *grown);
        if (!grown) return false;
        g->findings = grown;
        g->finding_capacity = capacity;
    }
    g->findings[g->finding_count++] = (struct finding){zone, VERDICT_UNKNOWN};
    return true;
}

enum status ground_use(struct ground *g, struct rules *rules, struct error *err)
{
    if (g->rules == rules) return STATUS_OK;
    forget(g);
    g->shapes = calloc((size_t)rules->input->zone_count + 1, sizeof *g->shapes);
    if (!g->shapes || !finding_add(g, UINT32_MAX)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    g->rules = rules_get(rules);
    return STATUS_OK;
}

double ground_threshold_m(const struct zone *z)
{
    return z->accuracy_mm > 5000 ? z->accuracy_mm / 1000.0 : 5.0;
}

/* The box, and what GEOS needs only when asked for: most zones are nowhere near the road in question. */
static enum status shape_load(struct ground *g, uint32_t zone, bool prepare, struct error *err)
{
    struct ground_shape *s = &g->shapes[zone];
    if (s->tried || (s->boxed && !prepare)) return STATUS_OK;
    struct multipolygon_mm plane = {0};
    enum status status = multipolygon_project(&g->rules->input->zones[zone].area, g->projection, &plane, err);
    if (status == STATUS_OK) {
        s->box = box_mm_of(plane.points, plane.point_count);
        if (prepare) status = prepared_new(g->geos, &plane, &s->prepared, err);
        s->boxed = true;
        s->tried = prepare && status == STATUS_OK;
    }
    multipolygon_mm_clear(&plane);
    return status;
}

static bool line_room(struct ground *g, size_t count)
{
    if (count <= g->line_capacity) return true;
    struct point_mm *grown = realloc(g->line, count * sizeof *grown);
    if (!grown) return false;
    g->line = grown;
    g->line_capacity = count;
    return true;
}

static bool layer_counts(const struct zone *z, int8_t layer)
{
    for (uint32_t i = 0; i < z->layer_count; i++)
        if (z->layers[i] == layer) return true;
    return z->layer_count == 0;
}

enum status ground_findings(struct ground *g, road_index road, size_t *first, struct error *err)
{
    const struct network *n = &g->base->network;
    if (g->memo[road] != UNKNOWN) {
        *first = g->memo[road] - 1;
        return STATUS_OK;
    }
    uint32_t shape = n->road_first_shape[road], end = n->road_first_shape[road + 1];
    bool room = zone_index_list(&g->rules->near, zone_index_box(n->shape_point + shape, end - shape), &g->near);
    *first = g->finding_count;
    for (size_t i = 0; i < g->near.count && room; i++)
        if (layer_counts(&g->rules->input->zones[g->near.zone[i]], n->road_layer[road])) room = finding_add(g, g->near.zone[i]);
    if (!room || !finding_add(g, UINT32_MAX)) {
        g->finding_count = *first;
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    g->memo[road] = (uint32_t)*first + 1;
    return STATUS_OK;
}

enum status ground_verdict(struct ground *g, road_index road, size_t finding, enum verdict *verdict, struct error *err)
{
    const struct network *n = &g->base->network;
    struct finding *f = &g->findings[finding];
    const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
    size_t count = n->road_first_shape[road + 1] - n->road_first_shape[road];
    if (f->verdict == VERDICT_UNKNOWN) {
        struct box_mm box = box_mm_of(line, count);
        double longest = 0;
        enum status status = shape_load(g, f->zone, false, err);
        if (status == STATUS_OK && box_mm_intersects(&box, &g->shapes[f->zone].box)) {
            status = shape_load(g, f->zone, true, err);
            if (status == STATUS_OK) status = prepared_stretch(g->shapes[f->zone].prepared, line, count, &longest, err);
        }
        if (status != STATUS_OK) return status;
        f->verdict = longest > ground_threshold_m(&g->rules->input->zones[f->zone]) + PREPARED_SLACK_M ? VERDICT_IN
                     : longest > 0                                                             ? VERDICT_DOUBT
                                                                                               : VERDICT_OUT;
    }
    *verdict = f->verdict;
    return STATUS_OK;
}

enum status ground_grown(struct ground *g, uint32_t zone, struct prepared **shape, struct error *err)
{
    struct ground_shape *s = &g->shapes[zone];
    struct multipolygon_mm plane = {0};
    enum status status = STATUS_OK;
    if (!s->grown) status = multipolygon_project(&g->rules->input->zones[zone].area, g->projection, &plane, err);
    if (!s->grown && status == STATUS_OK) status = prepared_grown_new(g->geos, &plane, &s->grown, err);
    multipolygon_mm_clear(&plane);
    *shape = s->grown;
    return status;
}

enum status ground_verdict_surely(struct ground *g, road_index road, size_t finding, enum verdict *verdict, struct error *err)
{
    const struct network *n = &g->base->network;
    enum status status = ground_verdict(g, road, finding, verdict, err);
    if (status != STATUS_OK || *verdict != VERDICT_OUT) return status;
    const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
    size_t count = n->road_first_shape[road + 1] - n->road_first_shape[road];
    struct prepared *grown;
    double longest;
    status = ground_grown(g, g->findings[finding].zone, &grown, err);
    if (status == STATUS_OK) status = prepared_stretch(grown, line, count, &longest, err);
    if (status != STATUS_OK) return status;
    /* what is too short to count does so all the same where it is a whole road (zone_set.h) */
    double counts = ground_threshold_m(&g->rules->input->zones[g->findings[finding].zone]), whole = linear_length_mm(line, count) / 1000.0;
    *verdict = g->findings[finding].verdict = longest >= (counts < whole ? counts : whole) - 0.01 ? VERDICT_DOUBT : VERDICT_APART;
    return STATUS_OK;
}

enum status ground_part(struct ground *g, struct prepared *shape, arc_id a, uint32_t from_mm, uint32_t to_mm,
                            double *longest_m, struct error *err)
{
    const struct network *n = &g->base->network;
    road_index road = n->arc_road[a];
    const struct point_mm *line = n->shape_plane + n->road_first_shape[road];
    size_t count = n->road_first_shape[road + 1] - n->road_first_shape[road];
    uint32_t length = n->road_length_mm[road];
    *longest_m = 0;
    if (to_mm <= from_mm || length == 0) return STATUS_OK;
    if (n->arc_reversed[a]) {
        uint32_t swap = length - to_mm;
        to_mm = length - from_mm;
        from_mm = swap;
    }
    if (!line_room(g, count + 2)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    int64_t plane = linear_length_mm(line, count);
    size_t part = linear_part(line, count, plane * from_mm / length, plane * to_mm / length, g->line);
    if (part < 2) return STATUS_OK;
    return prepared_stretch(shape, g->line, part, longest_m, err);
}

enum status ground_place(struct ground *g, uint32_t zone, struct point_e7 p, int *place, struct error *err)
{
    struct point_mm at;
    *place = 0;
    enum status status = shape_load(g, zone, true, err);
    if (status == STATUS_OK) status = projection_forward(g->projection, &p, 1, &at, err);
    if (status != STATUS_OK) return status;
    struct point_mm line[2] = {{at.x_mm - 1000, at.y_mm}, {at.x_mm + 1000, at.y_mm}};
    double longest;
    status = prepared_stretch(g->shapes[zone].prepared, line, 2, &longest, err);
    if (status != STATUS_OK) return status;
    *place = longest > 1.999 ? 2 : longest > 0;
    if (*place == 0) { /* within a metre or two of the border? */
        struct point_mm wide[2][2] = {{{at.x_mm - 4000, at.y_mm}, {at.x_mm + 4000, at.y_mm}},
                                      {{at.x_mm, at.y_mm - 4000}, {at.x_mm, at.y_mm + 4000}}};
        for (int i = 0; i < 2 && *place == 0; i++) {
            status = prepared_stretch(g->shapes[zone].prepared, wide[i], 2, &longest, err);
            if (status != STATUS_OK) return status;
            *place = longest > 0;
        }
    }
    return STATUS_OK;
}
