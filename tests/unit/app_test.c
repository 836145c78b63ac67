/* The current view under publishers and readers at once. Run under the thread sanitizer too. */
#include "api/app.h"
#include "data/rules/feed.h"
#include "tests/unit/network_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { READERS = 4, VERSIONS = 300 };

static struct fixture fixture;
static struct base base;
static struct app *app;
static atomic_bool over;

static const struct credential_type types[] = {{"pass", "通行证", "pass", 0}};

/* One zone whose name says the version, so that a mixed view would show. */
static enum status publish(int64_t version)
{
    char name[32];
    struct error err = ERROR_INIT;
    snprintf(name, sizeof name, "zone of %lld", (long long)version);
    const struct zone_rule rule = {.kind = RULE_CLOSED,
                                   .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                   .slow_permille = 1000,
                                   .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    int32_t shift = (int32_t)(version % 3) * 100;
    struct zone zone = {.id = "z", .name = name, .class_code = "c", .class_name_zh = "", .class_name_en = "", .county = "",
                        .document = "", .authority = "", .area = fixture_box(150 + shift, 150, 350 + shift, 350),
                        .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}, .rule_count = 1, .rules = &rule};
    const struct rules_input input = {.version = version, .as_of_ms = version * 1000, .zone_count = 1, .zones = &zone,
                                      .credential_type_count = 1, .credential_types = types};
    enum status status = app_publish(app, &input, &err);
    multipolygon_clear(&zone.area);
    if (status != STATUS_OK) fprintf(stderr, "%s %s\n", err.en, err.log);
    return status;
}

static void *read_views(void *argument)
{
    struct app_local local = {.app = app, .thread = (unsigned)(uintptr_t)argument};
    int64_t last = -1;
    uintptr_t seen = 0;
    while (!atomic_load(&over)) {
        struct view *view = app_view(&local);
        if (view == NULL) continue;
        int64_t version = view->rules->version;
        char name[32];
        snprintf(name, sizeof name, "zone of %lld", (long long)version);
        if (version < last || view->rules->as_of_ms != version * 1000 || strcmp(view->rules->input->zones[0].name, name) != 0)
            return (void *)(uintptr_t)-1;
        seen += version > last;
        last = version;
        view_release(view);
    }
    return (void *)seen;
}

static void readers_see_whole_views_in_order_while_others_are_published(void **state)
{
    (void)state;
    pthread_t threads[READERS];
    atomic_store(&over, false);
    assert_int_equal(publish(1), STATUS_OK);
    for (uintptr_t i = 0; i < READERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_views, (void *)i), 0);
    for (int64_t version = 2; version <= VERSIONS; version++) assert_int_equal(publish(version), STATUS_OK);
    atomic_store(&over, true);
    for (int i = 0; i < READERS; i++) {
        void *seen;
        pthread_join(threads[i], &seen);
        assert_true((intptr_t)seen >= 0);
        assert_in_range((uintptr_t)seen, 1, VERSIONS);
    }
    assert_true(app_rules_age(app).version == VERSIONS);
}

static void a_version_that_cannot_be_compiled_leaves_the_one_before(void **state)
{
    (void)state;
    assert_int_equal(publish(VERSIONS + 1), STATUS_OK);
    struct error err = ERROR_INIT;
    /* a zone without area */
    struct zone zone = {.id = "far", .name = "far", .class_code = "c", .class_name_zh = "", .class_name_en = "", .county = "",
                        .document = "", .authority = ""};
    const struct rules_input bad = {.version = VERSIONS + 2, .zone_count = 1, .zones = &zone};
    assert_int_not_equal(app_publish(app, &bad, &err), STATUS_OK);
    struct app_local local = {.app = app};
    struct view *view = app_view(&local);
    assert_true(view->rules->version == VERSIONS + 1);
    assert_true(app_rules_age(app).version == VERSIONS + 1);
    view_release(view);
}

static void the_age_says_what_the_feed_knows(void **state)
{
    (void)state;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t mono_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    app_feed_state(app, &(struct feed_state){.connected = true, .rejected = -1, .contact_mono_ms = mono_ms});
    struct rules_age age = app_rules_age(app);
    assert_true(age.ready && age.connected && !age.stale && age.contact_ms == 0 && age.rejected == -1);
    app_feed_state(app, &(struct feed_state){.connected = false, .rejected = -1, .contact_mono_ms = mono_ms - 30000});
    age = app_rules_age(app);
    assert_true(!age.connected && !age.stale && age.contact_ms >= 30000);
    app_feed_state(app, &(struct feed_state){.connected = false, .rejected = -1, .contact_mono_ms = mono_ms - 61000});
    assert_true(app_rules_age(app).stale);
    app_feed_state(app, &(struct feed_state){.connected = true, .rejected = 7, .contact_mono_ms = mono_ms});
    age = app_rules_age(app);
    assert_true(age.stale && age.rejected == 7);
}

static void rules_that_were_just_published_are_not_stale_before_the_feed_says_so(void **state)
{
    (void)state;
    app_feed_state(app, &(struct feed_state){.connected = false, .rejected = 7, .contact_mono_ms = 0});
    assert_true(app_rules_age(app).stale);
    assert_int_equal(publish(VERSIONS + 3), STATUS_OK);
    struct rules_age age = app_rules_age(app);
    assert_true(age.version == VERSIONS + 3 && age.connected && !age.stale && age.rejected == -1);
}

static int set_up(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    fixture_init(&fixture);
    fixture_grid(&fixture, 6, 6, 100, ROAD_PRIMARY);
    fixture_build(&fixture);
    base.network = fixture.network;
    base.turns = fixture.turns;
    if (spatial_new(&base.network, &base.spatial, &err) != STATUS_OK) return -1;
    const struct app_options options = {.threads_max = READERS, .metric_bytes_max = 1 << 20, .rules_stale_ms = 60000};
    return app_new(&app, &base, &options, &err) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    app_free(app);
    spatial_free(base.spatial);
    fixture_clear(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_whole_views_in_order_while_others_are_published),
        cmocka_unit_test(a_version_that_cannot_be_compiled_leaves_the_one_before),
        cmocka_unit_test(the_age_says_what_the_feed_knows),
        cmocka_unit_test(rules_that_were_just_published_are_not_stale_before_the_feed_says_so),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
