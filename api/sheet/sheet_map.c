#include "api/sheet/sheet_map.h"

#include "geo/projection.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 400, ROAD_POINTS_MAX = 150000, CHUNK = 4096 };

/* What the map is drawn with. Places on paper are millimetres of the page. */
struct map {
    struct canvas *canvas;
    cairo_t *cr;
    const struct sheet_plan *plan;
    const struct sheet_ground *ground;
    struct projection *projection;
    double x, y, width, height;        /* the frame on paper */
    double left_mm, top_mm, scale;     /* ground at the frame's corner; millimetres of ground to one of paper */
    struct box_mm seen;                /* ground inside the frame */
    enum road_class least;             /* roads are drawn down to this class */
    unsigned kinds;                    /* rules that are on the map, bit 1 << kind */
    bool closures;
    unsigned label_count;
    struct {
        double x, y, width, height;
        const char *text;
    } labels[LABELS_MAX];
};

/* ---- signs ------------------------------------------------------------------------------------------------------ */

void sheet_call_letter(uint32_t call, char out[4])
{
    if (call < 26) snprintf(out, 4, "%c", (char)('A' + call));
    else snprintf(out, 4, "%c%c", (char)('A' + (call / 26 - 1) % 26), (char)('A' + call % 26));
}

uint32_t sheet_call_same(const struct sheet_plan *plan, uint32_t call)
{
    uint32_t first = 0;
    while (first < call && !point_e7_equal(plan->calls[first].point, plan->calls[call].point)) first++;
    return first;
}

uint32_t sheet_leg_colour(uint32_t leg)
{
    static const uint32_t colours[] = {0x0B5563, 0xB0125B, 0x3D5A00, 0x5B3FA8};
    return colours[leg % 4];
}

uint32_t sheet_rule_colour(enum rule_kind kind)
{
    static const uint32_t colours[] = {[RULE_CLOSED] = 0xC2410C, [RULE_THROUGH_ONLY] = 0x7B3F9E, [RULE_GATED] = 0x0067A5,
                                       [RULE_DESTINATION_ONLY] = 0xB07D00, [RULE_CAUTION] = 0x8A8F00};
    return colours[kind];
}

void sheet_call_mark(struct canvas *canvas, double x, double y, uint32_t call)
{
    char letter[4];
    const struct text_style style = {.size_pt = 8, .bold = true, .colour = 0xFFFFFF, .align = ALIGN_CENTRE};
    sheet_call_letter(call, letter);
    canvas_frame(canvas, x - 2.4, y - 2.4, 4.8, 4.8, 2.4, INK, 0xFFFFFF, 0.4);
    canvas_text(canvas, &style, x - 3, y - 1.75, 6, letter);
}

void sheet_gate_mark(struct canvas *canvas, double x, double y, uint32_t number)
{
    char text[12];
    const struct text_style style = {.size_pt = 8, .bold = true, .colour = INK, .align = ALIGN_CENTRE};
    snprintf(text, sizeof text, "%" PRIu32, number);
    canvas_frame(canvas, x - 2.4, y - 2.2, 4.8, 4.4, 0.8, 0xFFD54A, INK, 0.35);
    canvas_text(canvas, &style, x - 3, y - 1.75, 6, text);
}

/* Parallel lines at an angle over a box; what is outside the clip falls away. */
static void hatch(cairo_t *cr, double x, double y, double width, double height, double angle, double gap)
{
    double c = cos(angle), s = sin(angle), reach = width + height;
    double middle = (x + width / 2) * -s + (y + height / 2) * c; /* lines lie at multiples of the gap, page-wide: areas meet well */
    for (double d = ceil((middle - reach / 2) / gap) * gap; d <= middle + reach / 2; d += gap) {
        double along = (x + width / 2) * c + (y + height / 2) * s;
        cairo_move_to(cr, -s * d + c * (along - reach), c * d + s * (along - reach));
        cairo_line_to(cr, -s * d + c * (along + reach), c * d + s * (along + reach));
    }
}

