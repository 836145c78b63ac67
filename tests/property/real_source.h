/* Real road networks for the property tests, from the folder DATA (never part of the tree): OpenStreetMap extracts through the
 * project's own reader, with their oneways, turn restrictions, barriers, accesses and limits, and the trunk roads of Nanyang. */
#ifndef TESTS_REAL_SOURCE_H
#define TESTS_REAL_SOURCE_H

#include "routing/network/network_build.h"

#include <stdbool.h>

/* Rows as `prepare` reads them; roads and nodes are numbered from 1 in their order. */
struct real_source {
    const char *name; /* of the file */
    uint32_t road_count, node_count, turn_count;
    struct road_row *roads;
    struct node_row *nodes;
    struct turn_restriction_row *turns;
    uint32_t *first_at, *at; /* node → its roads */
    void *memory;            /* its own */
};

/** How many files it knows, and the name of each. */
uint32_t real_source_count(void);
const char *real_source_name(uint32_t file);

/** Reads one file of the folder. False if it is not there; fails the test if it cannot be read. */
bool real_source_open(struct real_source *s, const char *folder, uint32_t file);
void real_source_close(struct real_source *s);

#endif
