/* What an import did and what it left out, counted by reason with an example of each.
 *
 *   import_report_count(&report, "maxspeed not understood: default of the class", "way 17: 'fast'");
 *
 * Nothing is ever dropped in silence: every default that stands in for an unknown value is a line of the report. */
#ifndef DATA_IMPORT_REPORT_H
#define DATA_IMPORT_REPORT_H

#include "geo/base/status.h"

#include <stdint.h>
#include <stdio.h>

enum { IMPORT_REASONS_MAX = 96 };

struct import_reason {
    const char *text; /* static */
    uint64_t count;
    char example[120];
};

struct import_report {
    uint64_t roads, nodes, turns;
    uint64_t input_nodes, input_ways, input_relations;
    struct import_reason reasons[IMPORT_REASONS_MAX];
    unsigned reason_count;
    uint64_t unlisted; /* reasons beyond the table */
};

/** Counts one case of a reason (a static text); the first case's example is kept. */
void import_report_count(struct import_report *report, const char *reason, const char *example_format, ...)
    __attribute__((format(printf, 3, 4)));

/** How often a reason was counted. */
uint64_t import_report_get(const struct import_report *report, const char *reason);

/** Prints the figures and one line per reason, the most frequent first. */
void import_report_print(const struct import_report *report, FILE *out);

#endif