void sheet_rule_hatch(struct canvas *canvas, enum rule_kind kind, double x, double y, double width, double height)
{
    cairo_t *cr = canvas->cr;
    if (canvas->dry) return;
    canvas_colour(canvas, sheet_rule_colour(kind), 0.12);
    cairo_paint(cr);
    switch (kind) {
    case RULE_CLOSED: hatch(cr, x, y, width, height, M_PI / 4, 1.6), hatch(cr, x, y, width, height, -M_PI / 4, 1.6); break;
    case RULE_GATED: hatch(cr, x, y, width, height, M_PI / 4, 2.2); break;
    case RULE_THROUGH_ONLY: hatch(cr, x, y, width, height, 0, 2.0); break;
    case RULE_DESTINATION_ONLY: hatch(cr, x, y, width, height, M_PI / 2, 2.2); break;
    default: hatch(cr, x, y, width, height, -M_PI / 4, 4.0);
    }
    canvas_colour(canvas, sheet_rule_colour(kind), 0.55);
    cairo_set_line_width(cr, 0.18);
    cairo_stroke(cr);
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void on_paper(const struct map *m, struct point_mm p, double *x, double *y)
{
    *x = m->x + (p.x_mm - m->left_mm) / m->scale;
    *y = m->y + (m->top_mm - p.y_mm) / m->scale;
}

static enum status point_on_paper(const struct map *m, struct point_e7 point, double *x, double *y, struct error *err)
{
    struct point_mm plane;
    enum status status = projection_forward(m->projection, &point, 1, &plane, err);
    if (status == STATUS_OK) on_paper(m, plane, x, y);
    return status;
}

/* The path of a line. Points nearer than a tenth of a millimetre on paper are one. */
static void trace(const struct map *m, const struct point_mm *points, size_t count, bool area)
{
    double px = 0, py = 0, x, y;
    for (size_t i = 0; i < count; i++) {
        on_paper(m, points[i], &x, &y);
        if (i == 0) cairo_move_to(m->cr, x, y);
        else if (i + 1 < count && fabs(x - px) < 0.1 && fabs(y - py) < 0.1) continue;
        else cairo_line_to(m->cr, x, y);
        px = x, py = y;
    }
    if (area) cairo_close_path(m->cr);
}

static enum status trace_e7(const struct map *m, const struct point_e7 *points, size_t count, bool area, struct error *err)
{
    struct point_mm *plane = malloc((count ? count : 1) * sizeof *plane);
    if (plane == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = projection_forward(m->projection, points, count, plane, err);
    if (status == STATUS_OK) trace(m, plane, count, area);
    free(plane);
    return status;
}

static enum status extent_add(const struct map *m, struct box_mm *box, const struct point_e7 *points, size_t count, struct error *err)
{
    struct point_mm plane[CHUNK];
    enum status status = STATUS_OK;
    for (size_t at = 0; at < count && status == STATUS_OK; at += CHUNK) {
        size_t n = count - at < CHUNK ? count - at : CHUNK;
        status = projection_forward(m->projection, points + at, n, plane, err);
        for (size_t i = 0; i < n && status == STATUS_OK; i++) box_mm_add(box, plane[i]);
    }
    return status;
}

/* The plan with a margin, at least four kilometres wide, in the shape of the frame. */
static enum status frame_choose(struct map *m, struct error *err)
{
    struct box_mm box = BOX_MM_EMPTY;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < m->plan->leg_count && status == STATUS_OK; i++)
        status = extent_add(m, &box, m->plan->legs[i].points, m->plan->legs[i].point_count, err);
    for (uint32_t i = 0; i < m->plan->call_count && status == STATUS_OK; i++)
        status = extent_add(m, &box, &m->plan->calls[i].point, 1, err);
    if (status != STATUS_OK) return status;
    double width = (double)box.max_x_mm - box.min_x_mm, height = (double)box.max_y_mm - box.min_y_mm;
    m->scale = fmax(fmax(width / (m->width - 24), height / (m->height - 24)), 4e6 / m->width);
    m->left_mm = ((double)box.min_x_mm + box.max_x_mm) / 2 - m->width / 2 * m->scale;
    m->top_mm = ((double)box.min_y_mm + box.max_y_mm) / 2 + m->height / 2 * m->scale;
    m->seen = (struct box_mm){round_to_i32(m->left_mm), round_to_i32(m->top_mm - m->height * m->scale),
                              round_to_i32(m->left_mm + m->width * m->scale), round_to_i32(m->top_mm)};
    return STATUS_OK;
}

/* ---- roads -------------------------------------------------------------------------------------------------------- */

static const struct road_look {
    uint32_t colour, casing;
    double width; /* mm */
    double scale; /* drawn up to this many mm of ground to one of paper */
} looks[ROAD_CLASS_COUNT] = {
    [ROAD_MOTORWAY] = {0x8FB3A3, 0x4E7A68, 0.85, 1e12},  [ROAD_MOTORWAY_LINK] = {0x8FB3A3, 0x4E7A68, 0.45, 400e3},
    [ROAD_TRUNK] = {0xE5B27A, 0xB07A3C, 0.62, 1e12},     [ROAD_TRUNK_LINK] = {0xE5B27A, 0xB07A3C, 0.4, 250e3},
    [ROAD_PRIMARY] = {0xEBD08A, 0xB99A48, 0.5, 2e6},     [ROAD_PRIMARY_LINK] = {0xEBD08A, 0xB99A48, 0.35, 150e3},
    [ROAD_SECONDARY] = {0xC9C6BC, 0, 0.4, 800e3},        [ROAD_SECONDARY_LINK] = {0xC9C6BC, 0, 0.3, 100e3},
    [ROAD_TERTIARY] = {0xD6D3CA, 0, 0.3, 300e3},         [ROAD_TERTIARY_LINK] = {0xD6D3CA, 0, 0.25, 80e3},
    [ROAD_UNCLASSIFIED] = {0xDDDAD2, 0, 0.25, 120e3},    [ROAD_RESIDENTIAL] = {0xDDDAD2, 0, 0.22, 80e3},
    [ROAD_LIVING_STREET] = {0xDDDAD2, 0, 0.2, 50e3},     [ROAD_SERVICE] = {0xDDDAD2, 0, 0.2, 40e3},
    [ROAD_TRACK] = {0xE3E0D8, 0, 0.2, 40e3},             [ROAD_FERRY] = {0x7FA9C9, 0, 0.35, 800e3},
};

static bool road_seen(const struct map *m, road_index road)
{
    const struct network *n = m->ground->network;
    uint32_t first = n->road_first_shape[road];
    struct box_mm box = box_mm_of(n->shape_plane + first, n->road_first_shape[road + 1] - first);
    return box_mm_intersects(&box, &m->seen);
}

/* The least class that the scale bears and that keeps the strokes below their maximum. */
static void classes_choose(struct map *m)
{
    const struct network *n = m->ground->network;
    size_t points[ROAD_CLASS_COUNT] = {0}, total = 0;
    for (road_index road = 0; road < n->road_count; road++)
        if (looks[n->road_class[road]].scale >= m->scale && road_seen(m, road))
            points[n->road_class[road]] += n->road_first_shape[road + 1] - n->road_first_shape[road];
    m->least = ROAD_MOTORWAY;
    for (int class = ROAD_MOTORWAY; class < ROAD_CLASS_COUNT; class++) {
        total += points[class];
        if (total > ROAD_POINTS_MAX) return;
        if (looks[class].scale >= m->scale && !road_class_is_link((enum road_class)class) && class != ROAD_FERRY)
            m->least = (enum road_class)class;
    }
}

static bool drawn(const struct map *m, road_index road)
{
    unsigned class = m->ground->network->road_class[road];
    return looks[class].scale >= m->scale && (class <= m->least + 1u || class == ROAD_FERRY);
}

static void roads_of(struct map *m, unsigned class, bool casing)
{
    const struct network *n = m->ground->network;
    const struct road_look *look = &looks[class];
    for (road_index road = 0; road < n->road_count; road++) {
        if (n->road_class[road] != class || !road_seen(m, road)) continue;
        uint32_t first = n->road_first_shape[road];
        trace(m, n->shape_plane + first, n->road_first_shape[road + 1] - first, false);
    }
    canvas_colour(m->canvas, casing ? look->casing : look->colour, 1);
    cairo_set_line_width(m->cr, look->width + (casing ? 0.25 : 0));
    cairo_stroke(m->cr);
}

static void draw_roads(struct map *m)
{
    for (int class = ROAD_CLASS_COUNT - 1; class >= 0; class--) {
        if (looks[class].scale < m->scale || (class > (int)m->least + 1 && class != ROAD_FERRY)) continue;
        if (looks[class].casing) roads_of(m, (unsigned)class, true);
        roads_of(m, (unsigned)class, false);
    }
}

/* ---- zones and closures --------------------------------------------------------------------------------------------- */

static bool during(const struct map *m, const struct schedule *schedule)
{
    const struct sheet_plan *p = m->plan;
    return schedule->from_ms <= p->legs[p->leg_count - 1].arrive_ms && schedule->until_ms > p->legs[0].depart_ms;
}

/* The rule by which a zone binds: what the plan says of it, else the first that fits the vehicle. False: none. */
static bool zone_kind(const struct map *m, const struct zone *zone, enum rule_kind *kind)
{
    for (uint32_t l = 0; l < m->plan->leg_count; l++)
        for (uint32_t i = 0; i < m->plan->legs[l].zone_count; i++)
            if (strcmp(m->plan->legs[l].zones[i].id, zone->id) == 0) {
                *kind = m->plan->legs[l].zones[i].kind;
                return true;
            }
    for (uint32_t i = 0; i < zone->rule_count && during(m, &zone->schedule); i++)
        if (m->ground->vehicle == NULL || subject_matches(&zone->rules[i].subject, m->ground->vehicle)) {
            *kind = zone->rules[i].kind;
            return true;
        }
    return false;
}

static enum status zone_path(struct map *m, const struct multipolygon *area, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t r = 0; r < area->ring_count && status == STATUS_OK; r++)
        status = trace_e7(m, area->points + area->ring_first_point[r], area->ring_first_point[r + 1] - area->ring_first_point[r],
                          true, err);
    return status;
}

