/* The change feed against a real PostgreSQL that comes and goes. */
#include "data/rules/feed.h"
#include "tests/unit/test_database.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static struct test_database db;
static bool there;

/* What a consumer saw. */
struct consumer {
    pthread_mutex_t mutex;
    int64_t versions[4096];
    unsigned count;
    unsigned zones;         /* in the last set of rules */
    bool refuse;            /* publications fail */
    struct feed_state last;
};

static struct consumer consumer;

static enum status take(void *context, const struct rules_input *input, struct error *err)
{
    struct consumer *c = context;
    pthread_mutex_lock(&c->mutex);
    bool refuse = c->refuse;
    if (!refuse && c->count < 4096) {
        c->versions[c->count++] = input->version;
        c->zones = input->zone_count;
    }
    pthread_mutex_unlock(&c->mutex);
    return refuse ? error_set(err, STATUS_INVALID, MESSAGE_INTERNAL) : STATUS_OK;
}

static void told(void *context, const struct feed_state *state)
{
    struct consumer *c = context;
    pthread_mutex_lock(&c->mutex);
    c->last = *state;
    pthread_mutex_unlock(&c->mutex);
}

static struct consumer consumer_now(void)
{
    pthread_mutex_lock(&consumer.mutex);
    struct consumer copy = consumer;
    pthread_mutex_unlock(&consumer.mutex);
    return copy;
}

static void nap(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static struct feed *feed_new(uint32_t poll_ms)
{
    struct feed_options options = FEED_OPTIONS_DEFAULT;
    struct error err = ERROR_INIT;
    struct feed *feed = NULL;
    consumer = (struct consumer){.mutex = PTHREAD_MUTEX_INITIALIZER};
    options.conninfo = db.url;
    options.poll_ms = poll_ms;
    options.heartbeat_ms = 700;
    options.publish = take;
    options.state = told;
    options.context = &consumer;
    assert_int_equal(feed_open(&feed, &options, &err), STATUS_OK);
    return feed;
}

/* Waits until the feed has published `version`; how long that took, or −1 after ten seconds. */
static int64_t wait_version(struct feed *feed, int64_t version)
{
    int64_t began = pg_now_ms();
    while (feed_state_get(feed).version != version) {
        if (pg_now_ms() - began > 10000) return -1;
        nap(1);
    }
    return pg_now_ms() - began;
}

static bool wait_until(struct feed *feed, bool (*is)(const struct feed_state *s), unsigned ms)
{
    for (int64_t began = pg_now_ms(); pg_now_ms() - began < ms; nap(5)) {
        struct feed_state s = feed_state_get(feed);
        if (is(&s)) return true;
    }
    return false;
}

static bool is_away(const struct feed_state *s) { return !s->connected; }
static bool is_rejected(const struct feed_state *s) { return s->rejected >= 0; }

static int64_t current(void)
{
    return test_database_number(&db, "SELECT version FROM rules_state");
}

static void touch(const char *name)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO zone (name, class_code, geom, state, approving_authority, document_no, approved_at) VALUES "
             "('%s', 'FL-CUT', ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 4490)), 'approved', 'x', 'y', now())", name);
    test_database_sql(&db, sql);
}

static void a_commit_is_published_through_its_notification(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(60000); /* so that polling cannot be what finds it */
    assert_true(feed_wait(feed, 10000));
    touch("notified");
    assert_true(wait_version(feed, current()) >= 0);
    assert_int_equal(consumer_now().zones, 1);
    assert_true(feed_state_get(feed).connected);
    feed_close(feed);
}

static void a_lost_notification_costs_one_poll(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(200);
    assert_true(feed_wait(feed, 10000));
    test_database_sql(&db, "ALTER TABLE rules_state DISABLE TRIGGER publish");
    touch("not notified");
    test_database_sql(&db, "ALTER TABLE rules_state ENABLE TRIGGER publish");
    test_database_sql(&db, "INSERT INTO rules_version SELECT version, clock_timestamp() FROM rules_state");
    assert_in_range(wait_version(feed, current()), 0, 2000);
    feed_close(feed);
}

