#include "data/demo/demo_interchange.h"

#include <stdlib.h>

static const double half_median_m = 13;

void demo_carriageways_clear(struct demo_carriageways *c)
{
    demo_path_clear(&c->centre);
}

/* Point of a carriageway at a chainage and its direction of travel there. */
static struct demo_point place(const struct demo_carriageways *c, unsigned side, double at_m, struct demo_point *travel)
{
    struct demo_point centre, tangent, right;

    demo_path_at(c->centre.points, c->centre.count, at_m, &centre, &tangent);
    right = demo_right(tangent);
    if (travel) *travel = side ? (struct demo_point){-tangent.x_m, -tangent.y_m} : tangent;
    return demo_point_add(centre, right, side ? -half_median_m : half_median_m);
}

static enum status cut(struct demo_carriageways *c, unsigned side, double at_m, struct error *err)
{
    if (c->cut_count[side] == DEMO_CUTS_MAX) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    c->cuts_m[side][c->cut_count[side]++] = at_m;
    return STATUS_OK;
}

/* Upstream and downstream of a chainage in the direction of travel of a carriageway. */
static double upstream(unsigned side, double at_m, double by_m)
{
    return side ? at_m + by_m : at_m - by_m;
}

static struct demo_line ramp_line(const struct demo_carriageways *c, const char *name, enum demo_ramp ramp,
                                  uint32_t station)
{
    return (struct demo_line){.class = ROAD_MOTORWAY_LINK, .kind = DEMO_EXPRESSWAY, .name = name, .ref = c->ref,
                              .oneway = true, .toll = true, .ramp = ramp, .station = station};
}

static enum status draw_bend(struct demo_model *m, struct demo_line line, struct demo_point a, struct demo_point ta,
                             struct demo_point b, struct demo_point tb, struct error *err)
{
    struct demo_path path = {0};
    enum status s = demo_path_bend(a, ta, b, tb, 8, &path, err);

    if (s == STATUS_OK) s = demo_draw(m, line, path.points, path.count, err);
    demo_path_clear(&path);
    return s;
}

/* Booths: exit point → booth → plaza and plaza → booth → entry point. */
static enum status draw_booths(struct demo_model *m, const struct demo_carriageways *c, const char *name,
                               uint32_t station, struct demo_point leaving, struct demo_point joining,
                               struct demo_point plaza, struct error *err)
{
    struct demo_point out = {(leaving.x_m * 2 + plaza.x_m) / 3, (leaving.y_m * 2 + plaza.y_m) / 3};
    struct demo_point in = {(joining.x_m * 2 + plaza.x_m) / 3, (joining.y_m * 2 + plaza.y_m) / 3};
    struct demo_line off = ramp_line(c, name, DEMO_RAMP_EXIT, station), on = ramp_line(c, name, DEMO_RAMP_ENTRY, station);
    enum status s;

    off.booth_at_end = true;
    s = demo_draw(m, off, (struct demo_point[]){leaving, out}, 2, err);
    off.booth_at_end = false;
    if (s == STATUS_OK) s = demo_draw(m, off, (struct demo_point[]){out, plaza}, 2, err);
    on.booth_at_end = true;
    if (s == STATUS_OK) s = demo_draw(m, on, (struct demo_point[]){plaza, in}, 2, err);
    on.booth_at_end = false;
    if (s == STATUS_OK) s = demo_draw(m, on, (struct demo_point[]){in, joining}, 2, err);
    return s;
}

enum status demo_draw_station(struct demo_model *m, struct demo_carriageways *c, double at_m,
                              struct demo_point target, struct demo_plaza *plaza, struct error *err)
{
    const uint32_t station = plaza->station + 1;
    const char *name = demo_text(m, "%s站匝道", m->stations[plaza->station].name);
    struct demo_point centre, tangent, out, leaving, joining;
    enum status s = STATUS_OK;

    demo_path_at(c->centre.points, c->centre.count, at_m, &centre, &tangent);
    out = demo_right(tangent);
    if ((target.x_m - centre.x_m) * out.x_m + (target.y_m - centre.y_m) * out.y_m < 0)
        out = (struct demo_point){-out.x_m, -out.y_m};
    plaza->point = demo_point_add(centre, out, 620);
    plaza->outward = out;
    leaving = demo_point_add(demo_point_add(centre, out, 430), tangent, -25);
    joining = demo_point_add(demo_point_add(centre, out, 430), tangent, 25);
    for (unsigned side = 0; s == STATUS_OK && side < 2; side++) {
        struct demo_point travel, from, to, inward = {-out.x_m, -out.y_m};
        double off_m = upstream(side, at_m, 480), on_m = upstream(side, at_m, -480);
        bool far = (side == 0) != (demo_right(tangent).x_m * out.x_m + demo_right(tangent).y_m * out.y_m > 0);
        struct demo_line off = ramp_line(c, name, DEMO_RAMP_EXIT, station);
        struct demo_line on = ramp_line(c, name, DEMO_RAMP_ENTRY, station);

        off.bridge = on.bridge = far; /* the far carriageway's ramps go over both */
        off.layer = on.layer = far ? 1 : 0;
        s = cut(c, side, off_m, err);
        if (s == STATUS_OK) s = cut(c, side, on_m, err);
        from = place(c, side, off_m, &travel);
        if (s == STATUS_OK) s = draw_bend(m, off, from, travel, leaving, out, err);
        to = place(c, side, on_m, &travel);
        if (s == STATUS_OK) s = draw_bend(m, on, joining, inward, to, travel, err);
    }
    if (s == STATUS_OK) s = draw_booths(m, c, name, station, leaving, joining, plaza->point, err);
    return s;
}