static enum status draw_zones(struct map *m, struct error *err)
{
    const struct rules_input *rules = m->ground->rules;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; rules && i < rules->zone_count && status == STATUS_OK; i++) {
        const struct zone *zone = &rules->zones[i];
        struct box_mm box = BOX_MM_EMPTY;
        enum rule_kind kind;
        if (!zone_kind(m, zone, &kind)) continue;
        if (extent_add(m, &box, zone->area.points, zone->area.point_count, NULL) != STATUS_OK) continue; /* beyond the plane */
        if (!box_mm_intersects(&box, &m->seen)) continue;
        m->kinds |= 1u << kind;
        cairo_save(m->cr);
        status = zone_path(m, &zone->area, err);
        cairo_set_fill_rule(m->cr, CAIRO_FILL_RULE_EVEN_ODD);
        cairo_clip_preserve(m->cr);
        cairo_path_t *border = cairo_copy_path(m->cr);
        cairo_new_path(m->cr);
        sheet_rule_hatch(m->canvas, kind, m->x, m->y, m->width, m->height);
        cairo_append_path(m->cr, border);
        cairo_path_destroy(border);
        canvas_colour(m->canvas, sheet_rule_colour(kind), 1);
        cairo_set_line_width(m->cr, 0.8); /* the outer half is clipped */
        cairo_stroke(m->cr);
        cairo_restore(m->cr);
    }
    return status;
}

