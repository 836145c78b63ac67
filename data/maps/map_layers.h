/* The layers that tiles show: what each is called and which properties its features have there.
 *
 *   const struct map_layer *layer = map_layer_find("zones");              // NULL: no such layer
 *
 * The rows are those of the views map_feature and plan_feature, which also say who may see what: what binds or has bound is public, a draft
 * is its county's desk's, a plan its owner's. */
#ifndef DATA_MAP_LAYERS_H
#define DATA_MAP_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

enum map_field_type { MAP_TEXT, MAP_NUMBER, MAP_BOOLEAN };
enum { MAP_FIELDS_MAX = 20 };

struct map_field {
    const char *name;
    enum map_field_type type;
};

struct map_layer {
    const char *name, *title_zh, *title_en;
    unsigned zoom_min;  /* from which its tiles are of use */
    bool dated;         /* its features hold from some time until another, and may be drafts */
    bool owned;         /* its features are for their owners only */
    bool areas;         /* beside the layer its tiles hold another, <name>_names: one point for each area, of the same fields */
    unsigned field_count;
    struct map_field fields[MAP_FIELDS_MAX];
};

const struct map_layer *map_layer_find(const char *name);

/** The layers in the order in which they are listed; NULL behind the last. */
const struct map_layer *map_layer_at(size_t index);

#endif
