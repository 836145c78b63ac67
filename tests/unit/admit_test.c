/* Keys, the keyring and the admit hook: every role at every kind of row, over a socket, against a real PostgreSQL. */
#include "api/process/admit.h"
#include "api/process/server.h"
#include "geo/base/log.h"
#include "tests/unit/test_database.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static struct test_database db;
static bool there;
static char pepper_path[128];
static struct pepper pepper;
static struct keyring *keyring;
static struct server *server;

static const char *const names[] = {"viewer", "company", "officer", "planner", "approver", "admin"};
enum { NAMES = sizeof names / sizeof *names };
static char keys[NAMES][KEY_TEXT_SIZE];

static void who(struct exchange *x)
{
    const struct caller *caller = exchange_caller(x);
    struct buffer out;
    buffer_init(&out, 4096);
    buffer_printf(&out, "%s %s %s", role_name(exchange_role(x)), caller ? caller->key.holder : "-",
                  caller && caller->key.county[0] ? caller->key.county : "-");
    exchange_reply(x, 200, "text/plain", &out);
    buffer_clear(&out);
}

static const struct route rows[] = {
    {HTTP_GET, "/anyone", "anyone", who, .roles = ROLE_ANYONE},
    {HTTP_GET, "/signed-in", "signed_in", who, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/viewer", "viewer", who, .roles = ROLE_VIEWER},
    {HTTP_GET, "/company", "company", who, .roles = ROLE_COMPANY},
    {HTTP_GET, "/officer", "officer", who, .roles = ROLE_OFFICER},
    {HTTP_GET, "/planner", "planner", who, .roles = ROLE_PLANNER},
    {HTTP_GET, "/approver", "approver", who, .roles = ROLE_APPROVER},
    {HTTP_GET, "/admin", "admin", who, .roles = ROLE_ADMIN},
    {HTTP_GET, "/desk", "desk", who, .roles = ROLE_PLANNER | ROLE_APPROVER},
};
enum { ROWS = sizeof rows / sizeof *rows };

static enum status admit(struct exchange *x, struct error *err)
{
    return admit_caller(x->app, x, err);
}

/* Makes a key for a test; `expires` NULL: far in the future. */
static void make(const char *role, const char *county, const char *expires, char out[KEY_TEXT_SIZE])
{
    struct error err = ERROR_INIT;
    const struct key_wish wish = {.role = role, .holder = "holder", .county = county,
                                  .company = strcmp(role, "company") == 0 ? "acme" : NULL,
                                  .expires = expires ? expires : "2100-01-01T00:00:00Z"};
    enum status status = key_create(db.owner, &pepper, &wish, out, &err);
    if (status != STATUS_OK) fail_msg("%s (%s)", err.en, err.log);
}

/* GETs a path; `authorization` is the whole header value or NULL. The answer's head and body in `answer`. */
static int ask(const char *path, const char *authorization, char *answer, size_t size)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    char request[600];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s%s%s\r\n", path,
                          authorization ? "Authorization: " : "", authorization ? authorization : "",
                          authorization ? "\r\n" : "");
    assert_int_equal(write(fd, request, (size_t)length), length);
    size_t got = 0;
    for (ssize_t n; got + 1 < size && (n = read(fd, answer + got, size - got - 1)) > 0;) got += (size_t)n;
    answer[got] = '\0';
    close(fd);
    int code = 0;
    assert_int_equal(sscanf(answer, "HTTP/1.1 %d", &code), 1);
    return code;
}

static int ask_with(const char *path, const char *key)
{
    char header[128], answer[4096];
    snprintf(header, sizeof header, "Bearer %.100s", key);
    return ask(path, header, answer, sizeof answer);
}

