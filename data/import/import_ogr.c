#include "data/import/import_ogr.h"

#include "data/import/import_store.h"
#include "data/ogr/ogr_noding.h"

#include <stdio.h>
#include <stdlib.h>

static enum status store(struct import_store *to, const struct ogr_lines *lines, const struct ogr_roads *roads, struct error *err)
{
    enum status s = import_store_roads(to, err);

    for (size_t r = 0; s == STATUS_OK && r < roads->road_count; r++) {
        const struct ogr_road *road = &roads->roads[r];
        const struct ogr_line *line = &lines->lines[road->line];
        struct import_road row = {.id = (int64_t)r + 1, .from_node = (int64_t)road->from + 1, .to_node = (int64_t)road->to + 1,
                                  .class = line->class, .name = line->name, .ref = line->ref, .forward = line->forward,
                                  .backward = line->backward, .bridge = line->bridge, .tunnel = line->tunnel, .toll = line->toll,
                                  .roundabout = line->roundabout, .hazmat_no = line->hazmat_no,
                                  .speed_forward_kmh = line->speed_kmh, .speed_backward_kmh = line->speed_kmh,
                                  .lorry_forward = line->lorry, .lorry_backward = line->lorry, .light_forward = line->light,
                                  .light_backward = line->light, .layer = line->layer, .source_id = line->id,
                                  .shape = roads->points + road->first_point, .shape_count = road->point_count};

        for (size_t k = 0; k < LIMIT_COUNT; k++) row.limits[k] = line->limits[k];
        import_store_road(to, &row);
    }
    if (s == STATUS_OK) s = import_store_nodes(to, err);
    for (size_t n = 0; s == STATUS_OK && n < roads->node_count; n++)
        import_store_node(to, &(struct import_node){.id = (int64_t)n + 1, .point = roads->nodes[n]});
    return s;
}

enum status import_ogr(struct pg *pg, const struct import_ogr_options *options, struct import_report *report, struct error *err)
{
    struct ogr_mapping *mapping = calloc(1, sizeof *mapping);
    struct ogr_lines lines = {0};
    struct ogr_roads roads = {0};
    struct import_store to = {0};
    enum status s = STATUS_OK;

    *report = (struct import_report){0};
    if (!mapping) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    s = options->mapping ? ogr_mapping_read(options->mapping, mapping, err)
                         : ogr_mapping_parse("[fields]\nclass = class\n", mapping, err);
    if (s == STATUS_OK) s = ogr_lines_read(options->path, mapping, report, &lines, err);
    if (s == STATUS_OK && !lines.line_count)
        s = error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, options->path, "no roads in it");
    if (s == STATUS_OK) s = ogr_node_lines(&lines, mapping->tolerance_m, mapping->crossings, report, &roads, err);
    if (s == STATUS_OK && !options->quiet)
        fprintf(stderr, "import: storing %zu roads, %zu nodes\n", roads.road_count, roads.node_count);
    if (s == STATUS_OK) s = import_store_begin(&to, pg, options->source, options->replace_all, err);
    if (s == STATUS_OK) s = store(&to, &lines, &roads, err);
    if (s == STATUS_OK) s = import_store_commit(&to, err);
    import_store_abort(&to);
    report->roads = to.roads;
    report->nodes = to.nodes;
    ogr_roads_clear(&roads);
    ogr_lines_clear(&lines);
    ogr_mapping_clear(mapping);
    free(mapping);
    return s;
}