enum status demo_draw_terminal(struct demo_model *m, struct demo_carriageways *c, bool at_start,
                               struct demo_plaza *plaza, struct error *err)
{
    const double end_m = at_start ? 0 : demo_path_length(c->centre.points, c->centre.count);
    const unsigned arriving = at_start ? 1 : 0; /* the carriageway that ends here */
    struct demo_point out, leaving, joining, centre, tangent;
    const char *name = demo_text(m, "%s主线站", m->stations[plaza->station].name);

    demo_path_at(c->centre.points, c->centre.count, end_m, &centre, &tangent);
    out = at_start ? (struct demo_point){-tangent.x_m, -tangent.y_m} : tangent;
    leaving = place(c, arriving, end_m, NULL);
    joining = place(c, 1 - arriving, end_m, NULL);
    plaza->point = demo_point_add(centre, out, 260);
    plaza->outward = out;
    return draw_booths(m, c, name, plaza->station + 1, leaving, joining, plaza->point, err);
}

/* From carriageway `from` to `to` of the other expressway: right turns leave early and join late. */
static enum status draw_through(struct demo_model *m, struct demo_carriageways *a, unsigned from, double a_m,
                                struct demo_carriageways *b, unsigned to, double b_m, const char *name,
                                struct error *err)
{
    struct demo_point ta, tb, start, end;
    struct demo_line line = ramp_line(a, name, DEMO_RAMP_NONE, 0);
    double off_m, on_m;
    bool right;
    enum status s;

    (void)place(a, from, a_m, &ta);
    (void)place(b, to, b_m, &tb);
    right = ta.x_m * tb.y_m - ta.y_m * tb.x_m < 0;
    off_m = upstream(from, a_m, right ? 900 : 600);
    on_m = upstream(to, b_m, right ? -900 : -600);
    line.bridge = !right;
    line.layer = right ? 0 : 2;
    s = cut(a, from, off_m, err);
    if (s == STATUS_OK) s = cut(b, to, on_m, err);
    start = place(a, from, off_m, &ta);
    end = place(b, to, on_m, &tb);
    if (s == STATUS_OK) s = draw_bend(m, line, start, ta, end, tb, err);
    return s;
}

enum status demo_draw_interchanges(struct demo_model *m, struct demo_carriageways *a,
                                   struct demo_carriageways *b, struct error *err)
{
    double along_a = 0;
    enum status s = STATUS_OK;

    for (size_t i = 1; s == STATUS_OK && i < a->centre.count; i++) {
        struct demo_point p = a->centre.points[i - 1], q = a->centre.points[i];
        double along_b = 0;

        for (size_t k = 1; s == STATUS_OK && k < b->centre.count; k++) {
            struct demo_point v = b->centre.points[k - 1], w = b->centre.points[k];
            double t, u;

            if (demo_segments_cross(p, q, v, w, &t, &u)) {
                double a_m = along_a + t * demo_distance(p, q), b_m = along_b + u * demo_distance(v, w);
                const char *name = demo_text(m, "%s%s互通匝道", a->name, b->name);

                for (unsigned from = 0; s == STATUS_OK && from < 2; from++)
                    for (unsigned to = 0; s == STATUS_OK && to < 2; to++) {
                        s = draw_through(m, a, from, a_m, b, to, b_m, name, err);
                        if (s == STATUS_OK) s = draw_through(m, b, from, b_m, a, to, a_m, name, err);
                    }
            }
            along_b += demo_distance(v, w);
        }
        along_a += demo_distance(p, q);
    }
    return s;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* One carriageway from cut to cut, with the centre line's vertices between. */
static enum status draw_side(struct demo_model *m, struct demo_carriageways *c, unsigned side, struct error *err)
{
    struct demo_line line = {.class = ROAD_MOTORWAY, .kind = DEMO_EXPRESSWAY, .name = c->name, .ref = c->ref,
                             .oneway = true, .toll = true};
    double *cuts = c->cuts_m[side], along = 0;
    struct demo_path path = {0};
    size_t vertex = 1, previous = 0;
    enum status s;

    qsort(cuts, c->cut_count[side], sizeof *cuts, compare_doubles);
    along = demo_distance(c->centre.points[0], c->centre.points[1]);
    s = demo_path_add(&path, place(c, side, 0, NULL), err);
    for (size_t i = 0; s == STATUS_OK && i <= c->cut_count[side]; i++) {
        bool last = i == c->cut_count[side];
        double end_m = last ? demo_path_length(c->centre.points, c->centre.count) : cuts[i];

        if (!last && i > previous && cuts[i] - cuts[i - 1] < 1e-6) continue; /* two ramps share the node */
        while (s == STATUS_OK && vertex + 1 < c->centre.count && along < end_m - 1) {
            s = demo_path_add(&path, place(c, side, along, NULL), err);
            vertex++;
            along += demo_distance(c->centre.points[vertex - 1], c->centre.points[vertex]);
        }
        if (s == STATUS_OK) s = demo_path_add(&path, place(c, side, end_m, NULL), err);
        if (s != STATUS_OK) break;
        if (side) /* geometry runs with the traffic */
            for (size_t a = 0, b = path.count - 1; a < b; a++, b--) {
                struct demo_point keep = path.points[a];

                path.points[a] = path.points[b];
                path.points[b] = keep;
            }
        s = demo_draw(m, line, path.points, path.count, err);
        path.count = 0;
        previous = i;
        if (s == STATUS_OK && !last) s = demo_path_add(&path, place(c, side, end_m, NULL), err);
    }
    demo_path_clear(&path);
    return s;
}

enum status demo_draw_carriageways(struct demo_model *m, struct demo_carriageways *c, struct error *err)
{
    enum status s = draw_side(m, c, 0, err);

    return s == STATUS_OK ? draw_side(m, c, 1, err) : s;
}