static void draw_closures(struct map *m)
{
    static const double dash[] = {1.2, 1.6};
    const struct rules_input *rules = m->ground->rules;
    const struct network *n = m->ground->network;
    for (uint32_t i = 0; rules && i < rules->closure_count; i++) {
        const struct closure *closure = &rules->closures[i];
        if (closure->action != CLOSURE_CLOSED || !during(m, &closure->schedule)) continue;
        if (m->ground->vehicle && !closure->physical && !subject_matches(&closure->subject, m->ground->vehicle)) continue;
        for (uint32_t a = 0; a < closure->arc_count; a++) {
            road_index road = network_road_find(n, closure->arcs[a].road_id);
            if (road == NO_ROAD || !road_seen(m, road)) continue;
            uint32_t first = n->road_first_shape[road];
            trace(m, n->shape_plane + first, n->road_first_shape[road + 1] - first, false);
            m->closures = true;
        }
    }
    canvas_colour(m->canvas, sheet_rule_colour(RULE_CLOSED), 1);
    cairo_set_dash(m->cr, dash, 2, 0);
    cairo_set_line_width(m->cr, 1.1);
    cairo_stroke(m->cr);
    cairo_set_dash(m->cr, dash, 0, 0);
}

/* ---- legs ------------------------------------------------------------------------------------------------------------ */

