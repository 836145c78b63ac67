#include "data/import/import_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct import_reason *find(const struct import_report *report, const char *text)
{
    for (unsigned i = 0; i < report->reason_count; i++)
        if (report->reasons[i].text == text || strcmp(report->reasons[i].text, text) == 0)
            return (struct import_reason *)&report->reasons[i];
    return NULL;
}

void import_report_count(struct import_report *report, const char *reason, const char *example_format, ...)
{
    struct import_reason *row = find(report, reason);
    va_list arguments;

    if (!row) {
        if (report->reason_count == IMPORT_REASONS_MAX) {
            report->unlisted++;
            return;
        }
        row = &report->reasons[report->reason_count++];
        *row = (struct import_reason){.text = reason};
        va_start(arguments, example_format);
        vsnprintf(row->example, sizeof row->example, example_format, arguments);
        va_end(arguments);
        for (char *c = row->example; *c; c++) /* the file's text goes to a terminal */
            if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    }
    row->count++;
}

uint64_t import_report_get(const struct import_report *report, const char *reason)
{
    const struct import_reason *row = find(report, reason);

    return row ? row->count : 0;
}

static int compare(const void *a, const void *b)
{
    const struct import_reason *x = a, *y = b;

    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->text, y->text);
}

void import_report_print(const struct import_report *report, FILE *out)
{
    struct import_report sorted = *report;

    qsort(sorted.reasons, sorted.reason_count, sizeof sorted.reasons[0], compare);
    if (report->input_ways)
        fprintf(out, "read      %" PRIu64 " nodes, %" PRIu64 " ways, %" PRIu64 " relations\n", report->input_nodes,
                report->input_ways, report->input_relations);
    fprintf(out, "imported  %" PRIu64 " roads, %" PRIu64 " nodes, %" PRIu64 " turn restrictions\n", report->roads,
            report->nodes, report->turns);
    for (unsigned i = 0; i < sorted.reason_count; i++)
        fprintf(out, "%9" PRIu64 "  %s  (e.g. %s)\n", sorted.reasons[i].count, sorted.reasons[i].text, sorted.reasons[i].example);
    if (report->unlisted) fprintf(out, "%9" PRIu64 "  further cases of reasons not listed\n", report->unlisted);
}
