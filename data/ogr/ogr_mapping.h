/* The mapping file: which attribute of a bureau's road layer means what. An ini file; every section may be missing.
 *
 *   [source]    layer = 道路            name of the layer (default: the only or first one)
 *               crs = 4547              EPSG code where the file says none; a file that says one is believed
 *               encoding = GBK          of a Shapefile without .cpg (default: as GDAL finds it)
 *               tolerance_m = 1         ends closer than this are one junction (default 0.5)
 *               crossings = yes         also join roads of one layer where they cross or touch (default no)
 *   [fields]    class = 技术等级        attribute for each meaning, see OGR_FIELDS; unnamed ones take the default
 *   [defaults]  class = unclassified    value where the attribute is empty or not mapped; class = none leaves the road out
 *   [class]     国道 = trunk            value → road class
 *   [oneway]    F = forward             value → forward, backward, both, none (left out)
 *   [access]    禁行 = no               value → yes, destination, no (of lorry and light)
 *   [flags]     是 = yes                value → yes, no; a number is yes when it is above 0
 *   [units]     length = cm             m, cm, mm for height, width and length; weight = t, kg
 *
 * A value that is in no map is reported, never guessed. Comments begin with ';' or '#'. */
#ifndef DATA_OGR_OGR_MAPPING_H
#define DATA_OGR_OGR_MAPPING_H

#include "geo/base/arena.h"
#include "geo/base/error.h"
#include "routing/network/network.h"

#include <stdbool.h>

#define OGR_FIELDS(X)                                                                                                  \
    X(ID, "id") X(CLASS, "class") X(NAME, "name") X(REF, "ref") X(ONEWAY, "oneway") X(SPEED, "speed") X(LORRY, "lorry")  \
    X(LIGHT, "light") X(HEIGHT, "max_height") X(WIDTH, "max_width") X(LENGTH, "max_length") X(GROSS, "max_gross")        \
    X(AXLE_LOAD, "max_axle_load") X(AXLES, "max_axles") X(BRIDGE_LIMIT, "bridge_limit") X(BRIDGE, "bridge")              \
    X(TUNNEL, "tunnel") X(LAYER, "layer") X(TOLL, "toll") X(HAZMAT, "hazmat") X(ROUNDABOUT, "roundabout")

enum ogr_field {
#define X(name, key) OGR_FIELD_##name,
    OGR_FIELDS(X)
#undef X
    OGR_FIELD_COUNT
};

enum ogr_direction { OGR_BOTH, OGR_FORWARD, OGR_BACKWARD, OGR_CLOSED };

enum { OGR_VALUES_MAX = 400 };

struct ogr_value {
    const char *text;
    int meaning; /* enum road_class, ogr_direction, access, or 0/1 */
};

struct ogr_values {
    struct ogr_value items[OGR_VALUES_MAX];
    unsigned count;
};

struct ogr_mapping {
    struct arena arena;
    const char *layer, *encoding; /* NULL = not given */
    int crs;                      /* EPSG code, 0 = not given */
    double tolerance_m;
    bool crossings;
    const char *fields[OGR_FIELD_COUNT];   /* attribute names, NULL = none */
    const char *defaults[OGR_FIELD_COUNT]; /* raw values, NULL = none */
    struct ogr_values classes, directions, access, flags;
    const char *length_unit, *weight_unit; /* "m", "t" unless given */
    int error_line;
    const char *error_text;
};

/** Reads a mapping file. Errors: IO, INVALID naming the line, NO_MEMORY. Needs ogr_mapping_clear in any case. */
MUST_USE enum status ogr_mapping_read(const char *path, struct ogr_mapping *out, struct error *err);

/** The same from text, for tests. */
MUST_USE enum status ogr_mapping_parse(const char *text, struct ogr_mapping *out, struct error *err);

void ogr_mapping_clear(struct ogr_mapping *mapping);

/** The meaning of a value, or −1. */
int ogr_values_find(const struct ogr_values *values, const char *text);

const char *ogr_field_key(enum ogr_field field);

#endif