/* Asks until the answer is `code`, for two seconds: a notification takes its time. */
static bool becomes(const char *path, const char *key, int code)
{
    for (int i = 0; i < 200; i++) {
        if (ask_with(path, key) == code) return true;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

/* ---- tests ------------------------------------------------------------------------------------------------- */

static void every_role_gets_what_the_row_says_and_nothing_else(void **state)
{
    if (!there) skip();
    (void)state;
    char answer[4096];
    for (size_t r = 0; r < ROWS; r++) {
        int expected = rows[r].roles & ROLE_ANONYMOUS ? 200 : 401;
        assert_int_equal(ask(rows[r].pattern, NULL, answer, sizeof answer), expected);
        assert_true((strstr(answer, "WWW-Authenticate: Bearer") != NULL) == (expected == 401));
        for (size_t k = 0; k < NAMES; k++) {
            expected = rows[r].roles & role_parse(names[k]) ? 200 : 403;
            if (ask_with(rows[r].pattern, keys[k]) != expected) fail_msg("%s as %s", rows[r].pattern, names[k]);
        }
    }
}

static void a_handler_sees_who_is_calling(void **state)
{
    if (!there) skip();
    (void)state;
    char key[KEY_TEXT_SIZE], header[128], answer[4096];
    make("planner", "411322", NULL, key);
    assert_true(becomes("/planner", key, 200));
    snprintf(header, sizeof header, "bearer  %s", key);
    assert_int_equal(ask("/anyone", header, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "planner holder 411322"));
    assert_int_equal(ask("/anyone", NULL, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "anonymous - -"));
}

static void a_wrong_key_is_refused_everywhere_and_never_counts_as_none(void **state)
{
    if (!there) skip();
    (void)state;
    char answer[4096], wrong[KEY_TEXT_SIZE];
    assert_int_equal(ask("/anyone", "Basic Zm9v", answer, sizeof answer), 401);
    assert_int_equal(ask_with("/anyone", ""), 401);
    assert_int_equal(ask_with("/anyone", "bck_0123456789abcdef"), 401);
    for (size_t i = 0; i < KEY_TEXT_SIZE - 1; i++) { /* any one character changed */
        memcpy(wrong, keys[3], sizeof wrong);
        wrong[i] = wrong[i] == 'e' ? 'f' : 'e';
        if (ask_with("/anyone", wrong) != 401) fail_msg("character %zu does not matter", i);
    }
    snprintf(wrong, sizeof wrong, "%s", keys[3]);
    wrong[KEY_TEXT_SIZE - 2] = '\0';
    assert_int_equal(ask_with("/anyone", wrong), 401);
}

static void a_revoked_key_stops_working_at_once(void **state)
{
    if (!there) skip();
    (void)state;
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    unsigned char secret[KEY_SECRET_BYTES];
    struct error err = ERROR_INIT;
    make("planner", NULL, NULL, key);
    assert_true(becomes("/planner", key, 200));
    assert_true(key_parse(key, id, secret));
    assert_int_equal(key_revoke(db.owner, id, &err), STATUS_OK);
    assert_true(becomes("/planner", key, 401));
    assert_int_equal(key_revoke(db.owner, id, &err), STATUS_NOT_FOUND);
}

static void a_key_ends_at_its_moment(void **state)
{
    if (!there) skip();
    (void)state;
    struct key_holder holder;
    struct error err = ERROR_INIT;
    char key[KEY_TEXT_SIZE];
    make("viewer", NULL, "2099-01-01T00:00:00Z", key);
    assert_true(becomes("/viewer", key, 200));
    const int64_t end_ms = INT64_C(4070908800000);
    assert_int_equal(keyring_find(keyring, key, end_ms - 1, &holder, &err), STATUS_OK);
    assert_int_equal(holder.expires_ms, end_ms);
    assert_int_equal(keyring_find(keyring, key, end_ms, &holder, &err), STATUS_UNAUTHORISED);
}

static void the_database_holds_nothing_that_opens(void **state)
{
    if (!there) skip();
    (void)state;
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT count(*)::bigint FROM baochang.access_key k, baochang.audit_log a WHERE k::text LIKE '%%%.43s%%' OR a::text LIKE '%%%.43s%%'",
             keys[3] + 21, keys[3] + 21);
    assert_int_equal(test_database_number(&db, sql), 0);
    assert_int_equal(test_database_number(&db, "SELECT count(*)::bigint FROM baochang.audit_log a, baochang.access_key k "
                                               "WHERE a.detail::text LIKE '%' || encode(k.hash, 'hex') || '%'"), 0);
    /* the same key under another pepper is another key */
    struct pepper other = {.bytes = {1}};
    char id[KEY_ID_SIZE];
    unsigned char secret[KEY_SECRET_BYTES], a[KEY_HASH_BYTES], b[KEY_HASH_BYTES];
    assert_true(key_parse(keys[3], id, secret));
    key_hash(&pepper, id, secret, a);
    key_hash(&other, id, secret, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_key_that_makes_no_sense_is_not_made(void **state)
{
    if (!there) skip();
    (void)state;
    char key[KEY_TEXT_SIZE];
    const struct key_wish wishes[] = {
        {.role = "king", .holder = "h", .expires = "2100-01-01T00:00:00Z"},
        {.role = "planner", .holder = "", .expires = "2100-01-01T00:00:00Z"},
        {.role = "planner", .holder = "h", .county = "Nanyang", .expires = "2100-01-01T00:00:00Z"},
        {.role = "planner", .holder = "h", .company = "acme", .expires = "2100-01-01T00:00:00Z"},
        {.role = "company", .holder = "h", .expires = "2100-01-01T00:00:00Z"},
        {.role = "planner", .holder = "h", .expires = "infinity"},
    };
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct error err = ERROR_INIT;
        if (key_create(db.owner, &pepper, &wishes[i], key, &err) != STATUS_INVALID) fail_msg("wish %zu", i);
    }
}

static void without_its_pepper_no_key_is_judged(void **state)
{
    if (!there) skip();
    (void)state;
    struct keyring *blind;
    struct key_holder holder;
    struct error err = ERROR_INIT;
    assert_int_equal(keyring_open(&blind, db.url, "no/such/file", &err), STATUS_OK);
    assert_true(keyring_wait(blind, 5000));
    assert_int_equal(keyring_find(blind, keys[0], 0, &holder, &err), STATUS_UNAVAILABLE);
    keyring_close(blind);
}

static void the_pepper_is_made_once_and_for_its_owner_alone(void **state)
{
    (void)state;
    char path[160];
    struct pepper first, second;
    struct error err = ERROR_INIT;
    struct stat seen;
    snprintf(path, sizeof path, "%s.other", pepper_path);
    assert_int_equal(pepper_read(path, false, &first, &err), STATUS_IO);
    assert_int_equal(pepper_read(path, true, &first, &err), STATUS_OK);
    assert_int_equal(pepper_read(path, true, &second, &err), STATUS_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, "0123", 4), 4);
    close(fd);
    assert_int_equal(pepper_read(path, true, &second, &err), STATUS_IO);
    unlink(path);
}

static int open_all(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    log_level_set(LOG_ERROR);
    snprintf(pepper_path, sizeof pepper_path, "%s/baochang-pepper.%ld", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
             (long)getpid());
    there = test_database_open(&db);
    if (!there) return 0;
    if (pepper_read(pepper_path, true, &pepper, &err) != STATUS_OK) return -1;
    for (size_t i = 0; i < NAMES; i++) make(names[i], NULL, NULL, keys[i]);
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    if (keyring_open(&keyring, db.url, pepper_path, &err) != STATUS_OK || !keyring_wait(keyring, 5000)) return -1;
    options.port = 0;
    options.threads = 1;
    options.workers = 1;
    options.routes = rows;
    options.route_count = ROWS;
    options.app = keyring;
    options.admit = admit;
    options.access_log = false;
    if (server_open(&server, &options, &err) != STATUS_OK || server_start(server, &err) != STATUS_OK) return -1;
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    if (!there) return 0;
    server_stop(server);
    if (!server_join(server)) return -1;
    server_close(server);
    keyring_close(keyring);
    test_database_close(&db);
    unlink(pepper_path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_gets_what_the_row_says_and_nothing_else),
        cmocka_unit_test(a_handler_sees_who_is_calling),
        cmocka_unit_test(a_wrong_key_is_refused_everywhere_and_never_counts_as_none),
        cmocka_unit_test(a_revoked_key_stops_working_at_once),
        cmocka_unit_test(a_key_ends_at_its_moment),
        cmocka_unit_test(the_database_holds_nothing_that_opens),
        cmocka_unit_test(a_key_that_makes_no_sense_is_not_made),
        cmocka_unit_test(without_its_pepper_no_key_is_judged),
        cmocka_unit_test(the_pepper_is_made_once_and_for_its_owner_alone),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