/* White arrow heads in the direction of travel, a thumb's width apart. */
static void arrows(struct map *m, const struct point_mm *points, size_t count, double first)
{
    double left = first, px, py, x, y;
    on_paper(m, points[0], &px, &py);
    for (size_t i = 1; i < count; i++) {
        on_paper(m, points[i], &x, &y);
        double length = hypot(x - px, y - py);
        while (length > 0 && left <= length) {
            double ux = (x - px) / length, uy = (y - py) / length, ax = px + ux * left, ay = py + uy * left;
            cairo_move_to(m->cr, ax - ux * 0.7 - uy * 0.6, ay - uy * 0.7 + ux * 0.6);
            cairo_line_to(m->cr, ax + ux * 0.5, ay + uy * 0.5);
            cairo_line_to(m->cr, ax - ux * 0.7 + uy * 0.6, ay - uy * 0.7 - ux * 0.6);
            left += 22;
        }
        left -= length;
        px = x, py = y;
    }
    canvas_colour(m->canvas, 0xFFFFFF, 1);
    cairo_set_line_width(m->cr, 0.35);
    cairo_stroke(m->cr);
}

/* Later legs lie below and are wider, so that both show where they share a road. */
static enum status draw_legs(struct map *m, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t k = m->plan->leg_count; k > 0 && status == STATUS_OK; k--) {
        const struct sheet_leg *leg = &m->plan->legs[k - 1];
        double width = 1.1 + 1.0 * fmin(k - 1, 2);
        if (leg->point_count < 2) continue;
        struct point_mm *plane = malloc(leg->point_count * sizeof *plane);
        if (plane == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        status = projection_forward(m->projection, leg->points, leg->point_count, plane, err);
        if (status == STATUS_OK) {
            trace(m, plane, leg->point_count, false);
            canvas_colour(m->canvas, 0xFFFFFF, 1);
            cairo_set_line_width(m->cr, width + 0.4);
            cairo_stroke_preserve(m->cr);
            canvas_colour(m->canvas, sheet_leg_colour(k - 1), 1);
            cairo_set_line_width(m->cr, width);
            cairo_stroke(m->cr);
            arrows(m, plane, leg->point_count, 8 + 11 * ((k - 1) % 2));
        }
        free(plane);
    }
    return status;
}

/* ---- labels ---------------------------------------------------------------------------------------------------------- */

static bool room(const struct map *m, double x, double y, double width, double height)
{
    if (x < m->x + 1 || y < m->y + 1 || x + width > m->x + m->width - 1 || y + height > m->y + m->height - 1) return false;
    for (unsigned i = 0; i < m->label_count; i++)
        if (x < m->labels[i].x + m->labels[i].width && m->labels[i].x < x + width && y < m->labels[i].y + m->labels[i].height &&
            m->labels[i].y < y + height)
            return false;
    return m->label_count < LABELS_MAX;
}

static void take(struct map *m, double x, double y, double width, double height, const char *text)
{
    if (m->label_count == LABELS_MAX) return;
    m->labels[m->label_count].x = x, m->labels[m->label_count].y = y, m->labels[m->label_count].text = text;
    m->labels[m->label_count].width = width, m->labels[m->label_count++].height = height;
}

/* A name beside a mark, where there is room; the tables have it in any case. */
static void label_beside(struct map *m, double x, double y, const char *text, const struct text_style *style)
{
    double width = canvas_text_width(m->canvas, style, text), height = canvas_text_height(m->canvas, style, 0, text);
    const double places[][2] = {{x + 3, y - height / 2}, {x - 3 - width, y - height / 2}, {x - width / 2, y - 3 - height},
                                {x - width / 2, y + 3}};
    for (size_t i = 0; i < 4; i++)
        if (room(m, places[i][0], places[i][1], width, height)) {
            take(m, places[i][0], places[i][1], width, height, text);
            canvas_text(m->canvas, style, places[i][0], places[i][1], 0, text);
            return;
        }
}

