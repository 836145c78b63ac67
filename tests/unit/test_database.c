#include "tests/unit/test_database.h"

#include "data/pg/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* Runs the cluster script; its first line of output goes to `out`. */
static bool script(const char *verb, const struct test_database *db, char *out, size_t size)
{
    char command[256];
    snprintf(command, sizeof command, "BAOCHANG_CLUSTER_OPTIONS='-c fsync=off' data/private_cluster.sh %s %s", verb,
             db->folder);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) return false;
    char line[400] = "";
    if (fgets(line, sizeof line, pipe) == NULL) line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (out) snprintf(out, size, "%s", line);
    char rest[400];
    while (fgets(rest, sizeof rest, pipe) != NULL) {
    }
    return pclose(pipe) == 0;
}

bool test_database_start(struct test_database *db)
{
    struct error err = ERROR_INIT;
    if (!script("start", db, NULL, 0) || !script("url", db, db->url, sizeof db->url) ||
        !script("owner-url", db, db->owner_url, sizeof db->owner_url))
        return false;
    if (pg_open(&db->owner, db->owner_url, &PG_OPTIONS_COMMAND, NULL, &err) == STATUS_OK) return true;
    fprintf(stderr, "%s: %s\n", err.en, err.log);
    return false;
}

void test_database_stop(struct test_database *db)
{
    pg_close(db->owner);
    db->owner = NULL;
    assert_true(script("stop", db, NULL, 0));
}

void test_database_kill(struct test_database *db)
{
    char command[160];
    pg_close(db->owner);
    db->owner = NULL;
    snprintf(command, sizeof command, "kill -9 $(head -n 1 %s/data/postmaster.pid)", db->folder);
    assert_int_equal(system(command), 0);
}

bool test_database_open(struct test_database *db)
{
    struct error err = ERROR_INIT;
    memset(db, 0, sizeof *db);
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(db->folder, sizeof db->folder, "%s/baochang-test.XXXXXX", place);
    if (mkdtemp(db->folder) == NULL || chmod(db->folder, 0755) != 0) return false;
    if (!test_database_start(db)) {
        fprintf(stderr, "skipped: no private PostgreSQL with PostGIS could be started\n");
        test_database_close(db);
        return false;
    }
    if (migrate_apply(db->owner, NULL, &err) != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", err.en, err.log);
        test_database_close(db);
        return false;
    }
    return true;
}

void test_database_close(struct test_database *db)
{
    char command[160];
    pg_close(db->owner);
    db->owner = NULL;
    if (db->folder[0] == '\0') return;
    (void)script("stop", db, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", db->folder);
    if (system(command) != 0) fprintf(stderr, "left behind: %s\n", db->folder);
}

void test_database_sql(struct test_database *db, const char *sql)
{
    struct error err = ERROR_INIT;
    if (pg_exec(db->owner, sql, &err) != STATUS_OK) fail_msg("%s: %s (%s)", sql, err.en, err.log);
}

int64_t test_database_number(struct test_database *db, const char *sql)
{
    struct error err = ERROR_INIT;
    struct pg_result rows = {0};
    if (pg_query(db->owner, sql, 0, NULL, &rows, &err) != STATUS_OK || rows.count != 1)
        fail_msg("%s: %s (%s)", sql, err.en, err.log);
    int64_t number = pg_i64(&rows, 0, 0);
    pg_result_clear(&rows);
    return number;
}
