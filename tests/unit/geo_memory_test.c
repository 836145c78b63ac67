/* Every allocation of geo/ fails once, in every scenario: nothing crashes, nothing leaks, the status says so.
 *
 * The program's own malloc takes the place of the C library's, for GEOS too. The sanitizers bring their own: there the
 * scenarios only run through. */
#include "geo/area.h"
#include "geo/band.h"
#include "geo/corridor.h"
#include "geo/crs.h"
#include "geo/geojson.h"
#include "geo/polyline.h"
#include "geo/prepared.h"
#include "geo/rtree.h"
#include "geo/validity.h"
#include "geo/wkb.h"
#include "tests/unit/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct projection *projection;
static struct geos *geos;

/* Runs a scenario with its first allocation failing, then its second, … until none fails any more. GEOS itself loses
 * a block when memory runs out between taking a sequence over and making the ring: then `exact` is false. */
static void exhaust(const char *name, enum status (*scenario)(void), bool exact)
{
    for (long n = 0;; n++) {
        long before = malloc_live();
        malloc_fail(n, FAIL_ONCE);
        enum status status = scenario();
        bool failed = malloc_heal();
        if (!failed) {
            if (status != STATUS_OK) fail_msg("%s: %s when nothing fails", name, status_name(status));
            if (OWN_MALLOC) assert_true(n > 0);
            return;
        }
        /* qsort and GEOS may do without a block that they wanted; GEOS reports failures of its own */
        if (status != STATUS_NO_MEMORY && status != STATUS_INTERNAL && status != STATUS_OK)
            fail_msg("%s: allocation %ld fails: %s", name, n, status_name(status));
        if (exact && malloc_live() != before) fail_msg("%s: allocation %ld fails: %ld blocks leak", name, n, malloc_live() - before);
    }
}

static enum status build(struct multipolygon *shape, struct error *err)
{
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &MULTIPOLYGON_LIMITS_DEFAULT);
    if (b == NULL) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (int p = 0; p < 20 && status == STATUS_OK; p++) {
        status = multipolygon_builder_part(b, err);
        for (int r = 0; r < 2 && status == STATUS_OK; r++) {
            double x = 112 + 0.1 * p + 0.01 * r, s = r == 0 ? 0.09 : 0.01;
            const double ring[][2] = {{x, 33 + 0.01 * r}, {x + s, 33 + 0.01 * r}, {x, 33 + s + 0.01 * r}, {x, 33 + 0.01 * r}};
            status = multipolygon_builder_ring(b, err);
            for (int i = 0; i < 4 && status == STATUS_OK; i++) status = multipolygon_builder_point(b, ring[i][0], ring[i][1], err);
        }
    }
    if (status == STATUS_OK) status = multipolygon_builder_take(b, shape, err);
    multipolygon_builder_free(b);
    return status;
}

static const struct point_mm road[] = {{-200000000, -3000000}, {200000000, 0}, {200000000, 1000000}, {-200000000, -2000000}};

static enum status zone(void)
{
    struct error err = ERROR_INIT;
    struct multipolygon shape = {0}, twin = {0};
    struct multipolygon_mm plane = {0};
    struct area *area = NULL;
    struct area_stretches out = AREA_STRETCHES_INIT;
    enum status status = build(&shape, &err);
    if (status == STATUS_OK) status = multipolygon_dup(&shape, &twin, &err);
    if (status == STATUS_OK) status = multipolygon_project(&twin, projection, &plane, &err);
    if (status == STATUS_OK) status = area_new(&plane, &area, &err);
    if (status == STATUS_OK) status = area_clip(area, road, 4, &AREA_RULE_DEFAULT, &out, &err);
    if (status == STATUS_OK) assert_true(out.count > 20);
    area_stretches_clear(&out);
    area_free(area);
    multipolygon_mm_clear(&plane);
    multipolygon_clear(&twin);
    multipolygon_clear(&shape);
    return status;
}

static enum status binary(void)
{
    struct error err = ERROR_INIT;
    struct multipolygon shape = {0}, back = {0};
    struct buffer out;
    buffer_init(&out, 1 << 20);
    enum status status = build(&shape, &err);
    if (status == STATUS_OK) {
        wkb_write_multipolygon(&out, &shape);
        status = out.failed;
    }
    if (status == STATUS_OK)
        status = wkb_read_multipolygon((unsigned char *)out.data, out.length, &MULTIPOLYGON_LIMITS_DEFAULT, &back, &err);
    if (status == STATUS_OK) {
        geojson_multipolygon(&out, &back);
        geojson_line(&out, back.points, back.point_count);
        polyline_encode_json(&out, back.points, back.point_count, POLYLINE_6);
        wkb_hex(&out, back.points, 100);
        status = out.failed;
    }
    multipolygon_clear(&shape);
    multipolygon_clear(&back);
    buffer_clear(&out);
    return status;
}