/* Road numbers on shields: green for motorways, red for national, yellow for provincial roads. */
static void draw_numbers(struct map *m)
{
    const struct network *n = m->ground->network;
    for (int class = ROAD_MOTORWAY; class <= ROAD_PRIMARY; class += 2)
        for (road_index road = 0; road < n->road_count; road++) {
            const char *ref = network_road_ref(n, road);
            if (n->road_class[road] != class || !drawn(m, road) || ref[0] == '\0' || strlen(ref) > 8) continue;
            uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
            struct point_mm middle = n->shape_plane[first + count / 2];
            if (!box_mm_contains(&m->seen, middle)) continue;
            uint32_t fill = class == ROAD_MOTORWAY ? 0x1F7A4D : class == ROAD_TRUNK ? 0xB5342B : 0xF2CF5B;
            const struct text_style style = {.size_pt = 5.5, .bold = true, .colour = fill == 0xF2CF5B ? INK : 0xFFFFFF};
            double x, y, width = canvas_text_width(m->canvas, &style, ref) + 1.6;
            bool same = false;
            on_paper(m, middle, &x, &y);
            for (unsigned i = 0; i < m->label_count && !same; i++)
                same = m->labels[i].text && strcmp(m->labels[i].text, ref) == 0 && hypot(m->labels[i].x - x, m->labels[i].y - y) < 45;
            if (same || !room(m, x - width / 2 - 1, y - 2.2, width + 2, 4.4)) continue;
            take(m, x - width / 2 - 1, y - 2.2, width + 2, 4.4, ref);
            canvas_frame(m->canvas, x - width / 2, y - 1.5, width, 3, 0.6, fill, 0xFFFFFF, 0.25);
            canvas_text(m->canvas, &style, x - width / 2 + 0.8, y - 1.2, 0, ref);
        }
}

static void draw_zone_names(struct map *m)
{
    const struct rules_input *rules = m->ground->rules;
    for (uint32_t i = 0; rules && i < rules->zone_count; i++) {
        const struct zone *zone = &rules->zones[i];
        struct box_mm box = BOX_MM_EMPTY;
        enum rule_kind kind;
        double x, y;
        if (!zone_kind(m, zone, &kind) || extent_add(m, &box, zone->area.points, zone->area.point_count, NULL) != STATUS_OK) continue;
        if (!box_mm_intersects(&box, &m->seen) || box_mm_is_empty(&box)) continue;
        const struct text_style style = {.size_pt = 6.5, .bold = true, .colour = INK, .halo = true};
        const struct point_mm middle = {(int32_t)(((int64_t)box.min_x_mm + box.max_x_mm) / 2),
                                        (int32_t)(((int64_t)box.min_y_mm + box.max_y_mm) / 2)};
        on_paper(m, middle, &x, &y);
        double width = canvas_text_width(m->canvas, &style, zone->name), height = canvas_text_height(m->canvas, &style, 0, zone->name);
        if (!room(m, x - width / 2, y - height / 2, width, height)) continue;
        take(m, x - width / 2, y - height / 2, width, height, NULL);
        canvas_text(m->canvas, &style, x - width / 2, y - height / 2, 0, zone->name);
    }
}

static enum status draw_marks(struct map *m, struct error *err)
{
    const struct text_style name = {.size_pt = 8, .bold = true, .colour = INK, .halo = true};
    double x, y;
    uint32_t number = 0;
    for (uint32_t l = 0; l < m->plan->leg_count; l++)
        for (uint32_t i = 0; i < m->plan->legs[l].gate_count; i++) {
            enum status status = point_on_paper(m, m->plan->legs[l].gates[i].point, &x, &y, err);
            if (status != STATUS_OK) return status;
            /* a gate passed on both ways: its second number stands beside the first */
            while (number < 200 && !room(m, x - 2.4, y - 2.2, 4.8, 4.4) && x < m->x + m->width - 8) x += 5.2;
            take(m, x - 2.4, y - 2.2, 4.8, 4.4, NULL);
            sheet_gate_mark(m->canvas, x, y, ++number);
        }
    for (int names = 0; names < 2; names++)
        for (uint32_t i = 0; i < m->plan->call_count; i++) {
            enum status status = point_on_paper(m, m->plan->calls[i].point, &x, &y, err);
            if (status != STATUS_OK) return status;
            if (sheet_call_same(m->plan, i) != i) continue; /* the end of a loop is its beginning */
            if (names) label_beside(m, x, y, m->plan->calls[i].name, &name);
            else take(m, x - 2.6, y - 2.6, 5.2, 5.2, NULL), sheet_call_mark(m->canvas, x, y, i);
        }
    return STATUS_OK;
}

