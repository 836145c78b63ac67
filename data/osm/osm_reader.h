/* Reading OpenStreetMap files: objects one by one, whatever the form of the file.
 *
 *   .osm, .osm.gz, .xml   our own reader on expat and zlib (osm_xml.h): it names the line of a mistake, takes what other
 *                         tools write (no versions, any order, foreign attributes and elements), and streams gzip
 *   .pbf                  libreadosm (osm_pbf.h), packaged and enough for one-pass callbacks
 *
 * libreadosm reads XML too, but neither gzip nor anything it finds odd, and it cannot say where; for PBF it stays.
 * Objects and their arrays are borrowed: valid during the call only. */
#ifndef DATA_OSM_OSM_READER_H
#define DATA_OSM_OSM_READER_H

#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct osm_tag {
    const char *key, *value; /* UTF-8 */
};

struct osm_tags {
    const struct osm_tag *items;
    size_t count;
};

struct osm_node {
    int64_t id;
    double lon_deg, lat_deg; /* as the file says; may be out of range */
    struct osm_tags tags;
};

struct osm_way {
    int64_t id;
    const int64_t *refs;
    size_t ref_count;
    struct osm_tags tags;
};

enum osm_member_type { OSM_MEMBER_NODE, OSM_MEMBER_WAY, OSM_MEMBER_RELATION };

struct osm_member {
    enum osm_member_type type;
    int64_t id;
    const char *role;
};

struct osm_relation {
    int64_t id;
    const struct osm_member *members;
    size_t member_count;
    struct osm_tags tags;
};

/* A callback that fails stops the reading with its status. NULL: objects of the kind are passed over. */
struct osm_handlers {
    enum status (*node)(void *context, const struct osm_node *node, struct error *err);
    enum status (*way)(void *context, const struct osm_way *way, struct error *err);
    enum status (*relation)(void *context, const struct osm_relation *relation, struct error *err);
    void *context;
};

/** Reads a whole file. Errors: IO, INVALID (not such a file, malformed: the text says where), TOO_LARGE (an object with
 *  more parts than any real one), NO_MEMORY, and those of the callbacks. */
MUST_USE enum status osm_read(const char *path, const struct osm_handlers *handlers, struct error *err);

/** Whether a file's name says that osm_read takes it. */
bool osm_reader_takes(const char *path);

/** The value of a tag, or NULL. Cost: linear in the tags. */
const char *osm_tag_get(struct osm_tags tags, const char *key);

#endif
