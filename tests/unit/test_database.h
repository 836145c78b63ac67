/* A private PostGIS for a test program: its own cluster in a folder of its own, gone at the end.
 *
 * Programs that use it skip, with a clear line, where PostgreSQL is not installed. Run from the top of the tree. */
#ifndef TESTS_UNIT_TEST_DATABASE_H
#define TESTS_UNIT_TEST_DATABASE_H

#include "data/pg/pg.h"

#include <stdbool.h>

struct test_database {
    char folder[64];
    char url[400], owner_url[400]; /* of the service's role, of the schema's owner */
    struct pg *owner;              /* a connection of the owner; NULL while stopped */
};

/** Starts the cluster and applies the migrations. False (and a line why) where that cannot be. */
bool test_database_open(struct test_database *db);
void test_database_close(struct test_database *db);

/** Stops and starts the server, or kills it as a power cut would. */
void test_database_stop(struct test_database *db);
void test_database_kill(struct test_database *db);
bool test_database_start(struct test_database *db);

/** Runs SQL as the owner; fails the test if the server refuses it. */
void test_database_sql(struct test_database *db, const char *sql);

/** Runs SQL as the owner and returns the one number it gives. */
int64_t test_database_number(struct test_database *db, const char *sql);

#endif
