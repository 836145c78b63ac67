/* OpenStreetMap XML, plain or gzip, read as a stream with expat.
 *
 * Tolerant: elements and attributes it does not know are passed over, versions may be missing, nodes, ways and relations
 * may come in any order, `ref` and `k`/`v` may stand in any order of attributes. Strict: an object without id, a node
 * without a position, a number that is none, and document type declarations (no OSM tool writes one; entities are how
 * XML bombs work) end the reading with the line, and so does another root element (a change file). Objects marked as
 * deleted or invisible are passed over. */
#ifndef DATA_OSM_OSM_XML_H
#define DATA_OSM_OSM_XML_H

#include "data/osm/osm_reader.h"

enum { OSM_REFS_MAX = 1 << 20, OSM_TAGS_MAX = 4096, OSM_MEMBERS_MAX = 1 << 20, OSM_TEXT_MAX = 1 << 22 };

/** As osm_read, for XML; gzip is recognised by its first bytes. */
MUST_USE enum status osm_xml_read(const char *path, const struct osm_handlers *handlers, struct error *err);

/** The same from memory. `name` appears in errors. */
MUST_USE enum status osm_xml_parse(const char *name, const char *text, size_t length,
                                   const struct osm_handlers *handlers, struct error *err);

#endif