static void rules_that_cannot_be_used_leave_the_last_good_ones(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(300);
    assert_true(feed_wait(feed, 10000));
    int64_t good = feed_state_get(feed).version;
    pthread_mutex_lock(&consumer.mutex);
    consumer.refuse = true;
    pthread_mutex_unlock(&consumer.mutex);
    touch("refused");
    assert_true(wait_until(feed, is_rejected, 5000));
    struct feed_state s = feed_state_get(feed);
    assert_int_equal(s.version, good);
    assert_int_equal(s.rejected, current());
    assert_true(s.connected);
    pthread_mutex_lock(&consumer.mutex);
    consumer.refuse = false;
    pthread_mutex_unlock(&consumer.mutex);
    assert_true(wait_version(feed, current()) >= 0); /* tried again at the next poll */
    assert_int_equal(feed_state_get(feed).rejected, -1);
    feed_close(feed);
}

static void a_stopped_database_is_noticed_and_its_return_too(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(60000);
    assert_true(feed_wait(feed, 10000));
    int64_t version = feed_state_get(feed).version;
    test_database_stop(&db);
    assert_true(wait_until(feed, is_away, 2000));
    nap(300);
    struct feed_state s = feed_state_get(feed);
    assert_int_equal(s.version, version);
    assert_true(s.contact_mono_ms > 0 && pg_now_ms() - s.contact_mono_ms >= 300);
    assert_true(test_database_start(&db));
    touch("after the return");
    assert_true(wait_version(feed, current()) >= 0);
    assert_true(feed_state_get(feed).connected);
    assert_int_equal(feed_state_get(feed).reconnects, 2);
    feed_close(feed);
}

static void a_killed_database_is_noticed_and_its_return_too(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(60000);
    assert_true(feed_wait(feed, 10000));
    touch("before the crash");
    int64_t version = current();
    assert_true(wait_version(feed, version) >= 0);
    test_database_kill(&db);
    assert_true(wait_until(feed, is_away, 5000));
    assert_true(test_database_start(&db));
    assert_int_equal(current(), version);
    touch("after the crash");
    assert_in_range(wait_version(feed, current()), 0, 6000);
    feed_close(feed);
}

/* As when the machine of the database swaps itself to death: connected, and no answer. */
static void a_server_that_hangs_is_left_for_a_new_connection(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(200);
    assert_true(feed_wait(feed, 10000));
    struct pg *pg = NULL;
    struct pg_result rows = {0};
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, NULL), STATUS_OK); /* a role sees only its own */
    for (int i = 0; i < 100 && rows.count != 1; i++) { /* that of the test before may need a moment to go */
        pg_result_clear(&rows);
        nap(20);
        assert_int_equal(pg_query(pg, "SELECT pid FROM pg_stat_activity WHERE application_name = 'baochang feed'", 0,
                                  NULL, &rows, NULL), STATUS_OK);
    }
    assert_int_equal(rows.count, 1);
    int64_t pid = pg_i64(&rows, 0, 0);
    pg_result_clear(&rows);
    pg_close(pg);
    assert_int_equal(kill((pid_t)pid, SIGSTOP), 0);
    touch("while it hangs");
    int64_t took = wait_version(feed, current());
    assert_int_equal(kill((pid_t)pid, SIGCONT), 0);
    assert_true(took >= 500);
    assert_int_equal(feed_state_get(feed).reconnects, 2);
    feed_close(feed);
}

static void a_feed_ends_at_once_while_the_database_is_away(void **state)
{
    (void)state;
    if (!there) skip();
    test_database_stop(&db);
    struct feed *feed = feed_new(1000);
    assert_false(feed_wait(feed, 200));
    int64_t began = pg_now_ms();
    feed_close(feed);
    assert_true(pg_now_ms() - began < 1000);
    assert_true(test_database_start(&db));
}