/* ---- the margin of the map ----------------------------------------------------------------------------------------- */

static void draw_scale(struct map *m)
{
    static const struct text_style style = {.size_pt = 6.5, .colour = INK, .halo = true, .align = ALIGN_CENTRE};
    double round_m = pow(10, floor(log10(30 * m->scale / 1000))); /* the roundest length of at most 30 mm */
    if (round_m * 5000 <= 30 * m->scale) round_m *= 5;
    else if (round_m * 2000 <= 30 * m->scale) round_m *= 2;
    double length = round_m * 1000 / m->scale, x = m->x + 4, y = m->y + m->height - 4;
    char text[32];
    snprintf(text, sizeof text, round_m >= 1000 ? "%.0f km" : "%.0f m", round_m >= 1000 ? round_m / 1000 : round_m);
    canvas_line(m->canvas, x, y, x + length, y, 0xFFFFFF, 1.4);
    canvas_line(m->canvas, x, y, x + length, y, INK, 0.5);
    canvas_line(m->canvas, x, y - 1.4, x, y, INK, 0.4);
    canvas_line(m->canvas, x + length, y - 1.4, x + length, y, INK, 0.4);
    canvas_text(m->canvas, &style, x, y - 4.4, length, text);
}

static void draw_north(struct map *m)
{
    static const struct text_style style = {.size_pt = 8, .bold = true, .colour = INK, .halo = true, .align = ALIGN_CENTRE};
    double x = m->x + m->width - 7, y = m->y + 5;
    for (int half = 0; half < 2; half++) {
        cairo_move_to(m->cr, x, y);
        cairo_line_to(m->cr, x + (half ? 2.2 : -2.2), y + 7);
        cairo_line_to(m->cr, x, y + 5.4);
        cairo_close_path(m->cr);
        canvas_colour(m->canvas, half ? 0xFFFFFF : INK, 1);
        cairo_fill_preserve(m->cr);
        canvas_colour(m->canvas, INK, 1);
        cairo_set_line_width(m->cr, 0.25);
        cairo_stroke(m->cr);
    }
    canvas_text(m->canvas, &style, x - 4, y + 7.2, 8, "N");
}

static void draw_legend(struct map *m)
{
    static const char *const zh[] = {
#define X(name, code, zh_, en_) [RULE_##name] = zh_,
        RULE_KIND_LIST(X)
#undef X
    }, *const en[] = {
#define X(name, code, zh_, en_) [RULE_##name] = en_,
        RULE_KIND_LIST(X)
#undef X
    };
    const struct text_style style = {.size_pt = 6.5, .colour = INK};
    char least[80];
    unsigned rows = 1 + m->closures;
    for (unsigned k = 0; k < RULE_KIND_COUNT; k++) rows += m->kinds >> k & 1;
    double width = 36, height = rows * 4.2 + 2, x = m->x + 3, y = m->y + 3;
    canvas_frame(m->canvas, x, y, width, height, 1, 0xFFFFFF, RULE_LINE, 0.2);
    y += 1.4;
    for (unsigned k = 0; k < RULE_KIND_COUNT; k++) {
        if (!(m->kinds >> k & 1)) continue;
        cairo_save(m->cr);
        cairo_rectangle(m->cr, x + 1.5, y, 6, 3.2);
        cairo_clip(m->cr);
        sheet_rule_hatch(m->canvas, (enum rule_kind)k, x + 1.5, y, 6, 3.2);
        cairo_restore(m->cr);
        cairo_rectangle(m->cr, x + 1.5, y, 6, 3.2);
        canvas_colour(m->canvas, sheet_rule_colour((enum rule_kind)k), 1);
        cairo_set_line_width(m->cr, 0.35);
        cairo_stroke(m->cr);
        canvas_text(m->canvas, &style, x + 9, y + 0.2, 0, canvas_pick(m->canvas, zh[k], en[k]));
        y += 4.2;
    }
    if (m->closures) {
        static const double dash[] = {1.2, 1.6};
        cairo_set_dash(m->cr, dash, 2, 0);
        canvas_line(m->canvas, x + 1.5, y + 1.6, x + 7.5, y + 1.6, sheet_rule_colour(RULE_CLOSED), 1.1);
        cairo_set_dash(m->cr, dash, 0, 0);
        canvas_text(m->canvas, &style, x + 9, y + 0.2, 0, canvas_pick(m->canvas, "封闭路段", "closed road"));
        y += 4.2;
    }
    snprintf(least, sizeof least, m->canvas->language == LANGUAGE_EN ? "roads down to %s" : "道路绘至%s",
             m->canvas->language == LANGUAGE_EN ? road_class_code(m->least) : road_class_zh(m->least));
    canvas_text(m->canvas, &(struct text_style){.size_pt = 6, .colour = INK_FAINT}, x + 1.5, y + 0.2, 0, least);
}