static uint64_t far(void *context, uint32_t payload)
{
    (void)context;
    return payload;
}

static bool on(void *context, uint32_t payload, uint64_t distance2)
{
    (void)context;
    (void)payload;
    (void)distance2;
    return true;
}

static enum status indexed(void)
{
    struct error err = ERROR_INIT;
    struct box_mm boxes[1000];
    struct rtree tree;
    struct rtree_heap heap = {0};
    for (int i = 0; i < 1000; i++) boxes[i] = (struct box_mm){i % 30, i / 30, i % 30, i / 30};
    enum status status = rtree_build(boxes, NULL, 1000, &tree, &err);
    if (status == STATUS_OK) status = rtree_nearest(&tree, (struct point_mm){0, 0}, 100, &heap, far, on, NULL, &err);
    rtree_heap_clear(&heap);
    rtree_clear(&tree);
    return status;
}

static enum status checked(void)
{
    struct error err = ERROR_INIT;
    struct multipolygon shape = {0};
    enum status status = build(&shape, &err);
    if (status == STATUS_OK) status = multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, &err);
    multipolygon_clear(&shape);
    return status;
}

static struct multipolygon_mm square(void)
{
    static struct point_mm points[] = {{0, 0}, {100000, 0}, {100000, 100000}, {0, 100000}, {0, 0}};
    static uint32_t parts[] = {0, 1}, rings[] = {0, 5};
    return (struct multipolygon_mm){1, 1, 5, parts, rings, points};
}

static enum status offence(void)
{
    struct error err = ERROR_INIT;
    struct prepared *prepared = NULL;
    struct multipolygon_mm shape = square();
    const struct point_mm line[] = {{-10000, 50000}, {50000, 50000}, {50000, 120000}};
    double longest = 0;
    enum status status = prepared_new(geos, &shape, &prepared, &err);
    if (status == STATUS_OK) status = prepared_stretch(prepared, line, 3, &longest, &err);
    prepared_free(prepared);
    return status;
}

static enum status corridor(void)
{
    static const struct point_e7 line[] = {{1125300000, 329900000}, {1125400000, 329900000}, {1125400000, 329950000}};
    struct error err = ERROR_INIT;
    struct multipolygon shape;
    enum status status = corridor_make(geos, projection, line, 3, 200, &shape, &err);
    if (status == STATUS_OK) multipolygon_clear(&shape);
    return status;
}

/* Over several tiles and rows of them, with a hole. */
static enum status banded(void)
{
    static const struct point_mm ring[] = {{0, 0}, {9000000, 0}, {9000000, 9000000}, {4000000, 5000000}, {0, 9000000}, {0, 0}};
    static const size_t first[] = {0, 6};
    struct band_bounds bounds = {.steps = UINT64_MAX};
    struct error err = ERROR_INIT;
    struct multipolygon shape;
    enum status status = band_make(projection, ring, first, 1, 200000, &bounds, &shape, &err);
    if (status == STATUS_OK) assert_int_equal(shape.ring_count, 2);
    multipolygon_clear(&shape);
    return status;
}

static void shapes_survive_the_failure_of_any_allocation(void **state)
{
    (void)state;
    exhaust("zone", zone, true);
    exhaust("binary", binary, true);
    exhaust("indexed", indexed, true);
    exhaust("banded", banded, true);
}

static void geos_survives_the_failure_of_any_allocation(void **state)
{
    (void)state;
    exhaust("checked", checked, false);
    exhaust("offence", offence, false);
    exhaust("corridor", corridor, false);
}

static void when_geos_fails_the_checker_sees_an_offence(void **state)
{
    (void)state;
    if (!OWN_MALLOC) skip();
    struct prepared *prepared = NULL;
    struct multipolygon_mm shape = square();
    const struct point_mm line[] = {{-10000, 50000}, {3000, 50000}}; /* lawful: 3 m inside */
    assert_int_equal(prepared_new(geos, &shape, &prepared, NULL), STATUS_OK);
    assert_false(prepared_offends(prepared, line, 2, 5));
    malloc_fail(0, FAIL_ONCE);
    assert_true(prepared_offends(prepared, line, 2, 5));
    (void)malloc_heal();
    prepared_free(prepared);
}

static int open_all(void **state)
{
    (void)state;
    return geos_open(&geos, NULL) == STATUS_OK &&
                   projection_open("EPSG:4508 origin=700000,3660000", &projection, NULL) == STATUS_OK
               ? 0
               : -1;
}

static int close_all(void **state)
{
    (void)state;
    geos_close(geos);
    projection_close(projection);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_survive_the_failure_of_any_allocation),
        cmocka_unit_test(geos_survives_the_failure_of_any_allocation),
        cmocka_unit_test(when_geos_fails_the_checker_sees_an_offence),
    };
    return cmocka_run_group_tests_name("geo_memory", tests, open_all, close_all);
}