static void a_schema_of_another_version_is_not_followed(void **state)
{
    (void)state;
    if (!there) skip();
    test_database_sql(&db, "INSERT INTO schema_version (version, name, checksum) VALUES (9999, 'future', '')");
    struct feed *feed = feed_new(1000);
    assert_false(feed_wait(feed, 500));
    assert_false(feed_state_get(feed).connected);
    feed_close(feed);
    test_database_sql(&db, "DELETE FROM schema_version WHERE version = 9999");
}

/* ---- writers at the same time ------------------------------------------------------------------------------ */

enum { WRITERS = 6, COMMITS = 20 };

static void *writer(void *argument)
{
    static char refused[] = "cannot connect", failed[] = "statement failed";
    struct pg *pg = NULL;
    char number[16];
    snprintf(number, sizeof number, "%d", (int)(intptr_t)argument);
    if (pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, NULL) != STATUS_OK) return refused;
    char *fault = NULL;
    for (int i = 0; i < COMMITS && !fault; i++) {
        /* two statements on two tables, every third one undone */
        if (pg_exec(pg, "BEGIN", NULL) != STATUS_OK ||
            pg_query(pg, "UPDATE zone SET note = $1", 1, (const char *[]){number}, NULL, NULL) != STATUS_OK ||
            pg_query(pg, "INSERT INTO calendar_day VALUES (date '2030-01-01' + $1::int * 100 + $2::int, 'holiday') "
                         "ON CONFLICT DO NOTHING", 2,
                     (const char *[]){number, number}, NULL, NULL) != STATUS_OK ||
            pg_exec(pg, i % 3 == 2 ? "ROLLBACK" : "COMMIT", NULL) != STATUS_OK)
            fault = failed;
    }
    pg_close(pg);
    return fault;
}

static void versions_of_concurrent_writers_come_in_order_and_none_is_lost(void **state)
{
    (void)state;
    if (!there) skip();
    struct feed *feed = feed_new(60000);
    assert_true(feed_wait(feed, 10000));
    int64_t before = current();
    pthread_t threads[WRITERS];
    for (intptr_t i = 0; i < WRITERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, writer, (void *)i), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
    int64_t committed = WRITERS * (COMMITS - COMMITS / 3);
    assert_int_equal(current(), before + committed);
    assert_int_equal(test_database_number(&db, "SELECT count(*) FROM rules_version"), before + committed);
    assert_int_equal(test_database_number(&db, "SELECT count(*) FROM rules_version a JOIN rules_version b "
                                               "ON b.version = a.version + 1 AND b.committed_at <= a.committed_at"), 0);
    assert_true(wait_version(feed, current()) >= 0);
    struct consumer seen = consumer_now();
    for (unsigned i = 1; i < seen.count; i++) assert_true(seen.versions[i - 1] < seen.versions[i]);
    feed_close(feed);
}

static int setup(void **state)
{
    (void)state;
    there = test_database_open(&db);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (there) test_database_close(&db);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_is_published_through_its_notification),
        cmocka_unit_test(a_lost_notification_costs_one_poll),
        cmocka_unit_test(rules_that_cannot_be_used_leave_the_last_good_ones),
        cmocka_unit_test(versions_of_concurrent_writers_come_in_order_and_none_is_lost),
        cmocka_unit_test(a_stopped_database_is_noticed_and_its_return_too),
        cmocka_unit_test(a_killed_database_is_noticed_and_its_return_too),
        cmocka_unit_test(a_server_that_hangs_is_left_for_a_new_connection),
        cmocka_unit_test(a_feed_ends_at_once_while_the_database_is_away),
        cmocka_unit_test(a_schema_of_another_version_is_not_followed),
    };
    return cmocka_run_group_tests_name("feed", tests, setup, teardown);
}