static void draw_source(struct map *m)
{
    const struct sheet_ground *ground = m->ground;
    const struct text_style style = {.size_pt = 6, .colour = INK_FAINT, .halo = true, .align = ALIGN_RIGHT};
    char text[2 * SHEET_TEXT_MAX + 100] = "";
    if (ground->attribution && *ground->attribution)
        snprintf(text, sizeof text, "%s%.*s", canvas_pick(m->canvas, "数据来源：", "Data: "), SHEET_TEXT_MAX, ground->attribution);
    double height = text[0] ? canvas_text_height(m->canvas, &style, m->width - 60, text) : 0;
    canvas_text(m->canvas, &style, m->x + 57, m->y + m->height - height - 1.2, m->width - 59, text);
    if (!ground->schematic) return;
    const char *note = canvas_pick(m->canvas, "示意路网，不作导航依据", "schematic roads, not for navigation");
    const struct text_style bold = {.size_pt = 7.5, .bold = true, .colour = 0x9A4B00};
    double width = canvas_text_width(m->canvas, &bold, note) + 4;
    canvas_frame(m->canvas, m->x + m->width - width - 3, m->y + m->height - height - 7, width, 5, 0.8, 0xFFF4DC, 0x9A4B00, 0.25);
    canvas_text(m->canvas, &bold, m->x + m->width - width - 1, m->y + m->height - height - 6.2, 0, note);
}

enum status sheet_map_draw(struct canvas *canvas, double x, double y, double width, double height, const struct sheet_plan *plan,
                           const struct sheet_ground *ground, struct error *err)
{
    struct map *m = calloc(1, sizeof *m);
    if (m == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *m = (struct map){.canvas = canvas, .cr = canvas->cr, .plan = plan, .ground = ground, .x = x, .y = y, .width = width, .height = height};
    enum status status = projection_open(ground->network->projection, &m->projection, err);
    if (status == STATUS_OK) status = frame_choose(m, err);
    if (status != STATUS_OK) goto done;
    cairo_save(m->cr);
    cairo_rectangle(m->cr, x, y, width, height);
    canvas_colour(canvas, 0xFAF8F3, 1);
    cairo_fill_preserve(m->cr);
    cairo_clip(m->cr);
    classes_choose(m);
    draw_roads(m);
    status = draw_zones(m, err);
    draw_closures(m);
    if (status == STATUS_OK) status = draw_legs(m, err);
    take(m, x, y, 40, 34, NULL); /* legend, scale, north arrow, source: nothing else is written there */
    take(m, x, y + height - 10, 42, 10, NULL);
    take(m, x + width - 13, y, 13, 17, NULL);
    take(m, x + width - 60, y + height - 12, 60, 12, NULL);
    if (status == STATUS_OK) status = draw_marks(m, err);
    draw_zone_names(m);
    draw_numbers(m);
    draw_legend(m);
    draw_scale(m);
    draw_north(m);
    draw_source(m);
    cairo_restore(m->cr);
    cairo_rectangle(m->cr, x, y, width, height);
    canvas_colour(canvas, INK_FAINT, 1);
    cairo_set_line_width(m->cr, 0.3);
    cairo_stroke(m->cr);
done:
    projection_close(m->projection);
    free(m);
    return status;
}
